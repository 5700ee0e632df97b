"""Child processes of the stack: started with a log file each, watched, stopped together. Knows nothing of what they do."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from infra.local import settings

STOP_SECONDS = 8
ORPHAN_SECONDS = 2
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LISTENING = "0A"  # the state's code in /proc/net/tcp
LOOPBACK = {"0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"}


class Stopped(Exception):
    """A child that should run does not; the message names its log."""


def end_with_parent() -> None:
    """In the child: asks the kernel for SIGTERM when the stack's own process dies, however it dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def adopt_orphans() -> None:
    """Makes this process the parent of what its children leave behind, so that `stop` can collect it."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


class Child:
    """One process, in a process group of its own, so that Ctrl-C reaches it through us and in our order."""

    def __init__(self, name: str, command: list[str | Path], environment: dict[str, str]) -> None:
        settings.LOGS.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.log = settings.LOGS / f"{name}.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=settings.LOCAL,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def check(self) -> None:
        """Raises Stopped when the process has ended."""
        code = self.process.poll()
        if code is not None:
            raise Stopped(f"{self.name} ended with code {code}; its log is {relative(self.log)}\n{tail(self.log)}")

    def wait_until_it_answers(self, url: str, seconds: float = 30) -> None:
        """Returns when `url` answers anything over HTTP; Stopped when the process ends or takes longer."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.check()
            try:
                urllib.request.urlopen(url, timeout=2).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        raise Stopped(f"{self.name} does not answer at {url}; its log is {relative(self.log)}\n{tail(self.log)}")

    def ask_to_stop(self) -> None:
        """Sends SIGTERM to the process; it stops its own children in order."""
        if self.process.poll() is None:
            self.process.terminate()

    def end(self) -> None:
        """Waits for the process, then kills whatever of its group is left."""
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


def stop(children: list[Child]) -> None:
    """Stops all children, the newest first."""
    for child in reversed(children):
        child.ask_to_stop()
    for child in reversed(children):
        child.end()
    _collect_orphans()


def _collect_orphans() -> None:
    """Reaps what the children left behind and what was killed with them; gives up on what does not end."""
    until = time.monotonic() + ORPHAN_SECONDS
    while time.monotonic() < until:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not ended:
            time.sleep(0.02)


def relative(path: Path) -> str:
    """A path as a person in the project's folder would type it."""
    return str(path.relative_to(settings.ROOT))


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, indented."""
    text = log.read_text(errors="replace").splitlines()[-lines:] if log.exists() else []
    return "\n".join(f"    {line}" for line in text)


def listeners_beyond_loopback(children: list[Child]) -> list[str]:
    """Addresses other than loopback's that any process of the children's groups listens on; there must be none."""
    groups = {child.process.pid for child in children}
    sockets = {inode: address for address, inode in listening_sockets()}
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and _group_of(int(process.name)) in groups:
            for inode in sockets_of(process):
                address = sockets.get(inode)
                if address and address.split(":")[0] not in LOOPBACK:
                    found.append(f"process {process.name} port {int(address.split(':')[1], 16)}")
    return found


def listening_sockets() -> list[tuple[str, str]]:
    """(hexadecimal address:port, inode) of every listening TCP socket, as `ss -ltn` reads them."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if Path(table).exists():
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTENING:
                    found.append((fields[1], fields[9]))
    return found


def _group_of(process: int) -> int:
    try:
        return os.getpgid(process)
    except OSError:
        return 0


def sockets_of(process: Path) -> list[str]:
    """The inodes of a process's sockets; none when this user may not see them."""
    try:
        targets = [os.readlink(handle) for handle in (process / "fd").iterdir()]
    except OSError:
        return []
    return [target[len("socket:[") : -1] for target in targets if target.startswith("socket:[")]
