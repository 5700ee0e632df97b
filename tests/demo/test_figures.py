"""The expected figures are section 7's, and differences of reports find every other one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.demo import figures
from tests.demo.figures import EXPECTED, Figures, Vendor

# user pays, vendor charges: what section 7's price list says of the tiers that the story uses
PRICES = {1_000: ("0.30", "0.15"), 10_000: ("0.20", "0.12"), 50_000: ("0.18", "0.10")}
POSTCARD = ("1.00", "0.85")


def month(name: str, found: Figures) -> dict[str, Any]:
    """A month as the API shows it."""

    def vendor(total: Vendor, place: int, words: tuple[str, str]) -> dict[str, Any]:
        return row(total, words) | {
            "organizations": [
                {"organizationId": organization} | row(pair[place], words)
                for organization, pair in found.organizations.items()
                if pair[place] != Vendor()
            ]
        }

    def row(of: Vendor, words: tuple[str, str]) -> dict[str, Any]:
        return {words[0]: of.orders, words[1]: of.quantity} | money(of)

    def money(of: Vendor) -> dict[str, str]:
        percent = figures.margin(of.profit, of.revenue)
        amounts = {"cost": of.cost, "revenue": of.revenue, "profit": of.profit, "marginPercent": percent}
        return {key: f"{amount:.2f}" for key, amount in amounts.items()}

    total = money(found.total)
    return {
        "month": name,
        "dataAxle": vendor(found.data_axle, 0, ("purchases", "contacts")),
        "postgrid": vendor(found.postgrid, 1, ("jobs", "pieces")),
        "totalCost": total["cost"],
        "totalRevenue": total["revenue"],
        "totalProfit": total["profit"],
        "marginPercent": total["marginPercent"],
    }


def test_the_expected_figures_follow_from_the_price_list() -> None:
    for contacts, cards in EXPECTED.organizations.values():
        pays, charges = PRICES[contacts.quantity // contacts.orders]
        assert contacts.revenue == contacts.quantity * Decimal(pays)
        assert contacts.cost == contacts.quantity * Decimal(charges)
        assert cards.revenue == cards.quantity * Decimal(POSTCARD[0])
        assert cards.cost == cards.quantity * Decimal(POSTCARD[1])
    assert sum((pair[0] for pair in EXPECTED.organizations.values()), Vendor()) == EXPECTED.data_axle
    assert sum((pair[1] for pair in EXPECTED.organizations.values()), Vendor()) == EXPECTED.postgrid


def test_the_expected_figures_are_the_designs_words() -> None:
    assert (EXPECTED.data_axle.profit, EXPECTED.data_axle.margin_percent) == (Decimal("5550.00"), Decimal("44.40"))
    assert (EXPECTED.postgrid.profit, EXPECTED.postgrid.margin_percent) == (Decimal("1755.00"), Decimal("15.00"))
    for name, amount in figures.EXPECTED_TOTAL.items():
        assert getattr(EXPECTED.total, name) == amount


def test_a_month_is_read_as_it_was_written() -> None:
    assert figures.of_month(month("2026-11", EXPECTED)) == EXPECTED
    assert not list(figures.month_faults(month("2026-11", EXPECTED)))


def test_a_second_run_is_the_difference_also_across_the_end_of_a_month() -> None:
    some = Vendor(2, 70, Decimal("12.60"), Decimal("24.50"))
    earlier = Figures(some, Vendor(), {"org_birch": (some, Vendor())})
    alone = Figures(
        EXPECTED.data_axle, Vendor(), {name: (pair[0], Vendor()) for name, pair in EXPECTED.organizations.items()}
    )
    cards = Figures(
        Vendor(), EXPECTED.postgrid, {name: (Vendor(), pair[1]) for name, pair in EXPECTED.organizations.items()}
    )
    before = {"2026-10": EXPECTED, "2026-11": earlier}
    november = Figures(
        earlier.data_axle + alone.data_axle,
        Vendor(),
        alone.organizations | {"org_birch": (alone.organizations["org_birch"][0] + some, Vendor())},
    )
    after = {"2026-10": EXPECTED, "2026-11": november, "2026-12": cards}
    added = figures.difference(before, after)
    assert added == EXPECTED
    assert not list(figures.faults(added))


@pytest.mark.parametrize(
    ("vendor", "change", "expected"),
    [
        ("data_axle", {"cost": Decimal("6950.01")}, "Data Axle: cost is 6,950.01, must be 6,950.00"),
        ("data_axle", {"quantity": 64_999}, "Data Axle: quantity is 64,999, must be 65,000"),
        ("postgrid", {"revenue": Decimal("11699.00")}, "PostGrid: revenue is 11,699.00, must be 11,700.00"),
        ("postgrid", {"orders": 3}, "PostGrid: orders is 3, must be 4"),
    ],
)
def test_every_figure_that_differs_is_named(vendor: str, change: dict[str, Any], expected: str) -> None:
    changed = replace(EXPECTED, **{vendor: replace(getattr(EXPECTED, vendor), **change)})
    assert expected in list(figures.faults(changed))


def test_an_organization_too_many_is_named() -> None:
    one = (Vendor(1, 1, Decimal("0.18"), Decimal("0.35")), Vendor())
    found = list(figures.faults(replace(EXPECTED, organizations={**EXPECTED.organizations, "org_x": one})))
    assert "org_x at Data Axle: cost is 0.18, must be 0.00" in found


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        (("dataAxle", "profit"), "1.00", "profit is 1.00"),
        (("postgrid", "marginPercent"), "15.01", "margin is 15.01"),
        (("totalCost",), "1.00", "not the sum of both vendors"),
        (("dataAxle", "contacts"), 1, "do not add up"),
    ],
)
def test_a_month_that_contradicts_itself_is_found(place: tuple[str, ...], value: Any, expected: str) -> None:
    content = month("2026-11", EXPECTED)
    target = content
    for name in place[:-1]:
        target = target[name]
    target[place[-1]] = value
    assert any(expected in fault for fault in figures.month_faults(content))


def test_the_table_shows_every_figure() -> None:
    text = figures.table("November", EXPECTED, {"org_alder": "Alder Realty"})
    for shown in ("65,000", "6,950.00", "12,500.00", "5,550.00", "44.40 %", "11,700", "16,895.00", "30.19 %"):
        assert shown in text
    assert "Alder Realty" in text
    assert "org_cedar" in text
