"""Tools and build side by side: lines stay whole, the first failure ends the other, nothing goes on behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from infra import start
from infra.local import settings


def part(program: str, shown: list[str]) -> start.Part:
    """A part that is a few lines of Python."""
    return start.Part([sys.executable, "-c", program], shown.append)


def test_both_succeed_and_every_line_is_shown_whole():
    shown: list[str] = []
    talk = "import time\nfor n in range(20):\n    print('{0}' * 50, flush=True)\n    time.sleep(0.005)"
    assert start.side_by_side([part(talk.format("a"), shown), part(talk.format("b"), shown)])
    assert sorted(shown) == ["a" * 50] * 20 + ["b" * 50] * 20


def test_the_first_failure_ends_the_other_and_what_it_started():
    shown: list[str] = []
    # as cargo does: a compiler below it, which would go on alone
    builds = "import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    builds += "print(child.pid, flush=True)\nchild.wait()"
    slow = part(builds, shown)
    while not shown:
        time.sleep(0.01)
    began = time.monotonic()
    assert not start.side_by_side([part("print('the Python package registry'); exit(1)", shown), slow])
    assert time.monotonic() - began < 10
    assert shown[1:] == ["the Python package registry"]
    assert ends(int(shown[0]))


def ends(process: int) -> bool:
    """Whether a process that was killed ends: the kernel takes a moment after its last pipe is closed."""
    until = time.monotonic() + 10
    while running(process) and time.monotonic() < until:
        time.sleep(0.01)
    return not running(process)


def running(process: int) -> bool:
    """Whether a process lives; one that ended and waits for its parent does not."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


STARTS = """\
import sys
from infra import start
slow = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
start.lock.running = lambda: None
start.prepare = lambda progress: start.side_by_side([start.Part([sys.executable, "-c", slow], progress.show)])
sys.exit(start.main())
"""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_start_leaves_nothing_behind(ending: signal.Signals):
    command = [sys.executable, "-c", STARTS]
    with subprocess.Popen(command, cwd=settings.ROOT, stdout=subprocess.PIPE, text=True) as starting:
        assert starting.stdout is not None
        process = int(starting.stdout.readline())
        starting.send_signal(ending)
        said, _ = starting.communicate(timeout=20)
    assert (starting.returncode, said.strip()) == (130, "stopped")
    assert ends(process)


def test_the_later_failure_fails_the_start_too():
    shown: list[str] = []
    assert not start.side_by_side([part("pass", shown), part("import time; time.sleep(0.2); exit(3)", shown)])


def test_a_start_needs_nothing_installed():
    """The system's Python, without anything of .local/, reads every module that a start needs before pip has run."""
    code = "import infra.start, infra.tools, infra.local.build"
    done = subprocess.run(
        ["python3", "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(settings.ROOT)!r}); {code}"],
        env={**os.environ, "PATH": os.defpath},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
