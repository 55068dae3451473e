"""Cases, events and messages as the JSON documents of the HTTP contract. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from diag.cases.changes import outline
from diag.cases.look import Effect
from diag.cases.record import Event, StoredCase
from diag.render.formatting import stamp
from diag.render.json_document import case as question_document

SCHEMA = "1"


def listed(case: StoredCase) -> dict[str, Any]:
    """A case as a list shows it."""
    verdict = case.verdict
    return {
        "id": case.id,
        "state": case.state,
        "waiting_for": case.waiting_for,
        "resolution": case.resolution,
        "reference": case.reference,
        "channel": case.channel,
        "lang": case.lang,
        "tell": list(case.tell),
        "opened_by": case.opened_by,
        "account": case.account_name or case.question.account,
        "gateway": verdict.gateway,
        "asset": verdict.asset,
        "amount": verdict.amounts.get("sent") or verdict.amounts.get("claimed"),
        "verdict": outline(verdict),
        "opened": stamp(case.opened_at),
        "updated": stamp(case.updated_at),
        "closed": stamp(case.closed_at),
        "looked": stamp(case.looked_at),
        "looks": case.looks,
        "unreadable_looks": case.failures,
        "next_look": stamp(case.next_look),
        "watch_until": stamp(case.watch_until),
        "answered": stamp(case.answered_at),
        "assessment": assessment(case),
        "score": case.score,
        "version": case.version,
    }


def assessment(case: StoredCase) -> dict[str, Any] | None:
    """The last assessment of a verdict of the case; None if there is none."""
    if case.judged_right is None:
        return None
    return {
        "diagnosis": case.judged_diagnosis,
        "code": case.judged_code,
        "right": case.judged_right,
        "really": case.right_code,
    }


def whole(
    case: StoredCase, diagnosis: Mapping[str, Any] | None, change: Event | None
) -> dict[str, Any]:
    """A case with its question, its diagnosis, and its last change."""
    return {
        "schema": SCHEMA,
        **listed(case),
        "question": question_document(case.question),
        "change": event(change) if change else None,
        "diagnosis": diagnosis,
    }


def event(found: Event) -> dict[str, Any]:
    return {
        "id": found.id,
        "at": stamp(found.at),
        "kind": found.kind,
        "by": found.by,
        "body": dict(found.body),
    }


def payload(case: StoredCase, found: Effect, news: Event) -> dict[str, Any]:
    """The message about an event, without its id, which the outbox adds."""
    kind, at = f"case.{news.kind}", news.at
    return message(kind, news.id, at, told_case(case, found), news.body)


def message(
    kind: str, event: str, at: datetime, case: Mapping[str, Any], body: Mapping[str, Any]
) -> dict[str, Any]:
    """The document of a message; case: see `told_case`."""
    return {
        "type": kind,
        "event": event,
        "at": stamp(at),
        "case": dict(case),
        "body": dict(body),
    }


def told_case(case: StoredCase, found: Effect | StoredCase) -> dict[str, Any]:
    """A case as messages show it; found: its state, after a look if there was one."""
    return {
        "id": case.id,
        "state": found.state,
        "waiting_for": found.waiting_for,
        "resolution": found.resolution,
        "reference": case.reference,
        "channel": case.channel,
        "lang": case.lang,
        "account": case.account_name or case.question.account,
        "gateway": found.verdict.gateway,
        "asset": found.verdict.asset,
    }


def no_case(reference: str | None, channel: str | None, lang: str) -> dict[str, Any]:
    """The placeholder for the case in a message that is not about a case."""
    names = ("id", "state", "waiting_for", "resolution", "account", "gateway", "asset")
    known = {"reference": reference, "channel": channel, "lang": lang}
    return {**dict.fromkeys(names), **known}
