"""Assesses how urgent a complaint is, with the words that show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from diag.intake.classify.complaint_kind import Classification, Kind
from diag.intake.cues import cue
from diag.intake.normalized_text import Page
from diag.intake.times.model import Relation, Time
from diag.words import texts


class Urgency(StrEnum):
    """The degrees of urgency, most urgent first."""

    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Reason(StrEnum):
    """The reason for an urgency, in order; the first that applies counts."""

    SECRET = "secret"
    THEFT = "theft"
    WRONG_DESTINATION = "wrong_destination"
    LONG_WAIT = "long_wait"
    PRESSED = "pressed"
    MISSING = "missing"
    UNCLEAR = "unclear"
    UNREAD = "unread"
    QUESTION = "question"
    SOLVED = "solved"
    NOTHING = "nothing"


_LEVELS = {
    Reason.SECRET: Urgency.CRITICAL,
    Reason.THEFT: Urgency.CRITICAL,
    Reason.WRONG_DESTINATION: Urgency.HIGH,
    Reason.LONG_WAIT: Urgency.HIGH,
    Reason.PRESSED: Urgency.HIGH,
    Reason.MISSING: Urgency.NORMAL,
    Reason.UNCLEAR: Urgency.NORMAL,
    Reason.UNREAD: Urgency.NORMAL,
    Reason.SOLVED: Urgency.LOW,
    Reason.QUESTION: Urgency.LOW,
    Reason.NOTHING: Urgency.LOW,
}
REASONS = {
    reason: (level, texts("intake.reasons")[reason]) for reason, level in _LEVELS.items()
}
"""Reason → its urgency and its name."""
LONG = timedelta(days=1)
_PRESSED = cue("urgency.pressed")


@dataclass(frozen=True, slots=True)
class UrgencyAssessment:
    """An urgency, its reason, and the span that shows the reason (None for the whole text)."""

    level: Urgency
    reason: Reason
    span: tuple[int, int] | None


def assess_urgency(
    page: Page,
    exposed: bool,
    classified: Classification,
    times: tuple[Time, ...],
    now: datetime,
    foreign: bool,
) -> UrgencyAssessment:
    """The urgency of a complaint; foreign: its language is not supported."""
    reason, span = _reason(page, exposed, classified, times, now, foreign)
    return UrgencyAssessment(REASONS[reason][0], reason, span)


def _reason(
    page: Page,
    exposed: bool,
    classified: Classification,
    times: tuple[Time, ...],
    now: datetime,
    foreign: bool,
) -> tuple[Reason, tuple[int, int] | None]:
    kind = classified.kind
    cue = classified.spans[0] if classified.spans else None
    pressed = _PRESSED.search(page.low)
    waited = next((t for t in times if _long(t, now)), None)
    if exposed:
        return Reason.SECRET, None
    if kind is Kind.STOLEN:
        return Reason.THEFT, cue
    if kind is Kind.SOLVED:
        return Reason.SOLVED, cue
    if kind is Kind.WRONG_DESTINATION:
        return Reason.WRONG_DESTINATION, cue
    if waited is not None and kind not in (Kind.OTHER, Kind.FEE_QUESTION):
        return Reason.LONG_WAIT, waited.span
    if pressed:
        return Reason.PRESSED, pressed.span()
    if foreign:
        return Reason.UNREAD, None
    if kind in (Kind.OTHER, Kind.UNCLEAR) and not classified.score:
        return Reason.NOTHING, None
    if kind in (Kind.FEE_QUESTION, Kind.GATEWAY_STATE, Kind.ACCESS, Kind.OTHER):
        return Reason.QUESTION, cue
    return (Reason.UNCLEAR if kind is Kind.UNCLEAR else Reason.MISSING), cue


def _long(time: Time, now: datetime) -> bool:
    """Whether a stated time is at least a day ago in any time zone."""
    if time.relation in (Relation.MESSAGE, Relation.CHECKED, Relation.OTHER) or (
        time.start is None and not time.local
    ):
        return False
    if time.end is not None:
        middle = time.end if time.relation is Relation.AT else time.start or time.end
        return now - middle >= LONG
    latest = max(last for _, last in time.local)
    return now.replace(tzinfo=None) - latest >= LONG + timedelta(hours=14)
