"""Money in and back beyond the payment page: orders, receipts, refunds, top-ups, alerts, what finance decides."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.demo import reports
from tests.demo.customer import Customer, new_key
from tests.end_to_end.conftest import Organizations, Sandbox, Stack
from tests.end_to_end.test_gateway import changed, check
from tests.end_to_end.test_webhook import a_paid_session, deliver, paid_event, signed

# The sweeper comes once a minute and passes a crossing on, then tells the owner with its next turn.
TOLD_SECONDS = 200


def orders(owner: Customer) -> list[dict[str, Any]]:
    """What the organization ordered, newest first."""
    found: list[dict[str, Any]] = owner.client.call("GET", "/api/credits/orders")["orders"]
    return found


# Orders, receipts, the portal


def test_an_order_is_listed_with_a_receipt_for_its_organization_alone(organizations: Organizations) -> None:
    owner = organizations.new(credits="50.00")
    (order,) = orders(owner)
    shown = [order[name] for name in ("kind", "amount", "status", "granted", "refunded", "hasReceipt", "payUrl")]
    assert shown == ["checkout", "50.00", "paid", "50.00", "0.00", True, None]
    path = f"/api/credits/orders/{order['orderId']}/receipt"
    receipt = owner.client.outside("GET", owner.client.call("GET", path)["url"])
    assert receipt.status_code == 200 and "50.00" in receipt.text
    assert organizations.member(owner).send("GET", path).status_code == 200
    check(organizations.new("Somebody else").client.send("GET", path), 404, "not_found")
    check(owner.client.send("GET", f"/api/credits/orders/{changed(order['orderId'])}/receipt"), 404, "not_found")


def test_an_order_that_waits_for_its_payment_says_where_to_pay(organizations: Organizations) -> None:
    owner = organizations.new()
    placed = owner.order_credits("75.00")
    (order,) = orders(owner)
    assert (order["status"], order["payUrl"], order["hasReceipt"]) == ("pending", placed["url"], False)


def test_the_portal_is_of_the_organizations_own_customer(organizations: Organizations) -> None:
    owner = organizations.new()
    check(owner.client.send("POST", "/api/stripe/portal"), 404, "not_found")
    owner.order_credits("50.00")
    page = owner.client.outside("GET", owner.client.call("POST", "/api/stripe/portal")["url"])
    assert page.status_code == 200


# Auto top-up and alerts


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"threshold": "0"}, "threshold_out_of_bounds"),
        ({"target": "49.99"}, "target_out_of_bounds"),
        ({"monthlyCap": "9.99"}, "monthly_cap_out_of_bounds"),
        ({"monthlyCap": "1e3"}, "invalid_amount"),
        ({"organizationId": "org_cedar"}, "invalid_body"),
    ],
)
def test_settings_out_of_bounds_are_400_and_set_nothing(
    organizations: Organizations, change: dict[str, str], code: str
) -> None:
    owner = organizations.new()
    body = {"enabled": True, "threshold": "40.00", "target": "60.00", "monthlyCap": "100.00", **change}
    check(owner.client.send("PUT", "/api/credits/auto-top-up", body), 400, code)
    assert owner.client.call("GET", "/api/credits/auto-top-up")["settings"] is None


@pytest.mark.parametrize("levels", [["0"], ["1000000.01"], ["1", "2", "3", "4"]])
def test_levels_out_of_bounds_are_400_and_set_nothing(organizations: Organizations, levels: list[str]) -> None:
    owner = organizations.new()
    check(owner.client.send("PUT", "/api/credits/alerts", {"levels": levels}), 400, "levels_out_of_bounds")
    assert owner.client.call("GET", "/api/credits/alerts") == {"levels": [], "alerts": []}


def test_credits_that_run_low_are_bought_once_and_the_owner_is_told(organizations: Organizations) -> None:
    # GIVEN 50.00 credits, bought with a card that is saved; a level, a threshold, and room for one charge
    owner = organizations.new()
    body = {"amount": "50.00", "saveCard": True}
    placed = owner.client.call("POST", "/api/stripe/purchase-credits", body, key=new_key())
    owner.press(placed["url"], "pay")
    owner.wait("50.00 credits", lambda: owner.credits()["available"] == "50.00", 60)
    settings = {"enabled": True, "threshold": "40.00", "target": "60.00", "monthlyCap": "100.00"}
    assert owner.client.call("PUT", "/api/credits/auto-top-up", settings)["settings"] == settings
    assert owner.client.call("PUT", "/api/credits/alerts", {"levels": [30]})["levels"] == ["30.00"]

    # WHEN 21.00 are spent
    owner.receive_contacts([owner.buy_contacts("Tampa", {"states": ["FL"]}, 60)])

    # THEN the card buys up to the target, once, and the owner gets alerts of the level, both ways
    owner.wait("a top-up", lambda: owner.credits()["available"] == "60.00", TOLD_SECONDS)
    newest = orders(owner)[0]
    assert (newest["kind"], newest["amount"], newest["status"]) == ("top-up", "31.00", "paid")
    assert [item["amount"] for item in owner.transactions("&kind=top-up")] == ["31.00"]
    assert owner.client.call("GET", "/api/credits/auto-top-up")["chargedThisMonth"] == "31.00"

    def sent_alerts() -> dict[str, bool]:
        alerts = owner.client.call("GET", "/api/credits/alerts")["alerts"]
        return {alert["told"]["kind"]: alert["sentAt"] is not None for alert in alerts}

    sent = {"low-balance": True, "balance-recovered": True, "top-up-done": True}
    owner.wait("all three alerts sent", lambda: sent_alerts() == sent, TOLD_SECONDS)


# Refunds


def test_an_owner_asks_and_finance_refunds_what_is_unused(
    organizations: Organizations, finance: reports.Finance, sandbox: Sandbox
) -> None:
    owner = organizations.new(credits="50.00")
    organization, order = owner.credits()["organizationId"], orders(owner)[0]["orderId"]
    asked = {"orderId": order, "amount": "20.00", "reason": "We closed a branch."}
    key = new_key()
    first = owner.client.send("POST", "/api/credits/refunds", asked, key=key)
    assert (first.status_code, first.json()["status"], first.json()["amount"]) == (202, "requested", "20.00")
    assert owner.client.call("POST", "/api/credits/refunds", asked, key=key) == first.json()
    other = owner.client.send("POST", "/api/credits/refunds", {**asked, "amount": "21.00"}, key=key)
    check(other, 422, "idempotency_key_reused")
    second = owner.client.send("POST", "/api/credits/refunds", {**asked, "amount": "5.00"}, key=new_key())
    check(second, 409, "asked_before")
    theirs = organizations.new("Somebody else").client.send("POST", "/api/credits/refunds", asked, key=new_key())
    check(theirs, 404, "not_found")
    assert owner.credits()["available"] == "50.00"

    refund_id = first.json()["refundId"]
    listed = {request["refundId"]: request for request in finance.client.call("GET", "/api/admin/refunds")["requests"]}
    assert (listed[refund_id]["organizationId"], listed[refund_id]["status"]) == (organization, "requested")
    decision = {"organizationId": organization, "approve": True, "reason": "As the contract says."}
    path = f"/api/admin/refunds/{refund_id}"
    decided = finance.client.call("POST", path, decision)
    assert (decided["status"], decided["amount"]) == ("refunded", "20.00")
    again = finance.client.send("POST", path, {**decision, "approve": False})
    check(again, 409, "decided_before")

    account = owner.credits()
    assert (account["available"], account["held"]) == ("30.00", "0.00")
    assert [item["amount"] for item in owner.transactions("&kind=refund")] == ["-20.00"]
    (shown,) = orders(owner)
    assert (shown["refunded"], shown["refundRequests"][0]["status"]) == ("20.00", "refunded")
    refunds = sandbox.get("stripe/objects/refunds")["objects"]
    (paid_back,) = [refund for refund in refunds if refund["id"] == decided["stripeRefund"]]
    assert paid_back["amount"] == 2000


def test_a_declined_refund_moves_nothing(organizations: Organizations, finance: reports.Finance) -> None:
    owner = organizations.new(credits="10.00")
    body = {"orderId": orders(owner)[0]["orderId"], "reason": "Changed our mind."}
    too_much = owner.client.send("POST", "/api/credits/refunds", {**body, "amount": "10.01"}, key=new_key())
    assert check(too_much, 409, "more_than_unused")["unused"] == "10.00"
    asked = owner.client.call("POST", "/api/credits/refunds", body, key=new_key())
    assert asked["amount"] == "10.00"
    decision = {"organizationId": owner.credits()["organizationId"], "approve": False, "reason": "Too late."}
    assert finance.client.call("POST", f"/api/admin/refunds/{asked['refundId']}", decision)["status"] == "declined"
    assert owner.credits()["entries"] == 1


def test_a_refund_made_at_stripe_takes_its_credits(organizations: Organizations, sandbox: Sandbox) -> None:
    owner = organizations.new()
    session = a_paid_session(owner, sandbox)
    sandbox.post("stripe/refunds", {"paymentIntent": session["payment_intent"], "amountCents": 1500})
    owner.wait("the refund", lambda: owner.credits()["available"] == "35.00", 60)


# What finance decides


def test_a_payment_of_another_amount_is_quarantined_and_dismissed_by_finance(
    stack: Stack, organizations: Organizations, sandbox: Sandbox, finance: reports.Finance
) -> None:
    owner = organizations.new()
    session = a_paid_session(owner, sandbox)
    # a signed event that says that 50.00 were paid for an order of 60.00
    order = owner.order_credits("60.00")
    answer = deliver(stack, signed(paid_event(order, session)))
    assert answer.status_code == 200, answer.text
    assert owner.credits()["entries"] == 1
    assert orders(owner)[0]["inReview"] is True

    facts = finance.client.call("GET", "/api/admin/quarantine")["facts"]
    (fact,) = [fact for fact in facts if fact["object"] == order["sessionId"]]
    assert (fact["reason"], fact.get("resolution")) == ("amount-mismatch", None)
    decision = {"object": fact["object"], "quarantine": fact["reason"], "reason": "Forged in a test."}
    # Stripe itself says that nothing was paid
    answer = finance.client.send("POST", "/api/admin/quarantine", {**decision, "grant": "50.00"})
    check(answer, 409, "not_grantable")
    resolved = finance.client.call("POST", "/api/admin/quarantine", decision)
    assert resolved["resolution"]["reason"] == "Forged in a test."
    check(finance.client.send("POST", "/api/admin/quarantine", decision), 409, "resolved_before")
    assert owner.credits()["entries"] == 1


def test_finance_corrects_an_account_once_for_its_key(organizations: Organizations, finance: reports.Finance) -> None:
    owner = organizations.new(credits="10.00")
    organization, path = owner.credits()["organizationId"], "/api/admin/credits/adjustments"
    body = {"organizationId": organization, "amount": "5.00", "reason": "Ten cards came late."}
    key = new_key()
    first = finance.client.send("POST", path, body, key=key)
    assert (first.status_code, first.json()["available"]) == (200, "15.00")
    again = finance.client.send("POST", path, body, key=key)
    assert (again.json(), again.headers["idempotency-hit"]) == (first.json(), "true")
    check(finance.client.send("POST", path, {**body, "amount": "6.00"}, key=key), 422, "idempotency_key_reused")
    taken = finance.client.call("POST", path, {**body, "amount": "-3.50", "reason": "Half of them."}, key=new_key())
    assert taken["available"] == "11.50"
    refused = finance.client.send("POST", path, {**body, "amount": "-11.51"}, key=new_key())
    assert check(refused, 409, "more_than_available")["available"] == "11.50"
    amounts = [item["amount"] for item in owner.transactions("&kind=adjustment")]
    assert amounts == ["-3.50", "5.00"]


def test_balances_are_brought_over_by_csv_once_for_each_row(
    organizations: Organizations, finance: reports.Finance
) -> None:
    owners = [organizations.new(name) for name in ("Fir Dental", "Gum Realty")]
    ids = [owner.credits()["organizationId"] for owner in owners]
    run = uuid.uuid4().hex[:12]
    head = "rowId,organizationId,credits,stripeCustomerId\n"
    rows = f"{run}-1,{ids[0]},127.50,cus_{run}1\n{run}-2,{ids[1]},0.00,cus_{run}2\n"

    def send(text: str) -> Any:
        headers: dict[str, str | None] = {"Content-Type": "text/csv"}
        return finance.client.send("POST", "/api/admin/credits/opening-balances", raw=text, headers=headers)

    # one mistake, and nothing of the file counts
    wrong = check(send(f"{head}{rows}{run}-3,{ids[0]},-1.00,\n"), 400, "invalid_row")
    assert wrong["line"] == 4
    assert [owner.credits()["entries"] for owner in owners] == [0, 0]
    for _ in range(2):
        answer = send(head + rows)
        assert answer.status_code == 200, answer.text
        assert [row["done"] for row in answer.json()["rows"]] == [True, True]
    assert [owner.credits()["available"] for owner in owners] == ["127.50", "0.00"]
    # the same row with another amount is another fact
    (refused,) = send(f"{head}{run}-1,{ids[0]},128.00,cus_{run}1\n").json()["rows"]
    assert (refused["done"], bool(refused["why"])) == (False, True)
