"""What a word must look like to be taken for an account name, and what only looks like one."""

from __future__ import annotations

import re

from diag.domain.account_names import NAME, OBJECT_ID
from diag.intake.cues import Cue, any_of

_TECHNICAL = Cue(lambda: rf"{any_of('accounts.technical')}-?[0-9.]+\Z", "accounts.technical")
_COMPOUND = Cue(
    lambda: (
        rf"{any_of('accounts.compound_first')}-|[a-z-]*-{any_of('accounts.compound_last')}\Z"
    ),
    "accounts.compound_first",
)
_SITE = Cue(lambda: rf"\.{any_of('accounts.endings')}\Z", "accounts.endings")
_EVERYDAY = Cue(lambda: rf"{any_of('accounts.everyday')}\Z", "accounts.everyday")


def possible(name: str, foreign: frozenset[str]) -> bool:
    """A valid name that is no coin (foreign holds those), no file, no site and no technical word."""
    if OBJECT_ID.match(name):
        return True
    return bool(
        NAME.match(name)
        and len(name) >= 3
        and name.upper() not in foreign
        and not _TECHNICAL.match(name)
        and not _SITE.search(name)
        and not re.fullmatch(r"[0-9a-f]{6,}", name)
    )


def shaped(name: str) -> bool:
    """Whether a word looks like a name and like nothing else: a digit or a hyphen inside."""
    return bool(re.search(r"[0-9]|[a-z0-9]-[a-z0-9]", name)) and not compound(name)


def compound(name: str) -> bool:
    """Whether it may well be two English words, joined with a hyphen."""
    return not re.search(r"[0-9]", name) and bool(_COMPOUND.match(name))


def everyday(name: str) -> bool:
    """Whether it is a word that people use beside a cue without naming anybody."""
    return bool(_EVERYDAY.match(name))
