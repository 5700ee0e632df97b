"""Readable progress of a start: one line per step, with the seconds since it began."""

from __future__ import annotations

import os
import threading
import time

# what `infra.start` hands on: the clock goes on when it becomes the stack
STARTED = "DROPLAB_STARTED"


class Progress:
    """Prints whole lines, also into a pipe and from several threads."""

    def __init__(self, started: float | None = None) -> None:
        self.started = time.monotonic() if started is None else started
        self._lock = threading.Lock()

    @classmethod
    def handed_on(cls) -> Progress:
        """One that counts on from `infra.start`, where that came first."""
        started = os.environ.pop(STARTED, None)
        return cls(float(started) if started else None)

    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.started

    def say(self, text: str) -> None:
        """Prints one line now."""
        with self._lock:
            print(f"[{self.seconds():6.1f} s] {text}", flush=True)

    def show(self, text: str) -> None:
        """Prints a line of another program's as it is."""
        with self._lock:
            print(text, flush=True)
