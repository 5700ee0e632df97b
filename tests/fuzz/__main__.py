"""`make fuzz`: libFuzzer over what Stripe sends, one target after the other.

    python -m tests.fuzz                     both targets, FUZZ_SECONDS each (600 when it is not set)
    python -m tests.fuzz event_parser        this one
    python -m tests.fuzz --keep [TARGET]     adds what was found to the committed corpus, as few inputs as cover it

A run starts from the committed corpus and from what earlier runs have left in `.local/fuzz`. An input that breaks an
oracle, hangs or eats memory ends it: it is written to `.local/fuzz/TARGET/broken`, and the program called with its path
shows what it breaks.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

FUZZ = Path(__file__).resolve().parent
LOCAL = FUZZ.parents[1] / ".local" / "fuzz"
CORPUS = FUZZ / "corpus"
#: target -> the longest input: the longest sample and some more; a header as long as a gateway lets through
TARGETS = {"signature_header": 2048, "event_parser": 6000}
#: one input may take so long; they take microseconds
INPUT_SECONDS = 5
MEMORY_MB = 1024


def main() -> int:
    """Fuzzes, or keeps what was found; 1 if an input broke something."""
    keep = "--keep" in sys.argv[1:]
    chosen = [word for word in sys.argv[1:] if word != "--keep"] or list(TARGETS)
    if unknown := set(chosen) - set(TARGETS):
        print(f"no target is called {' '.join(sorted(unknown))}; there are {' '.join(TARGETS)}")
        return 1
    build()
    if keep:
        for target in chosen:
            merge(target)
        return 0
    seconds = int(os.environ.get("FUZZ_SECONDS") or 600)
    results = [fuzz(target, seconds) for target in chosen]
    (LOCAL / "report.json").write_text(json.dumps(results, indent=1) + "\n")
    return 1 if any(result["broken"] for result in results) else 0


def build() -> None:
    """Builds the targets as `.cargo/config.toml` says, whatever flags this shell has."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("RUSTFLAGS")}
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet"], cwd=FUZZ, env=environment, check=True)


def program(target: str) -> Path:
    """The built target."""
    [found] = (LOCAL / "target").glob(f"*/release/{target}")
    return found


def fuzz(target: str, seconds: int) -> dict[str, object]:
    """One run; what it did."""
    found, broken = LOCAL / target / "corpus", LOCAL / target / "broken"
    for folder in (found, broken):
        folder.mkdir(parents=True, exist_ok=True)
    before = set(broken.iterdir())
    log = LOCAL / target / "log.txt"
    print(f"{target}: {seconds} s, log in {log.relative_to(LOCAL.parents[1])}", flush=True)
    command = [
        program(target), f"-max_total_time={seconds}", f"-max_len={TARGETS[target]}", f"-timeout={INPUT_SECONDS}",
        f"-rss_limit_mb={MEMORY_MB}", f"-dict={FUZZ / 'dictionaries' / target}.dict", f"-artifact_prefix={broken}/",
        "-print_final_stats=1", found, CORPUS / target,
    ]
    started = time.monotonic()
    with log.open("w") as output:
        ended = subprocess.run(command, cwd=LOCAL, stdout=output, stderr=subprocess.STDOUT, check=False)
    said = log.read_text(errors="replace")
    result = {**summary(target, said), "seconds": round(time.monotonic() - started)}
    new = sorted(set(broken.iterdir()) - before)
    result["broken"] = [str(path.relative_to(LOCAL.parents[1])) for path in new]
    if ended.returncode and not new:
        result["broken"] = [f"ended with {ended.returncode}, see the log"]
    print(f"{target}: {result['executions']} executions in {result['seconds']} s, {result['edges']} edges "
          f"({result['edges_at_start']} at the start), {len(list(found.iterdir()))} inputs found so far", flush=True)
    for path in new:
        print(f"BROKEN: {path}: show it by {program(target)} {path}")
    return result


def summary(target: str, said: str) -> dict[str, object]:
    """The figures of a log."""
    def last(pattern: str) -> int | None:
        figures = re.findall(pattern, said)
        return int(figures[-1]) if figures else None

    started = re.search(r"INITED cov: (\d+)", said)
    return {
        "target": target,
        "executions": last(r"stat::number_of_executed_units: +(\d+)"),
        "edges_at_start": int(started[1]) if started else None,
        "edges": last(r"cov: (\d+)"),
    }


def merge(target: str) -> None:
    """Keeps the seeds, and beside them the fewest inputs that reach every edge of the new and of the stored ones."""
    stored, found = CORPUS / target, LOCAL / target / "corpus"
    fresh = LOCAL / target / "merged"
    fresh.mkdir(parents=True, exist_ok=True)
    for old in fresh.iterdir():
        old.unlink()
    seeds = [path for path in stored.iterdir() if path.name.startswith("seed-")]
    for seed in seeds:
        (fresh / seed.name).write_bytes(seed.read_bytes())
    # how often an edge was taken is left out: it would be worth an input each time, and megabytes
    command = [program(target), "-set_cover_merge=1", "-use_counters=0", fresh, stored, *([found] if found.is_dir() else [])]
    subprocess.run(command, cwd=LOCAL, check=True, stderr=subprocess.DEVNULL)
    for old in set(stored.iterdir()) - set(seeds):
        old.unlink()
    for path in fresh.iterdir():
        (stored / path.name).write_bytes(path.read_bytes())
    sizes = [path.stat().st_size for path in stored.iterdir()]
    print(f"{target}: {len(sizes)} inputs, {len(seeds)} of them seeds; {sum(sizes)} bytes")


if __name__ == "__main__":
    sys.exit(main())
