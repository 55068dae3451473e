"""The head of a node's chain: which chain it is, how old the head is, and whether it can be used.

The head is compared with our own clock, or with the time that the operator sets for a replayed chain
(`DIAG_CLOCK`), never with anything that the node states.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from diag.chain.rpc import methods, objects
from diag.chain.rpc.call import Call, Reply
from diag.chain.rpc.objects import GlobalProperties
from diag.domain.chain_objects import Network
from diag.domain.history import Gap, Node
from diag.errors import ChainError, Malformed, Unreachable
from diag.words import text

BLOCKS_BEHIND = 10
LEAST_BEHIND = timedelta(seconds=30)
"""A head is behind the clock if it is older than BLOCKS_BEHIND block intervals, and than this."""
MOST_AHEAD = timedelta(seconds=10)
"""A head may be this far in the future: clocks differ a little."""
ANOTHER_CHAIN = "the node serves another chain"
IMPOSSIBLE_HEAD = "the node's irreversible block lies beyond its head"
_CHAIN_ID = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Head:
    """The head of the chain according to one node."""

    node: Node
    network: Network
    block: int
    time: datetime
    irreversible: int
    age: timedelta
    """How far it is behind the clock, in whole seconds; negative if it is ahead."""
    gap: Gap | None
    """The gap to report if the head is too old, or too far ahead of the clock, to show the present."""

    @property
    def header(self) -> Call:
        """The call for the header of the last irreversible block, whose time is not in the head."""
        return methods.HEADER.call(self.irreversible)


def head_calls(names: Iterable[str]) -> dict[Any, Call]:
    """Return the calls that show the head of a node's chain, and the accounts of some names."""
    return {
        "chain_id": methods.CHAIN_ID.call(),
        "chain": methods.OBJECTS.call(["2.1.0", "2.0.0"]),
        "accounts": methods.ACCOUNTS.call(list(names), False),
    }


def read_head(
    name: str,
    replies: Mapping[Any, Reply],
    expected_chain: str | None,
    clock: Callable[[], datetime],
) -> Head | Unreachable:
    """Return the head that a node's replies to `head_calls` show, or why the node cannot be used."""
    chain: Any = replies["chain_id"]
    found: Any = replies["chain"]
    for needed in (chain, replies["accounts"], found):
        if isinstance(needed, Unreachable):
            return needed
        if isinstance(needed, ChainError):
            return Unreachable("the node refuses a basic question")
    if not _CHAIN_ID.match(chain):
        return Unreachable("the node names no chain")
    if expected_chain and chain != expected_chain:
        return Unreachable(ANOTHER_CHAIN)
    now = clock().replace(microsecond=0)
    head, properties = found[:2]
    if not isinstance(head, objects.Head) or not isinstance(properties, GlobalProperties):
        return Malformed()
    if head.last_irreversible_block_num > head.head_block_number:
        return Unreachable(IMPOSSIBLE_HEAD)
    return _head(name, objects.network(chain, head, properties), head.time, now)


def _head(name: str, network: Network, time: datetime, now: datetime) -> Head:
    """Return the head, compared with the clock."""
    age = now - time
    behind = age > max(LEAST_BEHIND, BLOCKS_BEHIND * network.interval)
    ahead = -age > MOST_AHEAD
    return Head(
        node=Node(
            name,
            network.chain_id,
            network.head_block,
            time,
            behind=age if behind else None,
            ahead=-age if ahead else None,
        ),
        network=network,
        block=network.head_block,
        time=time,
        irreversible=network.irreversible_block,
        age=age,
        gap=_gap(name, age) if behind or ahead else None,
    )


def _gap(name: str, age: timedelta) -> Gap:
    seconds = abs(int(age.total_seconds()))
    why = text("chain.reason.behind" if age > timedelta() else "chain.reason.ahead")
    return Gap(Gap.HEAD, text("chain.gap.head"), why.filled(name=name, seconds=seconds))
