"""Extracts the times that a text states: words, time zone, and meaning in UTC.

A zone is never assumed. If neither the text nor the caller gives one, a local time stays local; only
times counted back from now ("two hours ago") need no zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from diag.intake.candidates import Confidence
from diag.intake.cues import Cue, any_of
from diag.intake.normalized_text import Page, each
from diag.intake.statement.own_words import Written
from diag.intake.times import zones
from diag.intake.times.chinese import atoms_zh
from diag.intake.times.english import atoms_en
from diag.intake.times.figures import atoms_in_figures
from diag.intake.times.grouping import group_neighbours, without_overlaps
from diag.intake.times.model import Relation, Time
from diag.intake.times.other_languages import atoms_in_other_languages
from diag.intake.times.ranges import with_ranges
from diag.intake.times.resolution import Moment, resolve
from diag.intake.times.tokens import Atom, Zone

MOST = 64
"""The most times in one text; a text with more is a log, not a complaint."""


def times(
    page: Page, now: datetime, given: tzinfo | None, written: Sequence[Written] = ()
) -> tuple[Time, ...]:
    """Every time on a page, in order; now: aware UTC; given: the caller's time zone.

    A relative time ("yesterday", "two hours ago") inside a part of `written` counts from when that
    part was written, and stays open if that is unknown. Elsewhere it counts from now.
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
            found.append(resolve(page, group, moment, present, default))
    return tuple(with_ranges(text, [time for time in found if time is not None]))


def _headings(
    page: Page,
    groups: Sequence[Sequence[Atom]],
    written: Sequence[Written],
    present: Moment,
    default: tzinfo | None,
) -> dict[Written, Time]:
    """The times at which the parts of a text were written, if they can be read."""
    read: dict[Written, Time] = {}
    for part in written:
        group = next((g for g in groups if part.when[0] <= g[0].start < part.when[1]), None)
        time = resolve(page, group, present, present, default) if group else None
        if time is not None:
            read[part] = replace(time, relation=Relation.MESSAGE)
    return read


def _part_of(place: int, written: Sequence[Written]) -> Written | None:
    return next((part for part in written if part.start <= place < part.end), None)


def _moment_of(heading: Time | None, default: tzinfo | None) -> Moment | None:
    """The moment of a heading that states its day; None if it has only a clock time or several days."""
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
        rf"|{any_of('times.city_label')} ?[:=是为]? ?(?P<city>{zones.city()})"
    ),
    "times.zone_label",
)


def _spoken_zone(text: str) -> tzinfo | None:
    """The zone that the text states anywhere; None if it states several."""
    said = {}
    for match in each(_PLAIN_ZONE, text):
        word = zones.ZONE.search(match[0])
        said_zone = match["city"] or (word and word[0])
        found = zones.zone(said_zone) if said_zone else None
        if found is not None:
            said[zones.name(found)] = found
    return next(iter(said.values())) if len(said) == 1 else None


def _zones(text: str) -> Iterable[Atom]:
    return (Atom(*m.span(), Zone(m[0])) for m in each(zones.ZONE, text))
