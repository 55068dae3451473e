"""Finds the account, the operation and the time behind an operation id or a transaction id.

A node finds an operation by its id for as long as it keeps it. It finds a transaction by its id
only until that expires, usually for some minutes; after that only an index can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from diag.chain.collect import first_wave
from diag.chain.elasticsearch import index as search_index
from diag.chain.elasticsearch.documents import parse_entry
from diag.chain.pool.head import head_calls
from diag.chain.pool.hedging import Patience, unmeasured
from diag.chain.pool.session import Session
from diag.chain.rpc.call import Call, Deadline, Source, parse_reply
from diag.chain.rpc.values import UNREADABLE, Raw, when
from diag.domain.gateway_register import Register

AROUND = timedelta(hours=1)
"""How far the window of a located operation reaches on both sides of it."""
_SIDES = (
    ("from", "to"),
    ("issue_to_account",),
    ("payer",),
    ("fee_paying_account",),
    ("account",),
    ("account_id",),
    ("seller",),
    ("owner",),
    ("registrar",),
    ("issuer",),
)
"""Fields of operations that name whose operation it is; of two sides, the user's is meant."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where an id leads to: an account's name, and the window in which its operation lies."""

    account: str
    start: datetime
    end: datetime
    operation: str | None = None
    transaction: str | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    body: Raw
    at: datetime | None
    """When its block was made; None for a transaction of which only the expiration is known."""
    block: int | None = None
    expires: datetime | None = None


class Locator:
    """Callable: id → Located, or None where no node and no index knows the id."""

    def __init__(
        self,
        sources: Iterable[Source],
        register: Register,
        *,
        seconds: float,
        chain_id: str | None,
        clock: Callable[[], datetime],
        index: Source | None = None,
        patience: Patience = unmeasured,
    ) -> None:
        self._session = Session(tuple(sources), Deadline(seconds), index, patience)
        self._register, self._chain_id, self._clock = register, chain_id, clock

    def __call__(self, identifier: str) -> Located | None:
        """Locate 1.11.x or the 40 hexadecimal digits of a transaction; raises Unreachable."""
        is_operation = identifier.startswith("1.11.")
        lookup = (
            Call("database", "get_objects", ([identifier],))
            if is_operation
            else Call("database", "get_recent_transaction_by_id", (identifier,))
        )
        names = sorted(self._register.account_names)
        calls: dict[Any, Call] = {**head_calls(names), "lookup": lookup}
        replies, head = first_wave.from_the_best(
            self._session, calls, self._chain_id, self._clock
        )
        read = _operation if is_operation else _transaction
        found = parse_reply(replies["lookup"], read)
        if not isinstance(found, _Found) and not is_operation:
            found = self._in_index(identifier)
        if not isinstance(found, _Found):
            return None
        gateways = frozenset(first_wave.accounts(replies["accounts"], names))
        account, at = self._name_and_time(found, gateways)
        if account is None:
            return None
        longest = head.network.longest_expiration
        earliest = at or (found.expires or head.time) - longest
        window = earliest - AROUND, min((at or head.time) + AROUND, max(head.time, earliest))
        ids = (identifier, None) if is_operation else (None, identifier)
        return Located(account, *window, *ids)

    def _name_and_time(
        self, found: _Found, gateways: frozenset[str]
    ) -> tuple[str | None, datetime | None]:
        """The name of the account that is meant, and the time of the block where it is missing."""
        person = whose(found.body, gateways)
        if person is None:
            return None, None
        calls = {"name": Call("database", "get_objects", ([person],))}
        if found.at is None and found.block is not None:
            calls["block"] = Call("database", "get_block_header", (found.block,))
        replies = self._session.ask(calls)
        name = parse_reply(replies["name"], lambda rows: str(rows[0]["name"]))
        if "block" not in calls:
            return name if isinstance(name, str) else None, found.at
        at = parse_reply(replies["block"], lambda raw: when(raw["timestamp"]))
        if not isinstance(name, str) or not isinstance(at, datetime):
            return None, None
        return name, at

    def _in_index(self, identifier: str) -> _Found | None:
        """A transaction in the index, if there is one: the index names the transaction of each entry."""
        if self._session.index is None:
            return None
        call = search_index.search(search_index.by_transaction(identifier))
        [reply] = self._session.index.ask([call], self._session.deadline)
        found = parse_reply(reply, _entry)
        return found if isinstance(found, _Found) else None


def whose(body: Mapping[str, Any], gateways: frozenset[str]) -> str | None:
    """The id of the account that an operation belongs to: of two sides, the one that is no gateway."""
    for fields in _SIDES:
        named = [str(body[field]) for field in fields if field in body]
        if named:
            return next((who for who in named if who not in gateways), named[0])
    return None


def _operation(rows: Any) -> _Found | None:
    row = rows[0]
    if row is None:
        return None
    at = when(row["block_time"]) if "block_time" in row else None
    return _Found(dict(row["op"][1]), at, int(row["block_num"]))


def _transaction(raw: Any) -> _Found | None:
    if raw is None:
        return None
    return _Found(dict(raw["operations"][0][1]), None, expires=when(raw["expiration"]))


def _entry(hits: Any) -> _Found | None:
    for hit in hits:
        try:
            row = parse_entry(hit["_source"]).row
            return _Found(dict(row["op"][1]), when(row["block_time"]))
        except UNREADABLE:
            continue
    return None
