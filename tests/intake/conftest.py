"""What a text says, as the HTTP contract says it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from diag.gateways.register_file import builtin
from diag.intake.parser import read
from diag.intake.serializer import document

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)  # a Monday


class Said:
    """An intake, with short ways to its parts."""

    def __init__(
        self, text: str, zone: str | None = None, flagged: frozenset[str] = frozenset()
    ):
        found = read(
            text, NOW, ZoneInfo(zone) if zone else None, builtin(), flagged.__contains__
        )
        self.document = document(found, "zh")

    def __getitem__(self, name: str):
        return self.document[name]

    @property
    def fields(self) -> dict[str, str]:
        """The value of each field that has one."""
        named = self.document["fields"].items()
        return {name: field["value"] for name, field in named if field and field["value"]}

    @property
    def open(self) -> dict[str, list[str]]:
        """The candidates of each field of which none is chosen."""
        named = self.document["fields"].items()
        return {
            name: [found["value"] for found in field["candidates"]]
            for name, field in named
            if field and field["value"] is None
        }

    @property
    def window(self) -> tuple[str, str] | None:
        """From and to, as `11-29 12:00`."""
        span = self.document["window"]
        return span and (
            span["from"][5:16].replace("T", " "),
            span["to"][5:16].replace("T", " "),
        )

    @property
    def case(self) -> dict[str, str] | None:
        found = self.document["case"]
        return found and {name: value for name, value in found.items() if value is not None}

    @property
    def kind(self) -> str:
        return str(self.document["kind"]["code"])

    @property
    def urgency(self) -> tuple[str, str]:
        found = self.document["urgency"]
        return str(found["level"]), str(found["reason"])

    @property
    def missing(self) -> list[str]:
        return [str(need) for need in self.document["missing"]]

    @property
    def remarks(self) -> set[str]:
        return {remark["code"] for remark in self.document["remarks"]}


@pytest.fixture
def said():
    return Said
