"""Accounts that others have listed as fraudulent: names and ids, as two separate sets.

A listing is a signal, never a proof. An account that is not listed may be fraudulent as well.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def _listed() -> frozenset[str]:
    text = (files("diag") / "data" / "flagged.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def listed(name: str) -> bool:
    """Return True if the name of an account is listed; ids are not looked at."""
    return not name.startswith("1.2.") and name in _listed()


def flagged(name: str, account_id: str, *, main_network: bool) -> bool:
    """Return True if the name is listed, or the id; ids count on the main network only."""
    return name in _listed() or (main_network and account_id in _listed())
