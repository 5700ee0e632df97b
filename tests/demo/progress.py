"""What the person in front of the demo sees: one line per step, and live counts while vendors are at work."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

REDRAW_SECONDS = 0.5
# into a pipe or a log nothing can be drawn over: a line now and then says that it goes on
LINE_SECONDS = 10.0


class Progress:
    """Prints steps with the seconds since the start. Safe to use from many threads."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, int]] = {}
        self._drawn = 0
        self._live = sys.stdout.isatty()

    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.started

    def say(self, text: str) -> None:
        """One step, on a line of its own."""
        with self._lock:
            self._erase()
            print(f"[{self.seconds():6.1f} s] {text}", flush=True)

    def count(self, name: str, done: int, total: int) -> None:
        """How far a count is; a finished one is no longer shown."""
        with self._lock:
            self._counts[name] = (done, total)
            if done >= total:
                self._counts.pop(name)

    @contextmanager
    def showing(self) -> Iterator[None]:
        """Shows the counts while the block runs."""
        stop = threading.Event()
        every = REDRAW_SECONDS if self._live else LINE_SECONDS

        def draw() -> None:
            while not stop.wait(every):
                with self._lock:
                    self._draw()

        thread = threading.Thread(target=draw, name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            with self._lock:
                self._erase()

    def _draw(self) -> None:
        counts = [f"{name} {done:,} / {total:,}" for name, (done, total) in sorted(self._counts.items())]
        self._erase()
        if not counts:
            return
        line = f"[{self.seconds():6.1f} s] … {' · '.join(counts)}"
        if self._live:
            # a line that wraps could not be erased again
            line = line[: shutil.get_terminal_size().columns - 1]
            print(line, end="", flush=True)
            self._drawn = len(line)
        else:
            print(line, flush=True)

    def _erase(self) -> None:
        if self._drawn:
            print("\r" + " " * self._drawn + "\r", end="")
            self._drawn = 0
