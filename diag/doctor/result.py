"""One diagnostic: what was examined, what was found, and what to correct."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from diag.i18n import Text
from diag.words import texts


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
    def of(cls, level: Level, key: str, what: str | None = None, **facts: object) -> Diagnostic:
        """Return a diagnostic in the words of `doctor.toml`.

        key: area and name, such as `nodes.behind`.
        what: a name that needs no translation; by default the words name the thing.
        facts: the values of the blanks.
        """
        words = {part: t.filled(**facts) for part, t in texts(f"doctor.{key}").items()}
        named = words["what"] if what is None else Text.literal(what, what)
        return cls(level, key.partition(".")[0], named, words["seen"], words.get("mend"))
