"""Operations that move coins into objects of the chain, such as orders and pools, and out again.

Like the other records of `operations`, they are also how their JSON is decoded.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from msgspec import field

from diag.domain.asset import BaseUnits, Change, Quantity
from diag.domain.object_ids import AccountId, AssetId, ObjectId
from diag.domain.operations import Operation


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
    """Not held by an object: spent in a pool, or to repay a debt."""


class Lock(Operation, frozen=True, gc=False):
    """Coins moved from the owner's balance into an object on the chain."""

    owner: AccountId
    amount: Quantity | None = None

    custody: ClassVar[Custody]

    @property
    def amounts(self) -> tuple[Quantity, ...]:
        """The amounts that left the balance."""
        return (self.amount,) if self.amount else ()

    @property
    def holder(self) -> str | None:
        """The id of the object, if it is known."""
        return self.created


class OrderCreated(Lock, frozen=True, gc=False):
    owner: AccountId = field(name="seller")
    amount: Quantity | None = field(name="amount_to_sell", default=None)
    custody = Custody.ORDER


class OrderUpdated(Lock, frozen=True, gc=False, kw_only=True):
    owner: AccountId = field(name="seller")
    amount: Change | None = field(name="delta_amount_to_sell", default=None)
    order: ObjectId
    custody = Custody.ORDER

    @property
    def holder(self) -> str | None:
        return self.created or self.order


class DebtUpdated(Lock, frozen=True, gc=False):
    owner: AccountId = field(name="funding_account")
    amount: Change | None = field(name="delta_collateral", default=None)
    debt: Change | None = field(name="delta_debt", default=None)
    custody = Custody.COLLATERAL

    @property
    def amounts(self) -> tuple[Quantity, ...]:
        """The collateral, and what was paid of the debt."""
        added = (self.amount,) if self.amount else ()
        return (*added, *([self.repaid] if self.repaid else []))

    @property
    def repaid(self) -> Quantity | None:
        """What was paid of the debt, if anything."""
        debt = self.debt
        if debt is None or debt.base_units >= 0:
            return None
        return Quantity(-debt.base_units, debt.asset_id)


class CollateralBid(Lock, frozen=True, gc=False):
    owner: AccountId = field(name="bidder")
    amount: Quantity | None = field(name="additional_collateral", default=None)
    custody = Custody.COLLATERAL


class SettlementAsked(Lock, frozen=True, gc=False):
    owner: AccountId = field(name="account")
    custody = Custody.SETTLEMENT


class VestingCreated(Lock, frozen=True, gc=False, kw_only=True):
    owner: AccountId = field(name="creator")
    beneficiary: AccountId | None = field(name="owner", default=None)
    """The account that may claim the balance."""
    custody = Custody.VESTING


class MadeBlind(Lock, frozen=True, gc=False):
    owner: AccountId = field(name="from")
    custody = Custody.BLIND


def for_others(operation: Lock) -> bool:
    """Return True if the coins are, or may be, for somebody else than their owner."""
    match operation:
        case VestingCreated(owner=owner, beneficiary=claimant):
            return claimant not in (None, owner)
        case _:
            return isinstance(operation, MadeBlind)


class TicketCreated(Lock, frozen=True, gc=False):
    owner: AccountId = field(name="account")
    custody = Custody.TICKET


class PoolDeposit(Lock, frozen=True, gc=False, kw_only=True):
    owner: AccountId = field(name="account")
    amount: Quantity | None = field(name="amount_a", default=None)
    other: Quantity | None = field(name="amount_b", default=None)
    pool: ObjectId
    custody = Custody.POOL

    @property
    def amounts(self) -> tuple[Quantity, ...]:
        return tuple(part for part in (self.amount, self.other) if part)

    @property
    def holder(self) -> str | None:
        return self.created or self.pool


class PoolExchange(Lock, frozen=True, gc=False, kw_only=True):
    owner: AccountId = field(name="account")
    amount: Quantity | None = field(name="amount_to_sell", default=None)
    pool: ObjectId
    custody = Custody.EXCHANGE

    @property
    def holder(self) -> str | None:
        return self.created or self.pool


class CreditOffered(Lock, frozen=True, gc=False, kw_only=True):
    owner: AccountId = field(name="owner_account")
    asset_id: AssetId = field(name="asset_type")
    balance: BaseUnits
    custody = Custody.CREDIT

    @property
    def amounts(self) -> tuple[Quantity, ...]:
        return (Quantity(self.balance, self.asset_id),)


class CreditTaken(Lock, frozen=True, gc=False):
    owner: AccountId = field(name="borrower")
    amount: Quantity | None = field(name="collateral", default=None)
    custody = Custody.CREDIT


class CreditRepaid(Lock, frozen=True, gc=False):
    owner: AccountId = field(name="account")
    amount: Quantity | None = field(name="repay_amount", default=None)
    custody = Custody.EXCHANGE


class Release(Operation, frozen=True, gc=False):
    """Coins came back, or may have, from an object on the chain; `holder` is its id."""

    owner: AccountId
    holder: ObjectId | None = None

    custody: ClassVar[Custody]


class OrderCancelled(Release, frozen=True, gc=False):
    owner: AccountId = field(name="fee_paying_account")
    holder: ObjectId | None = field(name="order")
    custody = Custody.ORDER


class SettlementCancelled(Release, frozen=True, gc=False):
    owner: AccountId = field(name="account")
    holder: ObjectId | None = field(name="settlement")
    custody = Custody.SETTLEMENT


class VestingWithdrawn(Release, frozen=True, gc=False):
    holder: ObjectId | None = field(name="vesting_balance")
    custody = Custody.VESTING


class MadePublic(Release, frozen=True, gc=False):
    owner: AccountId = field(name="to")
    custody = Custody.BLIND


class PoolWithdrawal(Release, frozen=True, gc=False):
    owner: AccountId = field(name="account")
    holder: ObjectId | None = field(name="pool")
    custody = Custody.POOL
