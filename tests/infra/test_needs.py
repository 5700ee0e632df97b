"""What is missing on a machine is named, with the command that brings it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from infra import needs
from infra.local import settings

VERSION = "1.95.0"


def machine(**programs: tuple[int, str]) -> needs.Run:
    """A machine that has these programs, each with its answer."""

    def call(command: list[str], given: str = "") -> tuple[int, str]:
        if command[0] == "cc" and given:
            return programs.get("headers", (127, ""))
        return programs.get(command[0], (127, ""))

    return call


def test_this_machine_has_what_is_needed():
    assert needs.missing() == []


def test_an_old_python_and_one_without_venv_are_named():
    (old,) = needs.python((3, 9))
    assert "Python 3.11 or newer is needed, this is 3.9" in old and "apt-get install python3" in old
    # Debian keeps ensurepip in a package of its own
    (bare,) = needs.python((3, 11), lambda name: None if name == "ensurepip" else object())
    assert "apt-get install python3-venv" in bare
    assert needs.python((3, 13), lambda _: object()) == []


def test_missing_rust_is_named_with_both_commands():
    (problem,) = needs.rust(machine())
    assert problem == (
        "Rust is missing; on Debian: apt-get install rustup, then: rustup toolchain install 1.95.0 --profile minimal"
        " --component clippy --component rustfmt"
    )
    # cargo alone, as some distributions split it
    assert needs.rust(machine(cargo=(0, "cargo 1.95.0"))) == [problem]


def test_rust_of_another_version_is_named():
    refused = (1, f"error: toolchain '{VERSION}-x86_64-unknown-linux-gnu' is not installed")
    (problem,) = needs.rust(machine(cargo=refused, rustc=refused))
    assert problem.startswith(f"Rust {VERSION} is not installed: rustup toolchain install {VERSION}")
    (problem,) = needs.rust(machine(cargo=(0, "cargo 1.85.1 (d73d2caf9 2024-12-31)"), rustc=(0, "rustc 1.85.1")))
    assert f"Rust {VERSION} or newer is needed, this is 1.85.1: rustup toolchain install" in problem
    newer = (0, "cargo 1.100.0 (abc 2027-01-01)")
    assert needs.rust(machine(cargo=newer, rustc=newer)) == []


def test_the_toolchain_is_the_one_of_the_project():
    assert f'channel = "{VERSION}"' in settings.ROOT.joinpath("rust-toolchain.toml").read_text()


def test_a_missing_compiler_and_missing_headers_are_named():
    (problem,) = needs.c_compiler(machine())
    assert "(cc)" in problem and "apt-get install gcc libc6-dev" in problem
    # gcc without what Debian only recommends with it
    (problem,) = needs.c_compiler(machine(cc=(0, "cc 12"), headers=(1, "fatal error: stdlib.h")))
    assert "headers" in problem and "apt-get install gcc libc6-dev" in problem


# with PIP_RETRIES=0, and no word of a connection
PIP_WITHOUT_RETRIES = """\
ERROR: Could not find a version that satisfies the requirement pytest==9.2.0 (from versions: none)
ERROR: No matching distribution found for pytest==9.2.0
"""
PIP_WITHOUT_NETWORK = """\
WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError('<HTTPSConnection>:
Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/pytest/
ERROR: Could not find a version that satisfies the requirement pytest==9.2.0 (from versions: none)
ERROR: No matching distribution found for pytest==9.2.0
"""


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (PIP_WITHOUT_NETWORK, "the Python package registry cannot be reached"),
        (PIP_WITHOUT_RETRIES, "the Python package registry cannot be reached"),
        ("ERROR: Could not find a version that satisfies pytest==99 (from versions: 9.1, 9.2)", "has no such version for Python"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "pinned by its hash"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "the disk is full"),
        ("ERROR: something else", "its message is above"),
    ],
)
def test_why_pip_failed(said: str, answer: str):
    assert answer in needs.pip_failure(said)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("error: failed to get `serde` as a dependency\n  [6] Could not resolve host: index", "the Rust package"),
        ("warning: spurious network error (3 tries remaining)\nerror: failed to download `syn`", "the Rust package"),
        ("error: linker `cc` not found", "apt-get install gcc libc6-dev"),
        ("error: could not write output: No space left on device (os error 28)", "the disk is full"),
        # a program's own text about connections is not the registry's
        ('error[E0308]: "Connection refused"\nerror: could not compile `credits`', "the build failed"),
    ],
)
def test_why_cargo_failed(said: str, answer: str):
    assert answer in needs.cargo_failure(said)


def test_no_message_names_a_host():
    cargo = needs.cargo_failure("Could not resolve host: index.example")
    for message in (needs.pip_failure(PIP_WITHOUT_NETWORK), cargo):
        assert "://" not in message and "example" not in message


def shell(tmp_path: Path, **programs: str) -> subprocess.CompletedProcess[str]:
    """Runs debian.sh on a machine that has `sh` and these programs only."""
    tmp_path.joinpath("sh").symlink_to("/bin/sh")
    for name, body in programs.items():
        file = tmp_path / name.replace("_", "-")
        file.write_text(f"#!/bin/sh\n{body}\n")
        file.chmod(0o755)
    command = [str(tmp_path / "sh"), str(settings.ROOT / "infra/debian.sh"), "valgrind"]
    return subprocess.run(command, env={**os.environ, "PATH": str(tmp_path)}, capture_output=True, text=True)


def test_debian_packages_that_cannot_be_had_are_named(tmp_path: Path):
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    done = shell(nothing, id="echo 0")
    assert done.returncode == 1 and "valgrind is missing and this is not a Debian" in done.stderr

    person = tmp_path / "person"
    person.mkdir()
    done = shell(person, id="echo 1000", apt_get="exit 0")
    assert done.returncode == 1 and "as root: apt-get install valgrind" in done.stderr

    offline = tmp_path / "offline"
    offline.mkdir()
    done = shell(offline, id="echo 0", apt_get="exit 100")
    assert done.returncode == 1 and "then: apt-get install valgrind" in done.stderr
    assert "the Debian package registry" in done.stderr
