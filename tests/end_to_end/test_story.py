"""The November story in small numbers: one organization, 60 contacts, 30 postcards, and finance's figures of it."""

from __future__ import annotations

from decimal import Decimal

from tests.demo import figures, reports
from tests.demo.figures import Figures, Vendor
from tests.end_to_end.conftest import Organizations, Sandbox

# 60 contacts are of the first tier: the user pays 0.35, the vendor charges 0.18; a postcard is 1.00 and 0.85.
CONTACTS = Vendor(1, 60, Decimal("10.80"), Decimal("21.00"))
POSTCARDS = Vendor(1, 30, Decimal("25.50"), Decimal("30.00"))


def test_an_organization_buys_credits_contacts_and_postcards_and_finance_sees_it_to_the_cent(
    organizations: Organizations, finance: reports.Finance, sandbox: Sandbox
) -> None:
    # GIVEN what finance and the vendors have so far
    before, counted_before = finance.figures(), sandbox.counters()
    owner = organizations.new("Elm Dental", credits="100.00")
    organization = owner.credits()["organizationId"]

    # WHEN the organization spends 21.00 on contacts and 30.00 on postcards
    lists = owner.receive_contacts([owner.buy_contacts("Tampa", {"states": ["FL"], "age": {"min": 30}}, 60)])
    campaign = owner.create_campaign("Open house", lists[0], 30, owner.artwork())
    job = owner.await_prints([owner.place_print(campaign)])[0]

    # THEN its account, its statement, the vendors and finance agree
    account = owner.credits()
    assert (account["available"], account["held"], account["totalCreditsSpent"]) == ("49.00", "0.00", "51.00")
    assert (job["accepted"], job["charged"], job["released"]) == (30, "30.00", "0.00")
    kinds = [(item["transactionType"], item["amount"]) for item in reversed(owner.transactions())]
    assert kinds == [
        ("purchase", "100.00"),
        ("hold", "-21.00"),
        ("charge", "-21.00"),
        ("hold", "-30.00"),
        ("charge", "-30.00"),
    ]
    counted = sandbox.counters()
    assert counted["dataAxle"]["contactsDelivered"] - counted_before["dataAxle"]["contactsDelivered"] == 60
    assert counted["postgrid"]["cardsCreated"] - counted_before["postgrid"]["cardsCreated"] == 30
    assert counted["postgrid"]["cardsPerPieceMax"] == 1
    added = figures.difference(before, finance.figures())
    assert added == Figures(CONTACTS, POSTCARDS, {organization: (CONTACTS, POSTCARDS)})


def test_the_owner_downloads_the_contacts_as_csv(organizations: Organizations) -> None:
    owner = organizations.new(credits="10.00")
    purchase = owner.buy_contacts("Ten in Texas", {"states": ["TX"]}, 10)
    owner.receive_contacts([purchase])
    path = f"/api/audience/purchases/{purchase.purchase_id}"
    file = owner.client.outside("GET", owner.client.call("GET", path)["download"])
    # it begins with the byte order mark that spreadsheets on Windows need
    assert file.content.startswith(b"\xef\xbb\xbf")
    lines = file.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "person_id,first_name,last_name,address_line_1,city,state,postal_code"
    assert len(lines) == 11
    assert len({line.split(",")[0] for line in lines[1:]}) == 10
    # people's addresses are for the owner alone
    assert organizations.member(owner).call("GET", path)["download"] is None


def test_a_report_is_produced_on_demand_and_its_files_say_the_same(finance: reports.Finance) -> None:
    for name, month in finance.months().items():
        report = finance.report(name)
        assert reports.report_faults(report, finance.fetch(report), month) == []
