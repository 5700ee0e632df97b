"""The verifier accepts a statement that holds, and finds whatever is changed in it, page or file."""

from __future__ import annotations

import copy
import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra import verify_statement as statement
from infra.verify_statement import COLUMNS, Fault, Item, ZERO_HASH

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
    ("adjustment", "5.00", 500, 0, ["5.00"]),
    ("adjustment", "-6.00", -600, 0, ["-6.00"]),
    ("hold", "-20.00", -2000, 2000, ["-20.00"]),
    ("refund", "-20.00", 0, -2000, ["-20.00"]),
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


def balance(kind: str, item: Item | None, of: str = "statement") -> dict[str, str]:
    """The row of the balance behind an entry, or before the first."""
    row = dict.fromkeys(COLUMNS, "") | {"transactionType": kind, "referenceType": of, "lots": "[]"}
    row |= {"organizationId": "org_alder", "description": "Balance"}
    if item is None:
        return row | {"referenceId": "0", "balanceAfter": "0.00", "heldAfter": "0.00", "hash": ZERO_HASH}
    same = ("balanceAfter", "heldAfter", "hash", "recordedAt")
    return row | {name: item[name] for name in same} | {"referenceId": str(item["seq"])}


def row(item: Item) -> dict[str, str]:
    """An entry's row, by the words of SPECIFICATION.md."""
    cells = {}
    for column in COLUMNS:
        value = item[column]
        text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
        if column in statement.TEXT_COLUMNS and text[:1] in set("=+-@\t\r\n\0'"):
            text = "'" + text
        cells[column] = text
    return cells


def rows_of(items: list[Item], before: Item | None = None) -> list[dict[str, str]]:
    """The rows of a file of these entries, which stand behind another."""
    last = items[-1] if items else before
    return [balance("opening-balance", before), *map(row, items), balance("closing-balance", last)]


def text_of(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_csv(items: list[Item], before: Item | None = None) -> str:
    """The file of these entries."""
    return text_of(rows_of(items, before))


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
    ("entry 3 is missing", lambda items: items.pop(2)),
    ("entry 3 is missing", swap),
    ("entry 2 is missing", lambda items: items.insert(1, copy.deepcopy(items[0]))),
    ("head", lambda items: items.pop()),
    ("does not match its contents", lambda items: items[4].update(description="another")),
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
        (13, "lots", [], "does not add up"),
        (15, "amount", "-19.00", "does not add up"),
        (15, "transactionType", "dispute", "does not add up"),
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
    file = statement.of_csv(as_csv(items))
    assert file.items == items
    statement.verify_file(file)
    assert statement.verify(file.items, file.closing.hash) == len(STORY)


def verified(rows: list[dict[str, str]]) -> None:
    statement.verify_file(statement.of_csv(text_of(rows)))


def test_a_part_of_a_statement_is_verified_between_its_balances() -> None:
    items = a_statement()
    for first, last in [(0, 5), (5, 12), (7, 7), (12, len(items))]:
        verified(rows_of(items[first:last], items[first - 1] if first else None))
    verified(rows_of([]))


Rows = list[dict[str, str]]
FILE_CHANGES: list[tuple[str, Callable[[Rows], Any]]] = [
    ("does not begin with an opening balance", lambda rows: rows.pop(0)),
    ("does not end with a closing balance", lambda rows: rows.pop()),
    ("entry 1 is missing", lambda rows: rows.pop(1)),
    ("entry 3 is missing", lambda rows: rows.pop(3)),
    ("closing balance is not the one", lambda rows: rows.pop(-2)),
    ("entry 5 is missing", lambda rows: rows.insert(4, rows[4])),
    ("without a number", lambda rows: rows.insert(4, rows[0])),
    ("without a number", lambda rows: rows[4].update(seq="")),
    ("does not match its contents", lambda rows: rows[4].update(description="another")),
    ("does not match its contents", lambda rows: rows[4].update(reverses="")),
    ("does not match its contents", lambda rows: rows[4].update(referenceId="''cs_4")),
    ("not the number", lambda rows: rows[4].update(seq="04")),
    ("not the number", lambda rows: rows[4].update(reverses="1.0")),
    ("all of it is zero", lambda rows: rows[0].update(balanceAfter="1.00")),
    ("all of it is zero", lambda rows: rows[0].update(hash="1" * 64)),
    ("all of it is zero", lambda rows: rows[-1].update(referenceId="0")),
    ("closing balance is not the one", lambda rows: rows[-1].update(balanceAfter="1.00")),
    ("closing balance is not the one", lambda rows: rows[-1].update(heldAfter="1.00")),
    ("closing balance is not the one", lambda rows: rows[-1].update(hash="1" * 64)),
    ("closing balance is not the one", lambda rows: rows[-1].update(referenceId="3")),
    ("closing balance is not the one", lambda rows: rows[-1].update(recordedAt="2026-11-22T08:00:00.000Z")),
    ("that a balance does not have", lambda rows: rows[-1].update(amount="1.00")),
    ("that a balance does not have", lambda rows: rows[0].update(lots="[{}]")),
    ("no balances", lambda rows: rows[-1].update(heldAfter="")),
    ("no balances", lambda rows: rows[-1].update(hash="")),
    ("the same organizationId", lambda rows: rows[-1].update(organizationId="org_birch")),
    ("another organization", lambda rows: [rows[at].update(organizationId="org_birch") for at in (0, -1)]),
    ("neither a statement nor an extract", lambda rows: [rows[at].update(referenceType="x") for at in (0, -1)]),
]


@pytest.mark.parametrize(("fault", "change"), FILE_CHANGES)
def test_no_row_of_a_file_can_be_removed_added_or_changed(fault: str, change: Callable[[Rows], Any]) -> None:
    rows = rows_of(a_statement())
    rows = [dict(row) for row in rows]
    change(rows)
    with pytest.raises(Fault, match=fault):
        verified(rows)


def test_every_cell_of_every_row_counts() -> None:
    free = {"description", "recordedAt"}
    rows = rows_of(a_statement())
    for at in range(len(rows)):
        is_balance = at in (0, len(rows) - 1)
        for column in COLUMNS:
            # a balance's words are for people; before the first entry there is no time
            if is_balance and column in free:
                continue
            changed = [dict(row) for row in rows]
            changed[at][column] = "[1]" if column == "lots" else changed[at][column] + "1"
            with pytest.raises((Fault, TypeError, KeyError)):
                verified(changed)


def test_fresh_hashes_in_the_rows_do_not_reach_the_head_of_the_closing_balance() -> None:
    items = a_statement()
    items[1].update(actor="user:somebody")
    rows = rows_of(a_statement())
    with pytest.raises(Fault, match="closing balance is not the one"):
        verified([rows[0], *map(row, rehashed(items)), rows[-1]])


def test_a_file_rewritten_with_its_head_is_found_by_a_saved_head(tmp_path: Path, capsys: Any) -> None:
    head = a_statement()[-1]["hash"]
    items = a_statement()
    items[1].update(actor="user:somebody")
    file = tmp_path / "statement.csv"
    file.write_bytes(as_csv(rehashed(items)).encode())
    assert statement.main([str(file)]) == 0
    assert "Compare its last hash with headHash" in capsys.readouterr().out
    assert statement.main([str(file), head]) == 1
    assert "and you gave" in capsys.readouterr().err


def as_extract(rows: Rows) -> Rows:
    holds = [row for row in rows[1:-1] if row["transactionType"] == "hold"]
    return [rows[0] | {"referenceType": "extract"}, *holds, rows[-1] | {"referenceType": "extract"}]


def test_of_an_extract_only_its_own_rows_are_proved_and_it_says_so(tmp_path: Path, capsys: Any) -> None:
    rows = as_extract(rows_of(a_statement()))
    file = tmp_path / "holds.csv"
    file.write_text(text_of(rows))
    assert statement.main([str(file)]) == 0
    said = capsys.readouterr().out
    assert "an extract of the statement of org_alder, 3 entries" in said
    assert "Nothing is proved about the entries between them" in said
    assert statement.main([str(file), rows[-1]["hash"]]) == 1
    for change in [{"description": "another"}, {"seq": "99"}, {"seq": "16"}, {"amount": "-1.00"}]:
        changed = [dict(row) for row in rows]
        changed[1] |= change
        with pytest.raises(Fault):
            verified(changed)
    # what calls itself a statement is held to be one
    with pytest.raises(Fault, match="entry 1 is missing"):
        verified([row | {"referenceType": "statement"} if not row["seq"] else row for row in rows])


def test_files_continue_each_other(tmp_path: Path, capsys: Any) -> None:
    items = a_statement()
    names = []
    for number, (first, last) in enumerate([(0, 5), (5, 9), (9, len(items))]):
        names.append(str(tmp_path / f"{number}.csv"))
        Path(names[-1]).write_text(as_csv(items[first:last], items[first - 1] if first else None))
    assert statement.main([*names, items[-1]["hash"]]) == 0
    said = capsys.readouterr().out
    assert "entries 1 to 5" in said and "entries 6 to 9" in said and "Its last hash is the head hash that you gave." in said
    assert statement.main([names[1]]) == 0
    assert "It begins after entry 5" in capsys.readouterr().out
    assert statement.main([names[0], names[2]]) == 1
    assert "2.csv: the file before ends at entry 5, and this one does not begin after it" in capsys.readouterr().err


def test_it_is_a_program_that_says_what_holds_or_the_first_fault(tmp_path: Path, capsys: Any) -> None:
    items = a_statement("a\r\nb")
    file = tmp_path / "statement.csv"
    file.write_bytes(as_csv(items).encode())
    assert statement.main([str(file), items[-1]["hash"]]) == 0
    said = capsys.readouterr().out
    assert f"entries 1 to {len(STORY)}" in said and "6. Head" in said and said.endswith("Verified.\n")
    assert statement.main([str(file), "0" * 64]) == 1
    assert "and you gave" in capsys.readouterr().err
    for text in [b"", b"\xff", b"seq,amount\n1,2\n", as_csv(items).encode()[:-200], as_csv(items).encode() + b",\n"]:
        file.write_bytes(text)
        assert statement.main([str(file)]) == 1
        assert capsys.readouterr().err.startswith(f"Not verified. {file}: ")
    assert statement.main([str(tmp_path / "absent.csv")]) == 1
    for usage in [[], ["--help"], ["0" * 64], [str(file), "0" * 64, "1" * 64]]:
        assert statement.main(usage) == 2


@pytest.mark.parametrize("mistake", [lambda head: head[:-1], lambda head: head + "0", lambda head: "x" + head[1:], str.upper])
def test_a_mistyped_head_is_named_with_what_to_do(tmp_path: Path, capsys: Any, mistake: Callable[[str], str]) -> None:
    items = a_statement()
    file = tmp_path / "statement.csv"
    file.write_text(as_csv(items))
    head = mistake(items[-1]["hash"])
    assert statement.main([str(file), head]) == 1
    said = capsys.readouterr().err
    assert f"{head!r} is neither a file nor a head hash: it has {len(head)} characters" in said
    assert "Copy headHash of GET /api/credits again" in said


def test_a_download_for_people_is_verified_too(tmp_path: Path, capsys: Any) -> None:
    items = a_statement("caf\u00e9")
    file = tmp_path / "statement.csv"
    file.write_bytes(b"\xef\xbb\xbf" + as_csv(items).encode())
    assert statement.main([str(file), items[-1]["hash"]]) == 0
    assert capsys.readouterr().out.endswith("Verified.\n")


def test_it_runs_alone_in_an_empty_folder(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    shutil.copy(root / "infra/verify_statement.py", tmp_path)
    shutil.copy(FIXTURE, tmp_path)
    # -I: neither this project nor installed packages, -S: the standard library alone
    command = [sys.executable, "-I", "-S", "verify_statement.py", "statement.csv"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={}, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith("Verified.\n")


FIXTURE = Path(__file__).parent / "fixtures" / "statement.csv"


def test_a_file_that_the_ledger_wrote_is_verified_and_has_entries_of_every_kind() -> None:
    # tests/suite/tests/statement_file.rs fails when the endpoint writes another file than this one
    file = statement.of_csv(FIXTURE.read_bytes().decode())
    statement.verify_file(file)
    assert statement.verify(file.items, file.closing.hash) == file.closing.seq
    kinds = statement.GRANTS | statement.RETURNS | statement.DEDUCTIONS | statement.UNMOVING | {"hold", "charge", "release"}
    assert {item["transactionType"] for item in file.items} == kinds
    ended_by_refund = [item for item in file.items if item["transactionType"] == "refund" and item["heldBefore"] != "0.00"]
    withdrawn = [item for item in file.items if item["transactionType"] == "adjustment" and item["amount"] < "0"]
    assert len(ended_by_refund) == len(withdrawn) == 1
