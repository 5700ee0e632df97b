"""README's table of endpoints is the template's: the same routes to the same functions, and no other."""

from __future__ import annotations

import pathlib
import re


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


def routes_of_readme():
    readme = pathlib.Path(__file__).parents[2].joinpath("README.md").read_text()
    found = set()
    for endpoints, function in re.findall(r"^\| (`.*?) \| ([a-z-]+) \|", readme, re.MULTILINE):
        method = "GET"
        for endpoint in re.findall(r"`([^`]+)`", endpoints):
            if " " in endpoint:
                method, endpoint = endpoint.split(" ")
            found.add((method, endpoint, function))
    return found


# What the console's page loads for itself is not an endpoint for people.
PAGE_PARTS = {("GET", "/assets/{file}", "console"), ("GET", "/config.json", "console")}


def test_the_readme_lists_every_endpoint_and_no_other(written):
    assert routes_of_template(written) - PAGE_PARTS == routes_of_readme()
