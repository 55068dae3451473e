"""Options of rendering: the language, and the explorers to link to."""

from __future__ import annotations

from dataclasses import dataclass

from diag.config.explorers import Explorer


@dataclass(frozen=True, slots=True)
class View:
    """The options of a renderer; lang: zh or en."""

    lang: str
    explorers: tuple[Explorer, ...] = ()
    cases: bool = False
    """Whether the service keeps cases, so that pages link to them."""
