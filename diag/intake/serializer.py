"""An intake as the JSON document of the HTTP contract: fixed keys in a fixed order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from diag.intake.candidates import Field, Found
from diag.intake.classify.complaint_kind import LABELS
from diag.intake.classify.language import reply_language
from diag.intake.classify.urgency import REASONS
from diag.intake.extract.identifiers import REMARKS
from diag.intake.parser import Intake
from diag.intake.times import zones
from diag.intake.times.model import Time

SCHEMA = "1"


def document(intake: Intake, default: str) -> dict[str, Any]:
    """The intake as plain data; default: the language of replies if the text shows none."""
    return {
        "schema": SCHEMA,
        "text": intake.text,
        "exposed": list(intake.exposed),
        "language": intake.language,
        "reply_language": reply_language(intake.language, default),
        "kind": _kind(intake),
        "urgency": _urgency(intake),
        "fields": {name: _field(field) for name, field in intake.fields.items()},
        "times": [_time(time) for time in intake.times],
        "window": _window(intake.window),
        "remarks": [
            {"code": r.code, "span": list(r.span), "text": REMARKS[r.code].as_dict()}
            for r in intake.remarks
        ],
        "missing": list(intake.missing),
        "question": intake.question.as_dict() if intake.question else None,
        "case": _case(intake.case),
    }


CASE = (
    "account", "from", "to", "tz", "asset", "amount", "received", "destination", "operation",
    "transaction", "memo", "external_transaction",
)  # fmt: skip


def _case(case: dict[str, str] | None) -> dict[str, Any] | None:
    return None if case is None else {name: case.get(name) for name in CASE}


def _kind(intake: Intake) -> dict[str, Any]:
    found = intake.classification
    return {
        "code": found.kind,
        "label": LABELS[found.kind].as_dict(),
        "runner_up": found.runner_up,
        "spans": [list(span) for span in found.spans],
    }


def _urgency(intake: Intake) -> dict[str, Any]:
    assessed = intake.urgency
    return {
        "level": assessed.level,
        "reason": assessed.reason,
        "text": REASONS[assessed.reason][1].as_dict(),
        "span": list(assessed.span) if assessed.span else None,
    }


def _field(field: Field) -> dict[str, Any] | None:
    if not field.candidates:
        return None
    meant = field.meant
    return {
        "value": field.value,
        "text": meant.text if meant else None,
        "span": list(meant.span) if meant else None,
        "unit": meant.unit if meant else None,
        "confidence": meant.confidence if meant else None,
        "choice": field.choice,
        "candidates": [_candidate(found) for found in field.candidates],
    }


def _candidate(found: Found) -> dict[str, Any]:
    return {
        "value": found.value,
        "text": found.text,
        "span": list(found.span),
        "unit": found.unit,
        "confidence": found.confidence,
    }


def _time(time: Time) -> dict[str, Any]:
    return {
        "text": time.text,
        "span": list(time.span),
        "precision": time.precision,
        "relation": time.relation,
        "zone": zones.name(time.zone) if time.zone else None,
        "local": [{"from": _local(first), "to": _local(last)} for first, last in time.local],
        "from": _utc(time.start),
        "to": _utc(time.end),
        "confidence": time.confidence,
    }


def _window(window: tuple[datetime, datetime] | None) -> dict[str, Any] | None:
    return {"from": _utc(window[0]), "to": _utc(window[1])} if window else None


def _local(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}"


def _utc(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else None
