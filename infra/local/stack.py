"""What other programs know of a running stack: .local/stack.json, and fresh tokens."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any, TextIO

from infra.local import cloud, settings


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


def running() -> int | None:
    """The process id of the stack that runs here, if one does."""
    if not settings.PID_FILE.exists():
        return None
    with settings.PID_FILE.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read() or 0) or None
    return None


def claim() -> TextIO | None:
    """Makes this process the one stack of this folder, until it ends; None when another is it."""
    Path(settings.LOCAL).mkdir(exist_ok=True)
    file = settings.PID_FILE.open("a+")
    try:
        # The lock, not the number, says that a stack lives: it goes with its process, even after a kill -9.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
