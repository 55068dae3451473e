"""Wave 2: asks for the names, objects and histories that follow from the account's window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from diag.chain.collect import pending_transactions
from diag.chain.collect.first_wave import AROUND, FirstWave
from diag.chain.gateways.accounts import AccountReading, Movement, accounts_to_read
from diag.chain.history import pagination
from diag.chain.history.timeline import Pages
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Reply, Source
from diag.domain.account import Account
from diag.domain.asset import Asset
from diag.domain.gateway_register import Register
from diag.domain.history import Gap
from diag.domain.operations import (
    Fill,
    Operation,
    OrderCancelled,
    OrderCreated,
    OrderUpdated,
    TimeLock,
    Transfer,
)
from diag.errors import ChainError, Malformed, Unreachable
from diag.i18n import Text

Object = TypeVar("Object")
MOST_ACCOUNTS = 300
MOST_OBJECTS = 100
_MAY_BE_GONE = ("1.10.", "1.16.")  # proposals and time-locks are deleted when they are done


class Known:
    """Accounts, assets and objects known so far; every id is asked for once."""

    def __init__(self, accounts: Mapping[str, Account], assets: Mapping[str, Asset]) -> None:
        self.accounts, self.assets = dict(accounts), dict(assets)
        self._objects: dict[str, Any] = {}
        self._stores: dict[str, tuple[type, dict[str, Any]]] = {
            "1.2.": (Account, self.accounts),
            "1.3.": (Asset, self.assets),
        }
        self._complete = True

    def unknown(
        self, accounts: Iterable[str], assets: Iterable[str], made: Sequence[str]
    ) -> list[str]:
        """The ids to ask for, bounded; made: objects that operations created, asked for every time."""
        ids = [i for i in dict.fromkeys(accounts) if i not in self.accounts][:MOST_ACCOUNTS]
        ids += [i for i in assets if i not in self.assets][:MOST_OBJECTS]
        return ids + list(made[:MOST_OBJECTS])

    def learn(self, ids: Sequence[str], reply: Reply | None) -> Gap | None:
        """Store the objects of a reply under the ids that were asked for; returns a gap if one is missing.

        An account or asset that occurs in an operation exists. If it is missing, the reply cannot be
        trusted, and no other missing object is taken for deleted.
        """
        if not ids:
            return None
        if isinstance(reply, ChainError) or reply is None:
            return self._gap(reply or Malformed())
        for identity, found in zip(ids, reply, strict=True):
            if not self._learnt(identity, found) and not identity.startswith(_MAY_BE_GONE):
                return self._gap(Unreachable("an object that exists did not come"))
        return None

    def now(
        self, rows: Sequence[Operation], kind: str, record: type[Object]
    ) -> dict[str, Object | None]:
        """The present state of objects that operations of one kind created; None if deleted."""
        if not self._complete:
            return {}
        ids = [o.created for o in rows if o.kind == kind and _may_be_gone(o)]
        found = {i: self._objects.get(i) for i in ids if i}
        return {i: o for i, o in found.items() if o is None or isinstance(o, record)}

    def _learnt(self, identity: str, found: object) -> bool:
        """Store an object; False if it does not exist, or is not the one that was asked for."""
        kind, store = self._stores.get(identity[:4], (object, self._objects))
        if found is None or getattr(found, "id", identity) != identity:
            return False
        if isinstance(found, kind):
            store[identity] = found
        return identity in store

    def _gap(self, error: ChainError) -> Gap:
        self._complete = False
        what = Text(zh="账户名与资产信息", en="account names and assets")
        return Gap(Gap.OBJECTS, what, error.text)


def _may_be_gone(operation: Operation) -> bool:
    """True if it created a proposal or a time-lock."""
    return operation.created is not None and operation.created.startswith(_MAY_BE_GONE)


MOST_WITHDRAWALS = 8
"""Number of movements in a window whose transactions are read; MOST_TRANSACTIONS where the user gave a
transaction id."""
MOST_TRANSACTIONS = 100
_NOISE = (OrderCreated, OrderUpdated, OrderCancelled, Fill)
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
    known: Known,
    register: Register,
    source: Source,
) -> SecondWave:
    """Plan wave 2 from the pages of the account that were read so far.

    The account's newest page is asked for once more, unless the source guarantees that its answers
    are at least as new as its head.
    """
    case, now = first.case, first.head.time
    rows = pages.between(case.start - AROUND, now)
    inside = pages.between(case.start, min(case.end, now))
    sent = _claimed(movements(inside, account.id), first)
    readings = accounts_to_read(sent, known.accounts, register, now, first.seen)
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
    """The operations that move coins of the account to another account."""
    return [
        o
        for o in operations
        if isinstance(o, Transfer | TimeLock) and o.sender == account_id != o.recipient
    ]


def _claimed(sent: Sequence[Movement], first: FirstWave) -> Sequence[Movement]:
    """The movements that fit the claimed asset and amount; all of them if none fits."""
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
    known: Known,
) -> list[str]:
    """Ids of accounts, assets and created objects that occur and are not known yet."""
    shown = [*([first.named] if first.named else []), *inside, *rows]
    telling = [o for o in {o.id: o for o in shown}.values() if not isinstance(o, _NOISE)]
    live = [first.replies[key] for key in ("orders", "proposals", "locks", "vesting")]
    signers = [who for who, _ in account.active.accounts]
    trades = [o for o in inside if isinstance(o, _NOISE)]
    further = [*trades, *(found for found in live if not isinstance(found, ChainError))]
    ids, more = _named(telling), _named(further)
    people = [*(move.recipient for move in sent), *signers, *_of("1.2.", ids)]
    created = dict.fromkeys(o.created for o in telling if o.created and _may_be_gone(o))
    return known.unknown(people, _of("1.3.", [*ids, *more]), list(created))


def _named(records: object) -> list[str]:
    """The ids of all accounts and assets that occur in records, each once, in order."""
    found: dict[str, None] = {}
    msgspec.json.encode(records, enc_hook=found.setdefault)
    return list(found)


def _of(kind: str, ids: Iterable[str]) -> list[str]:
    return [identity for identity in dict.fromkeys(ids) if identity.startswith(kind)]


def _details(sent: Sequence[Movement], first: FirstWave) -> dict[Any, Call]:
    """Calls for the last irreversible block, pending transactions, and the transactions of what was sent."""
    most = MOST_TRANSACTIONS if first.case.transaction else MOST_WITHDRAWALS
    calls: dict[Any, Call] = {"irreversible": first.head.header}
    calls |= pending_transactions.calls(first.replies)
    for move in sent[-most:]:
        place = (move.location.block, move.location.transaction)
        calls["transaction", move.id] = methods.TRANSACTION.call(*place)
    return calls
