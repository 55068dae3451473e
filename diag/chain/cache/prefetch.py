"""Work done ahead: the next head of the chain, and the calls that followed the same question last time.

What a question asks in its later waves follows from its first. Asked again a little later it will
most likely follow in the same way, so those calls ride in the first wave, and the later waves find
their answers there. A hint is never evidence: one that is wrong costs a call, one that is missing
a wave.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from threading import Lock, Thread
from typing import Any

from diag.chain.cache.answers import BoundedAnswers
from diag.chain.cache.snapshot import SnapshotCache
from diag.chain.rpc.call import CROWDED, Call, Deadline, Reply, awaits_inclusion

SHORTEST = 0.02  # seconds
log = logging.getLogger(__name__)


class HeadPrefetch:
    """Calls `work` again and again, in a thread of its own, until nobody has asked for so many seconds.

    rest tells in how many seconds it is time for the next call; sleep passes them. Safe to use from
    many threads.
    """

    def __init__(
        self,
        work: Callable[[], None],
        rest: Callable[[], float],
        seconds: float,
        timer: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._work, self._rest, self._seconds, self._timer = work, rest, seconds, timer
        self._sleep = sleep
        self._lock = Lock()
        self._until = 0.0
        self._running = False

    def asked(self) -> None:
        """Somebody has asked now."""
        with self._lock:
            self._until = self._timer() + self._seconds
            if self._running or not self._seconds:
                return
            self._running = True
        try:
            Thread(target=self._run, name="ahead", daemon=True).start()
        except RuntimeError:  # the system has no thread to give
            log.warning(CROWDED)
            self._running = False

    def _run(self) -> None:
        while True:
            self._sleep(max(SHORTEST, self._rest()))
            if not self._wanted():
                return
            try:
                self._work()
            except Exception:
                log.exception("what was to be done ahead failed")

    def _wanted(self) -> bool:
        """True as long as it is to go on; once it is not, the next question starts it anew."""
        with self._lock:
            self._running = self._timer() < self._until
            return self._running


MOST_IDS = 20_000
"""How many calls, and ids in their lists, are noted; some 3 MB."""
MOST_CALLS = 96
"""Of one question."""
BLOCK = 3.0  # seconds
AROUND = 12
"""How many blocks the last irreversible one may stand off from where it is expected."""
FORESEEN = 600.0
"""For how many seconds it can be expected anywhere."""

_HEADER = "get_block_header"


class CallHistory:
    """What questions have led to, and where the chain stood then; safe to use from many threads."""

    def __init__(
        self, most_ids: int = MOST_IDS, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._lock, self._timer = Lock(), timer
        self._followed: BoundedAnswers[str, tuple[Call, ...]] = BoundedAnswers(most_ids)
        self._final: dict[str, tuple[float, int]] = {}

    @property
    def size(self) -> int:
        """How many calls, and ids in their lists, are noted."""
        return self._followed.weight

    def of(self, source: SnapshotCache, topic: str) -> list[Call]:
        """What is likely to follow a first wave about a topic."""
        with self._lock:
            known = self._followed.get(f"{source.name} {topic}")
            final = self._final.get(source.name)
        return [*known, *self._header(source, final)] if known is not None else []

    def learn(self, source: SnapshotCache, topic: str, calls: Sequence[Call]) -> None:
        """Note what has followed now."""
        noted = tuple(call for call in calls if _repeats(call))[:MOST_CALLS]
        final = _final(source.head)
        with self._lock:
            self._followed.add(f"{source.name} {topic}", noted, sum(map(_weight, noted)) + 1)
            if final:
                self._final[source.name] = self._timer(), final

    def _header(self, source: SnapshotCache, known: tuple[float, int] | None) -> list[Call]:
        """The header of the last irreversible block; of those that it may be, where it is not known."""
        if now := _final(source.head):
            return [Call("database", _HEADER, (now,))]
        passed = self._timer() - known[0] if known else FORESEEN
        if known is None or passed >= FORESEEN:
            return []
        expected = known[1] + int(passed / BLOCK)
        numbers = range(max(known[1], expected - AROUND), expected + AROUND + 1)
        return [Call("database", "get_block_header_batch", (list(numbers),))]


class PrefetchingSource:
    """Lives as long as one question; topic is what it is about."""

    def __init__(
        self, source: SnapshotCache, topic: str, hints: CallHistory | None = None
    ) -> None:
        self._source, self._topic, self._hints = source, topic, hints
        self._first: frozenset[str] | None = None
        self._followed: list[Call] = []
        self.dated = True
        """All that it has answered is at least as new as the head that it told."""
        self.foreseen = False
        """With the first wave it was asked what has followed that before."""

    @property
    def name(self) -> str:
        """What to call it: as the source behind it."""
        return self._source.name

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """One wave, the first one with what is likely to follow."""
        more = self._likely(calls)
        self.foreseen = self.foreseen or bool(more)
        replies, dated = self._source.ask_dated([*calls, *more], deadline)
        self.dated = self.dated and dated
        return replies[: len(calls)]

    def _likely(self, calls: Sequence[Call]) -> list[Call]:
        if self._hints is None:
            return []
        if self._first is not None:
            self._followed += [call for call in calls if repr(call) not in self._first]
            self._hints.learn(self._source, self._topic, self._followed)
            return []
        self._first = frozenset(map(repr, calls))
        # what comes in no order may be older than the head, and would be asked again
        return self._hints.of(self._source, self._topic) if self._source.dates else []


def _repeats(call: Call) -> bool:
    """True if the same call may be asked the next time."""
    return not (call.method == _HEADER or awaits_inclusion(call))


def _weight(call: Call) -> int:
    return 1 + sum(len(arg) for arg in call.args if isinstance(arg, list | tuple))


def _final(head: Any) -> int:
    """The last irreversible block; 0 if it is not known."""
    found = head.get("last_irreversible_block_num") if isinstance(head, dict) else None
    return found if isinstance(found, int) else 0
