"""Operations as they stand in blocks: frozen records with exact integers and aware UTC times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from diag.domain.account import Authority
from diag.domain.asset import Amount
from diag.domain.memo import Memo


def instance(identity: str) -> int:
    """The last number of an object id; raises ValueError where there is none."""
    return int(identity.rpartition(".")[2])


class Location(NamedTuple):
    """Where an operation stands: history id 1.11.x, block and position inside it.

    A tuple, unlike the other records: thousands are made in a moment.
    """

    id: str
    at: datetime
    block: int
    transaction: int
    position: int
    virtual: bool
    number: int
    """The instance of the id: ascending with time over the whole chain."""

    @classmethod
    def of(
        cls,
        identity: str,
        at: datetime,
        block: int = 0,
        transaction: int = 0,
        position: int = 0,
        virtual: bool = False,
    ) -> Location:
        """The place of the operation with this id; raises ValueError for one without a number."""
        number = instance(identity)
        return cls(identity, at, block, transaction, position, virtual, number)


@dataclass(frozen=True, slots=True)
class Operation:
    """Anything in an account's history; kind is the protocol's name of it."""

    location: Location
    kind: str
    fee: Amount | None

    @property
    def id(self) -> str:
        return self.location.id

    @property
    def at(self) -> datetime:
        return self.location.at


@dataclass(frozen=True, slots=True)
class Transfer(Operation):
    sender: str
    recipient: str
    amount: Amount
    memo: Memo | None


@dataclass(frozen=True, slots=True)
class Override(Operation):
    """The issuer moved somebody's coins."""

    issuer: str
    sender: str
    recipient: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class Issue(Operation):
    issuer: str
    recipient: str
    amount: Amount
    memo: Memo | None = None


@dataclass(frozen=True, slots=True)
class Burn(Operation):
    payer: str
    amount: Amount


class Custody(StrEnum):
    """What can hold a user's coins on the chain, besides the account itself."""

    ORDER = "order"
    VESTING = "vesting"
    POOL = "pool"
    COLLATERAL = "collateral"
    SETTLEMENT = "settlement"
    TICKET = "ticket"
    CREDIT = "credit"
    BLIND = "blind"
    EXCHANGE = "exchange"
    """Not held by an object: spent for something else, in a pool or to repay a debt."""


@dataclass(frozen=True, slots=True)
class Lock(Operation):
    """Coins left the owner's balance into an object on the chain; holder is its id if known."""

    owner: str
    custody: Custody
    amounts: tuple[Amount, ...]
    holder: str | None


@dataclass(frozen=True, slots=True)
class Release(Operation):
    """Coins came back, or may have come back, from an object on the chain."""

    owner: str
    custody: Custody
    holder: str | None


@dataclass(frozen=True, slots=True)
class Fill(Operation):
    owner: str
    order: str
    paid: Amount
    received: Amount


@dataclass(frozen=True, slots=True)
class ProposalCreated(Operation):
    proposer: str
    proposal: str | None
    expires: datetime
    inner: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class ProposalUpdated(Operation):
    payer: str
    proposal: str


@dataclass(frozen=True, slots=True)
class ProposalDeleted(Operation):
    payer: str
    proposal: str


@dataclass(frozen=True, slots=True)
class TimeLock(Operation):
    """A hash time-lock: the coins have left the sender and wait for the secret."""

    sender: str
    recipient: str
    amount: Amount
    lock: str | None
    expires: datetime


@dataclass(frozen=True, slots=True)
class TimeLockRedeemed(Operation):
    lock: str
    sender: str
    recipient: str


@dataclass(frozen=True, slots=True)
class TimeLockRefunded(Operation):
    lock: str
    owner: str


@dataclass(frozen=True, slots=True)
class AuthorityUpdate(Operation):
    """An account was updated; a field is None where it was left as it was."""

    account: str
    owner: Authority | None
    active: Authority | None
    memo_key: str | None


@dataclass(frozen=True, slots=True)
class PermissionClaim(Operation):
    """Somebody with a withdraw permission took coins from the account."""

    giver: str
    taker: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class Created(Operation):
    """The account's own creation: nothing can stand before it."""

    account: str
    owner: Authority | None = None
    active: Authority | None = None


@dataclass(frozen=True, slots=True)
class Other(Operation):
    """An operation that moves none of the account's coins, or that could not be read."""

    readable: bool = True
