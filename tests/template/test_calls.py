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


# What Lambda does in a function's name: it polls the queue that triggers it, and tells of a failed run.
BY_LAMBDA = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}

# Rights that no scenario uses, and what needs them.
UNSEEN = {
    ("*", "s3:ListBucket", "content"): "S3 answered 403 for one key: the list says whether it is missing",
    ("*", "s3:ListBucket", "reports"): "as above",
    ("*", "dynamodb:GetItem", "ledger"): "the answer to a movement was lost: its cause is looked up",
    ("audience-purchase-status", "s3:GetObject", "content"): "the owner's browser follows a signed link",
    ("monthly-vendor-report", "s3:GetObject", "reports"): "finance's browser follows a signed link",
    ("monthly-vendor-report", "sqs:SendMessage", "ReportFailures"): "Lambda tells of a failed run",
    ("refund-request", "secretsmanager:GetSecretValue", "stripe"): "billing connects to Stripe as a whole",
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



def explained(function, line):
    action, resource, _ = line
    return action in BY_LAMBDA or any((who, action, resource) in UNSEEN for who in ("*", function))


def test_no_role_allows_what_no_scenario_does(granted):
    unused = [
        (function, *line)
        for function, lines in sorted(granted.items())
        for line in sorted(lines)
        if not any(covers(line, call) for call in needed().get(function, ()))
        and not explained(function, line)
    ]
    assert not unused, "\n".join(map(str, unused))


def test_each_explained_right_is_there(granted):
    rights = {(function, *line[:2]) for function, lines in granted.items() for line in lines}
    rights |= {("*", *right[1:]) for right in rights}
    assert set(UNSEEN) <= rights
