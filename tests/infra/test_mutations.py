"""Each mutation applies to the tree and names a test that there is: a rename shows here, before `make mutations`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.mutations.patches import PYTHON, ROOT, Patch, Unreadable, load, parse, problem, refreshed

PATCHES = load()
ATTRIBUTES = r"#\[(?:tokio::)?test(?:\([^\]]*\))?\]\s+(?:#\[[^\]]*\]\s+)*(?:async )?fn"
TEXT = "".join(f"line {number}\n" for number in range(1, 10))
DIFF = """\
--- a/file.txt
+++ b/file.txt
@@ -3,5 +3,5 @@
 line 3
 line 4
-line 5
+mistake
 line 6
 line 7
"""


@pytest.fixture(scope="module")
def packages() -> dict[str, Path]:
    """Name -> folder of each package of the workspace."""
    manifests = [file for part in ("shared", "functions", "tests") for file in ROOT.joinpath(part).rglob("Cargo.toml")]
    named = {file: tomllib.loads(file.read_text()).get("package", {}) for file in manifests}
    return {package["name"]: file.parent for file, package in named.items() if "name" in package}


def sources(package: Path, target: str) -> list[Path]:
    """The files of a target of cargo's."""
    if target == "lib":
        return list(package.glob("src/**/*.rs"))
    return [*package.glob(f"tests/{target}.rs"), *package.glob(f"tests/{target}/**/*.rs")]


def patch(diff: str = DIFF) -> Patch:
    """One whose header does not matter."""
    return parse("example", f"Mistake: Something is wrong.\nPackage: money\nTest: lib::it_is_right\n\n{diff}")


def test_there_are_mutations():
    assert len(PATCHES) > 50


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.name)
def test_a_mutation_applies_in_one_place(patch: Patch):
    assert problem(patch, ROOT) is None, "after an edit beside it: python -m tests.mutations --refresh; else mend it"


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.name)
def test_a_mutation_names_a_test_of_its_package(patch: Patch, packages: dict[str, Path]):
    python = patch.package == PYTHON
    files = [ROOT / patch.target] if python else sources(packages[patch.package], patch.target)
    named = re.compile(rf"^def {patch.test}\(" if python else rf"{ATTRIBUTES} {patch.test}\(", re.MULTILINE)
    assert any(named.search(file.read_text()) for file in files), f"{patch.package} {patch.target}::{patch.test}"


def test_no_mutation_is_there_twice():
    diffs = [re.sub(r"^(?:diff|index|@@).*\n", "", patch.diff, flags=re.MULTILINE) for patch in PATCHES]
    assert len(set(diffs)) == len(diffs)


def test_moved_lines_are_followed_and_a_patch_is_refreshed(tmp_path: Path):
    file = tmp_path / "file.txt"
    file.write_text("new\nnew\n" + TEXT.replace("line 3", "other"))
    assert problem(patch(), tmp_path) is None
    now = refreshed(patch(), tmp_path)
    assert "@@ -5,5 +5,5 @@\n other\n line 4\n-line 5\n+mistake\n" in now.diff
    assert file.read_text() == "new\nnew\n" + TEXT.replace("line 3", "other")


def test_changed_lines_are_a_problem(tmp_path: Path):
    tmp_path.joinpath("file.txt").write_text(TEXT.replace("line 5", "another"))
    assert "file.txt" in (problem(patch(), tmp_path) or "")
    with pytest.raises(Unreadable, match="example: error: patch failed: file.txt:3"):
        refreshed(patch(), tmp_path)


def test_a_second_place_is_a_problem(tmp_path: Path):
    tmp_path.joinpath("file.txt").write_text(TEXT + TEXT)
    assert problem(patch(), tmp_path) == "file.txt: what it changes is there more than once"


def test_a_patch_without_a_header_is_named():
    with pytest.raises(Unreadable, match="example: Mistake, Package and Test are expected"):
        parse("example", DIFF)
