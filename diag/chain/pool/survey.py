"""A survey of a node in two waves of calls: its head, version, kind of history, and limits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from diag.chain.history import pagination
from diag.chain.history.pagination import PROBES
from diag.chain.pool.head import Head, head_calls, read_head
from diag.chain.pool.history_service import Lack, NodeKind, kind_of, refusal
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Deadline, Reply, Source
from diag.chain.rpc.jsonrpc import unknown_method
from diag.chain.rpc.objects import Statistics
from diag.domain.account import Account
from diag.errors import ChainError, Unreachable

Option = TypeVar("Option", int, bool)
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
    """The version of a node, concluded from its answers, because nodes do not state it."""

    BEFORE_6_1 = "before 6.1"
    ONLY_6_1 = "6.1"
    FROM_6_1 = "6.1 or later"
    FROM_7_0 = "7.0 or later"


@dataclass(frozen=True, slots=True)
class NodeReport:
    """What a survey of one node found; None means not known."""

    name: str
    failure: str | None = None
    """Why the node cannot be used: a short English phrase."""
    seconds: float | None = None
    """Duration of the first wave in seconds, with connecting."""
    head: Head | None = None
    version: Version | None = None
    kind: NodeKind = NodeKind.UNKNOWN
    lack: Lack | None = None
    """Why it serves no histories of accounts."""
    most_removed: tuple[str, int] = ("", 0)
    """Of the surveyed accounts, the one of which the node dropped most operations, and how many."""
    page: int | None = None
    """Maximum number of operations in one answer."""
    helper_indexes: bool | None = None
    """Whether it can list proposals that wait for an account, and pending transactions."""
    landmarks: Mapping[int, str] = field(default_factory=dict)
    """Ids of irreversible blocks by number, at heights that nodes with different heads share."""

    @property
    def chain_id(self) -> str | None:
        return self.head.network.chain_id if self.head else None


def survey_all(
    sources: Iterable[Source],
    seconds: float,
    *,
    clock: Callable[[], datetime],
    accounts: Sequence[str] = (),
) -> list[NodeReport]:
    """Survey all nodes at once; one that hangs does not delay the others."""
    nodes, deadline = tuple(sources), Deadline(seconds)
    look = partial(survey, deadline=deadline, clock=clock, accounts=accounts)
    with ThreadPoolExecutor(max(1, len(nodes))) as pool:
        return list(pool.map(look, nodes))


def survey(
    source: Source,
    deadline: Deadline,
    *,
    clock: Callable[[], datetime],
    accounts: Sequence[str] = (),
) -> NodeReport:
    """Survey one node in two waves; accounts (names or ids) should be busy ones."""
    began = time.monotonic()
    first = _wave(source, _first_calls(dict.fromkeys((COMMITTEE, *accounts))), deadline)
    seconds = time.monotonic() - began
    head = read_head(source.name, first, None, clock)
    if isinstance(head, Unreachable):
        return NodeReport(source.name, head.reason)
    found: Any = first["accounts"]
    known = [account for account in found if account]
    active = [who for account in known for who in _active(account)]
    probed = [account.id for account in known][:MOST_PROBED]
    everybody = list(dict.fromkeys([*(account.id for account in known), *active]))
    second = _wave(source, _second_calls(probed, everybody, head.irreversible), deadline)
    counts = _counts(everybody, second["statistics"])
    held = {account.id: counts[account.id] for account in known if account.id in counts}
    probes = {who: {probe: second[probe, who] for probe in PROBES} for who in probed}
    kind = _kind(probes, held)
    lack = refusal((r for each in probes.values() for r in each.values()), [first["by_time"]])
    if lack is None and kind is NodeKind.ELASTICSEARCH:
        lack = Lack.INDEXED
    if lack is None and any(counts[who].total_ops == 0 for who in active if who in counts):
        lack = Lack.SELECTED
    account, count = max(
        held.items(), key=lambda each: each[1].removed_ops, default=("", Statistics(0, 0))
    )
    return NodeReport(
        name=source.name,
        seconds=seconds,
        head=head,
        version=_version(first, probes.values()),
        kind=_KIND_OF_LACK[lack] if lack else kind,
        lack=lack,
        most_removed=(account, count.removed_ops),
        page=_option(first["config"], "api_limit_get_account_history", int),
        helper_indexes=_option(first["config"], "has_api_helper_indexes_plugin", bool),
        landmarks=_landmarks(second["landmarks"]),
    )


_KIND_OF_LACK = {
    Lack.DENIED: NodeKind.NONE,
    Lack.REFUSED: NodeKind.NONE,
    Lack.OUTDATED: NodeKind.UNKNOWN,
    Lack.SELECTED: NodeKind.SELECTED,
    Lack.INDEXED: NodeKind.ELASTICSEARCH,
}


def _option(config: Reply, name: str, kind: type[Option]) -> Option | None:
    """Return an option of the node's APIs; None if the node does not report it."""
    found = config.get(name) if isinstance(config, dict) else None
    return found if isinstance(found, kind) else None


def _active(account: Account) -> tuple[str, ...]:
    """Return the accounts that have at least one operation because this one exists: itself and
    its registrar.

    Empty if it exists since genesis, because nobody had to create it.
    """
    made = account.created is not None and not account.genesis
    return (account.id, account.registrar) if made else ()


def _version(
    first: Mapping[Any, Reply], probes: Iterable[Mapping[Any, Reply]]
) -> Version | None:
    """Return the version, concluded from the methods and operation types that the node knows."""
    of_6_1 = first["config"], first["by_time"]
    if all(isinstance(reply, ChainError) for reply in of_6_1):
        return Version.BEFORE_6_1 if any(map(unknown_method, of_6_1)) else None
    chain: Any = first["chain"]
    if chain[1].newest_fee >= FIRST_OF_7_0:  # an older node cannot read fees of 7.0
        return Version.FROM_7_0
    # these rows are read from the index, in which 6.1 finds no times
    with_times = {
        row.at > _NO_TIME
        for replies in probes
        if replies["newest_two"] == [] and isinstance(replies["newest"], list)
        for row in replies["newest"]
    }
    if len(with_times) == 1:
        return Version.FROM_7_0 if with_times.pop() else Version.ONLY_6_1
    return Version.FROM_6_1


def _wave(source: Source, calls: Mapping[Any, Call], deadline: Deadline) -> dict[Any, Reply]:
    return dict(zip(calls, source.ask(list(calls.values()), deadline), strict=True))


def _first_calls(names: Iterable[str]) -> dict[Any, Call]:
    return {
        **head_calls(names),
        "config": methods.CONFIG.call(),
        "by_time": pagination.by_time(COMMITTEE, None, 1),
    }


def _second_calls(
    probed: Iterable[str], everybody: Iterable[str], irreversible: int
) -> dict[Any, Call]:
    statistics = [f"2.6.{who.rpartition('.')[2]}" for who in everybody]
    marks = [block + 1 for block in marked(irreversible - 1)]
    return {
        "statistics": methods.OBJECTS.call(statistics),
        "landmarks": methods.HEADERS.call(marks),
        **{
            (name, who): call for who in probed for name, call in pagination.probes(who).items()
        },
    }


def marked(block: int) -> list[int]:
    """Return block numbers up to a block: the last two multiples of several powers of two, and block 1.

    Two nodes whose heads are less than such a power apart share one of its two multiples.
    """
    ends = [(block >> tick << tick, 1 << tick) for tick in _TICKS]
    return sorted({max(1, end - back) for end, step in ends for back in (0, step)})


def _landmarks(reply: Reply) -> dict[int, str]:
    """Return block ids by number; a header names the id of the block before it."""
    if isinstance(reply, ChainError):
        return {}
    return {number - 1: header.previous for number, header in reply.items()}


def _counts(ids: Sequence[str], reply: Reply) -> dict[str, Statistics]:
    if isinstance(reply, ChainError):
        return {}
    return {
        who: found
        for who, found in zip(ids, reply, strict=True)
        if isinstance(found, Statistics)
    }


def _kind(
    probes: Mapping[str, Mapping[str, Reply]], held: Mapping[str, Statistics]
) -> NodeKind:
    """Return the kind of node, concluded from all accounts together."""
    kinds = {kind_of(replies, held.get(who)) for who, replies in probes.items()}
    if NodeKind.ELASTICSEARCH in kinds:
        return NodeKind.ELASTICSEARCH
    if NodeKind.PRUNED in kinds or any(count.removed_ops for count in held.values()):
        return NodeKind.PRUNED
    busy = any(count.total_ops > DEFAULT_KEPT for count in held.values())
    return NodeKind.FULL if NodeKind.FULL in kinds and busy else NodeKind.UNKNOWN
