"""An organization's owner at work: buys credits on the payment page, contacts by quote, postcards of a list.

Every step goes through the public HTTP API and the payment page, as a person's would; waits have an end.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from infra import verify_statement as statement
from tests.demo import pdf
from tests.demo.client import Client, Problem

CREDITS_SECONDS = 60
CONTACTS_SECONDS = 600
PRINT_SECONDS = 900
POLL_SECONDS = 0.5
ENDED = ("completed", "partial", "failed")
PAGE = 100  # the longest page of a list


class Trouble(Exception):
    """The story cannot go on; the message says where and why."""


@dataclass(frozen=True)
class Contacts:
    """A purchase of contacts that was placed."""

    purchase_id: str
    requested: int


@dataclass(frozen=True)
class Quiet:
    """Tells nobody anything."""

    def say(self, text: str) -> None:
        """A step."""

    def count(self, name: str, done: int, total: int) -> None:
        """How far something is."""


def new_key() -> str:
    """An Idempotency-Key that nobody has used."""
    return uuid.uuid4().hex


class Customer:
    """One organization, through its owner."""

    def __init__(self, name: str, client: Client, progress: Any = Quiet(), stop: threading.Event | None = None) -> None:
        self.name = name
        self.client = client
        self._progress = progress
        self._stop = stop or threading.Event()

    def say(self, text: str) -> None:
        """One step, printed as this organization's."""
        self._progress.say(f"{self.name}: {text}")

    def credits(self) -> dict[str, Any]:
        """GET /api/credits."""
        answer: dict[str, Any] = self.client.call("GET", "/api/credits")
        return answer

    # Credits

    def buy_credits(self, amount: Decimal) -> None:
        """Orders, pays on the payment page, and waits until the credits are there."""
        before = Decimal(self.credits()["totalCreditsPurchased"])
        order = self.order_credits(amount)
        self.press(order["url"], "pay")
        paid_at = time.monotonic()
        self.wait(
            f"{amount} paid credits",
            lambda: Decimal(self.credits()["totalCreditsPurchased"]) >= before + amount,
            CREDITS_SECONDS,
        )
        self.say(f"paid {amount:,.2f} USD; the credits were there {time.monotonic() - paid_at:.1f} s later")

    def order_credits(self, amount: Decimal | str) -> dict[str, Any]:
        """POST /api/stripe/purchase-credits."""
        body = {"amount": str(amount)}
        order: dict[str, Any] = self.client.call("POST", "/api/stripe/purchase-credits", body, key=new_key())
        return order

    def press(self, payment_page: str, action: str) -> str:
        """Opens the payment page and presses the button `pay`, `pay-later` or `cancel`; where it sends us then."""
        page = self.client.outside("GET", payment_page)
        if page.status_code != 200 or f'value="{action}"' not in page.text:
            raise Trouble(f"{self.name}: the payment page has no button {action} ({page.status_code})")
        answer = self.client.outside("POST", payment_page, data={"action": action})
        if answer.status_code != 303:
            raise Trouble(f"{self.name}: the payment page answered {answer.status_code} to {action}")
        return answer.headers["location"]

    # Contacts

    def quote(self, filters: dict[str, Any], contacts: int) -> dict[str, Any]:
        """POST /api/audience/count: how many match, and the quote."""
        body = {"filters": filters, "maxContacts": contacts}
        answer: dict[str, Any] = self.client.call("POST", "/api/audience/count", body)
        if answer["quote"] is None:
            raise Trouble(f"{self.name}: nobody matches {filters}")
        return answer

    def buy_contacts(self, name: str, filters: dict[str, Any], contacts: int, key: str | None = None) -> Contacts:
        """Asks for the price and buys at it; all of the contacts must be there to be bought."""
        offer = self.quote(filters, contacts)["quote"]
        if offer["contacts"] != contacts:
            raise Trouble(f"{self.name}: only {offer['contacts']} contacts match, not {contacts}")
        placed = self.order_contacts(name, filters, contacts, key=key, quoteId=offer["quoteId"])
        price, held = offer["unitPrice"], placed["held"]
        self.say(f"ordered {contacts:,} contacts “{name}” at {price} each, {held} credits held")
        if held != offer["total"]:
            raise Trouble(f"{self.name}: {held} is held, {offer['total']} was offered")
        return Contacts(placed["purchaseId"], contacts)

    def order_contacts(
        self, name: str, filters: dict[str, Any], contacts: int, *, key: str | None = None, **more: str
    ) -> dict[str, Any]:
        """POST /api/audience/purchase."""
        body = {"filters": filters, "maxContacts": contacts, "audienceName": name, **more}
        placed: dict[str, Any] = self.client.call("POST", "/api/audience/purchase", body, key=key or new_key())
        return placed

    def receive_contacts(self, purchases: list[Contacts]) -> list[str]:
        """Waits until all are delivered in full; their recipient lists, in the same order."""
        total = sum(purchase.requested for purchase in purchases)
        paths = [f"/api/audience/purchases/{purchase.purchase_id}" for purchase in purchases]
        return [state["recipientListId"] for state in self._follow("contacts", paths, "delivered", total)]

    # Postcards

    def create_campaign(self, name: str, recipient_list: str, pieces: int, artwork: bytes | None) -> str:
        """Creates a campaign to the first `pieces` of a list and uploads its artwork; the campaign's id."""
        body = {
            "name": name,
            "recipientListId": recipient_list,
            "size": "6x4",
            "artwork": {"kind": "pdf"},
            "maxPieces": pieces,
        }
        campaign = self.client.call("POST", "/api/campaigns", body, key=new_key())
        if campaign["pieces"] != pieces:
            raise Trouble(f"{self.name}: the campaign has {campaign['pieces']} pieces, not {pieces}")
        if artwork is not None:
            self._upload(campaign["upload"], artwork)
        return str(campaign["campaignId"])

    def artwork(self) -> bytes:
        """This organization's card."""
        front = pdf.Side(self.name, ("We are new in your street.", "Come and say hello."), (0.91, 0.94, 1.0))
        return pdf.postcard(front, pdf.Side("Bring this card", ("and get 10 % off your first visit.",)))

    def _upload(self, upload: dict[str, Any], artwork: bytes) -> None:
        """Posts the file as the policy asks: its fields first, the file last."""
        fields = {**upload["fields"], "key": f"{upload['prefix']}artwork.pdf"}
        file = ("artwork.pdf", artwork, "application/pdf")
        answer = self.client.outside("POST", upload["url"], data=fields, files={"file": file})
        if not answer.ok:
            raise Trouble(f"{self.name}: the artwork was refused ({answer.status_code}): {answer.text[:300]}")

    def place_print(self, campaign_id: str, environment: str = "live") -> dict[str, Any]:
        """POST /api/campaigns/{id}/print."""
        body = {"environment": environment}
        placed: dict[str, Any] = self.client.call("POST", f"/api/campaigns/{campaign_id}/print", body, key=new_key())
        self.say(f"ordered {placed['pieces']:,} postcards, {placed['held']} credits held")
        return placed

    def await_prints(self, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Waits until every job has ended with all of its pieces accepted; how they stand then."""
        total = sum(job["pieces"] for job in jobs)
        return self._follow("postcards", [job["progressUrl"] for job in jobs], "accepted", total)

    # The statement

    def verify_statement(self) -> int:
        """Reads the whole statement and verifies it against the account's head; how many entries."""
        account = self.credits()
        items = [item for item in self.transactions() if item["seq"] <= account["entries"]]
        try:
            # in order of their numbers: pages come newest first, and entries may have been added since the head
            return statement.verify(reversed(items), account["headHash"])
        except statement.Fault as fault:
            raise Trouble(f"{self.name}: the statement does not verify: {fault}") from fault

    def transactions(self, query: str = "") -> list[dict[str, Any]]:
        """GET /api/credits/transactions, every page, newest entry first."""
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            after = f"&cursor={cursor}" if cursor else ""
            page = self.client.call("GET", f"/api/credits/transactions?limit={PAGE}{after}{query}")
            items += page["items"]
            if not page["nextCursor"]:
                return items
            cursor = page["nextCursor"]

    # Waiting

    def _follow(self, what: str, paths: list[str], done: str, total: int) -> list[dict[str, Any]]:
        """Polls orders until each has ended complete, and tells how far they are by their field `done`."""
        states: dict[str, dict[str, Any]] = {}

        def all_ended() -> bool:
            for path in paths:
                if states.get(path, {}).get("status") not in ENDED:
                    states[path] = self.client.call("GET", path)
            self._progress.count(f"{self.name} {what}", sum(state[done] for state in states.values()), total)
            return all(state["status"] in ENDED for state in states.values())

        started = time.monotonic()
        self.wait(f"{total:,} {what}", all_ended, CONTACTS_SECONDS if what == "contacts" else PRINT_SECONDS)
        for path, state in states.items():
            if state["status"] != "completed":
                raise Trouble(f"{self.name}: {path} ended {state['status']}: {state}")
        charged = sum(Decimal(state["charged"]) for state in states.values())
        seconds = time.monotonic() - started
        self.say(f"received {total:,} {what} in {seconds:.1f} s, {charged:,.2f} credits charged")
        return [states[path] for path in paths]

    def wait(self, what: str, is_there: Callable[[], bool], seconds: float) -> None:
        """Waits until something is there; Trouble when that takes longer than `seconds`, or when we are stopped."""
        until = time.monotonic() + seconds
        while not is_there():
            if self._stop.is_set():
                raise Trouble(f"{self.name}: stopped while waiting for {what}")
            if time.monotonic() > until:
                raise Trouble(f"{self.name}: {what} did not come within {seconds:.0f} s")
            time.sleep(POLL_SECONDS)


def refused(call: Callable[[], Any]) -> Problem:
    """The problem that a call is refused with; Trouble when it is not refused."""
    try:
        answer = call()
    except Problem as problem:
        return problem
    raise Trouble(f"this should have been refused, and was answered: {answer}")
