"""Buying credits in the console: the payment page, the new balance, and what a person may get wrong."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

# The user pool answers at the root of its host; the console has an address of its own.
COGNITO = re.compile(r"^http://127\.0\.0\.1:\d+/$")


def refuse_once(page: Page, address: str | re.Pattern[str], status: int, answer: dict[str, str]) -> None:
    """Answers the next call of `address` in place of the server."""
    page.route(address, lambda route: route.fulfill(status=status, json=answer), times=1)


def test_an_owner_with_49_00_buys_250_on_the_payment_page_and_sees_299_00(customer, sign_in, screenshot):
    customer.buy("49.00")
    page = sign_in(customer.person)
    expect(page.locator("#balance-available")).to_have_text("$49.00")

    with page.expect_popup() as opened:
        page.click('[data-package="250"]')
    payment = opened.value
    expect(payment.locator("#pay")).to_contain_text("250.00")
    payment.click("#pay")

    expect(payment.get_by_text("Payment received, you can close this tab")).to_be_visible()
    expect(payment.locator("#sign-in")).to_be_visible()
    expect(page.locator("#balance-available")).to_have_text("$299.00")
    expect(page.locator("#credited")).to_contain_text("$299.00")
    expect(page.locator("#header-balance")).to_have_text("$299.00")
    expect(page.locator("#transactions tbody tr").first).to_contain_text("+$250.00")
    assert customer.available() == "299.00"
    screenshot("console")


def test_a_cancelled_checkout_adds_nothing(customer, sign_in):
    page = sign_in(customer.person)
    expect(page.locator("#balance-available")).to_have_text("$0.00")
    with page.expect_popup() as opened:
        page.click('[data-package="100"]')
    opened.value.click("#cancel")

    cancelled = "Payment cancelled: nothing was charged"
    expect(opened.value.get_by_text(cancelled)).to_be_visible()
    expect(page.get_by_text(cancelled)).to_be_visible()
    expect(page.locator("#balance-available")).to_have_text("$0.00")
    assert customer.available() == "0.00"
    assert customer.get("/api/credits/transactions")["items"] == []


def test_a_custom_amount_of_127_is_bought(customer, sign_in):
    page = sign_in(customer.person)
    page.fill("#custom-amount", "127")
    with page.expect_popup() as opened:
        page.click("#buy-custom")
    opened.value.click("#pay")
    expect(page.locator("#balance-available")).to_have_text("$127.00")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter an amount."),
        ("9.99", "The smallest purchase is $10.00."),
        ("10000.01", "The largest purchase is $10,000.00."),
        ("99999999999999999999", "The largest purchase is $10,000.00."),
        ("12.345", "An amount has at most two decimals, for example 127.50."),
        ("1e3", "Enter an amount in dollars, for example 127 or 127.50."),
        ("-50", "Enter an amount in dollars, for example 127 or 127.50."),
        ("abc", "Enter an amount in dollars, for example 127 or 127.50."),
    ],
)
def test_an_amount_that_cannot_be_bought_is_said_beside_its_field(customer, sign_in, typed, said):
    page = sign_in(customer.person)
    page.fill("#custom-amount", typed)
    page.click("#buy-custom")
    expect(page.locator("#custom-error")).to_have_text(said)
    expect(page.locator("#custom-amount")).to_be_focused()
    expect(page.locator("#purchase-status")).to_be_empty()


def test_the_statement_can_be_downloaded(customer, sign_in):
    customer.buy("50.00")
    page = sign_in(customer.person)
    with page.expect_download() as download:
        page.click("#download-transactions")
    text = download.value.path().read_text(encoding="utf-8")
    assert text.startswith("\ufeffseq,"), "with a byte order mark, for spreadsheets on Windows"
    assert re.search(r"purchase,.*50\.00", text)


def test_the_sign_in_says_that_a_reload_asks_for_it_again(customer, sign_in):
    page = sign_in(customer.person)
    page.reload()
    expect(page.locator("#sign-in-form")).to_contain_text("after a reload, or in another tab, you sign in again")
    expect(page.locator("#nav")).to_be_hidden()


def test_a_wrong_password_is_said_in_words(customer, page):
    page.goto("/")
    page.fill("#email", customer.person.email)
    page.fill("#password", "not the password")
    page.click("#sign-in")
    expect(page.locator("#sign-in-error")).to_have_text("The e-mail or the password is not right.")
    expect(page.locator("#views")).to_be_empty()


def test_a_session_that_ends_asks_to_sign_in_and_keeps_the_place(customer, sign_in):
    page = sign_in(customer.person, "/audience")
    page.fill("#states", "CA")
    # The token is no longer good, and neither is the one that renews it.
    refuse_once(page, "**/api/audience/count", 401, {"message": "Unauthorized"})
    refuse_once(page, COGNITO, 400, {"__type": "NotAuthorizedException"})
    page.click("#count")
    expect(page.locator("#sign-in-reason")).to_contain_text("Your session has ended")
    page.fill("#password", customer.person.password)
    page.click("#sign-in")
    expect(page.locator("#states")).to_have_value("CA")
    expect(page.locator("#quote")).to_contain_text("Total")
