"""What follows from an account's window: which names, objects and histories are to be asked for."""

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
_MAY_BE_GONE = ("1.10.", "1.16.")  # proposals and time-locks: deleted when they are done

Raw = dict[str, Any]


class Known:
    """Grows by what a node's answers teach; every id is asked for once."""

    def __init__(self, accounts: Mapping[str, Account], assets: Mapping[str, Asset]) -> None:
        self.accounts = dict(accounts)
        self.assets = dict(assets)
        self._objects: dict[str, Raw] = {}
        self._complete = True

    def unknown(
        self, accounts: Iterable[str], assets: Iterable[str], made: Sequence[str]
    ) -> list[str]:
        """The ids that are to be asked for, bounded; what operations made is asked for always."""
        ids = [i for i in dict.fromkeys(accounts) if i not in self.accounts][:MOST_ACCOUNTS]
        ids += [i for i in assets if i not in self.assets][:MOST_OBJECTS]
        return ids + list(made[:MOST_OBJECTS])

    @staticmethod
    def call(ids: Sequence[str]) -> dict[Any, Call]:
        """The call for these ids, if any: under "objects"."""
        return {"objects": Call("database", "get_objects", (list(ids),))} if ids else {}

    def learn(self, ids: Sequence[str], reply: Reply | None) -> Gap | None:
        """Take in what came for the ids asked for, each under its own.

        An account or asset that occurs in an operation exists: if it does not come, the answer
        is not to be relied on, and nothing else in it is called gone.
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
        """The objects that operations of one kind made: what they are now, None if gone."""
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
    """The proposal or time-lock that an operation made."""
    match row.get("result"):
        case [1, str(found)] if found.startswith(_MAY_BE_GONE):
            return {found}
        case _:
            return set()


MOST_WITHDRAWALS = 8
"""Of how many movements in a window the transactions are looked up; of more by transaction id."""
MOST_TRANSACTIONS = 100
_NOISE = frozenset({1, 2, 4, 77})  # market operations: never a withdrawal's other side
_MOVEMENTS = frozenset({0, 49})  # transfer, htlc_create

Read = Callable[[Raw], Operation]
"""A row as a typed record; raises one of `UNREADABLE`."""


@dataclass(frozen=True, slots=True)
class Following:
    """What the rows of a window make known, and the calls that ask for the rest."""

    rows: Sequence[Raw]
    """The rows around the window, oldest first."""
    sent: Sequence[Movement]
    """The movements that may be meant."""
    answerers: Sequence[AccountReading]
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
    answerers = accounts_to_read(sent, known.accounts, register, now, opened.seen)
    unknown = _unknown(rows, inside, sent, opened, account, known)
    calls = _details(sent, opened) | known.call(unknown)
    if not opened.old_node:
        if not _dated(opened, source):
            calls["newest"] = pagination.by_time(account.id, None)
        for answerer in answerers:
            calls |= answerer.calls()
    return Following(rows, sent, answerers, unknown, calls)


def movements(rows: Iterable[Raw], account_id: str, read: Read) -> list[Movement]:
    """The rows that move the account's coins to somebody else."""
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
    """Those that fit the claimed asset and amount; all of them where none does."""
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
    """The accounts, assets and made objects that occur and are not known yet."""
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
    """The last final block, what awaits inclusion, and the transactions of what was sent."""
    most = MOST_TRANSACTIONS if opened.case.transaction else MOST_WITHDRAWALS
    calls: dict[Any, Call] = {"irreversible": opened.head.header}
    calls |= pending_transactions.calls(opened.replies)
    for move in sent[-most:]:
        place = (move.location.block, move.location.transaction)
        calls["transaction", move.id] = Call("database", "get_transaction", place)
    return calls


def _dated(opened: Opening, source: Source) -> bool:
    """True if the newest page of wave 1 is there and at least as new as the head."""
    page = timeline.page_of(opened.replies["until", None])
    return page is not None and getattr(source, "fresh", False)
