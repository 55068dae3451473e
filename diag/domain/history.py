"""The history of an account as the chain shows it, and what could not be read."""

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
    """Why a window is complete; `kind` names the reason, `operation` is the 1.11.x id it rests on."""

    kind: str
    operation: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be read; `code` and `what` name it, `why` gives the reason."""

    code: str
    what: Text
    why: Text

    HISTORY = "account_history"
    """The node does not keep it; another node may."""
    UNREAD = "account_history_unread"
    """The node failed to answer; the same node may answer later."""
    NOT_SERVED = "account_history_not_served"
    """The node serves no account histories at all; only its operator can change that."""
    GATEWAY = "gateway_history"
    HEAD = "head"
    OBJECTS = "objects"


@dataclass(frozen=True, slots=True)
class Node:
    """A node that answered, and the head that it reported."""

    name: str
    chain_id: str | None = None
    head_block: int | None = None
    head_time: datetime | None = None
    behind: timedelta | None = None
    """How far its head is behind the clock; None if that is not notable."""
    ahead: timedelta | None = None
    """How far its head is ahead of the clock; None if that is not notable."""


@dataclass(frozen=True, slots=True)
class AsOf:
    """The moment to which everything refers: the head of the chain, never the wall clock."""

    block: int
    time: datetime
    irreversible_block: int
    irreversible_time: datetime | None
    """None if the header of that block could not be read, or is later than the head."""
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Log:
    """One account's operations in id order, with the unproven parts of the period that was read."""

    operations: tuple[Operation, ...] = ()
    gaps: tuple[tuple[datetime, datetime], ...] = ()
    start: datetime | None = None
    """The log is meant to be complete from here up to the head, except for the gaps."""

    def complete(self, start: datetime, end: datetime) -> bool:
        """Return True if [start, end] is proven to be complete."""
        if self.start is None or self.start > start:
            return False
        return not any(low <= end and high >= start for low, high in self.gaps)


@dataclass(frozen=True, slots=True)
class History:
    """Everything that was read from the chain for one case."""

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
    """The operation whose id the user gave; it may belong to any account."""
    balances: Mapping[str, int] | None = None
    """Base units by asset id; None if they could not be read."""
    holdings: tuple[Holding, ...] = ()
    proposals: Mapping[str, Proposal | None] = field(default_factory=dict)
    """By id: open proposals, and None for those that no longer exist."""
    time_locks: Mapping[str, OpenTimeLock | None] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    """By operation id: where it was read, if not from the node that reported the head."""
    transactions: Mapping[str, str] = field(default_factory=dict)
    """Transaction id by operation id, if it could be computed."""
    memo_texts: Mapping[str, str] = field(default_factory=dict)
    """Decrypted memos by operation id, if the operator holds the gateway's memo key."""
    pending: tuple[Transfer, ...] = ()
    """The account's pending transfers, each with the expiration of its transaction as its time."""
    flagged: frozenset[str] = frozenset()
    """Ids of accounts in this history that others have listed as fraudulent."""
    live: Mapping[str, LiveState] = field(default_factory=dict)
    """By gateway key: the state that gateways publish now, as far as it was read."""
    group_sizes: Mapping[str, int] = field(default_factory=dict)
    """By operation id: how many operations its transaction holds."""
    disagreement: tuple[str, ...] = ()
    """Operation ids that one node shows below its irreversible block and another does not."""
    later: bool = False
    """True if the account has had an operation since the head to which everything refers."""
    confirmed_by: tuple[str, ...] = ()
    """Names of the nodes that agree with this history, first the one that reported the head."""
    recorded: bool = False
    """True if it was read from a recorded chain that the operator chose, so that no node is in
    doubt.
    """
    known_nodes: int = 1
    """How many nodes the service knows, whether or not they could be asked; two addresses of
    one host count once.
    """

    def amount(self, quantity: Quantity) -> Amount:
        """Return a quantity with its asset, which may be named by its id only."""
        return Amount(quantity.base_units, asset_of(quantity.asset_id, self.assets))

    @property
    def whole(self) -> bool:
        """True if nothing is missing: reading again at the same head would show no more."""
        return not self.gaps and not self.later and not self.disagreement
