"""Signing in and out: codes of an authenticator app, forgotten passwords, tokens that end with the session.

The emulator checks codes of authenticator apps as Cognito does. It does not check the code of "Forgot password?" (any
code passes), sends it nowhere, and never asks for a set-up during a sign-in: that answer is given by the test.
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


def code(key: str) -> str:
    """What an authenticator app shows for a key now (RFC 6238)."""
    digest = hmac.new(base64.b32decode(key), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 0x0F
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def wrong(right: str) -> str:
    """A code that no app shows around now: far from the right one, by its first digit."""
    return f"{(int(right[0]) + 5) % 10}{right[1:]}"


def signs_in(response):
    """Whether this is the user pool's answer to somebody who signs in."""
    return response.request.headers.get("x-amz-target", "").endswith(".InitiateAuth") and response.ok


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
    page.click("#sign-out")
    expect(page.locator("#sign-in-form")).to_be_visible()
    pool = cloud.client("cognito-idp")
    with pytest.raises(pool.exceptions.NotAuthorizedException):
        pool.initiate_auth(
            ClientId=state["userPoolClientId"],
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": refresh_token},
        )


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
    page.get_by_label("Code from your authenticator app").last.fill(code(key))
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("mfa-state")).to_contain_text("On")

    page.click("#sign-out")
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
    expect(page.locator("#nav")).to_be_visible()


def test_finance_without_two_step_sign_in_is_led_to_its_set_up_on_every_page(new_finance, sign_in):
    page = sign_in(new_finance, "/admin/vendor-costs")
    expect(page.locator("#security")).to_contain_text("Two-step sign-in is required")
    page.get_by_role("link", name="Billing").click()
    expect(page.locator("#security")).to_contain_text("Two-step sign-in is required")
    page.get_by_test_id("require-mfa").click()
    page.get_by_label("Code from your authenticator app").last.fill(code(page.get_by_test_id("mfa-key").inner_text()))
    page.get_by_test_id("confirm").click()
    expect(page.locator("#security")).to_be_empty()


def test_an_account_that_must_have_two_steps_sets_them_up_while_it_signs_in(customer, page):
    challenge = {"ChallengeName": "MFA_SETUP", "Session": "AYABeC1-session", "ChallengeParameters": {}}

    def ask_for_a_set_up(route):
        if route.request.headers.get("x-amz-target", "").endswith(".InitiateAuth"):
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
