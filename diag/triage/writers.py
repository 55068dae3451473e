"""Serializes the result of a row, and the summary of a batch, as lines of JSON or CSV. Pure."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from typing import Any

from diag.domain.finding import NO_ETA
from diag.domain.history import AsOf
from diag.errors import BadInput, DiagError
from diag.printable import printable_lines
from diag.render.formatting import stamp
from diag.render.input_readings import reading
from diag.render.json_document import readings
from diag.triage import messages
from diag.triage.groups import Group, Incident, Summary
from diag.triage.result import RowDiagnosis, RowResult

SCHEMA = "1"


def row(done: RowResult) -> dict[str, Any]:
    """One row as plain data: its short diagnosis, or its problem."""
    found = done.diagnosis
    return {
        "row": done.row.number,
        "ticket": done.row.ticket,
        "account": found.case.account if found else None,
        "id": found.id if found else None,
        "as_of": as_of(found.as_of) if found else None,
        "verdict": _verdict(found) if found else None,
        "withdrawal": _withdrawal(found) if found else None,
        "reply": found.reply if found else None,
        "problem": problem(done.error) if done.error else None,
        "exposed": list(dict.fromkeys(e.kind for e in done.row.exposed)),
        "read_as": readings(found.case) if found else [],
        "left_out": [
            {"field": cell.field, "given": cell.given, "text": cell.text.as_dict()}
            for cell in done.left_out
        ],
    }


def as_of(head: AsOf) -> dict[str, Any]:
    """The head block that a diagnosis is based on."""
    return {"block": head.block, "time": stamp(head.time)}


def _verdict(found: RowDiagnosis) -> dict[str, Any]:
    verdict = found.verdict
    rule = verdict.rule
    return {
        "code": rule.code,
        "title": rule.title.as_dict(),
        "outcome": rule.outcome,
        "stage": verdict.stage,
        "severity": rule.severity,
        "actor": rule.actor,
        "advice": verdict.advice,
        "resend_safe": verdict.resend_safe,
        "finality": verdict.finality,
        "confidence": verdict.confidence,
        "expected_by": stamp((verdict.finding.eta or NO_ETA).expected_by),
    }


def _withdrawal(found: RowDiagnosis) -> dict[str, Any] | None:
    w = found.withdrawal
    if w is None:
        return None
    return {
        "operation": w.id,
        "time": stamp(w.at),
        "gateway": found.gateway,
        "to": w.recipient,
        "amount": w.amount.exact,
        "asset": w.amount.asset.symbol,
    }


def problem(error: DiagError) -> dict[str, Any]:
    """The problem of a row without a diagnosis, with a remedy for each wrong field, in both
    languages.
    """
    wrong = error.errors if isinstance(error, BadInput) else ()
    return {
        "code": error.code,
        "text": error.text.as_dict(),
        "errors": [{"field": e.field, "text": e.text.as_dict()} for e in wrong],
    }


def summary(found: Summary) -> dict[str, Any]:
    """The last line: counts, incidents, groups, and the rows without an answer."""
    head = found.as_of
    return {
        "summary": {
            "schema": SCHEMA,
            "rows": found.rows,
            "answered": found.rows - len(found.problems),
            "as_of": as_of(head) if head else None,
            "counts": {
                "code": found.codes,
                "outcome": found.outcomes,
                "severity": found.severities,
            },
            "incidents": [_incident(i) for i in found.incidents],
            "groups": [_group(g) for g in found.groups],
            "problems": [
                {"row": d.row.number, "ticket": d.row.ticket, **problem(d.error)}
                for d in found.problems
                if d.error
            ],
            "exposed": [{"row": d.row.number, "ticket": d.row.ticket} for d in found.exposed],
            "read_as": {name: len(cells) for name, cells in found.read_as.items()},
            "left_out": {name: len(cells) for name, cells in found.left_out.items()},
        }
    }


def _incident(found: Incident) -> dict[str, Any]:
    return {
        "gateway": found.gateway,
        "tickets": found.tickets,
        "answered": found.answered,
        "assets": [
            {
                "asset": still.asset,
                "last_settlement": stamp(still.since),
                "waiting": still.waiting,
                "overdue": still.overdue,
            }
            for still in found.assets
        ],
        "text": messages.incident(found),
    }


def _group(group: Group) -> dict[str, Any]:
    first = group.first
    mass = messages.mass_reply(group)
    return {
        "code": group.rule.code,
        "outcome": group.rule.outcome,
        "severity": group.rule.severity,
        "gateway": first.gateway,
        "asset": first.asset,
        "title": messages.title(group),
        "tickets": len(group.members),
        "withdrawals": len(group.withdrawals),
        "total": group.total,
        "oldest": stamp(group.oldest),
        "confidence": group.confidence,
        "mass_reply": mass,
        "advice": None if mass else messages.ONE_BY_ONE.as_dict(),
        "rows": [{"row": row.number, "ticket": row.ticket} for row, _ in group.members],
    }


def dumps(content: dict[str, Any]) -> str:
    """One line of JSON."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"


# --- CSV --------------------------------------------------------------------------------------

COLUMNS = (
    "row",
    "ticket",
    "account",
    "code",
    "title",
    "outcome",
    "severity",
    "stage",
    "actor",
    "advice",
    "resend_safe",
    "finality",
    "confidence",
    "expected_by",
    "operation",
    "time",
    "gateway",
    "amount",
    "asset",
    "reply",
    "problem",
    "exposed",
    "as_of",
    "id",
    "read_as",
    "left_out",
)
_FORMULA = re.compile(r"""(^|[;\n])(?=[\s"]*[=+\-@＝＋－＠]|[\t\r])""")
"""The places where a spreadsheet could see a formula: at the start of a cell, or after a semicolon or
line break, which some readers treat as the start of one. Full-width signs count too.
"""


def header() -> str:
    """The first line of a CSV response, with a byte order mark by which Excel recognises UTF-8."""
    return "\ufeff" + _line(COLUMNS)


def cells(done: RowResult, lang: str) -> str:
    """One row as a line of CSV; reply and problem in one language."""
    found = row(done)
    verdict, moved = found["verdict"] or {}, found["withdrawal"] or {}
    values = {**found, **verdict, **moved}
    values["reply"] = (found["reply"] or {}).get(lang)
    values["title"] = verdict.get("title", {}).get(lang)
    values["problem"] = reason(done.error, lang) if done.error else None
    values["exposed"] = " ".join(found["exposed"])
    values["as_of"] = found["as_of"] and found["as_of"]["time"]
    read_as = done.diagnosis.case.read_as if done.diagnosis else ()
    values["read_as"] = "; ".join(reading(one, lang) for one in read_as)
    values["left_out"] = " ".join(messages.left_out(cell, lang) for cell in done.left_out)
    return _line([values.get(name) for name in COLUMNS])


def reason(error: DiagError, lang: str) -> str:
    """The reason for a missing diagnosis, in one language: per field, or as a whole."""
    wrong = error.errors if isinstance(error, BadInput) else ()
    parts = [f"{e.field}: {e.text.say(lang)}" for e in wrong]
    return " ".join(parts) or error.text.say(lang)


def neutral(value: object) -> str:
    """A value as a cell that spreadsheets do not execute as a formula, with invisible characters
    escaped.
    """
    text = "" if value is None else str(value)
    return printable_lines(_FORMULA.sub(r"\1'", text))


class _Echo:
    """A file for `csv.writer` that returns each line instead of storing it."""

    def write(self, text: str) -> str:
        return text


def _line(values: Sequence[object]) -> str:
    return str(
        csv.writer(_Echo(), quoting=csv.QUOTE_ALL).writerow(
            [neutral(value) for value in values]
        )
    )
