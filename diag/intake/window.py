"""The window of time to ask the chain about, from the times that a text states.

The rule: of the times that stand in UTC the narrowest counts, if all the others agree with it;
then three hours are added on both sides, because people round, and nothing lies ahead of now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from diag.intake.found import Confidence
from diag.intake.times import Relation, Time

MARGIN = timedelta(hours=3)
LONGEST = timedelta(days=31)
"""What a diagnosis takes at most."""


def usable(times: Sequence[Time]) -> tuple[Time, ...]:
    """The times that may tell when the money moved."""
    return tuple(
        t
        for t in times
        if t.relation is not Relation.MESSAGE
        and t.confidence in (Confidence.CERTAIN, Confidence.HIGH)
    )


def window(times: Sequence[Time], now: datetime) -> tuple[datetime, datetime] | None:
    """From and to in UTC, or None where the times disagree, are open or too wide."""
    placed = [
        (t.start, t.end) for t in usable(times) if t.start is not None and t.end is not None
    ]
    if not placed or any(t.ambiguous for t in usable(times)):
        return None
    if any(t.relation is Relation.MESSAGE for t in times) and not all(
        t.local for t in usable(times)
    ):
        return None  # counted back from a message, not from now
    start, end = min(placed, key=lambda p: p[1] - p[0])
    start, end = start - MARGIN, min(end + MARGIN, now)
    agreed = all(first - MARGIN <= end and start <= last + MARGIN for first, last in placed)
    if not agreed or end <= start or end - start > LONGEST:
        return None
    return start, end
