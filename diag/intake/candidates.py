"""Values found in a text, with place and confidence; and how one of several is chosen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from diag.intake.normalized_text import Page


class Confidence(StrEnum):
    """How certain a reading of a text is, most certain first."""

    CERTAIN = "certain"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        return list(Confidence).index(self)


class Choice(StrEnum):
    """Why one of the found values was chosen."""

    ONLY = "only"  # nothing else was found
    CLEAREST = "clearest"  # the text says it more clearly than the others


@dataclass(frozen=True, slots=True)
class Found:
    """A value and the excerpt that contains it: `text[start:end]` of the page."""

    value: str
    text: str
    start: int
    end: int
    confidence: Confidence
    unit: str | None = None
    """For an amount: the asset, coin or currency beside it."""

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end


def at(
    page: Page,
    span: tuple[int, int],
    value: str,
    confidence: Confidence,
    unit: str | None = None,
) -> Found:
    """The value found at a span of a page."""
    start, end = span
    return Found(value, page.text[start:end], start, end, confidence, unit)


@dataclass(frozen=True, slots=True)
class Field:
    """All values found for one field; meant: the chosen one, None if the text does not decide."""

    meant: Found | None = None
    choice: Choice | None = None
    candidates: tuple[Found, ...] = ()

    @property
    def value(self) -> str | None:
        return self.meant.value if self.meant else None

    @property
    def ambiguous(self) -> bool:
        return self.meant is None and bool(self.candidates)

    def sure(self) -> str | None:
        """The chosen value, if it is certain enough to query the chain with."""
        meant = self.meant
        return meant.value if meant and meant.confidence.rank <= 1 else None


def choose(finds: Iterable[Found]) -> Field:
    """Choose a value, if it is the only one or has a higher confidence than all others.

    A value of low confidence is never chosen, only shown. Among equals none is chosen.
    """
    candidates = distinct(finds)
    if not candidates:
        return Field()
    best = min(found.confidence.rank for found in candidates)
    leading = [found for found in candidates if found.confidence.rank == best]
    if len(leading) > 1 or leading[0].confidence is Confidence.LOW:
        return Field(None, None, candidates)
    choice = Choice.ONLY if len(candidates) == 1 else Choice.CLEAREST
    return Field(leading[0], choice, candidates)


def distinct(finds: Iterable[Found]) -> tuple[Found, ...]:
    """Each value once, at its most certain occurrence, in the order of the text."""
    best: dict[tuple[str, str | None], Found] = {}
    for found in sorted(finds, key=lambda f: (f.confidence.rank, f.start)):
        best.setdefault((found.value, found.unit), found)
    with_unit = {value for value, unit in best if unit is not None}
    kept = [f for f in best.values() if f.unit is not None or f.value not in with_unit]
    return tuple(sorted(kept, key=lambda f: f.start))
