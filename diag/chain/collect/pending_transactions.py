"""Pending transactions: a node holds them, and no block contains them yet (objects 2.7.x)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Reply
from diag.chain.rpc.objects import PendingTransaction
from diag.domain.object_ids import instance
from diag.domain.operations import Transfer

MOST = 100


def range_calls() -> dict[Any, Call]:
    """Return calls that show the ids of pending transactions: the next id without and with them."""
    return {
        "first_pending": methods.NEXT_ID.call(2, 7, False),
        "after_pending": methods.NEXT_ID.call(2, 7, True),
    }


def calls(replies: Mapping[Any, Reply]) -> dict[Any, Call]:
    """Return the call for the pending transactions, under "pending"; empty if there are none.

    replies: to `range_calls`.
    """
    start, end = (_number(replies[key]) for key in ("first_pending", "after_pending"))
    if start is None or end is None:
        return {}
    wanted = [f"2.7.{n}" for n in range(start, min(end, start + MOST))]
    return {"pending": methods.OBJECTS.call(wanted)} if wanted else {}


def transfers(reply: Reply | None, sender: str) -> tuple[Transfer, ...]:
    """Return the sender's pending transfers, each with the expiration of its transaction as its
    time.
    """
    found = reply if isinstance(reply, list) else []
    held = (one for one in found if isinstance(one, PendingTransaction))
    return tuple(move for one in held for move in one.transfers if move.sender == sender)


def _number(next_id: Reply) -> int | None:
    if not isinstance(next_id, str) or not next_id.startswith("2.7."):
        return None
    return instance(next_id)
