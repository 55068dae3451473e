"""Finds what took an asset out of an account. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from diag.domain.asset import Amount, Quantity
from diag.domain.custody_operations import Custody, Lock, Release, for_others
from diag.domain.evidence import Evidence, known
from diag.domain.operations import (
    Burn,
    Fill,
    Issue,
    Operation,
    Other,
    Override,
    PermissionClaim,
    TimeLock,
    TimeLockRefunded,
    Transfer,
)


@dataclass(frozen=True, slots=True)
class Outflow:
    """An operation that took base units of one asset out of the account, for good or for a time."""

    operation: Operation
    base_units: int


def taken(operation: Operation, account: str, asset: str) -> int | None:
    """Return the base units of the asset that an operation took from the balance; None if it is
    unreadable.

    Fees are included, and so are amounts that went into an order or another object on the
    chain.
    """
    moved: tuple[Quantity, ...]
    match operation:
        case Transfer() | Override() | TimeLock():
            away = operation.sender == account != operation.recipient
            moved = (operation.amount,) if away else ()
        case Burn():
            moved = (operation.amount,) if operation.payer == account else ()
        case PermissionClaim():
            moved = (operation.amount,) if operation.giver == account else ()
        case Lock():
            moved = operation.amounts if operation.owner == account else ()
        case Other(readable=readable, kind=kind) if not (readable and known(kind)):
            return None
        case _:
            moved = ()
    fee = (operation.fee,) if operation.fee else ()
    total: int = sum(max(0, a.base_units) for a in (*moved, *fee) if a.asset_id == asset)
    return total


def gained(operation: Operation, account: str, asset: str) -> int:
    """Return the base units of the asset that an operation visibly brought to the account."""
    match operation:
        case Transfer() | Override() if operation.recipient == account != operation.sender:
            came = operation.amount
        case Issue() if operation.recipient == account:
            came = operation.amount
        case Fill() if operation.owner == account:
            came = operation.received
        case PermissionClaim() if operation.taker == account:
            came = operation.amount
        case _:
            return 0
    return came.base_units if came.asset_id == asset else 0


def outflows(evidence: Evidence, asset: str, start: datetime) -> Iterator[Outflow]:
    """Yield what left the account in this asset from `start` until now and has not come back.

    Left out are fees, orders that are open or were cancelled (their sales count when they are
    filled), locks that were released, and withdrawals that were returned in full.
    """
    account = evidence.history.account
    if account is None:
        return
    operations = evidence.operations(start, evidence.now)
    over: set[str | None] = {o.holder for o in operations if isinstance(o, Release)}
    over.update(o.lock for o in operations if isinstance(o, TimeLockRefunded))
    back = {w.id for w in (*evidence.withdrawals, *evidence.candidates) if w.came_back}
    for operation in operations:
        if operation.id in back or _over(operation, over):
            continue
        units = _moved(operation, account.id, asset)
        if units > 0:
            yield Outflow(operation, units)


def took_just(
    evidence: Evidence, value: Decimal, start: datetime, end: datetime
) -> Iterator[Operation]:
    """What took exactly so much of whatever asset out of the account in that time."""
    account = evidence.history.account
    if account is None:
        return
    for operation in evidence.operations(start, end):
        for moved in _quantities(operation):
            amount = evidence.history.amount(moved)
            units = _moved(operation, account.id, moved.asset_id)
            if amount.value == value and units == moved.base_units:
                yield operation


def paid(evidence: Evidence, start: datetime, end: datetime) -> Iterator[Amount]:
    """Yield the amounts that left the account in that time for others, or were destroyed.

    Left out are trades, what the account put into an object on the chain for itself, and time
    locks, which may come back.
    """
    account = evidence.history.account
    for operation in evidence.operations(start, end) if account else ():
        kept = isinstance(operation, Fill | TimeLock) or (
            isinstance(operation, Lock) and not for_others(operation)
        )
        for moved in () if kept else _quantities(operation):
            if account and _moved(operation, account.id, moved.asset_id) == moved.base_units:
                yield evidence.history.amount(moved)


def _quantities(operation: Operation) -> tuple[Quantity, ...]:
    """What an operation moves, to or from whomever."""
    match operation:
        case Transfer() | Override() | TimeLock() | Burn() | PermissionClaim():
            return (operation.amount,)
        case Fill():
            return (operation.paid,)
        case Lock():
            return operation.amounts
        case _:
            return ()


def _over(operation: Operation, over: set[str | None]) -> bool:
    match operation:
        case TimeLock(lock=held) | Lock(holder=held):
            return held is not None and held in over
        case _:
            return False


def _moved(operation: Operation, account: str, asset: str) -> int:
    """Return the base units of the asset that left by an operation, without its fee."""
    match operation:
        case Lock(custody=Custody.ORDER):
            return 0
        case Fill(owner=owner, paid=paid):
            return paid.base_units if owner == account and paid.asset_id == asset else 0
        case _:
            fee = operation.fee
            paid_fee = fee.base_units if fee and fee.asset_id == asset else 0
            return (taken(operation, account, asset) or 0) - max(0, paid_fee)
