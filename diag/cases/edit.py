"""Applies a manual change to a case and to the fields that depend on it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from diag.cases.record import ACTIVE, State, StoredCase
from diag.cases.schedule import WATCHED
from diag.errors import BadInput, FieldError
from diag.words import problem

_SHOWN = ("state", "waiting_for", "resolution", "reference", "channel", "lang", "tell")


def edited(case: StoredCase, wanted: Mapping[str, Any], now: datetime) -> StoredCase:
    """The case after a change, without a new version; raises BadInput if the fields do not fit.

    A case that is resolved or closed is not checked any more; a case that is opened again is watched
    like a new one.
    """
    state = State(wanted.get("state", case.state))
    active, was_active = state in ACTIVE, case.state in ACTIVE
    given = dict(wanted)
    kept_waiting = case.waiting_for if state is State.WAITING else None
    kept_resolution = case.resolution if not active else None
    waiting_for = given.get("waiting_for", kept_waiting)
    resolution = given.get("resolution", kept_resolution)
    wrong = []
    if (waiting_for is not None) != (state is State.WAITING):
        wrong.append(FieldError("waiting_for", problem("case.waiting_for")))
    if (resolution is None and state is State.RESOLVED) or (resolution and active):
        wrong.append(FieldError("resolution", problem("case.resolution")))
    if wrong:
        raise BadInput(*wrong)
    found = replace(
        case,
        state=state,
        waiting_for=waiting_for,
        resolution=resolution,
        reference=given.get("reference", case.reference),
        channel=given.get("channel", case.channel),
        lang=given.get("lang", case.lang),
        tell=given.get("tell", case.tell),
    )
    if active == was_active:
        return found
    if not active:
        return replace(found, closed_at=now, next_look=None)
    return replace(found, closed_at=None, next_look=now, watch_until=now + WATCHED)


def differences(before: StoredCase, after: StoredCase) -> dict[str, Any]:
    """Changed field → its old and new value."""
    return {
        name: {"from": _plain(getattr(before, name)), "to": _plain(getattr(after, name))}
        for name in _SHOWN
        if getattr(before, name) != getattr(after, name)
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
