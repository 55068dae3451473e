"""When a message that could not be sent is tried again, and when it is given up. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST = timedelta(seconds=30)
LONGEST = timedelta(hours=1)
DAY = timedelta(days=1)


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 30 seconds, then twice as long each time, an hour at most."""
    doubled: timedelta = FIRST * 2 ** min(max(attempts, 1) - 1, 12)
    return min(doubled, LONGEST)


def spent(attempts: int) -> timedelta:
    """How long the pauses before the next attempt were, together."""
    return sum((pause(number) for number in range(1, attempts)), timedelta())


def next_attempt(attempts: int, now: datetime, wait: float | None = None) -> datetime | None:
    """When to try again after so many attempts; None once they have taken a day: it is given up.

    wait: seconds that the receiver has asked for.
    """
    if spent(attempts + 1) > DAY:
        return None
    return now + max(pause(attempts), timedelta(seconds=wait or 0.0))
