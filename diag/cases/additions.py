"""Events that callers add to a case: notes, sent replies, assessments of verdicts, ratings. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from diag.cases.record import EventKind, StoredCase
from diag.errors import BadInput

ABOUT_A_DIAGNOSIS = (EventKind.REPLY, EventKind.ASSESSMENT)
"""Kinds of events that name a diagnosis of the case."""


def addition(
    kind: EventKind,
    fields: Mapping[str, Any],
    case: StoredCase,
    diagnosis: Mapping[str, Any] | None,
    now: datetime,
    codes: Collection[str],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The body of an event, and the columns of the case that change with it; raises BadInput.

    diagnosis: the document of the diagnosis that the event is about; None if the case has none.
    codes: all codes that a verdict can have.
    """
    if kind in ABOUT_A_DIAGNOSIS and diagnosis is None:
        raise BadInput.about("diagnosis", "case.no_diagnosis")
    if kind is EventKind.REPLY and diagnosis:
        first = {} if case.answered_at else {"answered_at": now}
        return {"lang": fields["lang"], "diagnosis": diagnosis["id"]}, first
    if kind is EventKind.ASSESSMENT and diagnosis:
        return _assessment(fields, diagnosis, codes)
    if kind is EventKind.RATING:
        return {"score": fields["score"]}, {"score": fields["score"]}
    return {"text": fields["text"]}, {}


def _assessment(
    fields: Mapping[str, Any], diagnosis: Mapping[str, Any], codes: Collection[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    code, really = diagnosis["verdict"]["code"], fields.get("really")
    if really is not None and really not in codes:
        raise BadInput.about("really", "case.no_code")
    if really == code:
        raise BadInput.about("really", "case.same_code")
    body = {
        "diagnosis": diagnosis["id"],
        "code": code,
        "right": fields["right"],
        "really": really,
    }
    return body, {
        "judged_diagnosis": diagnosis["id"],
        "judged_code": code,
        "judged_right": fields["right"],
        "right_code": really,
    }
