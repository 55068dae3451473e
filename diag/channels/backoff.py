"""When to retry a message that could not be sent, and when to give up. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST = timedelta(seconds=30)
LONGEST = timedelta(hours=1)
DAY = timedelta(days=1)


def pause(attempts: int) -> timedelta:
    """The pause after this many attempts: 30 seconds, doubled each time, an hour at most."""
    doubled: timedelta = FIRST * 2 ** min(max(attempts, 1) - 1, 12)
    return min(doubled, LONGEST)


def spent(attempts: int) -> timedelta:
    """The sum of all pauses before the next attempt."""
    return sum((pause(number) for number in range(1, attempts)), timedelta())


def next_attempt(attempts: int, now: datetime, wait: float | None = None) -> datetime | None:
    """The time of the next attempt; None to give up, once the attempts have taken a day.

    wait: seconds that the receiver asked to wait.
    """
    if spent(attempts + 1) > DAY:
        return None
    return now + max(pause(attempts), timedelta(seconds=wait or 0.0))
