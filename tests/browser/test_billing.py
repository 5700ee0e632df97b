"""What an owner bought, in the console: orders and their payment, receipts, the portal, the subscription, refunds."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


# The user pool answers at the root of its host; the console has an address of its own.
USER_POOL = re.compile(r"^http://127\.0\.0\.1:\d+/$")


def newest_order(page: Page) -> Locator:
    """The first row of the orders."""
    return page.locator("#orders tbody tr").first


def order_and(page: Page, package: str, button: str) -> None:
    """Orders a package and presses a button of the payment page."""
    with page.expect_popup() as opened:
        page.click(f'[data-package="{package}"]')
    opened.value.click(button)


# Orders


def test_a_payment_that_takes_days_is_shown_until_the_money_is_there(customer, sign_in, sandbox):
    page = sign_in(customer.person)
    order_and(page, "100", "#pay-later")
    order = newest_order(page)
    expect(order).to_have_attribute("data-status", "processing")
    expect(order).to_contain_text("The bank is working on it")
    expect(page.locator("#purchase-status")).to_contain_text("as soon as the money arrives")
    assert customer.available() == "0.00"

    session = sandbox.session(customer.person.organization)["id"]
    sandbox.post(f"sessions/{session}/complete-delayed", {"succeed": True})
    expect(order).to_have_attribute("data-status", "paid", timeout=60_000)
    expect(order).to_contain_text("Paid.")
    expect(page.locator("#header-balance")).to_have_text("$100.00")


def test_a_payment_that_the_bank_refuses_is_failed_and_adds_nothing(customer, sign_in, sandbox):
    page = sign_in(customer.person)
    order_and(page, "100", "#pay-later")
    expect(newest_order(page)).to_have_attribute("data-status", "processing")

    session = sandbox.session(customer.person.organization)["id"]
    sandbox.post(f"sessions/{session}/complete-delayed", {"succeed": False})
    expect(newest_order(page)).to_have_attribute("data-status", "failed", timeout=60_000)
    expect(newest_order(page)).to_contain_text("Failed: the payment was not completed. Nothing was charged")
    expect(page.locator("#balance-available")).to_have_text("$0.00")
    assert customer.available() == "0.00"


def test_an_order_that_was_left_can_be_paid_from_the_list(customer, sign_in):
    page = sign_in(customer.person)
    order_and(page, "50", "#cancel")
    order = newest_order(page)
    expect(order).to_contain_text("Not paid yet.")
    with page.expect_popup() as opened:
        order.get_by_role("link", name="Pay now").click()
    opened.value.click("#pay")

    expect(order).to_have_attribute("data-status", "paid", timeout=60_000)
    expect(order.get_by_role("link", name="Pay now")).to_have_count(0)
    expect(page.locator("#header-balance")).to_have_text("$50.00")


def test_a_payment_page_that_nobody_paid_expires(customer, sign_in, sandbox):
    page = sign_in(customer.person)
    order_and(page, "50", "#cancel")
    expect(newest_order(page)).to_contain_text("Not paid yet.")
    sandbox.post(f"sessions/{sandbox.session(customer.person.organization)['id']}/expire")
    expect(newest_order(page)).to_have_attribute("data-status", "expired", timeout=60_000)
    expect(newest_order(page)).to_contain_text("Expired: it was not paid in time.")
    expect(newest_order(page).get_by_role("link")).to_have_count(0)


# Pages of Stripe's


def test_the_receipt_of_an_order_opens_in_a_tab_of_its_own(customer, sign_in):
    customer.buy("50.00")
    page = sign_in(customer.person)
    with page.expect_popup() as opened:
        newest_order(page).get_by_role("button", name="Receipt").click()
    expect(opened.value).to_have_url(re.compile(r"/receipts/"))
    expect(opened.value.locator("body")).to_contain_text("$50.00")
    expect(page.locator("#orders-action")).to_be_empty()
    expect(page.locator("#nav")).to_be_visible()


def test_card_and_subscription_are_managed_at_stripe_once_there_is_something(customer, sign_in):
    page = sign_in(customer.person)
    page.click("#open-portal")
    expect(page.locator("#portal-problem")).to_contain_text("There is nothing at Stripe yet")

    customer.buy("50.00")
    with page.expect_popup() as opened:
        page.click("#open-portal")
    expect(opened.value).to_have_url(re.compile(r"/portal/"))
    expect(page.locator("#portal-problem")).to_be_empty()


# The subscription


def test_each_invoice_says_what_it_brought_or_why_nothing(customer, sign_in, sandbox):
    customer.buy("50.00")
    owner = {
        "customer": sandbox.session(customer.person.organization)["customer"],
        "metadata": {"organization_id": customer.person.organization},
    }
    paid = sandbox.post("subscriptions", {**owner, "amountCents": 49_900})
    manual = {"billingReason": "manual", "amountCents": 500}
    extra = sandbox.post(f"subscriptions/{paid['subscription']['id']}/invoice", manual)
    page = sign_in(customer.person)

    row = page.locator(f'[data-invoice="{paid["invoice"]["id"]}"]')
    wait_shown(page, row)
    expect(row).to_contain_text("$499.00 in credits.")
    expect(row.get_by_role("link")).to_have_attribute("href", re.compile(r"/receipts/"))
    other = page.locator(f'[data-invoice="{extra["invoice"]["id"]}"]')
    wait_shown(page, other)
    expect(other).to_contain_text("Nothing: an invoice made by hand pays for no credits.")


def test_a_subscription_that_is_past_due_says_what_to_do(customer, sign_in, sandbox):
    customer.buy("50.00")
    owner = {
        "customer": sandbox.session(customer.person.organization)["customer"],
        "metadata": {"organization_id": customer.person.organization},
    }
    subscription = sandbox.post("subscriptions", {**owner, "amountCents": 9_900})["subscription"]["id"]
    cycled = sandbox.post(f"subscriptions/{subscription}/cycle", {"amountCents": 9_900, "fail": True})
    page = sign_in(customer.person)

    status = page.locator("#billing-status")
    wait_shown(page, status.get_by_text("Your subscription is past due"))
    with page.expect_popup() as opened:
        status.get_by_role("button", name="Manage card and subscription at Stripe").click()
    expect(opened.value).to_have_url(re.compile(r"/portal/"))
    sandbox.post(f"invoices/{cycled['invoice']['id']}/pay")
    for _ in range(10):
        open_anew(page)
        if status.inner_text() == "":
            break
        page.wait_for_timeout(1000)
    expect(status).to_be_empty()


def test_a_disputed_payment_freezes_and_says_so(customer, sign_in, sandbox):
    customer.buy("50.00")
    payment = sandbox.session(customer.person.organization)["payment_intent"]
    sandbox.post("disputes", {"paymentIntent": payment})
    page = sign_in(customer.person)
    wait_shown(page, page.locator("#billing-status").get_by_text("Your account is frozen"))
    expect(page.locator("#billing-status")).to_contain_text("disputed at its bank")
    expect(newest_order(page)).to_contain_text("$50.00 disputed at the bank.")


# Refunds


def test_a_refund_is_asked_for_by_the_owner_and_approved_by_finance(customer, sign_in, finance_page):
    customer.buy("50.00")
    page = sign_in(customer.person)
    order = newest_order(page)
    order.get_by_role("button", name="Request a refund").click()
    form = page.get_by_role("dialog", name="Request a refund")
    expect(form.get_by_label("Amount in dollars")).to_have_value("50.00")
    form.get_by_label("Amount in dollars").fill("20")
    form.get_by_test_id("confirm").click()
    expect(form.get_by_text("Give a reason.")).to_be_visible()
    form.get_by_label("Why").fill("We closed a branch.")
    form.get_by_test_id("confirm").click()
    expect(form).to_have_count(0)
    expect(order).to_contain_text("Refund of $20.00: requested")
    assert customer.available() == "50.00"

    finance_page.click('#nav a[href="/admin/vendor-costs"]')
    finance_page.click('#nav a[href="/admin/billing"]')
    request = finance_page.locator("#refund-requests tbody tr", has_text=customer.person.organization)
    expect(request).to_contain_text("We closed a branch.")
    request.get_by_role("button", name="Approve").click()
    decision = finance_page.get_by_role("dialog", name="Refund $20.00?")
    decision.get_by_label("Reason").fill("As the contract says.")
    decision.get_by_test_id("confirm").click()
    expect(request).to_have_attribute("data-status", "refunded", timeout=60_000)
    expect(request).to_contain_text(re.compile(r"finance:.*As the contract says\."))
    expect(request.get_by_role("button")).to_have_count(0)

    open_anew(page)
    expect(order).to_contain_text("Refund of $20.00: paid back (“As the contract says.”).")
    expect(order).to_contain_text("$20.00 refunded.")
    expect(page.locator("#header-balance")).to_have_text("$30.00")
    assert customer.available() == "30.00"


def test_more_than_is_unused_is_not_asked_for_and_the_form_stays(customer, sign_in):
    customer.buy("50.00")
    customer.spend_on_contacts(20)
    page = sign_in(customer.person)
    newest_order(page).get_by_role("button", name="Request a refund").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Why").fill("All of it, please.")
    form.get_by_test_id("confirm").click()
    expect(form).to_contain_text("0.01 to 43.00")
    form.get_by_label("Amount in dollars").fill("60")
    form.get_by_test_id("confirm").click()
    expect(form).to_contain_text("At most $50.00 is left of this order.")
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    assert customer.get("/api/credits/orders")["orders"][0]["refundRequests"] == []


def test_a_refund_that_finance_declines_tells_the_owner_why(customer, sign_in, finance_page):
    customer.buy("50.00")
    order = customer.get("/api/credits/orders")["orders"][0]["orderId"]
    customer.post("/api/credits/refunds", {"orderId": order, "reason": "We changed our minds."})
    finance_page.click('#nav a[href="/admin/vendor-costs"]')
    finance_page.click('#nav a[href="/admin/billing"]')
    request = finance_page.locator(f'#refund-requests [data-order="{order}"]')
    request.get_by_role("button", name="Decline").click()
    decision = finance_page.get_by_role("dialog")
    decision.get_by_label("Reason").fill("The credits were a present.")
    decision.get_by_test_id("confirm").click()
    expect(request).to_have_attribute("data-status", "declined")

    page = sign_in(customer.person)
    expect(newest_order(page)).to_contain_text("Refund of $50.00: declined (“The credits were a present.”).")
    assert customer.available() == "50.00"


def test_a_session_that_ends_while_a_refund_is_asked_for_keeps_every_word(customer, sign_in):
    customer.buy("50.00")
    page = sign_in(customer.person)
    newest_order(page).get_by_role("button", name="Request a refund").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Why").fill("We closed a branch.")
    # The token is no longer good, and neither is the one that renews it.
    page.route("**/api/credits/refunds", lambda route: route.fulfill(status=401, json={}), times=1)
    page.route(USER_POOL, lambda route: route.fulfill(status=400, json={}), times=1)
    form.get_by_test_id("confirm").click()
    expect(page.locator("#sign-in-reason")).to_contain_text("Your session has ended")
    expect(form).to_have_count(0)
    page.fill("#password", customer.person.password)
    page.click("#sign-in")

    expect(newest_order(page)).to_contain_text("Refund of $50.00: requested")
    expect(form).to_have_count(0)
    (asked,) = customer.get("/api/credits/orders")["orders"][0]["refundRequests"]
    assert (asked["amount"], asked["status"]) == ("50.00", "requested")


def test_a_member_reads_what_the_owner_decides_and_changes_nothing(customer, member, sign_in):
    customer.buy("50.00")
    page = sign_in(member)
    expect(newest_order(page)).to_contain_text("Paid.")
    expect(newest_order(page).get_by_role("button", name="Receipt")).to_be_visible()
    expect(newest_order(page).get_by_role("button", name="Request a refund")).to_have_count(0)
    for part in ("#save-top-up", "#save-alerts", "#top-up-threshold", "#alert-level-1"):
        expect(page.locator(part)).to_be_disabled()
    expect(page.locator("#top-up-members")).to_be_visible()
    for part in ("#custom-form", "#save-card", "#open-portal"):
        expect(page.locator(part)).to_be_hidden()


def open_anew(page: Page) -> None:
    """Leaves the page of credits and comes back: it reads everything again. A reload would end the session."""
    page.click('#nav a[href="/audience"]')
    page.click('#nav a[href="/settings"]')


def wait_shown(page: Page, wanted: Locator) -> None:
    """Opens the page anew until it shows what a webhook brings."""
    for _ in range(20):
        if wanted.count() > 0:
            break
        page.wait_for_timeout(1000)
        open_anew(page)
    expect(wanted).to_be_visible()
