"""The stack's own process: builds, starts, deploys, seeds, then stays until it is asked to stop or something ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from infra.local import build, cloud, lock, ports, seed, settings, stack, template
from infra.local.processes import Child, Stopped, adopt_orphans, listeners_beyond_loopback, stop
from infra.local.progress import Progress


class Failed(Exception):
    """The stack cannot start; the message says why and what to do."""


def up() -> int:
    """Runs the stack in the foreground; the exit code of `make run`."""
    held = lock.claim()
    if held is None:
        print(f"The stack is running already (process {stack.running()}).\n{_where()}\nStop it with `make stop`.")
        return 1
    settings.STATE_FILE.unlink(missing_ok=True)
    children: list[Child] = []
    adopt_orphans()
    # also when whoever started us ignores Ctrl-C, as a shell does for its background jobs
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        progress = Progress.handed_on()
        _start(progress, children)
        progress.say("ready\n")
        print(f"{_where()}\n\nCtrl-C or `make stop` stops everything.", flush=True)
        while True:
            for child in children:
                child.check()
            time.sleep(0.5)
    except KeyboardInterrupt:
        print("\nstopping", flush=True)
        return 0
    except (Failed, Stopped, build.BuildFailed, cloud.DeployFailed) as failure:
        print(f"\n{failure}", file=sys.stderr, flush=True)
        return 1
    finally:
        # a second Ctrl-C must not leave half of the processes behind
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        settings.STATE_FILE.unlink(missing_ok=True)
        stop(children)


def _start(progress: Progress, children: list[Child]) -> None:
    if taken := ports.problems():
        raise Failed("\n".join(taken))
    source = template.load()
    build.binaries(progress)
    names = list(template.functions(source).values())
    changed = build.package(names)
    progress.say(f"{len(names)} functions packaged, {changed} of them new")
    children.append(_sandbox())
    children.append(cloud.start())
    progress.say(f"emulator and sandbox answer on {settings.HOST}")
    cloud.prepare()
    outputs = cloud.deploy()
    progress.say("template.yaml deployed")
    seed.webhook()
    people = seed.users(outputs)
    first_page(progress)
    beyond = listeners_beyond_loopback(children)
    if beyond:
        raise Failed(f"something listens beyond loopback: {', '.join(beyond)}")
    stack.write(_published(outputs, people))


def _sandbox() -> Child:
    environment = {"PATH": os.environ["PATH"], "SANDBOX_PORT": str(settings.SANDBOX_PORT)}
    child = Child("sandbox", [settings.TARGET / "sandbox"], environment)
    child.wait_until_it_answers(f"{settings.SANDBOX_URL}/sandbox/health")
    return child


def first_page(progress: Progress) -> None:
    """Opens the console once, as a browser would first."""
    with urllib.request.urlopen(f"{settings.API_URL}/", timeout=30) as page:
        progress.say(f"console answers {page.status}")


def _published(outputs: dict[str, str], people: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "apiUrl": settings.API_URL,
        "consoleUrl": settings.CONSOLE_URL,
        "sandboxUrl": settings.SANDBOX_URL,
        "emulatorUrl": settings.EMULATOR_URL,
        "region": settings.REGION,
        "userPoolId": outputs["UserPoolId"],
        "userPoolClientId": outputs["UserPoolClientId"],
        "ledgerTable": outputs["LedgerTable"],
        "workTable": outputs["WorkTable"],
        "contentBucket": outputs["ContentBucket"],
        "reportsBucket": outputs["ReportsBucket"],
        "ownerAlerts": outputs["OwnerAlerts"],
        "functionLogs": outputs["FunctionLogs"],
        "users": people,
    }


def _where() -> str:
    people = [f"  {user.email:26} {user.organization_name} ({user.role})" for user in settings.USERS]
    lines = [f"Console   {settings.CONSOLE_URL}/", f"Sign in with the password {settings.PASSWORD} as", *people]
    return "\n".join(lines)


def _interrupt(_signal: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def detach() -> int:
    """Starts the stack in the background and returns when it is ready; says so when one runs already."""
    if stack.running() is not None:
        print(f"The stack is running already (process {stack.running()}).\n{_where()}")
        return 0
    settings.LOGS.mkdir(parents=True, exist_ok=True)
    # one that was killed may have left it
    settings.STATE_FILE.unlink(missing_ok=True)
    log = settings.LOGS / "stack.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra.local", "up"],
            cwd=settings.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        return _wait_until_ready(process, log)
    except KeyboardInterrupt:
        down()
        return 130


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> int:
    """Shows the progress of a stack that starts in the background; 0 when it is ready."""
    shown = 0
    while True:
        ended, ready = process.poll(), settings.STATE_FILE.exists()
        text = log.read_text(errors="replace")
        print(text[shown:], end="", flush=True)
        shown = len(text)
        if ended is not None:
            return ended or 1
        if ready:
            return 0
        time.sleep(0.2)


def down() -> int:
    """Stops the stack that runs here and waits until it is gone."""
    process = stack.running()
    if process is None:
        print("No stack runs here.")
        return 0
    os.kill(process, signal.SIGTERM)
    while stack.running() is not None:
        time.sleep(0.1)
    print("The stack has stopped.")
    return 0
