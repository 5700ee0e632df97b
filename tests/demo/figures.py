"""What the story must come to, to the cent, and what a run did come to: later reports less earlier ones. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Vendor:
    """What a vendor delivered, what it may bill for that, and what customers were charged."""

    orders: int = 0
    quantity: int = 0
    cost: Decimal = ZERO
    revenue: Decimal = ZERO

    @property
    def profit(self) -> Decimal:
        """Revenue less cost."""
        return self.revenue - self.cost

    @property
    def margin_percent(self) -> Decimal:
        """Profit in percent of revenue; 0.00 of nothing."""
        return margin(self.profit, self.revenue)

    def __add__(self, other: Vendor) -> Vendor:
        return Vendor(
            self.orders + other.orders,
            self.quantity + other.quantity,
            self.cost + other.cost,
            self.revenue + other.revenue,
        )

    def __sub__(self, other: Vendor) -> Vendor:
        return self + Vendor(-other.orders, -other.quantity, -other.cost, -other.revenue)


@dataclass(frozen=True)
class Figures:
    """Both vendors, in total and per organization."""

    data_axle: Vendor = Vendor()
    postgrid: Vendor = Vendor()
    organizations: dict[str, tuple[Vendor, Vendor]] = field(default_factory=dict)

    @property
    def total(self) -> Vendor:
        """Both vendors together; orders and quantities of different things are not added."""
        both = self.data_axle + self.postgrid
        return Vendor(0, 0, both.cost, both.revenue)


def margin(profit: Decimal, revenue: Decimal) -> Decimal:
    """Profit in percent of revenue with two decimals, as the reports round it."""
    if not revenue:
        return ZERO
    return (profit * 100 / revenue).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def _expected() -> Figures:
    """Section 7 of the design: A buys 10,000 contacts at once, B 5 × 1,000, C 50,000; A prints 500, B 1,200, C 10,000.

    B's postcards are two jobs, because each of its lists has 1,000 recipients.
    """
    return Figures(
        Vendor(7, 65_000, Decimal("6950.00"), Decimal("12500.00")),
        Vendor(4, 11_700, Decimal("9945.00"), Decimal("11700.00")),
        {
            "org_alder": (
                Vendor(1, 10_000, Decimal("1200.00"), Decimal("2000.00")),
                Vendor(1, 500, Decimal("425.00"), Decimal("500.00")),
            ),
            "org_birch": (
                Vendor(5, 5_000, Decimal("750.00"), Decimal("1500.00")),
                Vendor(2, 1_200, Decimal("1020.00"), Decimal("1200.00")),
            ),
            "org_cedar": (
                Vendor(1, 50_000, Decimal("5000.00"), Decimal("9000.00")),
                Vendor(1, 10_000, Decimal("8500.00"), Decimal("10000.00")),
            ),
        },
    )


EXPECTED = _expected()
# The same section's words for what follows from them
EXPECTED_MARGINS = {"Data Axle": Decimal("44.40"), "PostGrid": Decimal("15.00")}
EXPECTED_TOTAL = {"cost": Decimal("16895.00"), "revenue": Decimal("24200.00"), "profit": Decimal("7305.00")}


def of_month(month: dict[str, Any]) -> Figures:
    """A month as the API and the report's file show it."""
    contacts, cards = month["dataAxle"], month["postgrid"]
    by_organization: dict[str, list[Vendor]] = {}
    for place, vendor in enumerate((contacts, cards)):
        for row in vendor["organizations"]:
            pair = by_organization.setdefault(row["organizationId"], [Vendor(), Vendor()])
            pair[place] = _vendor(row)
    organizations = {name: (pair[0], pair[1]) for name, pair in by_organization.items()}
    return Figures(_vendor(contacts), _vendor(cards), organizations)


def _vendor(row: dict[str, Any]) -> Vendor:
    orders = row["purchases"] if "purchases" in row else row["jobs"]
    quantity = row["contacts"] if "contacts" in row else row["pieces"]
    return Vendor(orders, quantity, Decimal(row["cost"]), Decimal(row["revenue"]))


def difference(before: dict[str, Figures], after: dict[str, Figures]) -> Figures:
    """What was added between two readings (month → figures), over all months together."""
    data_axle, postgrid = Vendor(), Vendor()
    organizations: dict[str, tuple[Vendor, Vendor]] = {}
    for month, now in after.items():
        then = before.get(month, Figures())
        data_axle += now.data_axle - then.data_axle
        postgrid += now.postgrid - then.postgrid
        for name in now.organizations.keys() | then.organizations.keys():
            new, old = (figures.organizations.get(name, (Vendor(), Vendor())) for figures in (now, then))
            sums = organizations.get(name, (Vendor(), Vendor()))
            organizations[name] = (sums[0] + new[0] - old[0], sums[1] + new[1] - old[1])
    moved = {name: pair for name, pair in organizations.items() if pair != (Vendor(), Vendor())}
    return Figures(data_axle, postgrid, moved)


def faults(found: Figures, expected: Figures = EXPECTED) -> Iterator[str]:
    """Every figure that is not what it must be, in words."""
    yield from _vendor_faults("Data Axle", found.data_axle, expected.data_axle)
    yield from _vendor_faults("PostGrid", found.postgrid, expected.postgrid)
    yield from _vendor_faults("both vendors", found.total, expected.total)
    for name in sorted(found.organizations.keys() | expected.organizations.keys()):
        pairs = [figures.organizations.get(name, (Vendor(), Vendor())) for figures in (found, expected)]
        yield from _vendor_faults(f"{name} at Data Axle", pairs[0][0], pairs[1][0])
        yield from _vendor_faults(f"{name} at PostGrid", pairs[0][1], pairs[1][1])


def _vendor_faults(name: str, found: Vendor, expected: Vendor) -> Iterator[str]:
    for figure in ("orders", "quantity", "cost", "revenue", "profit", "margin_percent"):
        is_now, must_be = getattr(found, figure), getattr(expected, figure)
        if is_now != must_be:
            yield f"{name}: {figure.replace('_', ' ')} is {is_now:,}, must be {must_be:,}"


def month_faults(month: dict[str, Any]) -> Iterator[str]:
    """What a month's own derived figures contradict: profit, margin, totals, the sum of its organizations."""
    figures = of_month(month)
    rows = [(f"{month['month']} {name}", month[name]) for name in ("dataAxle", "postgrid")]
    for name, vendor in rows:
        yield from _derived_faults(name, vendor["cost"], vendor["revenue"], vendor["profit"], vendor["marginPercent"])
    totals = [month[name] for name in ("totalCost", "totalRevenue", "totalProfit", "marginPercent")]
    yield from _derived_faults(f"{month['month']} in total", *totals)
    if (Decimal(totals[0]), Decimal(totals[1])) != (figures.total.cost, figures.total.revenue):
        yield f"{month['month']}: the totals are not the sum of both vendors"
    for place, vendor in enumerate((figures.data_axle, figures.postgrid)):
        if sum((pair[place] for pair in figures.organizations.values()), Vendor()) != vendor:
            yield f"{rows[place][0]}: the organizations do not add up to the vendor"


def _derived_faults(name: str, cost: str, revenue: str, profit: str, percent: str) -> Iterator[str]:
    must_be = Decimal(revenue) - Decimal(cost)
    if Decimal(profit) != must_be:
        yield f"{name}: profit is {profit}, must be {must_be}"
    if Decimal(percent) != margin(must_be, Decimal(revenue)):
        yield f"{name}: margin is {percent}, must be {margin(must_be, Decimal(revenue))}"


def table(title: str, figures: Figures, names: dict[str, str]) -> str:
    """The figures as a table for a terminal; `names` are the organizations' names by id."""
    lines = [title, f"  {'':24}{'quantity':>10}{'cost':>13}{'revenue':>13}{'profit':>13}{'margin':>10}"]
    vendors = (("Data Axle contacts", figures.data_axle), ("PostGrid postcards", figures.postgrid))
    for place, (name, vendor) in enumerate(vendors):
        lines.append(_line(name, vendor, f"{vendor.quantity:,}"))
        pairs = sorted(figures.organizations.items(), key=lambda pair: (-pair[1][place].cost, pair[0]))
        lines += [
            _line(f"  {names.get(organization, organization)}", pair[place], f"{pair[place].quantity:,}")
            for organization, pair in pairs
            if pair[place] != Vendor()
        ]
    return "\n".join([*lines, _line("Total", figures.total, "")])


def _line(name: str, vendor: Vendor, quantity: str) -> str:
    money = "".join(f"{amount:>13,.2f}" for amount in (vendor.cost, vendor.revenue, vendor.profit))
    return f"  {name:24.24}{quantity:>10}{money}{vendor.margin_percent:>8} %"
