"""A period of time with open or closed ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Period:
    """A period from `start` (included) to `end` (excluded); None means open."""

    start: datetime | None = None
    end: datetime | None = None

    def covers(self, at: datetime) -> bool:
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)

    def overlaps(self, other: Period) -> bool:
        return _before(self.start, other.end) and _before(other.start, self.end)


ALWAYS = Period()


def _before(start: datetime | None, end: datetime | None) -> bool:
    return start is None or end is None or start < end
