"""Auto top-up, alerts and the statement of an owner, in the console."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from infra import verify_statement as statement

# The sweeper comes once a minute and passes on that credits ran low; with its next turn it tells the owner.
TOLD_MS = 200_000


def set_top_up(page: Page, threshold: str, target: str, cap: str) -> None:
    """Fills the form and leaves it unsaved."""
    page.check("#top-up-enabled")
    page.fill("#top-up-threshold", threshold)
    page.fill("#top-up-target", target)
    page.fill("#top-up-cap", cap)


def open_anew(page: Page) -> None:
    """Leaves the page of credits and comes back: it reads everything again."""
    page.click('#nav a[href="/audience"]')
    page.click('#nav a[href="/settings"]')


# Auto top-up


def test_a_saved_card_buys_what_brings_the_balance_to_its_target(customer, sign_in):
    # GIVEN 50.00, bought with a card that is saved
    page = sign_in(customer.person)
    words = page.locator("#top-up-words")
    expect(words).to_have_text("Auto top-up is off: nothing is bought automatically.")
    page.check("#save-card")
    with page.expect_popup() as opened:
        page.click('[data-package="50"]')
    opened.value.click("#pay")
    expect(page.locator("#balance-available")).to_have_text("$50.00")

    # WHEN auto top-up is set, it says what that means before and after it is saved
    set_top_up(page, "40", "60", "100")
    rule = "When fewer than 40.00 credits are available, your saved card is charged what brings you to 60.00. "
    now = "You have 50.00, so nothing is due now. At most $100.00 a month; $0.00 of it is used."
    expect(words).to_have_text(f"If you save this: {rule}{now}")
    page.click("#save-top-up")
    expect(words).to_have_text(f"{rule}{now}")
    expect(page.locator("#top-up-saved")).to_have_text("Saved.")
    customer.spend_on_contacts(60)

    # THEN the card is charged once, and the page shows it by itself
    open_anew(page)
    order = page.locator("#orders tbody tr").first
    expect(order).to_contain_text("Auto top-up", timeout=TOLD_MS)
    expect(order).to_contain_text("$31.00")
    expect(order).to_have_attribute("data-status", "paid", timeout=60_000)
    expect(page.locator("#header-balance")).to_have_text("$60.00")
    expect(words).to_contain_text("You have 60.00, so nothing is due now.")
    expect(words).to_contain_text("$31.00 of it is used.")
    top_ups = customer.get("/api/credits/transactions?kind=top-up")["items"]
    assert [item["amount"] for item in top_ups] == ["31.00"]


def test_without_a_saved_card_it_pauses_and_saving_resumes_it(customer, sign_in):
    customer.buy("50.00")
    page = sign_in(customer.person)
    set_top_up(page, "45", "60", "100")
    page.click("#save-top-up")
    expect(page.locator("#top-up-saved")).to_have_text("Saved.")
    customer.spend_on_contacts(20)

    open_anew(page)
    expect(page.locator("#top-up-state")).to_contain_text("Auto top-up is paused", timeout=TOLD_MS)
    expect(page.locator("#top-up-state")).to_contain_text("No card is saved.")
    expect(page.locator("#save-top-up")).to_have_text("Save and resume")
    expect(page.locator('#alerts [data-alert="top-up-failed"]')).to_have_count(1)
    page.uncheck("#top-up-enabled")
    page.click("#save-top-up")
    expect(page.locator("#top-up-state")).to_be_empty()
    expect(page.locator("#top-up-words")).to_have_text("Auto top-up is off: nothing is bought automatically.")
    assert customer.get("/api/credits/auto-top-up")["paused"] is None


@pytest.mark.parametrize(
    ("threshold", "target", "cap", "field", "said"),
    [
        ("0", "500", "1000", "threshold", "Enter an amount from $0.01 to $10,000.00."),
        ("10000.01", "20000", "1000", "threshold", "Enter an amount from $0.01 to $10,000.00."),
        ("50", "59.99", "1000", "target", "The target is at least $10.00 above the threshold."),
        ("50", "20000.01", "1000", "target", "Enter an amount from $60.00 to $20,000.00."),
        ("50", "500", "9.99", "cap", "Enter an amount from $10.00 to $100,000.00."),
        ("50", "500", "", "cap", "Enter an amount."),
    ],
)
def test_settings_that_cannot_be_are_said_beside_their_fields(customer, sign_in, threshold, target, cap, field, said):
    page = sign_in(customer.person)
    set_top_up(page, threshold, target, cap)
    page.click("#save-top-up")
    expect(page.locator(f"#top-up-{field}-error")).to_have_text(said)
    expect(page.locator(f"#top-up-{field}")).to_be_focused()
    assert customer.get("/api/credits/auto-top-up")["settings"] is None


# Alerts


def test_an_owner_is_told_when_credits_fall_below_a_level(customer, sign_in):
    customer.buy("50.00")
    page = sign_in(customer.person)
    expect(page.locator("#alerts")).to_have_text("No alerts yet.")
    page.fill("#alert-level-1", "5,00")
    page.click("#save-alerts")
    expect(page.locator("#alerts-error")).to_contain_text("Enter an amount in dollars")
    page.fill("#alert-level-1", "45")
    page.fill("#alert-level-3", "20")
    page.click("#save-alerts")
    expect(page.locator("#alerts-saved")).to_have_text("Saved.")
    # ascending, as they were stored
    expect(page.locator("#alert-level-1")).to_have_value("20.00")
    expect(page.locator("#alert-level-2")).to_have_value("45.00")
    customer.spend_on_contacts(20)

    alert = page.locator('#alerts [data-alert="low-balance"]')
    for _ in range(TOLD_MS // 5_000):
        if alert.count() > 0:
            break
        page.wait_for_timeout(5_000)
        open_anew(page)
    expect(alert).to_contain_text("Your credits fell below 45.00")
    expect(alert).to_contain_text("43.00 credits were left then.")
    expect(alert).to_contain_text(re.compile(r"sent$"), timeout=TOLD_MS)


# The statement


def test_the_statement_is_narrowed_by_type_and_day_and_downloaded_so(customer, sign_in):
    customer.buy("50.00")
    customer.spend_on_contacts(20)
    page = sign_in(customer.person)
    rows = page.locator("#transactions tbody tr")
    expect(rows).to_have_count(3)
    expect(page.locator('[data-kind="charge"] td').nth(3)).to_have_text("−$7.00")
    expect(page.locator("#download-filtered")).to_be_hidden()

    page.select_option("#filter-kind", "charge")
    page.click("#apply-filter")
    expect(rows).to_have_count(1)
    with page.expect_download() as download:
        page.click("#download-filtered")
    file = statement.of_csv(download.value.path().read_bytes().decode("utf-8-sig"))
    statement.verify_file(file)
    assert [(item["transactionType"], item["amount"]) for item in file.items] == [("charge", "-7.00")]

    page.fill("#filter-from", "2001-01-02")
    page.fill("#filter-to", "2001-01-01")
    page.click("#apply-filter")
    expect(page.locator("#filter-error")).to_have_text("The first day is after the last one.")
    page.fill("#filter-from", "2001-01-01")
    page.click("#apply-filter")
    expect(rows).to_have_text(["No entry matches. Choose another kind or other days."])
    page.click("#clear-filter")
    expect(rows).to_have_count(3)


def test_the_whole_statement_that_is_downloaded_verifies_against_the_head_on_the_page(customer, sign_in):
    customer.buy("50.00")
    customer.spend_on_contacts(20)
    page = sign_in(customer.person)
    expect(page.locator("#transactions tbody tr")).to_have_count(3)
    page.get_by_text("How to check this statement").click()
    head = page.locator("#statement-head").inner_text()
    with page.expect_download() as download:
        page.click("#download-transactions")
    file = statement.of_csv(download.value.path().read_bytes().decode("utf-8-sig"))
    statement.verify_file(file)
    assert statement.verify(file.items, head) == 3


def test_the_balance_of_a_past_time_is_told(customer, sign_in):
    customer.buy("50.00")
    page = sign_in(customer.person)
    page.wait_for_timeout(1_500)
    between = datetime.now().strftime("%Y-%m-%dT%H:%M:%S")
    page.wait_for_timeout(1_500)
    customer.buy("100.00")
    page.fill("#past-time", between)
    page.click("#show-past")
    expect(page.locator("#past-balance")).to_contain_text("$50.00")
    page.fill("#past-time", "2999-01-01T00:00")
    page.click("#show-past")
    expect(page.locator("#past-error")).to_have_text("Choose a day and a time of the past.")
