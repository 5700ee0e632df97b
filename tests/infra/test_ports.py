"""A port in use is said, with its holder and what to do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from infra.local import ports, settings


LISTEN = """\
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
sys.stdin.read()
"""


def test_the_stack_listens_on_two_ports_and_both_are_looked_at():
    assert set(ports.PORTS) == {"EMULATOR_PORT", "SANDBOX_PORT"}


def test_a_port_in_use_is_named_with_its_holder():
    command = [sys.executable, "-c", LISTEN]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        port = int(other.stdout.readline())
        (problem,) = ports.problems({"SANDBOX_PORT": (port, "the vendors' sandbox")})
        assert f"port {port}, which the vendors' sandbox would use, is taken by process {other.pid} (python" in problem
        assert problem.endswith("or choose another port: SANDBOX_PORT=… make run")
        other.communicate("")
    assert ports.problems({"SANDBOX_PORT": (port, "the vendors' sandbox")}) == []


def test_a_port_in_use_on_another_address_or_protocol_counts_too():
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        assert len(ports.problems({"EMULATOR_PORT": (taken.getsockname()[1], "the emulator")})) == 1


def test_one_port_for_two_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (problem,) = ports.problems({"EMULATOR_PORT": (port, "one"), "SANDBOX_PORT": (port, "another")})
    assert problem.startswith(f"EMULATOR_PORT and SANDBOX_PORT are both {port}")


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "4566.0"])
def test_a_port_that_is_none_is_said_without_a_traceback(text: str):
    command = [sys.executable, "-c", "from infra.local import settings"]
    environment = {**os.environ, "EMULATOR_PORT": text}
    done = subprocess.run(command, cwd=settings.ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith(f"EMULATOR_PORT is {text!r}; a port is a number")
