"""Reads the environment of the process; no other module does."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from diag.config import settings
from diag.i18n import negotiate

_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The variables that name the user's language; the first that is set counts."""


def environment(nodes: Sequence[str] = ()) -> dict[str, str]:
    """The environment, with these nodes instead of those in `DIAG_NODES`."""
    found = dict(os.environ)
    if nodes:
        found.pop(f"{settings.PREFIX}NODES_FILE", None)
        found[f"{settings.PREFIX}NODES"] = " ".join(nodes)
    return found


def command_settings(nodes: Sequence[str] = ()) -> settings.Settings:
    """The settings of a single command, without prefetching of the head; raises BadSetting."""
    return replace(settings.read_settings(environment(nodes)), ahead=0.0)


def language() -> str:
    """The language of DIAG_LANG, else that of the locale, else the default."""
    found = environment()
    default = settings.language(found)
    if any(found.get(f"{settings.PREFIX}LANG{suffix}") for suffix in ("", "_FILE")):
        return default
    locale = next((found[name] for name in _LOCALE if found.get(name)), "")
    return negotiate(locale.partition(".")[0].partition("@")[0], default)
