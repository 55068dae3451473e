"""Complaints in many wordings: what is read in each, and that nothing else is chosen.

Each line of wordings.jsonl is a text with its kind, the values that are chosen, the window in UTC
(none where there is no line `window`), and its language where that is not Chinese or English.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from diag.gateways.register_file import builtin
from diag.intake.parser import read

DATA = Path(__file__).parents[1] / "data" / "wordings.jsonl"
ROWS = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
NOW = datetime(2026, 11, 29, 15, tzinfo=UTC)  # a Sunday


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["text"][:32].replace("\n", " "))
def test_a_complaint_is_read_as_it_is_meant(row):
    found = read(row["text"], NOW, None, builtin())

    chosen = {name: field.value for name, field in found.fields.items()}
    assert {name: value for name, value in chosen.items() if value} == row["fields"]
    assert found.classification.kind == row["kind"]
    window = found.window and [f"{at:%m-%d %H:%M}" for at in found.window]
    assert window == row.get("window")
    assert found.language == row.get("language", found.language)
    assert not found.exposed
