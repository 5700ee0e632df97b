"""A browser on the running stack, and organizations of the tests' own.

Each test gets an organization that nobody has used: balances are then known to the cent, and the tests can be
repeated on one stack in any order. Its owner is made as an administrator makes people, in the user pool.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from infra.local import cloud, settings, stack

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# What follows --no-sandbox keeps the browser from asking anything of the outside by itself.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
PATIENCE_MS = 20_000
DOCS = Path(__file__).resolve().parents[2] / "docs"


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    email: str
    password: str
    organization: str


class Sandbox:
    """The controls of Stripe's sandbox: what customers, their banks and people at Stripe do."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/sandbox/stripe"

    def get(self, path: str) -> dict[str, Any]:
        """One control that reads."""
        answer = requests.get(f"{self._url}/{path}", timeout=30)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One control that does something."""
        answer = requests.post(f"{self._url}/{path}", json=body or {}, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def session(self, organization: str) -> dict[str, Any]:
        """The newest payment page of an organization."""
        sessions = self.get("objects/sessions")["objects"]
        mine = [session for session in sessions if session["metadata"].get("organization_id") == organization]
        assert mine, f"{organization} has no payment page"
        return mine[-1]


class Customer:
    """An owner and their organization, through the public API."""

    def __init__(self, state: dict[str, Any], person: Person) -> None:
        self.person = person
        self._api, self._sandbox = state["apiUrl"], Sandbox(state["sandboxUrl"])
        self._token = stack.token(person.email, person.password)

    def get(self, path: str) -> dict[str, Any]:
        """The JSON answer of a read."""
        answer = requests.get(f"{self._api}{path}", headers=self._headers(), timeout=30)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The JSON answer of a write, under a key of its own."""
        headers = {**self._headers(), "Idempotency-Key": uuid.uuid4().hex}
        answer = requests.post(f"{self._api}{path}", json=body, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def available(self) -> str:
        """The balance as the API says it."""
        return self.get("/api/credits")["available"]

    def buy(self, amount: str, *, save_card: bool = False) -> None:
        """Buys credits and waits until the webhook has brought them."""
        before = self.get("/api/credits")["totalCreditsPurchased"]
        order = self.post("/api/stripe/purchase-credits", {"amount": amount, "saveCard": save_card})
        self._sandbox.post(f"sessions/{order['sessionId']}/pay", {"delayed": False})
        wait(f"{amount} that was paid", lambda: self.get("/api/credits")["totalCreditsPurchased"] != before)

    def spend_on_contacts(self, contacts: int) -> None:
        """Buys contacts at 0.35 each and waits until they are delivered."""
        body = {"filters": {"states": ["CA", "NV"]}, "maxContacts": contacts, "audienceName": "Western homes"}
        path = self.post("/api/audience/purchase", body)["progressUrl"]
        wait("contacts", lambda: self.get(path)["status"] == "completed", seconds=60)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}


def wait(what: str, is_there: Callable[[], bool], seconds: float = PATIENCE_MS / 1000) -> None:
    """Asks until it is there; a test that waits for ever tells nobody what is missing."""
    deadline = time.monotonic() + seconds
    while not is_there():
        assert time.monotonic() < deadline, f"{what} did not come within {seconds:.0f} s"
        time.sleep(0.3)


@pytest.fixture(scope="session")
def state() -> dict[str, Any]:
    """.local/stack.json of the stack that runs."""
    return stack.state()


@pytest.fixture
def sandbox(state: dict[str, Any]) -> Sandbox:
    """Stripe's customers and their banks."""
    return Sandbox(state["sandboxUrl"])


def new_person(state: dict[str, Any], organization: str, role: str | None) -> Person:
    """Somebody of an organization, made by an administrator; without a role they are a member."""
    name = uuid.uuid4().hex[:12]
    person = Person(f"{role or 'member'}@{name}.example", settings.PASSWORD, organization)
    pool = cloud.client("cognito-idp")
    pool.admin_create_user(
        UserPoolId=state["userPoolId"],
        Username=person.email,
        MessageAction="SUPPRESS",
        UserAttributes=[
            {"Name": "email", "Value": person.email},
            {"Name": "email_verified", "Value": "true"},
            {"Name": "name", "Value": "Dahlia Bakery"},
            {"Name": "custom:organization_id", "Value": person.organization},
            *([{"Name": "custom:role", "Value": role}] if role else []),
        ],
    )
    pool.admin_set_user_password(
        UserPoolId=state["userPoolId"], Username=person.email, Password=person.password, Permanent=True
    )
    return person


@pytest.fixture
def customer(state: dict[str, Any]) -> Customer:
    """An owner of a new organization without any credits."""
    return Customer(state, new_person(state, f"org_{uuid.uuid4().hex[:12]}", "owner"))


@pytest.fixture
def member(state: dict[str, Any], customer: Customer) -> Person:
    """Somebody of the customer's organization who is not its owner."""
    return new_person(state, customer.person.organization, None)


@pytest.fixture
def finance(state: dict[str, Any]) -> Person:
    """DropLab's own finance."""
    found = next(user for user in state["users"] if user["role"] == "finance")
    return Person(found["email"], found["password"], found["organizationId"])


@pytest.fixture
def new_finance(state: dict[str, Any]) -> Person:
    """Somebody of finance who has signed in nowhere yet, and whose sign-in a test may change."""
    return new_person(state, f"org_{uuid.uuid4().hex[:12]}", "finance")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One chromium for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def window(browser: Browser, state: dict[str, Any]) -> Iterator[Callable[[], BrowserContext]]:
    """Opens windows with nothing remembered. What a page's policy refused, or a script broke on, fails the test."""
    opened: list[BrowserContext] = []
    faults: list[str] = []

    def window() -> BrowserContext:
        context = browser.new_context(base_url=state["consoleUrl"], viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE_MS)
        # A refused password or too few credits are answers; the browser calls them errors of loading.
        context.on(
            "console",
            lambda said: faults.append(said.text)
            if said.type == "error" and not said.text.startswith("Failed to load resource")
            else None,
        )
        context.on("weberror", lambda error: faults.append(str(error.error)))
        opened.append(context)
        return context

    yield window
    for context in opened:
        context.close()
    assert faults == []


@pytest.fixture
def context(window: Callable[[], BrowserContext]) -> BrowserContext:
    """The first window."""
    return window()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """The console's first tab."""
    expect.set_options(timeout=PATIENCE_MS)
    return context.new_page()


def signed_in(page: Page, person: Person, path: str) -> Page:
    """Opens an address and signs a person in there."""
    page.goto(path)
    page.fill("#email", person.email)
    page.fill("#password", person.password)
    page.click("#sign-in")
    expect(page.locator("#nav")).to_be_visible()
    return page


@pytest.fixture
def sign_in(page: Page) -> Callable[[Person, str], Page]:
    """Signs a person in, in the first tab."""

    def sign_in(person: Person, path: str = "/settings") -> Page:
        return signed_in(page, person, path)

    return sign_in


@pytest.fixture
def finance_page(window: Callable[[], BrowserContext], finance: Person) -> Page:
    """Finance at their own computer, on the page of billing."""
    expect.set_options(timeout=PATIENCE_MS)
    return signed_in(window().new_page(), finance, "/admin/billing")


@pytest.fixture
def screenshot(page: Page) -> Callable[[str], None]:
    """Saves docs/<name>.png when SCREENSHOT=1; otherwise nothing: a test run leaves the folder as it was."""

    def screenshot(name: str) -> None:
        if os.environ.get("SCREENSHOT") == "1":
            DOCS.mkdir(exist_ok=True)
            page.screenshot(path=DOCS / f"{name}.png")

    return screenshot
