"""Decodes operations: pages of a history, and operations inside proposals and transactions.

A page is decoded in one go, straight into the records of `diag.domain.operations` and
`custody_operations`. If something in it does not fit, it is decoded row by row: an operation that
does not have the form of the protocol becomes an `Unreadable`, and one that is newer than
`OPERATIONS` an `Other`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Union

from msgspec import Meta, Raw, Struct, ValidationError, defstruct, field, structs

from diag.chain.rpc.values import NodeTime, as_kind, chain_time, decoder
from diag.domain import custody_operations as custody
from diag.domain import operations as records
from diag.domain.account import Authority
from diag.domain.asset import Quantity
from diag.domain.object_ids import AccountId, ObjectId, PublicKey
from diag.domain.operations import Location, Operation, Other, Unreadable

OPERATIONS = tuple(
    """
    transfer limit_order_create limit_order_cancel call_order_update fill_order
    account_create account_update account_whitelist account_upgrade account_transfer
    asset_create asset_update asset_update_bitasset asset_update_feed_producers asset_issue
    asset_reserve asset_fund_fee_pool asset_settle asset_global_settle asset_publish_feed
    witness_create witness_update proposal_create proposal_update proposal_delete
    withdraw_permission_create withdraw_permission_update withdraw_permission_claim
    withdraw_permission_delete committee_member_create committee_member_update
    committee_member_update_global_parameters vesting_balance_create vesting_balance_withdraw
    worker_create custom assert balance_claim override_transfer transfer_to_blind
    blind_transfer transfer_from_blind asset_settle_cancel asset_claim_fees fba_distribute
    bid_collateral execute_bid asset_claim_pool asset_update_issuer htlc_create htlc_redeem
    htlc_redeemed htlc_extend htlc_refund custom_authority_create custom_authority_update
    custom_authority_delete ticket_create ticket_update liquidity_pool_create
    liquidity_pool_delete liquidity_pool_deposit liquidity_pool_withdraw
    liquidity_pool_exchange samet_fund_create samet_fund_delete samet_fund_update
    samet_fund_borrow samet_fund_repay credit_offer_create credit_offer_delete
    credit_offer_update credit_offer_accept credit_deal_repay credit_deal_expired
    liquidity_pool_update credit_deal_update limit_order_update
    """.split()  # noqa: SIM905 - readable as a block, in protocol order
)
MOST_DIGITS = 18
"""The most digits of the last number of an id."""
_ALWAYS_VIRTUAL = frozenset({4, 42, 44, 46, 51, 53, 74})


def name_of(number: int) -> str:
    """Return the protocol's name of an operation type; operation_N if it is newer than OPERATIONS."""
    return OPERATIONS[number] if 0 <= number < len(OPERATIONS) else f"operation_{number}"


# --- bodies that hold more or less than their record -----------------------------------------


class _Body(Struct, kw_only=True):
    """The body of an operation whose record has other fields.

    `record` makes the record, without what all records have.
    """

    fee: Quantity | None = None


class _TimeLock(_Body):
    sender: AccountId = field(name="from")
    recipient: AccountId = field(name="to")
    amount: Quantity
    claim_period_seconds: Annotated[int, Meta(ge=0, lt=2**32)]

    def record(self, location: Location, created: str | None) -> Operation:
        expires = location.at + timedelta(seconds=self.claim_period_seconds)
        return records.TimeLock(self.sender, self.recipient, self.amount, created, expires)


class _AccountOptions(Struct):
    memo_key: PublicKey | None = None


class _AccountUpdate(_Body):
    account: AccountId
    owner: Authority | None = None
    active: Authority | None = None
    new_options: _AccountOptions | None = None

    def record(self, location: Location, created: str | None) -> Operation:
        memo_key = self.new_options.memo_key if self.new_options else None
        return records.AuthorityUpdate(self.account, self.owner, self.active, memo_key)


class _AccountCreation(_Body):
    """An account creation. Authorities that cannot be read are left out, because the creation
    alone proves that nothing preceded it.
    """

    name: str = ""
    owner: Any = None
    active: Any = None

    def record(self, location: Location, created: str | None) -> Operation:
        owner, active = map(_readable_authority, (self.owner, self.active))
        return records.Created(created or "", self.name, owner, active)


class _Proposal(_Body):
    proposer: AccountId = field(name="fee_paying_account")
    expires: NodeTime = field(name="expiration_time")
    proposed_ops: Any

    def record(self, location: Location, created: str | None) -> Operation:
        inner = proposed(self.proposed_ops, location)
        return records.ProposalCreated(self.proposer, created, chain_time(self.expires), inner)


def _readable_authority(raw: Any) -> Authority | None:
    try:
        found: Authority = as_kind(raw, Authority)
        return found
    except ValidationError:
        return None


_BODIES: dict[str, type[Operation] | type[_Body]] = {
    "transfer": records.Transfer,
    "limit_order_create": custody.OrderCreated,
    "limit_order_cancel": custody.OrderCancelled,
    "limit_order_update": custody.OrderUpdated,
    "call_order_update": custody.DebtUpdated,
    "bid_collateral": custody.CollateralBid,
    "fill_order": records.Fill,
    "account_create": _AccountCreation,
    "account_update": _AccountUpdate,
    "asset_issue": records.Issue,
    "asset_reserve": records.Burn,
    "asset_settle": custody.SettlementAsked,
    "asset_settle_cancel": custody.SettlementCancelled,
    "proposal_create": _Proposal,
    "proposal_update": records.ProposalUpdated,
    "proposal_delete": records.ProposalDeleted,
    "withdraw_permission_claim": records.PermissionClaim,
    "vesting_balance_create": custody.VestingCreated,
    "vesting_balance_withdraw": custody.VestingWithdrawn,
    "override_transfer": records.Override,
    "transfer_to_blind": custody.MadeBlind,
    "transfer_from_blind": custody.MadePublic,
    "htlc_create": _TimeLock,
    "htlc_redeemed": records.TimeLockRedeemed,
    "htlc_refund": records.TimeLockRefunded,
    "ticket_create": custody.TicketCreated,
    "liquidity_pool_deposit": custody.PoolDeposit,
    "liquidity_pool_withdraw": custody.PoolWithdrawal,
    "liquidity_pool_exchange": custody.PoolExchange,
    "credit_offer_create": custody.CreditOffered,
    "credit_offer_accept": custody.CreditTaken,
    "credit_deal_repay": custody.CreditRepaid,
}
"""Operation type → what its body is decoded into; `Other` if it is not named here."""


def _pair(number: int, name: str) -> type[Struct]:
    """Return the type of [number, body]: an array whose first item tells the type of the second."""
    fields = [("body", _BODIES.get(name, Other))]
    facts = {"number": number, "kind": name}
    return defstruct(f"_{name}", fields, tag=number, array_like=True, gc=False, namespace=facts)


_PAIRS = tuple(_pair(number, name) for number, name in enumerate(OPERATIONS))


class _Place(Struct, gc=False, kw_only=True):
    """A history object (1.11.x), without its operation."""

    id: str
    block_num: Annotated[int, Meta(ge=0, lt=2**32)]
    block_time: NodeTime
    result: Any = None
    trx_in_block: int = 0
    op_in_trx: int = 0
    virtual_op: int = 0
    is_virtual: bool | None = None

    def location(self, number: int) -> Location:
        """Return the location of the operation; number: its type.

        Raises ValueError if the id is none of an operation.
        """
        space, instance = self.id[:5], self.id[5:]
        if space != "1.11." or not (instance.isascii() and instance.isdigit()):
            raise ValueError("not the id of an operation")
        if len(instance) > MOST_DIGITS:
            raise ValueError("the id of an operation is too long")
        virtual = self.is_virtual
        if virtual is None:
            virtual = number in _ALWAYS_VIRTUAL or self.virtual_op > 0
        return Location(
            self.id,
            chain_time(self.block_time),
            self.block_num,
            self.trx_in_block,
            self.op_in_trx,
            virtual,
            int(instance),
        )

    @property
    def created(self) -> str | None:
        """The id of the object that the operation created, if any."""
        result = self.result
        if not isinstance(result, list) or len(result) != 2 or result[0] != 1:
            return None
        found = result[1]
        return found if isinstance(found, str) and ObjectId.PATTERN.match(found) else None


class _Row(_Place, gc=False):
    op: Union[_PAIRS]  # type: ignore[valid-type]  # noqa: UP007 - of as many as there are


class _AnyRow(_Place, gc=False):
    op: Any = None


_page, _rows, _row, _any_row = map(decoder, (list[_Row], list[Raw], _Row, _AnyRow))


def decode_page(body: bytes | Raw) -> list[Operation]:
    """Return the operations of a page of a history.

    Raises ValueError if a row has no id, block or time: then it is not known how much of the
    history the page shows.
    """
    try:
        return list(map(_operation, _page(body)))
    except ValueError:
        return list(map(_single_row, _rows(body)))


def decode_row(raw: Any) -> Operation:
    """Return the operation in a history object of decoded JSON; raises ValueError without id,
    block or time.
    """
    return _any_operation(as_kind(raw, _AnyRow))


def decode_operation(pair: Any, location: Location, created: str | None = None) -> Operation:
    """Return the operation in [number, body] of decoded JSON; an `Unreadable` if it is anything
    else.
    """
    match pair:
        case [int(number), dict(body)]:
            kind = name_of(number)
        case _:
            return Unreadable(location=location, kind="operation_unknown")
    try:
        read = as_kind(body, _BODIES.get(kind, Other))
        return _record(read, location, kind, created)
    except (ValueError, RecursionError):
        return Unreadable(location=location, kind=kind)


def proposed(operations: Any, location: Location) -> tuple[Operation, ...]:
    """Return the operations inside a proposal or a transaction: [[number, body], …] or [{"op":
    …}, …].
    """
    items = operations if isinstance(operations, list) else ()
    pairs = (item.get("op") if isinstance(item, dict) else item for item in items)
    return tuple(decode_operation(pair, location) for pair in pairs)


def _single_row(raw: Raw) -> Operation:
    try:
        return _operation(_row(raw))
    except ValueError:
        return _any_operation(_any_row(raw))


def _any_operation(row: _AnyRow) -> Operation:
    match row.op:
        case [int(number), *_]:
            return decode_operation(row.op, row.location(number), row.created)
        case _:
            return decode_operation(row.op, row.location(-1), row.created)


def _operation(row: _Row) -> Operation:
    pair: Any = row.op
    return _record(pair.body, row.location(pair.number), pair.kind, row.created)


def _record(
    body: Operation | _TimeLock | _AccountUpdate | _AccountCreation | _Proposal,
    location: Location,
    kind: str,
    created: str | None,
) -> Operation:
    if isinstance(body, Operation):
        return structs.replace(body, location=location, kind=kind, created=created)
    record, fee = body.record(location, created), body.fee
    return structs.replace(record, location=location, kind=kind, created=created, fee=fee)
