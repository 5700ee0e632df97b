"""The stack that the demo plays on: the one that runs here, or one of its own that it stops again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from infra.local import run, stack
from tests.demo.client import Client

READY_SECONDS = 3600  # a first build of somebody else's `make run`


class NoStack(Exception):
    """No stack runs, and none could be started."""


@contextmanager
def a_stack() -> Iterator[dict[str, Any]]:
    """What .local/stack.json says of a running stack."""
    if stack.running() is not None:
        yield _ready()
        return
    print("No stack runs here: starting one for the demo.", flush=True)
    if run.detach() != 0:
        raise NoStack("the stack could not be started; its log is .local/logs/stack.log")
    try:
        yield stack.state()
    finally:
        run.down()


def _ready() -> dict[str, Any]:
    """Waits for a stack that is still starting."""
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            return stack.state()
        except stack.NotRunning:
            if stack.running() is None:
                raise NoStack("the stack that was starting has stopped") from None
            time.sleep(0.5)
    raise NoStack(f"the stack that is starting was not ready after {READY_SECONDS} s")


def client_of(state: dict[str, Any], email: str) -> Client:
    """A client of one of the stack's people, not yet signed in."""
    user = next(user for user in state["users"] if user["email"] == email)
    return Client(state["apiUrl"], email, user["password"])
