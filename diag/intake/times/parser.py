"""The times that a text states: what was said, in whose zone, and what that is in UTC.

A zone is never assumed. Where neither the text nor the caller gives one, a local time stays a
local time; only what is counted back from now ("two hours ago") needs none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from diag.intake.candidates import Confidence
from diag.intake.cues import Cue, any_of
from diag.intake.normalized_text import Page, each
from diag.intake.statement.own_words import Written
from diag.intake.times import zones
from diag.intake.times.chinese import atoms_zh
from diag.intake.times.english import atoms_en
from diag.intake.times.figures import atoms_in_figures
from diag.intake.times.grouping import (
    group_neighbours,
    states_a_time,
    whole_days,
    without_overlaps,
)
from diag.intake.times.model import Local, Precision, Relation, Time
from diag.intake.times.other_languages import atoms_in_other_languages
from diag.intake.times.relations import relation_of, waited_for_another
from diag.intake.times.tokens import Atom, Clock, Day, Instant, Part, Span, Zone, day

MOST = 64
"""Times that are read of one text; a text with more is a log, not a complaint."""
_YEARS = range(2015, 2106)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a part of a text was written: in UTC where it can be said, and on the writer's clock."""

    utc: datetime | None
    local: datetime
    """A time without a zone."""


def times(
    page: Page, now: datetime, given: tzinfo | None, written: Sequence[Written] = ()
) -> tuple[Time, ...]:
    """Every time of a page, in its order; now is aware UTC, given the zone of the caller.

    What is counted back ("yesterday", "two hours ago") inside a part of `written` is counted from
    the time of that part, and stays open where that time cannot be read; elsewhere from now.
    """
    text = page.low
    default = _spoken_zone(page.without(part.when for part in written).low) or given
    today = now.astimezone(default or UTC)
    atoms = [
        *atoms_zh(text),
        *atoms_en(text),
        *atoms_in_figures(text, today.date()),
        *atoms_in_other_languages(text),
        *_zones(text),
    ]
    groups = group_neighbours(text, without_overlaps(atoms))[:MOST]
    present = Moment(now, today.replace(tzinfo=None))
    heads = _headings(page, groups, written, present, default)
    found = []
    for group in groups:
        part = _part_of(group[0].start, written)
        if part is not None and part.when[0] <= group[0].start < part.when[1]:
            found.append(heads.get(part))
        else:
            moment = present if part is None else _moment_of(heads.get(part), default)
            found.append(_read(page, group, moment, present, default))
    return tuple(_with_ranges(text, [time for time in found if time is not None]))


_RANGE_BEFORE = Cue(
    lambda: rf"{any_of('times.range_before')} ?(?:the )?\Z", "times.range_before"
)
_RANGE_AND = Cue(lambda: rf" ?{any_of('times.range_and')} ?(?:the )?", "times.range_and")
_RANGE_TO = Cue(lambda: rf" ?{any_of('times.range_to')} ?(?:the )?", "times.range_to")


def _with_ranges(text: str, found: Sequence[Time]) -> Iterator[Time]:
    """The times, with "between … and …" and "from … to …" made one."""
    waiting: Time | None = None
    for time in found:
        both = waiting and _range(text, waiting, time)
        if waiting is not None and not both:
            yield waiting
        waiting = both or time
    if waiting is not None:
        yield waiting


def _range(text: str, first: Time, second: Time) -> Time | None:
    between = text[first.stop : second.begin]
    opened = bool(_RANGE_BEFORE.search(text[max(0, first.begin - 10) : first.begin]))
    said = bool(_RANGE_TO.fullmatch(between)) or (
        opened and bool(_RANGE_AND.fullmatch(between))
    )
    apart = first.local and second.local and first.local[0][0] <= second.local[-1][1]
    if not said or not apart or Relation.MESSAGE in (first.relation, second.relation):
        return None
    return replace(
        first,
        text=first.text + text[first.stop : second.begin] + second.text,
        stop=second.stop,
        precision=max(first.precision, second.precision, key=list(Precision).index),
        local=((first.local[0][0], second.local[-1][1]),),
        zone=second.zone or first.zone,
        start=first.start if second.end else None,
        end=second.end if first.start else None,
        confidence=max(first.confidence, second.confidence, key=lambda c: c.rank),
    )


def _headings(
    page: Page,
    groups: Sequence[Sequence[Atom]],
    written: Sequence[Written],
    present: Moment,
    default: tzinfo | None,
) -> dict[Written, Time]:
    """The times at which the parts of a text were written, as far as they can be read."""
    read: dict[Written, Time] = {}
    for part in written:
        group = next((g for g in groups if part.when[0] <= g[0].start < part.when[1]), None)
        time = _read(page, group, present, present, default) if group else None
        if time is not None:
            read[part] = replace(time, relation=Relation.MESSAGE)
    return read


def _part_of(place: int, written: Sequence[Written]) -> Written | None:
    return next((part for part in written if part.start <= place < part.end), None)


def _moment_of(heading: Time | None, default: tzinfo | None) -> Moment | None:
    """The moment of a heading that says its day; None where only a clock or several days are read."""
    if heading is None or len(heading.local) != 1 or heading.confidence is Confidence.LOW:
        return None
    utc = heading.start
    if utc is not None and default is not None:
        return Moment(utc, utc.astimezone(default).replace(tzinfo=None))
    return Moment(utc, heading.local[0][0])


_PLAIN_ZONE = Cue(
    lambda: (
        rf"(?:{any_of('times.zone_label')}[^\n]{{0,12}}?)?(?:(?:utc|gmt)\s?[+-]\s?[0-9]{{1,2}}"
        rf"|(?<![0-9:])[+-][01][0-9]:[0-5]0(?![0-9:])|{zones.plain()})"
    ),
    "times.zone_label",
)


def _spoken_zone(text: str) -> tzinfo | None:
    """The one zone that the text states_a_time of anywhere; two different ones are none."""
    said = {}
    for match in each(_PLAIN_ZONE, text):
        word = zones.ZONE.search(match[0])
        found = zones.zone(word[0]) if word else None
        if found is not None:
            said[zones.name(found)] = found
    return next(iter(said.values())) if len(said) == 1 else None


def _zones(text: str) -> Iterable[Atom]:
    return (Atom(*m.span(), Zone(m[0])) for m in each(zones.ZONE, text))


def _read(
    page: Page,
    group: Sequence[Atom],
    moment: Moment | None,
    present: Moment,
    default: tzinfo | None,
) -> Time | None:
    """The time that a group of neighbours states; moment is what it is counted from, if known."""
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
    """A time that is counted from a moment that nobody knows."""
    begin, stop = where
    return Time(
        page.text[begin:stop], begin, stop, Precision.VAGUE, Relation.AT, (), None, None, None,
        Confidence.MEDIUM,
    )  # fmt: skip


def _from_epoch(
    page: Page, where: tuple[int, int], at: datetime, present: Moment
) -> Time | None:
    """A count of seconds since 1970."""
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
    """A time counted back from a moment; it needs no zone where the moment is known in UTC."""
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
    """The readings of a day with its part and clock, in local time; so is now."""
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
    """The hours that a clock may mean, counted from the midnight its day begins with.

    None where clock and part of the day contradict each other ("15:30 in the morning").
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
    """The time with its relation, and in UTC where it can be said."""
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
