"""`make proof`: breaks a copy of the project on purpose, one mistake at a time, and asks that a named test fails.

    python -m tests.proof                 all of them
    python -m tests.proof release lease   those with one of these words in their name
    python -m tests.proof --list          their names

The copy stands in `.local/proof/tree` and is built into `.local/proof/target`, so that neither the working tree nor its
builds are touched. A mistake that does not compile, or that another test than the named one notices, is not caught.
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

from tests.proof.sabotages import SABOTAGES, Sabotage

ROOT = Path(__file__).resolve().parents[2]
PROOF = ROOT / ".local" / "proof"
TREE = PROOF / "tree"
TIME_OUT_SECONDS = 1800


def main() -> int:
    """Runs the chosen sabotages; 1 if one was not caught."""
    words = sys.argv[1:]
    if words == ["--list"]:
        print("\n".join(sabotage.name for sabotage in SABOTAGES))
        return 0
    chosen = [one for one in SABOTAGES if not words or any(word in one.name for word in words)]
    if not chosen:
        print(f"no sabotage is called by {' '.join(words)}")
        return 1
    copy_tree()
    results = []
    try:
        whole = soundness(chosen)
        if whole:
            print("\n".join(whole), file=sys.stderr)
            return 1
        for number, sabotage in enumerate(chosen, 1):
            started = time.monotonic()
            verdict = tried(sabotage)
            seconds = round(time.monotonic() - started)
            print(f"[{number}/{len(chosen)}] {sabotage.name}: {verdict} ({seconds} s)", flush=True)
            results.append({"name": sabotage.name, "test": sabotage.test, "verdict": verdict, "seconds": seconds})
    finally:
        (PROOF / "report.json").write_text(json.dumps(results, indent=1) + "\n")
    caught = sum(result["verdict"] == "caught" for result in results)
    print(f"{caught} of {len(results)} sabotages caught")
    return 0 if caught == len(results) else 1


def copy_tree() -> None:
    """Brings the copy to what the working tree says, leaving alone what is the same so that little is built anew."""
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


def soundness(chosen: list[Sabotage]) -> list[str]:
    """What keeps the run from meaning anything: an entry that does not apply, a test that fails unprovoked."""
    wrong = []
    for sabotage in chosen:
        text = (TREE / sabotage.file).read_text()
        for old, _ in sabotage.edits():
            if text.count(old) != 1:
                wrong.append(f"{sabotage.name}: its text stands {text.count(old)} times in {sabotage.file}")
    for package, target, test in sorted({(one.package, one.target or "", one.test) for one in chosen}):
        if outcome(package, target, test) != "ok":
            wrong.append(f"{package}: {test} does not pass on the code as it is")
    return wrong


def tried(sabotage: Sabotage) -> str:
    """Breaks the copy, runs the named test, mends the copy."""
    path = TREE / sabotage.file
    whole = path.read_text()
    broken = whole
    for old, new in sabotage.edits():
        broken = broken.replace(old, new)
    path.write_text(broken)
    try:
        seen = outcome(sabotage.package, sabotage.target or "", sabotage.test)
    finally:
        path.write_text(whole)
    return {"FAILED": "caught", "ok": "NOT CAUGHT"}.get(seen, seen)


def outcome(package: str, target: str, test: str) -> str:
    """How a test ended: ok or FAILED; else why it has no end."""
    where = ["--test", target] if target else ["--lib"]
    # always the same packages: another selection would build their dependencies with other features
    packages = [word for name in sorted({one.package for one in SABOTAGES}) for word in ("-p", name)]
    # built once and run a few times: the dependencies need no optimisation here
    quick = ["--config", 'profile.local.package."*".opt-level=0']
    command = ["cargo", "test", *quick, "--profile", "local", "--locked", *packages, *where, "--", test]
    environment = {**os.environ, "CARGO_TARGET_DIR": str(PROOF / "target"), "CARGO_TERM_COLOR": "never"}
    try:
        ran = subprocess.run(
            command, cwd=TREE, env=environment, capture_output=True, text=True, timeout=TIME_OUT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return "DOES NOT END"
    ended = re.search(rf"^test (?:\S+::)?{test} \.\.\. (ok|FAILED)$", ran.stdout, re.MULTILINE)
    if ended:
        return ended[1]
    (PROOF / "last-error.txt").write_text(ran.stdout + ran.stderr)
    return "DOES NOT COMPILE" if "could not compile" in ran.stderr else "WAS NOT RUN"


if __name__ == "__main__":
    sys.exit(main())
