"""What a source shows of itself before anything else: its chain, its head, and whether it is fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from diag.chain.rpc import objects, values
from diag.chain.rpc.call import Call, Reply, parse_reply
from diag.domain.asset import MAIN_NETWORK
from diag.domain.chain_objects import Network
from diag.domain.history import Gap, Node
from diag.errors import ChainError, Unreachable
from diag.i18n import Text

STALE_BLOCKS = 10
LEAST_STALE = timedelta(seconds=30)
_REPLAY = re.compile(r"diag-replay now=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z\Z")
ANOTHER_CHAIN = "the node serves another chain"
_CHAIN_ID = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Head:
    """The source that was chosen, and the chain as it shows it."""

    node: Node
    network: Network
    block: int
    time: datetime
    irreversible: int
    age: timedelta
    """How far it stands behind the clock; below zero where it is ahead."""
    stale: Gap | None

    @property
    def location(self) -> tuple[int, datetime]:
        return self.block, self.time

    @property
    def header(self) -> Call:
        """The header of the last irreversible block: its time is not in the head."""
        return Call("database", "get_block_header", (self.irreversible,))


def head_calls(names: Sequence[str]) -> dict[Any, Call]:
    """What tells the head of the chain and whether the source is fit, and some accounts."""
    return {
        "chain_id": Call("database", "get_chain_id"),
        "chain": Call("database", "get_objects", (["2.1.0", "2.0.0"],)),
        "info": Call("login", "get_info"),
        "accounts": Call("database", "get_accounts", (list(names), False)),
    }


def read_head(
    name: str,
    replies: Mapping[Any, Reply],
    expected_chain: str | None,
    clock: Callable[[], datetime],
) -> Head | ChainError:
    """Is this source usable: it tells its head, is of the right chain, and knows accounts."""
    chain = replies["chain_id"]
    for needed in (chain, replies["accounts"], replies["chain"]):
        if isinstance(needed, Unreachable):
            return needed
        if isinstance(needed, ChainError):
            return Unreachable("the node refuses a basic question")
    if not isinstance(chain, str) or not _CHAIN_ID.match(chain):
        return Unreachable("the node names no chain")
    if expected_chain and chain != expected_chain:
        return Unreachable(ANOTHER_CHAIN)
    now = clock() if chain == MAIN_NETWORK else _now(replies["info"], clock)
    return parse_reply(
        replies["chain"], lambda found: _head(name, str(chain), found[0], found[1], now)
    )


def _now(info: Reply, clock: Callable[[], datetime]) -> datetime:
    """The wall clock, or that of a recorded chain: it stands still, and the node says so."""
    declared = _REPLAY.match(info) if isinstance(info, str) else None
    now = parse_reply(declared[1], values.when) if declared else clock()
    return now if isinstance(now, datetime) else clock()


def _head(
    name: str, chain_id: str, dynamic: values.Raw, fixed: values.Raw, now: datetime
) -> Head:
    network = objects.network(chain_id, dynamic, fixed)
    time = values.when(dynamic["time"])
    behind = now - time
    late = behind > max(LEAST_STALE, STALE_BLOCKS * network.interval)
    node = Node(name, chain_id, network.head_block, time, behind if late else None)
    return Head(
        node=node,
        network=network,
        block=network.head_block,
        time=time,
        irreversible=network.irreversible_block,
        age=behind,
        stale=_stale(name, behind) if late else None,
    )


def _stale(name: str, behind: timedelta) -> Gap:
    seconds = int(behind.total_seconds())
    return Gap(
        Gap.HEAD,
        Text(zh="最新区块", en="the newest blocks"),
        Text.literal(f"节点 {name} 落后 {seconds} 秒", f"node {name} is {seconds} s behind"),
    )
