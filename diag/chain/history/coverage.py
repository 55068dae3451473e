"""Positions in the history of an account, and intervals between two positions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter

from diag.domain.operations import Operation

FINE_STEP = timedelta(minutes=20)
PAGE_SIZE = 100
"""The most operations per page of a node with default settings."""
SAFETY_FACTOR = 1.5
"""Pages are requested for this many times the expected number of operations."""
SECOND = timedelta(seconds=1)

Position = tuple[datetime, int]
"""The position of an operation: block time and instance of its id; both grow along the history."""
BEGINNING: Position = (datetime.min.replace(tzinfo=UTC), -1)
LAST_INSTANCE = 2**63


position_of: Callable[[Operation], Position] = attrgetter("location.at", "location.number")
"""Returns the position of an operation in the histories of its accounts."""


def before(position: Position) -> Position:
    """Return the last position before this one."""
    return position[0], position[1] - 1


def after(position: Position) -> Position:
    """Return the first position after this one."""
    return position[0], position[1] + 1


def end_of_second(moment: datetime) -> Position:
    """Return the position after every operation of that second."""
    return moment, LAST_INSTANCE


@dataclass(frozen=True, slots=True)
class Interval:
    """A part of a history from one position to another, both included."""

    first: Position
    last: Position

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The first and the last second that the interval covers, fully or in part."""
        whole = self.first[1] > LAST_INSTANCE
        return self.first[0] + (SECOND if whole else timedelta()), self.last[0]

    def __contains__(self, operation: Operation) -> bool:
        return self.first <= position_of(operation) <= self.last

    def touches(self, later: Interval) -> bool:
        """Return True if a later interval overlaps this one or follows it directly."""
        return later.first <= after(self.last)


def merged(intervals: Sequence[Interval], new: Interval) -> list[Interval]:
    """Return the intervals with another one, oldest first; those that touch become one."""
    found: list[Interval] = []
    for interval in sorted([*intervals, new], key=lambda i: i.first):
        if found and found[-1].touches(interval):
            found[-1] = Interval(found[-1].first, max(found[-1].last, interval.last))
        else:
            found.append(interval)
    return found
