"""The statement as the deployed API serves it: pages, filters and CSV say the same, and all of it verifies."""

from __future__ import annotations

from typing import Any

import pytest

from infra import verify_statement as statement
from tests.demo.customer import Customer
from tests.end_to_end.conftest import Organizations, Stack
from tests.end_to_end.test_gateway import check


@pytest.fixture(scope="module")
def owner(stack: Stack) -> Any:
    """An organization with a statement of several kinds of entries; no test here adds to it."""
    organizations = Organizations(stack)
    made = organizations.new("Statement Dental", credits="50.00")
    # a name that a spreadsheet would calculate
    made.receive_contacts([made.buy_contacts("=2+3", {"states": ["MA"]}, 10)])
    made.receive_contacts([made.buy_contacts("'quoted, \"twice\"", {"states": ["MA"]}, 20)])
    yield made
    organizations.verify()


def as_csv(owner: Customer, query: str = "") -> str:
    """The statement, or a part of it, as the API's file."""
    answer = owner.client.send("GET", f"/api/credits/transactions{query}", headers={"Accept": "text/csv"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    return answer.content.decode()


def test_the_csv_is_the_statement_and_verifies_from_the_file_alone(owner: Customer) -> None:
    file = statement.of_csv(as_csv(owner))
    statement.verify_file(file)
    assert file.items == list(reversed(owner.transactions()))
    balance = owner.credits()
    assert (file.closing.hash, file.closing.available) == (balance["headHash"], balance["available"])
    assert statement.verify(file.items, balance["headHash"]) == 5


def test_the_parts_of_a_statement_fit_together_and_to_the_balance_at_that_time(owner: Customer) -> None:
    third = owner.transactions()[2]["recordedAt"]
    before = statement.of_csv(as_csv(owner, f"?to={third}"))
    after = statement.of_csv(as_csv(owner, f"?from={third}"))
    for part in (before, after):
        statement.verify_file(part)
    statement.verify_succession(before, after)
    assert [item["seq"] for item in before.items + after.items] == [1, 2, 3, 4, 5]
    then = owner.client.call("GET", f"/api/credits?at={after.items[0]['recordedAt']}")
    assert then["entries"] >= 3
    begun = owner.client.call("GET", "/api/credits?at=2020-01-01T00:00:00Z")
    assert (begun["entries"], begun["available"], begun["headHash"]) == (0, "0.00", statement.ZERO_HASH)
    check(owner.client.send("GET", "/api/credits?at=2999-01-01T00:00:00Z"), 400, "invalid_parameter")


def test_no_cell_of_the_csv_begins_a_formula(owner: Customer) -> None:
    descriptions = [item["description"] for item in owner.transactions()]
    assert len(descriptions) == 5
    for line in as_csv(owner).splitlines()[1:]:
        for cell in line.split(","):
            assert not cell.startswith(("=", "+", "@")), line


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_pages_of_any_size_are_the_same_statement(owner: Customer, limit: int) -> None:
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = owner.client.call("GET", f"/api/credits/transactions?limit={limit}{cursor}")
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert [item["seq"] for item in items] == [5, 4, 3, 2, 1]
    statement.verify(reversed(items), owner.credits()["headHash"])


def test_a_filter_shows_its_kind_alone(owner: Customer) -> None:
    assert [item["seq"] for item in owner.transactions("&kind=charge")] == [5, 3]
    assert owner.transactions("&kind=refund") == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?limit=0", "invalid_parameter"),
        ("?limit=101", "invalid_parameter"),
        ("?kind=gift", "invalid_parameter"),
        ("?from=yesterday", "invalid_parameter"),
        ("?from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z", "invalid_parameter"),
        ("?cursor=abc", "invalid_cursor"),
        ("?organizationId=org_cedar", "unknown_parameter"),
    ],
)
def test_a_list_is_asked_for_in_its_own_words_only(owner: Customer, query: str, code: str) -> None:
    check(owner.client.send("GET", f"/api/credits/transactions{query}"), 400, code)


def test_a_cursor_is_of_its_organization_and_its_filter(owner: Customer, organizations: Organizations) -> None:
    cursor = owner.client.call("GET", "/api/credits/transactions?limit=1")["nextCursor"]
    other = organizations.new("Somebody else").client
    check(other.send("GET", f"/api/credits/transactions?limit=1&cursor={cursor}"), 400, "invalid_cursor")
    check(owner.client.send("GET", f"/api/credits/transactions?kind=hold&cursor={cursor}"), 400, "invalid_cursor")


def test_customers_never_see_vendor_costs(owner: Customer) -> None:
    answers = [owner.credits(), *owner.transactions(), owner.quote({"states": ["MA"]}, 10)]
    for answer in answers:
        assert not {"cost", "vendor", "vendorCost", "vendorUnitPrice", "margin", "profit"} & set(_names(answer))


def _names(value: Any) -> list[str]:
    """Every member's name in a JSON value."""
    if isinstance(value, dict):
        return [*value, *(name for inner in value.values() for name in _names(inner))]
    if isinstance(value, list):
        return [name for inner in value for name in _names(inner)]
    return []
