"""`python -m infra.local logs` knows the functions by name, and says so where none is meant."""

from __future__ import annotations

import subprocess
import sys

import pytest

from infra.local import logs, settings


def test_an_unknown_function_is_refused_with_the_names_of_all():
    command = [sys.executable, "-m", "infra.local", "logs", "credit-transaction-list"]
    ran = subprocess.run(command, cwd=settings.ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("no function is called 'credit-transaction-list'; the functions are: audience-count, ")
    assert "credit-transactions, " in ran.stderr


@pytest.mark.parametrize("function", ["credit-transactions", "CreditTransactions", "print", ""])
def test_a_function_is_known_by_its_name_by_a_part_of_it_or_as_the_template_writes_it(function, monkeypatch):
    def none_runs() -> None:
        raise logs.stack.NotRunning("no stack")

    monkeypatch.setattr(logs.stack, "state", none_runs)
    # the name is accepted, so the stack is asked for
    with pytest.raises(logs.stack.NotRunning):
        logs.show(function)
