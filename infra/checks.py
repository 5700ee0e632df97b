"""`make test`: every check in turn, the cheap ones first, and one closing line that sums what ran.

Each step is a make target, so that a person can run one alone. The first step that fails ends the run; the stack is
stopped in any case.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from dataclasses import dataclass

from infra.local import run, settings, stack

STEPS = ["test-format", "test-template", "test-lint", "test-rust", "test-proof", "test-stack"]

CARGO = re.compile(r"^test result: \w+\. (?P<passed>\d+) passed; (?P<failed>\d+) failed")
PYTEST = re.compile(r"^(?=.*\b(?:passed|failed|errors?)\b)[=\s]*(?:\d+ \w+(?:, )?)+ in [\d.]+s")
PYTEST_COUNT = re.compile(r"(\d+) (passed|failed|errors?)\b")


@dataclass
class Counts:
    """Tests that ran, over all runners."""

    passed: int = 0
    failed: int = 0

    def read(self, line: str) -> None:
        """Adds what a runner's closing line says."""
        if cargo := CARGO.match(line):
            self.passed += int(cargo["passed"])
            self.failed += int(cargo["failed"])
        elif PYTEST.match(line):
            for number, what in PYTEST_COUNT.findall(line):
                if what == "passed":
                    self.passed += int(number)
                else:
                    self.failed += int(number)


def step(target: str, counts: Counts) -> bool:
    """Runs one make target with its output shown; whether it succeeded."""
    print(f"\n== {target}", flush=True)
    process = subprocess.Popen(
        ["make", "--no-print-directory", target],
        cwd=settings.ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        counts.read(line)
    return process.wait() == 0


def main() -> int:
    """Runs all steps; 0 when every one succeeded."""
    if stack.running() is not None:
        print("A stack is running here, with data of its own; stop it with `make stop`, then test.", file=sys.stderr)
        return 1
    counts, took, succeeded = Counts(), [], True
    for target in STEPS:
        started = time.monotonic()
        succeeded = step(target, counts)
        took.append(f"{target} {time.monotonic() - started:.0f} s")
        if not succeeded:
            break
    run.down()
    print("\n" + ", ".join(took))
    if not succeeded:
        # a step may fail without a failing test: a compile error, a lint, a stack that does not start
        counts.failed = max(counts.failed, 1)
        print(f"{took[-1].split()[0]} failed; run it alone with `make {took[-1].split()[0]}`")
    print(f"{counts.passed} passed, {counts.failed} failed")
    return 0 if succeeded else 1


if __name__ == "__main__":
    sys.exit(main())
