"""The sources of the service as one: iterated, they come best first as things stand then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from diag.chain.source import Call, Deadline, Reply, Source
from diag.chain.tally import Tally
from diag.errors import Unreachable

Wrap = Callable[[Source], Source]


class Member:
    """A source of the pool, counted."""

    def __init__(self, source: Source, tally: Tally) -> None:
        self._source, self._tally = source, tally

    @property
    def name(self) -> str:
        """What to call it: as the source behind it."""
        return self._source.name

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """One wave, counted."""
        began = time.monotonic()
        replies = self._source.ask(calls, deadline)
        count = self._tally.add
        count("waves", self.name)
        count("wave_seconds", self.name, amount=time.monotonic() - began)
        count("calls", self.name, amount=len(calls))
        for reply in replies:
            if isinstance(reply, Unreachable):
                count("failures", self.name, reply.reason)
        return replies


class Pool:
    """Iterable of its sources, best first; each iteration ranks anew."""

    def __init__(
        self, members: Sequence[Member], faces: Sequence[Source] | None = None
    ) -> None:
        self._members = tuple(members)
        self._faces = tuple(members if faces is None else faces)

    @classmethod
    def of(cls, sources: Iterable[Source], tally: Tally | None = None) -> Pool:
        """A pool of sources, in the order of preference."""
        counts = tally or Tally()
        return cls([Member(source, counts) for source in sources])

    def __iter__(self) -> Iterator[Source]:
        return iter(self._faces)

    def wrapping(self, wrap: Wrap) -> Pool:
        """The same pool, which hands out each source in a wrapping that is made once."""
        return Pool(self._members, [wrap(face) for face in self._faces])
