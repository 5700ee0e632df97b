"""One stack per folder: who holds the lock on .local/stack.pid is it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TextIO

from infra.local import settings


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
