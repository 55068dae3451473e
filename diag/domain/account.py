"""An account and its authorities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Authority:
    """Who may act for an account: weights of accounts and keys against a threshold."""

    threshold: int
    accounts: tuple[tuple[str, int], ...] = ()
    keys: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it stands now; created is None where the node does not tell."""

    id: str
    name: str
    memo_key: str
    active: Authority
    owner: Authority
    created: datetime | None = None
    genesis: bool = False
    whitelisted_by: frozenset[str] = frozenset()
    blacklisted_by: frozenset[str] = frozenset()
