"""Objects of the chain as they are now: proposals, time-locks, balances, the network's parameters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from diag.domain.asset import Quantity
from diag.domain.custody_operations import Custody
from diag.domain.operations import Operation


@dataclass(frozen=True, slots=True)
class Proposal:
    """A live proposal; `fail_reason` is the error of its last execution."""

    id: str
    proposer: str
    expires: datetime
    review: datetime | None
    required: frozenset[str]
    approved: frozenset[str]
    fail_reason: str
    inner: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class OpenTimeLock:
    """A live time-lock."""

    id: str
    sender: str
    recipient: str
    amount: Quantity
    expires: datetime


@dataclass(frozen=True, slots=True)
class Holding:
    """Coins of the account that an object on the chain holds now."""

    custody: Custody
    object: str
    amount: Quantity
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """The chain's parameters and its present health, from objects 2.0.0 and 2.1.0."""

    chain_id: str
    interval: timedelta
    longest_expiration: timedelta
    witnesses: int
    slots_filled: int
    """How many of the last 128 slots hold a block."""
    head_block: int
    irreversible_block: int
    next_maintenance: datetime

    SLOTS = 128
    ALARMING_LAG = 2.0
    """More than this many blocks per witness that are not irreversible are a fault."""
    LOWEST_PARTICIPATION = 0.8

    @property
    def disturbed(self) -> bool:
        """True if too many blocks are missing, or too many are not yet irreversible."""
        lagging = self.lag > self.ALARMING_LAG * self.witnesses
        return lagging or self.participation < self.LOWEST_PARTICIPATION

    @property
    def participation(self) -> float:
        return self.slots_filled / self.SLOTS

    @property
    def lag(self) -> int:
        """Blocks between the head and the last irreversible one."""
        return self.head_block - self.irreversible_block

    @property
    def usual_finality(self) -> timedelta:
        """How long a block usually needs to become irreversible, with no slot missed."""
        return self.interval * self.witnesses
