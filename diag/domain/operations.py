"""Operations as they stand in blocks, as frozen records into which their JSON is decoded.

The fields are those of bitshares-core 7.0 (`libraries/protocol`), with one plain name where the
protocol's names differ between operations; `diag.chain.rpc.history_rows` says which operation
is which record. Amounts are exact integers, times aware UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from msgspec import Struct, field

from diag.domain.account import Authority
from diag.domain.asset import Quantity
from diag.domain.memo import Memo
from diag.domain.object_ids import AccountId, ObjectId, instance


class Location(Struct, frozen=True, gc=False):
    """Where an operation stands: history id 1.11.x, block and position inside it."""

    id: str
    at: datetime
    block: int
    transaction: int
    position: int
    virtual: bool
    number: int
    """The instance of the id; it ascends with time over the whole chain."""

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
        """Return the location of the operation with this id; raises ValueError if the id has no
        number.
        """
        number = instance(identity)
        return cls(identity, at, block, transaction, position, virtual, number)


NOWHERE = Location("", datetime(1970, 1, 1, tzinfo=UTC), 0, 0, 0, False, 0)


MAINTENANCE = timedelta(minutes=1)
"""How long after its deadline a proposal may still be carried out."""


class Operation(Struct, frozen=True, gc=False, kw_only=True):
    """An operation in an account's history.

    The decoder adds what is not in the body of an operation (location, kind, created).
    """

    location: Location = NOWHERE
    kind: str = ""
    """The protocol's name of the operation type."""
    fee: Quantity | None = None
    created: str | None = None
    """The id of the object that the operation created, if any."""

    @property
    def id(self) -> str:
        return self.location.id

    @property
    def at(self) -> datetime:
        return self.location.at


class Transfer(Operation, frozen=True, gc=False):
    sender: AccountId = field(name="from")
    recipient: AccountId = field(name="to")
    amount: Quantity
    memo: Memo | None = None


class Override(Operation, frozen=True, gc=False):
    """The issuer of an asset moved coins of another account."""

    issuer: AccountId
    sender: AccountId = field(name="from")
    recipient: AccountId = field(name="to")
    amount: Quantity


class Issue(Operation, frozen=True, gc=False):
    issuer: AccountId
    recipient: AccountId = field(name="issue_to_account")
    amount: Quantity = field(name="asset_to_issue")
    memo: Memo | None = None


class Burn(Operation, frozen=True, gc=False):
    payer: AccountId
    amount: Quantity = field(name="amount_to_reserve")


class Fill(Operation, frozen=True, gc=False):
    owner: AccountId = field(name="account_id")
    order: ObjectId = field(name="order_id")
    paid: Quantity = field(name="pays")
    received: Quantity = field(name="receives")


class ProposalCreated(Operation, frozen=True, gc=False):
    proposer: AccountId
    proposal: str | None
    expires: datetime
    inner: tuple[Operation, ...]

    def may_hold(self, done: Transfer) -> bool:
        """Return True if an executed transfer equals one that the proposal holds."""
        if not self.at <= done.at <= self.expires + MAINTENANCE:
            return False
        facts = (done.sender, done.recipient, done.amount, done.memo)
        return any(
            facts == (o.sender, o.recipient, o.amount, o.memo)
            for o in self.inner
            if isinstance(o, Transfer)
        )


def unfolded(operations: Iterable[Operation]) -> Iterator[Operation]:
    """Operations, and those that proposals among them would make, however deep."""
    for operation in operations:
        yield operation
        if isinstance(operation, ProposalCreated):
            yield from unfolded(operation.inner)


class ProposalUpdated(Operation, frozen=True, gc=False):
    payer: AccountId = field(name="fee_paying_account")
    proposal: ObjectId


class ProposalDeleted(Operation, frozen=True, gc=False):
    payer: AccountId = field(name="fee_paying_account")
    proposal: ObjectId


class TimeLock(Operation, frozen=True, gc=False):
    """A hash time-lock: the coins have left the sender and wait for the secret."""

    sender: AccountId
    recipient: AccountId
    amount: Quantity
    lock: str | None
    expires: datetime


class TimeLockRedeemed(Operation, frozen=True, gc=False):
    lock: ObjectId = field(name="htlc_id")
    sender: AccountId = field(name="from")
    recipient: AccountId = field(name="to")


class TimeLockRefunded(Operation, frozen=True, gc=False):
    lock: ObjectId = field(name="htlc_id")
    owner: AccountId = field(name="to")


class AuthorityUpdate(Operation, frozen=True, gc=False):
    """An update of an account; None for a field that was left unchanged."""

    account: AccountId
    owner: Authority | None
    active: Authority | None
    memo_key: str | None


class PermissionClaim(Operation, frozen=True, gc=False):
    """Another account took coins from the account by a withdraw permission."""

    giver: AccountId = field(name="withdraw_from_account")
    taker: AccountId = field(name="withdraw_to_account")
    amount: Quantity = field(name="amount_to_withdraw")


class Created(Operation, frozen=True, gc=False):
    """The creation of the account; no operation of it is earlier."""

    account: str
    name: str = ""
    owner: Authority | None = None
    active: Authority | None = None


class Other(Operation, frozen=True, gc=False):
    """An operation of a type that has no record of its own."""

    @property
    def readable(self) -> bool:
        return True


class Unreadable(Other, frozen=True, gc=False):
    """An operation whose JSON does not have the form that the protocol gives it."""

    @property
    def readable(self) -> bool:
        return False
