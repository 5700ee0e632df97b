"""Forged webhooks: whoever cannot sign a body now, with the present time, changes nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import requests

from infra.local import settings
from tests.demo.customer import Customer
from tests.end_to_end.conftest import Organizations, Sandbox, Stack

TOLERANCE_SECONDS = 300
PAYERS = 50


@dataclass(frozen=True)
class Forgery:
    """What an attacker may try: a body and the header that goes with it."""

    body: bytes
    signature: str | None


def signed(body: bytes, secret: str = settings.WEBHOOK_SECRET, age: int = 0) -> Forgery:
    """A body signed as Stripe signs, `age` seconds ago."""
    at = int(time.time()) - age
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return Forgery(body, f"t={at},v1={digest}")


def one_byte_changed(body: bytes) -> Forgery:
    """The amount of a signed body, changed after it was signed."""
    genuine = signed(body)
    return Forgery(body.replace(b"5000", b"9000", 1), genuine.signature)


FORGERIES: dict[str, Callable[[bytes], Forgery]] = {
    "no signature": lambda body: Forgery(body, None),
    "an empty signature": lambda body: Forgery(body, ""),
    "another secret": lambda body: signed(body, "whsec_guessed"),
    "an old timestamp": lambda body: signed(body, age=TOLERANCE_SECONDS + 10),
    "a timestamp to come": lambda body: signed(body, age=-TOLERANCE_SECONDS - 10),
    "body changed by one byte": one_byte_changed,
    "the signature as v0": lambda body: Forgery(body, (signed(body).signature or "").replace("v1=", "v0=")),
    "no time": lambda body: Forgery(body, (signed(body).signature or "").split(",")[1]),
}


def paid_event(order: dict[str, Any], session: dict[str, Any]) -> bytes:
    """An event that says that an order was paid, which it was not."""
    event = {
        "id": "evt_forged",
        "object": "event",
        "api_version": "2026-09-30.endive",
        "created": int(time.time()),
        "livemode": False,
        "pending_webhooks": 1,
        "request": None,
        "type": "checkout.session.completed",
        "data": {"object": {**session, "id": order["sessionId"], "payment_status": "paid", "status": "complete"}},
    }
    return json.dumps(event).encode()


def deliver(stack: Stack, forgery: Forgery) -> requests.Response:
    """Posts a body to the webhook's address, without any token."""
    headers = {"content-type": "application/json"}
    if forgery.signature is not None:
        headers["stripe-signature"] = forgery.signature
    return requests.post(f"{stack.api_url}/api/stripe/webhook", data=forgery.body, headers=headers, timeout=30)


def a_paid_session(owner: Customer, sandbox: Sandbox) -> dict[str, Any]:
    """A complete session as Stripe sends it: the mould of the forgery."""
    order = owner.order_credits("50.00")
    owner.press(order["url"], "pay")
    owner.wait("50.00 credits", lambda: owner.credits()["available"] == "50.00", 60)
    session: dict[str, Any] = sandbox.event("checkout.session.completed", order["sessionId"])["data"]["object"]
    return session


def test_a_forged_webhook_is_400_and_nothing_is_stored(
    stack: Stack, organizations: Organizations, sandbox: Sandbox
) -> None:
    owner = organizations.new()
    session = a_paid_session(owner, sandbox)
    body = paid_event(owner.order_credits("50.00"), session)
    for name, forge in FORGERIES.items():
        answer = deliver(stack, forge(body))
        assert answer.status_code == 400, f"{name}: {answer.text}"
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "invalid_signature"
    account = owner.credits()
    assert (account["available"], account["entries"]) == ("50.00", 1)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"not json", b'{"object":"event"}'])
def test_a_signed_body_that_is_no_event_is_400(stack: Stack, body: bytes) -> None:
    answer = deliver(stack, signed(body))
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_signed_event_of_somebody_elses_payment_is_200_and_moves_nothing(
    stack: Stack, organizations: Organizations, sandbox: Sandbox
) -> None:
    owner = organizations.new()
    session = a_paid_session(owner, sandbox)
    foreign = {**session, "metadata": {}, "client_reference_id": None, "payment_intent": "pi_unknown"}
    body = paid_event({"sessionId": "cs_test_of_another_product"}, foreign)
    answer = deliver(stack, signed(body))
    assert answer.status_code == 200, answer.text
    assert owner.credits()["entries"] == 1


def has_50(payer: Customer) -> bool:
    """Whether the payment has arrived."""
    return bool(payer.credits()["available"] == "50.00")


def test_50_organizations_that_pay_at_once_are_all_credited_once(organizations: Organizations) -> None:
    payers = [organizations.new(f"Payer {number}") for number in range(PAYERS)]
    orders = [payer.order_credits("50.00") for payer in payers]
    with ThreadPoolExecutor(PAYERS) as threads:
        list(threads.map(lambda payer, order: payer.press(order["url"], "pay"), payers, orders))
    for payer in payers:
        payer.wait("50.00 credits", partial(has_50, payer), 60)
    assert [payer.credits()["entries"] for payer in payers] == [1] * PAYERS
