"""Finance's side of the demo: month figures, the report with its files, and what the sandboxes counted."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from infra.local import settings
from tests.demo import figures
from tests.demo.client import Client
from tests.demo.figures import Figures

# A run touches one month, or two when it plays across midnight of a month's end.
MONTHS = 3
FILES = settings.LOCAL / "demo"


class Finance:
    """DropLab's finance administrator at work."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def months(self) -> dict[str, dict[str, Any]]:
        """The newest months as GET /api/admin/vendor-costs shows them."""
        answer = self.client.call("GET", f"/api/admin/vendor-costs?months={MONTHS}")
        return {month["month"]: month for month in answer["months"]}

    def figures(self) -> dict[str, Figures]:
        """The same as figures, by month."""
        return {name: figures.of_month(month) for name, month in self.months().items()}

    def report(self, month: str) -> dict[str, Any]:
        """Has a month's report produced."""
        answer: dict[str, Any] = self.client.call("POST", "/api/admin/vendor-costs/report", {"month": month})
        return answer

    def fetch(self, report: dict[str, Any]) -> dict[str, Path]:
        """Downloads a report's files into .local/demo; where they are, by kind."""
        FILES.mkdir(parents=True, exist_ok=True)
        places = {}
        for kind, url in report["downloads"].items():
            answer = self.client.outside("GET", url)
            answer.raise_for_status()
            places[kind] = FILES / f"vendor-costs-{report['month']}.{kind}"
            places[kind].write_bytes(answer.content)
        return places


def report_faults(report: dict[str, Any], files: dict[str, Path], month: dict[str, Any]) -> list[str]:
    """Where a report differs from its own JSON file, from the month that the API shows, or contradicts itself."""
    name = f"the report of {report['month']}"
    found = list(figures.month_faults(report["report"]))
    if json.loads(files["json"].read_text()) != report["report"]:
        found.append(f"{name} is not what its JSON file says")
    if {key: report["report"].get(key) for key in month} != month:
        found.append(f"{name} is not what GET /api/admin/vendor-costs says")
    table = files["csv"].read_text()
    page = files["html"].read_text()
    for figure in ("totalCost", "totalRevenue", "totalProfit"):
        if month[figure] not in table:
            found.append(f"{name} as CSV does not hold its {figure}")
        if f"{Decimal(month[figure]):,.2f}" not in page and month[figure] not in page:
            found.append(f"{name} as a page does not hold its {figure}")
    return found


def counters(client: Client, sandbox_url: str) -> dict[str, Any]:
    """What the vendors saw, by the sandboxes' own count."""
    answer: dict[str, Any] = client.outside("GET", f"{sandbox_url}/sandbox/counters").json()
    return answer
