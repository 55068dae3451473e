"""A survey of a node in two waves of calls: its head, version, kind of history, and limits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Any

from diag.chain.history import pagination
from diag.chain.pool.head import Head, head_calls, read_head
from diag.chain.pool.history_service import Lack, refusal
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Deadline, Reply, Source
from diag.chain.rpc.jsonrpc import unknown_method
from diag.chain.rpc.objects import GlobalProperties, Statistics
from diag.domain.account import Account
from diag.domain.operations import Operation
from diag.errors import ChainError, Unreachable

COMMITTEE = "1.2.0"
"""An account of every chain."""
MOST_PROBED = 8
DEFAULT_KEPT = 100
"""Operations per account that a node keeps by default."""
FIRST_OF_7_0 = 75
"""Number of the first operation type that versions before 7.0 do not know."""
_TICKS = (6, 10, 14, 18, 22)
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


class Version(StrEnum):
    """What can be concluded of a node's version; no node tells it."""

    BEFORE_6_1 = "before 6.1"
    ONLY_6_1 = "6.1"
    FROM_6_1 = "6.1 or later"
    FROM_7_0 = "7.0 or later"


class NodeKind(StrEnum):
    """What a node keeps of the histories of accounts."""

    FULL = "full"
    """Everything: there is no sign that anything was dropped."""
    PRUNED = "pruned"
    """The newest part of each history."""
    ELASTICSEARCH = "elasticsearch"
    """One operation per account, or none: it writes histories to an index."""
    SELECTED = "selected"
    """Histories of selected accounts only, or of none."""
    NONE = "none"
    """It refuses every question about histories."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class HeldHistory:
    """Number of operations of an account as the node counts them, and how many of them it dropped."""

    account: str
    total: int
    removed: int


@dataclass(frozen=True, slots=True)
class NodeReport:
    """What a survey of one node found; None: not known."""

    name: str
    failure: str | None = None
    """Why the node cannot be used: a short English phrase."""
    seconds: float | None = None
    """Duration of the first wave, with connecting."""
    head: Head | None = None
    version: Version | None = None
    kind: NodeKind = NodeKind.UNKNOWN
    lack: Lack | None = None
    """Why it serves no histories of accounts."""
    held: HeldHistory | None = None
    """Of the accounts surveyed: the one of which most was dropped, else the busiest."""
    page: int | None = None
    """Maximum number of operations in one answer."""
    helper_indexes: bool | None = None
    """Whether it can list proposals that wait for an account, and pending transactions."""
    landmarks: Mapping[int, str] = field(default_factory=dict)
    """Ids of irreversible blocks by number, at heights that nodes with different heads share."""

    @property
    def chain_id(self) -> str | None:
        return self.head.network.chain_id if self.head else None


def survey(
    source: Source,
    deadline: Deadline,
    *,
    clock: Callable[[], datetime],
    accounts: Sequence[str] = (),
) -> NodeReport:
    """Survey one node in two waves; accounts (names or ids) should be busy ones."""
    names = tuple(dict.fromkeys((COMMITTEE, *accounts)))
    began = time.monotonic()
    first = _wave(source, _first_calls(names), deadline)
    seconds = time.monotonic() - began
    head = read_head(source.name, first, None, clock)
    if isinstance(head, ChainError):
        return NodeReport(
            source.name, head.reason if isinstance(head, Unreachable) else head.code
        )
    found: Any = first["accounts"]
    probed = [account for account in found if account]
    ids = [account.id for account in probed]
    active = list(dict.fromkeys(who for account in probed for who in _active(account)))
    everybody = list(dict.fromkeys([*ids, *active]))
    second = _wave(source, _second_calls(ids, everybody, head.irreversible), deadline)
    totals = _counts(second["statistics"], everybody)
    counts = {who: held for who, held in totals.items() if who in ids}
    kind = _kind(second, ids, counts)
    lack = _lack(first["by_time"], second, kind, [totals[w] for w in active if w in totals])
    config = first["config"] if isinstance(first["config"], dict) else {}
    page = config.get("api_limit_get_account_history")
    helpers = config.get("has_api_helper_indexes_plugin")
    return NodeReport(
        name=source.name,
        seconds=seconds,
        head=head,
        version=_version(first | second),
        kind=_KIND_OF_LACK[lack] if lack else kind,
        lack=lack,
        held=max(counts.values(), key=lambda h: (h.removed, h.total), default=None),
        page=page if isinstance(page, int) else None,
        helper_indexes=helpers if isinstance(helpers, bool) else None,
        landmarks=_landmarks(second["landmarks"]),
    )


def survey_all(
    sources: Iterable[Source],
    seconds: float,
    *,
    clock: Callable[[], datetime],
    accounts: Sequence[str] = (),
) -> list[NodeReport]:
    """Survey all nodes at once; one that hangs does not delay the others."""
    asked, deadline = tuple(sources), Deadline(seconds)
    look = partial(survey, deadline=deadline, clock=clock, accounts=accounts)
    with ThreadPoolExecutor(max(1, len(asked))) as pool:
        return list(pool.map(look, asked))


_KIND_OF_LACK = {
    Lack.DENIED: NodeKind.NONE,
    Lack.REFUSED: NodeKind.NONE,
    Lack.OUTDATED: NodeKind.UNKNOWN,
    Lack.SELECTED: NodeKind.SELECTED,
    Lack.INDEXED: NodeKind.ELASTICSEARCH,
}


def _active(account: Account) -> tuple[str, ...]:
    """Accounts that must have a history, wherever all histories are kept: itself, and whoever
    registered it. None for one that the chain began with, which may never have done anything.
    """
    made = account.created is not None and not account.genesis
    return (account.id, account.registrar) if made else ()


def _lack(
    by_time: Reply,
    replies: Mapping[Any, Reply],
    kind: NodeKind,
    active: Sequence[HeldHistory],
) -> Lack | None:
    """Why the node serves no histories; active: what it counts for accounts that must have one."""
    asked = [
        reply
        for key, reply in replies.items()
        if isinstance(key, tuple) and key[0] in pagination.PROBES
    ]
    refused = refusal(asked, [by_time])
    if refused or kind is NodeKind.ELASTICSEARCH:
        return refused or Lack.INDEXED
    return Lack.SELECTED if any(held.total == 0 for held in active) else None


def kind_of(probes: Mapping[str, Reply], held: HeldHistory | None = None) -> NodeKind:
    """The kind of node that the replies to `pagination.probes` about one account show.

    PRUNED and ELASTICSEARCH hold for the whole node. FULL holds for this account only: a pruned node
    has the whole history of an account with few operations, too.
    """
    first, two, newest = (_rows(probes[name]) for name in ("first", "newest_two", "newest"))
    if first is None or two is None or newest is None:
        return NodeKind.UNKNOWN
    dropped = held is not None and held.removed > 0
    if not two:
        return NodeKind.ELASTICSEARCH if newest else NodeKind.UNKNOWN
    if len(two) > 1:
        return NodeKind.FULL if first and not dropped else NodeKind.PRUNED
    foreign = bool(first) and first[0].id != two[0].id
    if foreign or (held and held.total - held.removed > 1):
        return NodeKind.ELASTICSEARCH
    if dropped:
        return NodeKind.PRUNED
    return NodeKind.FULL if held and held.total == 1 and first else NodeKind.UNKNOWN


def _version(replies: Mapping[Any, Reply]) -> Version | None:
    """The version that follows from the methods and operation types that a node knows."""
    knows = [_knows(replies[name]) for name in ("config", "by_time")]
    if True not in knows:
        return Version.BEFORE_6_1 if False in knows else None
    if _new_fees(replies["chain"]):
        return Version.FROM_7_0
    told = {
        row.at > _NO_TIME
        for key, reply in replies.items()
        if isinstance(key, tuple) and key[0] == "newest"
        if _rows(replies["newest_two", key[1]]) == []
        for row in _rows(reply) or ()
    }  # read from the index, where 6.1 finds no times
    if len(told) == 1:
        return Version.FROM_7_0 if told.pop() else Version.ONLY_6_1
    return Version.FROM_6_1


def _wave(source: Source, calls: Mapping[Any, Call], deadline: Deadline) -> dict[Any, Reply]:
    return dict(zip(calls, source.ask(list(calls.values()), deadline), strict=True))


def _first_calls(names: Sequence[str]) -> dict[Any, Call]:
    return {
        **head_calls(names),
        "config": methods.CONFIG.call(),
        "by_time": pagination.by_time(COMMITTEE, None, 1),
    }


def _second_calls(
    ids: Sequence[str], everybody: Sequence[str], irreversible: int
) -> dict[Any, Call]:
    probes = {
        (name, who): call
        for who in ids[:MOST_PROBED]
        for name, call in pagination.probes(who).items()
    }
    statistics = [f"2.6.{who.rpartition('.')[2]}" for who in everybody]
    marks = [block + 1 for block in marked(irreversible - 1)]
    return {
        "statistics": methods.OBJECTS.call(statistics),
        "landmarks": methods.HEADERS.call(marks),
        **probes,
    }


def marked(block: int) -> list[int]:
    """Block numbers up to a block, at ticks of several sizes, two of each, and block 1.

    Nodes that are less than a tick apart share one of its two marks.
    """
    ends = [block >> tick << tick for tick in _TICKS]
    steps = [1 << tick for tick in _TICKS]
    both = {end - back for end, step in zip(ends, steps, strict=True) for back in (0, step)}
    return sorted({max(1, mark) for mark in both})


def _landmarks(reply: Reply) -> dict[int, str]:
    """Block ids by number, from headers: each names the block before it."""
    if isinstance(reply, ChainError):
        return {}
    return {number - 1: header.previous for number, header in reply.items()}


def _counts(reply: Reply, ids: Sequence[str]) -> dict[str, HeldHistory]:
    if isinstance(reply, ChainError):
        return {}
    return {
        who: HeldHistory(who, found.total_ops, found.removed_ops)
        for who, found in zip(ids, reply, strict=True)
        if isinstance(found, Statistics)
    }


def _kind(
    replies: Mapping[Any, Reply], ids: Sequence[str], counts: Mapping[str, HeldHistory]
) -> NodeKind:
    """The kind of node that all accounts show together."""
    kinds = {
        kind_of({name: replies[name, who] for name in pagination.PROBES}, counts.get(who))
        for who in ids[:MOST_PROBED]
    }
    if NodeKind.ELASTICSEARCH in kinds:
        return NodeKind.ELASTICSEARCH
    if NodeKind.PRUNED in kinds or any(held.removed for held in counts.values()):
        return NodeKind.PRUNED
    busy = any(held.total > DEFAULT_KEPT for held in counts.values())
    return NodeKind.FULL if NodeKind.FULL in kinds and busy else NodeKind.UNKNOWN


def _rows(reply: Reply) -> list[Operation] | None:
    """A page of a history; None if it is none."""
    return reply if isinstance(reply, list) else None


def _knows(reply: Reply) -> bool | None:
    """Whether the node has the method; None where the reply does not show it."""
    if unknown_method(reply):
        return False
    return None if isinstance(reply, ChainError) else True


def _new_fees(chain: Reply) -> bool:
    """True if the chain has fees for operations of 7.0, which an older node cannot read."""
    found = chain[1] if isinstance(chain, list) else None
    return isinstance(found, GlobalProperties) and found.newest_fee >= FIRST_OF_7_0
