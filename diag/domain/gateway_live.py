"""The state of a gateway as it publishes it now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class LiveCoin:
    """An asset in a gateway's published list; None means not stated, or not readable.

    account: takes the withdrawals; a name, or an id if the list has no name.
    """

    asset: str
    minimum: Decimal | None = None
    fee: Decimal | None = None
    available: bool | None = None
    account: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class LiveState:
    """The published state of a gateway, and of its switch on the chain.

    enabled, comment: the switch.
    error: why a list is missing; `coins` then holds what the other lists state.
    """

    key: str
    coins: Mapping[str, LiveCoin]
    enabled: bool | None = None
    comment: str | None = None
    error: str | None = None
    fetched_at: datetime | None = None
