"""The sources of the service as one: iterated, they come best first as things stand then."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from threading import Lock, Thread
from typing import Any

from diag.chain.metrics import Counters
from diag.chain.pool.head import ANOTHER_CHAIN, IMPOSSIBLE_HEAD, Head, head_calls, read_head
from diag.chain.pool.health import NodeHealth, State, preference
from diag.chain.pool.hedging import USUAL
from diag.chain.pool.history_service import refusal
from diag.chain.pool.survey import NodeKind, kind_of
from diag.chain.rpc.call import CROWDED, Around, Call, Deadline, Reply, Source
from diag.chain.rpc.objects import unknown_method
from diag.errors import NodeError, OutOfTime, Unreachable

Wrap = Callable[[Source], Source]

RECHECK = 10.0
"""Seconds without a word of its head after which a source is asked for it, while others answer."""
PROBE = 2.0
"""Seconds that such a question may take."""
PATIENT = 1.0
"""A wave that was given less than this many seconds does not count against the source."""


class Member(Around):
    """A source of the pool: counted, and its standing written down from what passes through."""

    def __init__(
        self,
        source: Source,
        tally: Counters,
        *,
        chain_id: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(source)
        self._tally = tally
        self._chain_id, self._clock, self._timer = chain_id, clock, timer
        self.standing = NodeHealth(timer)
        self._probed = -math.inf
        self._lock = Lock()

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """One wave, counted."""
        given, began = deadline.left(), self._timer()
        replies = self._source.ask(calls, deadline)
        took = self._timer() - began
        self._count(replies, took)
        failure = next((r for r in replies if isinstance(r, Unreachable)), None)
        if failure is None:
            self.standing.answered(took)
        elif all(isinstance(reply, Unreachable) for reply in replies):
            hurried = isinstance(failure, OutOfTime) and given < PATIENT
            ours = hurried or failure.reason == CROWDED
            if not ours and self.standing.failed():
                self._tally.add("rests", self.name)
        self._overhear(calls, replies)
        return replies

    def recheck(self) -> None:
        """Ask for its head, in the background, if it has said nothing of itself for a while."""
        with self._lock:
            now = self._timer()
            if min(self.standing.silent_for(), now - self._probed) < RECHECK:
                return
            self._probed = now
        Thread(target=self._probe, name=f"probe {self.name}", daemon=True).start()

    def _probe(self) -> None:
        self.ask(list(head_calls(()).values()), Deadline(PROBE))

    def _count(self, replies: Sequence[Reply], seconds: float) -> None:
        count = self._tally.add
        count("waves", self.name)
        count("wave_seconds", self.name, amount=seconds)
        count("calls", self.name, amount=len(replies))
        for reply in replies:
            if isinstance(reply, Unreachable):
                count("failures", self.name, reply.reason)

    def _overhear(self, calls: Sequence[Call], replies: Sequence[Reply]) -> None:
        """What a wave tells of the source itself, whatever it was asked for."""
        heard = {
            part: reply
            for call, reply in zip(calls, replies, strict=True)
            if (part := _part(call))
        }
        if heard.keys() >= {"chain_id", "chain"}:
            self._see({"accounts": [], **heard})
        if heard.keys() >= {"first", "newest_two", "newest"}:
            if kind_of(heard) in _PARTIAL:
                self.standing.keeps(everything=False)
            asked = [reply for part, reply in heard.items() if part in _HISTORY]
            if not any(isinstance(reply, Unreachable) for reply in asked):
                self.standing.refuses(refusal(asked))
        if isinstance(page := heard.get("page"), list | NodeError):
            refused = isinstance(page, NodeError) and unknown_method(page)
            self.standing.knows_time(knows=not refused)

    def _see(self, heard: Mapping[Any, Reply]) -> None:
        head = read_head(self.name, heard, self._chain_id, self._clock)
        if isinstance(head, Head):
            self.standing.showed(head)
        elif isinstance(head, Unreachable) and head.reason in _REJECTED:
            self.standing.rejected(_REJECTED[head.reason])


_REJECTED = {ANOTHER_CHAIN: State.OTHER_CHAIN, IMPOSSIBLE_HEAD: State.IMPOSSIBLE}
_HISTORY = frozenset({"first", "newest_two", "newest", "page"})
_PARTIAL = frozenset({NodeKind.PRUNED, NodeKind.ELASTICSEARCH})


def _part(call: Call) -> str | None:
    """What the answer to a call tells of the source itself, if anything."""
    match call.method, call.args:
        case "get_chain_id", _:
            return "chain_id"
        case "get_objects", ([str(first), *_], *_) if first == "2.1.0":
            return "chain"
        case "get_relative_account_history", (_, 0, 1, 1):
            return "first"
        case "get_relative_account_history", (_, 0, 2, 0):
            return "newest_two"
        case "get_account_history", (_, "1.11.0", 1, "1.11.0"):
            return "newest"
        case "get_account_history_by_time", _:
            return "page"
        case _:
            return None


class Pool:
    """Iterable of its sources, best first; each iteration ranks anew.

    Those that rest after failing again and again are left out, unless all of them are.
    """

    def __init__(
        self, members: Sequence[Member], faces: Sequence[Source] | None = None
    ) -> None:
        self.members = tuple(members)
        self._faces = tuple(members if faces is None else faces)

    @classmethod
    def of(
        cls, sources: Iterable[Source], tally: Counters | None = None, **member: Any
    ) -> Pool:
        """A pool of sources, in the order of preference; more options are those of a Member."""
        counts = tally or Counters()
        return cls([Member(source, counts, **member) for source in sources])

    def __iter__(self) -> Iterator[Source]:
        if len(self.members) > 1:
            for member in self.members:
                member.recheck()
        ranked = sorted(
            ((member.standing.record(), face) for member, face in self._pairs()),
            key=lambda pair: preference(pair[0]),
        )
        awake = [face for record, face in ranked if record.state not in _ASLEEP]
        return iter(awake or [face for _, face in ranked])

    @property
    def nodes(self) -> int:
        """How many nodes there are, also those that are left out; two addresses of one are one."""
        return len({member.name for member in self.members})

    def _pairs(self) -> Iterable[tuple[Member, Source]]:
        return zip(self.members, self._faces, strict=True)

    def wrapping(self, wrap: Wrap) -> Pool:
        """The same pool, which hands out each source in a wrapping that is made once."""
        return Pool(self.members, [wrap(face) for face in self._faces])

    def patience(self, name: str) -> float:
        """Seconds to wait for a source before another one is asked as well."""
        found = [m.standing.record().patience for m in self.members if m.name == name]
        return max(found, default=USUAL)


_ASLEEP = frozenset({State.RESTING, State.IMPOSSIBLE, State.OTHER_CHAIN})
