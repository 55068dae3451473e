"""Times, time zones and the window of a case."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from diag.errors import BadInput, FieldError
from diag.i18n import Text
from diag.schemas.mistakes import EXAMPLE, Mistake, impossible, unreadable

LONGEST_WINDOW = timedelta(days=31)
_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)([Zz]|[ +-]\d{2}:?\d{2})?\Z"
)
# a bare + of an offset is a space by the time a query has been read
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_LAST = re.compile(r"([1-9][0-9]{0,4})([mhd])\Z")
_NO_ZONES = frozenset({"localtime", "posixrules", "posix", "right", "Factory"})
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def read_zone(given: object, errors: list[FieldError]) -> ZoneInfo | None:
    """The zone of an IANA name, None for none; a mistake is added to the errors."""
    if given is None:
        return None
    try:
        if isinstance(given, str) and re.fullmatch(r"[A-Za-z0-9_+/-]{1,64}", given):
            found = ZoneInfo(given)
            if given not in _NO_ZONES:
                return found
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    errors.append(
        FieldError(
            "tz",
            Text(
                zh="请使用 IANA 时区名，例如 Asia/Shanghai。",
                en="Give an IANA time zone such as Asia/Shanghai.",
            ),
        )
    )
    return None


def is_canonical(given: object) -> bool:
    """True for a time as RFC 3339 writes it, with its offset or without."""
    return isinstance(given, str) and bool(_TIME.match(given.strip()))


def zone_of(given: object) -> ZoneInfo | None:
    """The zone of an IANA name, None for none; BadInput names the field tz."""
    errors: list[FieldError] = []
    found = read_zone(given, errors)
    if errors:
        raise BadInput(*errors)
    return found


def read_window(
    loaded: dict[str, Any], zone: ZoneInfo | None, now: datetime, errors: list[FieldError]
) -> tuple[datetime, datetime] | None:
    """The window of from and to, or of last; both ends belong to it. None adds to the errors."""
    start, end, last = (loaded.pop(name, None) for name in ("start", "end", "last"))
    if last is not None:
        return _last(last, now, errors, start is not None or end is not None)
    moments = [
        _moment(name, value, zone, errors) for name, value in (("from", start), ("to", end))
    ]
    if moments[0] is None or moments[1] is None:
        return None
    if moments[1] < moments[0]:
        errors.append(
            FieldError(
                "to",
                Text(
                    zh="结束时间早于开始时间，请对调。",
                    en="The window ends before it begins; swap from and to.",
                ),
            )
        )
        return None
    if moments[1] - moments[0] > LONGEST_WINDOW:
        errors.append(
            FieldError(
                "to",
                Text(
                    zh="时间段最长 31 天，请缩短。",
                    en="The window may be at most 31 days long; make it shorter.",
                ),
            )
        )
        return None
    return moments[0], moments[1]


def _last(
    given: object, now: datetime, errors: list[FieldError], both: bool
) -> tuple[datetime, datetime] | None:
    match = _LAST.match(given) if isinstance(given, str) else None
    length = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None
    if both:
        text = Text(zh="last 与 from、to 只能二选一。", en="Give either last, or from and to.")
    elif length is None or length > LONGEST_WINDOW:
        text = Text(
            zh="请写成 90m、6h 或 7d 的形式，最长 31d。", en="Write 90m, 6h or 7d; at most 31d."
        )
    else:
        return now - length, now
    errors.append(FieldError("last", text))
    return None


def _moment(
    name: str, given: object, zone: ZoneInfo | None, errors: list[FieldError]
) -> datetime | None:
    """An RFC 3339 time, or a date-time in the zone of tz; whole seconds, in UTC.

    Where clocks are put forward or back a local time has two readings: the one that makes the
    window wider counts.
    """
    try:
        readings = [_read_moment(given, zone, fold) for fold in (0, 1)]
    except Mistake as exc:
        errors.append(FieldError(name, exc.text))
        return None
    return min(readings) if name == "from" else max(readings)


def moment(name: str, given: object) -> datetime:
    """One time with its offset, whole seconds in UTC; BadInput says what is wrong with it."""
    errors: list[FieldError] = []
    found = _moment(name, given, None, errors)
    if found is None:
        raise BadInput(*errors)
    return found


def _read_moment(given: object, zone: ZoneInfo | None, fold: int) -> datetime:
    if given is None:
        raise Mistake(
            "请填写时间，或改用 last，例如 last=6h。",
            "Give a time, or use last, such as last=6h.",
        )
    text = given.strip() if isinstance(given, str) else ""
    if _DATE.match(text):
        raise Mistake(
            f"只有日期不够，请写明时刻和时区，例如 {EXAMPLE}。",
            f"A date alone is not enough; give the time and its offset, such as {EXAMPLE}.",
        )
    match = _TIME.match(text)
    if not match:
        raise unreadable()
    if not match[3] and zone is None:
        raise Mistake(
            f"缺少时区：请加上偏移（例如 {EXAMPLE}），或另填 tz=Asia/Shanghai。",
            f"The time zone is missing: add the offset (such as {EXAMPLE}), or tz=Asia/Shanghai.",
        )
    offset = (match[3] or "").upper().replace(" ", "+")
    try:
        found = datetime.fromisoformat(f"{match[1]}T{match[2]}{offset}")
        if found.tzinfo is None:
            found = found.replace(tzinfo=zone, fold=fold)
        found = found.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as exc:
        raise impossible() from exc
    if not 2015 <= found.year <= 2105:
        raise Mistake(
            "年份超出范围：这条链始于 2015 年。",
            "The year is out of range: this chain began in 2015.",
        )
    return found
