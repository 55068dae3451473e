"""Prefetching: the next head of the chain, and the calls that followed the same question last time.

The calls of the later waves of a diagnosis follow from the replies to the first. If the same
question is asked again a little later, the same calls will most likely follow. They are therefore
sent along with the first wave, and the later waves find their replies in the snapshot cache.
A prediction is never evidence: a wrong one costs a superfluous call, a missing one another wave.

Invalidation: none is needed. The calls of a topic are replaced whenever they are seen again, and the
least recently used topics are dropped.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock, Thread

from cachetools import LRUCache

from diag.chain.cache.snapshot import SnapshotCache
from diag.chain.rpc import methods
from diag.chain.rpc.call import TOO_MANY_CALLS, Call, Deadline, Reply, SourceWrapper
from diag.chain.rpc.objects import Head

SHORTEST_PAUSE = 0.02  # seconds
THREAD_NAME = "head-prefetch"
log = logging.getLogger(__name__)


class HeadPrefetch:
    """Calls `work` repeatedly in a background thread while the service is in use; thread-safe.

    pause: returns the seconds until the next call of `work`.
    seconds: the thread ends so many seconds after the last `keep_alive`; with 0 it never starts.
    """

    def __init__(
        self,
        work: Callable[[], None],
        pause: Callable[[], float],
        seconds: float,
        timer: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._work, self._pause, self._seconds, self._timer = work, pause, seconds, timer
        self._sleep = sleep
        self._lock = Lock()
        self._until = 0.0
        self._running = False

    def keep_alive(self) -> None:
        """Start the thread, or let it run for the full time again."""
        with self._lock:
            self._until = self._timer() + self._seconds
            if self._running or not self._seconds:
                return
            self._running = True
        try:
            Thread(target=self._run, name=THREAD_NAME, daemon=True).start()
        except RuntimeError:  # the system cannot start another thread
            log.warning(TOO_MANY_CALLS)
            self._running = False

    def _run(self) -> None:
        while True:
            self._sleep(max(SHORTEST_PAUSE, self._pause()))
            if not self._should_continue():
                return
            try:
                self._work()
            except Exception:
                log.exception("what was to be done ahead failed")

    def _should_continue(self) -> bool:
        """Return False once the time is over; the next `keep_alive` then starts a new thread."""
        with self._lock:
            self._running = self._timer() < self._until
            return self._running


MAX_IDS = 20_000
"""How many calls, and ids in their arguments, are recorded; about 3 MB."""
MAX_CALLS = 96
"""Calls recorded per topic."""
BLOCK_SECONDS = 3.0
HEADER_MARGIN = 12
"""How many blocks the last irreversible block may lie off its predicted number."""
PREDICTABLE_SECONDS = 600.0
"""How long after it was seen the last irreversible block can be predicted."""


class CallHistory:
    """Records which calls followed the first wave about a topic; thread-safe.

    Also records the last irreversible block of each source, to predict the next one.
    """

    def __init__(
        self, max_ids: int = MAX_IDS, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._lock, self._timer = Lock(), timer
        self._later_calls: LRUCache[str, tuple[Call, ...]] = LRUCache(max_ids, _weight)
        self._irreversible: dict[str, tuple[float, int]] = {}

    def predict(self, source: SnapshotCache, topic: str) -> list[Call]:
        """Return the calls that will probably follow the first wave about a topic; none if it
        is new.
        """
        with self._lock:
            known = self._later_calls.get(f"{source.name} {topic}")
            final = self._irreversible.get(source.name)
        return [*known, *self._header_call(source, final)] if known is not None else []

    def record(self, source: SnapshotCache, topic: str, calls: Sequence[Call]) -> None:
        """Record the calls that followed the first wave about a topic."""
        recorded = tuple(call for call in calls if _is_repeatable(call))[:MAX_CALLS]
        final = _irreversible_block(source.head)
        with self._lock:
            with suppress(ValueError):  # larger than the whole cache
                self._later_calls[f"{source.name} {topic}"] = recorded
            if final:
                self._irreversible[source.name] = self._timer(), final

    def _header_call(
        self, source: SnapshotCache, known: tuple[float, int] | None
    ) -> list[Call]:
        """Ask for the header of the last irreversible block, or of all blocks it may be by now."""
        if now := _irreversible_block(source.head):
            return [methods.HEADER.call(now)]
        passed = self._timer() - known[0] if known else PREDICTABLE_SECONDS
        if known is None or passed >= PREDICTABLE_SECONDS:
            return []
        expected = known[1] + int(passed / BLOCK_SECONDS)
        numbers = range(max(known[1], expected - HEADER_MARGIN), expected + HEADER_MARGIN + 1)
        return [methods.HEADERS.call(list(numbers))]


class PrefetchingSource(SourceWrapper):
    """A source for one diagnosis that adds predicted calls to the first wave.

    topic: identifies the question, so that the calls of the same question last time are found.
    """

    def __init__(
        self, source: SnapshotCache, topic: str, call_history: CallHistory | None = None
    ) -> None:
        super().__init__(source)
        self._snapshot, self._topic, self._call_history = source, topic, call_history
        self._first_wave: frozenset[str] | None = None
        self._later_calls: list[Call] = []
        self.fresh = True
        """True while all replies were at least as new as the head."""
        self.prefetched = False
        """True once predicted calls were sent with the first wave."""

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """Answer one wave; the first one also carries the predicted calls."""
        more = self._predicted(calls)
        self.prefetched = self.prefetched or bool(more)
        replies, fresh = self._snapshot.ask_with_freshness([*calls, *more], deadline)
        self.fresh = self.fresh and fresh
        return replies[: len(calls)]

    def _predicted(self, calls: Sequence[Call]) -> list[Call]:
        if self._call_history is None:
            return []
        if self._first_wave is not None:
            self._later_calls += [call for call in calls if repr(call) not in self._first_wave]
            self._call_history.record(self._snapshot, self._topic, self._later_calls)
            return []
        self._first_wave = frozenset(map(repr, calls))
        if not self._snapshot.will_be_fresh:  # replies older than the head would not be cached
            return []
        return self._call_history.predict(self._snapshot, self._topic)


def _is_repeatable(call: Call) -> bool:
    """Return True if the same call may be useful next time."""
    return not (call.method == methods.HEADER.name or methods.awaits_inclusion(call))


def _weight(calls: Sequence[Call]) -> int:
    """Return the number of calls and of ids in their arguments; at least one."""
    args = [arg for call in calls for arg in call.args if isinstance(arg, list | tuple)]
    return 1 + len(calls) + sum(map(len, args))


def _irreversible_block(head: Head | None) -> int:
    """Return the last irreversible block; 0 if it is unknown."""
    return head.last_irreversible_block_num if head else 0
