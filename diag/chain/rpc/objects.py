"""Decodes the present objects of the chain: accounts, assets, orders, proposals, the head and others.

The structs here are the JSON of bitshares-core 7.0; this module returns records of the domain.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from diag.chain.rpc import history_rows
from diag.chain.rpc.values import FIRST_TIME, Decode, NodeTime, chain_time, decoder, words
from diag.domain.account import Account, Authority
from diag.domain.account_names import NAME
from diag.domain.asset import MAX_PRECISION, SYMBOL, Asset, BaseUnits, Quantity
from diag.domain.chain_objects import Holding, Network, OpenTimeLock, Proposal
from diag.domain.custody_operations import Custody
from diag.domain.object_ids import AccountId, AssetId, ObjectId, PublicKey
from diag.domain.operations import Location, Transfer

Count = Annotated[int, Meta(ge=0)]
Block = Annotated[int, Meta(ge=0, lt=2**32)]


class _Dated(Struct, frozen=True, kw_only=True):
    """An object with a time; raises ValueError if the chain cannot write that time."""

    written_time: NodeTime

    def __post_init__(self) -> None:
        chain_time(self.written_time)

    @property
    def time(self) -> datetime:
        return chain_time(self.written_time)


class Head(_Dated, frozen=True, kw_only=True):
    """Object 2.1.0: the head of the chain."""

    id: ObjectId
    head_block_number: Block
    last_irreversible_block_num: Block
    recent_slots_filled: Count
    written_time: NodeTime = field(name="time")
    next_maintenance_time: NodeTime

    def __post_init__(self) -> None:
        super().__post_init__()
        chain_time(self.next_maintenance_time)


class _Fees(Struct, frozen=True):
    parameters: list[tuple[int, Any]] = []


class _Parameters(Struct, frozen=True):
    block_interval: Annotated[int, Meta(gt=0, le=255)]
    maximum_time_until_expiration: Annotated[int, Meta(ge=0, lt=2**32)]
    current_fees: _Fees = _Fees()


class GlobalProperties(Struct, frozen=True):
    """Object 2.0.0: the parameters of the chain."""

    parameters: _Parameters
    active_witnesses: list[ObjectId]

    @property
    def newest_fee(self) -> int:
        """The highest number of an operation type for which there is a fee."""
        return max((number for number, _ in self.parameters.current_fees.parameters), default=0)


def network(chain_id: str, head: Head, properties: GlobalProperties) -> Network:
    """Return the chain's head, parameters and health."""
    parameters = properties.parameters
    return Network(
        chain_id=chain_id,
        interval=timedelta(seconds=parameters.block_interval),
        longest_expiration=timedelta(seconds=parameters.maximum_time_until_expiration),
        witnesses=len(properties.active_witnesses),
        slots_filled=head.recent_slots_filled.bit_count(),
        head_block=head.head_block_number,
        irreversible_block=head.last_irreversible_block_num,
        next_maintenance=chain_time(head.next_maintenance_time),
    )


class Statistics(Struct, frozen=True):
    """A 2.6.x object: how many operations an account has had, and how many the node pruned."""

    total_ops: Count
    removed_ops: Count


class BlockHeader(_Dated, frozen=True, kw_only=True):
    """The header of a block."""

    written_time: NodeTime = field(name="timestamp")
    previous: str = ""


class _AccountOptions(Struct, frozen=True):
    memo_key: PublicKey


class _Account(Struct, frozen=True):
    """An account: 1.2.x."""

    id: AccountId
    name: Annotated[str, Meta(pattern=f"^{NAME.pattern}")]
    options: _AccountOptions
    active: Authority
    owner: Authority
    registrar: AccountId | None = None
    creation_block_num: int | None = None
    creation_time: NodeTime | None = None
    whitelisting_accounts: frozenset[AccountId] = frozenset()
    blacklisting_accounts: frozenset[AccountId] = frozenset()

    def record(self) -> Account:
        return Account(
            id=self.id,
            name=self.name,
            memo_key=self.options.memo_key,
            active=self.active,
            owner=self.owner,
            created=chain_time(self.creation_time) if self.creation_time else None,
            genesis=self.creation_block_num == 0,
            whitelisted_by=self.whitelisting_accounts,
            blacklisted_by=self.blacklisting_accounts,
            registrar=self.registrar or "",
        )


class _AssetOptions(Struct, frozen=True):
    flags: Count = 0
    whitelist_authorities: frozenset[AccountId] = frozenset()
    blacklist_authorities: frozenset[AccountId] = frozenset()


class _Asset(Struct, frozen=True):
    """An asset: 1.3.x."""

    id: AssetId
    symbol: Annotated[str, Meta(pattern=f"^{SYMBOL.pattern}")]
    precision: Annotated[int, Meta(ge=0, le=MAX_PRECISION)]
    issuer: AccountId | None = None
    options: _AssetOptions = _AssetOptions()
    bitasset_data_id: ObjectId | None = None

    def record(self) -> Asset:
        return _interned(
            id=self.id,
            symbol=self.symbol,
            precision=self.precision,
            issuer=self.issuer or "",
            flags=self.options.flags,
            whitelist_authorities=self.options.whitelist_authorities,
            blacklist_authorities=self.options.blacklist_authorities,
            market_issued=self.bitasset_data_id is not None,
        )


class _Description(Struct, frozen=True):
    description: str


class Described(Struct, frozen=True):
    """An asset, of which only the issuer's description is read."""

    options: _Description


_interned = lru_cache(maxsize=1 << 10)(Asset)
"""Makes an asset, or returns the equal one: there is one object per asset."""


class _SellPrice(Struct, frozen=True):
    base: Quantity


class _Order(Struct, frozen=True):
    """An open order: 1.7.x."""

    id: ObjectId
    for_sale: BaseUnits
    sell_price: _SellPrice
    expiration: NodeTime

    def record(self) -> Holding:
        amount = Quantity(self.for_sale, self.sell_price.base.asset_id)
        return Holding(Custody.ORDER, self.id, amount, chain_time(self.expiration))


class _Vesting(Struct, frozen=True):
    """A vesting balance: 1.13.x."""

    id: ObjectId
    balance: Quantity

    def record(self) -> Holding:
        return Holding(Custody.VESTING, self.id, self.balance)


class _ProposedTransaction(Struct, frozen=True):
    operations: Any = None


class _Transaction(Struct, frozen=True):
    operations: Any
    expiration: NodeTime


class _Proposal(Struct, frozen=True):
    """A proposal: 1.10.x; approvals by accounts (1.2.x) and by single keys are not separated."""

    id: ObjectId
    expiration_time: NodeTime
    proposed_transaction: _ProposedTransaction
    proposer: AccountId | None = None
    review_period_time: NodeTime | None = None
    fail_reason: str = ""
    required_active_approvals: frozenset[AccountId] = frozenset()
    required_owner_approvals: frozenset[AccountId] = frozenset()
    available_active_approvals: frozenset[AccountId] = frozenset()
    available_owner_approvals: frozenset[AccountId] = frozenset()
    available_key_approvals: frozenset[PublicKey] = frozenset()

    def record(self) -> Proposal:
        place = Location.of(self.id, FIRST_TIME, virtual=True)
        review = self.review_period_time
        return Proposal(
            id=self.id,
            proposer=self.proposer or "",
            expires=chain_time(self.expiration_time),
            review=chain_time(review) if review else None,
            required=self.required_active_approvals | self.required_owner_approvals,
            approved=self.available_active_approvals
            | self.available_owner_approvals
            | self.available_key_approvals,
            fail_reason=words(self.fail_reason),
            inner=history_rows.proposed(self.proposed_transaction.operations, place),
        )


class _HtlcTransfer(Struct, frozen=True):
    sender: AccountId = field(name="from")
    recipient: AccountId = field(name="to")
    amount: BaseUnits
    asset_id: AssetId


class _Expiration(Struct, frozen=True):
    expiration: NodeTime


class _HtlcConditions(Struct, frozen=True):
    time_lock: _Expiration


class _TimeLock(Struct, frozen=True):
    """A time-lock: 1.16.x."""

    id: ObjectId
    transfer: _HtlcTransfer
    conditions: _HtlcConditions

    def record(self) -> OpenTimeLock:
        moved = self.transfer
        return OpenTimeLock(
            id=self.id,
            sender=moved.sender,
            recipient=moved.recipient,
            amount=Quantity(moved.amount, moved.asset_id),
            expires=chain_time(self.conditions.time_lock.expiration),
        )


class PendingTransaction(Struct, frozen=True):
    """A pending transaction: 2.7.x."""

    id: ObjectId
    trx: _Transaction

    def __post_init__(self) -> None:
        chain_time(self.trx.expiration)

    @property
    def transfers(self) -> tuple[Transfer, ...]:
        """The transfers in it, each with the expiration of the transaction as its time."""
        place = Location.of(self.id, chain_time(self.trx.expiration))
        inner = history_rows.proposed(self.trx.operations, place)
        return tuple(o for o in inner if isinstance(o, Transfer))


# --- decoding -------------------------------------------------------------------------------


class Unreadable(Struct, frozen=True):
    """An object whose JSON does not have the form that the protocol gives it."""


def _record(kind: Any) -> Decode:
    """Return a function that decodes one object of this kind into its record."""
    decode = decoder(kind)
    return lambda body: decode(body).record()


def _records(kind: Any) -> Decode:
    """Return a function that decodes a list of such objects; an item may be null if the kind
    allows it.
    """
    decode = decoder(list[kind])
    return lambda body: [found and found.record() for found in decode(body)]


accounts, assets = _records(_Account | None), _records(_Asset | None)
descriptions = decoder(list[Described | None])
orders, vesting = _records(_Order), _records(_Vesting)
proposals, time_locks = _records(_Proposal), _records(_TimeLock)
DECODERS: dict[str, Decode] = {
    "1.2": _record(_Account),
    "1.3": _record(_Asset),
    "1.10": _record(_Proposal),
    "1.11": lambda body: history_rows.decode_row(msgspec.json.decode(body)),
    "1.16": _record(_TimeLock),
    "2.0": decoder(GlobalProperties),
    "2.1": decoder(Head),
    "2.6": decoder(Statistics),
    "2.7": decoder(PendingTransaction),
}
"""Type in the id of an object → its decoder."""
