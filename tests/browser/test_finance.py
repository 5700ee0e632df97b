"""The vendor-cost page: finance sees it, customers do not."""

from __future__ import annotations

import re

from playwright.sync_api import expect


def test_finance_sees_both_vendors_month_by_month_and_produces_a_report(finance, sign_in, screenshot):
    page = sign_in(finance, "/")
    expect(page).to_have_url(re.compile(r"/admin/vendor-costs$"))
    expect(page.locator("#vendor-costs tbody tr")).to_have_count(12)
    for name in ("Revenue", "Vendor cost", "Gross profit", "Margin"):
        expect(page.locator("#month-figures")).to_contain_text(name)
    expect(page.locator("#chart svg rect").first).to_be_attached()
    page.select_option("#months", "3")
    expect(page.locator("#vendor-costs tbody tr")).to_have_count(3)
    page.click("#produce-report")
    expect(page.locator("#report-status")).to_contain_text("is ready")
    screenshot("vendor-costs")


def test_a_customer_finds_no_vendor_costs(customer, sign_in):
    page = sign_in(customer.person, "/admin/vendor-costs")
    expect(page.get_by_role("link", name="Vendor costs")).to_have_count(0)
    expect(page.locator("#costs-problem")).to_contain_text("Not allowed")
    expect(page.locator("#vendor-costs tbody tr")).to_have_count(0)
