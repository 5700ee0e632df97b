"""The running stack, fresh organizations on it, and the rule that every test leaves verifiable statements."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
import requests

from infra.local import cloud, settings
from infra.local import stack as local_stack
from tests.demo.client import Client
from tests.demo.customer import Customer
from tests.demo.reports import Finance
from tests.demo.running import client_of

WAIT_SECONDS = 60


class Sandbox:
    """The sandboxes' controls: what the vendors saw, and what they do on request."""

    def __init__(self, url: str) -> None:
        self._url = url

    def get(self, path: str) -> Any:
        """One control that reads."""
        answer = requests.get(f"{self._url}/sandbox/{path}", timeout=WAIT_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """One control that does something."""
        answer = requests.post(f"{self._url}/sandbox/{path}", json=body, timeout=WAIT_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def counters(self) -> dict[str, dict[str, int]]:
        """What each vendor counted so far."""
        counted: dict[str, dict[str, int]] = self.get("counters")
        return counted

    def event(self, kind: str, object_id: str) -> dict[str, Any]:
        """The newest Stripe event of a type about an object."""
        events = self.get("stripe/events")["events"]
        found = [event for event in events if event["type"] == kind and event["data"]["object"]["id"] == object_id]
        assert found, f"Stripe knows no {kind} of {object_id}"
        newest: dict[str, Any] = found[-1]
        return newest


@dataclass(frozen=True)
class Stack:
    """The running stack."""

    state: dict[str, Any]

    @property
    def api_url(self) -> str:
        """Where the API answers."""
        return str(self.state["apiUrl"])

    def person(self, organization_id: str, name: str, role: str | None) -> Client:
        """Has an administrator create a user, who alone can; their client."""
        identity = cloud.client("cognito-idp")
        email = f"{uuid.uuid4().hex[:12]}@{organization_id.replace('_', '-')}.example"
        attributes = {"email": email, "email_verified": "true", "name": name, "custom:organization_id": organization_id}
        if role is not None:
            attributes["custom:role"] = role
        pool = self.state["userPoolId"]
        identity.admin_create_user(
            UserPoolId=pool,
            Username=email,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
        )
        identity.admin_set_user_password(
            UserPoolId=pool, Username=email, Password=settings.PASSWORD, Permanent=True
        )
        return Client(self.api_url, email, settings.PASSWORD)


class Organizations:
    """Organizations made for one test, and every one that it touched."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._touched: list[Customer] = []

    def new(self, name: str = "Elm Dental", *, credits: str | None = None) -> Customer:
        """A fresh organization's owner, with credits bought on the payment page if asked for."""
        owner = Customer(name, self._stack.person(f"org_{uuid.uuid4().hex[:12]}", name, "owner"))
        self._touched.append(owner)
        if credits is not None:
            owner.buy_credits(Decimal(credits))
        return owner

    def member(self, owner: Customer) -> Client:
        """Somebody of the owner's organization without a role."""
        return self._stack.person(owner.credits()["organizationId"], f"{owner.name}, reader", None)

    def verify(self) -> None:
        """Every statement verifies, and nothing is left held."""
        for owner in self._touched:
            owner.verify_statement()
            assert owner.credits()["held"] == "0.00", f"{owner.name} has credits held after the test"


@pytest.fixture(scope="session")
def stack() -> Stack:
    """The stack that runs here."""
    try:
        return Stack(local_stack.state())
    except local_stack.NotRunning as problem:
        pytest.exit(str(problem), returncode=1)


@pytest.fixture(scope="session")
def sandbox(stack: Stack) -> Sandbox:
    """The vendors' sandboxes."""
    return Sandbox(stack.state["sandboxUrl"])


@pytest.fixture(scope="session")
def finance(stack: Stack) -> Finance:
    """DropLab's finance administrator."""
    return Finance(client_of(stack.state, "finance@droplab.example"))


@pytest.fixture
def organizations(stack: Stack) -> Iterator[Organizations]:
    """Fresh organizations; their statements are verified when the test has passed, and when it has failed."""
    made = Organizations(stack)
    yield made
    made.verify()


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], bool], str], None]:
    """Waits until something is so, at most a minute."""

    def wait(is_so: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + WAIT_SECONDS
        while not is_so():
            assert time.monotonic() < until, f"{what} did not happen within {WAIT_SECONDS} s"
            time.sleep(0.2)

    return wait
