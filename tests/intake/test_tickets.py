"""Tickets as people write them, and everything that is read in them: no more and no less.

Each line of tickets_zh.jsonl and tickets_en.jsonl is a text with what it says. A field that is not
named there must not be found; `open` holds candidates of which none may be chosen; a time with a
Z is in UTC, one without is local, because nobody said in which zone.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from diag.gateways.register_file import builtin
from diag.intake.parser import read
from diag.intake.serializer import document

DATA = Path(__file__).parents[1] / "data"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)  # a Sunday


def tickets():
    for lang in ("zh", "en"):
        lines = (DATA / f"tickets_{lang}.jsonl").read_text(encoding="utf-8").splitlines()
        for row in map(json.loads, lines):
            yield pytest.param(row, id=row["text"][:32].replace("\n", " "))


def spans(node):
    """Every excerpt of a document with the span that it claims."""
    if isinstance(node, dict):
        if node.get("span") and isinstance(node.get("text"), str):
            yield node["text"], node["span"]
        for part in node.values():
            yield from spans(part)
    elif isinstance(node, list):
        for part in node:
            yield from spans(part)


@pytest.mark.parametrize("row", list(tickets()))
def test_a_ticket_is_read_as_it_is_meant(row):
    said = document(read(row["text"], NOW, None, builtin()), "zh")

    found = {name: field for name, field in said["fields"].items() if field}
    assert {n: f["value"] for n, f in found.items() if f["value"]} == row.get("fields", {})
    open_ = {
        n: [c["value"] for c in f["candidates"]] for n, f in found.items() if not f["value"]
    }
    assert open_ == row.get("open", {})
    assert {time["text"]: moments(time) for time in said["times"]} == row.get("times", {})
    assert (said["kind"]["code"], said["urgency"]["level"]) == (row["kind"], row["urgency"])
    assert (said["missing"][:1] or [None])[0] == row["ask"]
    assert (said["question"] is None) == (row["ask"] is None)
    assert (said["case"] is not None) == row["case"]
    assert all(said["text"][a:b] == text for text, (a, b) in spans(said["fields"]))
    assert all(said["text"][a:b] == text for text, (a, b) in spans(said["times"]))


def moments(time):
    if time["from"]:
        return [time["from"], time["to"]]
    return [at for local in time["local"] for at in (local["from"], local["to"])]


def test_the_table_is_as_varied_as_tickets_are():
    rows = [param.values[0] for param in tickets()]
    assert len({row["kind"] for row in rows}) >= 13
    assert {row["urgency"] for row in rows} == {"critical", "high", "normal", "low"}
    assert sum("fields" not in row for row in rows) >= 10
