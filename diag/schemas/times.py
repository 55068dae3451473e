"""Times, time zones and the window of a case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import ValidationError

from diag.schemas.mistakes import Mistake
from diag.schemas.request import RequestField

LONGEST_WINDOW = timedelta(days=31)
_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)([Zz]|[ +-]\d{2}:?\d{2})?\Z"
)
# in a query string, an unescaped + of an offset is decoded as a space
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_LAST = re.compile(r"([1-9][0-9]{0,4})([mhd])\Z")
_NO_ZONES = frozenset({"localtime", "posixrules", "posix", "right", "Factory"})
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class ZoneField(RequestField[ZoneInfo]):
    """The IANA name of a time zone."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> ZoneInfo:
        try:
            if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_+/-]{1,64}", value):
                found = ZoneInfo(value)
                if value not in _NO_ZONES:
                    return found
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
        raise Mistake("value.zone")


class LengthField(RequestField[timedelta]):
    """The length of a window that ends now, such as 6h."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> timedelta:
        match = _LAST.match(value) if isinstance(value, str) else None
        length = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None
        if length is None or length > LONGEST_WINDOW:
            raise Mistake("value.last")
        return length


class TimeField(RequestField[datetime]):
    """An RFC 3339 time; without an offset it is naive."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        text = value.strip() if isinstance(value, str) else ""
        if _DATE.match(text):
            raise Mistake("value.date_alone")
        match = _TIME.match(text)
        if not match:
            raise Mistake("value.time")
        offset = (match[3] or "").upper().replace(" ", "+")
        try:
            return datetime.fromisoformat(f"{match[1]}T{match[2]}{offset}")
        except ValueError as exc:
            raise Mistake("value.no_such_time") from exc


class MomentField(TimeField):
    """An RFC 3339 time with its offset; whole seconds in UTC."""

    def _deserialize(self, value: Any, *arguments: Any, **options: Any) -> datetime:
        return _in_utc(super()._deserialize(value, *arguments, **options), None)


def is_canonical(value: object) -> bool:
    """True for a time in RFC 3339 format, with or without an offset."""
    return isinstance(value, str) and bool(_TIME.match(value.strip()))


def read_window(
    written: Mapping[str, datetime | None], zone: tzinfo | None
) -> tuple[datetime, datetime] | None:
    """The window of `from` and `to` in UTC, both inclusive.

    When clocks change, a local time has two readings; the one that makes the window wider counts.
    Raises ValidationError with a mistake per field. Returns None if a field is missing.
    """
    moments, wrong = {}, {}
    for name, time in written.items():
        try:
            readings = [_in_utc(time, zone, fold) for fold in (0, 1)]
            moments[name] = min(readings) if name == "from" else max(readings)
        except Mistake as mistake:
            wrong[name] = mistake.messages
    if wrong:
        raise ValidationError(wrong)
    if len(moments) < 2:
        return None
    start, end = moments["from"], moments["to"]
    if end < start:
        raise Mistake("value.window_reversed", "to")
    if end - start > LONGEST_WINDOW:
        raise Mistake("value.window_too_long", "to")
    return start, end


def _in_utc(time: datetime | None, zone: tzinfo | None, fold: int = 0) -> datetime:
    """A time in UTC, in whole seconds; zone: that of a naive time."""
    if time is None:
        raise Mistake("value.no_time")
    if time.tzinfo is None and zone is None:
        raise Mistake("value.no_zone")
    try:
        aware = time if time.tzinfo else time.replace(tzinfo=zone, fold=fold)
        found = aware.astimezone(UTC).replace(microsecond=0)
    except OverflowError as exc:
        raise Mistake("value.no_such_time") from exc
    if not 2015 <= found.year <= 2105:
        raise Mistake("request.year")
    return found
