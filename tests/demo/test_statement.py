"""The verifier accepts a statement that holds, and finds whatever is changed in it."""

from __future__ import annotations

import copy
import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.demo import statement
from tests.demo.statement import Fault, Item, ZERO_HASH

COLUMNS = [
    "seq", "recordedAt", "occurredAt", "transactionType", "description", "amount", "balanceBefore", "balanceAfter",
    "heldBefore", "heldAfter", "referenceType", "referenceId", "actor", "organizationId", "lots", "reverses",
    "previousHash", "hash",
]  # fmt: skip

# kind, amount, change of available, change of held, amounts of the lots
STORY = [
    ("purchase", "250.00", 25000, 0, ["250.00"]),
    ("subscription", "99.00", 9900, 0, ["99.00"]),
    ("hold", "-21.00", -2100, 2100, ["-21.00"]),
    ("charge", "-17.50", 350, -2100, ["-17.50", "3.50"]),
    ("hold", "-30.00", -3000, 3000, ["-30.00"]),
    ("release", "30.00", 3000, -3000, ["30.00"]),
    ("credit-back", "1.00", 100, 0, ["1.00"]),
    ("expiry", "-81.50", -8150, 0, ["-81.50"]),
    ("refund", "-251.50", -25150, 0, ["-250.00"]),
    ("frozen", "0.00", 0, 0, []),
    ("refund-undone", "251.50", 25150, 0, ["250.00"]),
    ("unfrozen", "0.00", 0, 0, []),
]


def dollars(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def a_statement(description: str = "Purchase of credits") -> list[Item]:
    """A statement of every sort of entry, as the API shows it, oldest first."""
    items: list[Item] = []
    available = held = 0
    previous = ZERO_HASH
    for seq, (kind, amount, more, more_held, lots) in enumerate(STORY, start=1):
        item: Item = {
            "organizationId": "org_alder",
            "seq": seq,
            "transactionType": kind,
            "amount": amount,
            "balanceBefore": dollars(available),
            "balanceAfter": dollars(available + more),
            "heldBefore": dollars(held),
            "heldAfter": dollars(held + more_held),
            "referenceType": "checkout-session",
            "referenceId": f"cs_{seq}",
            "description": description,
            "actor": "stripe",
            "occurredAt": "2026-11-22T08:00:00.000Z",
            "recordedAt": f"2026-11-22T08:00:{seq:02}.000Z",
            "lots": [
                {"lot": "L1", "kind": "purchase", "source": "ord_1", "amount": part, "expiresAt": None} for part in lots
            ],
            "reverses": None if seq < 4 else 1,
            "previousHash": previous,
        }
        item["hash"] = previous = statement.hash_of(item)
        available, held = available + more, held + more_held
        items.append(item)
    return items


def rehashed(items: list[Item]) -> list[Item]:
    """The same with fresh hashes: what somebody could do who may write the whole table."""
    previous = ZERO_HASH
    for item in items:
        item["previousHash"] = previous
        item["hash"] = previous = statement.hash_of(item)
    return items


def as_csv(items: list[Item]) -> str:
    """The file of a statement, by the words of SPECIFICATION.md."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for item in items:
        cells = []
        for column in COLUMNS:
            value = item[column]
            text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
            if column in statement.TEXT_COLUMNS and text[:1] in set("=+-@\t\r\n\0'"):
                text = "'" + text
            cells.append(text)
        writer.writerow(cells)
    return out.getvalue()


def test_a_statement_that_holds_is_verified_to_its_head() -> None:
    items = a_statement()
    assert statement.verify(items, items[-1]["hash"]) == len(STORY)


def test_an_empty_statement_ends_at_32_zero_bytes() -> None:
    assert statement.verify([], ZERO_HASH) == 0
    with pytest.raises(Fault, match="head"):
        statement.verify([], "1" * 64)


def test_the_canonical_form_is_sorted_unspaced_utf_8_json_without_the_hashes() -> None:
    text = "é\u007f\u2028\n\"\\\u0001"
    item = {"seq": 1, "b": text, "a": None, "lots": [{"z": "1", "y": "2"}], "hash": "", "previousHash": ""}
    expected = '{"a":null,"b":"é\u007f\u2028\\n\\"\\\\\\u0001","lots":[{"y":"2","z":"1"}],"seq":1}'
    assert statement.canonical(item) == expected.encode()


@pytest.mark.parametrize("name", sorted(set(a_statement()[0]) - {"seq", "hash"}))
def test_no_field_can_be_changed(name: str) -> None:
    for at in range(len(STORY)):
        items = a_statement()
        others = {"previousHash": "1" * 64, "lots": [*items[at]["lots"], {"amount": "1.01"}]}
        items[at][name] = others.get(name, "1.01")
        with pytest.raises(Fault):
            statement.verify(items, items[-1]["hash"])


def swap(items: list[Item]) -> None:
    items[2], items[3] = items[3], items[2]


CHANGES: list[tuple[str, Callable[[list[Item]], Any]]] = [
    ("stands where 3 should", lambda items: items.pop(2)),
    ("stands where 3 should", swap),
    ("stands where 2 should", lambda items: items.insert(1, copy.deepcopy(items[0]))),
    ("head", lambda items: items.pop()),
    ("does not carry its hash", lambda items: items[4].update(description="another")),
]


@pytest.mark.parametrize(("fault", "change"), CHANGES)
def test_entries_cannot_be_removed_swapped_repeated_or_rewritten(
    fault: str, change: Callable[[list[Item]], Any]
) -> None:
    items = a_statement()
    head = items[-1]["hash"]
    change(items)
    with pytest.raises(Fault, match=fault):
        statement.verify(items, head)


@pytest.mark.parametrize(
    ("at", "name", "value", "fault"),
    [
        (0, "balanceBefore", "1.00", "does not continue the balances"),
        (0, "balanceAfter", "251.00", "does not add up"),
        (0, "amount", "-250.00", "does not add up"),
        (0, "heldAfter", "1.00", "does not add up"),
        (0, "amount", "250.0", "two decimals"),
        (0, "amount", 250, "two decimals"),
        (0, "transactionType", "gift", "a kind that"),
        (2, "heldAfter", "20.00", "does not add up"),
        (2, "amount", "21.00", "does not add up"),
        (2, "lots", [], "does not add up"),
        (3, "amount", "-17.40", "does not add up"),
        (3, "transactionType", "release", "does not add up"),
        (5, "transactionType", "charge", "does not add up"),
        (8, "transactionType", "expiry", "does not add up"),
        (9, "amount", "0.01", "does not add up"),
        (4, "recordedAt", "2026-11-22T07:00:00.000Z", "recorded before"),
        (4, "recordedAt", "2026-11-22T10:00:00+01:00", "not UTC"),
        (4, "organizationId", "org_birch", "another organization"),
    ],
)
def test_fresh_hashes_do_not_hide_figures_that_contradict_each_other(
    at: int, name: str, value: Any, fault: str
) -> None:
    items = a_statement()
    items[at][name] = value
    with pytest.raises(Fault, match=fault):
        statement.verify(rehashed(items))


@pytest.mark.parametrize("description", ["plain", "=1+1", "'quoted", "''", "a, \"b\"\nc", "", "-5", "\ttab", "\0nul"])
def test_the_csv_stands_for_the_same_items(description: str) -> None:
    items = a_statement(description)
    read = statement.of_csv(as_csv(items))
    assert read == items
    assert statement.verify(read, items[-1]["hash"]) == len(STORY)


def test_it_is_a_program_too(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    items = a_statement("a\r\nb")
    file = tmp_path / "statement.csv"
    file.write_bytes(as_csv(items).encode())
    assert statement.main([str(file), items[-1]["hash"]]) == 0
    assert "12 entries" in capsys.readouterr().out
    assert statement.main([str(file), "0" * 64]) == 1
    assert statement.main([]) == 2


def test_a_statement_that_the_ledger_wrote_is_verified() -> None:
    # recorded from GET /api/credits/transactions of a deployed stack: what ties this verifier to the ledger's own bytes
    text = (Path(__file__).parent / "fixtures" / "statement.csv").read_bytes().decode()
    head = "ca44ce31688fd9ba9376b356c0781f6dfb864e0602c1d6a71518a2d178ba1932"
    assert statement.verify(statement.of_csv(text), head) == 6
