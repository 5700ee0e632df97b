"""Signing in and out: codes of an authenticator app, forgotten passwords, tokens that end with the session.

The emulator checks codes of authenticator apps as Cognito does. It does not check the code of "Forgot password?" (any
code passes), sends it nowhere, and never asks for a set-up during a sign-in: that answer is given by the test. This
stack runs without the function SignInClaims; `finance_without_role` stands for its work.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import struct
import time
import uuid

import pytest
from playwright.sync_api import expect

from infra.local import cloud

# The user pool answers at the root of its host.
COGNITO = re.compile(r"^http://127\.0\.0\.1:\d+/$")
NEW_PASSWORD = "Another-Password-2026!"
SIGN_IN_AGAIN = "Two-step sign-in is on, and you are signed out everywhere. Sign in again"


def code(key: str) -> str:
    """What an authenticator app shows for a key now (RFC 6238)."""
    digest = hmac.new(base64.b32decode(key), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 0x0F
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def wrong(right: str) -> str:
    """A code that no app shows around now: far from the right one, by its first digit."""
    return f"{(int(right[0]) + 5) % 10}{right[1:]}"


def action(request):
    """Which action of the user pool a request asks for."""
    return request.headers.get("x-amz-target", "").rpartition(".")[2]


def refuse_once(page, name, kind="TooManyRequestsException"):
    """The user pool refuses an action once, in Cognito's form."""
    left = [name]

    def refuse(route):
        if action(route.request) not in left:
            route.fallback()
            return
        left.clear()
        route.fulfill(
            status=400,
            headers={"access-control-allow-origin": "*", "content-type": "application/x-amz-json-1.1"},
            body=json.dumps({"__type": kind, "message": "Rate exceeded"}),
        )

    page.route(COGNITO, refuse)


def make_finance(state, person):
    """An administrator gives the role of finance."""
    role = [{"Name": "custom:role", "Value": "finance"}]
    pool = cloud.client("cognito-idp")
    pool.admin_update_user_attributes(UserPoolId=state["userPoolId"], Username=person.email, UserAttributes=role)


@pytest.fixture
def finance_without_role(member, page, state):
    """Finance without an authenticator app, as on AWS: the token carries no role, while the user pool knows it.

    The tokens are the emulator's own, so the role is given right after the first of them was made.
    """
    first = ["InitiateAuth"]

    def make_token(route):
        if action(route.request) not in first:
            route.fallback()
            return
        first.clear()
        answer = route.fetch()
        make_finance(state, member)
        route.fulfill(response=answer)

    page.route(COGNITO, make_token)
    return member


def set_up(page):
    """Gives the key to an authenticator app and enters its first code; the key."""
    key = page.get_by_test_id("mfa-key").inner_text()
    page.get_by_label("Code from your authenticator app").last.fill(code(key))
    page.get_by_test_id("confirm").click()
    return key


def sign_in_with_code(page, person, key):
    """The two steps of a sign-in, from an empty form."""
    page.fill("#email", person.email)
    page.fill("#password", person.password)
    page.click("#sign-in")
    page.fill("#code", code(key))
    page.click("#sign-in")
    expect(page.locator("#nav")).to_be_visible()


def can_renew(state, refresh_token):
    """Whether the user pool still gives tokens for a refresh token."""
    pool = cloud.client("cognito-idp")
    try:
        pool.initiate_auth(
            ClientId=state["userPoolClientId"],
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": refresh_token},
        )
    except pool.exceptions.NotAuthorizedException:
        return False
    return True


def past_this_second():
    """The emulator knows by whole seconds whether a token is older than a sign-out everywhere."""
    now = int(time.time())
    while int(time.time()) == now:
        time.sleep(0.05)


def signs_in(response):
    """Whether this is the user pool's answer to somebody who signs in."""
    return action(response.request) == "InitiateAuth" and response.ok


def test_a_forgotten_password_is_replaced_and_the_new_one_signs_in(customer, page):
    page.goto("/")
    page.fill("#email", customer.person.email)
    page.click("#forgot-password")
    expect(page.locator("#forgot-email")).to_have_value(customer.person.email)
    page.click("#forgot-go")
    expect(page.locator("#forgot-sent")).to_contain_text("a code is on its way")
    page.fill("#forgot-code", "654321")
    page.fill("#forgot-new-password", "short")
    page.click("#forgot-go")
    expect(page.locator("#forgot-error")).to_contain_text("too simple")
    page.fill("#forgot-new-password", NEW_PASSWORD)
    page.click("#forgot-go")
    expect(page.locator("#sign-in-reason")).to_have_text("Your password is changed. Sign in with it.")
    page.fill("#password", NEW_PASSWORD)
    page.click("#sign-in")
    expect(page.locator("#nav")).to_be_visible()


def test_forgot_password_does_not_tell_who_has_an_account(page):
    page.goto("/")
    page.click("#forgot-password")
    page.click("#forgot-go")
    expect(page.locator("#forgot-error")).to_have_text("Enter your e-mail.")
    page.fill("#forgot-email", f"{uuid.uuid4().hex}@unknown.example")
    page.click("#forgot-go")
    expect(page.locator("#forgot-sent")).to_contain_text("has an account, a code is on its way there")
    page.click("#leave-forgot")
    expect(page.locator("#sign-in-form")).to_be_visible()


def test_signing_out_revokes_the_refresh_token(customer, page, sign_in, state):
    with page.expect_response(signs_in) as answered:
        sign_in(customer.person)
    refresh_token = answered.value.json()["AuthenticationResult"]["RefreshToken"]
    assert can_renew(state, refresh_token)
    page.click("#sign-out")
    expect(page.locator("#sign-in-form")).to_be_visible()
    assert not can_renew(state, refresh_token)


def test_an_owner_turns_on_two_step_sign_in_and_is_then_asked_for_codes(customer, sign_in):
    page = sign_in(customer.person)
    expect(page.get_by_test_id("mfa-state")).to_contain_text("Off")
    page.click("#set-up-mfa")
    key = page.get_by_test_id("mfa-key").inner_text()
    account = customer.person.email.replace("@", "%40")
    link = f"otpauth://totp/DropLab%3A{account}?secret={key}&issuer=DropLab"
    expect(page.locator("dialog a")).to_have_attribute("href", link)
    page.get_by_label("Code from your authenticator app").last.fill("12 34")
    page.get_by_test_id("confirm").click()
    expect(page.locator("dialog")).to_contain_text("Enter the 6 digits")
    page.get_by_label("Code from your authenticator app").last.fill(wrong(code(key)))
    page.get_by_test_id("confirm").click()
    expect(page.locator("dialog")).to_contain_text("That code is not right")
    set_up(page)

    expect(page.locator("#sign-in-reason")).to_contain_text(SIGN_IN_AGAIN)
    page.fill("#email", customer.person.email)
    page.fill("#password", customer.person.password)
    page.click("#sign-in")
    expect(page.locator("#code")).to_be_visible()
    expect(page.locator("#password")).to_be_hidden()
    page.fill("#code", wrong(code(key)))
    page.click("#sign-in")
    expect(page.locator("#sign-in-error")).to_contain_text("That code is not right")
    page.fill("#code", code(key))
    page.click("#sign-in")
    expect(page.get_by_test_id("mfa-state")).to_contain_text("On")
    expect(page.locator("#security")).to_be_empty()


def test_finance_without_two_step_sign_in_is_led_to_its_set_up_on_every_page(new_finance, sign_in):
    page = sign_in(new_finance, "/admin/vendor-costs")
    expect(page.locator("#security")).to_contain_text("Two-step sign-in is required")
    page.get_by_role("link", name="Billing").click()
    expect(page.locator("#security")).to_contain_text("Two-step sign-in is required")
    page.get_by_test_id("require-mfa").click()
    key = set_up(page)
    expect(page.locator("#sign-in-reason")).to_contain_text(SIGN_IN_AGAIN)
    sign_in_with_code(page, new_finance, key)
    expect(page.locator("#security")).to_be_empty()


def test_finance_whose_token_has_no_role_yet_is_told_why_and_has_it_after_two_steps(
    finance_without_role, page, sign_in, state
):
    with page.expect_response(signs_in) as answered:
        sign_in(finance_without_role, "/admin/billing")
    by_password_alone = answered.value.json()["AuthenticationResult"]["RefreshToken"]
    notice = page.locator("#security")
    expect(notice).to_contain_text("Two-step sign-in is required")
    expect(notice).to_contain_text("the pages of finance are closed to you")
    expect(page.locator("#billing-sections")).to_contain_text("set up two-step sign-in")
    expect(page.get_by_role("link", name="Billing")).to_be_hidden()
    page.locator("#billing-sections").get_by_role("link", name="Credits").click()
    expect(page.get_by_test_id("mfa-state")).to_contain_text("Off")
    expect(notice).to_contain_text("Two-step sign-in is required")
    assert can_renew(state, by_password_alone)

    page.get_by_test_id("require-mfa").click()
    past_this_second()
    key = set_up(page)
    expect(page.locator("#sign-in-reason")).to_contain_text(SIGN_IN_AGAIN)
    # else it would be finance's when it is renewed, without a second step
    assert not can_renew(state, by_password_alone)
    sign_in_with_code(page, finance_without_role, key)
    expect(page.get_by_role("link", name="Billing")).to_be_visible()
    expect(page.locator("#vendor-costs")).to_be_visible()
    expect(notice).to_be_empty()


def test_sessions_that_did_not_end_after_the_set_up_are_ended_by_another_press(
    finance_without_role, page, sign_in, state
):
    refuse_once(page, "GlobalSignOut")
    with page.expect_response(signs_in) as answered:
        sign_in(finance_without_role)
    by_password_alone = answered.value.json()["AuthenticationResult"]["RefreshToken"]
    page.get_by_test_id("require-mfa").click()
    past_this_second()
    set_up(page)
    notice = page.locator("#security")
    expect(notice).to_contain_text("Two-step sign-in is on, but you are not signed out everywhere yet")
    expect(notice).to_contain_text("Wait a few minutes and try again.")
    notice.get_by_role("button", name="Sign out everywhere").click()
    expect(page.locator("#sign-in-reason")).to_contain_text(SIGN_IN_AGAIN)
    assert not can_renew(state, by_password_alone)


def test_finance_that_could_not_be_looked_up_is_told_on_the_next_page(finance_without_role, page, sign_in, state):
    refuse_once(page, "GetUser")
    with page.expect_response(lambda response: action(response.request) == "GetUser"):
        sign_in(finance_without_role, "/audience")
    expect(page.locator("#security")).to_be_empty()
    page.get_by_role("link", name="Credits", exact=True).click()
    expect(page.locator("#security")).to_contain_text("Two-step sign-in is required")


@pytest.mark.parametrize("is_signed_out", [True, False])
def test_a_role_given_during_a_session_counts_from_the_next_sign_in_with_its_own_pages(
    member, page, sign_in, state, is_signed_out
):
    sign_in(member, "/audience")
    page.fill("#states", "CA")
    make_finance(state, member)
    if is_signed_out:
        past_this_second()
        cloud.client("cognito-idp").admin_user_global_sign_out(UserPoolId=state["userPoolId"], Username=member.email)
    # The token is no longer good; one made from the refresh token, if there is any, would have the new role.
    refused = {"status": 401, "json": {"message": "Unauthorized"}}
    page.route("**/api/audience/count", lambda route: route.fulfill(**refused), times=1)
    page.click("#count")
    expect(page.locator("#sign-in-reason")).to_contain_text("Your session has ended")
    page.fill("#password", member.password)
    page.click("#sign-in")
    expect(page.get_by_role("link", name="Billing")).to_be_visible()
    expect(page.get_by_role("link", name="Audience")).to_be_hidden()
    expect(page.locator("#states")).to_have_value("")


def test_an_account_that_must_have_two_steps_sets_them_up_while_it_signs_in(customer, page):
    challenge = {"ChallengeName": "MFA_SETUP", "Session": "AYABeC1-session", "ChallengeParameters": {}}

    def ask_for_a_set_up(route):
        if action(route.request) == "InitiateAuth":
            route.fulfill(
                status=200,
                headers={"access-control-allow-origin": "*", "content-type": "application/x-amz-json-1.1"},
                body=json.dumps(challenge),
            )
        else:
            route.continue_()

    page.route(COGNITO, ask_for_a_set_up)
    page.goto("/")
    page.fill("#email", customer.person.email)
    page.fill("#password", customer.person.password)
    page.click("#sign-in")
    expect(page.locator("#mfa-secret")).not_to_be_empty()
    page.click("#start-again")
    expect(page.locator("#password")).to_be_visible()
    page.fill("#password", customer.person.password)
    page.click("#sign-in")
    expect(page.locator("#code")).to_be_visible()
    page.fill("#code", code(page.locator("#mfa-secret").inner_text()))
    page.click("#sign-in")
    expect(page.locator("#nav")).to_be_visible()
