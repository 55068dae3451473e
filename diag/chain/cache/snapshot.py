"""A cache of one node's replies for one head block, shared by all diagnoses of that block.

All readers see the same head block, and every cached reply is at least as new as that head
("fresh"). The head is read in the first wave, so that a single diagnosis does not pay for another
round trip. Replies in that wave may be older than the head. They are handed to the threads that wait
for them but are not cached, unless the node answers calls in the order in which they are sent and
the head was requested first. A batch sends the calls that read the head before all others.

Invalidation: nothing in a snapshot expires; the whole of it is discarded when the next block is due
(`seconds_current`), or when its batch is over. Until then the least recently used replies are
dropped if there are too many, but never the head.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache

from diag.chain.cache import weight
from diag.chain.cache.known_history import KnownHistory
from diag.chain.metrics import Counters
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Deadline, Reply, Source, SourceWrapper
from diag.chain.rpc.objects import Head
from diag.chain.rpc.values import encoded
from diag.errors import ChainError, Malformed, OutOfTime, Unreachable

MAX_ROWS = 60_000
"""Maximum number of history rows kept; about 30 MB."""
RETRY_AFTER = 5.0
"""Seconds to wait before asking a source again that did not answer the initial calls."""
ARRIVAL = 0.25
"""Seconds that a block usually takes to reach a node."""
LATE = 1.5
"""Seconds by which a block may be late before it counts as missed."""
LATE_RETRY = 0.5
"""Seconds after which the head is asked for again while a block is late."""

_LIST_METHODS = frozenset(
    method.name for method in (methods.OBJECTS, methods.ACCOUNTS, methods.ASSETS)
)
"""Methods that map a list to a list of the same length; their replies are cached item by item."""

Key = str


def seconds_current(age: float, interval: float) -> float:
    """Return for how many seconds a head of that age is likely to be the newest one.

    age: of the head, in seconds. interval: between two blocks, in seconds.

    A head that is not of the present (behind or ahead of the clock, or of a chain that misses
    blocks) counts for a whole interval, because the time of the next block is not known.
    """
    due = interval - age
    if age < 0 or due < -LATE:
        return interval
    if due + ARRIVAL > 0:
        return min(interval, due + ARRIVAL)
    return LATE_RETRY


class _PendingReply(Future[Reply]):
    """A reply that has arrived or is under way; `fresh` if it is at least as new as the head."""

    fresh = True
    weight = 1

    def wait(self, deadline: Deadline) -> Reply:
        """Return the reply; OutOfTime after the deadline."""
        try:
            return self.result(timeout=deadline.left())
        except TimeoutError:
            return OutOfTime()


class _Part(NamedTuple):
    """The reply to a part of a call; `mine` if this thread sent the call."""

    reply: Reply
    mine: bool
    fresh: bool


@dataclass(frozen=True, slots=True)
class _SplitCall:
    """A call split into parts that are cached separately: one part per list item, else one part."""

    call: Call
    items: tuple[object, ...] | None
    keys: tuple[Key, ...]

    @classmethod
    def of(cls, call: Call) -> _SplitCall:
        if call.method not in _LIST_METHODS:
            return cls(call, None, (_key(call, call.args),))
        items, rest = tuple(call.args[0]), call.args[1:]
        return cls(call, items, tuple(_key(call, (item, *rest)) for item in items))

    def subset(self, keys: Sequence[Key]) -> Call:
        """Return the same call, restricted to the parts with these keys."""
        if self.items is None:
            return self.call
        known = dict(zip(self.keys, self.items, strict=True))
        wanted = [known[key] for key in keys]
        return Call(self.call.api, self.call.method, (wanted, *self.call.args[1:]))

    def split_reply(self, keys: Sequence[Key], reply: Reply) -> Iterable[tuple[Key, Reply]]:
        """Split the reply to `subset(keys)` into the replies of its parts."""
        if self.items is None or isinstance(reply, ChainError):
            return [(key, reply) for key in keys]
        if not isinstance(reply, list) or len(reply) != len(keys):
            return [(key, Malformed()) for key in keys]
        return zip(keys, reply, strict=True)

    def join_replies(self, parts: Sequence[Reply]) -> Reply:
        """Build the reply to the whole call from the replies of all its parts."""
        if self.items is None:
            return parts[0]
        failed = next((part for part in parts if isinstance(part, ChainError)), None)
        return list(parts) if failed is None else failed


def _key(call: Call, args: Sequence[object]) -> Key:
    return encoded([call.api, call.method, *args])


[_HEAD_KEY] = _SplitCall.of(methods.OBJECTS.call(["2.1.0"])).keys


class SnapshotCache(SourceWrapper):
    """A source that sends equal calls to the node only once; thread-safe.

    It lives as long as its snapshot and is then discarded. Failures are not cached: a thread
    that waited for another thread's failed call sends the call itself. Callers must not modify
    a reply.

    initial_calls: the calls that read the head, to be sent before all others.
    on_head: called once with the head.
    share_rows: answer pages from rows that are known; worth its time if many pages overlap.
    """

    def __init__(
        self,
        source: Source,
        initial_calls: Sequence[Call] = (),
        *,
        max_rows: int = MAX_ROWS,
        counters: Counters | None = None,
        clock: Callable[[], float] = time.monotonic,
        on_head: Callable[[Head], None] = lambda head: None,
        share_rows: bool = False,
    ) -> None:
        super().__init__(source)
        self._initial_calls = [_SplitCall.of(call) for call in initial_calls]
        self._clock, self._on_head = clock, on_head
        self._counters = counters or Counters()
        self._lock, self._init_lock = Lock(), Lock()
        self._in_flight: dict[Key, _PendingReply] = {}
        self._replies: LRUCache[Key, _PendingReply] = LRUCache(
            max_rows, lambda pending: pending.weight
        )
        self._history = KnownHistory(max_rows) if share_rows else None
        self._head: _PendingReply | None = None  # never dropped
        self._failure: ChainError | None = None
        self._rests_until = -math.inf

    @property
    def fresh(self) -> bool:
        """True if every reply from now on is at least as new as the head."""
        return bool(self._initial_calls and self._head)

    @property
    def will_be_fresh(self) -> bool:
        """True if a wave sent now, together with the head, will be at least as new as that head."""
        return bool(self._head or self.in_order)

    @property
    def head(self) -> Head | None:
        """The head of the chain; None before it is known."""
        found = self._head and self._head.result()
        return found if isinstance(found, Head) else None

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """Answer one wave; only calls that nobody has sent yet go to the node."""
        return self.ask_with_freshness(calls, deadline)[0]

    def ask_with_freshness(
        self, calls: Sequence[Call], deadline: Deadline
    ) -> tuple[list[Reply], bool]:
        """Like `ask`; also tells whether all replies are at least as new as the head."""
        failure = self._read_head(deadline)
        if failure is not None:
            return [failure for _ in calls], False
        split_calls = [_SplitCall.of(call) for call in calls]
        found = self._ask_parts(split_calls, deadline)
        others = {
            key
            for key, part in found.items()
            if not part.mine and isinstance(part.reply, Unreachable)
        }
        if others and deadline.left():  # another thread's call failed: send our own
            again = [split for split in split_calls if not others.isdisjoint(split.keys)]
            found |= self._ask_parts(again, deadline)
        replies = [
            split.join_replies([found[k].reply for k in split.keys]) for split in split_calls
        ]
        return replies, all(part.fresh for part in found.values())

    def _read_head(self, deadline: Deadline) -> ChainError | None:
        """Send the initial calls, if any; returns the error if the source does not answer them."""
        if self._head or not self._initial_calls:
            return None
        if not self._init_lock.acquire(timeout=deadline.left()):
            return OutOfTime()
        try:
            if not self._head and self._clock() >= self._rests_until:
                found = self._ask_parts(self._initial_calls, deadline).values()
                lost = (part.reply for part in found if isinstance(part.reply, Unreachable))
                self._failure = next(lost, None)
                self._rests_until = self._clock() + RETRY_AFTER
            return None if self._head else self._failure
        finally:
            self._init_lock.release()

    # --- one wave ----------------------------------------------------------------------------

    def _ask_parts(
        self, split_calls: Sequence[_SplitCall], deadline: Deadline
    ) -> dict[Key, _Part]:
        """Return the parts of these calls, from the cache, from other threads, or from the node."""
        pending, mine = self._claim(split_calls)
        self._fetch(split_calls, mine, deadline)
        return {
            key: _Part(found.wait(deadline), key in mine, found.fresh or key == _HEAD_KEY)
            for key, found in pending.items()
        }

    def _claim(
        self, split_calls: Sequence[_SplitCall]
    ) -> tuple[dict[Key, _PendingReply], dict[Key, _PendingReply]]:
        """Return all replies by key, cached or under way, and those that this thread has to fetch."""
        pending: dict[Key, _PendingReply] = {}
        mine: dict[Key, _PendingReply] = {}
        with self._lock:
            calls = {key: split.call for split in split_calls for key in split.keys}
            for key, call in calls.items():
                known = self._known(key, call)
                if known is None:
                    known = self._in_flight[key] = mine[key] = _PendingReply()
                pending[key] = known
            fresh = bool(self._head or (_HEAD_KEY in mine and self.in_order))
            for claimed in mine.values():
                claimed.fresh = fresh
        for name, count in (("hits", len(pending) - len(mine)), ("misses", len(mine))):
            if count:
                self._counters.add(name, self.name, "moment", count)
        return pending, mine

    def _known(self, key: Key, call: Call) -> _PendingReply | None:
        """Return the reply to a part of a call, cached or under way."""
        if key == _HEAD_KEY and self._head:
            return self._head
        if known := self._replies.get(key) or self._in_flight.get(key):
            return known
        if not (self._history and (head := self.head)):
            return None
        page = self._history.page(call, head.time)
        if page is None:
            return None
        known = _PendingReply()
        known.set_result(page)
        return known

    def _fetch(
        self,
        split_calls: Sequence[_SplitCall],
        mine: Mapping[Key, _PendingReply],
        deadline: Deadline,
    ) -> None:
        """Fetch the claimed parts in one wave, and hand the replies to all threads that wait."""
        left, wave = set(mine), []
        for split in split_calls:
            if own := [key for key in dict.fromkeys(split.keys) if key in left]:
                left.difference_update(own)
                wave.append((split, own))
        if not wave:
            return
        # the head first: what an ordered source answers after it is fresh
        wave.sort(key=lambda sent: _HEAD_KEY not in sent[1])
        missing = set(mine)
        try:
            replies = self._source.ask([split.subset(own) for split, own in wave], deadline)
            for (split, own), reply in zip(wave, replies, strict=True):
                for key, part in split.split_reply(own, reply):
                    missing.remove(key)
                    self._publish(key, part, mine, split.call)
        finally:
            for key in missing:  # only if the source raised an error
                self._publish(key, Unreachable("no answer"), mine)

    def _publish(
        self,
        key: Key,
        reply: Reply,
        wave: Mapping[Key, _PendingReply],
        call: Call | None = None,
    ) -> None:
        """Hand a reply to the threads that wait for it, and keep it if it is fresh and no error."""
        pending = wave[key]
        with self._lock:
            del self._in_flight[key]
            if key == _HEAD_KEY:
                self._take_head(pending, reply, wave)
            elif pending.fresh and not isinstance(reply, ChainError):
                pending.weight = weight(reply)
                if self._history and call and (head := self.head):
                    reply, pending.weight = self._history.add(call, reply, head.time)
                with suppress(ValueError):  # larger than the whole cache
                    self._replies[key] = pending
        pending.set_result(reply)

    def _take_head(
        self, pending: _PendingReply, reply: Reply, wave: Mapping[Key, _PendingReply]
    ) -> None:
        """Keep the head; without it nothing in this wave counts as fresh."""
        if isinstance(reply, Head):
            self._head = pending
            self._on_head(reply)
            return
        for other in wave.values():
            other.fresh = False
