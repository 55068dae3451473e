"""The window of time to ask the chain about, from the times that a text states.

The rule: a date or a clock counts before a length of time ("waiting for two days"), which depends
on when the text was written. Of those that stand in UTC the narrowest counts, if all the others
agree with it; then three hours are added on both sides, because people round, and nothing lies
ahead of now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from diag.intake.candidates import Confidence
from diag.intake.times.model import Precision, Relation, Time

MARGIN = timedelta(hours=3)
_DAYS = (Precision.DAY, Precision.LONGER)
"""What is said so roughly agrees with another time only where they overlap."""
LONGEST = timedelta(days=31)
"""What a diagnosis takes at most."""


def usable(times: Sequence[Time]) -> tuple[Time, ...]:
    """The times that may tell when the money moved."""
    return tuple(
        t
        for t in times
        if t.relation not in (Relation.MESSAGE, Relation.CHECKED, Relation.OTHER)
        and t.confidence in (Confidence.CERTAIN, Confidence.HIGH)
    )


def window(times: Sequence[Time], now: datetime) -> tuple[datetime, datetime] | None:
    """From and to in UTC, or None where the times disagree, are open or too wide."""
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
