"""One diagnosis' conversation with its sources: waves of calls inside one deadline."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from diag.chain.source import Call, Deadline, Reply, Source
from diag.errors import ChainError, OutOfTime, Unreachable

Read = TypeVar("Read")


class Inquiry:
    """Asks the present source; to go on with the next is the caller's decision."""

    def __init__(
        self, sources: Sequence[Source], deadline: Deadline, index: Source | None = None
    ) -> None:
        self._rest = list(sources)
        self.source = self._rest.pop(0)
        self.deadline = deadline
        self.index = index
        """Where the histories are searched that the sources no longer hold."""
        self.confirmed = False
        """True once a source has shown that the index is of its chain."""
        self.final = 0
        """The last block that the present source calls irreversible."""
        self.waves = 0

    def ask(self, calls: Mapping[Any, Call]) -> dict[Any, Reply]:
        """One wave; the replies under the same keys. A reply is a value or a ChainError."""
        if not calls:
            return {}
        return self._wave(calls)

    @property
    def others(self) -> list[Source]:
        """The sources that have not been asked yet."""
        return list(self._rest)

    def next_source(self) -> bool:
        """Go on with the next source; False if there is none."""
        if not self._rest:
            return False
        self.source = self._rest.pop(0)
        return True

    def go_back(self, source: Source) -> None:
        """Go on with a source that was left before."""
        self.source = source

    def _wave(self, calls: Mapping[Hashable, Call]) -> dict[Hashable, Reply]:
        if self.deadline.left() <= 0:
            return {key: OutOfTime() for key in calls}
        self.waves += 1
        share = self.deadline.left() / (1 + len(self._rest))
        limit = Deadline(share) if self._rest else self.deadline
        return dict(zip(calls, self.source.ask(list(calls.values()), limit), strict=True))


def understood(reply: Reply, read: Callable[[Any], Read]) -> Read | ChainError:
    """What `read` makes of a reply; an answer of an unexpected shape is no usable answer."""
    if isinstance(reply, ChainError):
        return reply
    try:
        return read(reply)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError):
        return Unreachable("an answer of unexpected shape")
