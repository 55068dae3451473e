"""A withdrawal, its answers, and the statistics of its gateway."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from diag.domain.asset import Amount, Quantity
from diag.domain.comparable import Peers, no_peers
from diag.domain.gateway import Coin, Gateway, Terms
from diag.domain.operations import Operation, ProposalCreated, TimeLock, Transfer

USUAL = timedelta(minutes=30)
OVERDUE = timedelta(hours=2)
ESCALATE = timedelta(hours=24)
ENOUGH_SETTLED = 10
"""From this many settled withdrawals on, observed times are used."""
LEAST_PATIENCE = timedelta(minutes=10)
"""The least time before a withdrawal is called overdue, however fast the others were."""


class AnswerKind(StrEnum):
    BURN = "burn"
    BATCH = "batch"
    FORWARD = "forward"
    """Passed on to the next account of the gateway."""
    RETURN = "return"


class Completeness(StrEnum):
    FULL = "full"
    LESS_FEE = "less_fee"
    PARTIAL = "partial"


class Doubt(StrEnum):
    """Why an answer may be something else; the value is a reason in the basis of the verdict."""

    RETURN_OR_DEPOSIT = "return_or_deposit"
    """A transfer from a gateway that credits deposits by transfer."""
    ISSUE_OR_DEPOSIT = "issue_or_deposit"
    """An issue: how a gateway credits a deposit, or gives back coins that it has burnt."""
    SHORTFALL = "unlike_fee"
    """Less came back than was sent, and the difference is not the gateway's fee."""
    SETTLED_TOO = "settled_and_returned"
    """The withdrawal was settled as well."""
    SECOND_ACCOUNT = "second_account"
    """It came from an account that the register does not name."""
    BURNT_LESS_FEE = "burnt_less_fee"
    """The gateway burnt less than was sent, which it does not usually do."""
    FORWARDED = "forwarded"
    """The gateway passed the coins on; what became of them there was not read."""
    FITS_OTHERS = "fits_others_too"
    """Other withdrawals without an answer sum to the same burn."""

    @property
    def deposit(self) -> bool:
        """True if the answer may be a new deposit."""
        return self in (Doubt.RETURN_OR_DEPOSIT, Doubt.ISSUE_OR_DEPOSIT)


class Answer(Struct, frozen=True):
    """An operation that settled or returned a withdrawal; `part` is the amount that it covers."""

    kind: AnswerKind
    operation: Operation
    part: Quantity
    completeness: Completeness = Completeness.FULL
    shared: int = 1
    """How many withdrawals the operation answered: a batch, or a return of several."""
    doubts: tuple[Doubt, ...] = ()

    @property
    def maybe_deposit(self) -> bool:
        return any(doubt.deposit for doubt in self.doubts)


@dataclass(frozen=True, slots=True)
class GatewayStatistics:
    """How the gateway treated everybody's withdrawals of one asset, in the history that was read."""

    settled: int = 0
    returned: int = 0
    usual: timedelta | None = None
    """p50 of the settlement times."""
    slow: timedelta | None = None
    """p95 of the settlement times."""
    last_settlement: datetime | None = None
    last_sign: datetime | None = None
    """When the gateway last did anything that may have served somebody: a settlement, a return,
    a burn that fits no withdrawal, or a transfer of the asset.
    """
    waiting: int = 0
    overdue: int = 0
    """How many of the waiting are past the overdue time."""
    overdue_accounts: int = 0
    """How many accounts sent the overdue ones."""
    oldest_waiting: datetime | None = None
    served_later: int = 0
    """How many withdrawals sent after this one were settled."""
    complete: bool = True
    """True if the gateway's history from the withdrawal to the head was read without a gap."""
    peers: Peers = field(default=no_peers, repr=False, compare=False)
    """Everybody's withdrawals to the same account, each with its answer."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a gateway may take; `basis` says whose times these are: observed, register or
    default.
    """

    usual: timedelta
    overdue: timedelta
    escalate: timedelta
    basis: str


Sent = Transfer | TimeLock | ProposalCreated


class Withdrawal(Struct, frozen=True):
    """An outgoing movement that a user may call a withdrawal, and what became of it."""

    sent: Sent
    recipient: str
    """The account's name, or its id if the name is unknown."""
    amount: Amount
    gateway: Gateway | None = None
    coin: Coin | None = None
    terms: Terms | None = None
    answers: tuple[Answer, ...] = ()
    ambiguous: tuple[str, ...] = ()
    """Operation ids of other withdrawals to which the same answer may belong."""
    alike: tuple[str, ...] = ()
    """Operation ids of others of the same account that cannot be told from it: equal ones of
    which only some were answered, or those that the same return fits.
    """
    unexplained: tuple[str, ...] = ()
    """Operation ids of later burns that match no withdrawals and are large enough to hold this one."""
    statistics: GatewayStatistics | None = None
    patience: Patience | None = None
    transaction: str | None = None
    alone: bool = True
    """True if its transaction holds no other operation."""

    @property
    def id(self) -> str:
        return self.sent.id

    @property
    def at(self) -> datetime:
        return self.sent.at

    @property
    def settled(self) -> Answer | None:
        """The answer that settled it, a burn or coins passed on; None if there is none."""
        return next((a for a in self.answers if a.kind is not AnswerKind.RETURN), None)

    @property
    def returns(self) -> tuple[Answer, ...]:
        return tuple(a for a in self.answers if a.kind is AnswerKind.RETURN)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Why its answers may be something else, each once."""
        return tuple(dict.fromkeys(doubt for a in self.answers for doubt in a.doubts))

    @property
    def maybe_deposit(self) -> bool:
        """True if what came back may be a new deposit."""
        return any(a.maybe_deposit for a in self.returns)

    @property
    def came_back(self) -> bool:
        """True if the gateway certainly returned all of it, or all but a fee, and did not settle it."""
        sure = tuple(a for a in self.returns if not a.maybe_deposit)
        return self._whole(sure) and self.gateway is not None and self.settled is None

    @property
    def whole_back(self) -> bool:
        """True if all of it, or all but a fee, came back, whoever sent it."""
        return self._whole(self.returns)

    def _whole(self, returns: tuple[Answer, ...]) -> bool:
        less_fee = any(a.completeness is not Completeness.PARTIAL for a in returns)
        parts = sum(a.part.base_units for a in returns)
        return less_fee or (bool(returns) and parts >= self.amount.base_units)

    @property
    def open(self) -> bool:
        """True if it was sent to a gateway and has no answer."""
        return isinstance(self.sent, Transfer) and self.gateway is not None and not self.answers


TWINS_WITHIN = timedelta(minutes=15)
