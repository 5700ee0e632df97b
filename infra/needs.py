"""What must be on this machine before anything is built, and why a download failed: one sentence each, with the
command that helps. Only Python's standard library, because nothing is installed yet.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PYTHON = (3, 11)
# where rustup is not a package of the system's (before Debian 13), its own site has it
RUST = "Rust is missing; on Debian: apt-get install rustup, then: {toolchain}"
COMPILER = "{what}; on Debian: apt-get install gcc libc6-dev"

# words of pip, cargo and apt when a connection fails or breaks
_NO_NETWORK = re.compile(
    r"name resolution|resolve host|resolving '|getaddrinfo|NameResolutionError|NewConnectionError|ConnectTimeout"
    r"|ReadTimeout|Connection (?:refused|reset|timed out)|failed to connect|Could not connect|Network is unreachable"
    r"|ProxyError|Proxy CONNECT|SSLError|SSL connect|certificate verify failed|SSL certificate|timed out"
    r"|spurious network error|download of .* failed|failed to download",
    re.IGNORECASE,
)
_FULL = re.compile(r"No space left on device", re.IGNORECASE)

Run = Callable[[list[str], str], "tuple[int, str]"]


def run(command: list[str], given: str = "") -> tuple[int, str]:
    """Exit code and all output of a short command; 127 when there is no such program."""
    # rustup would load a toolchain unasked, and not from a registry
    environment = {**os.environ, "RUSTUP_AUTO_INSTALL": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError:
        return 127, ""
    return done.returncode, done.stdout


def python(version: tuple[int, ...] = sys.version_info[:2], has: Callable[[str], object] | None = None) -> list[str]:
    """What this Python lacks: its age, or what virtual environments are made with."""
    found = ".".join(map(str, version))
    if version < PYTHON:
        wanted = ".".join(map(str, PYTHON))
        return [f"Python {wanted} or newer is needed, this is {found}; Debian 12 has one: apt-get install python3"]
    if not all(map(has or importlib.util.find_spec, ("ensurepip", "venv"))):
        return ["this Python cannot make virtual environments; on Debian: apt-get install python3-venv"]
    return []


def rust(call: Run = run) -> list[str]:
    """What is missing of Rust in the version that rust-toolchain.toml names."""
    wanted = re.search(r'channel = "([\d.]+)"', (ROOT / "rust-toolchain.toml").read_text())
    version = wanted[1] if wanted else "stable"
    toolchain = f"rustup toolchain install {version} --profile minimal --component clippy --component rustfmt"
    for program in ("cargo", "rustc"):
        code, said = call([program, "--version"], "")
        if code == 127:
            return [RUST.format(toolchain=toolchain)]
        if code != 0:
            # rustup's proxy answers for a toolchain that is not there
            return [f"Rust {version} is not installed: {toolchain}"]
        found = re.search(r"\d+\.\d+\.\d+", said)
        if found and numbers(found[0]) < numbers(version):
            return [f"Rust {version} or newer is needed, this is {found[0]}: {toolchain}"]
    return []


def c_compiler(call: Run = run) -> list[str]:
    """What is missing to link, and to compile the C of `ring`."""
    code, _ = call(["cc", "--version"], "")
    if code != 0:
        return [COMPILER.format(what="a C compiler (cc), which links the programs, is missing")]
    code, _ = call(["cc", "-E", "-x", "c", "-"], "#include <stdlib.h>\n")
    return [] if code == 0 else [COMPILER.format(what="the C library's headers are missing")]


def missing() -> list[str]:
    """Everything that is missing to build and run, each with the command that brings it."""
    return python() + rust() + c_compiler()


def numbers(version: str) -> tuple[int, ...]:
    """`1.95.0` as what can be compared."""
    return tuple(int(part) for part in version.split("."))


def pip_failure(output: str) -> str:
    """Why pip stopped and what to do next, from what it said."""
    if "DO NOT MATCH THE HASHES" in output:
        return (
            "a Python package is not the one that is pinned by its hash, so it was not installed: try again; if it"
            " stays so, ask whoever keeps your Python package registry"
        )
    if _FULL.search(output):
        return full()
    # pip without a network may say no more than that it found no version at all
    if _NO_NETWORK.search(output) or "(from versions: none)" in output:
        return unreachable("Python", "pip config list")
    if "No matching distribution" in output or "Could not find a version" in output:
        found = ".".join(map(str, sys.version_info[:2]))
        return f"the Python package registry has no such version for Python {found} on this machine; see pip's message"
    return "pip could not install the tools; its message is above"


def cargo_failure(output: str) -> str:
    """Why cargo stopped and what to do next, from what it said."""
    if _FULL.search(output):
        return full()
    if "checksum" in output and "changed" in output:
        return "a Rust package is not the one that Cargo.lock pins; ask whoever keeps your Rust package registry"
    if re.search(r"linker .* not found|failed to find tool", output):
        return COMPILER.format(what="the C compiler or linker was not found")
    if "error: could not compile" not in output and _NO_NETWORK.search(output):
        return unreachable("Rust", "~/.cargo/config.toml")
    return "the build failed; its messages are above"


def unreachable(whose: str, settings: str) -> str:
    """A registry that does not answer; which one is named, not its address."""
    return (
        f"the {whose} package registry cannot be reached: check this machine's network, its proxy and the settings"
        f" ({settings}), then try again; what has been downloaded is not lost"
    )


def full() -> str:
    """The disk has no room."""
    free = shutil.disk_usage(ROOT).free // 2**20
    return f"the disk is full ({free} MiB are free here; a build takes about 5 GiB): make room, then try again"
