"""Shows what the functions logged on the running stack."""

from __future__ import annotations

from infra.local import cloud, stack


def show(function: str) -> None:
    """Prints every log line, oldest first, of functions whose name contains `function`."""
    group = stack.state()["functionLogs"]
    pages = cloud.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    for page in pages:
        for event in page["events"]:
            if function.lower() in event["logStreamName"].lower():
                print(event["logStreamName"], event["message"].rstrip(), sep="\t")
