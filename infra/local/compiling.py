"""What cargo says while it builds, read for a person: how far it is, what is left, and which lines are worth showing.

Cargo's own progress bar is off in pipes and logs, and its line per crate does not say how many are to come.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable

# a line per crate, which the counts stand for; the rest of cargo's messages is shown
_STATUS = re.compile(r"^ +(Compiling|Downloaded|Downloading|Updating|Locking|Fresh|Dirty|Finished)\b(?: (\S+) v\S+)?")
# so many names of crates at work fit a line
_SHOWN = 3


class Compiling:
    """How far a build of `total` crates is. A library and a program are a crate each, as for rustc."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.fresh = 0
        self.downloaded = 0
        self._done: set[tuple[str, bool]] = set()
        self._at_work: dict[str, None] = {}

    def artifact(self, line: str) -> None:
        """Reads one line of `--message-format=json`."""
        message = _json(line)
        if message.get("reason") != "compiler-artifact" or "custom-build" in message["target"]["kind"]:
            return
        crate = (message["package_id"], "bin" in message["target"]["kind"])
        if crate not in self._done:
            self._done.add(crate)
            self.fresh += bool(message["fresh"])
        self._at_work.pop(name_of(message["package_id"]), None)

    def heard(self, line: str) -> str | None:
        """Reads one line of cargo's stderr; answers it when a person should see it."""
        status = _STATUS.match(line)
        if status is None:
            return line
        if status[1] == "Compiling" and status[2]:
            self._at_work[status[2]] = None
        self.downloaded += status[1] == "Downloaded"
        return None

    @property
    def compiled(self) -> int:
        """Crates that this build compiled itself."""
        return len(self._done) - self.fresh

    def line(self) -> str | None:
        """Where the build is; None while nothing had to be compiled or downloaded."""
        if not self.compiled and not self._at_work:
            return f"downloading Rust packages: {self.downloaded}" if self.downloaded else None
        done, total = len(self._done), max(self.total, len(self._done))
        at_work = ", ".join(list(self._at_work)[:_SHOWN])
        return f"compiling: {done} of {total} crates, {total - done} left" + (f"; now {at_work}" if at_work else "")


def name_of(package_id: str) -> str:
    """The name in a package id: `…#name@1.2.3`, or `…/name#1.2.3` where the folder is called like the package."""
    address, _, fragment = package_id.partition("#")
    name, at, _ = fragment.partition("@")
    return name if at else address.rstrip("/").rsplit("/", 1)[-1]


def crates_below(tree: Iterable[str], roots: set[str]) -> set[str]:
    """The packages that `roots` need, with their versions, from `cargo tree --prefix depth`.

    Cargo unfolds a package once and marks every later mention, so the edges are collected first and walked then.
    """
    edges: dict[str, set[str]] = defaultdict(set)
    path: list[str] = []
    for line in tree:
        found = re.match(r"(\d+)(\S+ v\S+)", line)
        if found is None:
            continue
        depth, package = int(found[1]), found[2]
        path[depth:] = [package]
        if depth:
            edges[path[depth - 1]].add(package)
        else:
            edges[package] |= set()
    reached: set[str] = set()
    waiting = [package for package in edges if package.split()[0] in roots]
    while waiting:
        package = waiting.pop()
        if package not in reached:
            reached.add(package)
            waiting += edges[package]
    return reached


def _json(line: str) -> dict[str, object]:
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}
