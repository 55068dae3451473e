"""What follows from an account's window: which names, objects and histories are to be asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from diag.chain import answering, held, history, values
from diag.chain.answering import Answering, Move
from diag.chain.history import Pages
from diag.chain.inquiry import understood
from diag.chain.known import Known, made
from diag.chain.opening import AROUND, Opening
from diag.chain.source import Call, Source
from diag.errors import ChainError
from diag.gateways import Register
from diag.records import Account, Operation, TimeLock, Transfer

MOST_WITHDRAWALS = 8
"""Of how many movements in a window the transactions are looked up; of more by transaction id."""
MOST_TRANSACTIONS = 100
_NOISE = frozenset({1, 2, 4, 77})  # market operations: never a withdrawal's other side
_MOVEMENTS = frozenset({0, 49})  # transfer, htlc_create

Raw = dict[str, Any]
Read = Callable[[Raw], Operation]
"""A row as a typed record; raises one of `UNREADABLE`."""


@dataclass(frozen=True, slots=True)
class Following:
    """What the rows of a window make known, and the calls that ask for the rest."""

    rows: Sequence[Raw]
    """The rows around the window, oldest first."""
    sent: Sequence[Move]
    """The movements that may be meant."""
    answerers: Sequence[Answering]
    unknown: Sequence[str]
    """The ids that are asked for."""
    calls: Mapping[Any, Call]


def of(
    pages: Pages,
    opened: Opening,
    account: Account,
    known: Known,
    register: Register,
    source: Source,
    read: Read,
) -> Following:
    """What follows from the pages of the account, as far as they are there.

    The account's newest page is asked for once more, unless the source says that its answers are at
    least as new as its head.
    """
    case, now = opened.case, opened.head.time
    rows = pages.between(case.start - AROUND, now)
    inside = pages.between(case.start, min(case.end, now))
    sent = _claimed(movements(inside, account.id, read), opened)
    answerers = answering.accounts(sent, known.accounts, register, now, opened.seen)
    unknown = _unknown(rows, inside, sent, opened, account, known)
    calls = _details(sent, opened) | known.call(unknown)
    if not opened.old_node:
        if not _dated(opened, source):
            calls["newest"] = history.by_time(account.id, None)
        for answerer in answerers:
            calls |= answerer.calls()
    return Following(rows, sent, answerers, unknown, calls)


def movements(rows: Iterable[Raw], account_id: str, read: Read) -> list[Move]:
    """The rows that move the account's coins to somebody else."""
    mine = (
        row
        for row in rows
        if row["op"][0] in _MOVEMENTS and row["op"][1].get("from") == account_id
    )
    found = (understood(row, read) for row in mine)
    return [
        move
        for move in found
        if isinstance(move, Transfer | TimeLock) and move.recipient != account_id
    ]


def _claimed(sent: Sequence[Move], opened: Opening) -> Sequence[Move]:
    """Those that fit the claimed asset and amount; all of them where none does."""
    claimed, amount = opened.claimed, opened.case.amount
    fitting = [m for m in sent if claimed is None or m.amount.asset.id == claimed.id]
    units = claimed.units(amount) if claimed and amount is not None else None
    exact = [m for m in fitting if m.amount.units == units]
    return exact or fitting or sent


def _unknown(
    rows: Sequence[Raw],
    inside: Sequence[Raw],
    sent: Sequence[Move],
    opened: Opening,
    account: Account,
    known: Known,
) -> list[str]:
    """The accounts, assets and made objects that occur and are not known yet."""
    named: Sequence[Raw] = history.rows_of(opened.replies.get("operation")) or []
    ordered = {row["id"]: row for row in [*named, *inside, *rows]}.values()
    telling = [row for row in ordered if row["op"][0] not in _NOISE]
    live = [opened.replies[key] for key in ("orders", "proposals", "locks", "vesting")]
    signers = [who for who, _ in account.active.accounts]
    trades = [row for row in inside if row["op"][0] in _NOISE]
    further = [*trades, *(raw for raw in live if not isinstance(raw, ChainError))]
    ids, more = values.ids_in(telling), values.ids_in(further)
    people = [*(move.recipient for move in sent), *signers, *_of("1.2.", ids)]
    objects = dict.fromkeys(chain.from_iterable(map(made, telling)))
    return known.unknown(people, _of("1.3.", [*ids, *more]), list(objects))


def _of(kind: str, ids: Iterable[str]) -> list[str]:
    return [identity for identity in dict.fromkeys(ids) if identity.startswith(kind)]


def _details(sent: Sequence[Move], opened: Opening) -> dict[Any, Call]:
    """The last final block, what awaits inclusion, and the transactions of what was sent."""
    most = MOST_TRANSACTIONS if opened.case.transaction else MOST_WITHDRAWALS
    calls: dict[Any, Call] = {"irreversible": opened.head.header}
    calls |= held.calls(opened.replies)
    for move in sent[-most:]:
        place = (move.place.block, move.place.transaction)
        calls["transaction", move.id] = Call("database", "get_transaction", place)
    return calls


def _dated(opened: Opening, source: Source) -> bool:
    """True if the newest page of wave 1 is there and at least as new as the head."""
    page = history.rows_of(opened.replies["until", None])
    return page is not None and getattr(source, "dated", False)
