"""The fast lanes choose what a change can break."""

from pathlib import Path

import pytest

from infra import lanes

ROOT = Path(__file__).resolve().parents[2]
TARGETS = {path.stem for path in (ROOT / "tests/suite/tests").iterdir()}


def test_every_package_of_the_product_has_targets_that_exist() -> None:
    known = {**lanes.SUITES, **lanes.SUITES_OF_FUNCTIONS}
    product = {name for folder, name in lanes.packages().items() if not folder.startswith("tests/")}
    # the console hands out files: its own tests and the browser's are all there are
    assert product - set(known) == {"console"}
    assert set(known) <= set(lanes.packages().values())
    assert {target for targets in known.values() for target in targets} <= TARGETS - lanes.SLOW
    assert set(lanes.ALWAYS) | lanes.SLOW <= TARGETS


@pytest.mark.parametrize(
    ("file", "packages"),
    [
        ("shared/billing/src/top_up/decide.rs", {"billing"}),
        ("shared/vendors/stripe/src/lib.rs", {"stripe-client"}),
        ("functions/console/assets/app.js", {"console"}),
        ("Cargo.lock", {"suite"}),
        ("docs/operations.md", set()),
    ],
)
def test_a_file_belongs_to_its_package(file: str, packages: set[str]) -> None:
    assert lanes.packages_of([file], lanes.packages()) == packages


def test_a_changed_target_is_run_itself() -> None:
    files = ["tests/suite/tests/refunds/warned.rs", "tests/suite/tests/open_orders.rs"]
    assert lanes.targets_of({"suite"}, files) == ["architecture", "open_orders", "refunds"]


def test_packages_are_chosen_with_the_suite_so_that_dependencies_are_not_built_anew() -> None:
    command = lanes.test_command(["billing"], ["refunds"])
    chosen = [command[at + 1] for at, word in enumerate(command) if word == "-p"]
    assert chosen == ["suite", "billing"]
