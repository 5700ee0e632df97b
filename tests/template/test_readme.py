"""What README tells an operator to set up at Stripe, and which alarms it explains, is what the code has."""

from __future__ import annotations

import re

from infra.local import seed, settings

README = settings.ROOT.joinpath("README.md").read_text()


def test_the_webhook_endpoint_has_every_event_type_that_is_read_and_no_other():
    (step,) = re.findall(r"create a webhook endpoint .*? and these events:(.*?)Put its signing secret", README, re.DOTALL)
    listed = re.findall(r"`([a-z_.]+)`", step)
    assert len(listed) > 20
    assert sorted(listed) == sorted(seed.event_types())


def test_every_alarm_of_the_log_is_explained_and_no_other():
    sources = [file for folder in ("functions", "shared") for file in settings.ROOT.joinpath(folder).rglob("*.rs")]
    raised = {name for file in sources for name in re.findall(r'\balarm = "([a-z-]+)"', file.read_text())}
    (table,) = re.findall(r"^\| alarm \| what to do \|\n\|---\|---\|\n((?:\|.*\n)+)", README, re.MULTILINE)
    explained = {name for row in table.splitlines() for name in re.findall(r"`([a-z-]+)`", row.split("|")[1])}
    assert explained == raised
