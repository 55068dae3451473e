"""Joins two times that are the ends of a range: "between … and …", 从 … 到 …."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from diag.intake.cues import Cue, any_of
from diag.intake.times.model import Precision, Relation, Time

_RANGE_BEFORE = Cue(
    lambda: rf"{any_of('times.range_before')} ?(?:the )?\Z", "times.range_before"
)
_RANGE_AND = Cue(lambda: rf" ?{any_of('times.range_and')} ?(?:the )?", "times.range_and")
_RANGE_TO = Cue(lambda: rf" ?{any_of('times.range_to')} ?(?:the )?", "times.range_to")


def with_ranges(text: str, found: Sequence[Time]) -> Iterator[Time]:
    """The times, with "between … and …" and "from … to …" joined."""
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
