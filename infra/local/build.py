"""Builds the functions and the sandbox with the `local` profile, and one zip per function under .local/build/."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from infra import needs
from infra.local import settings
from infra.local.compiling import Compiling, crates_below
from infra.local.progress import Progress

# With --workspace a shared dependency has the features that all members ask for, so that one build serves `cargo test`
# too. Each program is named beside it: the crates of the tests are not compiled.
COMMAND = ["cargo", "build", "--profile", "local", "--workspace", "--locked"]
TREE = ["cargo", "tree", "--workspace", "--locked", "--edges", "normal,build", "--prefix", "depth", "--format", "{p}"]
EVERY_SECONDS = 15


class BuildFailed(Exception):
    """Cargo stopped; the message says why and what to do."""


def programs() -> list[str]:
    """What runs: every function, and the stand-ins for the vendors."""
    functions = sorted(folder.parent.name for folder in settings.ROOT.glob("functions/*/Cargo.toml"))
    return [*functions, "sandbox"]


def binaries(progress: Progress) -> None:
    """Compiles every program that runs. Says how far it is; says nothing when there is nothing to do."""
    names = programs()
    # its own counts are of downloads: nothing is compiled here
    reached = crates_below(_followed(_Cargo(TREE), Compiling(0), progress), set(names))
    # a function's library and its program are a crate each
    crates = Compiling(len(reached) + len(names))
    wanted = [part for name in names for part in ("--bin", name)]
    started = time.monotonic()
    _followed(_Cargo([*COMMAND, *wanted, "--message-format", "json-render-diagnostics"]), crates, progress)
    if crates.compiled:
        progress.say(f"compiled {crates.compiled} of {crates.total} crates in {time.monotonic() - started:.0f} s")


class _Cargo:
    """One run of cargo, its two outputs read line by line by a thread each."""

    def __init__(self, command: list[str]) -> None:
        # rustup would load a toolchain unasked, and not from a registry
        environment = {**os.environ, "RUSTUP_AUTO_INSTALL": "0", "CARGO_TERM_COLOR": "never"}
        self.process = subprocess.Popen(
            command,
            cwd=settings.ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        self._lines: queue.Queue[tuple[str, str | None]] = queue.Queue()
        for name, stream in (("stdout", self.process.stdout), ("stderr", self.process.stderr)):
            threading.Thread(target=self._read, args=(name, stream), name=f"cargo {name}", daemon=True).start()

    def _read(self, name: str, stream: IO[str]) -> None:
        for line in stream:
            self._lines.put((name, line.rstrip("\n")))
        self._lines.put((name, None))

    def lines(self, seconds: float) -> Iterator[tuple[str, str]]:
        """(stream, line) as they come until both have ended; ("", "") whenever `seconds` have passed."""
        open_streams, due = 2, time.monotonic() + seconds
        while open_streams:
            left = due - time.monotonic()
            if left <= 0:
                due += seconds
                yield "", ""
                continue
            try:
                name, line = self._lines.get(timeout=left)
            except queue.Empty:
                continue
            if line is None:
                open_streams -= 1
            else:
                yield name, line


def _followed(cargo: _Cargo, crates: Compiling, progress: Progress) -> list[str]:
    """Says where a run of cargo is until it ends; answers the lines of its stdout that are no messages."""
    printed, heard = [], []
    try:
        for stream, line in cargo.lines(EVERY_SECONDS):
            if stream == "stdout":
                crates.artifact(line)
                if not line.startswith("{"):
                    printed.append(line)
            elif stream == "stderr":
                heard.append(line)
                shown = crates.heard(line)
                if shown is not None:
                    progress.show(shown)
            elif where := crates.line():
                progress.say(where)
    finally:
        # also when the start is interrupted: no cargo goes on behind it
        if cargo.process.poll() is None:
            cargo.process.terminate()
        code = cargo.process.wait()
    if code != 0:
        raise BuildFailed(needs.cargo_failure("\n".join(heard)))
    return printed


def package(names: list[str]) -> int:
    """Zips the binaries `names`, those that changed; answers how many did."""
    settings.BUILD.mkdir(parents=True, exist_ok=True)
    # compression runs beside other threads
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return sum(pool.map(lambda name: zipped(settings.TARGET / name, settings.BUILD / f"{name}.zip"), names))


def zipped(binary: Path, archive: Path) -> bool:
    """Puts `binary` into `archive` as its bootstrap, unless it is there already."""
    changed = binary.stat().st_mtime_ns
    if archive.exists() and archive.stat().st_mtime_ns == changed:
        return False
    part = archive.with_suffix(".part")
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(part, "w", compresslevel=1) as file:
        file.writestr(entry, binary.read_bytes(), compresslevel=1)
    part.rename(archive)
    # the archive carries its binary's time, which is how the next start knows it
    os.utime(archive, ns=(changed, changed))
    return True


def main() -> int:
    """Builds alone, as a part of `infra.start`."""
    try:
        binaries(Progress.handed_on())
    except BuildFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
