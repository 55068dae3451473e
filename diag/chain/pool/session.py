"""The session of one diagnosis with its nodes: waves of calls within one deadline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from diag.chain.pool.hedging import Answer, HedgedRequest, Patience, unmeasured
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Deadline, Reply, Source
from diag.domain.history import Node
from diag.errors import OutOfTime, Unreachable

Fit = Callable[[Source, Answer], Node | None]
"""A source and its replies to the calls of proof → its node, or None if it must not help."""

_PROOF = object()
_OF_THIS_NODE = frozenset((methods.HISTORY_BY_NUMBER.name, methods.HISTORY_BY_ID.name))
"""Methods that an Elasticsearch-backed node answers differently from other nodes."""


class Session:
    """Asks the source that was chosen; another one helps where it fails later on."""

    def __init__(
        self,
        sources: Sequence[Source],
        deadline: Deadline,
        index: Source | None = None,
        patience: Patience = unmeasured,
    ) -> None:
        self._sources = list(sources)
        """Sources that have not been found unfit, best first."""
        self.source = self._sources[0]
        self.deadline = deadline
        self.index = index
        """Index in which histories are searched that the nodes no longer keep."""
        self.confirmed = False
        """True once a node has shown that the index belongs to its chain."""
        self.final = 0
        """The last irreversible block of the chosen source."""
        self.helpers: list[Node] = []
        """The other nodes whose answers were used."""
        self.waves = 0
        self._patience = patience
        self._proof: Mapping[Any, Call] = {}
        self._fit: Fit = lambda source, answer: None

    @property
    def others(self) -> list[Source]:
        """Sources of other nodes, which may be asked for their own view."""
        return [other for other in self._sources if other.name != self.source.name]

    def hedged(self, calls: Mapping[Any, Call]) -> HedgedRequest:
        """A wave of calls that any of the sources may answer."""
        self.waves += 1
        return HedgedRequest(self._sources, lambda _: calls, self.deadline, self._patience)

    def drop(self, source: Source) -> None:
        """Do not ask a source again: it was found unfit."""
        self._sources = [other for other in self._sources if other is not source]

    def settle(self, source: Source, proof: Mapping[Any, Call], fit: Fit) -> None:
        """Choose this source for all further waves.

        Where it fails, another one may help: it is asked the calls of proof as well, and `fit` decides
        by its replies to them.
        """
        self.source, self._proof, self._fit = source, proof, fit

    def ask(self, calls: Mapping[Any, Call]) -> dict[Any, Reply]:
        """Ask one wave; returns the replies under the same keys, each a value or a ChainError."""
        replies: dict[Any, Reply] = {key: OutOfTime() for key in calls}
        if not calls:
            return replies
        present = self.source

        def missing() -> dict[Any, Call]:
            failed = (key for key in calls if isinstance(replies[key], Unreachable))
            return {key: calls[key] for key in failed if _anywhere(calls[key])}

        def question(source: Source) -> Mapping[Any, Call]:
            if source is present:
                return calls
            return {**missing(), **{(_PROOF, key): c for key, c in self._proof.items()}}

        self.waves += 1
        request = HedgedRequest(self._in_turn(), question, self.deadline, self._patience)
        for source, answer in request:
            if source is present:
                request.hurry = True
            elif not self._help(source, answer):
                continue
            for key, reply in answer.items():
                if isinstance(replies.get(key), Unreachable):
                    replies[key] = reply
            if not missing():
                break
        return replies

    def _in_turn(self) -> list[Source]:
        """The chosen source, then those that may help it."""
        helpers = [other for other in self._sources if other is not self.source]
        return [self.source, *helpers] if self._proof else [self.source]

    def _help(self, source: Source, answer: Answer) -> bool:
        """True if the answer of another source may be used; its node is then noted as a helper."""
        node = self._fit(source, {key: answer[_PROOF, key] for key in self._proof})
        if node is None:
            self.drop(source)
            return False
        if node.name not in {known.name for known in self.helpers}:
            self.helpers.append(node)
        return True


def _anywhere(call: Call) -> bool:
    """True if every node of the chain at this head gives the same answer.

    False for the sequence numbers of an account's operations, and for pending transactions.
    """
    return not (call.method in _OF_THIS_NODE or methods.awaits_inclusion(call))
