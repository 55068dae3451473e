"""One diagnostic: what was examined, what was found, and what to correct."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from diag.i18n import Text

Words = tuple[str, str]
"""A Chinese and an English text, literal: braces in them are not placeholders."""


class Level(IntEnum):
    """How serious a diagnostic is."""

    OK = 0
    HINT = 1
    """It works, but could be better."""
    WARNING = 2
    """It works in part, or will fail some day."""
    FAULT = 3
    """It does not work, or gives wrong answers."""

    @property
    def exit_status(self) -> int:
        return max(0, self - 1)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One line of the report."""

    level: Level
    area: str
    """One of settings, nodes, index, register, keys, notices, explorers, clock and machine."""
    what: Text
    seen: Text
    mend: Text | None = None

    @classmethod
    def of(
        cls, level: Level, area: str, what: str | Words, seen: Words, mend: Words | None = None
    ) -> Diagnostic:
        """Return a diagnostic from literal texts; what: one text where a name needs no translation."""
        named = (what, what) if isinstance(what, str) else what
        return cls(
            level,
            area,
            Text.literal(*named),
            Text.literal(*seen),
            Text.literal(*mend) if mend else None,
        )
