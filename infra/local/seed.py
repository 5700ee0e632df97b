"""Puts into a fresh stack what a person needs to use it: sign-ins, and the webhook endpoint at the sandbox."""

from __future__ import annotations

import json
import re
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from infra.local import cloud, settings, stack


def users(outputs: dict[str, str]) -> list[dict[str, Any]]:
    """Creates the demo people in the user pool and signs each in; answers them as stack.json lists them."""
    pool, client_id = outputs["UserPoolId"], outputs["UserPoolClientId"]
    identity = cloud.client("cognito-idp")

    def create(user: settings.User) -> dict[str, Any]:
        attributes = {
            "email": user.email,
            "email_verified": "true",
            "name": user.organization_name,
            "custom:organization_id": user.organization_id,
            "custom:role": user.role,
        }
        identity.admin_create_user(
            UserPoolId=pool,
            Username=user.email,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        )
        identity.admin_set_user_password(
            UserPoolId=pool, Username=user.email, Password=settings.PASSWORD, Permanent=True
        )
        return {
            "email": user.email,
            "password": settings.PASSWORD,
            **{_camel(name): value for name, value in asdict(user).items() if name != "email"},
            "token": stack.token(user.email, client_id=client_id),
        }

    with ThreadPoolExecutor(len(settings.USERS)) as pool_of_threads:
        return list(pool_of_threads.map(create, settings.USERS))


def event_types() -> list[str]:
    """The types of Stripe's events that the webhook reads, as its source lists them."""
    return re.findall(r'^    "([a-z_.]+)" => ', settings.STRIPE_EVENTS.read_text(), re.MULTILINE)


def webhook() -> None:
    """Tells the Stripe sandbox where its signed webhooks go, and which: those of docs/operations.md, as at Stripe."""
    endpoint = {
        "url": f"{settings.API_URL}/api/stripe/webhook",
        "secret": settings.WEBHOOK_SECRET,
        "events": event_types(),
    }
    body = json.dumps(endpoint)
    request = urllib.request.Request(
        f"{settings.SANDBOX_URL}/sandbox/stripe/webhook-endpoint",
        data=body.encode(),
        headers={"content-type": "application/json"},
        method="POST",
    )
    urllib.request.urlopen(request, timeout=10).close()


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.title() for word in rest)
