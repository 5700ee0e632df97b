"""template.yaml, read once: as written, and as CloudFormation expands it."""

from __future__ import annotations

from typing import Any

import pytest

from infra.local import template


class Resources:
    """Resources of a template, by type."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.all: dict[str, Any] = content["Resources"]

    def of(self, kind: str) -> dict[str, Any]:
        """Logical id -> properties, of every resource of a type; there must be some."""
        found = {name: item["Properties"] for name, item in self.all.items() if item["Type"] == kind}
        assert found, f"no {kind} in the template"
        return found


@pytest.fixture(scope="session")
def written() -> Resources:
    """template.yaml as written."""
    return Resources(template.load())


@pytest.fixture(scope="session")
def expanded(written: Resources) -> Resources:
    """What CloudFormation makes of it."""
    return Resources(template.expand(written.content))
