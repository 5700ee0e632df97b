"""The page of billing: what finance decides and corrects. Owners do not find it."""

from __future__ import annotations

import re
import uuid

from playwright.sync_api import expect


def test_an_owner_does_not_find_the_page_of_billing(customer, sign_in):
    page = sign_in(customer.person, "/admin/billing")
    expect(page.get_by_role("link", name="Billing")).to_have_count(0)
    expect(page.locator("#billing-sections")).to_contain_text("Not allowed")
    expect(page.locator("#adjustment-form")).to_have_count(0)


def test_an_adjustment_is_confirmed_before_it_moves_credits(customer, finance_page, sign_in):
    finance_page.click("#adjust")
    expect(finance_page.locator("#adjustment-organization-error")).to_have_text("Enter the organization's id.")
    finance_page.fill("#adjustment-organization", customer.person.organization)
    finance_page.fill("#adjustment-amount", "25")
    finance_page.fill("#adjustment-reason", "A present for waiting")
    finance_page.click("#adjust")
    question = finance_page.get_by_role("dialog", name="Add 25.00 credits?")
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_have_count(0)
    assert customer.available() == "0.00"

    finance_page.click("#adjust")
    question.get_by_test_id("confirm").click()
    # without entries it may be a mistyped id
    expect(question).to_contain_text("no organization of this id has entries")
    assert customer.available() == "0.00"
    question.get_by_test_id("new-organization").check()
    question.get_by_test_id("confirm").click()
    expect(finance_page.locator("#adjustment-status")).to_contain_text("25.00 are available now.")
    assert customer.available() == "25.00"

    finance_page.fill("#adjustment-organization", customer.person.organization)
    finance_page.fill("#adjustment-amount", "-30")
    finance_page.fill("#adjustment-reason", "Too much of it")
    finance_page.click("#adjust")
    question = finance_page.get_by_role("dialog", name="Remove 30.00 credits?")
    question.get_by_test_id("confirm").click()
    expect(question).to_contain_text("only 25.00 credits are available")
    question.get_by_role("button", name="Cancel").click()
    finance_page.fill("#adjustment-amount", "-5")
    finance_page.click("#adjust")
    finance_page.get_by_test_id("confirm").click()
    expect(finance_page.locator("#adjustment-status")).to_contain_text("20.00 are available now.")

    page = sign_in(customer.person)
    row = page.locator('#transactions [data-kind="adjustment"]').first
    expect(row).to_contain_text("Adjustment: Too much of it")
    expect(row).to_contain_text("−$5.00")


def test_opening_balances_are_brought_over_row_by_row(customer, finance_page):
    row, organization = f"row-{uuid.uuid4().hex[:8]}", customer.person.organization
    head = "rowId,organizationId,credits,stripeCustomerId\n"
    good = f"{head}{row},{organization},127.50,\n"
    finance_page.click("#import-balances")
    expect(finance_page.locator("#opening-error")).to_have_text("Choose a CSV file.")

    upload(finance_page, f"{head}{row},{organization},much,\n")
    finance_page.get_by_test_id("confirm").click()
    refused = 'Line 2, column 3: credits is an amount such as 127.50, not "much".'
    expect(finance_page.get_by_role("dialog")).to_contain_text(refused)
    finance_page.keyboard.press("Escape")
    assert customer.available() == "0.00"

    upload(finance_page, good)
    expect(finance_page.get_by_role("dialog")).to_contain_text("opening.csv has 1 rows.")
    finance_page.get_by_test_id("confirm").click()
    expect(finance_page.locator(f'[data-row="{row}"]')).to_have_attribute("data-done", "true")
    expect(finance_page.locator("#opening-problem")).to_contain_text("All 1 rows are imported.")
    assert customer.available() == "127.50"

    # the same row with other contents is named, and moves nothing
    upload(finance_page, good.replace("127.50", "500.00"))
    finance_page.get_by_test_id("confirm").click()
    expect(finance_page.locator(f'[data-row="{row}"]')).to_contain_text("Not imported")
    assert customer.available() == "127.50"


def test_a_payment_in_manual_review_is_granted_to_whom_it_belongs(customer, finance_page, sandbox):
    stranger = f"cus_{uuid.uuid4().hex[:14]}"
    made = sandbox.post("subscriptions", {"customer": stranger, "amountCents": 1_000, "metadata": {}})
    invoice = made["invoice"]["id"]
    fact = finance_page.locator(f'[data-object="{invoice}"]')
    for _ in range(20):
        if fact.count() > 0:
            break
        finance_page.wait_for_timeout(1_000)
        finance_page.click('#nav a[href="/admin/vendor-costs"]')
        finance_page.click('#nav a[href="/admin/billing"]')
    expect(fact).to_contain_text("No organization is known for this subscription")

    fact.get_by_role("button", name="Grant").click()
    question = finance_page.get_by_role("dialog", name=f"Grant {invoice}?")
    question.get_by_label("Credits to add").fill("10.01")
    question.get_by_label("Organization that paid").fill(customer.person.organization)
    question.get_by_label("Reason").fill("They wrote to us.")
    question.get_by_test_id("confirm").click()
    expect(question).to_contain_text("no organization of this id has entries")
    question.get_by_test_id("new-organization").check()
    question.get_by_test_id("confirm").click()
    expect(question).to_contain_text("10.00")
    question.get_by_label("Credits to add").fill("10")
    question.get_by_test_id("confirm").click()
    expect(fact).to_have_attribute("data-resolved", "true")
    expect(fact).to_contain_text("$10.00 in credits granted")
    expect(fact).to_contain_text(re.compile(r"finance:.*They wrote to us\."))
    assert customer.available() == "10.00"


def test_a_payment_in_manual_review_is_dismissed_with_a_reason(finance_page, sandbox):
    stranger = f"cus_{uuid.uuid4().hex[:14]}"
    invoice = sandbox.post("subscriptions", {"customer": stranger, "amountCents": 1_000, "metadata": {}})["invoice"]
    fact = finance_page.locator(f'[data-object="{invoice["id"]}"]')
    for _ in range(20):
        if fact.count() > 0:
            break
        finance_page.wait_for_timeout(1_000)
        finance_page.click('#nav a[href="/admin/vendor-costs"]')
        finance_page.click('#nav a[href="/admin/billing"]')
    fact.get_by_role("button", name="Dismiss").click()
    question = finance_page.get_by_role("dialog")
    question.get_by_label("Reason").fill("Refunded at Stripe.")
    question.get_by_test_id("confirm").click()
    expect(fact).to_contain_text("Dismissed")
    expect(fact.get_by_role("button")).to_have_count(0)


def upload(page, text: str) -> None:
    """Chooses a file and presses the button; the question stands then."""
    file = {"name": "opening.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.set_input_files("#opening-file", files=[file])
    page.click("#import-balances")
