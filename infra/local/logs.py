"""Shows what the functions logged on the running stack."""

from __future__ import annotations

from infra.local import cloud, settings, stack

# what Lambda itself writes around every call
FRAME = ("START ", "END ", "REPORT ")


class UnknownFunction(Exception):
    """No function has a name like the one that was given."""


def show(function: str) -> None:
    """Prints the log lines, oldest first, of the functions whose name contains `function`; all when it is empty."""
    wanted = _wanted(function)
    stack.state()
    logs = cloud.client("logs")
    lines = []
    for groups in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/aws/lambda/"):
        for group in groups["logGroups"]:
            name = group["logGroupName"].split("-")[-2]
            if wanted in name.lower():
                for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
                    lines += [(event["timestamp"], name, event["message"].rstrip()) for event in page["events"]]
    for _, name, message in sorted(lines, key=lambda line: line[0]):
        if not message.startswith(FRAME):
            print(f"{name}\t{message}")


def _wanted(function: str) -> str:
    """A name as log groups have it, without hyphens; a function that has logged nothing yet is known too."""
    names = sorted(folder.name for folder in (settings.ROOT / "functions").iterdir() if folder.is_dir())
    wanted = function.replace("-", "").lower()
    if not any(wanted in name.replace("-", "") for name in names):
        raise UnknownFunction(f"no function is called {function!r}; the functions are: {', '.join(names)}")
    return wanted
