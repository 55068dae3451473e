"""Parses raw operations into typed records: every operation that is, or explains, a withdrawal.

The field names are those of bitshares-core 7.0 (`libraries/protocol`). OPERATIONS lists the names of
all 78 operations in protocol order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from diag.chain.rpc.values import (
    OBJECT_ID,
    UNREADABLE,
    Raw,
    amount,
    authority,
    identity,
    memo,
    public_key,
    when,
)
from diag.domain.account import Authority
from diag.domain.asset import Amount, Asset
from diag.domain.operations import (
    AuthorityUpdate,
    Burn,
    Created,
    Custody,
    Fill,
    Issue,
    Location,
    Lock,
    Operation,
    Other,
    Override,
    PermissionClaim,
    ProposalCreated,
    ProposalDeleted,
    ProposalUpdated,
    Release,
    TimeLock,
    TimeLockRedeemed,
    TimeLockRefunded,
    Transfer,
)

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
_ALWAYS_VIRTUAL = frozenset({4, 42, 44, 46, 51, 53, 74})


def name_of(number: object) -> str:
    """The protocol's name of an operation type; operation_N if it is newer than OPERATIONS."""
    if not isinstance(number, int):
        return "operation_unknown"
    return OPERATIONS[number] if 0 <= number < len(OPERATIONS) else f"operation_{number}"


@dataclass(slots=True)
class _Reader:
    """What a parser needs besides the body of an operation: its context, and the known assets."""

    location: Location
    kind: str
    fee: Amount | None
    result: object
    assets: Mapping[str, Asset]

    def amount(self, raw: Raw) -> Amount:
        return amount(raw, self.assets)

    def base_units(self, base_units: object, asset_id: str) -> Amount:
        return amount({"amount": base_units, "asset_id": asset_id}, self.assets)

    @property
    def base(self) -> tuple[Location, str, Amount | None]:
        return self.location, self.kind, self.fee

    @property
    def created(self) -> str | None:
        """The id of the object that the operation created, from its result; None if there is none."""
        match self.result:
            case [1, str(found)] if OBJECT_ID.match(found):
                return found
            case _:
                return None


def parse(
    raw: Raw, assets: Mapping[str, Asset], times: Mapping[int, datetime] | None = None
) -> Operation:
    """Parse an operation history object (1.11.x).

    times: block times by block number, for nodes before 6.1, whose objects have no times.
    An operation that cannot be parsed becomes an Other with readable=False. Only a row without id,
    block or time raises (KeyError, ValueError, TypeError), because it proves nothing.
    """
    block = int(raw["block_num"])
    at = when(raw["block_time"]) if "block_time" in raw else (times or {})[block]
    number, body = _op(raw)
    location = Location.of(
        identity(raw["id"]),
        at,
        block,
        int(raw.get("trx_in_block", 0)),
        int(raw.get("op_in_trx", 0)),
        _virtual(raw, number),
    )
    return _record(number, body, location, raw.get("result"), assets)


def _op(raw: Raw) -> tuple[object, object]:
    pair = raw.get("op")
    if isinstance(pair, list | tuple) and len(pair) == 2:
        return pair[0], pair[1]
    return None, None


def _virtual(raw: Raw, number: object) -> bool:
    if "is_virtual" in raw:
        return bool(raw["is_virtual"])
    always = isinstance(number, int) and number in _ALWAYS_VIRTUAL
    return always or int(raw.get("virtual_op", 0)) > 0


def _record(
    number: object,
    body: object,
    location: Location,
    result: object,
    assets: Mapping[str, Asset],
) -> Operation:
    kind = name_of(number)
    if not isinstance(body, dict):
        return Other(location=location, kind=kind, fee=None, readable=False)
    parser = _PARSERS.get(kind, _other)
    try:
        fee = amount(body["fee"], assets) if "fee" in body else None
        return parser(_Reader(location, kind, fee, result, assets), body)
    except UNREADABLE:
        return Other(location=location, kind=kind, fee=None, readable=False)


def inner(
    operations: object, location: Location, assets: Mapping[str, Asset]
) -> tuple[Operation, ...]:
    """Parse the operations inside a proposal: [[id, body], …] or [{"op": [id, body]}, …]."""
    found = []
    for item in operations if isinstance(operations, list) else ():
        number, body = _op(item if isinstance(item, Mapping) else {"op": item})
        found.append(_record(number, body, location, None, assets))
    return tuple(found)


def _other(read: _Reader, body: Raw) -> Operation:
    return Other(*read.base)


def _transfer(read: _Reader, body: Raw) -> Operation:
    return Transfer(
        *read.base,
        sender=identity(body["from"]),
        recipient=identity(body["to"]),
        amount=read.amount(body["amount"]),
        memo=memo(body.get("memo")),
    )


def _override(read: _Reader, body: Raw) -> Operation:
    return Override(
        *read.base,
        issuer=identity(body["issuer"]),
        sender=identity(body["from"]),
        recipient=identity(body["to"]),
        amount=read.amount(body["amount"]),
    )


def _issue(read: _Reader, body: Raw) -> Operation:
    return Issue(
        *read.base,
        issuer=identity(body["issuer"]),
        recipient=identity(body["issue_to_account"]),
        amount=read.amount(body["asset_to_issue"]),
    )


def _burn(read: _Reader, body: Raw) -> Operation:
    return Burn(
        *read.base,
        payer=identity(body["payer"]),
        amount=read.amount(body["amount_to_reserve"]),
    )


def _fill(read: _Reader, body: Raw) -> Operation:
    return Fill(
        *read.base,
        owner=identity(body["account_id"]),
        order=identity(body["order_id"]),
        paid=read.amount(body["pays"]),
        received=read.amount(body["receives"]),
    )


def _account_create(read: _Reader, body: Raw) -> Operation:
    return Created(
        *read.base,
        account=read.created or "",
        owner=_first_authority(body.get("owner")),
        active=_first_authority(body.get("active")),
    )


def _first_authority(raw: Any) -> Authority | None:
    """The authority at the creation of an account; None if it cannot be parsed.

    The creation is kept even then, because it proves that nothing came before it.
    """
    try:
        return authority(raw)
    except UNREADABLE:
        return None


def _account_update(read: _Reader, body: Raw) -> Operation:
    options = body.get("new_options") or {}
    return AuthorityUpdate(
        *read.base,
        account=identity(body["account"]),
        owner=authority(body["owner"]) if body.get("owner") else None,
        active=authority(body["active"]) if body.get("active") else None,
        memo_key=public_key(options["memo_key"]) if "memo_key" in options else None,
    )


def _proposal_create(read: _Reader, body: Raw) -> Operation:
    return ProposalCreated(
        *read.base,
        proposer=identity(body["fee_paying_account"]),
        proposal=read.created,
        expires=when(body["expiration_time"]),
        inner=inner(body["proposed_ops"], read.location, read.assets),
    )


def _proposal_update(read: _Reader, body: Raw) -> Operation:
    return ProposalUpdated(
        *read.base,
        payer=identity(body["fee_paying_account"]),
        proposal=identity(body["proposal"]),
    )


def _proposal_delete(read: _Reader, body: Raw) -> Operation:
    return ProposalDeleted(
        *read.base,
        payer=identity(body["fee_paying_account"]),
        proposal=identity(body["proposal"]),
    )


def _htlc_create(read: _Reader, body: Raw) -> Operation:
    return TimeLock(
        *read.base,
        sender=identity(body["from"]),
        recipient=identity(body["to"]),
        amount=read.amount(body["amount"]),
        lock=read.created,
        expires=read.location.at + timedelta(seconds=int(body["claim_period_seconds"])),
    )


def _htlc_redeemed(read: _Reader, body: Raw) -> Operation:
    return TimeLockRedeemed(
        *read.base,
        lock=identity(body["htlc_id"]),
        sender=identity(body["from"]),
        recipient=identity(body["to"]),
    )


def _htlc_refund(read: _Reader, body: Raw) -> Operation:
    return TimeLockRefunded(
        *read.base, lock=identity(body["htlc_id"]), owner=identity(body["to"])
    )


def _permission_claim(read: _Reader, body: Raw) -> Operation:
    return PermissionClaim(
        *read.base,
        giver=identity(body["withdraw_from_account"]),
        taker=identity(body["withdraw_to_account"]),
        amount=read.amount(body["amount_to_withdraw"]),
    )


def _lock(custody: Custody, owner: str, *amounts: str) -> Callable[[_Reader, Raw], Operation]:
    """Make a parser of an operation that moves amounts (named fields) of its owner into an object."""

    def parser(read: _Reader, body: Raw) -> Operation:
        moved = tuple(read.amount(body[field]) for field in amounts if body.get(field))
        inside = (body[name] for name in ("pool", "order", "ticket") if name in body)
        holder = read.created or next(map(identity, inside), None)
        return Lock(
            *read.base,
            owner=identity(body[owner]),
            custody=custody,
            amounts=moved,
            holder=holder,
        )

    return parser


def _credit_offer(read: _Reader, body: Raw) -> Operation:
    balance = read.base_units(body["balance"], identity(body["asset_type"]))
    return Lock(
        *read.base,
        owner=identity(body["owner_account"]),
        custody=Custody.CREDIT,
        amounts=(balance,),
        holder=read.created,
    )


def _release(
    custody: Custody, owner: str, holder: str | None
) -> Callable[[_Reader, Raw], Operation]:
    """Make a parser of an operation that returns its owner's coins from an object."""

    def parser(read: _Reader, body: Raw) -> Operation:
        return Release(
            *read.base,
            owner=identity(body[owner]),
            custody=custody,
            holder=identity(body[holder]) if holder else None,
        )

    return parser


_PARSERS: dict[str, Callable[[_Reader, Raw], Operation]] = {
    "transfer": _transfer,
    "limit_order_create": _lock(Custody.ORDER, "seller", "amount_to_sell"),
    "limit_order_cancel": _release(Custody.ORDER, "fee_paying_account", "order"),
    "limit_order_update": _lock(Custody.ORDER, "seller", "delta_amount_to_sell"),
    "call_order_update": _lock(Custody.COLLATERAL, "funding_account", "delta_collateral"),
    "bid_collateral": _lock(Custody.COLLATERAL, "bidder", "additional_collateral"),
    "fill_order": _fill,
    "account_create": _account_create,
    "account_update": _account_update,
    "asset_issue": _issue,
    "asset_reserve": _burn,
    "asset_settle": _lock(Custody.SETTLEMENT, "account", "amount"),
    "asset_settle_cancel": _release(Custody.SETTLEMENT, "account", "settlement"),
    "proposal_create": _proposal_create,
    "proposal_update": _proposal_update,
    "proposal_delete": _proposal_delete,
    "withdraw_permission_claim": _permission_claim,
    "vesting_balance_create": _lock(Custody.VESTING, "creator", "amount"),
    "vesting_balance_withdraw": _release(Custody.VESTING, "owner", "vesting_balance"),
    "override_transfer": _override,
    "transfer_to_blind": _lock(Custody.BLIND, "from", "amount"),
    "transfer_from_blind": _release(Custody.BLIND, "to", None),
    "htlc_create": _htlc_create,
    "htlc_redeemed": _htlc_redeemed,
    "htlc_refund": _htlc_refund,
    "ticket_create": _lock(Custody.TICKET, "account", "amount"),
    "liquidity_pool_deposit": _lock(Custody.POOL, "account", "amount_a", "amount_b"),
    "liquidity_pool_withdraw": _release(Custody.POOL, "account", "pool"),
    "liquidity_pool_exchange": _lock(Custody.EXCHANGE, "account", "amount_to_sell"),
    "credit_offer_create": _credit_offer,
    "credit_offer_accept": _lock(Custody.CREDIT, "borrower", "collateral"),
    "credit_deal_repay": _lock(Custody.EXCHANGE, "account", "repay_amount"),
}
