"""What a check may look at: the case, what the chain showed, and how it was matched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from diag.gateways import Coin, Gateway, Register, Terms
from diag.live import LiveState
from diag.records import (
    Account,
    Amount,
    Asset,
    Holding,
    Network,
    OpenTimeLock,
    Operation,
    Proposal,
    ProposalCreated,
    TimeLock,
    Transfer,
)
from diag.text import Text

USUAL = timedelta(minutes=30)
OVERDUE = timedelta(hours=2)
ESCALATE = timedelta(hours=24)
ENOUGH_SETTLED = 10
"""Observed times count from this many settled withdrawals on."""
LEAST_PATIENCE = timedelta(minutes=10)
"""No withdrawal is called overdue before this, however fast the others were."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question: an account, a window [start, end] (aware UTC), and what the user claims."""

    account: str
    start: datetime
    end: datetime
    asset: str | None = None
    amount: Decimal | None = None
    received: Decimal | None = None
    destination: str | None = None
    operation: str | None = None
    transaction: str | None = None
    memo: str | None = None
    external_transaction: str | None = None
    zone: str | None = None
    """The user's time zone (IANA name): times are said in it."""
    exposed: tuple[str, ...] = ()
    """Kinds of secrets that were sent with the question; they were cut out and are not kept."""
    exposed_in: tuple[str, ...] = ()
    """The fields that they stood in: each counts as not given."""

    @property
    def identified(self) -> bool:
        """True if the user gave the id of what was sent."""
        return self.operation is not None or self.transaction is not None

    @property
    def claims(self) -> bool:
        """True if the user says that something particular was sent."""
        return any(
            (self.asset, self.amount, self.destination, self.operation, self.transaction)
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """Why a window is complete; kind is one of the names in `PROOFS`, operation a 1.11.x id."""

    kind: str
    operation: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be looked at; code says what, why says the reason."""

    code: str
    what: Text
    why: Text

    HISTORY = "account_history"
    """The node does not keep it: another node may."""
    UNREAD = "account_history_unread"
    """The node failed to answer: the same node may answer later."""
    GATEWAY = "gateway_history"
    HEAD = "head"
    OBJECTS = "objects"


@dataclass(frozen=True, slots=True)
class Node:
    """A node that answered, and what it said of its head."""

    name: str
    chain_id: str | None = None
    head_block: int | None = None
    head_time: datetime | None = None
    behind: timedelta | None = None
    """How far its head stands behind the clock."""


@dataclass(frozen=True, slots=True)
class AsOf:
    """The moment that everything here is true of: the head of the chain, never the wall clock."""

    block: int
    time: datetime
    irreversible_block: int
    irreversible_time: datetime | None
    """None where the header of that block could not be read."""
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Log:
    """One account's operations in id order, with the unproven stretches of what was wanted."""

    operations: tuple[Operation, ...] = ()
    gaps: tuple[tuple[datetime, datetime], ...] = ()
    start: datetime | None = None
    """From here on, up to the head, the log is meant to be complete (but for the gaps)."""

    def complete(self, start: datetime, end: datetime) -> bool:
        """True if [start, end] is proven."""
        if self.start is None or self.start > start:
            return False
        return not any(low <= end and high >= start for low, high in self.gaps)


@dataclass(frozen=True, slots=True)
class History:
    """Everything that was asked of the chain for one case, typed and frozen."""

    as_of: AsOf
    network: Network
    account: Account | None
    near_names: tuple[str, ...] = ()
    log: Log = Log()
    proof: Proof | None = None
    gaps: tuple[Gap, ...] = ()
    gateway_logs: Mapping[str, Log] = field(default_factory=dict)
    """By account id: the histories of the gateway accounts involved."""
    accounts: Mapping[str, Account] = field(default_factory=dict)
    assets: Mapping[str, Asset] = field(default_factory=dict)
    claimed_asset: Asset | None = None
    claimed_operation: Operation | None = None
    """The operation whose id the user gave, wherever it stands."""
    balances: Mapping[str, int] | None = None
    """Base units by asset id; None where they could not be read."""
    holdings: tuple[Holding, ...] = ()
    proposals: Mapping[str, Proposal | None] = field(default_factory=dict)
    """By id: open ones, and None for those that are gone."""
    time_locks: Mapping[str, OpenTimeLock | None] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where an operation was read, by its id, if not from the node that told the head."""
    transactions: Mapping[str, str] = field(default_factory=dict)
    """Transaction id by operation id, where it could be computed."""
    memo_texts: Mapping[str, str] = field(default_factory=dict)
    """Decrypted memos by operation id, where the operator holds the gateway's memo key."""
    pending: tuple[Transfer, ...] = ()
    """The account's transfers that the node holds for inclusion, each placed at its expiration."""
    flagged: frozenset[str] = frozenset()
    """Ids of accounts here that others have listed as fraudulent."""
    live: Mapping[str, LiveState] = field(default_factory=dict)
    """What gateways say of themselves now, by key, where that was asked."""
    group_sizes: Mapping[str, int] = field(default_factory=dict)
    """How many operations the transaction of an operation holds, by operation id."""
    disagreement: tuple[str, ...] = ()
    """Operation ids that one node shows below its irreversible block and another does not."""
    later: bool = False
    """The account has had an operation since the head that everything else is true of."""

    @property
    def whole(self) -> bool:
        """True if nothing was missing: asked again about the same head, no more would be known."""
        return not self.gaps and not self.later and not self.disagreement


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
class Cohort:
    """How the gateway treated everybody's withdrawals of one asset in the part that was read."""

    settled: int = 0
    returned: int = 0
    usual: timedelta | None = None
    """p50 of the settlement times."""
    slow: timedelta | None = None
    """p95 of them."""
    last_settlement: datetime | None = None
    waiting: int = 0
    overdue: int = 0
    """Of the waiting, those past the overdue time."""
    oldest_waiting: datetime | None = None
    served_later: int = 0
    """Withdrawals sent after this one and settled."""
    complete: bool = True
    """The gateway's history from the withdrawal to the head was read without a gap."""


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
    cohort: Cohort | None = None
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
    def open(self) -> bool:
        """Sent to a gateway, and nothing has answered it."""
        return isinstance(self.sent, Transfer) and self.gateway is not None and not self.answers


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one case. Checks read it and nothing else."""

    case: Case
    history: History
    register: Register
    """The gateways as they are known; facts in it are dated."""
    withdrawals: tuple[Withdrawal, ...] = ()
    """Those the case means."""
    candidates: tuple[Withdrawal, ...] = ()
    """Other outgoing movements of the window."""
    outside: tuple[Withdrawal, ...] = ()
    """Movements near the window, but not in it, that fit the claim."""
    complete: bool = True
    """The window itself is proven complete."""

    @property
    def as_of(self) -> AsOf:
        return self.history.as_of

    @property
    def now(self) -> datetime:
        return self.history.as_of.time

    @property
    def window(self) -> tuple[Operation, ...]:
        """The account's own operations inside the window."""
        return tuple(self.operations(self.case.start, self.case.end))

    def operations(self, start: datetime, end: datetime) -> Iterator[Operation]:
        return (o for o in self.history.log.operations if start <= o.at <= end)

    def final(self, operations: Iterable[Operation]) -> bool:
        """True if every one of them stands in an irreversible block."""
        return all(o.place.block <= self.as_of.irreversible_block for o in operations)

    def name(self, account_id: str) -> str:
        """An account's name, or its id where the name is unknown."""
        found = self.history.accounts.get(account_id)
        return found.name if found else account_id

    def memo_text(self, withdrawal: Withdrawal) -> str | None:
        """What the memo of a transfer says, if it is public or could be decrypted."""
        sent = withdrawal.sent
        if not isinstance(sent, Transfer) or sent.memo is None:
            return None
        return self.history.memo_texts.get(sent.id) or sent.memo.text

    def gap(self, *codes: str) -> Gap | None:
        return next((gap for gap in self.history.gaps if gap.code in codes), None)
