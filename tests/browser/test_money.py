"""money.js: amounts are strings and whole cents, so nothing is ever rounded by the page."""

from __future__ import annotations

import pytest


@pytest.fixture
def in_page(page):
    """Evaluates an expression over the module `money` as the console serves it."""
    page.goto("/")
    return lambda expression: page.evaluate(f"import('/assets/money.js').then((money) => {expression})")


def test_amounts_are_shown_grouped_and_never_rounded(in_page):
    amounts = ["0.00", "1234.50", "1000000.00", "9007199254740993.01", "-5.10", "0.35", "0.1234", "abc", None]
    shown = in_page(f"{amounts}.map(money.display)".replace("None", "null"))
    assert shown == [
        "$0.00", "$1,234.50", "$1,000,000.00", "$9,007,199,254,740,993.01", "−$5.10", "$0.35", "$0.1234", "–", "–"
    ]


def test_amounts_typed_become_two_decimals(in_page):
    typed = ["10", "10.5", "127.00", " $1,000 ", "0050", "10000"]
    amounts = in_page(f"{typed}.map((text) => money.readAmount(text).amount)")
    assert amounts == ["10.00", "10.50", "127.00", "1000.00", "50.00", "10000.00"]
