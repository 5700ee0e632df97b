"""Shows what the functions logged on the running stack."""

from __future__ import annotations

from infra.local import cloud, stack

# what Lambda itself writes around every call
FRAME = ("START ", "END ", "REPORT ")


def show(function: str) -> None:
    """Prints the log lines, oldest first, of the functions whose name contains `function`; all when it is empty."""
    stack.state()
    wanted = function.replace("-", "").lower()
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
