"""The artwork is a PDF that a reader finds its way through."""

from __future__ import annotations

import re

import pytest

from tests.demo.pdf import Side, postcard

CARD = postcard(Side("Alder Realty", ("We are new.", "Come in (a bit).")), Side("Back \\ side"))


def test_it_begins_and_ends_as_a_printers_intake_wants_it() -> None:
    assert CARD.startswith(b"%PDF-1.4\n")
    assert CARD.endswith(b"%%EOF\n")


def test_the_cross_reference_table_says_where_each_object_begins() -> None:
    start = int(CARD.split(b"startxref\n")[1].split(b"\n")[0])
    assert CARD[start:].startswith(b"xref\n0 8\n")
    rows = re.findall(rb"(\d{10}) (\d{5}) ([nf]) \n", CARD[start:])
    assert rows[0] == (b"0000000000", b"65535", b"f")
    for number, (offset, _, use) in enumerate(rows[1:], start=1):
        assert use == b"n"
        assert CARD[int(offset) :].startswith(b"%d 0 obj\n" % number)
    assert f"/Size {len(rows)} ".encode() in CARD[start:]


def test_it_has_two_pages_of_6_by_4_inches() -> None:
    assert b"/Count 2" in CARD
    assert CARD.count(b"/Type /Page ") == 2
    assert CARD.count(b"/MediaBox [0 0 432 288]") == 2


def test_streams_are_as_long_as_they_say() -> None:
    streams = re.findall(rb"<< /Length (\d+) >>\nstream\n(.*?)\nendstream", CARD, re.DOTALL)
    assert len(streams) == 2
    for length, content in streams:
        assert int(length) == len(content)


@pytest.mark.parametrize(
    ("text", "written"),
    [("Come (in)", rb"(Come \(in\))"), ("a\\b", rb"(a\\b)"), ("Café", "(Café)".encode("cp1252")), ("日", b"(?)")],
)
def test_texts_are_escaped(text: str, written: bytes) -> None:
    assert written + b" Tj" in postcard(Side(text), Side(""))


def test_the_same_card_is_the_same_bytes() -> None:
    assert postcard(Side("a"), Side("b")) == postcard(Side("a"), Side("b"))
    assert postcard(Side("a"), Side("b")) != postcard(Side("b"), Side("a"))
