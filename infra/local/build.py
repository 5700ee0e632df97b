"""Builds the functions and the sandbox with the `local` profile, and one zip per function under .local/build/."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

from infra.local import settings

# Links to the same dependencies as `cargo test --workspace` does, so that one build serves both.
COMMAND = ["cargo", "build", "--profile", "local", "--workspace", "--bins", "--locked"]


def binaries() -> None:
    """Compiles every binary of the workspace; cargo's own messages are shown."""
    subprocess.run(COMMAND, cwd=settings.ROOT, check=True)


def package(names: list[str]) -> int:
    """Zips the binaries `names`, those that changed; answers how many did."""
    settings.BUILD.mkdir(parents=True, exist_ok=True)
    return sum(zipped(settings.TARGET / name, settings.BUILD / f"{name}.zip") for name in names)


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
