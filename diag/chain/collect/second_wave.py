"""Wave 2: the names, objects and histories to ask for, as they follow from the account's window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from diag.chain.collect import pending_transactions
from diag.chain.collect.first_wave import AROUND, Opening
from diag.chain.gateways.accounts import AccountReading, Movement, accounts_to_read
from diag.chain.history import pagination, timeline
from diag.chain.history.timeline import Pages
from diag.chain.rpc import objects, values
from diag.chain.rpc.call import Call, Reply, Source, parse_reply
from diag.domain.account import Account
from diag.domain.asset import Asset
from diag.domain.gateway_register import Register
from diag.domain.history import Gap
from diag.domain.operations import Operation, TimeLock, Transfer
from diag.errors import ChainError, Unreachable
from diag.i18n import Text

MOST_ACCOUNTS = 300
MOST_OBJECTS = 100
_MAY_BE_GONE = ("1.10.", "1.16.")  # proposals and time-locks are deleted when they are done

Raw = dict[str, Any]


class Known:
    """Accounts, assets and objects known so far; every id is asked for once."""

    def __init__(self, accounts: Mapping[str, Account], assets: Mapping[str, Asset]) -> None:
        self.accounts = dict(accounts)
        self.assets = dict(assets)
        self._objects: dict[str, Raw] = {}
        self._complete = True

    def unknown(
        self, accounts: Iterable[str], assets: Iterable[str], made: Sequence[str]
    ) -> list[str]:
        """The ids to ask for, bounded; made: objects that operations created, asked for every time."""
        ids = [i for i in dict.fromkeys(accounts) if i not in self.accounts][:MOST_ACCOUNTS]
        ids += [i for i in assets if i not in self.assets][:MOST_OBJECTS]
        return ids + list(made[:MOST_OBJECTS])

    @staticmethod
    def call(ids: Sequence[str]) -> dict[Any, Call]:
        """The call for these ids, under "objects"; empty without ids."""
        return {"objects": Call("database", "get_objects", (list(ids),))} if ids else {}

    def learn(self, ids: Sequence[str], reply: Reply | None) -> Gap | None:
        """Store the objects of a reply under the ids that were asked for; returns a gap if one is missing.

        An account or asset that occurs in an operation exists. If it is missing, the reply cannot be
        trusted, and no other missing object is taken for deleted.
        """
        if not ids:
            return None
        rows = parse_reply(reply, lambda given: list(zip(ids, given, strict=True)))
        if isinstance(rows, ChainError):
            return self._gap(rows)
        for identity, row in rows:
            if not self._learnt(identity, row) and not identity.startswith(_MAY_BE_GONE):
                return self._gap(Unreachable("an object that exists did not come"))
        return None

    def now(
        self, rows: Sequence[Raw], number: int, read: Callable[[Raw], Any]
    ) -> dict[str, Any]:
        """The present state of objects that operations of one kind created; None if deleted."""
        if not self._complete:
            return {}
        ids = [identity for row in rows if row["op"][0] == number for identity in made(row)]
        found = {
            i: parse_reply(self._objects[i], read) if i in self._objects else None for i in ids
        }
        return {i: value for i, value in found.items() if not isinstance(value, ChainError)}

    def _learnt(self, identity: str, row: object) -> bool:
        if not isinstance(row, dict) or row.get("id") != identity:
            return False
        if identity.startswith("1.2."):
            account = parse_reply(row, objects.account)
            if isinstance(account, Account):
                self.accounts[identity] = account
            return isinstance(account, Account)
        if identity.startswith("1.3."):
            asset = parse_reply(row, values.asset)
            if isinstance(asset, Asset):
                self.assets[identity] = asset
            return isinstance(asset, Asset)
        self._objects[identity] = row
        return True

    def _gap(self, error: ChainError) -> Gap:
        self._complete = False
        what = Text(zh="账户名与资产信息", en="account names and assets")
        return Gap(Gap.OBJECTS, what, error.text)


def made(row: Raw) -> set[str]:
    """The id of the proposal or time-lock that an operation created, if any."""
    match row.get("result"):
        case [1, str(found)] if found.startswith(_MAY_BE_GONE):
            return {found}
        case _:
            return set()


MOST_WITHDRAWALS = 8
"""Number of movements in a window whose transactions are read; MOST_TRANSACTIONS where the user gave a
transaction id."""
MOST_TRANSACTIONS = 100
_NOISE = frozenset({1, 2, 4, 77})  # market operations never answer a withdrawal
_MOVEMENTS = frozenset({0, 49})  # transfer, htlc_create

Read = Callable[[Raw], Operation]
"""Parses a row; raises one of `UNREADABLE`."""


@dataclass(frozen=True, slots=True)
class Following:
    """What the rows of a window show, and the calls of wave 2."""

    rows: Sequence[Raw]
    """The rows around the window, oldest first."""
    sent: Sequence[Movement]
    """The movements that the user may mean."""
    answerers: Sequence[AccountReading]
    unknown: Sequence[str]
    """The ids asked for under "objects"."""
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
    """What follows from the pages of the account that were read so far.

    The account's newest page is asked for once more, unless the source guarantees that its answers
    are at least as new as its head.
    """
    case, now = opened.case, opened.head.time
    rows = pages.between(case.start - AROUND, now)
    inside = pages.between(case.start, min(case.end, now))
    sent = _claimed(movements(inside, account.id, read), opened)
    answerers = accounts_to_read(sent, known.accounts, register, now, opened.seen)
    unknown = _unknown(rows, inside, sent, opened, account, known)
    calls = _details(sent, opened) | known.call(unknown)
    if not _dated(opened, source):
        calls["newest"] = pagination.by_time(account.id, None)
    for answerer in answerers:
        calls |= answerer.calls()
    return Following(rows, sent, answerers, unknown, calls)


def movements(rows: Iterable[Raw], account_id: str, read: Read) -> list[Movement]:
    """The rows that move coins of the account to another account."""
    mine = (
        row
        for row in rows
        if row["op"][0] in _MOVEMENTS and row["op"][1].get("from") == account_id
    )
    found = (parse_reply(row, read) for row in mine)
    return [
        move
        for move in found
        if isinstance(move, Transfer | TimeLock) and move.recipient != account_id
    ]


def _claimed(sent: Sequence[Movement], opened: Opening) -> Sequence[Movement]:
    """The movements that fit the claimed asset and amount; all of them if none fits."""
    claimed, amount = opened.claimed, opened.case.amount
    fitting = [m for m in sent if claimed is None or m.amount.asset.id == claimed.id]
    base_units = claimed.base_units(amount) if claimed and amount is not None else None
    exact = [m for m in fitting if m.amount.base_units == base_units]
    return exact or fitting or sent


def _unknown(
    rows: Sequence[Raw],
    inside: Sequence[Raw],
    sent: Sequence[Movement],
    opened: Opening,
    account: Account,
    known: Known,
) -> list[str]:
    """Ids of accounts, assets and created objects that occur and are not known yet."""
    named: Sequence[Raw] = timeline.page_of(opened.replies.get("operation")) or []
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


def _details(sent: Sequence[Movement], opened: Opening) -> dict[Any, Call]:
    """Calls for the last irreversible block, pending transactions, and the transactions of what was sent."""
    most = MOST_TRANSACTIONS if opened.case.transaction else MOST_WITHDRAWALS
    calls: dict[Any, Call] = {"irreversible": opened.head.header}
    calls |= pending_transactions.calls(opened.replies)
    for move in sent[-most:]:
        place = (move.location.block, move.location.transaction)
        calls["transaction", move.id] = Call("database", "get_transaction", place)
    return calls


def _dated(opened: Opening, source: Source) -> bool:
    """True if wave 1 brought the newest page, and it is at least as new as the head."""
    page = timeline.page_of(opened.replies["until", None])
    return page is not None and getattr(source, "fresh", False)
