"""The sentences of the console, as pure functions of the API's answers: each state has its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

In = Callable[[str, str], Any]


@pytest.fixture
def in_module(page: Page) -> In:
    """Evaluates an expression over a module `m` as the console serves it."""
    page.goto("/")
    return lambda module, expression: page.evaluate(f"import('/assets/{module}.js').then((m) => {expression})")


SETTINGS = {"enabled": True, "threshold": "50.00", "target": "500.00", "monthlyCap": "1000.00"}
VIEW = {"settings": SETTINGS, "chargedThisMonth": "300.00", "inFlight": None, "paused": None, "waitUntil": None}
RULE = "When fewer than 50.00 credits are available, your saved card is charged what brings you to 500.00"
MONTH = "At most $1,000.00 a month; $300.00 of it is used."


@pytest.mark.parametrize(
    ("available", "change", "said"),
    [
        ("40.00", {}, f"{RULE} – now that would be $460.00. {MONTH}"),
        ("-20.00", {}, f"{RULE} – now that would be $520.00. {MONTH}"),
        ("50.00", {}, f"{RULE}. You have 50.00, so nothing is due now. {MONTH}"),
        (
            "0.00",
            {"chargedThisMonth": "700.00"},
            f"{RULE} – now that would be $300.00, which is what the monthly maximum leaves. "
            "At most $1,000.00 a month; $700.00 of it is used.",
        ),
        (
            "0.00",
            {"chargedThisMonth": "990.01"},
            f"{RULE}. Nothing more is charged this month: the monthly maximum leaves less than the smallest charge, "
            "$10.00. At most $1,000.00 a month; $990.01 of it is used.",
        ),
        ("0.00", {"paused": "no-card"}, f"{RULE}. {MONTH}"),
        ("0.00", {"settings": {**SETTINGS, "enabled": False}}, "Auto top-up is off: nothing is bought automatically."),
        ("0.00", {"settings": None}, "Auto top-up is off: nothing is bought automatically."),
        (None, {}, f"{RULE}. {MONTH}"),
    ],
)
def test_auto_top_up_is_explained_with_its_next_charge(in_module, available, change, said):
    view = json.dumps({**VIEW, **change})
    assert in_module("top_up_words", f"m.explain({view}, {json.dumps(available)})") == said


def test_what_keeps_auto_top_up_from_charging_says_what_to_do(in_module):
    def obstacle(**change: Any) -> dict[str, str] | None:
        return in_module("top_up_words", f"m.obstacle({json.dumps({**VIEW, **change})}, '0.00')")

    assert obstacle() is None
    in_flight = {"orderId": "ord_1", "amount": "460.00", "month": "2026-11"}
    assert obstacle(inFlight=in_flight)["name"] == "Your card is being charged $460.00"
    assert "confirm" in obstacle(paused="authentication-required")["text"]
    for pause in ("declined", "authentication-required", "no-card", "refunded", "disputed", "dismissed", "corrected"):
        assert "ave again" in obstacle(paused=pause)["text"], pause
    assert obstacle(waitUntil="2999-01-01T00:00:00Z")["name"] == "Your card was declined"
    assert obstacle(waitUntil="2001-01-01T00:00:00Z") is None
    assert obstacle(settings={**SETTINGS, "enabled": False}, paused="declined") is None


ORDER = {
    "orderId": "ord_1", "kind": "checkout", "amount": "50.00", "status": "paid", "inReview": False,
    "createdAt": "2026-11-24T10:00:00.000Z", "payUrl": None, "failure": None, "granted": "50.00", "refunded": "0.00",
    "disputed": "0.00", "hasReceipt": True, "refundRequests": [],
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "Paid."),
        ({"status": "pending", "payUrl": "https://pay.example/"}, "Not paid yet."),
        ({"status": "pending"}, "Not paid, and its payment page is closed."),
        ({"status": "pending", "kind": "top-up"}, "Your saved card is being charged."),
        ({"status": "processing"}, "The bank is working on it."),
        ({"status": "failed"}, "Failed: the payment was not completed."),
        ({"status": "failed", "kind": "top-up", "failure": "card_declined"}, "Failed: your card was declined."),
        (
            {"status": "failed", "kind": "top-up", "failure": "authentication_required"},
            "Failed: your bank wants you to confirm the payment.",
        ),
        ({"status": "failed", "failure": "dismissed"}, "No credits: DropLab reviewed this payment"),
        ({"status": "expired"}, "Expired: it was not paid in time."),
        ({"inReview": True}, "We are checking this payment."),
    ],
)
def test_each_state_of_an_order_has_its_words(in_module, change, said):
    assert in_module("order_words", f"m.orderState({json.dumps({**ORDER, **change})})").startswith(said)


def test_what_can_be_asked_back_is_what_is_not_gone_or_asked_for(in_module):
    def refundable(**change: Any) -> str:
        return in_module("order_words", f"String(m.refundable({json.dumps({**ORDER, **change})}))")

    request = {"id": "rfd_1", "amount": "10.00", "decision": None, "requestedAt": "2026-11-24T10:00:00.000Z"}
    assert refundable() == "5000"
    assert refundable(refunded="20.00", disputed="5.00") == "2500"
    assert refundable(refundRequests=[{**request, "status": "requested"}]) == "4000"
    assert refundable(refundRequests=[{**request, "status": "declined"}]) == "5000"
    assert refundable(refunded="60.00") == "0"
    assert refundable(status="processing", granted=None) == "0"


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("trial", "Nothing: the trial costs nothing"),
        ("nothing-paid", "Nothing: nothing was paid."),
        ("capped", "Nothing: your plan adds no credits for it."),
        ("manual", "Nothing: an invoice made by hand pays for no credits."),
        ("subscription_update", "Nothing: a plan change within a period adds no credits."),
        ("brought-over", "Nothing: it was paid before your balance was imported"),
        ("dismissed", "Nothing: DropLab reviewed it"),
        ("something_new", "Nothing: an invoice of this kind adds no credits."),
    ],
)
def test_an_invoice_without_credits_says_why(in_module, why, said):
    invoice = {"paid": "5.00", "granted": "0.00", "whyNothing": why, "expiresAt": None, "refunded": "0.00",
               "disputed": "0.00"}
    assert in_module("order_words", f"m.invoiceWords({json.dumps(invoice)})").startswith(said)


def test_an_invoice_with_credits_says_when_they_end(in_module):
    invoice = {"paid": "499.00", "granted": "499.00", "whyNothing": None, "expiresAt": "2999-02-03T12:00:00.000Z",
               "refunded": "10.00", "disputed": "0.00"}
    said = in_module("order_words", f"m.invoiceWords({json.dumps(invoice)})")
    assert said == "$499.00 in credits. What is unused ends on Feb 3, 2999. $10.00 refunded."


@pytest.mark.parametrize(
    ("status", "available", "why", "said"),
    [
        ("past_due", "10.00", ["billing-past-due"], "Pay it, or save another card"),
        ("frozen", "-35.50", ["deficit"], "Buy $35.50 or more in credits"),
        ("frozen", "-3.00", ["deficit"], "Buy $10.00 or more in credits"),
        ("frozen", "-35.50", ["deficit", "dispute"], "if DropLab wins, the credits are reinstated"),
        ("frozen", "10.00", ["dispute"], "disputed at its bank"),
    ],
)
def test_an_account_that_cannot_begin_anything_says_what_to_do(in_module, status, available, why, said):
    assert said in in_module("billing_status", f"m.inWords('{status}', '{available}', {json.dumps(why)}).text")
    assert in_module("billing_status", "m.inWords('active', '1.00') ?? null") is None


def test_amounts_are_typed_within_bounds_and_with_a_sign_where_that_means_something(in_module):
    bounds = "{least: '0.01', most: '100.00', tooLittle: 'little', tooMuch: 'much', signed: true}"
    typed = ["5", "-5", "−1,000", "+ 7.5", "0", "--5"]
    read = in_module("money", f"{json.dumps(typed)}.map((text) => m.readMoney(text, {bounds}))")
    wrong = {"error": "Enter an amount in dollars, for example 127 or 127.50."}
    assert read == [{"amount": "5.00"}, {"amount": "-5.00"}, {"error": "much"}, {"amount": "7.50"},
                    {"error": "little"}, wrong]
    assert in_module("money", "[m.fromCents(-1234n), m.fromCents(5n), m.fromCents(0n)]") == ["-12.34", "0.05", "0.00"]
