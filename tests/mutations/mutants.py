"""`make mutations`, second half: cargo-mutants over the pure code, which is without clock and IO.

    python -m tests.mutations.mutants           all files
    python -m tests.mutations.mutants FILE ...  these alone

Every mutant must make a unit test of its crate fail. Those that do not are in `mutants-explained.txt`, each with its
reason; one that is not explained there fails the run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.mutations.__main__ import LOCAL, QUICK, ROOT, TARGET, TREE, copy_tree

VERSION = "27.0.0"
TOOLS = ROOT / ".local" / "cargo-mutants"
EXPLAINED = Path(__file__).with_name("mutants-explained.txt")
#: what is mutated of money and the ledger: each mutant must fail a unit test of its own crate
CORE = ["shared/money/src/*.rs", "shared/ledger/src/*.rs", "shared/ledger/src/decide/*.rs"]
#: the pure state machines of the flows, which know nothing of each other: the unit tests of all three run for each
FLOWS = [
    "shared/audience/src/plan.rs",
    "shared/audience/src/record.rs",
    "shared/billing/src/facts/amounts.rs",
    "shared/billing/src/facts/object_id.rs",
    "shared/billing/src/fraud_warnings/state.rs",
    "shared/billing/src/reversals/appeal.rs",
    "shared/billing/src/reversals/dispute_state.rs",
    "shared/billing/src/reversals/refund_state.rs",
    "shared/billing/src/reversals/reversal.rs",
    "shared/billing/src/reversals/state.rs",
    "shared/billing/src/subscriptions/plan.rs",
    "shared/billing/src/top_up/charge_failure.rs",
    "shared/billing/src/top_up/decide.rs",
    "shared/printing/src/outcome.rs",
    "shared/printing/src/step.rs",
]
#: built together, because each alone would build the dependencies with other features
FLOW_PACKAGES = ["audience", "billing", "printing"]
#: how a record is stored is no decision: the tests of the handlers see it
EXCLUDED = "impl Record for"
CAUGHT = {"CaughtMutant", "Unviable", "Timeout"}
ENVIRONMENT = {
    **os.environ,
    "CARGO_TERM_COLOR": "never",
    "CARGO_TARGET_DIR": str(TARGET),
    # enough to notice a mistake; the whole number runs in `make test`
    "PROPTEST_CASES": "64",
}


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


def mutants(files: list[str], *more: str) -> list[dict]:
    """Runs the mutants of these files: in the copy, one at a time, as they are built in one folder."""
    command = [str(TOOLS / "bin" / "cargo-mutants"), "mutants", "--in-place", "--output", str(LOCAL)]
    command += [word for file in files for word in ("--file", file)]
    command += ["--exclude-re", EXCLUDED, "--profile", "local", "--timeout", "120", "--colors", "never", *more]
    command += ["--cargo-arg=--config", f"--cargo-arg={QUICK}", "--", "--lib"]
    subprocess.run(command, cwd=TREE, env=ENVIRONMENT, check=False)
    outcomes = json.loads((LOCAL / "mutants.out" / "outcomes.json").read_text())["outcomes"]
    return [one for one in outcomes if one["scenario"] != "Baseline"]


def mutants_of_flows(files: list[str]) -> list[dict]:
    """As above, after the tests of all three packages on the unbroken copy.

    cargo-mutants would run them for the packages alone that it changes, with another build of all dependencies.
    """
    packages = [word for name in FLOW_PACKAGES for word in ("-p", name)]
    command = ["cargo", "test", "--config", QUICK, "--profile", "local", "--locked", "--quiet", *packages, "--lib"]
    subprocess.run(command, cwd=TREE, env=ENVIRONMENT, check=True)
    return mutants(files, "--baseline", "skip", "--test-package", ",".join(FLOW_PACKAGES))


def main() -> int:
    """Runs the mutants; 1 if one survives unexplained."""
    install()
    copy_tree()
    asked = sys.argv[1:]
    of_flows = tuple(f"shared/{name}/" for name in FLOW_PACKAGES)
    core = [file for file in asked if not file.startswith(of_flows)] if asked else CORE
    flows = [file for file in asked if file.startswith(of_flows)] if asked else FLOWS
    ran = [*(mutants(core) if core else []), *(mutants_of_flows(flows) if flows else [])]
    reasons = explained()
    survivors = [without_place(one["scenario"]["Mutant"]["name"]) for one in ran if one["summary"] not in CAUGHT]
    unexplained = [name for name in survivors if name not in reasons]
    for name in survivors:
        print(f"survives: {name}: {reasons.get(name, 'NOT EXPLAINED')}")
    print(f"{len(ran)} mutants, {len(survivors)} survive, {len(unexplained)} of them unexplained")
    return 1 if unexplained or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
