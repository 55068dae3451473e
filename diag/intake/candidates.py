"""What was found in a text, where, and how surely; and which of several is meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from diag.intake.normalized_text import Page


class Confidence(StrEnum):
    """How surely a text says what it is taken to say, most surely first."""

    CERTAIN = "certain"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        return list(Confidence).index(self)


class Choice(StrEnum):
    """Why one of the found values is taken to be meant."""

    ONLY = "only"  # nothing else was found
    CLEAREST = "clearest"  # the text says it more clearly than the others


@dataclass(frozen=True, slots=True)
class Found:
    """A value and the excerpt that holds it: `text[start:end]` of the page."""

    value: str
    text: str
    start: int
    end: int
    confidence: Confidence
    unit: str | None = None
    """Of an amount: the asset, coin or currency that stands with it."""

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
    """A find on a page."""
    start, end = span
    return Found(value, page.text[start:end], start, end, confidence, unit)


@dataclass(frozen=True, slots=True)
class Field:
    """Everything found for one field; meant is None where the text does not say which."""

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
        """The value where it is certain enough to ask the chain about it."""
        meant = self.meant
        return meant.value if meant and meant.confidence.rank <= 1 else None


def choose(finds: Iterable[Found]) -> Field:
    """One value, if the text names only one, or one more clearly than all others.

    A value of low confidence is shown, never chosen; of equals none is chosen.
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
    """Each value once, where it is said most clearly, in the order of the text."""
    best: dict[tuple[str, str | None], Found] = {}
    for found in sorted(finds, key=lambda f: (f.confidence.rank, f.start)):
        best.setdefault((found.value, found.unit), found)
    with_unit = {value for value, unit in best if unit is not None}
    kept = [f for f in best.values() if f.unit is not None or f.value not in with_unit]
    return tuple(sorted(kept, key=lambda f: f.start))
