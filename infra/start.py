"""`make run`: pip installs the tools while cargo compiles, then this process becomes the stack (`infra.local up`).

Runs with the system's Python and nothing installed, so it imports the standard library alone, as do the modules of
`infra.local` that it uses.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from infra import needs
from infra.local import lock, ports, settings
from infra.local.processes import end_with_parent
from infra.local.progress import STARTED, Progress

STOP_SECONDS = 5


class Part:
    """One of the programs that work side by side; its lines are shown as they come, each whole."""

    def __init__(self, command: list[str], show: Callable[[str], None]) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=settings.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # a group of its own, which ends as one: with cargo its compilers, with pip its builds
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        self._show = show
        self._reader = threading.Thread(target=self._read, name=" ".join(command[-1:]), daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._show(line.rstrip("\n"))

    def stop(self) -> None:
        """Ends the program and what it started, whether it is done or not; its last lines have been shown then."""
        for ending in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, ending)
            except ProcessLookupError:
                break
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue
        self.process.wait()
        self._reader.join(STOP_SECONDS)


def side_by_side(parts: list[Part]) -> bool:
    """Waits for all parts; whether all succeeded. The first that fails ends the others."""
    try:
        while any(part.process.poll() is None for part in parts):
            if any(part.process.returncode for part in parts):
                break
            time.sleep(0.05)
    finally:
        for part in parts:
            part.stop()
    return not any(part.process.returncode for part in parts)


def prepare(progress: Progress) -> bool:
    """Brings the tools and the programs; False when something is missing or failed, which has been said."""
    problems = needs.missing() + ports.problems()
    if problems:
        print("\n".join(problems), file=sys.stderr, flush=True)
        return False
    # the build's lines carry the time already
    tools = Part([sys.executable, "-m", "infra.tools"], progress.say)
    build = Part([sys.executable, "-m", "infra.local.build"], progress.show)
    return side_by_side([tools, build])


def main() -> int:
    """Prepares, unless a stack runs here; then runs the stack, which says so itself in that case."""
    # also when whoever started us ignores Ctrl-C, as a shell does for its background jobs
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    progress = Progress()
    os.environ[STARTED] = str(progress.started)
    try:
        if lock.running() is None and not prepare(progress):
            return 1
    except KeyboardInterrupt:
        print("\nstopped", flush=True)
        return 130
    python = str(settings.LOCAL / "venv" / "bin" / "python")
    os.execv(python, [python, "-m", "infra.local", "up"])


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
