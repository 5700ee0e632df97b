"""Bad input at the gateway: who may call what, whose ids they see, and what is refused with which problem."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from infra.local import settings
from tests.demo import reports
from tests.demo.client import Problem
from tests.demo.customer import Contacts, Customer, new_key
from tests.end_to_end.conftest import Organizations, Stack

# Every route that wants a signed-in caller
ROUTES = [
    ("POST", "/api/stripe/purchase-credits"),
    ("GET", "/api/credits"),
    ("GET", "/api/credits/transactions"),
    ("GET", "/api/credits/orders"),
    ("GET", "/api/credits/orders/ord_x/receipt"),
    ("POST", "/api/stripe/portal"),
    ("GET", "/api/credits/auto-top-up"),
    ("PUT", "/api/credits/auto-top-up"),
    ("GET", "/api/credits/alerts"),
    ("PUT", "/api/credits/alerts"),
    ("POST", "/api/credits/refunds"),
    ("GET", "/api/admin/refunds"),
    ("POST", "/api/admin/refunds/rfd_x"),
    ("GET", "/api/admin/quarantine"),
    ("POST", "/api/admin/quarantine"),
    ("POST", "/api/admin/credits/adjustments"),
    ("POST", "/api/admin/credits/opening-balances"),
    ("POST", "/api/audience/count"),
    ("POST", "/api/audience/purchase"),
    ("GET", "/api/audience/purchases/pur_x"),
    ("POST", "/api/campaigns"),
    ("POST", "/api/campaigns/cmp_x/print"),
    ("GET", "/api/campaigns/cmp_x/print"),
    ("GET", "/api/admin/vendor-costs"),
    ("POST", "/api/admin/vendor-costs/report"),
]


@dataclass(frozen=True)
class Mailing:
    """An organization with something in every place: a purchase, its list, a campaign with artwork, one without."""

    owner: Customer
    purchase_id: str
    recipient_list: str
    campaign: str
    bare_campaign: str


@pytest.fixture(scope="module")
def mailing(stack: Stack) -> Any:
    """One for all tests here; none of them may change it."""
    organizations = Organizations(stack)
    owner = organizations.new("Gateway Dental", credits="50.00")
    purchase = owner.buy_contacts("Georgia", {"states": ["GA"]}, 60)
    recipient_list = owner.receive_contacts([purchase])[0]
    campaign = owner.create_campaign("With artwork", recipient_list, 30, owner.artwork())
    bare = owner.create_campaign("Without artwork", recipient_list, 2, None)
    yield Mailing(owner, purchase.purchase_id, recipient_list, campaign, bare)
    assert owner.credits()["available"] == "29.00", "a refused request moved credits"
    organizations.verify()


def problem_of(response: requests.Response) -> dict[str, Any]:
    """A refusal's problem+json (RFC 9457)."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    body: dict[str, Any] = response.json()
    assert body["status"] == response.status_code
    assert body["type"].endswith(body["code"])
    assert body["title"] and body["detail"] and body["requestId"]
    return body


def check(response: requests.Response, status: int, code: str) -> dict[str, Any]:
    """The response is this refusal."""
    assert response.status_code == status, response.text
    body = problem_of(response)
    assert body["code"] == code
    return body


# Who calls


def tampered(token: str) -> str:
    """The token with another organization in it; its signature no longer fits."""
    header, payload, signature = token.split(".")
    content = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    content["custom:organization_id"] = "org_cedar"
    changed = base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
    return f"{header}.{changed}.{signature}"


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_token_is_401(mailing: Mailing, method: str, path: str) -> None:
    client = mailing.owner.client
    assert client.send(method, path, headers={"Authorization": None}).status_code == 401


@pytest.mark.parametrize("kind", ["access", "tampered", "not a token", "empty"])
def test_only_an_id_token_with_its_signature_is_taken(mailing: Mailing, kind: str) -> None:
    client = mailing.owner.client
    token = client.token()
    tokens = {"access": client.access_token, "tampered": tampered(token), "not a token": "abc", "empty": ""}
    answer = client.send("GET", "/api/credits", headers={"Authorization": f"Bearer {tokens[kind]}"})
    assert answer.status_code == 401, answer.text
    assert "available" not in answer.text


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if "/admin/" in route[1]])
def test_a_customer_on_a_finance_page_is_403(mailing: Mailing, method: str, path: str) -> None:
    check(mailing.owner.client.send(method, path, {} if method == "POST" else None), 403, "forbidden")


def test_finance_cannot_spend_an_organizations_credits(finance: reports.Finance) -> None:
    body = {"filters": {}, "maxContacts": 1, "audienceName": "x"}
    check(finance.client.send("POST", "/api/audience/purchase", body, key=new_key()), 403, "forbidden")


def test_somebody_without_a_role_reads_and_does_not_spend(organizations: Organizations) -> None:
    owner = organizations.new()
    member = organizations.member(owner)
    assert member.call("GET", "/api/credits")["available"] == "0.00"
    check(member.send("POST", "/api/stripe/purchase-credits", {"amount": 50}), 403, "forbidden")
    body = {"filters": {}, "maxContacts": 1, "audienceName": "x"}
    check(member.send("POST", "/api/audience/purchase", body, key=new_key()), 403, "forbidden")


# What an owner alone may set or ask for
OWNERS_ONLY: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/api/stripe/portal", {}),
    ("PUT", "/api/credits/auto-top-up", {"enabled": True, "threshold": 50, "target": 100, "monthlyCap": 100}),
    ("PUT", "/api/credits/alerts", {"levels": [50]}),
    ("POST", "/api/credits/refunds", {"orderId": "ord_x", "reason": "Unused."}),
]


def test_somebody_without_a_role_and_finance_read_and_set_nothing(
    organizations: Organizations, finance: reports.Finance
) -> None:
    member = organizations.member(organizations.new())
    for method, path, body in OWNERS_ONLY:
        for client in (member, finance.client):
            check(client.send(method, path, body, key=new_key()), 403, "forbidden")
    for path in ("/api/credits/orders", "/api/credits/auto-top-up", "/api/credits/alerts"):
        assert member.send("GET", path).status_code == 200, path


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_the_web_application_may_call_from_its_own_origin(stack: Stack, method: str) -> None:
    headers = {
        "Origin": settings.PARAMETERS["AllowedOrigin"],
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    answer = requests.options(f"{stack.api_url}/api/credits/alerts", headers=headers, timeout=30)
    assert answer.status_code in (200, 204), answer.text
    assert answer.headers["access-control-allow-origin"] == settings.PARAMETERS["AllowedOrigin"]
    assert method in answer.headers["access-control-allow-methods"].split(",")


def test_an_organization_named_in_a_body_is_not_taken(organizations: Organizations) -> None:
    body = {"amount": 50, "organizationId": "org_cedar"}
    check(organizations.new().client.send("POST", "/api/stripe/purchase-credits", body), 400, "invalid_body")


# Whose ids


@pytest.mark.parametrize("whose", ["another organization's", "missing"])
@pytest.mark.parametrize("what", ["purchase", "progress", "print", "list"])
def test_another_organizations_id_is_404_as_a_missing_one(
    mailing: Mailing, organizations: Organizations, what: str, whose: str
) -> None:
    client = organizations.new("Somebody else").client
    other = whose != "missing"
    purchase, campaign, recipients = (
        (mailing.purchase_id, mailing.campaign, mailing.recipient_list)
        if other
        else (changed(mailing.purchase_id), changed(mailing.campaign), changed(mailing.recipient_list))
    )
    new_campaign = {"name": "x", "recipientListId": recipients, "size": "6x4", "artwork": {"kind": "pdf"}}
    answers = {
        "purchase": lambda: client.send("GET", f"/api/audience/purchases/{purchase}"),
        "progress": lambda: client.send("GET", f"/api/campaigns/{campaign}/print"),
        "print": lambda: client.send("POST", f"/api/campaigns/{campaign}/print", {}, key=new_key()),
        "list": lambda: client.send("POST", "/api/campaigns", new_campaign, key=new_key()),
    }
    check(answers[what](), 404, "not_found")


def changed(identifier: str) -> str:
    """An id of the same form that nobody has."""
    return identifier[:-4] + ("0000" if identifier[-4:] != "0000" else "1111")


# What is asked


@pytest.mark.parametrize(
    "amount", ["9.99", "10000.01", '"abc"', "1e3", "-50", "50.001", "null", '"1e3"', '"50,00"', '" 50"', "[50]", "true"]
)
def test_amounts_that_cannot_be_bought_are_400(mailing: Mailing, amount: str) -> None:
    raw = f'{{"amount": {amount}}}'
    answer = mailing.owner.client.send("POST", "/api/stripe/purchase-credits", raw=raw, key=new_key())
    assert answer.status_code == 400, answer.text
    assert problem_of(answer)["code"] in ("invalid_amount", "amount_out_of_bounds")


@pytest.mark.parametrize("raw", ["", "{", "[]", "null", '{"amount": 50, "price": 1}'])
def test_a_body_that_is_not_the_requests_is_400(mailing: Mailing, raw: str) -> None:
    answer = mailing.owner.client.send("POST", "/api/stripe/purchase-credits", raw=raw, key=new_key())
    check(answer, 400, "invalid_body")


@pytest.mark.parametrize(
    "filters",
    [
        {"shoeSize": 43},
        {"person_id": "1"},
        {"states": ["Florida"]},
        {"states": []},
        {"age": {"min": 50, "max": 40}},
        [],
    ],
)
@pytest.mark.parametrize("path", ["/api/audience/count", "/api/audience/purchase"])
def test_an_unknown_filter_is_400(mailing: Mailing, path: str, filters: Any) -> None:
    check(ask_for_contacts(mailing.owner, path, filters, 10), 400, "invalid_filters")


@pytest.mark.parametrize("contacts", [0, -1, 100_001])
@pytest.mark.parametrize("path", ["/api/audience/count", "/api/audience/purchase"])
def test_0_and_100_001_contacts_are_400(mailing: Mailing, path: str, contacts: int) -> None:
    check(ask_for_contacts(mailing.owner, path, {}, contacts), 400, "invalid_max_contacts")


def ask_for_contacts(owner: Customer, path: str, filters: Any, contacts: int) -> requests.Response:
    """Counts or buys contacts, whatever it answers."""
    body: dict[str, Any] = {"filters": filters, "maxContacts": contacts}
    if path.endswith("purchase"):
        body["audienceName"] = "x"
    return owner.client.send("POST", path, body, key=new_key())


def test_1_and_100_000_contacts_are_quoted(mailing: Mailing) -> None:
    quotes = [mailing.owner.quote({}, contacts)["quote"] for contacts in (1, 100_000)]
    assert [(quote["contacts"], quote["unitPrice"], quote["total"]) for quote in quotes] == [
        (1, "0.35", "0.35"),
        (100_000, "0.18", "18000.00"),
    ]
    assert (quotes[0]["shortfall"], quotes[0]["suggestedPackage"]) == ("0.00", None)
    lacking = [quotes[1][name] for name in ("shortfall", "suggestedPackage", "purchases")]
    assert lacking == ["17971.00", "10000.00", 2]


def test_a_campaign_without_artwork_is_refused(mailing: Mailing) -> None:
    client = mailing.owner.client
    body = {"name": "x", "recipientListId": mailing.recipient_list, "size": "6x4"}
    check(client.send("POST", "/api/campaigns", body, key=new_key()), 400, "invalid_body")
    # created, but nothing uploaded: refused when it is printed, before anything is held
    answer = client.send("POST", f"/api/campaigns/{mailing.bare_campaign}/print", {}, key=new_key())
    assert check(answer, 409, "artwork_missing")["piecesWithoutArtwork"] == 2


def test_a_print_with_too_few_credits_is_402_with_what_lacks(mailing: Mailing) -> None:
    path = f"/api/campaigns/{mailing.campaign}/print"
    refusal = check(mailing.owner.client.send("POST", path, {}, key=new_key()), 402, "insufficient_credits")
    figures = [refusal[name] for name in ("required", "available", "shortfall", "suggestedPackage", "buyUrl")]
    assert figures == ["30.00", "29.00", "1.00", "50.00", "/settings"]


def test_artwork_goes_where_the_policy_says_and_nowhere_else(mailing: Mailing) -> None:
    owner = mailing.owner
    body = {
        "name": "Elsewhere",
        "recipientListId": mailing.recipient_list,
        "size": "6x4",
        "artwork": {"kind": "pdf"},
    }
    upload = owner.client.call("POST", "/api/campaigns", body, key=new_key())["upload"]
    assert owner.credits()["organizationId"] in upload["prefix"]
    elsewhere = upload["prefix"].replace(owner.credits()["organizationId"], "org_cedar")
    fields = {**upload["fields"], "key": f"{elsewhere}artwork.pdf"}
    file = ("artwork.pdf", owner.artwork(), "application/pdf")
    assert owner.client.outside("POST", upload["url"], data=fields, files={"file": file}).status_code == 403


# Idempotency-Key


def test_spending_needs_an_idempotency_key(mailing: Mailing) -> None:
    client = mailing.owner.client
    body = {"filters": {}, "maxContacts": 1, "audienceName": "x"}
    check(client.send("POST", "/api/audience/purchase", body), 400, "idempotency_key_missing")
    check(client.send("POST", f"/api/campaigns/{mailing.campaign}/print", {}), 400, "idempotency_key_missing")


def test_refunds_and_adjustments_need_an_idempotency_key(mailing: Mailing, finance: reports.Finance) -> None:
    refund = {"orderId": "ord_x", "reason": "Unused."}
    check(mailing.owner.client.send("POST", "/api/credits/refunds", refund), 400, "idempotency_key_missing")
    adjustment = {"organizationId": "org_x", "amount": 5, "reason": "Goodwill."}
    answer = finance.client.send("POST", "/api/admin/credits/adjustments", adjustment)
    check(answer, 400, "idempotency_key_missing")


@pytest.mark.parametrize("key", ["", "é", "x" * 256])
def test_a_key_is_1_to_255_printable_ascii_characters(mailing: Mailing, key: str) -> None:
    body = {"filters": {}, "maxContacts": 1, "audienceName": "x"}
    headers: dict[str, str | None] = {"Idempotency-Key": key.encode().decode("latin-1")}
    answer = mailing.owner.client.send("POST", "/api/audience/purchase", body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert problem_of(answer)["code"] in ("idempotency_key_invalid", "idempotency_key_missing")


def test_the_same_purchase_again_is_answered_alike_and_another_under_its_key_is_422(
    organizations: Organizations,
) -> None:
    owner, key = organizations.new(credits="10.00"), "k" * 255
    body = {"filters": {"states": ["WA"]}, "maxContacts": 5, "audienceName": "Five"}
    first = owner.client.send("POST", "/api/audience/purchase", body, key=key)
    assert first.status_code == 202
    assert "idempotency-hit" not in first.headers
    owner.receive_contacts([Contacts(first.json()["purchaseId"], 5)])
    again = owner.client.send("POST", "/api/audience/purchase", body, key=key)
    assert (again.status_code, again.json(), again.headers["idempotency-hit"]) == (202, first.json(), "true")
    other = owner.client.send("POST", "/api/audience/purchase", {**body, "maxContacts": 6}, key=key)
    check(other, 422, "idempotency_key_reused")
    assert owner.credits()["available"] == "8.25"
    # another organization's keys are its own
    somebody = organizations.new("Somebody else", credits="10.00")
    theirs = somebody.client.call("POST", "/api/audience/purchase", body, key=key)
    assert theirs["purchaseId"] != first.json()["purchaseId"]
    somebody.receive_contacts([Contacts(theirs["purchaseId"], 5)])


def test_the_same_print_again_is_answered_alike_and_prints_once(organizations: Organizations) -> None:
    owner, key = organizations.new(credits="20.00"), new_key()
    lists = owner.receive_contacts([owner.buy_contacts("Maine", {"states": ["ME"]}, 5)])
    campaign = owner.create_campaign("Five", lists[0], 5, owner.artwork())
    path = f"/api/campaigns/{campaign}/print"
    first = owner.client.send("POST", path, {}, key=key)
    again = owner.client.send("POST", path, {"environment": "live"}, key=key)
    assert (again.status_code, again.json(), again.headers["idempotency-hit"]) == (202, first.json(), "true")
    check(owner.client.send("POST", path, {"environment": "test"}, key=key), 422, "idempotency_key_reused")
    check(owner.client.send("POST", path, {}, key=new_key()), 409, "print_job_exists")
    owner.await_prints([first.json()])
    assert owner.credits()["available"] == "13.25"


def test_the_same_order_of_credits_again_is_the_same_payment_page(organizations: Organizations) -> None:
    owner, key = organizations.new(), new_key()
    path = "/api/stripe/purchase-credits"
    first = owner.client.call("POST", path, {"amount": "50.00"}, key=key)
    assert owner.client.call("POST", path, {"amount": "50.00"}, key=key) == first
    with pytest.raises(Problem) as refused:
        owner.client.call("POST", path, {"amount": "60.00"}, key=key)
    assert (refused.value.status, refused.value.code) == (422, "idempotency_key_reused")
