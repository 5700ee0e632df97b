"""Plays the November story on a running stack and checks it: exits 0 when every figure is exact."""

from __future__ import annotations

import sys
import threading
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests

from infra.local import settings
from tests.demo import figures, reports, running, story
from tests.demo.client import Problem
from tests.demo.customer import Customer, Trouble
from tests.demo.progress import Progress


class Demo:
    """One run: what stood before, the story, what stands after."""

    def __init__(self, state: dict[str, Any], progress: Progress) -> None:
        self.state = state
        self.progress = progress
        self.stop = threading.Event()
        self.names = {user["organizationId"]: user["organizationName"] for user in state["users"]}
        self.finance = reports.Finance(running.client_of(state, "finance@droplab.example"))
        self.owners = {
            user["organizationId"]: Customer(
                user["organizationName"], running.client_of(state, user["email"]), progress, self.stop
            )
            for user in state["users"]
            if user["role"] == "owner"
        }
        self.faults: list[str] = []

    def run(self) -> list[str]:
        """Plays and checks; every difference, in words."""
        for owner in self.owners.values():
            owner.client.sign_in()
        self.progress.say(f"signed in: {', '.join(owner.name for owner in self.owners.values())}")
        before, counted_before = self.finance.figures(), self._counters()
        accounts_before = {name: owner.credits() for name, owner in self.owners.items()}
        with self.progress.showing():
            story.play(self.owners, self.stop)
        self.progress.say("all contacts delivered, all postcards accepted")
        self._check_report(before)
        self._check_sandboxes(counted_before)
        print("\nThe statements")
        for name, owner in self.owners.items():
            self._check_account(owner, accounts_before[name], owner.credits(), story.SPENT[name])
        return self.faults

    def _counters(self) -> dict[str, Any]:
        return reports.counters(self.finance.client, self.state["sandboxUrl"])

    def _check_report(self, before: dict[str, figures.Figures]) -> None:
        """Produces the report of every month that the story touched, and compares what was added with section 7."""
        after = self.finance.months()
        now = {name: figures.of_month(month) for name, month in after.items()}
        touched = [name for name in sorted(now) if now[name] != before.get(name, figures.Figures())]
        for name in touched:
            report = self.finance.report(name)
            files = self.finance.fetch(report)
            self.faults += reports.report_faults(report, files, after[name])
            title = f"Vendor costs of {name} ({report['status']}), also as a page: {_short(files['html'])}"
            print("\n" + figures.table(title, figures.of_month(report["report"]), self.names))
        added = figures.difference(before, now)
        if len(touched) != 1 or before.get(touched[0], figures.Figures()) != figures.Figures():
            title = "Of which this run (the figures above less those before it)"
            print("\n" + figures.table(title, added, self.names))
        found = [*figures.faults(added), *_words_of_the_design(added)]
        self.faults += found
        print(f"\n  {'differs from' if found else 'equals'} the November story of the design")

    def _check_sandboxes(self, before: dict[str, Any]) -> None:
        after = self._counters()
        delivered = after["dataAxle"]["contactsDelivered"] - before["dataAxle"]["contactsDelivered"]
        cards = after["postgrid"]["cardsCreated"] - before["postgrid"]["cardsCreated"]
        most = after["postgrid"]["cardsPerPieceMax"]
        print(f"\nThe sandboxes count\n  contacts delivered by Data Axle {delivered:>10,}")
        print(f"  cards created by PostGrid       {cards:>10,}\n  most cards of one piece         {most:>10,}")
        if delivered != story.CONTACTS_DELIVERED:
            self.faults.append(f"Data Axle delivered {delivered:,} contacts, must be {story.CONTACTS_DELIVERED:,}")
        if cards != story.CARDS_CREATED:
            self.faults.append(f"PostGrid made {cards:,} cards, must be {story.CARDS_CREATED:,}")
        if most != 1:
            self.faults.append(f"a piece was made {most} times")

    def _check_account(self, owner: Customer, before: dict[str, Any], after: dict[str, Any], spent: Decimal) -> None:
        """The statement verifies, and the account's own totals moved by what was bought and spent."""
        entries = owner.verify_statement()
        bought, used, left = (
            Decimal(after[name]) - Decimal(before[name])
            for name in ("totalCreditsPurchased", "totalCreditsSpent", "available")
        )
        print(f"  {owner.name:24}{entries:4} entries, hash chain and arithmetic verified; spent {used:,.2f}")
        if used != spent:
            self.faults.append(f"{owner.name} spent {used}, must be {spent}")
        if left != bought - used:
            self.faults.append(f"{owner.name} has {left} more credits, but bought {bought} and spent {used}")
        if after["held"] != before["held"]:
            self.faults.append(f"{owner.name} has {after['held']} credits held, had {before['held']}")


def _short(file: Path) -> Path:
    """A file as a person in the project's folder would type it."""
    return file.relative_to(settings.ROOT)


def _words_of_the_design(added: figures.Figures) -> list[str]:
    """Section 7 names margins and totals, too: they follow from the costs, and are compared all the same."""
    vendors = {"Data Axle": added.data_axle, "PostGrid": added.postgrid}
    found = [
        f"{name}: margin is {vendors[name].margin_percent} %, must be {must_be} %"
        for name, must_be in figures.EXPECTED_MARGINS.items()
        if vendors[name].margin_percent != must_be
    ]
    for name, must_be in figures.EXPECTED_TOTAL.items():
        if getattr(added.total, name) != must_be:
            found.append(f"total {name} is {getattr(added.total, name)}, must be {must_be}")
    return found


def main() -> int:
    """The exit code of `make demo`."""
    started = time.monotonic()
    try:
        with running.a_stack() as state:
            progress = Progress()
            faults = Demo(state, progress).run()
            seconds = progress.seconds()
    except (Trouble, Problem, running.NoStack, requests.RequestException) as problem:
        print(f"\nThe demo could not go on: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped")
        return 130
    for fault in faults:
        print(f"DIFFERENCE  {fault}", file=sys.stderr)
    words = "Every figure is exact" if not faults else f"{len(faults)} figures differ"
    print(f"\n{words}. The story took {seconds:.0f} s, the demo {time.monotonic() - started:.0f} s in all.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
