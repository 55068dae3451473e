"""Works out the effect of a look (one repeated diagnosis) on a case: state, events, next look. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from diag import words
from diag.cases import schedule
from diag.cases.changes import Change, compare, outline, undecided
from diag.cases.record import ACTIVE, EventKind, State, StoredCase, VerdictSummary
from diag.i18n import Text


@dataclass(frozen=True, slots=True)
class Effect:
    """What to write after a look; see `StoredCase` for the fields."""

    verdict: VerdictSummary
    """The verdict that the next look is compared with."""
    state: State
    waiting_for: str | None
    resolution: str | None
    closed_at: datetime | None
    failures: int
    next_look: datetime | None
    events: tuple[tuple[EventKind, Mapping[str, Any]], ...] = ()
    counted: EventKind | None = None
    """The kind of a look that is only counted."""

    @property
    def visible(self) -> bool:
        """Whether the look has events to show."""
        return bool(self.events)


def effect(
    case: StoredCase, found: VerdictSummary | None, now: datetime, *, by_hand: bool = False
) -> Effect:
    """The effect of a look. found: its verdict; None if the chain could not be read.

    by_hand: whether a person requested the look, and so has seen its result. The watch ends by the
    chain's time, so that a wrong clock cannot end it.
    """
    if found is None or undecided(found) or found.time < case.verdict.time:
        return _unreadable(case, now)
    change = compare(case.verdict, found, case.question.zone)
    ends = schedule.resolution(found)
    resolves = ends and (change or not schedule.resolution(case.verdict)) and _active(case)
    kept = found if change or resolves or by_hand else case.verdict
    since = case.watch_until - schedule.WATCHED
    events = _events(change, bool(resolves), found)
    next_look = None
    if _active(case) and not ends:
        if found.time < case.watch_until:
            next_look = schedule.next_look(kept, now, since)
        elif case.next_look:
            events.append((EventKind.WATCH_ENDED, _watch_ended(kept)))
    if by_hand and not events:
        events.append((EventKind.CHECKED, {"diagnosis": found.diagnosis}))
    state, waiting_for = case.state, case.waiting_for
    if change and _active(case):
        state, waiting_for = schedule.state_of(found)
    return Effect(
        verdict=kept,
        state=State.RESOLVED if resolves else state,
        waiting_for=None if resolves else waiting_for,
        resolution=str(ends) if resolves and ends else case.resolution,
        closed_at=now if resolves else case.closed_at,
        failures=0,
        next_look=next_look,
        events=tuple(events),
        counted=None if events else EventKind.UNCHANGED,
    )


def _active(case: StoredCase) -> bool:
    return case.state in ACTIVE


def _events(
    change: Change | None, resolves: bool, found: VerdictSummary
) -> list[tuple[EventKind, Mapping[str, Any]]]:
    events: list[tuple[EventKind, Mapping[str, Any]]] = []
    if change:
        events.append((EventKind.CHANGED, change.as_json()))
    if resolves:
        events.append((EventKind.RESOLVED, {"verdict": outline(found)}))
    return events


def _watch_ended(kept: VerdictSummary) -> dict[str, Any]:
    facts = {"days": schedule.WATCHED.days, "title": Text.literal(**kept.title)}
    text = words.text("cases.watch.ended").as_dict(facts)
    return {"text": text, "verdict": outline(kept), "reply": dict(kept.reply)}


def _unreadable(case: StoredCase, now: datetime) -> Effect:
    """The effect if the chain could not be read: the case stays as it is, and is looked at again."""
    failures = case.failures + 1
    watched = case.next_look is not None
    return Effect(
        verdict=case.verdict,
        state=case.state,
        waiting_for=case.waiting_for,
        resolution=case.resolution,
        closed_at=case.closed_at,
        failures=failures,
        next_look=schedule.after_failure(failures, now) if watched else None,
        counted=EventKind.UNREADABLE,
    )
