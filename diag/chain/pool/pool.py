"""The pool of nodes, ranked by their present health."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from threading import Lock, Thread
from typing import Any

from diag.chain.history import pagination
from diag.chain.metrics import Counters
from diag.chain.pool.head import ANOTHER_CHAIN, IMPOSSIBLE_HEAD, Head, head_calls, read_head
from diag.chain.pool.health import NodeHealth, State, preference
from diag.chain.pool.hedging import USUAL
from diag.chain.pool.history_service import NodeKind, kind_of, lack_in
from diag.chain.rpc import methods
from diag.chain.rpc.call import TOO_MANY_CALLS, Call, Deadline, Reply, Source, SourceWrapper
from diag.errors import Malformed, OutOfTime, Unreachable

RECHECK = 10.0
"""Seconds after which a node whose head has not been seen is asked for it in the background."""
PROBE = 2.0
"""Seconds that this background request may take."""
PATIENT = 1.0
"""A wave with a deadline of fewer seconds does not count as a failure if it times out."""


class Member(SourceWrapper):
    """A node of the pool: counts its calls and observes its health from the answers."""

    def __init__(
        self,
        source: Source,
        counters: Counters,
        *,
        chain_id: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(source)
        self._counters = counters
        self._chain_id, self._clock, self._timer = chain_id, clock, timer
        self.health = NodeHealth(timer)
        self._probed = -math.inf
        self._lock = Lock()

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """Ask one wave of calls, count it, and update the node's health."""
        seconds, began = deadline.left(), self._timer()
        replies = self._source.ask(calls, deadline)
        took = self._timer() - began
        self._count(replies, took)
        failure = next((r for r in replies if isinstance(r, Unreachable)), None)
        if failure is None:
            self.health.answered(took)
        elif all(isinstance(reply, Unreachable) for reply in replies):
            hurried = isinstance(failure, OutOfTime) and seconds < PATIENT
            ours = hurried or failure.reason == TOO_MANY_CALLS
            if not ours and self.health.failed():
                self._counters.add("rests", self.name)
        self._observe(calls, replies)
        return replies

    def recheck(self) -> None:
        """Ask the node for its head in the background, if that has not been seen for a while."""
        with self._lock:
            now = self._timer()
            if min(self.health.seconds_since_head(), now - self._probed) < RECHECK:
                return
            self._probed = now
        Thread(target=self._probe, name=f"probe {self.name}", daemon=True).start()

    def _probe(self) -> None:
        self.ask(list(head_calls(()).values()), Deadline(PROBE))

    def _count(self, replies: Sequence[Reply], seconds: float) -> None:
        count = self._counters.add
        count("waves", self.name)
        count("wave_seconds", self.name, amount=seconds)
        count("calls", self.name, amount=len(replies))
        for reply in replies:
            if isinstance(reply, Unreachable):
                count("failures", self.name, reply.reason)

    def _observe(self, calls: Sequence[Call], replies: Sequence[Reply]) -> None:
        """Update the node's health with what the replies show of the node itself."""
        heard = {
            part: reply
            for call, reply in zip(calls, replies, strict=True)
            if (part := _part(call))
        }
        if heard.keys() >= _HEAD_PARTS:
            match read_head(self.name, {"accounts": [], **heard}, self._chain_id, self._clock):
                case Head() as head:
                    self.health.set_head(head)
                case Unreachable(reason=reason) if reason in _REJECTED:
                    self.health.set_head(_REJECTED[reason])
        if heard.keys() >= set(pagination.PROBES):
            if kind_of(heard) in _PARTIAL:
                self.health.set_partial(True)
            history = {key: reply for key, reply in heard.items() if key not in _HEAD_PARTS}
            if not any(map(_is_lost, history.values())):
                self.health.set_lack(lack_in(history))


def _is_lost(reply: Reply) -> bool:
    """Return True if no reply came, so that nothing can be concluded about the node."""
    return isinstance(reply, Unreachable) and not isinstance(reply, Malformed)


_HEAD_PARTS = {"chain_id", "chain"}
_REJECTED = {ANOTHER_CHAIN: State.OTHER_CHAIN, IMPOSSIBLE_HEAD: State.IMPOSSIBLE}
_PARTIAL = frozenset({NodeKind.PRUNED, NodeKind.ELASTICSEARCH})


_PROBES = {probe: call.args[1:] for probe, call in pagination.probes("").items()}


def _part(call: Call) -> str | tuple[str, str] | None:
    """Return the name of the fact about the node that the reply to a call shows, if any."""
    match call.method, call.args:
        case methods.CHAIN_ID.name, _:
            return "chain_id"
        case methods.OBJECTS.name, (["2.1.0", *_], *_):
            return "chain"
        case methods.HISTORY_BY_TIME.name, _:
            return "until", str(call.args)
        case ((methods.HISTORY_BY_NUMBER.name | methods.HISTORY_BY_ID.name), (_, *bounds)):
            return next((p for p, probe in _PROBES.items() if probe == tuple(bounds)), None)
        case _:
            return None


class Pool:
    """Iterable of sources, the best first; each iteration ranks them anew.

    Nodes that rest after repeated failures, or that cannot be used, are left out, unless that would
    leave none.

    sources: the source to use for each member, such as a cache; the member itself by default.
    """

    def __init__(
        self, members: Sequence[Member], sources: Sequence[Source] | None = None
    ) -> None:
        self.members = tuple(members)
        self._sources = tuple(members if sources is None else sources)

    @classmethod
    def of(
        cls, sources: Iterable[Source], counters: Counters | None = None, **member: Any
    ) -> Pool:
        """Return a pool of sources in the operator's order of preference; member: options of
        `Member`.
        """
        counts = counters or Counters()
        return cls([Member(source, counts, **member) for source in sources])

    def __iter__(self) -> Iterator[Source]:
        if len(self.members) > 1:
            for member in self.members:
                member.recheck()
        ranked = sorted(
            ((m.health.record(), s) for m, s in zip(self.members, self._sources, strict=True)),
            key=lambda pair: preference(pair[0]),
        )
        usable = [source for record, source in ranked if record.state not in _LEFT_OUT]
        return iter(usable or [source for _, source in ranked])

    @property
    def nodes(self) -> int:
        """Number of nodes, including those that are left out; two addresses of a host count once."""
        return len({member.name for member in self.members})

    def wrapping(self, wrap: Callable[[Source], Source]) -> Pool:
        """Return a pool of the same nodes with each source wrapped; each wrapper is made once."""
        return Pool(self.members, [wrap(source) for source in self._sources])

    def patience(self, name: str) -> float:
        """Seconds to wait for a node before another one is asked as well."""
        found = [m.health.record().patience for m in self.members if m.name == name]
        return max(found, default=USUAL)


_LEFT_OUT = frozenset({State.RESTING, State.IMPOSSIBLE, State.OTHER_CHAIN})
