"""The model of a stated time: its words, its time zone, and its meaning in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from diag.intake.candidates import Confidence

Local = tuple[datetime, datetime]


class Precision(StrEnum):
    """How exactly a time is stated."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    PART = "part"  # of a day
    DAY = "day"
    LONGER = "longer"  # a week, a month, "about two weeks ago"
    VAGUE = "vague"  # "some hours": no number


class Relation(StrEnum):
    """The role of a time in the complaint."""

    AT = "at"
    SINCE = "since"
    WAITED = "waited"  # a length of time that the user has waited
    CHECKED = "checked"  # when it was still not there
    MESSAGE = "message"  # when the text or a message of it was written
    OTHER = "other"  # of an earlier withdrawal, a deadline, a registration


@dataclass(frozen=True, slots=True)
class Time:
    """A stated time; start and end are aware UTC, None if the zone or the reading is unknown."""

    text: str
    begin: int
    stop: int
    precision: Precision
    relation: Relation
    local: tuple[Local, ...]
    """The readings in local time; more than one if day and month are ambiguous."""
    zone: tzinfo | None
    start: datetime | None
    end: datetime | None
    confidence: Confidence

    @property
    def span(self) -> tuple[int, int]:
        return self.begin, self.stop

    @property
    def needs_zone(self) -> bool:
        return self.start is None and bool(self.local) and self.zone is None

    @property
    def ambiguous(self) -> bool:
        return len(self.local) > 1
