"""The session of one diagnosis with its nodes: waves of calls within one deadline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict

from diag.chain.pool.head import Head, head_calls, read_head
from diag.chain.pool.hedging import Answer, HedgedRequest, Patience, Question, unmeasured
from diag.chain.pool.history_service import lack_in
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Deadline, Reply, Source
from diag.domain.history import Node
from diag.errors import OutOfTime, Unreachable

_PROOF = object()
_OF_THIS_NODE = frozenset((methods.HISTORY_BY_NUMBER.name, methods.HISTORY_BY_ID.name))
"""Methods that an Elasticsearch-backed node answers differently from other nodes."""


class SessionOptions(TypedDict, total=False):
    """What is the same for all sessions of a service."""

    chain_id: str | None
    """The only chain that may be used; None for any."""
    clock: Callable[[], datetime]
    """The clock with which the heads of nodes are compared."""
    index: Source | None
    """Index in which histories are searched that the nodes no longer keep."""
    patience: Patience


@dataclass(frozen=True, slots=True)
class _Answered:
    """A source that reported its head, with all its replies."""

    source: Source
    replies: Answer
    head: Head
    foreign: bool
    """True if it serves another chain than the preferred one."""

    @property
    def worth(self) -> tuple[bool, bool, timedelta, int]:
        """Sort key, the best last: on the chain, serving histories, near to the clock, with the fewest
        lost replies.
        """
        away = abs(self.head.age) if self.head.gap else timedelta()
        return not self.foreign, lack_in(self.replies) is None, -away, -len(self.lost)

    @property
    def good(self) -> bool:
        return self.worth == (True, True, timedelta(), 0)

    @property
    def lost(self) -> list[Any]:
        return [key for key, reply in self.replies.items() if _is_lost(reply)]


class Session:
    """Chooses the best of its sources and asks it; another source helps if that one fails later."""

    head: Head
    """The head of the chosen source; not set before `choose`."""

    def __init__(
        self,
        sources: Iterable[Source],
        deadline: Deadline,
        *,
        chain_id: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        index: Source | None = None,
        patience: Patience = unmeasured,
    ) -> None:
        self._sources = list(sources)
        """Sources that have not been found unfit, best first."""
        self.source = self._sources[0]
        self.deadline = deadline
        self.index = index
        self.confirmed = False
        """True once a node has shown that the index belongs to its chain."""
        self.helpers: list[Node] = []
        """The other nodes whose answers were used."""
        self.clock = clock
        self._chain_id, self._patience = chain_id, patience

    @property
    def others(self) -> list[Source]:
        """Sources of other nodes, which may be asked for their own view."""
        return [other for other in self._sources if other.name != self.source.name]

    def choose(self, calls: Mapping[Any, Call], home: str | None = None) -> Answer:
        """Ask the first wave; choose the first source whose replies are good, else the best one.

        calls: with `head_calls`. home: a chain that is preferred to others.

        Raises Unreachable if no source reported its head.
        """
        failure: Unreachable | None = None
        best: _Answered | None = None
        request = self._hedged(self._sources, lambda _: calls)
        for source, replies in request:
            head = read_head(source.name, replies, self._chain_id, self.clock)
            if isinstance(head, Unreachable):
                failure = head
                if not isinstance(head, OutOfTime):  # a slow source may help later
                    self._drop(source)
                continue
            found = _Answered(source, replies, head, home not in (None, head.network.chain_id))
            if best is None or found.worth > best.worth:
                best = found
            if found.good:
                break
            request.hurry = True
        if best is None:
            raise failure or OutOfTime()
        self.source, self.head = best.source, best.head
        again = self.ask({key: calls[key] for key in best.lost})
        return {**best.replies, **{k: r for k, r in again.items() if not _is_lost(r)}}

    def ask(self, calls: Mapping[Any, Call]) -> dict[Any, Reply]:
        """Ask one wave; returns the replies under the same keys, each a value or a ChainError."""
        replies: dict[Any, Reply] = dict.fromkeys(calls, OutOfTime())
        if not calls:
            return replies
        present = self.source
        proof: Question = {(_PROOF, key): call for key, call in head_calls(()).items()}

        def missing() -> dict[Any, Call]:
            return {k: c for k, c in calls.items() if _is_lost(replies[k]) and _anywhere(c)}

        def question(source: Source) -> Question:
            return calls if source is present else {**missing(), **proof}

        helpers = [other for other in self._sources if other is not present]
        request = self._hedged([present, *helpers], question)
        for source, answer in request:
            if source is present:
                request.hurry = True
            elif not self._may_help(
                source, {key: answer[_PROOF, key] for key in head_calls(())}
            ):
                continue
            for key, reply in answer.items():
                if _is_lost(replies.get(key)):
                    replies[key] = reply
            if not missing():
                break
        return replies

    def _hedged(
        self, sources: Sequence[Source], question: Callable[[Source], Question]
    ) -> HedgedRequest:
        return HedgedRequest(sources, question, self.deadline, self._patience)

    def _may_help(self, source: Source, proof: Answer) -> bool:
        """Return True if the answer of another source may be used; its node is then noted as a helper.

        Its chain must be the same, and its head of the present and at least as new.
        """
        head, ours = read_head(source.name, proof, self._chain_id, self.clock), self.head
        if (
            isinstance(head, Unreachable)
            or head.gap
            or head.network.chain_id != ours.network.chain_id
            or head.block < ours.block
        ):
            self._drop(source)
            return False
        if head.node.name not in {known.name for known in self.helpers}:
            self.helpers.append(head.node)
        return True

    def _drop(self, source: Source) -> None:
        """Stop asking a source that was found unfit."""
        self._sources = [other for other in self._sources if other is not source]


def _is_lost(reply: Reply) -> bool:
    return isinstance(reply, Unreachable)


def _anywhere(call: Call) -> bool:
    """Return True if every node of the chain at this head gives the same answer.

    False for the sequence numbers of an account's operations, and for pending transactions.
    """
    return not (call.method in _OF_THIS_NODE or methods.awaits_inclusion(call))
