"""What the chain showed of an account, and what could not be fetched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from diag.domain.account import Account
from diag.domain.asset import Amount, Asset, Quantity, asset_of
from diag.domain.chain_objects import Holding, Network, OpenTimeLock, Proposal
from diag.domain.gateway_live import LiveState
from diag.domain.operations import Operation, Transfer
from diag.i18n import Text


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
    NOT_SERVED = "account_history_not_served"
    """The node serves no account histories at all: only its operator can change that."""
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
    """How far its head is behind the clock; None where it is not notably so."""
    ahead: timedelta | None = None
    """How far its head is in the future; None where it is not notably so."""


@dataclass(frozen=True, slots=True)
class AsOf:
    """The moment that everything here is true of: the head of the chain, never the wall clock."""

    block: int
    time: datetime
    irreversible_block: int
    irreversible_time: datetime | None
    """None where the header of that block could not be read, or is later than the head."""
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
    confirmed_by: tuple[str, ...] = ()
    """Names of the nodes whose own view agrees with this one, the node that told the head first."""
    recorded: bool = False
    """It was read from a recorded chain that the operator chose: there is no node to doubt."""
    known_nodes: int = 1
    """How many nodes the service knows, whether or not they could be asked; two addresses of one
    host are one node."""

    def amount(self, quantity: Quantity) -> Amount:
        """A quantity with its asset, which may be named by its id only."""
        return Amount(quantity.base_units, asset_of(quantity.asset_id, self.assets))

    @property
    def whole(self) -> bool:
        """True if nothing was missing: asked again about the same head, no more would be known."""
        return not self.gaps and not self.later and not self.disagreement
