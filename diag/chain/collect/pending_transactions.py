"""Pending transactions: a node holds them, and no block contains them yet (objects 2.7.x)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diag.chain.rpc import ops
from diag.chain.rpc.call import Call, Reply, parse_reply
from diag.chain.rpc.values import identity, when
from diag.domain.asset import Asset
from diag.domain.operations import Location, Operation, Transfer
from diag.errors import ChainError

MOST = 100

Raw = dict[str, Any]


def range_calls() -> dict[Any, Call]:
    """Calls that show the ids of pending transactions: the next id without and with the pending block."""
    return {
        "first_pending": Call("database", "get_next_object_id", (2, 7, False)),
        "after_pending": Call("database", "get_next_object_id", (2, 7, True)),
    }


def calls(told: Mapping[Any, Reply]) -> dict[Any, Call]:
    """The call for the pending transactions, under "pending"; empty where there are none.

    told: the replies to `range_calls`.
    """
    start, end = (
        parse_reply(told[key], lambda text: int(str(text).removeprefix("2.7.")))
        for key in ("first_pending", "after_pending")
    )
    if isinstance(start, ChainError) or isinstance(end, ChainError):
        return {}
    wanted = [f"2.7.{n}" for n in range(start, min(end, start + MOST))]
    return {"pending": Call("database", "get_objects", (wanted,))} if wanted else {}


def transfers(
    reply: Reply | None, sender: str, assets: Mapping[str, Asset]
) -> tuple[Transfer, ...]:
    """The sender's pending transfers, each placed at the time when its transaction expires."""
    rows = reply if isinstance(reply, list) else []
    read = [parse_reply(row, lambda raw: _operations(raw, assets)) for row in rows]
    found = (o for held in read if not isinstance(held, ChainError) for o in held)
    return tuple(o for o in found if isinstance(o, Transfer) and o.sender == sender)


def _operations(row: Raw, assets: Mapping[str, Asset]) -> tuple[Operation, ...]:
    transaction = row["trx"]
    expires = when(transaction["expiration"])
    place = Location.of(identity(row["id"]), expires)
    return ops.inner(transaction["operations"], place, assets)
