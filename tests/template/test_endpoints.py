"""The tables of docs/api.md are the application's: the same routes to the same functions, and the same error codes."""

from __future__ import annotations

import re

from infra.local import settings

API = settings.ROOT.joinpath("docs/api.md").read_text()


def routes_of_template(written):
    found = set()
    for item in written.all.values():
        if item["Type"] != "AWS::Serverless::Function":
            continue
        binary = item["Metadata"]["BuildProperties"]["Binary"]
        for event in item["Properties"].get("Events", {}).values():
            if event["Type"] == "HttpApi":
                found.add((event["Properties"]["Method"].upper(), event["Properties"]["Path"], binary))
    return found


def routes_of_the_document():
    found = set()
    (table,) = re.findall(r"^\| endpoint \| function \| caller \|\n\|---\|---\|---\|\n((?:\|.*\n)+)", API, re.MULTILINE)
    for endpoints, function in re.findall(r"^\| (`.*?) \| ([a-z-]+) \|", table, re.MULTILINE):
        method = "GET"
        for endpoint in re.findall(r"`([^`]+)`", endpoints):
            if " " in endpoint:
                method, endpoint = endpoint.split(" ")
            found.add((method, endpoint, function))
    return found


# What the console's page loads for itself is not an endpoint for people.
PAGE_PARTS = {("GET", "/assets/{file}", "console")}


def test_the_document_lists_every_endpoint_and_no_other(written):
    assert routes_of_template(written) - PAGE_PARTS == routes_of_the_document()


def codes_of_the_document():
    tables = re.findall(r"^\| code \| status \| [^|]+ \|\n\|---\|---\|---\|\n((?:\|.*\n?)+)", API, re.MULTILINE)
    assert len(tables) == 2
    rows = [row for table in tables for row in table.splitlines()]
    listed = [code for row in rows for code in re.findall(r"`([a-z_]+)`", row.split("|")[1])]
    assert len(listed) == len(set(listed)), "a code has one row"
    return set(listed)


# The functions that make a problem from a code, and the `match` that names the code of a refusal
CODES = re.compile(
    r'\b(?:bad_request|conflict|too_many|invalid|problem)\(\s*"([a-z_]+)"'
    r'|\b(?:Problem|Self)::new\(\s*StatusCode::\w+,\s*"([a-z_]+)"'
    r'|\w+(?:Refusal|Refused)::\w+(?: \{ \.\. \})? => "([a-z_]+)"'
)


def test_the_document_lists_every_error_code_and_no_other():
    folders = ("functions/*/src", "shared/platform/src", "shared/refusals/src")
    sources = [file for folder in folders for file in settings.ROOT.glob(f"{folder}/**/*.rs")]
    texts = [file.read_text().partition("#[cfg(test)]")[0] for file in sources]
    raised = {code for text in texts for found in CODES.findall(text) for code in found if code}
    assert len(raised) > 60
    assert codes_of_the_document() == raised
