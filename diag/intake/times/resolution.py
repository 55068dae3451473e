"""Resolves a group of neighbouring parts (a day, a clock time, a zone) to a time, relative to a known
moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from diag.intake.candidates import Confidence
from diag.intake.normalized_text import Page
from diag.intake.times import zones
from diag.intake.times.grouping import states_a_time, whole_days
from diag.intake.times.model import Local, Precision, Relation, Time
from diag.intake.times.relations import relation_of, waited_for_another
from diag.intake.times.tokens import Atom, Clock, Day, Instant, Part, Span, Zone, day

_YEARS = range(2015, 2106)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a part of a text was written: in UTC if known, and in the writer's local time."""

    utc: datetime | None
    local: datetime
    """A time without a zone."""


def resolve(
    page: Page,
    group: Sequence[Atom],
    moment: Moment | None,
    present: Moment,
    default: tzinfo | None,
) -> Time | None:
    """The time that a group of parts states; moment: what relative times count from, if known."""
    parts: dict[type, object] = {type(atom.what): atom.what for atom in group}
    if not states_a_time(page.low, group, parts):
        return None
    own = parts.get(Zone)
    zone = (zones.zone(own.words) if isinstance(own, Zone) else None) or default
    begin, stop = group[0].start, group[-1].end
    text = page.text[begin:stop]
    if text.count("(") + text.count("（") > text.count(")") + text.count("）"):
        stop += page.plain.startswith(")", stop)
    where = (begin, stop)
    instant = parts.get(Instant)
    if isinstance(instant, Instant):
        return _from_epoch(page, where, instant.at, present)
    span = parts.get(Span)
    if isinstance(span, Span) and not (whole_days(span) and len(parts) > 1 and not span.waited):
        return _counted_back(page, where, span, moment, zone)
    said = parts.get(Day)
    if moment is None and not (isinstance(said, Day) and not said.relative):
        return _unresolved(page, where)
    at = moment or present
    if moment is present and zone is not default and present.utc is not None:
        at = Moment(present.utc, present.utc.astimezone(zone).replace(tzinfo=None))
    readings, precision = _readings(parts, at.local)
    readings = [r for r in readings if r[0].year in _YEARS]
    if not readings:
        return None
    sure = Confidence.HIGH if {Day, Span} & set(parts) else Confidence.LOW
    made = Time(
        page.text[begin:stop], begin, stop, precision, Relation.AT, tuple(readings), zone,
        None, None, sure,
    )  # fmt: skip
    since = isinstance(said, Day) and said.since
    return _in_utc(page.low, made, present, since)


def _unresolved(page: Page, where: tuple[int, int]) -> Time:
    """A relative time whose reference moment is unknown."""
    begin, stop = where
    return Time(
        page.text[begin:stop], begin, stop, Precision.VAGUE, Relation.AT, (), None, None, None,
        Confidence.MEDIUM,
    )  # fmt: skip


def _from_epoch(
    page: Page, where: tuple[int, int], at: datetime, present: Moment
) -> Time | None:
    """The time of a Unix timestamp."""
    begin, stop = where
    if present.utc is None or at > present.utc or at.year not in _YEARS:
        return None
    local = at.replace(tzinfo=None)
    return Time(
        page.text[begin:stop], begin, stop, Precision.SECOND, relation_of(page.low, begin, stop),
        ((local, local),), UTC, at, at, Confidence.HIGH,
    )  # fmt: skip


def _counted_back(
    page: Page,
    where: tuple[int, int],
    span: Span,
    moment: Moment | None,
    zone: tzinfo | None,
) -> Time:
    """A time counted back from a moment; it needs no zone if the moment is known in UTC."""
    begin, stop = where
    if span.waited:
        another = waited_for_another(page.low, begin, stop)
        relation = Relation.OTHER if another else Relation.WAITED
    else:
        relation = relation_of(page.low, begin, stop)
    if moment is None:
        return replace(_unresolved(page, where), relation=relation)
    local: tuple[Local, ...] = ()
    start = end = None
    precision = Precision.VAGUE
    if span.length is not None:
        slack = max(span.slack, span.length / 4)
        first, last = span.length + slack, max(span.length - slack, timedelta(0))
        hours = span.length < timedelta(days=1) and span.slack <= timedelta(hours=2)
        precision = Precision.HOUR if hours else Precision.DAY
        precision = Precision.LONGER if slack > timedelta(days=2) else precision
        if (moment.local - first).year in _YEARS:
            if moment.utc is not None:
                start, end = moment.utc - first, moment.utc - last
            else:
                local = ((moment.local - first, moment.local - last),)
    return Time(
        page.text[begin:stop], begin, stop, precision, relation, local, zone if local else None,
        start, end, Confidence.HIGH if (start or local) and span.sure else Confidence.MEDIUM,
    )  # fmt: skip


def _readings(parts: Mapping[type, object], now: datetime) -> tuple[list[Local], Precision]:
    """The readings of a day with its part and clock time; they and now are in local time."""
    today = now.date()
    said, part, clock = parts.get(Day), parts.get(Part), parts.get(Clock)
    span = parts.get(Span)
    if isinstance(span, Span) and span.length is not None:
        said = day(span.length // timedelta(days=1))
    days = list(said.readings(today)) if isinstance(said, Day) else [(today, today)]
    within = part if isinstance(part, Part) else None
    if not isinstance(clock, Clock):
        return _days(days, within)
    hours = _hours(clock, within)
    if not hours:
        return [], Precision.VAGUE
    length = timedelta(0) if clock.minute is not None else timedelta(minutes=59)
    readings = []
    for first, _ in days:
        moments = [
            _midnight(first)
            + timedelta(hours=h, minutes=clock.minute or 0, seconds=clock.second or 0)
            for h in hours
        ]
        if not isinstance(said, Day):  # the last such time of day
            moments = [m if m <= now else m - timedelta(days=1) for m in moments]
        readings.append((min(moments), max(moments) + length))
    if len(hours) > 1:
        return readings, Precision.DAY
    exact = Precision.SECOND if clock.second is not None else Precision.MINUTE
    return readings, Precision.HOUR if clock.minute is None else exact


def _days(
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
    """The hours that a clock time may mean, counted from the midnight at the start of its day.

    None if clock time and part of the day contradict each other ("15:30 in the morning").
    """
    hour = clock.hour
    if clock.half or (part is None and clock.sure):
        return [hour]
    if part is None:
        return [hour, hour + 12] if 1 <= hour < 12 else [hour]
    first, last = part.clock
    possible = [hour] if hour > 12 else [hour % 12, hour % 12 + 12, hour % 12 + 24]
    return [h for h in possible if first <= h < last][:1]


def _in_utc(text: str, time: Time, present: Moment, since: bool) -> Time:
    """The time with its relation, and in UTC if the zone is known."""
    relation = relation_of(text, time.begin, time.stop)
    if since and relation is not Relation.OTHER:
        relation = Relation.SINCE
    time = replace(time, relation=relation)
    now = present.utc
    if time.zone is None or time.ambiguous or now is None:
        return time
    [(first, last)] = time.local
    start = first.replace(tzinfo=time.zone, fold=0).astimezone(UTC)
    end = last.replace(tzinfo=time.zone, fold=1).astimezone(UTC)
    if since:
        end = max(end, now)
    if start > now:
        return replace(time, confidence=Confidence.LOW)
    return replace(time, start=start, end=end)
