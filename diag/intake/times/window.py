"""Derives the time window of the diagnosis from the times that a text states.

A date or a clock time has priority over a duration ("waiting for two days"), which depends on when
the text was written. Of the times known in UTC the narrowest counts, if all others agree with it.
Three hours are added on both sides, because people round, and the window ends at now at the latest.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from diag.intake.candidates import Confidence
from diag.intake.times.model import Precision, Relation, Time

MARGIN = timedelta(hours=3)
_DAYS = (Precision.DAY, Precision.LONGER)
"""A time this vague agrees with another one only if they overlap."""
LONGEST = timedelta(days=31)
"""The longest window of a diagnosis."""


def usable(times: Sequence[Time]) -> tuple[Time, ...]:
    """The times that may state when the money was sent."""
    return tuple(
        t
        for t in times
        if t.relation not in (Relation.MESSAGE, Relation.CHECKED, Relation.OTHER)
        and t.confidence in (Confidence.CERTAIN, Confidence.HIGH)
    )


def window(times: Sequence[Time], now: datetime) -> tuple[datetime, datetime] | None:
    """Start and end in UTC; None if the times disagree, are open or too wide."""
    told = usable(times)
    dated = [t for t in told if t.local]
    told = tuple(dated) or told
    placed = [
        (t.start, t.end, t.precision in _DAYS)
        for t in told
        if t.start is not None and t.end is not None
    ]
    if not placed or any(t.ambiguous for t in told):
        return None
    start, end, days = min(placed, key=lambda p: p[1] - p[0])
    agreed = all(
        first - slack <= end and start <= last + slack
        for first, last, more in placed
        for slack in (timedelta(0) if days or more else 2 * MARGIN,)
    )
    start, end = start - MARGIN, min(end + MARGIN, now)
    if not agreed or end <= start or end - start > LONGEST:
        return None
    return start, end
