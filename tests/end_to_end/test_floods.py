"""Free calls in a flood beside paid ones: the vendor takes 150 calls in 10 s, and one member counts in 12 loops."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest
import requests

from infra.local import settings
from tests.demo.client import Client
from tests.demo.customer import Contacts, new_key
from tests.end_to_end.conftest import Organizations, Sandbox

LOOPS = 12
PURCHASES = 25
CONTACTS = 10
# seconds between two of them: an organization orders at most 20 times in 10 s
BETWEEN_PURCHASES = 0.6


@pytest.fixture
def vendor_limit(sandbox: Sandbox) -> Iterator[None]:
    """Data Axle as it is: 150 calls in 10 s, one more is answered 429."""
    sandbox.post("data-axle/rate-limit", {"requests": 150, "windowMs": 10_000})
    yield
    sandbox.post("data-axle/rate-limit", {"requests": None})


class Flood:
    """Loops of counts by one person, each count with filters of its own, until the block ends."""

    def __init__(self, person: Client) -> None:
        self._person = person
        self._numbers = itertools.count()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._count, daemon=True) for _ in range(LOOPS)]
        #: how often which status was answered
        self.answers: Counter[int] = Counter()
        #: answers of 429 that do not say when to come again
        self.silent = 0

    def __enter__(self) -> Flood:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _count(self) -> None:
        client = Client(self._person.api_url, self._person.email, settings.PASSWORD)
        while not self._stop.is_set():
            with self._lock:
                number = next(self._numbers)
            ages = {"min": 18 + number % 60, "max": 18 + number % 60 + number // 60 % 30}
            body = {"filters": {"states": ["FL"], "age": ages}, "maxContacts": 10}
            answer = client.send("POST", "/api/audience/count", body)
            with self._lock:
                self.answers[answer.status_code] += 1
                self.silent += answer.status_code == 429 and "retry-after" not in answer.headers


@pytest.mark.usefixtures("vendor_limit")
def test_a_flood_of_counts_by_one_member_leaves_25_of_25_purchases_of_others_alone(
    organizations: Organizations, sandbox: Sandbox
) -> None:
    # GIVEN a member without credits who counts in 12 loops, and an owner of another organization with 100.00
    flooding = organizations.member(organizations.new("Flood Dental"))
    buyer = organizations.new("Paying Dental", credits="100.00")
    delivered_before = sandbox.counters()["dataAxle"]["contactsDelivered"]

    # WHEN the owner buys 25 times meanwhile, each order sent once and without a repetition
    refused: list[requests.Response] = []
    with Flood(flooding) as flood:
        for number in range(PURCHASES):
            body = {"filters": {"states": ["GA"]}, "maxContacts": CONTACTS, "audienceName": f"Georgia {number}"}
            answer = buyer.client.send(
                "POST", "/api/audience/purchase", body, headers={"Idempotency-Key": new_key()}
            )
            time.sleep(BETWEEN_PURCHASES)
            if answer.status_code == 202:
                buyer.receive_contacts([Contacts(answer.json()["purchaseId"], CONTACTS)])
            else:
                refused.append(answer)

    # THEN all are carried out, and the flood was asked to wait
    assert [answer.text for answer in refused] == []
    assert buyer.credits()["totalCreditsSpent"] == "87.50"
    assert sandbox.counters()["dataAxle"]["contactsDelivered"] - delivered_before == PURCHASES * CONTACTS
    assert flood.answers[429] > flood.answers[200] > 0, flood.answers
    assert set(flood.answers) == {200, 429}, flood.answers
    assert flood.silent == 0


def test_a_flood_of_orders_is_refused_at_the_21st_that_is_unpaid(organizations: Organizations) -> None:
    owner = organizations.new("Window Dental")
    for _ in range(20):
        owner.order_credits("10")
    refused = owner.client.send(
        "POST", "/api/stripe/purchase-credits", {"amount": "10"}, headers={"Idempotency-Key": new_key()}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_open_orders")


def test_a_joined_idempotency_key_is_refused_not_charged(organizations: Organizations) -> None:
    owner = organizations.new("Twice Dental", credits="10.00")
    body = {"filters": {"states": ["GA"]}, "maxContacts": CONTACTS, "audienceName": "Twice"}
    refused = owner.client.send("POST", "/api/audience/purchase", body, headers={"Idempotency-Key": "k,k"})
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_invalid")
    assert owner.credits()["held"] == "0.00"
