"""The November story: what each organization does, and which sandbox figures must follow.

Alder buys 10,000 contacts in one purchase and prints 500 postcards; Birch 5 × 1,000 and 1,200; Cedar 50,000 and
10,000. The three play at the same time, each in a thread of its own.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from decimal import Decimal
from typing import Any

from tests.demo.client import Problem
from tests.demo.customer import Customer, Trouble, new_key

# What the sandboxes must have counted, beyond what they had before
CONTACTS_DELIVERED = 65_000
CARDS_CREATED = 11_700

# All that one purchase can be: more than Alder can have credits for, whatever was bought before
EVERYONE: dict[str, Any] = {}
MOST_CONTACTS = 100_000


def alder(owner: Customer) -> None:
    """Alder has no credits yet when it asks for contacts: the answer says what lacks, buys that, and asks again."""
    florida = {"states": ["FL"]}
    purchase = meet_insufficient_credits(owner, "Florida homes", florida, 10_000)
    lists = owner.receive_contacts([purchase])
    owner.buy_credits(Decimal("500.00"))
    campaign = owner.create_campaign("New in your street", lists[0], 500, owner.artwork())
    owner.await_prints([owner.place_print(campaign)])


def birch(owner: Customer) -> None:
    """Birch buys five lists at the same time, as many as may be open, and prints to one and a part of another."""
    for amount in ("1000.00", "500.00"):
        owner.buy_credits(Decimal(amount))
    states = ("NY", "IL", "PA", "OH", "GA")
    orders = [owner.buy_contacts(f"Families in {state}", {"states": [state]}, 1_000) for state in states]
    lists = owner.receive_contacts(orders)
    # a custom amount beside a package
    for amount in ("1000.00", "200.00"):
        owner.buy_credits(Decimal(amount))
    card = owner.artwork()
    first = owner.create_campaign("Check-up in November", lists[0], 1_000, card)
    second = owner.create_campaign("Check-up in November, two", lists[1], 200, card)
    owner.await_prints([owner.place_print(first), owner.place_print(second)])


def cedar(owner: Customer) -> None:
    """Cedar is large: 50,000 contacts come by scan, and 10,000 cards are 400 batches."""
    owner.buy_credits(Decimal("9000.00"))
    lists = owner.receive_contacts([owner.buy_contacts("California", {"states": ["CA"]}, 50_000)])
    owner.buy_credits(Decimal("10000.00"))
    campaign = owner.create_campaign("Winter outfits", lists[0], 10_000, owner.artwork())
    owner.await_prints([owner.place_print(campaign)])


PLAYS: dict[str, Callable[[Customer], None]] = {"org_alder": alder, "org_birch": birch, "org_cedar": cedar}
# What each buys of DropLab and spends there, from the steps above and the price list
SPENT = {"org_alder": Decimal("2500.00"), "org_birch": Decimal("2700.00"), "org_cedar": Decimal("19000.00")}


def meet_insufficient_credits(owner: Customer, name: str, filters: dict[str, Any], contacts: int) -> Any:
    """Orders contacts without the credits for them, buys the package that the answer suggests, and orders again.

    The second order carries the key of the first: a refused request leaves nothing behind that could refuse it.
    """
    offer = owner.quote(filters, contacts)["quote"]
    if Decimal(offer["shortfall"]) == 0:
        # There are credits of earlier business: ask for more than they buy, then go on without buying any.
        order_beyond_credits(owner, "Everyone", EVERYONE, MOST_CONTACTS, new_key())
        return owner.buy_contacts(name, filters, contacts)
    key = new_key()
    problem = order_beyond_credits(owner, name, filters, contacts, key, quoteId=offer["quoteId"])
    if problem.body["shortfall"] != offer["shortfall"] or problem.body["suggestedPackage"] != offer["suggestedPackage"]:
        raise Trouble(f"{owner.name}: the refusal {problem.body} does not say what the quote said: {offer}")
    for _ in range(problem.body["purchases"]):
        owner.buy_credits(Decimal(problem.body["suggestedPackage"]))
    return owner.buy_contacts(name, filters, contacts, key=key)


def order_beyond_credits(
    owner: Customer, name: str, filters: dict[str, Any], contacts: int, key: str, **more: str
) -> Problem:
    """Orders contacts that the credits do not cover; the answer, which must say so in its figures."""
    try:
        owner.order_contacts(name, filters, contacts, key=key, **more)
    except Problem as problem:
        if (problem.status, problem.code) != (402, "insufficient_credits"):
            raise
        answer = problem.body
        owner.say(
            f"402 insufficient_credits: {contacts:,} contacts cost {answer['required']}, {answer['available']} are "
            f"available, {answer['shortfall']} lack; suggested: {answer['suggestedPackage']}"
        )
        check_shortfall(answer)
        return problem
    raise Trouble(f"{owner.name}: {contacts:,} contacts were sold, though the credits should not cover them")


def check_shortfall(answer: dict[str, Any]) -> None:
    """The figures of an insufficient_credits answer agree, and what it suggests covers what lacks."""
    required, available, shortfall = (Decimal(answer[name]) for name in ("required", "available", "shortfall"))
    package, purchases = Decimal(answer["suggestedPackage"]), answer["purchases"]
    if shortfall != required - available or package * purchases < shortfall:
        raise Trouble(f"an answer that does not add up: {answer}")
    fitting = [Decimal(amount) for amount in (50, 100, 250, 500, 1000) if amount >= shortfall]
    smallest = fitting[0] if fitting else min(Decimal(math.ceil(shortfall)), Decimal(10_000))
    if package != smallest:
        raise Trouble(f"{package} is suggested for {shortfall}, the smallest fitting package is {smallest}")


def play(owners: dict[str, Customer], stop: threading.Event) -> None:
    """Plays all three at once. The first that fails stops the others; its trouble is raised."""
    first: BaseException | None = None
    with ThreadPoolExecutor(len(owners)) as threads:
        plays = [threads.submit(PLAYS[organization], owner) for organization, owner in owners.items()]
        try:
            for done in as_completed(plays):
                if (problem := done.exception()) and first is None:
                    first = problem
                    stop.set()
        except KeyboardInterrupt:
            stop.set()
            raise
    if first is not None:
        raise first
