"""Verifies a statement from the outside, by SPECIFICATION.md alone: shares no code with what wrote it.

Takes the items of GET /api/credits/transactions, or the file of the same address as CSV. As a program:

    python3 -m tests.demo.statement statement.csv [headHash]
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ZERO_HASH = "0" * 64
HASHES = ("previousHash", "hash")
MONEY = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]{2}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")

GRANTS = {"purchase", "top-up", "opening", "subscription", "promotional", "adjustment"}
RETURNS = {"refund-undone", "dispute-returned", "credit-back"}
TAKINGS = {"expiry", "refund", "dispute"}
UNMOVING = {"frozen", "unfrozen"}

# In these columns an apostrophe stands before what begins like a formula, and before an apostrophe.
TEXT_COLUMNS = ("description", "actor", "referenceId")

Item = dict[str, Any]


class Fault(Exception):
    """What is wrong with a statement, and at which entry."""


def canonical(item: Item) -> bytes:
    """The hashed form: RFC 8785 JSON of every field but the two hashes."""
    hashed = {name: value for name, value in item.items() if name not in HASHES}
    # With ASCII names and no fractions, sorted and unspaced JSON in UTF-8 is RFC 8785's.
    return json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hash_of(item: Item) -> str:
    """The hash that an entry must carry, in hexadecimal."""
    return hashlib.sha256(bytes.fromhex(item["previousHash"]) + canonical(item)).hexdigest()


def verify(items: Iterable[Item], head: str | None = None) -> int:
    """Verifies an unfiltered statement, oldest entry first; `head` is the account's latest hash. How many entries."""
    last: Item | None = None
    count = 0
    for count, item in enumerate(items, start=1):
        if item["seq"] != count:
            raise Fault(f"entry {item['seq']} stands where {count} should")
        _follows(last, item)
        if item["hash"] != hash_of(item):
            raise Fault(f"entry {count} does not carry its hash")
        if not _adds_up(item):
            raise Fault(f"entry {count} ({item['transactionType']}) does not add up")
        last = item
    if head is not None and head != (last["hash"] if last else ZERO_HASH):
        raise Fault("the statement does not end at the account's head")
    return count


def _follows(last: Item | None, item: Item) -> None:
    """The entry continues the one before it: same account, its balances, its hash, not an earlier time."""
    seq = item["seq"]
    available, held, previous = ("0.00", "0.00", ZERO_HASH)
    if last is not None:
        available, held, previous = last["balanceAfter"], last["heldAfter"], last["hash"]
        if item["organizationId"] != last["organizationId"]:
            raise Fault(f"entry {seq} is of another organization")
        if item["recordedAt"] < last["recordedAt"]:
            raise Fault(f"entry {seq} was recorded before the one before it")
    if (item["balanceBefore"], item["heldBefore"]) != (available, held):
        raise Fault(f"entry {seq} does not continue the balances before it")
    if item["previousHash"] != previous:
        raise Fault(f"entry {seq} does not follow the hash before it")
    for name in ("recordedAt", "occurredAt"):
        # In this one form, the order of the text is the order of time.
        if not TIME.fullmatch(item[name]):
            raise Fault(f"entry {seq} has a {name} that is not UTC with milliseconds")


def _adds_up(item: Item) -> bool:
    """The arithmetic of each kind."""
    kind, amount = item["transactionType"], _cents(item["amount"])
    available = _cents(item["balanceAfter"]) - _cents(item["balanceBefore"])
    held = _cents(item["heldAfter"]) - _cents(item["heldBefore"])
    parts = [_cents(part["amount"]) for part in item["lots"]]
    drawn, returned = sum(part for part in parts if part < 0), sum(part for part in parts if part > 0)
    if kind in GRANTS | RETURNS:
        return amount > 0 and available == amount and held == 0 and drawn == 0 and returned <= amount
    if kind in TAKINGS:
        covered = drawn == amount if kind == "expiry" else drawn >= amount
        return amount < 0 and available == amount and held == 0 and covered and returned == 0
    if kind == "hold":
        return amount < 0 and available == amount and held == -amount and drawn == amount and returned == 0
    if kind == "release":
        return amount > 0 and available == amount and held == -amount and drawn == 0 and returned <= amount
    if kind == "charge":
        ends_a_hold = available >= 0 > held and available + held == amount
        return amount < 0 and ends_a_hold and drawn == amount and returned <= available
    if kind in UNMOVING:
        return amount == available == held == 0 and not parts
    raise Fault(f"entry {item['seq']} is of a kind that the specification does not have: {kind}")


def _cents(text: str) -> int:
    if not isinstance(text, str) or not MONEY.fullmatch(text):
        raise Fault(f"{text!r} is not an amount of two decimals")
    return int(text.replace(".", ""))


def of_csv(text: str) -> list[Item]:
    """The items that a statement's CSV stands for."""
    return [_of_row(row) for row in csv.DictReader(io.StringIO(text, newline=""), strict=True)]


def _of_row(row: dict[str, str]) -> Item:
    item: Item = dict(row)
    for name in TEXT_COLUMNS:
        item[name] = row[name].removeprefix("'")
    item["seq"] = int(row["seq"])
    item["reverses"] = int(row["reverses"]) if row["reverses"] else None
    item["lots"] = json.loads(row["lots"])
    return item


def main(arguments: list[str]) -> int:
    """Verifies a file; 0 when it holds."""
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        # newline="" of bytes: line ends inside a cell belong to the cell
        count = verify(of_csv(Path(arguments[0]).read_bytes().decode()), *arguments[1:])
    except Fault as fault:
        print(f"not verified: {fault}", file=sys.stderr)
        return 1
    except (OSError, KeyError, ValueError, csv.Error) as error:
        print(f"not verified: this is no statement ({type(error).__name__}: {error})", file=sys.stderr)
        return 1
    print(f"verified: {count} entries, each continuing the one before it")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
