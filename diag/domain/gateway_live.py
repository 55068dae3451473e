"""What a gateway says of itself now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class LiveCoin:
    """One asset in a gateway's list; None is not said, or not readable.

    account takes the withdrawals: a name, or an id where the list has nothing else.
    """

    asset: str
    minimum: Decimal | None = None
    fee: Decimal | None = None
    available: bool | None = None
    account: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class LiveState:
    """A gateway as it describes itself, and as the switch on the chain has it.

    enabled and comment are the switch; error says why a list is missing, and coins still hold
    what the other lists told.
    """

    key: str
    coins: Mapping[str, LiveCoin]
    enabled: bool | None = None
    comment: str | None = None
    error: str | None = None
    fetched_at: datetime | None = None
