"""`make proof`, second half: cargo-mutants over money and the pure part of the ledger.

    python -m tests.proof.mutants           all files
    python -m tests.proof.mutants FILE ...  these alone

Every mutant must make a unit test of its crate fail. Those that do not stand in `mutants-explained.txt`, each with its
reason; one that is not explained there fails the run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.proof.__main__ import PROOF, ROOT, TREE, copy_tree

VERSION = "27.0.0"
TOOLS = ROOT / ".local" / "cargo-mutants"
EXPLAINED = Path(__file__).with_name("mutants-explained.txt")
#: the pure code: no clock, no IO
FILES = ["shared/money/src/*.rs", "shared/ledger/src/*.rs", "shared/ledger/src/decide/*.rs"]
CAUGHT = {"CaughtMutant", "Unviable", "Timeout"}


def install() -> None:
    """Builds the pinned cargo-mutants into `.local`, once."""
    if (TOOLS / "bin" / "cargo-mutants").exists():
        return
    subprocess.run(
        ["cargo", "install", "cargo-mutants", "--version", VERSION, "--locked", "--root", str(TOOLS)], check=True
    )


def explained() -> dict[str, str]:
    """Mutant -> why no test can tell it from the code."""
    reasons, reason = {}, ""
    for line in EXPLAINED.read_text().splitlines():
        if line.startswith("#"):
            reason = line.lstrip("# ")
        elif line.strip():
            reasons[line.strip()] = reason
    return reasons


def without_place(name: str) -> str:
    """A mutant's name without line and column, which move with every edit."""
    place, _, what = name.partition(" ")
    return f"{place.split(':')[0]} {what}"


def main() -> int:
    """Runs the mutants; 1 if one survives unexplained."""
    install()
    copy_tree()
    files = sys.argv[1:] or FILES
    # in the copy, whose build the sabotages have left warm; one at a time, as they are built in one folder
    command = [str(TOOLS / "bin" / "cargo-mutants"), "mutants", "--in-place", "--output", str(PROOF)]
    for file in files:
        command += ["--file", file]
    command += ["--package", "money", "--package", "ledger", "--profile", "local", "--timeout", "120"]
    command += ["--cargo-arg=--config", '--cargo-arg=profile.local.package."*".opt-level=0', "--colors", "never"]
    environment = {
        **os.environ,
        "CARGO_TERM_COLOR": "never",
        "CARGO_TARGET_DIR": str(PROOF / "target"),
        # enough to notice a mistake; the whole number runs in `make test`
        "PROPTEST_CASES": "64",
    }
    subprocess.run([*command, "--", "--lib"], cwd=TREE, env=environment, check=False)
    outcomes = json.loads((PROOF / "mutants.out" / "outcomes.json").read_text())["outcomes"]
    mutants = [one for one in outcomes if one["scenario"] != "Baseline"]
    reasons = explained()
    survivors = [
        without_place(one["scenario"]["Mutant"]["name"]) for one in mutants if one["summary"] not in CAUGHT
    ]
    unexplained = [name for name in survivors if name not in reasons]
    for name in survivors:
        print(f"survives: {name}: {reasons.get(name, 'NOT EXPLAINED')}")
    print(f"{len(mutants)} mutants, {len(survivors)} survive, {len(unexplained)} of them unexplained")
    return 1 if unexplained or not mutants else 0


if __name__ == "__main__":
    sys.exit(main())
