"""Judges by its form whether a word is an account name or only resembles one."""

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
_ADDRESS = re.compile(r"[a-z]{2,8}1[02-9ac-hj-np-z]{30,}\Z")
"""An address in Bech32, which has the letters of a name."""
_EVERYDAY = Cue(lambda: rf"{any_of('accounts.everyday')}\Z", "accounts.everyday")


def possible(name: str, foreign: frozenset[str]) -> bool:
    """Whether a word is a valid name and not a coin (in foreign), a file, a site or a technical term."""
    if OBJECT_ID.match(name):
        return True
    return bool(
        NAME.match(name)
        and len(name) >= 3
        and name.upper() not in foreign
        and not _TECHNICAL.match(name)
        and not _SITE.search(name)
        and not re.fullmatch(r"[0-9a-f]{6,}", name)
        and not _ADDRESS.match(name)
    )


def shaped(name: str) -> bool:
    """Whether a word has the typical form of a name: a digit or a hyphen inside."""
    return bool(re.search(r"[0-9]|[a-z0-9]-[a-z0-9]", name)) and not compound(name)


def compound(name: str) -> bool:
    """Whether a word may be two English words joined with a hyphen."""
    return not re.search(r"[0-9]", name) and bool(_COMPOUND.match(name))


def everyday(name: str) -> bool:
    """Whether a word is common beside a cue without being a name."""
    return bool(_EVERYDAY.match(name))
