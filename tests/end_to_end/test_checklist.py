"""The product owner's checklist, those lines that need the deployed stack; each test has its line's words as name."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from tests.demo import figures, reports
from tests.demo.client import Problem
from tests.demo.customer import Contacts, Customer, new_key
from tests.demo.story import check_shortfall
from tests.end_to_end.conftest import Organizations, Sandbox, Stack

Eventually = Callable[[Callable[[], bool], str], None]


def shortfall_of(problem: Problem) -> tuple[str, str, str, str]:
    """The figures of an insufficient_credits answer, which must be a problem+json that adds up."""
    assert (problem.status, problem.code) == (402, "insufficient_credits")
    check_shortfall(problem.body)
    answer = problem.body
    return (answer["required"], answer["available"], answer["shortfall"], answer["suggestedPackage"])


# Credit Purchase Flow


def test_50_dollar_credit_purchase(organizations: Organizations) -> None:
    assert organizations.new(credits="50").credits()["available"] == "50.00"


def test_1_000_dollar_credit_purchase(organizations: Organizations) -> None:
    assert organizations.new(credits="1000").credits()["available"] == "1000.00"


def test_custom_amount_127_dollars(organizations: Organizations) -> None:
    assert organizations.new(credits="127").credits()["available"] == "127.00"


def test_verify_credits_appear_immediately_after_stripe_webhook(organizations: Organizations) -> None:
    owner = organizations.new(credits="49.00")
    owner.buy_credits(Decimal("250.00"))
    account = owner.credits()
    assert (account["available"], account["totalCreditsPurchased"]) == ("299.00", "299.00")
    assert account["lastCreditPurchaseAt"] is not None


def test_insufficient_credits_error_on_data_axle_purchase(organizations: Organizations) -> None:
    owner = organizations.new(credits="10.00")
    with pytest.raises(Problem) as refused:
        owner.order_contacts("Too many", {"states": ["CA"]}, 60)
    assert shortfall_of(refused.value) == ("21.00", "10.00", "11.00", "50.00")
    assert owner.credits()["entries"] == 1


def test_insufficient_credits_error_on_postgrid_print(organizations: Organizations) -> None:
    owner = organizations.new(credits="50.00")
    lists = owner.receive_contacts([owner.buy_contacts("Ohio", {"states": ["OH"]}, 60)])
    campaign = owner.create_campaign("Too many", lists[0], 30, owner.artwork())
    key = new_key()
    path = f"/api/campaigns/{campaign}/print"
    with pytest.raises(Problem) as refused:
        owner.client.call("POST", path, {}, key=key)
    assert shortfall_of(refused.value) == ("30.00", "29.00", "1.00", "50.00")
    # what the answer suggests helps, under the same key: a refused request leaves nothing behind
    owner.buy_credits(Decimal("50.00"))
    owner.await_prints([owner.client.call("POST", path, {}, key=key)])
    assert owner.credits()["available"] == "49.00"


def test_verify_credit_transactions_table_records_all_purchases(organizations: Organizations) -> None:
    owner = organizations.new()
    sessions = []
    for amount in ("50.00", "127.00", "10.01"):
        order = owner.order_credits(amount)
        owner.press(order["url"], "pay")
        sessions.append((order["sessionId"], amount))
    owner.wait("187.01 credits", lambda: owner.credits()["totalCreditsPurchased"] == "187.01", 60)
    found = {(item["referenceId"], item["amount"]) for item in owner.transactions("&kind=purchase")}
    assert found == set(sessions)


# Vendor Integration


def hundred_test_contacts(owner: Customer) -> str:
    """A list of 100 contacts that were bought with the vendor's test key."""
    placed = owner.order_contacts("Test", {"states": ["NY"]}, 100, environment="test")
    return owner.receive_contacts([Contacts(placed["purchaseId"], 100)])[0]


def test_purchase_100_data_axle_contacts_in_test_mode(
    organizations: Organizations, sandbox: Sandbox, finance: reports.Finance
) -> None:
    before, costs_before = sandbox.counters(), finance.figures()
    owner = organizations.new()
    hundred_test_contacts(owner)
    after = sandbox.counters()
    assert after["dataAxleTest"]["contactsDelivered"] - before["dataAxleTest"]["contactsDelivered"] == 100
    assert after["dataAxle"]["contactsDelivered"] == before["dataAxle"]["contactsDelivered"]
    assert owner.credits()["entries"] == 0
    assert figures.difference(costs_before, finance.figures()) == figures.Figures()


def test_print_10_postcards_in_postgrid_test_mode(
    organizations: Organizations, sandbox: Sandbox, finance: reports.Finance
) -> None:
    before, costs_before = sandbox.counters(), finance.figures()
    owner = organizations.new()
    campaign = owner.create_campaign("Test", hundred_test_contacts(owner), 10, owner.artwork())
    job = owner.await_prints([owner.place_print(campaign, "test")])[0]
    assert (job["accepted"], job["held"], job["charged"]) == (10, "0.00", "0.00")
    after = sandbox.counters()
    assert after["postgridTest"]["cardsCreated"] - before["postgridTest"]["cardsCreated"] == 10
    assert after["postgrid"]["cardsCreated"] == before["postgrid"]["cardsCreated"]
    assert owner.credits()["entries"] == 0
    assert figures.difference(costs_before, finance.figures()) == figures.Figures()


def test_admin_vendor_cost_reconciliation_page(stack: Stack, finance: reports.Finance) -> None:
    page = finance.client.outside("GET", f"{stack.api_url}/admin/vendor-costs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    months = finance.client.call("GET", "/api/admin/vendor-costs")["months"]
    assert len(months) == 12
    names = [month["month"] for month in months]
    assert names == sorted(set(names), reverse=True)
    assert [fault for month in months for fault in figures.month_faults(month)] == []


# Edge Cases


def test_user_cancels_stripe_checkout_credits_not_added(organizations: Organizations, sandbox: Sandbox) -> None:
    owner = organizations.new()
    order = owner.order_credits("250.00")
    assert "cancel" in owner.press(order["url"], "cancel")
    assert owner.credits()["entries"] == 0
    # the page stays open: who changes their mind pays once
    owner.press(order["url"], "pay")
    owner.wait("250.00 credits", lambda: owner.credits()["available"] == "250.00", 60)


def test_webhook_arrives_twice_and_98_times_more(
    organizations: Organizations, sandbox: Sandbox, eventually: Eventually
) -> None:
    owner = organizations.new()
    order = owner.order_credits("50.00")
    owner.press(order["url"], "pay")
    eventually(lambda: bool(owner.credits()["available"] == "50.00"), "the purchase")
    event = sandbox.event("checkout.session.completed", order["sessionId"])
    before = sandbox.counters()["stripe"]["webhooksDelivered"]
    sandbox.post("stripe/deliver", {"eventId": event["id"], "times": 99})
    eventually(lambda: sandbox.counters()["stripe"]["webhooksDelivered"] >= before + 99, "99 more deliveries")
    account = owner.credits()
    assert (account["available"], account["entries"]) == ("50.00", 1)


def test_user_has_99_50_tries_to_buy_100_of_contacts(organizations: Organizations) -> None:
    # the nearest to 100.00 that contacts at 0.35 come to
    owner = organizations.new(credits="99.50")
    with pytest.raises(Problem) as refused:
        owner.order_contacts("Too many", {"states": ["CA"]}, 286)
    assert shortfall_of(refused.value) == ("100.10", "99.50", "0.60", "50.00")
    assert owner.credits()["available"] == "99.50"


def test_concurrent_credit_purchases_race_condition(organizations: Organizations) -> None:
    owner = organizations.new()
    pages = [owner.order_credits(amount)["url"] for amount in ("50.00", "100.00", "250.00", "500.00")]
    with ThreadPoolExecutor(len(pages)) as threads:
        list(threads.map(lambda page: owner.press(page, "pay"), pages))
    owner.wait("900.00 credits", lambda: owner.credits()["available"] == "900.00", 60)
    assert owner.credits()["entries"] == 4
