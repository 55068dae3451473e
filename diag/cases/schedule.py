"""Works out from a verdict when its case is looked at again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from diag.cases.record import Resolution, State, VerdictSummary
from diag.domain.vocabulary import Actor, Advice, Finality, Stage

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(hours=1)
"""The longest pause between two looks. A look that is planned further ahead counts as due: the clock
has been put back since.
"""
WATCHED = timedelta(days=14)
"""How long an unresolved case is watched."""
_PART = 8
"""The pause is this fraction of the time that a case has been watched: 5 minutes after 40, the
longest pause after 8 hours.
"""

ENDS: dict[str, Resolution] = {
    "delivered": Resolution.DELIVERED,
    "returned": Resolution.RETURNED,
    "not_sent": Resolution.NOT_SENT,
}
"""Outcome → how a case is resolved once the outcome is final."""


def resolution(verdict: VerdictSummary) -> Resolution | None:
    """How a verdict resolves its case; None if the chain may still change it."""
    return ENDS.get(verdict.outcome) if verdict.finality == Finality.FINAL else None


def state_of(verdict: VerdictSummary) -> tuple[State, str | None]:
    """The state of a case with an unresolved verdict, and whom the case waits for."""
    if verdict.actor in (Actor.NOBODY, Actor.SUPPORT):
        return State.OPEN, None
    return State.WAITING, verdict.actor


def next_look(verdict: VerdictSummary, now: datetime, since: datetime) -> datetime | None:
    """The time of the next look; None if the chain cannot change the verdict any more.

    verdict: the last reported one; now: the time of the last look; since: the start of the watch.
    """
    if resolution(verdict):
        return None
    pause = min(max((now - since) / _PART, SHORTEST), LONGEST)
    if verdict.stage == Stage.CHAIN_UNCONFIRMED:
        pause = SHORTEST
    if verdict.advice == Advice.RETRY_LATER:
        pause = min(pause, 5 * SHORTEST)
    promised = (verdict.normal_until, verdict.expected_by, verdict.escalate_after)
    times = [now + pause, *(time for time in promised if time and time > now)]
    return min(times).replace(microsecond=0)


def after_failure(failures: int, now: datetime) -> datetime:
    """The time of the next look after this many looks in a row that could not read the chain."""
    pause: timedelta = SHORTEST * 2 ** min(max(failures, 1) - 1, 10)
    return now + min(pause, LONGEST)
