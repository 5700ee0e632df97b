"""Roles beside calls: what each function was seen to do in the fault matrix, its role allows.

`tests/simulator/matrix.txt` is written and held to the code by the simulator's test
`no_call_of_the_code_is_without_a_cell`: every call that a function makes in any scenario is on it.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from references import target
from test_reach import actions, resources, roles

from infra.local import settings, template

LIST = settings.ROOT / "tests" / "simulator" / "matrix.txt"
LEADING_KEYS = "dynamodb:LeadingKeys"
SECTION = "# What each function's role must allow"

# The template's resources, as the simulator calls them.
NAMES = {
    "LedgerTable": "ledger",
    "WorkTable": "work",
    "ContentBucket": "content",
    "ReportsBucket": "reports",
    "FetchQueue": "fetch",
    "PlanQueue": "plan",
    "BatchQueue": "batch",
    "TopUpQueue": "top-up",
    "OwnerAlerts": "alerts",
}


def needed():
    """Function -> {(action, resource, first part of the key)}, as the simulator saw them."""
    (section,) = [part for part in LIST.read_text().split("\n\n") if part.startswith(SECTION)]
    found: dict[str, set[tuple[str, str, str]]] = {}
    for line in section.splitlines()[1:]:
        function, _, call = line.partition(": ")
        action, resource, key = [*call.split(" "), ""][:3]
        found.setdefault(function, set()).add((action, resource, key))
    assert len(found) > 20, "the list was read"
    return found


def named(resource):
    """A statement's resource as the simulator calls it, and the pattern of the keys below it."""
    text = resource.get("Fn::Sub", "")
    if ":secret:" in text:
        return text.rpartition("/")[2].removesuffix("-??????"), "*"
    below = text.partition("}")[2]
    name = NAMES.get(target(resource), target(resource))
    if below.startswith("/index/"):
        return name + below, "*"
    return name, below.removeprefix("/") or "*"


def allowed(statement):
    """(action, resource, pattern of keys) of everything that a statement allows."""
    condition = dict(statement.get("Condition", {}))
    patterns = condition.pop("ForAllValues:StringLike", {}).get(LEADING_KEYS)
    listed = condition.pop("StringLike", {}).get("s3:prefix")
    # which attributes, and that the keys are given at all: test_reach.py holds these
    condition.pop("ForAllValues:StringEquals", None)
    condition.pop("Null", None)
    assert not condition, f"a condition that this test does not know: {condition}"
    narrowed = patterns or listed
    narrowed = [narrowed] if isinstance(narrowed, str) else narrowed
    for action in actions(statement):
        for resource in resources(statement):
            name, below = named(resource)
            for pattern in narrowed or [below]:
                yield action, name, pattern


def covers(granted, call):
    (action, resource, pattern), (called, on, key) = granted, call
    return (action, resource) == (called, on) and fnmatchcase(key, pattern)


@pytest.fixture(scope="module")
def granted(written, expanded):
    """Function, as its folder is called -> what its role allows."""
    binaries = template.functions(written.content)
    return {
        binaries[name]: {line for statement in statements for line in allowed(statement)}
        for name, statements in roles(expanded).items()
        if name in binaries
    }


def test_every_function_may_do_what_it_was_seen_to_do(granted):
    missing = [
        (function, *call)
        for function, calls in sorted(needed().items())
        for call in sorted(calls)
        if not any(covers(line, call) for line in granted[function])
    ]
    assert not missing

