"""The times that a text states: what was said, in whose zone, and what that is in UTC.

A zone is never assumed. Where neither the text nor the caller gives one, a local time stays a
local time; only what is counted back from now ("two hours ago") needs none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from diag.intake.candidates import Confidence
from diag.intake.normalized_text import Page, each
from diag.intake.times import zones
from diag.intake.times.chinese import atoms_zh
from diag.intake.times.english import atoms_en
from diag.intake.times.grouping import apart, grouped, speaks, whole_days
from diag.intake.times.model import Local, Precision, Relation, Time
from diag.intake.times.tokens import Atom, Clock, Day, Instant, Part, Span, Zone, day

MOST = 64
"""Times that are read of one text; a text with more is a log, not a complaint."""
_YEARS = range(2015, 2106)


def times(page: Page, now: datetime, given: tzinfo | None) -> tuple[Time, ...]:
    """Every time of a page, in its order; now is aware UTC, given the zone of the caller."""
    text = page.low
    spoken = _spoken_zone(text)
    groups = grouped(text, apart([*atoms_zh(text), *atoms_en(text), *_zones(text)]))
    read = (_read(page, group, now, spoken or given) for group in groups[:MOST])
    return tuple(time for time in read if time is not None)


_PLAIN_ZONE = re.compile(
    rf"(?:(?:时间|time ?zone|times?)[^\n]{{0,12}}?)?(?:(?:utc|gmt)\s?[+-]\s?[0-9]{{1,2}}|(?<![0-9:])[+-][01][0-9]:[0-5]0(?![0-9:])|{zones.PLAIN})"
)
_ZONE = re.compile(zones.ZONE)


def _spoken_zone(text: str) -> tzinfo | None:
    """The one zone that the text speaks of anywhere; two different ones are none."""
    said = {}
    for match in each(_PLAIN_ZONE, text):
        word = _ZONE.search(match[0])
        found = zones.zone(word[0]) if word else None
        if found is not None:
            said[zones.name(found)] = found
    return next(iter(said.values())) if len(said) == 1 else None


def _zones(text: str) -> Iterable[Atom]:
    return (Atom(*m.span(), Zone(m[0])) for m in each(_ZONE, text))


def _read(
    page: Page, group: Sequence[Atom], now: datetime, default: tzinfo | None
) -> Time | None:
    parts: dict[type, object] = {type(atom.what): atom.what for atom in group}
    if not speaks(page.low, group, parts):
        return None
    own = parts.get(Zone)
    zone = (zones.zone(own.words) if isinstance(own, Zone) else None) or default
    begin, stop = group[0].start, group[-1].end
    text = page.text[begin:stop]
    if text.count("(") + text.count("（") > text.count(")") + text.count("）"):
        stop += page.plain.startswith(")", stop)
    span = parts.get(Span)
    if isinstance(span, Span) and not (whole_days(span) and len(parts) > 1 and not span.waited):
        return _counted(page, (begin, stop), span, now)
    today = now.astimezone(zone or UTC).date()
    instant = parts.get(Instant)
    if isinstance(instant, Instant):
        readings = [(instant.at, instant.at)]
        precision = Precision.SECOND if instant.at.second else Precision.MINUTE
    else:
        readings, precision = _combined(parts, today, now.astimezone(zone or UTC))
    readings = [r for r in readings if r[0].year in _YEARS]
    if not readings:
        return None
    assumed = not {Day, Instant, Span} & set(parts)
    made = Time(
        page.text[begin:stop], begin, stop, precision, Relation.AT, tuple(readings), zone,
        None, None, Confidence.LOW if assumed else Confidence.HIGH,
    )  # fmt: skip
    said = parts.get(Day)
    since = isinstance(said, Day) and said.since
    return _placed(page.low, made, now, since)


def _counted(page: Page, where: tuple[int, int], span: Span, now: datetime) -> Time:
    """A time counted back from now: it needs no zone."""
    begin, stop = where
    relation = Relation.WAITED if span.waited else Relation.AT
    start = end = None
    precision = Precision.VAGUE
    if span.length is not None:
        slack = max(span.slack, span.length / 4)
        start, end = now - span.length - slack, min(now, now - span.length + slack)
        hours = span.length < timedelta(days=1) and span.slack <= timedelta(hours=2)
        precision = Precision.HOUR if hours else Precision.DAY
        precision = Precision.LONGER if slack > timedelta(days=2) else precision
        if start.year not in _YEARS:
            start = end = None
    return Time(
        page.text[begin:stop], begin, stop, precision, relation, (), None, start, end,
        Confidence.HIGH if start and span.sure else Confidence.MEDIUM,
    )  # fmt: skip


def _combined(
    parts: Mapping[type, object], today: date, now: datetime
) -> tuple[list[Local], Precision]:
    """The readings of a day with its part and clock, in local time."""
    said, part, clock = parts.get(Day), parts.get(Part), parts.get(Clock)
    span = parts.get(Span)
    if isinstance(span, Span) and span.length is not None:
        said = day(span.length // timedelta(days=1))
    days = list(said.readings(today)) if isinstance(said, Day) else [(today, today)]
    within = part if isinstance(part, Part) else None
    if not isinstance(clock, Clock):
        return _whole(days, within)
    hours = _hours(clock, within)
    length = timedelta(0) if clock.minute is not None else timedelta(minutes=59)
    readings = []
    for first, _ in days:
        moments = [
            _midnight(first)
            + timedelta(hours=h, minutes=clock.minute or 0, seconds=clock.second or 0)
            for h in hours
        ]
        if not isinstance(said, Day):  # the last such time of day
            moments = [
                m if m <= now.replace(tzinfo=None) else m - timedelta(days=1) for m in moments
            ]
        readings.append((min(moments), max(moments) + length))
    if len(hours) > 1:
        return readings, Precision.DAY
    exact = Precision.SECOND if clock.second is not None else Precision.MINUTE
    return readings, Precision.HOUR if clock.minute is None else exact


def _whole(
    days: Iterable[tuple[date, date]], part: Part | None
) -> tuple[list[Local], Precision]:
    if part is not None:
        return [
            (
                _midnight(f) + timedelta(hours=part.start),
                _midnight(f) + timedelta(hours=part.end),
            )
            for f, _ in days
        ], Precision.PART
    spans = [(_midnight(f), _midnight(e) + timedelta(days=1, minutes=-1)) for f, e in days]
    longer = any(f != e for f, e in days)
    return spans, Precision.LONGER if longer else Precision.DAY


def _midnight(of: date) -> datetime:
    return datetime(of.year, of.month, of.day)  # noqa: DTZ001 - a local time, on purpose


def _hours(clock: Clock, part: Part | None) -> list[int]:
    """The hours that a clock may mean, counted from the midnight its day begins with."""
    hour = clock.hour
    if clock.half or (part is None and clock.sure):
        return [hour]
    if part is None:
        return [hour, hour + 12] if 1 <= hour < 12 else [hour]
    if part.end > 24 and hour <= 5:  # 昨天夜里两点 is after midnight
        return [hour + 24]
    if part.end > 24 and hour == 12:
        return [24]
    if (
        hour <= 12
        and part.start >= 11
        and hour + 12 <= max(part.end, 24)
        and hour not in (11, 12)
    ):
        return [hour + 12]
    if hour in (11,) and part.start >= 17:
        return [23]
    return [hour]


def _placed(text: str, time: Time, now: datetime, since: bool) -> Time:
    """The time with its relation, and in UTC where it can be said."""
    relation = Relation.SINCE if since else Relation.AT
    if _heads(text, time):
        relation = Relation.MESSAGE
    elif _checked(text, time):
        relation = Relation.CHECKED
    time = replace(time, relation=relation)
    if time.zone is None or time.ambiguous:
        return time
    [(first, last)] = time.local
    start = first.replace(tzinfo=time.zone, fold=0).astimezone(UTC)
    end = last.replace(tzinfo=time.zone, fold=1).astimezone(UTC)
    if since:
        end = max(end, now)
    if start > now:
        return replace(time, confidence=Confidence.LOW)
    return replace(time, start=start, end=end)


_STILL_ZH = re.compile(r"[^，。；,;\n]{0,4}(?:还|仍|也|都|依然|一直)?(?:没|未|不)")


def _checked(text: str, time: Time) -> bool:
    """Whether a time is the one at which the money was still missing: 今天还没到, "still not today"."""
    after = text[time.stop : time.stop + 12]
    if time.text in ("今天", "今日", "今早", "今晚"):
        return bool(_STILL_ZH.match(after))
    if time.text.lower() in ("today", "this morning", "tonight"):
        before = text[max(0, time.begin - 40) : time.begin]
        denied = re.search(
            r"\b(?:still|not|nothing|until|as of|till|never)\b[^.;\n]*\Z", before
        )
        return bool(
            denied or re.match(r"\s(?:and |but |it |i )*(?:still|not|nothing)\b", after)
        )
    return False


def _heads(text: str, time: Time) -> bool:
    """Whether a time heads a pasted message: `[time]` or `time name:` at the start of a line."""
    line = text.rfind("\n", 0, time.begin) + 1
    before = text[line : time.begin].strip()
    rest = text[time.stop : time.stop + 48].partition("\n")[0]
    if time.precision not in (Precision.SECOND, Precision.MINUTE) or before not in (
        "",
        "[",
        "(",
    ):
        return False
    closed = bool(before) and rest.lstrip().startswith(("]", ")"))
    return closed or bool(re.match(r"\s{1,3}[^\s:,，。!?0-9][^:,，。!?\n]{0,24}:(?!//)", rest))
