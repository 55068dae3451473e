"""Groups the parts of a text that form one time: a day, a part of the day, a clock time, a zone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from diag.intake.cues import Cue, any_of, cue
from diag.intake.times.tokens import Atom, Clock, Day, Instant, Part, Span, Zone


def without_overlaps(atoms: Iterable[Atom]) -> list[Atom]:
    """The atoms in order, without overlaps: the earlier wins, then the longer."""
    kept: list[Atom] = []
    for atom in sorted(atoms, key=lambda a: (a.start, -a.end)):
        if not kept or atom.start >= kept[-1].end:
            kept.append(atom)
    return kept


_GLUE = Cue(lambda: rf"(?:\s|[,，~()\-:]|{any_of('times.glue')})*", "times.glue")


def group_neighbours(text: str, atoms: Sequence[Atom]) -> list[list[Atom]]:
    """Groups of atoms that form one time: only short words between them, no kind of atom twice."""
    groups: list[list[Atom]] = []
    for atom in atoms:
        last = groups[-1] if groups else []
        both = _sum(text, last[-1], atom) or _named_day(text, last[-1], atom) if last else None
        if both is not None:
            last[-1] = both
        elif last and _joins(text, last, atom):
            last.append(atom)
        else:
            groups.append([atom])
    return groups


_PLUS = Cue(lambda: rf"\s?{any_of('times.plus')}?\s?", "times.plus")


def _sum(text: str, first: Atom, second: Atom) -> Atom | None:
    """Adds neighbouring durations: "2 days and 3 hours ago" is one."""
    one, two = first.what, second.what
    if not (isinstance(one, Span) and isinstance(two, Span) and one.length and two.length):
        return None
    if one.length <= two.length or not _PLUS.fullmatch(text[first.end : second.start]):
        return None
    sure = one.sure or two.sure
    whole = Span(one.length + two.length, two.slack, two.waited, sure)
    return Atom(first.start, second.end, whole)


_BESIDE = re.compile(r"[ ,.，(]{0,3}")


def _named_day(text: str, first: Atom, second: Atom) -> Atom | None:
    """ "Sunday, 29 November", "today 29 November" and 11月29日（周日） are each one day; the date decides
    which.
    """
    one, two = first.what, second.what
    if not (isinstance(one, Day) and isinstance(two, Day) and one.relative != two.relative):
        return None
    if not _BESIDE.fullmatch(text[first.end : second.start]):
        return None
    return Atom(first.start, second.end, two if one.relative else one)


def _joins(text: str, group: Sequence[Atom], atom: Atom) -> bool:
    gap = text[group[-1].end : atom.start]
    if len(gap) > 16 or "\n" in gap or not _GLUE.fullmatch(gap):
        return False
    kinds = {type(a.what) for a in group}
    if type(atom.what) in kinds or isinstance(atom.what, Instant):
        return False
    if isinstance(atom.what, Zone):
        return len(gap) <= 3 and not kinds <= {Part}
    if isinstance(atom.what, Span) or Span in kinds:
        first = group[0].what
        whole = isinstance(first, Span) and not first.waited and whole_days(first)
        return whole and isinstance(atom.what, Part | Clock)
    return Instant not in kinds


def whole_days(span: Span) -> bool:
    day_ = timedelta(days=1)
    return span.length is not None and span.length >= day_ and not span.length % day_


_ALONE = cue("times.clock_alone")


def states_a_time(text: str, group: Sequence[Atom], parts: Mapping[type, object]) -> bool:
    """Whether a group states a time, and not a greeting, a zone alone, or "一点 (a little)"."""
    kinds = set(parts) - {Zone}
    if not kinds:
        return False
    first, last = group[0], group[-1]
    before, after = text[max(0, first.start - 6) : first.start], text[last.end : last.end + 2]
    if kinds == {Part}:
        return text[last.start].isascii() is False and not after.startswith(("好", "安"))
    clock = parts.get(Clock)
    if kinds == {Clock} and isinstance(clock, Clock):
        words = text[first.start : first.end]
        if "点" in words and not (
            _ALONE.search(words) or re.search(r"(?:约|大概|在|是|到)$", before)
        ):
            return after.startswith(("多", "左", "提", "转"))
        return not re.match(r"\s?(?:个|枚|%|[a-z]{3}\b)", text[last.end : last.end + 5])
    return True
