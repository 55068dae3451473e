"""The methods of a node that the service calls, each with its arguments and its answer.

No other module names a method. Sources decode each reply by `decode`, so that callers get
records.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Raw

from diag.chain.rpc import history_rows, objects
from diag.chain.rpc.call import Call, RawCall, Reply
from diag.chain.rpc.objects import DECODERS, BlockHeader, Unreadable
from diag.chain.rpc.values import Decode, decoder
from diag.domain.account_names import NAME
from diag.domain.asset import Quantity
from diag.domain.object_ids import AccountId, ObjectId
from diag.errors import Malformed


@dataclass(frozen=True, slots=True)
class Method:
    """A method of one of a node's APIs.

    decode: makes the answer from the arguments of the call and the JSON of its result. Raises
    ValueError if the result does not have the method's type.
    """

    api: str
    name: str
    decode: Callable[[tuple[Any, ...], bytes | Raw], Any]

    def call(self, *args: Any) -> Call:
        return Call(self.api, self.name, args)


def _plain(decode: Decode) -> Callable[[tuple[Any, ...], bytes | Raw], Any]:
    """Return a decoder of answers whose type does not depend on the arguments."""
    return lambda args, body: decode(body)


def _history(name: str) -> Method:
    """Return a method whose answer is a page of an account's history: `list[Operation]`, newest
    first.
    """
    return Method("history", name, _plain(history_rows.decode_page))


def _of_each(decode: Decode) -> Callable[[tuple[Any, ...], bytes | Raw], Any]:
    """Return a decoder of answers with one item for each item of the first argument."""

    def decoded(args: tuple[Any, ...], body: bytes | Raw) -> list[Any]:
        found: list[Any] = decode(body)
        if len(found) != len(args[0]):
            raise ValueError("more or fewer items than were asked for")
        return found

    return decoded


def _balances(body: bytes | Raw) -> dict[str, int]:
    return {found.asset_id: found.base_units for found in _quantities(body)}


def _headers(body: bytes | Raw) -> dict[int, BlockHeader]:
    return {number: header for number, header in _pairs(body) if header}


def _names(body: bytes | Raw) -> list[str]:
    return [name for name, _ in _name_pairs(body) if NAME.match(name)]


def _objects(args: tuple[Any, ...], body: bytes | Raw) -> list[Any]:
    """Return the objects with the ids in the first argument; one that cannot be read is
    `Unreadable`.
    """
    return [_object(identity, raw) for identity, raw in zip(args[0], _raws(body), strict=True)]


def _object(identity: str, raw: Raw) -> Any:
    if bytes(raw) == b"null":
        return None
    try:
        return DECODERS.get(identity.rpartition(".")[0], msgspec.json.decode)(raw)
    except (ValueError, RecursionError):
        return Unreadable()


_raws = decoder(list[Raw])
_quantities = decoder(list[Quantity])
_pairs = decoder(list[tuple[int, BlockHeader | None]])
_name_pairs = decoder(list[tuple[str, AccountId]])
_text = decoder(str)

CHAIN_ID = Method("database", "get_chain_id", _plain(_text))
"""() → `str`"""
OBJECTS = Method("database", "get_objects", _objects)
"""(ids) → for each a record, None if it does not exist, or `Unreadable`"""
ACCOUNTS = Method("database", "get_accounts", _of_each(objects.accounts))
"""(names or ids, subscribe) → `list[Account | None]`"""
ACCOUNT_NAMES = Method("database", "lookup_accounts", _plain(_names))
"""(lower bound, limit) → `list[str]` in order"""
ASSETS = Method("database", "lookup_asset_symbols", _of_each(objects.assets))
"""(symbols or ids) → `list[Asset | None]`"""
DESCRIPTIONS = Method("database", "get_assets", _of_each(objects.descriptions))
"""(symbols or ids) → `list[Described | None]`"""
BALANCES = Method("database", "get_account_balances", _plain(_balances))
"""(account, asset ids; none for all) → `dict[str, int]`: base units by asset id"""
ORDERS = Method("database", "get_limit_orders_by_account", _plain(objects.orders))
"""(account) → `list[Holding]`"""
VESTING = Method("database", "get_vesting_balances", _plain(objects.vesting))
"""(account) → `list[Holding]`"""
PROPOSALS = Method("database", "get_proposed_transactions", _plain(objects.proposals))
"""(account) → `list[Proposal]`: proposals that wait for the account's approval"""
TIME_LOCKS = Method("database", "get_htlc_by_from", _plain(objects.time_locks))
"""(account, first id, limit) → `list[OpenTimeLock]`"""
NEXT_ID = Method("database", "get_next_object_id", _plain(decoder(ObjectId)))
"""(space, type, with those in pending transactions) → `ObjectId`"""
HEADER = Method("database", "get_block_header", _plain(decoder(BlockHeader | None)))
"""(number) → `BlockHeader | None`"""
HEADERS = Method("database", "get_block_header_batch", _plain(_headers))
"""(numbers) → `dict[int, BlockHeader]`: the headers that exist, by number"""
TRANSACTION = Method("database", "get_transaction", _plain(decoder(dict[str, Any])))
"""(block number, position) → `dict`, in the form from which its id is computed"""
RECENT_TRANSACTION = Method(
    "database", "get_recent_transaction_by_id", _plain(decoder(dict[str, Any] | None))
)
"""(transaction id) → `dict | None`: one that has not expired yet"""
HISTORY_BY_TIME = _history("get_account_history_by_time")
"""(account, limit, newest time)"""
HISTORY_BY_ID = _history("get_account_history")
"""(account, stop, limit, start): ids above stop up to start"""
HISTORY_BY_NUMBER = _history("get_relative_account_history")
"""(account, stop, limit, start): the account's operations by their sequence numbers"""
CONFIG = Method("login", "get_config", _plain(decoder(dict[str, Any])))
"""() → `dict`: the options of the node's APIs"""

METHODS = {found.name: found for found in list(globals().values()) if isinstance(found, Method)}


def decode(call: Call, body: bytes | Raw) -> Reply:
    """Return the answer to a call, from the JSON of its result; an Unreachable if it has
    another type.
    """
    if isinstance(call, RawCall):
        return bytes(body)
    method = METHODS.get(call.method)
    try:
        return method.decode(call.args, body) if method else msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return Malformed()


def awaits_inclusion(call: Call) -> bool:
    """Return True if the call reads pending transactions (objects 2.7.x), which differ between
    nodes.
    """
    ids = call.args[0] if call.method == OBJECTS.name else ()
    return any(str(found).startswith("2.7.") for found in ids)
