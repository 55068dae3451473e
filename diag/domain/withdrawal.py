"""A withdrawal, its answers, and how other withdrawals of the gateway fared."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from diag.domain.asset import Amount
from diag.domain.comparable import Peers, no_peers
from diag.domain.gateway import Coin, Gateway, Settlement, Terms
from diag.domain.operations import Operation, ProposalCreated, TimeLock, Transfer

USUAL = timedelta(minutes=30)
OVERDUE = timedelta(hours=2)
ESCALATE = timedelta(hours=24)
ENOUGH_SETTLED = 10
"""Observed times count from this many settled withdrawals on."""
LEAST_PATIENCE = timedelta(minutes=10)
"""No withdrawal is called overdue before this, however fast the others were."""


class AnswerKind(StrEnum):
    BURN = "burn"
    BATCH = "batch"
    RETURN = "return"


class Completeness(StrEnum):
    FULL = "full"
    LESS_FEE = "less_fee"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Answer:
    """What followed a withdrawal; part is the amount of it that this answer is about."""

    kind: AnswerKind
    operation: Operation
    part: Amount
    completeness: Completeness = Completeness.FULL
    shared: int = 1
    """How many withdrawals one batch settled."""


@dataclass(frozen=True, slots=True)
class GatewayStatistics:
    """How the gateway treated everybody's withdrawals of one asset in the part that was read."""

    settled: int = 0
    returned: int = 0
    usual: timedelta | None = None
    """p50 of the settlement times."""
    slow: timedelta | None = None
    """p95 of them."""
    last_settlement: datetime | None = None
    last_sign: datetime | None = None
    """When it last did anything that may have served somebody: settled or returned one, burnt what
    fits none, sent the asset on.
    """
    waiting: int = 0
    overdue: int = 0
    """Of the waiting, those past the overdue time."""
    overdue_accounts: int = 0
    """How many accounts sent those."""
    oldest_waiting: datetime | None = None
    served_later: int = 0
    """Withdrawals sent after this one and settled."""
    complete: bool = True
    """The gateway's history from the withdrawal to the head was read without a gap."""
    peers: Peers = field(default=no_peers, repr=False, compare=False)
    """Everybody's withdrawals to the same account, each with its answer."""


def leaves_trace(gateway: Gateway, found: GatewayStatistics) -> bool:
    """False where nobody can tell who was served: the gateway keeps what it takes, or it is not known
    how it settles and nothing was seen to be settled.
    """
    if gateway.settlement is Settlement.UNKNOWN:
        return found.settled > 0
    return gateway.settlement is not Settlement.NONE


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a gateway may take; basis is observed, register or default."""

    usual: timedelta
    overdue: timedelta
    escalate: timedelta
    basis: str


Sent = Transfer | TimeLock | ProposalCreated


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An outgoing movement that a user may call a withdrawal, and what became of it."""

    sent: Sent
    recipient: str
    """Account name, or the id where the name is unknown."""
    amount: Amount
    gateway: Gateway | None = None
    coin: Coin | None = None
    terms: Terms | None = None
    answers: tuple[Answer, ...] = ()
    ambiguous: tuple[str, ...] = ()
    """Other withdrawals that the same answer may belong to (operation ids)."""
    unexplained: tuple[str, ...] = ()
    """Burns after it, large enough to hold it, that match no set of withdrawals."""
    statistics: GatewayStatistics | None = None
    patience: Patience | None = None
    transaction: str | None = None
    alone: bool = True
    """Its transaction holds no other operation."""

    @property
    def id(self) -> str:
        return self.sent.id

    @property
    def at(self) -> datetime:
        return self.sent.at

    @property
    def settled(self) -> Answer | None:
        """The burn that settled it, if one did."""
        return next((a for a in self.answers if a.kind is not AnswerKind.RETURN), None)

    @property
    def returns(self) -> tuple[Answer, ...]:
        return tuple(a for a in self.answers if a.kind is AnswerKind.RETURN)

    @property
    def came_back(self) -> bool:
        """The whole amount came back, or the whole amount less a fee."""
        parts = sum(a.part.base_units for a in self.returns)
        less_fee = any(a.completeness is not Completeness.PARTIAL for a in self.returns)
        return less_fee or (bool(self.returns) and parts >= self.amount.base_units)

    @property
    def open(self) -> bool:
        """Sent to a gateway, and nothing has answered it."""
        return isinstance(self.sent, Transfer) and self.gateway is not None and not self.answers


TWINS_WITHIN = timedelta(minutes=15)
