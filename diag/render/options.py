"""How a diagnosis is to be shown: in which language, with links to which explorers."""

from __future__ import annotations

from dataclasses import dataclass

from diag.config.explorers import Explorer


@dataclass(frozen=True, slots=True)
class View:
    """What a renderer is told besides the diagnosis; lang is zh or en."""

    lang: str
    explorers: tuple[Explorer, ...] = ()
    cases: bool = False
    """Whether cases are kept here, so that pages lead to them."""
