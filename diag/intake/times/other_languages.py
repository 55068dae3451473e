"""Reads a few words for times in languages that are otherwise not supported."""

from __future__ import annotations

from collections.abc import Iterator

from diag.intake.cues import Cue, any_of, facts
from diag.intake.normalized_text import each
from diag.intake.times import tokens
from diag.intake.times.tokens import UNITS, Atom, Span

_DAY = Cue(
    lambda: rf"(?<![^\W\d_]){any_of('times.days_back_elsewhere')}(?![a-zа-я])",
    "times.days_back_elsewhere",
)
_AGE = Cue(
    lambda: rf"(?<![0-9.,:/-])(?P<count>[0-9]{{1,3}}) ?(?:{_units()})(?![a-zà-ÿа-я])",
    "times.units_elsewhere",
)


def _units() -> str:
    units = facts("times.units_elsewhere")
    return "|".join(f"(?P<{unit}>{any_of(f'times.units_elsewhere.{unit}')})" for unit in units)


def atoms_in_other_languages(text: str) -> Iterator[Atom]:
    """Days such as вчера or ayer, and durations such as "48 часов", which are not taken as waiting
    times.
    """
    back = facts("times.days_back_elsewhere")
    for m in each(_DAY, text):
        yield Atom(*m.span(), tokens.day(back[m[0]]))
    for m in each(_AGE, text):
        length, slack = UNITS[str(m.lastgroup)]
        yield Atom(*m.span(), Span(length * int(m["count"]), slack, waited=True, sure=False))
