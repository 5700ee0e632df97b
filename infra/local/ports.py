"""The ports that the stack listens on, and who has them already."""

from __future__ import annotations

import os
from pathlib import Path

from infra.local import settings
from infra.local.processes import listening_sockets, sockets_of

# The API and the console have no port of their own: they are names on the emulator's. Each function asks for its work
# at a port of loopback that the system picks.
PORTS = {
    "EMULATOR_PORT": (settings.EMULATOR_PORT, "the console, the API and the emulator"),
    "SANDBOX_PORT": (settings.SANDBOX_PORT, "the vendors' sandbox"),
}


def problems(ports: dict[str, tuple[int, str]] = PORTS) -> list[str]:
    """What is wrong with the ports, each with what to do about it."""
    found = []
    seen: dict[int, str] = {}
    for name, (port, use) in ports.items():
        if port in seen:
            found.append(f"{seen[port]} and {name} are both {port}: choose another, {name}=… make run")
        elif holder := holder_of(port):
            found.append(
                f"port {port}, which {use} would use, is taken by {holder}; end that, or choose another port:"
                f" {name}=… make run"
            )
        seen[port] = name
    return found


def holder_of(port: int) -> str | None:
    """Which program listens on `port`, as far as this user may see; None when nothing does."""
    inodes = {inode for address, inode in listening_sockets() if int(address.split(":")[1], 16) == port}
    if not inodes:
        return None
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid() and inodes & set(sockets_of(process)):
            return f"process {process.name} ({_name(process)})"
    return "another program"


def _name(process: Path) -> str:
    try:
        return process.joinpath("comm").read_text().strip()
    except OSError:
        return "ended meanwhile"
