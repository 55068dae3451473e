"""What happened on the chain: frozen nouns with exact integers and aware UTC times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

MAIN_NETWORK = "4018d7844c78f6a6c41c6a552b898022310fc5dec06da467ee7905a8dad512c8"
"""The chain id of BitShares itself: no recorded chain may pass its stopped clock off as its own."""
CORE_ASSET = "1.3.0"
NULL_KEY_SUFFIX = (
    "1111111111111111111111111111111114T1Anm"  # public key of nobody: a plain memo
)
MEMO_CHECKSUM_BYTES = 4
AES_BLOCK_BYTES = 16


class AssetFlag:
    """Bits of an asset's flags that can stop a transfer."""

    WHITE_LIST = 0x02
    TRANSFER_RESTRICTED = 0x08


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset as the chain describes it; precision is the number of decimal digits."""

    id: str
    symbol: str
    precision: int
    issuer: str = ""
    flags: int = 0
    whitelist_authorities: frozenset[str] = frozenset()
    blacklist_authorities: frozenset[str] = frozenset()
    market_issued: bool = False

    def units(self, value: Decimal) -> int | None:
        """The integer number of base units, or None if value has more digits than the asset."""
        scaled = value.scaleb(self.precision)
        return int(scaled) if scaled == scaled.to_integral_value() else None


@dataclass(frozen=True, slots=True)
class Amount:
    """An exact amount: base units of one asset."""

    units: int
    asset: Asset

    @property
    def value(self) -> Decimal:
        return Decimal(self.units).scaleb(-self.asset.precision)

    @property
    def exact(self) -> str:
        """The decimal string with all digits of the asset, such as 0.05205000."""
        return f"{self.value:.{self.asset.precision}f}"

    def __str__(self) -> str:
        return f"{plain(self.value)} {self.asset.symbol}"


def plain(value: Decimal) -> str:
    """A decimal without exponent and without idle zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class Memo:
    """A memo as it stands in an operation; message is the raw bytes."""

    sender_key: str
    recipient_key: str
    nonce: int
    message: bytes

    @property
    def public(self) -> bool:
        """True if it was written for everybody to read: the sender's key is the null key."""
        return self.sender_key.endswith(NULL_KEY_SUFFIX)

    @property
    def text(self) -> str | None:
        """What it says, if no key is needed to read it."""
        if self.public:
            head, rest = self.message[:MEMO_CHECKSUM_BYTES], self.message[MEMO_CHECKSUM_BYTES:]
            return _utf8(self.message if any(head) else rest)
        if len(self.message) % AES_BLOCK_BYTES == 0:
            return None  # may be ciphertext: never guess
        return _utf8(self.message)

    @property
    def most_bytes(self) -> int:
        """The longest text, in bytes, that this ciphertext can hold."""
        return max(0, len(self.message) - MEMO_CHECKSUM_BYTES - 1)


def _utf8(raw: bytes) -> str | None:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


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


def instance(identity: str) -> int:
    """The last number of an object id; raises ValueError where there is none."""
    return int(identity.rpartition(".")[2])


class Place(NamedTuple):
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
    ) -> Place:
        """The place of the operation with this id; raises ValueError for one without a number."""
        number = instance(identity)
        return cls(identity, at, block, transaction, position, virtual, number)


@dataclass(frozen=True, slots=True)
class Operation:
    """Anything in an account's history; kind is the protocol's name of it."""

    place: Place
    kind: str
    fee: Amount | None

    @property
    def id(self) -> str:
        return self.place.id

    @property
    def at(self) -> datetime:
        return self.place.at


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


@dataclass(frozen=True, slots=True)
class Other(Operation):
    """An operation that moves none of the account's coins, or that could not be read."""

    readable: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    """A live proposal object; fail_reason is what its last execution failed with."""

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
    """A live time-lock object."""

    id: str
    sender: str
    recipient: str
    amount: Amount
    expires: datetime


@dataclass(frozen=True, slots=True)
class Holding:
    """Coins of the account that an object on the chain holds now."""

    custody: Custody
    object: str
    amount: Amount
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """The chain's own parameters and its present health, all from objects 2.0.0, 2.1.0."""

    chain_id: str
    interval: timedelta
    longest_expiration: timedelta
    witnesses: int
    slots_filled: int
    """Of the last 128 slots, how many hold a block."""
    head_block: int
    irreversible_block: int
    next_maintenance: datetime

    SLOTS = 128
    ALARMING_LAG = 2.0
    """Times the number of witnesses: more blocks than this without finality is a fault."""
    LOWEST_PARTICIPATION = 0.8

    @property
    def disturbed(self) -> bool:
        """True if blocks are missing, or are not made final, as they should be."""
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
