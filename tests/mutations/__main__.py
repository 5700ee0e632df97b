"""`make mutations`: makes one deliberate mistake at a time in a copy of the project; a named test must fail for each.

    python -m tests.mutations                 all of them
    python -m tests.mutations release lease   those with one of these words in their name
    python -m tests.mutations --list          their names
    python -m tests.mutations --refresh       rewrites line numbers and context of all patches that still apply

The copy is in `.local/mutations/tree` and is built into `.local/mutations/target`, so that neither the working tree nor
its builds are touched. A mistake that does not compile, or that another test than the named one notices, is not caught.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.mutations.patches import FOLDER, PYTHON, ROOT, Patch, Unreadable, apply, load, problem, refreshed

LOCAL = ROOT / ".local" / "mutations"
TREE = LOCAL / "tree"
TARGET = LOCAL / "target"
TIMEOUT_SECONDS = 1800
#: built once and run a few times: the dependencies need no optimisation here
QUICK = 'profile.local.package."*".opt-level=0'


def main() -> int:
    """Runs the chosen mutations; 1 if one was not caught."""
    words, patches = sys.argv[1:], load()
    if words == ["--list"]:
        print("\n".join(patch.name for patch in patches))
        return 0
    copy_tree()
    if words == ["--refresh"]:
        return refresh(patches)
    chosen = [patch for patch in patches if not words or any(word in patch.name for word in words)]
    if not chosen:
        print(f"no patch has one of these words in its name: {' '.join(words)}")
        return 1
    # always the same packages: another selection would build their dependencies with other features
    packages = sorted({patch.package for patch in patches} - {PYTHON})
    results = []
    try:
        if wrong := preconditions(chosen, packages):
            print("\n".join(wrong), file=sys.stderr)
            return 1
        for number, patch in enumerate(chosen, 1):
            started = time.monotonic()
            verdict = run(patch, packages)
            seconds = round(time.monotonic() - started)
            print(f"[{number}/{len(chosen)}] {patch.name}: {verdict} ({seconds} s)", flush=True)
            results.append({"name": patch.name, "test": patch.test, "verdict": verdict, "seconds": seconds})
    finally:
        (LOCAL / "report.json").write_text(json.dumps(results, indent=1) + "\n")
    caught = sum(result["verdict"] == "caught" for result in results)
    print(f"{caught} of {len(results)} mutations caught")
    return 0 if caught == len(results) else 1


def copy_tree() -> None:
    """Brings the copy up to date with the working tree; equal files are left alone, so that little is rebuilt."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )
    wanted = {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}
    for name in wanted:
        source, target = ROOT / name, TREE / name
        if target.is_file() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    for path in sorted(TREE.rglob("*"), reverse=True):
        if path.is_file() and str(path.relative_to(TREE)) not in wanted:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def refresh(patches: list[Patch]) -> int:
    """Rewrites the patches that still apply; 1 if one does not."""
    failed = 0
    for patch in patches:
        try:
            now = refreshed(patch, TREE)
        except (Unreadable, FileNotFoundError) as error:
            print(f"{patch.name} no longer applies: {error}", file=sys.stderr)
            failed += 1
            continue
        if now.text() != (path := FOLDER / f"{patch.name}.patch").read_text():
            path.write_text(now.text())
            print(f"{patch.name}: rewritten")
    return 1 if failed else 0


def preconditions(chosen: list[Patch], packages: list[str]) -> list[str]:
    """What makes a run meaningless: a patch that no longer applies, a test that fails on the unbroken copy."""
    wrong = [f"{patch.name} no longer applies: {why}" for patch in chosen if (why := problem(patch, TREE))]
    if wrong:
        return wrong
    for target in sorted({patch.target for patch in chosen}):
        tests = sorted({patch.test for patch in chosen if patch.target == target})
        for test, outcome in outcomes(target, tests, packages).items():
            if outcome != "ok":
                wrong.append(f"{target}::{test} does not pass on the unbroken copy: {outcome}")
    return wrong


def run(patch: Patch, packages: list[str]) -> str:
    """Breaks the copy, runs the named test, mends the copy."""
    whole = {file: (TREE / file).read_text() for file in patch.files()}
    try:
        if why := apply(patch, TREE):
            return f"DOES NOT APPLY: {why}"
        outcome = outcomes(patch.target, [patch.test], packages)[patch.test]
    finally:
        for file, text in whole.items():
            (TREE / file).write_text(text)
    return {"FAILED": "caught", "ok": "NOT CAUGHT"}.get(outcome, outcome)


def outcomes(target: str, tests: list[str], packages: list[str]) -> dict[str, str]:
    """How each test ended: ok or FAILED; else why it has no end."""
    return outcomes_of_pytest(target, tests) if target.endswith(".py") else outcomes_of_cargo(target, tests, packages)


def outcomes_of_pytest(target: str, tests: list[str]) -> dict[str, str]:
    """Of tests in one file."""
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=no", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        [*command, *(f"{target}::{test}" for test in tests)],
        cwd=TREE, capture_output=True, text=True, timeout=TIMEOUT_SECONDS,
    )
    ended = {}
    for test in tests:
        seen = set(re.findall(rf"^(PASSED|FAILED) {re.escape(target)}::{test}(?:\[|\s|$)", ran.stdout, re.MULTILINE))
        ended[test] = "FAILED" if "FAILED" in seen else "ok" if seen else "WAS NOT RUN"
    if "WAS NOT RUN" in ended.values():
        (LOCAL / "last-error.txt").write_text(ran.stdout + ran.stderr)
    return ended


def outcomes_of_cargo(target: str, tests: list[str], packages: list[str]) -> dict[str, str]:
    """Of tests in one integration test's target, or of unit tests of any package."""
    where = ["--lib"] if target == "lib" else ["--test", target]
    selected = [word for name in packages for word in ("-p", name)]
    command = ["cargo", "test", "--config", QUICK, "--profile", "local", "--locked", "--no-fail-fast", *selected]
    environment = {**os.environ, "CARGO_TARGET_DIR": str(TARGET), "CARGO_TERM_COLOR": "never"}
    try:
        ran = subprocess.run(
            [*command, *where, "--", *tests],
            cwd=TREE, env=environment, capture_output=True, text=True, timeout=TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return dict.fromkeys(tests, "DOES NOT END")
    ended = {
        test: found[1]
        for test in tests
        if (found := re.search(rf"^test (?:\S+::)?{test} \.\.\. (ok|FAILED)$", ran.stdout, re.MULTILINE))
    }
    if len(ended) < len(tests):
        (LOCAL / "last-error.txt").write_text(ran.stdout + ran.stderr)
    why = "DOES NOT COMPILE" if "could not compile" in ran.stderr else "WAS NOT RUN"
    return {test: ended.get(test, why) for test in tests}


if __name__ == "__main__":
    sys.exit(main())
