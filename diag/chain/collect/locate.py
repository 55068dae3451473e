"""Finds the account and the time of an operation or transaction of which only the id is known.

Every node that has not pruned an operation has it as an object. Transactions are not objects: a
node finds only the ids of those that have not expired. The index is searched for others, and
then the recent history of the gateways' accounts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from diag.chain.collect import first_wave
from diag.chain.collect.transaction_ids import identify
from diag.chain.elasticsearch import documents
from diag.chain.elasticsearch.index import documents_in, search
from diag.chain.pool.head import head_calls
from diag.chain.pool.session import Session
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Reply, parse_reply
from diag.chain.rpc.history_rows import proposed
from diag.domain.account import Account
from diag.domain.gateway_register import Register
from diag.domain.identifier import Identifier, IdentifierKind, Located
from diag.domain.object_ids import AccountId
from diag.domain.operations import Location, Operation, ProposalCreated
from diag.errors import BadInput, ChainError

SEARCHED = timedelta(hours=36)
"""How far back the gateways' accounts are searched for a transaction."""
PAGE_SIZE = 100
MAX_PAGES = 20
"""The most pages that are searched of each account."""
_PARTIES = (
    "sender",
    "recipient",
    "payer",
    "proposer",
    "account",
    "owner",
    "taker",
    "giver",
    "issuer",
)
"""Fields of records that name an account, in order of how likely it is the user's."""
_LOOKUPS: dict[IdentifierKind, tuple[Callable[[str], Call], str]] = {
    IdentifierKind.OPERATION: (
        lambda value: methods.OBJECTS.call([value]),
        "account_history.operation_id",
    ),
    IdentifierKind.TRANSACTION: (methods.RECENT_TRANSACTION.call, "block_data.trx_id"),
}
"""Kind of id → the call that finds it on a node, and the field of the index that holds it."""


def locate(session: Session, identifier: Identifier, register: Register) -> Located:
    """Find whose account an id belongs to, and when.

    Raises BadInput if no source knows the id, and Unreachable if none answers.
    """
    names, (lookup, _) = register.account_names, _LOOKUPS[identifier.kind]
    calls = {**head_calls(names), "found": lookup(identifier.value)}
    replies = session.choose(calls, register.chain_id)
    gateways = first_wave.accounts(replies["accounts"], names)
    known = _of_node(replies["found"], session.head.time)
    operations = known or [(o, None) for o in _of_index(session, identifier)]
    if not operations and identifier.kind is IdentifierKind.TRANSACTION:
        since = session.head.time - SEARCHED
        operations = [(o, None) for o in _of_gateways(session, identifier, gateways, since)]
    for operation, body in operations:
        named = list(_accounts(operation)) or _ids(body or _body(session, operation))
        users = (account for account in named if account not in gateways)
        if account := next(users, next(iter(named), None)):
            return _located(session, identifier, account, operation.at)
    raise _unknown(identifier)


def _accounts(operation: Operation) -> Iterator[str]:
    """Yield the ids of accounts in an operation, the one that most likely asks first.

    A proposal belongs to the accounts in the operations that it proposes.
    """
    if isinstance(operation, ProposalCreated):
        for inner in operation.inner:
            yield from _accounts(inner)
    for name in _PARTIES:
        if isinstance(account := getattr(operation, name, None), AccountId):
            yield account


def _ids(body: object) -> list[str]:
    """Return the ids of accounts in the body of an operation that has no record of its own."""
    values = body.values() if isinstance(body, dict) else ()
    return [v for v in values if isinstance(v, str) and AccountId.PATTERN.match(v)]


def _body(session: Session, operation: Operation) -> object:
    """Return the body of an operation, from its transaction; None if it is in none."""
    place = operation.location
    call = methods.TRANSACTION.call(place.block, place.transaction)
    reply = None if place.virtual else session.ask({"transaction": call})["transaction"]
    body = parse_reply(reply, lambda found: found["operations"][place.position][1])
    return None if isinstance(body, ChainError) else body


def _of_node(reply: Reply, now: datetime) -> list[tuple[Operation, object]]:
    """Return the operations of the id that a node shows, with their bodies if known.

    The operations of a transaction, which may still be pending, get the present as their time.
    """
    if isinstance(reply, list):
        return [(found, None) for found in reply if isinstance(found, Operation)]
    pairs = reply.get("operations") if isinstance(reply, dict) else None
    operations = proposed(pairs, Location("", now, 0, 0, 0, True, 0))
    bodies = (pair[1:] for pair in pairs or () if isinstance(pair, list))
    return [(o, body[0] if body else {}) for o, body in zip(operations, bodies, strict=False)]


def _of_index(session: Session, identifier: Identifier) -> Iterator[Operation]:
    """Yield the operations of the id in the index, if there is one."""
    if session.index is None:
        return
    _, field = _LOOKUPS[identifier.kind]
    same = [{"term": {name: identifier.value}} for name in (f"{field}.keyword", field)]
    wanted = {"bool": {"should": same, "minimum_should_match": 1}}
    [reply] = session.index.ask(
        [search({"size": PAGE_SIZE, "query": wanted})], session.deadline
    )
    found = documents_in(reply)
    for entry in documents.entries([] if isinstance(found, ChainError) else found):
        yield entry.operation


def _of_gateways(
    session: Session, identifier: Identifier, accounts: Iterable[str], since: datetime
) -> list[Operation]:
    """Return the operations of a transaction among those of the gateways' accounts, newest first."""
    newest = dict.fromkeys(accounts, "1.11.0")
    seen: set[tuple[int, int]] = set()
    for _ in range(MAX_PAGES):
        pages = session.ask({who: _page(who, last) for who, last in newest.items()})
        newest, places = {}, defaultdict(list)
        for account, reply in pages.items():
            recent = [o for o in reply if o.at >= since] if isinstance(reply, list) else []
            for operation in recent:
                place = operation.location
                places[place.block, place.transaction].append(operation)
            if len(recent) == PAGE_SIZE:
                newest[account] = f"1.11.{recent[-1].location.number - 1}"
        calls = {p: methods.TRANSACTION.call(*p) for p in places if p not in seen}
        for found, reply in session.ask(calls).items():
            if identify(reply)[0] == identifier.value:
                return places[found]
        seen |= places.keys()
        if not newest:
            break
    return []


def _page(account: str, last: str) -> Call:
    return methods.HISTORY_BY_ID.call(account, "1.11.0", PAGE_SIZE, last)


def _located(session: Session, identifier: Identifier, account: str, time: datetime) -> Located:
    """Return the location with the name of the account, if it can be read."""
    reply = session.ask({"account": methods.OBJECTS.call([account])})["account"]
    found = reply[0] if isinstance(reply, list) else None
    return Located(identifier, found.name if isinstance(found, Account) else account, time)


def _unknown(identifier: Identifier) -> BadInput:
    if identifier.kind is IdentifierKind.OPERATION:
        return BadInput.about("operation", "request.no_operation", id=identifier.value)
    return BadInput.about("transaction", "request.no_transaction", id=identifier.value)
