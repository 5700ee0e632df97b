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


class Customer:
    """An owner and their organization, through the public API."""

    def __init__(self, state: dict[str, Any], person: Person) -> None:
        self.person = person
        self._api, self._sandbox = state["apiUrl"], state["sandboxUrl"]
        self._token = stack.token(person.email, person.password)

    def get(self, path: str) -> dict[str, Any]:
        """The JSON answer of a read."""
        answer = requests.get(f"{self._api}{path}", headers=self._headers(), timeout=30)
        answer.raise_for_status()
        return answer.json()

    def available(self) -> str:
        """The balance as the API says it."""
        return self.get("/api/credits")["available"]

    def buy(self, amount: str) -> None:
        """Buys credits and waits until the webhook has brought them."""
        before = self.get("/api/credits")["totalCreditsPurchased"]
        order = requests.post(
            f"{self._api}/api/stripe/purchase-credits", json={"amount": amount}, headers=self._headers(), timeout=30
        )
        order.raise_for_status()
        paid = requests.post(
            f"{self._sandbox}/sandbox/stripe/sessions/{order.json()['sessionId']}/pay",
            json={"delayed": False},
            timeout=30,
        )
        paid.raise_for_status()
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while self.get("/api/credits")["totalCreditsPurchased"] == before:
            assert time.monotonic() < deadline, f"{amount} was paid and did not arrive"
            time.sleep(0.3)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}


@pytest.fixture(scope="session")
def state() -> dict[str, Any]:
    """.local/stack.json of the stack that runs."""
    return stack.state()


@pytest.fixture
def customer(state: dict[str, Any]) -> Customer:
    """An owner of a new organization without any credits."""
    name = uuid.uuid4().hex[:12]
    person = Person(f"owner@{name}.example", settings.PASSWORD, f"org_{name}")
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
            {"Name": "custom:role", "Value": "owner"},
        ],
    )
    pool.admin_set_user_password(
        UserPoolId=state["userPoolId"], Username=person.email, Password=person.password, Permanent=True
    )
    return Customer(state, person)


@pytest.fixture
def finance(state: dict[str, Any]) -> Person:
    """DropLab's own finance."""
    found = next(user for user in state["users"] if user["role"] == "finance")
    return Person(found["email"], found["password"], found["organizationId"])


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One chromium for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, state: dict[str, Any]) -> Iterator[BrowserContext]:
    """A window with nothing remembered. What the page's policy refused, or a script broke on, fails the test."""
    context = browser.new_context(base_url=state["consoleUrl"], viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    faults: list[str] = []
    # A refused password or too few credits are answers; the browser calls them errors of loading.
    context.on(
        "console",
        lambda said: faults.append(said.text)
        if said.type == "error" and not said.text.startswith("Failed to load resource")
        else None,
    )
    context.on("weberror", lambda error: faults.append(str(error.error)))
    yield context
    context.close()
    assert faults == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """The console's first tab."""
    expect.set_options(timeout=PATIENCE_MS)
    return context.new_page()


@pytest.fixture
def sign_in(page: Page) -> Callable[[Person, str], Page]:
    """Opens an address and signs a person in there."""

    def sign_in(person: Person, path: str = "/settings") -> Page:
        page.goto(path)
        page.fill("#email", person.email)
        page.fill("#password", person.password)
        page.click("#sign-in")
        expect(page.locator("#nav")).to_be_visible()
        return page

    return sign_in


@pytest.fixture
def screenshot(page: Page) -> Callable[[str], None]:
    """Saves docs/<name>.png when SCREENSHOT=1; otherwise nothing: a test run leaves the folder as it was."""

    def screenshot(name: str) -> None:
        if os.environ.get("SCREENSHOT") == "1":
            DOCS.mkdir(exist_ok=True)
            page.screenshot(path=DOCS / f"{name}.png")

    return screenshot
