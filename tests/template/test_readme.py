"""What docs/operations.md tells an operator to set up at Stripe, and which alarms it explains, is what the code has."""

from __future__ import annotations

import re

from infra.local import seed, settings

OPERATIONS = settings.ROOT.joinpath("docs/operations.md").read_text()


def rows(head):
    """Names in the first column of the table with this head."""
    (table,) = re.findall(rf"^\| {head} \| what to do \|\n\|---\|---\|\n((?:\|.*\n)+)", OPERATIONS, re.MULTILINE)
    return [name for row in table.splitlines() for name in re.findall(r"`([A-Za-z-]+)`", row.split("|")[1])]


def test_the_webhook_endpoint_has_every_event_type_that_is_read_and_no_other():
    (step,) = re.findall(r'events="\n(.*?)"', OPERATIONS, re.DOTALL)
    listed = step.split()
    assert len(listed) > 20
    assert sorted(listed) == sorted(seed.event_types())


def test_the_webhook_endpoint_has_the_version_that_the_sandbox_speaks():
    sandbox = settings.ROOT.joinpath("tests/sandbox/src/stripe/mod.rs").read_text()
    (version,) = re.findall(r'const API_VERSION: &str = "([^"]+)"', sandbox)
    assert re.findall(r"api_version=(\S+)", OPERATIONS) == [version]


def test_every_alarm_of_the_log_is_explained_and_no_other():
    sources = [file for folder in ("functions", "shared") for file in settings.ROOT.joinpath(folder).rglob("*.rs")]
    written = re.compile(r'(?:\balarm = |\b(?:Fault|Misconfigured|refused)\()"([a-z-]+)"')
    raised = {name for file in sources for name in written.findall(file.read_text())}
    assert set(rows("alarm")) == raised


def test_every_alarm_of_cloudwatch_is_explained_and_no_other(written):
    assert sorted(rows("CloudWatch alarm")) == sorted(written.of("AWS::CloudWatch::Alarm"))


def test_what_operations_names_of_the_template_is_there(written):
    outputs = set(re.findall(r"\boutput ([A-Z]\w+)", OPERATIONS))
    assert outputs and outputs <= set(written.content["Outputs"])
    given = set(re.findall(r"\b([A-Z][A-Za-z]+)=(?:true|false|https?:|<|[a-z])", OPERATIONS))
    assert given - {"Name", "Value", "Enabled"} <= set(written.content["Parameters"])
    secrets = set(re.findall(r'create-secret --name "\$stack/([a-z-]+)"', OPERATIONS))
    assert secrets == {name.partition("/")[2] for name in settings.SECRETS}
