"""Reads the query of a report; every mistake names its field and the remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from diag.errors import BadInput
from diag.i18n import LANGUAGES
from diag.schemas.mistakes import Mistake
from diag.schemas.plain_fields import Line, Name, OneOf
from diag.schemas.request import RequestSchema
from diag.schemas.times import TimeField, ZoneField

FORMATS = ("json", "csv")
BY = ("gateway", "code", "lang", "agent")
EVERY = ("day", "week")
LONGEST = timedelta(days=366)
DAYS = 28
"""The default length of a report in days."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


class DayField(TimeField):
    """A date, or an RFC 3339 time; without an offset it is naive. end: a date means its end."""

    def __init__(self, *, end: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.end = end

    def _deserialize(self, value: Any, *arguments: Any, **options: Any) -> datetime:
        if not (isinstance(value, str) and _DATE.match(value)):
            return super()._deserialize(value, *arguments, **options)
        try:
            day = datetime.fromisoformat(value)
            return day + timedelta(days=1) if self.end else day
        except (ValueError, OverflowError) as exc:
            raise Mistake("value.no_such_time") from exc


class ReportSchema(RequestSchema):
    """The query fields of a report: its cases, and how they are grouped."""

    start = DayField(data_key="from")
    end = DayField(data_key="to", end=True)
    tz = ZoneField()
    by = OneOf(BY)
    every = OneOf(EVERY)
    gateway = Line(64)
    code = Name("[a-z_]{1,64}", "value.code")
    lang = OneOf(LANGUAGES)
    agent = Line(128)
    format = OneOf(FORMATS)


_REPORT = ReportSchema()


def read_report(raw: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The arguments of a report, with `format` (None if it was not given); raises BadInput.

    start, end: aware; by default the last 28 days of the time zone, including today.
    """
    found = _REPORT.read(raw)
    zone = found.pop("tz") or UTC
    midnight = now.astimezone(zone).replace(
        tzinfo=None, hour=0, minute=0, second=0, microsecond=0, fold=0
    )
    end = found.pop("end") or midnight + timedelta(days=1)
    end = _aware(end, zone, "to")
    start = found.pop("start") or end.astimezone(zone).replace(tzinfo=None) - timedelta(
        days=DAYS
    )
    start = _aware(start, zone, "from")
    if not timedelta() < end - start <= LONGEST:
        raise BadInput.about("to", "request.period", days=LONGEST.days)
    wanted = {name: value for name, value in found.items() if value is not None}
    return {**wanted, "start": start, "end": end, "zone": zone, "format": found["format"]}


def _aware(moment: datetime, zone: tzinfo, name: str) -> datetime:
    """A time in UTC, given the zone of a naive one; refused before the start of the chain."""
    try:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        found = aware.astimezone(UTC)
    except OverflowError:
        raise BadInput.about(name, "request.year") from None
    if not 2015 <= found.year <= 2105:
        raise BadInput.about(name, "request.year")
    return found
