"""Spending credits in the console: an audience, its price, too few credits, a campaign and its postcards."""

from __future__ import annotations

from playwright.sync_api import Page, expect

# The least that can be called a PDF: what the printer's sandbox reads is its beginning.
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"


def ask_for(page: Page, contacts: int) -> None:
    """Fills the form of an audience and asks for its price."""
    page.fill("#states", "CA, NV")
    page.fill("#max-contacts", str(contacts))
    page.fill("#audience-name", "Western homes")
    page.click("#count")
    expect(page.locator("#quote")).to_contain_text("Total")


def test_insufficient_credits_offers_the_package_that_covers_it(customer, sign_in):
    customer.buy("49.00")
    page = sign_in(customer.person, "/audience")
    ask_for(page, 200)
    expect(page.locator("#quote")).to_contain_text("$70.00")
    page.click("#buy-contacts")

    offer = page.locator("#insufficient-credits")
    expect(offer).to_contain_text("This costs $70.00 and you have $49.00. You need $21.00 more.")
    buy = offer.get_by_test_id("buy-suggested")
    expect(buy).to_have_text("Buy $50 in credits")
    with page.expect_popup() as opened:
        buy.click()
    opened.value.click("#pay")

    expect(page.locator("#header-balance")).to_have_text("$99.00")
    expect(offer).to_have_count(0)
    assert customer.get("/api/credits")["held"] == "0.00"


def test_an_owner_buys_a_list_and_mails_postcards_to_it(customer, sign_in):
    customer.buy("50.00")
    page = sign_in(customer.person, "/audience")
    ask_for(page, 20)
    page.click("#buy-contacts")
    expect(page.locator("#purchase-progress")).to_have_attribute("data-status", "completed")
    expect(page.locator("#purchase-progress")).to_contain_text("20 of 20")
    expect(page.locator("#header-balance")).to_have_text("$43.00")

    page.click("#to-campaign")
    page.fill("#campaign-name", "Spring open house")
    artwork = {"name": "any name.pdf", "mimeType": "application/pdf", "buffer": PDF}
    page.set_input_files("#artwork-file", files=[artwork])
    page.click("#create-campaign")
    page.click("#print")
    expect(page.locator("#print-progress")).to_have_attribute("data-status", "completed", timeout=60_000)
    expect(page.locator("#print-progress")).to_contain_text("20 of 20")
    expect(page.locator("#header-balance")).to_have_text("$23.00")
    expect(page.locator("#print")).to_be_hidden()
    assert customer.available() == "23.00"


def test_filters_that_cannot_be_are_said_beside_their_fields(customer, sign_in):
    page = sign_in(customer.person, "/audience")
    page.fill("#states", "California")
    page.fill("#zips", "9411")
    page.fill("#age-min", "60")
    page.fill("#age-max", "40")
    page.fill("#max-contacts", "100001")
    page.click("#count")
    expect(page.locator("#states-error")).to_contain_text("two letters")
    expect(page.locator("#zips-error")).to_contain_text("five digits")
    expect(page.locator("#age-error")).to_contain_text("the lower one first")
    expect(page.locator("#max-contacts-error")).to_have_text("Enter a number from 1 to 100,000.")
    expect(page.locator("#states")).to_be_focused()


def test_a_campaign_that_is_used_up_offers_no_second_print(customer, sign_in):
    page = sign_in(customer.person)
    job = {"status": "completed", "environment": "live", "pieces": 3, "accepted": 3, "failed": 0, "notSent": 0,
           "unknown": 0, "held": "3.00", "charged": "3.00", "released": "0.00", "startedAt": "2026-11-24T10:00:00.000Z",
           "finishedAt": "2026-11-24T10:01:00.000Z"}  # fmt: skip
    show_job(page, job)
    expect(page.locator("#print-progress")).to_have_attribute("data-status", "completed")
    expect(page.locator("#print")).to_be_hidden()
    expect(page.locator("#print-summary")).to_contain_text("A campaign is mailed once.")


def test_a_job_that_failed_says_why_and_whether_it_can_be_printed_again(customer, sign_in):
    page = sign_in(customer.person)
    job = {"status": "failed", "environment": "live", "pieces": 3, "accepted": 0, "failed": 3, "notSent": 0,
           "unknown": 0, "held": "3.00", "charged": "0.00", "released": "3.00", "startedAt": "2026-11-24T10:00:00.000Z",
           "finishedAt": "2026-11-24T10:01:00.000Z"}  # fmt: skip
    show_job(page, job)
    expect(page.locator("#print-progress")).to_contain_text("The printer refused or failed to print 3.")
    expect(page.locator("#print")).to_be_hidden()

    show_job(page, {**job, "failed": 0, "notSent": 3, "startedAt": None, "reason": "artwork_missing"})
    expect(page.locator("#print-progress")).to_contain_text("Artwork was missing")
    expect(page.locator("#print")).to_be_visible()


def test_an_address_that_is_no_campaign_says_so_and_shows_no_form(customer, sign_in):
    page = sign_in(customer.person, "/campaigns/x")
    expect(page.get_by_role("heading", name="There is no such campaign")).to_be_visible()
    expect(page.locator("#campaign-form")).to_be_hidden()
    expect(page.locator("#print")).to_be_hidden()


def show_job(page: Page, job: dict[str, object]) -> None:
    """Opens a campaign whose job has the given status."""
    page.unroute("**/api/campaigns/**")
    page.route("**/api/campaigns/**", lambda route: route.fulfill(json=job))
    page.evaluate("history.pushState(null, '', '/campaigns/cmp_0123456789abcdef0123456789')")
    page.evaluate("window.dispatchEvent(new PopStateEvent('popstate'))")
