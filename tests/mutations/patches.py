"""The deliberate mistakes: one patch each, under a header of three lines that says what is wrong and which test fails.

    Mistake: A queue message whose handling failed is acknowledged.
    Package: suite
    Test: printing::one_poison_message_of_ten_is_retried_alone_then_dead_lettered

`Test` names an integration test's target, or `lib` for the package's unit tests, and the test function. For a test of
pytest the package is `tests (python)` and the target is the file.
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).resolve().parent
HEADER = re.compile(r"Mistake: (?P<mistake>.+)\nPackage: (?P<package>.+)\nTest: (?P<target>\S+)::(?P<test>\w+)\n")
#: where a test of pytest is
PYTHON = "tests (python)"
#: lines of context around a change, in the files and where a patch is applied
CONTEXT = 2
CONTEXT_NEEDED = 1


class Unreadable(Exception):
    """A file is not a patch with a header."""


@dataclass(frozen=True)
class Patch:
    """One deliberate mistake."""

    #: the file's name without `.patch`
    name: str
    header: str
    package: str
    #: an integration test's target, `lib`, or a file of pytest's
    target: str
    #: the name of the test function, without its module
    test: str
    diff: str

    def text(self) -> str:
        """As it is stored."""
        return f"{self.header}\n{self.diff}"

    def files(self) -> list[str]:
        """The files that it changes, from the project's root."""
        return re.findall(r"^\+\+\+ b/(\S+)", self.diff, re.MULTILINE)


def parse(name: str, text: str) -> Patch:
    """Reads one patch."""
    header, start = HEADER.match(text), re.search(r"^(?:diff --git|---) ", text, re.MULTILINE)
    if header is None or start is None:
        raise Unreadable(f"{name}: Mistake, Package and Test are expected, each on a line of its own, then a diff")
    fields = header.groupdict()
    return Patch(name, header[0], fields["package"], fields["target"], fields["test"], text[start.start() :])


def load(folder: Path = FOLDER) -> list[Patch]:
    """All patches, by name."""
    return [parse(path.stem, path.read_text()) for path in sorted(folder.glob("*.patch"))]


def apply(patch: Patch, tree: Path, *, check: bool = False) -> str | None:
    """Applies a patch to a tree, or only looks whether it can be: why it cannot, else `None`.

    Its lines may have moved, and all but one line of context on each side may have changed.
    """
    # a tree within a repository: git would take the paths from the repository's root
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tree.parent)}
    command = ["git", "apply", f"-C{CONTEXT_NEEDED}", "--whitespace=nowarn", *(["--check"] if check else []), "-"]
    done = subprocess.run(command, cwd=tree, env=environment, input=patch.diff, capture_output=True, text=True)
    return None if done.returncode == 0 else done.stderr.strip()


def problem(patch: Patch, tree: Path) -> str | None:
    """Why a patch does not say where it belongs in this tree: it does not apply, or applies in more than one place."""
    if refused := apply(patch, tree, check=True):
        return refused
    for file, text in places(patch.diff):
        if f"\n{tree.joinpath(file).read_text()}".count(f"\n{text}") > 1:
            return f"{file}: what it changes is there more than once"
    return None


def places(diff: str) -> list[tuple[str, str]]:
    """(file, text) of each hunk: what it changes, with the context that must be there."""
    found = []
    for part in re.split(r"^--- .*\n", diff, flags=re.MULTILINE)[1:]:
        target, *hunks = re.split(r"^@@.*\n", part, flags=re.MULTILINE)
        file = target.split()[1].removeprefix("b/")
        for hunk in hunks:
            lines = [line for line in hunk.splitlines() if line[:1] in {" ", "-", "+"}]
            changed = [number for number, line in enumerate(lines) if line[0] != " "]
            lines = lines[max(changed[0] - CONTEXT_NEEDED, 0) : changed[-1] + 1 + CONTEXT_NEEDED]
            found.append((file, "".join(f"{line[1:]}\n" for line in lines if line[0] != "+")))
    return found


def refreshed(patch: Patch, tree: Path) -> Patch:
    """The patch with the lines and the context that the tree has now; it must apply. The tree is as before."""
    whole = {file: tree.joinpath(file).read_text() for file in patch.files()}
    try:
        if refused := apply(patch, tree):
            raise Unreadable(f"{patch.name}: {refused}")
        diff = "".join(
            line
            for file, before in sorted(whole.items())
            for line in difflib.unified_diff(
                before.splitlines(keepends=True),
                tree.joinpath(file).read_text().splitlines(keepends=True),
                f"a/{file}",
                f"b/{file}",
                n=CONTEXT,
            )
        )
    finally:
        for file, before in whole.items():
            tree.joinpath(file).write_text(before)
    return Patch(patch.name, patch.header, patch.package, patch.target, patch.test, diff)
