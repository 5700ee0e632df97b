"""Verifies a statement of DropLab credits from its file alone, by the rules of SPECIFICATION.md.

    python3 verify_statement.py statement.csv [next.csv ...] [headHash]

One file that needs only Python's standard library (3.9 or later) and shares no code with the program that wrote the
statement: copy it and run it anywhere. Of several files, each must begin where the one before it ends. A head hash (64
characters 0-9 and a-f, `headHash` of GET /api/credits) is compared with the last hash of the last file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

ZERO_HASH = "0" * 64
HASHES = ("previousHash", "hash")
MONEY = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]{2}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
HASH = re.compile(r"[0-9a-f]{64}")
# what is longer than file names usually are, and has no dot or slash, was probably meant to be a hash
LIKE_A_HASH = re.compile(r"[0-9A-Za-z]{32,}")
NUMBER = re.compile(r"0|[1-9][0-9]{0,14}")

GRANTS = {"purchase", "top-up", "opening", "subscription", "promotional", "adjustment"}
RETURNS = {"refund-undone", "dispute-returned", "credit-back"}
DEDUCTIONS = {"expiry", "refund", "dispute"}
UNMOVING = {"frozen", "unfrozen"}

COLUMNS = [
    "seq", "recordedAt", "occurredAt", "transactionType", "description", "amount", "balanceBefore", "balanceAfter",
    "heldBefore", "heldAfter", "referenceType", "referenceId", "actor", "organizationId", "lots", "reverses",
    "previousHash", "hash",
]  # fmt: skip
# In these columns an apostrophe is put before text that begins like a formula or with an apostrophe.
TEXT_COLUMNS = ("description", "actor", "referenceId")

Item = dict[str, Any]


class Fault(Exception):
    """What is wrong with a statement, and at which entry."""


@dataclass(frozen=True)
class Standing:
    """An account after one of its entries; by default, before the first."""

    seq: int = 0
    available: str = "0.00"
    held: str = "0.00"
    hash: str = ZERO_HASH
    recorded_at: str = ""


@dataclass(frozen=True)
class File:
    """What a statement's CSV says."""

    organization: str
    opening: Standing
    items: list[Item]
    closing: Standing
    #: only entries of one kind are listed
    is_extract: bool


def canonical(item: Item) -> bytes:
    """The hashed form: RFC 8785 JSON of every field but the two hashes."""
    hashed = {name: value for name, value in item.items() if name not in HASHES}
    # With ASCII names and no fractions, sorted and unspaced JSON in UTF-8 is RFC 8785's.
    return json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hash_of(item: Item) -> str:
    """The hash that an entry must carry, in hexadecimal."""
    return hashlib.sha256(bytes.fromhex(item["previousHash"]) + canonical(item)).hexdigest()


def verify(items: Iterable[Item], head: Optional[str] = None) -> int:
    """Verifies an unfiltered statement, oldest entry first; `head` is the account's latest hash. Returns the number of entries."""
    end = _walk(Standing(), items, None)
    if head is not None and head != end.hash:
        raise Fault("the statement's last hash is not the account's head hash")
    return end.seq


def verify_file(file: File) -> None:
    """Verifies a file by its own opening and closing balance; an extract, only as far as its own rows can prove."""
    if file.is_extract:
        _verify_extract(file)
    elif _walk(file.opening, file.items, file.organization) != file.closing:
        raise Fault("the closing balance is not the one after the last entry: its number, balances, time or hash differ")


def verify_succession(earlier: File, later: File) -> None:
    """Verifies that a file begins where another ends."""
    if earlier.is_extract or later.is_extract:
        raise Fault("an extract cannot continue another file: download the same times without a kind")
    if earlier.organization != later.organization:
        raise Fault("the files are of different organizations")
    if earlier.closing != later.opening:
        raise Fault(f"the file before ends at entry {earlier.closing.seq}, and this one does not begin after it")


def _walk(start: Standing, items: Iterable[Item], organization: Optional[str]) -> Standing:
    """Verifies entries in order, from an account before them; returns the account after them."""
    at = start
    for item in items:
        if item["seq"] != at.seq + 1:
            raise Fault(f"entry {at.seq + 1} is missing: entry {item['seq']} is in its place")
        organization = organization if organization is not None else item["organizationId"]
        _verify_order(at, item)
        if (item["balanceBefore"], item["heldBefore"]) != (at.available, at.held):
            raise Fault(f"entry {item['seq']} does not continue the balances before it")
        if item["previousHash"] != at.hash:
            raise Fault(f"entry {item['seq']} does not follow the hash before it")
        _verify_alone(item, organization)
        at = _after(item)
    return at


def _after(item: Item) -> Standing:
    return Standing(item["seq"], item["balanceAfter"], item["heldAfter"], item["hash"], item["recordedAt"])


def _verify_order(at: Standing, item: Item) -> None:
    if item["recordedAt"] < at.recorded_at:
        raise Fault(f"entry {item['seq']} was recorded before the one before it")


def _verify_alone(item: Item, organization: str) -> None:
    """What an entry shows by itself: its organization, times, hash and arithmetic."""
    seq = item["seq"]
    if item["organizationId"] != organization:
        raise Fault(f"entry {seq} is of another organization")
    for name in ("recordedAt", "occurredAt"):
        # In this one form, the order of the text is the order of time.
        if not TIME.fullmatch(item[name]):
            raise Fault(f"entry {seq} has a {name} that is not UTC with milliseconds")
    for name in HASHES:
        if not HASH.fullmatch(item[name]):
            raise Fault(f"entry {seq} has a {name} that is not 64 hexadecimal digits")
    if item["hash"] != hash_of(item):
        raise Fault(f"the hash of entry {seq} does not match its contents")
    if not _adds_up(item):
        raise Fault(f"entry {seq} ({item['transactionType']}) does not add up")


def _verify_extract(file: File) -> None:
    at = file.opening
    for item in file.items:
        if not at.seq < item["seq"] <= file.closing.seq:
            raise Fault(f"entry {item['seq']} is out of order, or not between the file's balances")
        _verify_alone(item, file.organization)
        _verify_order(at, item)
        if item["seq"] == at.seq + 1 and item["previousHash"] != at.hash:
            raise Fault(f"entry {item['seq']} does not follow the hash before it")
        at = _after(item)
    if at.seq == file.closing.seq and at != file.closing:
        raise Fault("the closing balance is not the one after the last entry")


def _adds_up(item: Item) -> bool:
    """The arithmetic of each kind."""
    kind, amount = item["transactionType"], _cents(item["amount"])
    available = _cents(item["balanceAfter"]) - _cents(item["balanceBefore"])
    held = _cents(item["heldAfter"]) - _cents(item["heldBefore"])
    parts = [_cents(part["amount"]) for part in item["lots"]]
    drawn, returned = sum(part for part in parts if part < 0), sum(part for part in parts if part > 0)
    if kind == "adjustment" and amount < 0:
        return available == amount and held == 0 and drawn == amount and returned == 0
    if kind in GRANTS | RETURNS:
        return amount > 0 and available == amount and held == 0 and drawn == 0 and returned <= amount
    # a refund that an owner requested ends the hold made for it, as a charge does
    if kind == "charge" or (kind == "refund" and held < 0):
        ends_a_hold = available >= 0 > held and available + held == amount
        return amount < 0 and ends_a_hold and drawn == amount and returned <= available
    if kind in DEDUCTIONS:
        covered = drawn == amount if kind == "expiry" else drawn >= amount
        return amount < 0 and available == amount and held == 0 and covered and returned == 0
    if kind == "hold":
        return amount < 0 and available == amount and held == -amount and drawn == amount and returned == 0
    if kind == "release":
        return amount > 0 and available == amount and held == -amount and drawn == 0 and returned <= amount
    if kind in UNMOVING:
        return amount == available == held == 0 and not parts
    raise Fault(f"entry {item['seq']} is of a kind that the specification does not have: {kind}")


def _cents(text: str) -> int:
    if not isinstance(text, str) or not MONEY.fullmatch(text):
        raise Fault(f"{text!r} is not an amount of two decimals")
    return int(text.replace(".", ""))


def of_csv(text: str) -> File:
    """What a statement's CSV says."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    if list(reader.fieldnames or []) != COLUMNS:
        raise Fault("this is not a statement: its first line does not have a statement's columns")
    rows = list(reader)
    for line, row in enumerate(rows, start=1):
        if len(row) != len(COLUMNS) or None in row.values():
            raise Fault(f"row {line} does not have {len(COLUMNS)} cells")
    if len(rows) < 2 or rows[0]["transactionType"] != "opening-balance":
        raise Fault("the file does not begin with an opening balance")
    if rows[-1]["transactionType"] != "closing-balance":
        raise Fault("the file does not end with a closing balance: it was cut off, or rows were added")
    first, last = rows[0], rows[-1]
    opening, closing = _of_balance(first), _of_balance(last)
    for name in ("organizationId", "referenceType"):
        if first[name] != last[name]:
            raise Fault(f"opening and closing balance do not have the same {name}")
    if first["referenceType"] not in ("statement", "extract"):
        raise Fault(f"the balances are of a {first['referenceType']!r}, neither a statement nor an extract")
    items = [_of_row(row) for row in rows[1:-1]]
    return File(first["organizationId"], opening, items, closing, first["referenceType"] == "extract")


def _of_balance(row: dict[str, str]) -> Standing:
    unused = ("seq", "occurredAt", "amount", "balanceBefore", "heldBefore", "actor", "reverses", "previousHash")
    if any(row[name] for name in unused) or row["lots"] != "[]":
        raise Fault(f"the {row['transactionType']} row has values that a balance does not have")
    available, held = row["balanceAfter"], row["heldAfter"]
    standing = Standing(_number(row["referenceId"]), available, held, row["hash"], row["recordedAt"])
    if not MONEY.fullmatch(available) or not MONEY.fullmatch(held) or not HASH.fullmatch(row["hash"]):
        raise Fault(f"the {row['transactionType']} row has no balances, or no hash")
    if (standing.seq == 0) != (standing == Standing()):
        raise Fault(f"the {row['transactionType']} row: all of it is zero before the first entry, and only there")
    return standing


def _of_row(row: dict[str, str]) -> Item:
    if not row["seq"]:
        raise Fault(f"a row of kind {row['transactionType']!r} without a number is among the entries")
    item: Item = dict(row)
    for name in TEXT_COLUMNS:
        item[name] = row[name][1:] if row[name].startswith("'") else row[name]
    item["seq"] = _number(row["seq"])
    item["reverses"] = _number(row["reverses"]) if row["reverses"] else None
    item["lots"] = json.loads(row["lots"])
    return item


def _number(text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise Fault(f"{text!r} is not the number of an entry")
    return int(text)


def _say_what_holds(name: str, file: File) -> None:
    first, last, count = file.opening, file.closing, len(file.items)
    if file.is_extract:
        print(f"{name}: an extract of the statement of {file.organization}, {count} entries of one kind.")
        print("  Each entry matches its hash and adds up. Nothing is proved about the entries between them, nor that")
        print("  none is missing, nor about the two balances: for that, download the same times without a kind.")
        return
    span = f"entries {first.seq + 1} to {last.seq}" if count else "no entries"
    print(f"{name}: the statement of {file.organization}, {span}.")
    print("  1. Gap-free: no number is missing or twice.")
    print("  2. Balances: each entry begins with the balance after the one before it, the first with the opening balance.")
    print("  3. Hashes: each entry has the hash of its contents and of the entry before it.")
    print("  4. Time: no entry was recorded earlier than the one before it.")
    print("  5. Arithmetic: the figures and lots of each entry follow the rules of its kind.")
    print(f"  6. Head: the last hash is that of the closing balance, {last.hash}.")
    print(f"  Opening balance {first.available} available, {first.held} held;", end=" ")
    print(f"closing balance {last.available} available, {last.held} held.")


def _say_how_far(files: list[File], head: Optional[str]) -> None:
    first, last = files[0].opening, files[-1].closing
    if first.seq:
        print(f"It begins after entry {first.seq}: the files that end there prove the entries before it.")
    if head is None:
        print("Somebody who rewrites a whole file can compute new hashes. Compare its last hash with headHash of")
        print(f"GET /api/credits?at={last.recorded_at or '...'}, or with a head hash that you saved: add it to the command.")
    else:
        print("Its last hash is the head hash that you gave.")


def _refuse_a_mistyped_hash(names: list[str]) -> None:
    for name in names:
        if LIKE_A_HASH.fullmatch(name) and not Path(name).exists():
            raise Fault(
                f"{name!r} is neither a file nor a head hash: it has {len(name)} characters, and a head hash has 64, each "
                "0-9 or a-f. Copy headHash of GET /api/credits again"
            )


def _verify_all(names: list[str], head: Optional[str]) -> None:
    files: list[File] = []
    for name in names:
        try:
            # bytes: line ends inside a cell belong to the cell; a download from the console has a byte order mark
            file = of_csv(Path(name).read_bytes().decode("utf-8-sig"))
            verify_file(file)
            if files:
                verify_succession(files[-1], file)
        except Fault as fault:
            raise Fault(f"{name}: {fault}") from fault
        except (OSError, KeyError, TypeError, ValueError, csv.Error) as error:
            raise Fault(f"{name}: this is not a statement that can be read ({type(error).__name__}: {error})") from error
        _say_what_holds(name, file)
        files.append(file)
    if files[-1].is_extract:
        if head is not None:
            raise Fault("an extract has no head hash: leave the hash out")
        return
    if head is not None and head != files[-1].closing.hash:
        raise Fault(
            f"the last hash of {names[-1]} is {files[-1].closing.hash}, and you gave {head}. Copy headHash of GET "
            f"/api/credits?at={files[-1].closing.recorded_at or '...'} again; if it still differs, the file is not the "
            "organization's statement"
        )
    _say_how_far(files, head)


def main(arguments: list[str]) -> int:
    """Verifies files; 0 when they are valid, 1 with the first fault."""
    heads = [argument for argument in arguments if HASH.fullmatch(argument)]
    names = [argument for argument in arguments if argument not in heads]
    if not names or len(heads) > 1 or any(name.startswith("-") for name in names):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        _refuse_a_mistyped_hash(names)
        _verify_all(names, heads[0] if heads else None)
    except Fault as fault:
        print(f"Not verified. {fault}.", file=sys.stderr)
        return 1
    print("Verified.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
