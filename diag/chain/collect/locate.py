"""Finds the account and the time of an operation or transaction of which only the id is known.

An operation is an object of every node that has not pruned it. A transaction is not: a node finds
only the ids of transactions that have not expired, so the index is searched, and then the recent
history of the gateways' accounts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from diag.chain.collect import first_wave
from diag.chain.collect.transaction_ids import identify
from diag.chain.elasticsearch import documents
from diag.chain.elasticsearch.index import search
from diag.chain.pool.head import head_calls
from diag.chain.pool.session import Session
from diag.chain.rpc.call import Call, Reply, parse_reply
from diag.chain.rpc.values import when
from diag.domain.gateway_register import Register
from diag.domain.identifier import Identifier, IdentifierKind, Located
from diag.errors import BadInput, ChainError

SEARCHED = timedelta(hours=36)
"""How far back the gateways' accounts are searched for a transaction."""
PAGE_SIZE = 100
MAX_PAGES = 20
"""Pages of each account that are searched at most."""
_ACCOUNT_ID = re.compile(r"1\.2\.[0-9]+\Z")
_PARTIES = (
    "from",
    "to",
    "issue_to_account",
    "payer",
    "fee_paying_account",
    "account",
    "seller",
)
"""Fields of operations that name an account, the one that most likely asks first."""
_INDEXED = {
    IdentifierKind.OPERATION: "account_history.operation_id",
    IdentifierKind.TRANSACTION: "block_data.trx_id",
}

Row = Mapping[str, Any]


def locate(
    session: Session,
    identifier: Identifier,
    register: Register,
    chain_id: str | None,
    clock: Callable[[], datetime],
) -> Located:
    """Find whose account an id belongs to, and when.

    Raises BadInput if no source knows the id, and Unreachable if none answers.
    """
    names = register.account_names
    calls = {**head_calls(names), "found": _call(identifier)}
    replies, head = first_wave.from_the_best(session, calls, chain_id, clock, register.chain_id)
    gateways = first_wave.accounts(replies["accounts"], names)
    rows = _of_node(replies["found"]) or list(_of_index(session, identifier))
    if not rows and identifier.kind is IdentifierKind.TRANSACTION:
        rows = _of_gateways(session, identifier, gateways, head.time - SEARCHED)
    for row in rows:
        account = party(row["op"][1], frozenset(gateways))
        if account:
            return _located(session, identifier, row, account, head.time)
    raise _unknown(identifier)


def party(body: object, gateways: frozenset[str]) -> str | None:
    """The id of the account whose operation it is: of several the one that is no gateway's.

    A proposal belongs to the accounts in the operations that it proposes.
    """
    named = list(_accounts(body))
    return next(
        (account for account in named if account not in gateways), next(iter(named), None)
    )


def _accounts(body: object) -> Iterator[str]:
    """The ids of accounts in an operation, the one that most likely asks first."""
    if not isinstance(body, Mapping):
        return
    proposed = body.get("proposed_ops")
    for item in proposed if isinstance(proposed, list) else ():
        inner = parse_reply(item, lambda found: found["op"][1])
        yield from _accounts(inner)
    others = (name for name in body if name not in _PARTIES)
    for value in (body.get(name) for name in (*_PARTIES, *others)):
        if isinstance(value, str) and _ACCOUNT_ID.match(value):
            yield value


def _call(identifier: Identifier) -> Call:
    if identifier.kind is IdentifierKind.OPERATION:
        return Call("database", "get_objects", ([identifier.value],))
    return Call("database", "get_recent_transaction_by_id", (identifier.value,))


def _of_node(reply: Reply) -> list[Row]:
    """The operations in the reply to `_call`: a list of objects, or a transaction."""

    def read(found: Any) -> list[Row]:
        if isinstance(found, list):
            return [row for row in found if row is not None and row["op"][1]]
        return [{"op": [kind, body]} for kind, body in found["operations"]] if found else []

    rows = parse_reply(reply, read)
    return [] if isinstance(rows, ChainError) else rows


def _of_index(session: Session, identifier: Identifier) -> Iterator[Row]:
    """The operations of the id in the index, if there is one."""
    if session.index is None:
        return
    field = _INDEXED[identifier.kind]
    same = [{"term": {name: identifier.value}} for name in (f"{field}.keyword", field)]
    wanted = {"bool": {"should": same, "minimum_should_match": 1}}
    [reply] = session.index.ask(
        [search({"size": PAGE_SIZE, "query": wanted})], session.deadline
    )
    hits = parse_reply(reply, lambda found: [hit["_source"] for hit in found])
    for document in [] if isinstance(hits, ChainError) else hits:
        entry = parse_reply(document, documents.parse_entry)
        if not isinstance(entry, ChainError):
            yield entry.row


def _of_gateways(
    session: Session, identifier: Identifier, accounts: Iterable[str], since: datetime
) -> list[Row]:
    """The operations of a transaction among those of the gateways' accounts, newest first."""
    newest = dict.fromkeys(accounts, "1.11.0")
    seen: set[tuple[int, int]] = set()
    for _ in range(MAX_PAGES):
        pages = session.ask({account: _page(account, last) for account, last in newest.items()})
        newest, places = {}, defaultdict(list)
        for account, reply in pages.items():
            rows = parse_reply(
                reply, lambda found: [row for row in found if _time(row) >= since]
            )
            for row in [] if isinstance(rows, ChainError) else rows:
                places[int(row["block_num"]), int(row["trx_in_block"])].append(row)
            if not isinstance(rows, ChainError) and len(rows) == PAGE_SIZE:
                newest[account] = f"1.11.{int(str(rows[-1]['id'])[5:]) - 1}"
        calls = {p: Call("database", "get_transaction", p) for p in places if p not in seen}
        for place, reply in session.ask(calls).items():
            if identify(reply)[0] == identifier.value:
                return places[place]
        seen |= places.keys()
        if not newest:
            break
    return []


def _page(account: str, last: str) -> Call:
    return Call("history", "get_account_history", (account, "1.11.0", PAGE_SIZE, last))


def _time(row: Row) -> datetime:
    return when(row["block_time"])


def _located(
    session: Session, identifier: Identifier, row: Row, account: str, now: datetime
) -> Located:
    """With the name of the account, and the time of the operation; one not in a block has now."""
    calls = {"account": Call("database", "get_objects", ([account],))}
    if "block_time" not in row and "block_num" in row:
        calls["header"] = Call("database", "get_block_header", (int(row["block_num"]),))
    replies = session.ask(calls)
    name = parse_reply(replies["account"], lambda found: str(found[0]["name"]))
    time = parse_reply(row.get("block_time"), when) if "block_time" in row else None
    if "header" in replies:
        time = parse_reply(replies["header"], lambda found: when(found["timestamp"]))
    return Located(
        identifier,
        account if isinstance(name, ChainError) else name,
        time if isinstance(time, datetime) else now,
    )


def _unknown(identifier: Identifier) -> BadInput:
    if identifier.kind is IdentifierKind.OPERATION:
        return BadInput.of(
            "operation",
            f"没有找到操作 {identifier.value}：编号有误，或节点已不保留它。请核对编号，或另填账户和时间。",
            f"Operation {identifier.value} was not found: the id is wrong, or the node no longer "
            "keeps it. Check the id, or give the account and a time.",
        )
    return BadInput.of(
        "transaction",
        f"没有找到交易 {identifier.value}：它不在节点能按编号查到的最近交易里，也不在各网关近期的记录里。"
        "请核对编号，或另填账户和时间。",
        f"Transaction {identifier.value} was not found, neither among the recent ones that a node "
        "finds by their id nor in the gateways' recent history. Check the id, or give the account "
        "and a time.",
    )
