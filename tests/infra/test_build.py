"""What `make run` compiles: the programs that run, with the features that the tests' build has, and no test crate."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from infra.local import build, settings, template
from infra.local.compiling import Compiling, crates_below
from infra.local.progress import Progress


@pytest.fixture(scope="module")
def tree() -> list[str]:
    """The workspace's packages as cargo resolves them; loads what is missing from the registry."""
    done = subprocess.run(build.TREE, cwd=settings.ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()


def names(packages: set[str]) -> set[str]:
    """Without versions."""
    return {package.split()[0] for package in packages}


def test_every_function_of_the_template_is_built_and_the_sandbox():
    assert set(build.programs()) == {*template.functions(template.load()).values(), "sandbox"}


def test_no_crate_of_the_tests_is_compiled_for_a_run(tree: list[str]):
    needed = names(crates_below(tree, set(build.programs())))
    assert {"ledger", "aws-sdk-dynamodb", "axum"} <= needed
    for only_tests in ("simulator", "bench", "suite", "support", "dynoxide-rs", "libsqlite3-sys", "s3s", "proptest"):
        assert only_tests not in needed
        # it is there for the tests: the assertion above means something
        assert only_tests in names(crates_below(tree, {"simulator", "bench", "suite"}))


def test_a_run_shares_its_artifacts_with_the_tests():
    # With --package the features of tokio, serde_json, syn and others are fewer, and `make test` would compile them and
    # all that stands on them a second time. --bins would compile the tests' programs.
    assert "--workspace" in build.COMMAND
    assert not {"--package", "-p", "--bins", "--all-targets", "--exclude"} & set(build.COMMAND)
    makefile = settings.ROOT.joinpath("Makefile").read_text()
    (flags,) = [line for line in makefile.splitlines() if line.startswith("CARGO_LOCAL :=")]
    assert set(flags.split()[2:]) == set(build.COMMAND[2:])


def test_every_program_is_a_library_and_a_program():
    """Which is how they are counted."""
    for name in build.programs():
        folder = settings.ROOT / ("tests/sandbox" if name == "sandbox" else f"functions/{name}")
        assert folder.joinpath("src/lib.rs").exists() and folder.joinpath("src/main.rs").exists(), name


def test_the_profile_names_packages_that_there_are():
    profile = tomllib.loads(settings.ROOT.joinpath("Cargo.toml").read_text())["profile"]["local"]["package"]
    lock = tomllib.loads(settings.ROOT.joinpath("Cargo.lock").read_text())["package"]
    assert set(profile) - {"*"} <= {package["name"] for package in lock}


TALK = """\
import sys, time
for n in range(60):
    print(f"   Compiling crate-{n} v1.0.0", file=sys.stderr, flush=True)
    time.sleep(0.01)
"""


def test_where_it_is_comes_also_while_cargo_talks_without_a_pause(capfd: pytest.CaptureFixture[str], monkeypatch):
    monkeypatch.setattr(build, "EVERY_SECONDS", 0.1)
    build._followed(build._Cargo([sys.executable, "-c", TALK]), Compiling(60), Progress())
    lines = capfd.readouterr().out.splitlines()
    assert 2 <= len(lines) <= 12
    assert "compiling: 0 of 60 crates, 60 left; now crate-0, crate-1, crate-2" in lines[0]


def test_a_failed_build_shows_its_messages_and_says_what_to_do(capfd: pytest.CaptureFixture[str]):
    fail = "import sys\nprint('error: failed to download from `index`', file=sys.stderr)\nsys.exit(101)"
    with pytest.raises(build.BuildFailed, match="the Rust package registry cannot be reached"):
        build._followed(build._Cargo([sys.executable, "-c", fail]), Compiling(1), Progress())
    assert "error: failed to download" in capfd.readouterr().out
