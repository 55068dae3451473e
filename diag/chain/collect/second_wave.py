"""Wave 2: asks for the names, objects and histories that follow from the account's window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from diag.chain.collect import pending_transactions
from diag.chain.collect.first_wave import AROUND, FirstWave
from diag.chain.collect.known_objects import KnownObjects, may_be_deleted
from diag.chain.gateways.accounts import AccountReading, Movement, accounts_to_read
from diag.chain.history import pagination
from diag.chain.history.timeline import Pages
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Source
from diag.domain.account import Account
from diag.domain.custody_operations import OrderCancelled, OrderCreated, OrderUpdated
from diag.domain.gateway_register import Register
from diag.domain.operations import Fill, Operation
from diag.errors import ChainError

MOST_WITHDRAWALS = 8
"""How many movements of a window have their transactions read; MOST_TRANSACTIONS if the user
gave a transaction id.
"""
MOST_TRANSACTIONS = 100
_NOISE = frozenset((OrderCreated, OrderUpdated, OrderCancelled, Fill))
"""Market operations never answer a withdrawal."""


@dataclass(frozen=True, slots=True)
class SecondWave:
    """What the rows of a window show, and the calls that follow from them."""

    rows: Sequence[Operation]
    """The rows around the window, oldest first."""
    sent: Sequence[Movement]
    """The movements that the user may mean."""
    readings: Sequence[AccountReading]
    unknown: Sequence[str]
    """The ids asked for under "objects"."""
    calls: Mapping[Any, Call]


def plan(
    pages: Pages,
    first: FirstWave,
    account: Account,
    known: KnownObjects,
    register: Register,
    source: Source,
    pages_of: Callable[[str], Pages],
) -> SecondWave:
    """Plan wave 2 from the pages of the account that were read so far.

    The account's newest page is asked for once more, unless the source guarantees that its answers
    are at least as new as its head.

    pages_of: account id → what was read of the history of a gateway's account.
    """
    case, now = first.case, first.head.time
    rows = pages.between(case.start - AROUND, now)
    inside = pages.between(case.start, min(case.end, now))
    sent = _claimed(movements(inside, account.id), first)
    readings = accounts_to_read(sent, known.accounts, register, now, pages_of)
    unknown = _unknown(rows, inside, sent, first, account, known)
    calls = _details(sent, first)
    if unknown:
        calls["objects"] = methods.OBJECTS.call(unknown)
    dated = not isinstance(first.replies["until", None], ChainError)
    if not (dated and getattr(source, "fresh", False)):
        calls["newest"] = pagination.by_time(account.id, None)
    for reading in readings:
        calls |= reading.calls()
    return SecondWave(rows, sent, readings, unknown, calls)


def movements(operations: Iterable[Operation], account_id: str) -> list[Movement]:
    """Return the operations that move coins of the account to another account."""
    return [
        o
        for o in operations
        if isinstance(o, Movement) and o.sender == account_id != o.recipient
    ]


def _claimed(sent: Sequence[Movement], first: FirstWave) -> Sequence[Movement]:
    """Return the movements that fit the claimed asset and amount; all of them if none fits."""
    claimed, amount = first.claimed, first.case.amount
    fitting = [m for m in sent if claimed is None or m.amount.asset_id == claimed.id]
    base_units = claimed.base_units(amount) if claimed and amount is not None else None
    exact = [m for m in fitting if m.amount.base_units == base_units]
    return exact or fitting or sent


def _unknown(
    rows: Sequence[Operation],
    inside: Sequence[Operation],
    sent: Sequence[Movement],
    first: FirstWave,
    account: Account,
    known: KnownObjects,
) -> list[str]:
    """Return ids of accounts, assets and created objects that occur and are not known yet."""
    operations = (*([first.named] if first.named else []), *inside, *rows)
    telling = [o for o in operations if type(o) not in _NOISE]
    live = [first.replies[key] for key in ("orders", "proposals", "locks", "vesting")]
    signers = [who for who, _ in account.active.accounts]
    trades = [o for o in inside if type(o) in _NOISE]
    further = [*trades, *(found for found in live if not isinstance(found, ChainError))]
    ids, more = _named(telling), _named(further)
    people = [*(move.recipient for move in sent), *signers, *_of("1.2.", ids)]
    created = dict.fromkeys(o.created for o in telling if o.created and may_be_deleted(o))
    return known.unknown(people, _of("1.3.", [*ids, *more]), list(created))


def _named(records: object) -> list[str]:
    """Return the ids of all accounts and assets that occur in records, each once, in order."""
    found: dict[str, None] = {}
    msgspec.json.encode(records, enc_hook=found.setdefault)
    return list(found)


def _of(kind: str, ids: Iterable[str]) -> list[str]:
    return [identity for identity in dict.fromkeys(ids) if identity.startswith(kind)]


def _details(sent: Sequence[Movement], first: FirstWave) -> dict[Any, Call]:
    """Return calls for the last irreversible block, pending transactions, and the transactions
    of movements.
    """
    most = MOST_TRANSACTIONS if first.case.transaction else MOST_WITHDRAWALS
    calls: dict[Any, Call] = {"irreversible": first.head.header}
    calls |= pending_transactions.calls(first.replies)
    for move in sent[-most:]:
        place = (move.location.block, move.location.transaction)
        calls["transaction", move.id] = methods.TRANSACTION.call(*place)
    return calls
