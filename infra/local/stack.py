"""What other programs know of a running stack: .local/stack.json, and fresh tokens."""

from __future__ import annotations

import json
from typing import Any

from infra.local import cloud, settings
from infra.local.lock import running


class NotRunning(Exception):
    """There is no stack to ask."""


def state() -> dict[str, Any]:
    """The running stack's addresses, resources and users; NotRunning when none runs."""
    if running() is None or not settings.STATE_FILE.exists():
        raise NotRunning("no stack runs here; start one with `make run`")
    return json.loads(settings.STATE_FILE.read_text())


def write(content: dict[str, Any]) -> None:
    """Publishes the stack: whoever sees the file sees all of it."""
    part = settings.STATE_FILE.with_suffix(".part")
    part.write_text(json.dumps(content, indent=2) + "\n")
    part.chmod(0o600)
    part.rename(settings.STATE_FILE)


def token(email: str, password: str = settings.PASSWORD, client_id: str | None = None) -> str:
    """A new id token (60 minutes) of the person `email`. Those in stack.json are as old as the stack."""
    answer = cloud.client("cognito-idp").initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client_id or state()["userPoolClientId"],
        AuthParameters={"USERNAME": email, "PASSWORD": password},
    )
    return answer["AuthenticationResult"]["IdToken"]
