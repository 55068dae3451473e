"""One diagnosis' conversation with its sources: waves of calls inside one deadline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from diag.chain.pool.hedging import Answer, HedgedRequest, Patience, unmeasured
from diag.chain.rpc.call import Call, Deadline, Reply, Source, awaits_inclusion
from diag.domain.history import Node
from diag.errors import OutOfTime, Unreachable

Fit = Callable[[Source, Answer], Node | None]
"""A source, what it said to the calls that prove it → the node that it is, None if it is unfit."""

_PROOF = object()
_OF_THIS_NODE = frozenset({"get_relative_account_history", "get_account_history"})
"""What an Elasticsearch-backed node answers otherwise than others do."""


class Session:
    """Asks the source that was found fit; another one helps out where it fails later on."""

    def __init__(
        self,
        sources: Sequence[Source],
        deadline: Deadline,
        index: Source | None = None,
        patience: Patience = unmeasured,
    ) -> None:
        self._sources = list(sources)
        """Those that have not been found unfit, best first."""
        self.source = self._sources[0]
        self.deadline = deadline
        self.index = index
        """Where the histories are searched that the sources no longer hold."""
        self.confirmed = False
        """True once a source has shown that the index is of its chain."""
        self.final = 0
        """The last block that the present source calls irreversible."""
        self.helpers: list[Node] = []
        """The other nodes of which something was taken."""
        self.waves = 0
        self._patience = patience
        self._proof: Mapping[Any, Call] = {}
        self._fit: Fit = lambda source, answer: None

    @property
    def others(self) -> list[Source]:
        """The other nodes that may be asked for a view of their own."""
        return [other for other in self._sources if other.name != self.source.name]

    def race(self, calls: Mapping[Any, Call]) -> HedgedRequest:
        """A wave that any of the sources may answer."""
        self.waves += 1
        return HedgedRequest(self._sources, lambda _: calls, self.deadline, self._patience)

    def drop(self, source: Source) -> None:
        """Ask a source no more: it was found unfit."""
        self._sources = [other for other in self._sources if other is not source]

    def settle(self, source: Source, proof: Mapping[Any, Call], fit: Fit) -> None:
        """Go on with this source.

        Where it fails, another one may help that is asked the calls of proof as well and whose
        answers to them are fit.
        """
        self.source, self._proof, self._fit = source, proof, fit

    def ask(self, calls: Mapping[Any, Call]) -> dict[Any, Reply]:
        """One wave; the replies under the same keys. A reply is a value or a ChainError."""
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
        race = HedgedRequest(self._in_turn(), question, self.deadline, self._patience)
        for source, answer in race:
            if source is present:
                race.hurry = True
            elif not self._help(source, answer):
                continue
            for key, reply in answer.items():
                if isinstance(replies.get(key), Unreachable):
                    replies[key] = reply
            if not missing():
                break
        return replies

    def _in_turn(self) -> list[Source]:
        """The present source, then those that may help it."""
        helpers = [other for other in self._sources if other is not self.source]
        return [self.source, *helpers] if self._proof else [self.source]

    def _help(self, source: Source, answer: Answer) -> bool:
        """True if what another source said may be taken: its own chain and head are fit."""
        node = self._fit(source, {key: answer[_PROOF, key] for key in self._proof})
        if node is None:
            self.drop(source)
            return False
        if node.name not in {known.name for known in self.helpers}:
            self.helpers.append(node)
        return True


def _anywhere(call: Call) -> bool:
    """True if every node of the chain that is new enough gives the same answer.

    Not so are the numbers of an account's operations, and what a node holds for inclusion.
    """
    return not (call.method in _OF_THIS_NODE or awaits_inclusion(call))
