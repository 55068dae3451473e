"""A cache of one node's replies for one head block, shared by all diagnoses of that block.

All readers see the same head block, and every cached reply is at least as new as that head
("fresh"). There are two ways to ensure this:

- `initial_calls`: the calls that read the head are sent before all others (used for a batch);
- `track_head`: the head is read in the first wave itself, so that a single diagnosis does not pay
  for another round trip. Replies in that wave may be older than the head. They are handed to the
  threads that wait for them but are not cached, unless the node answers calls in the order in which
  they are sent and the head was requested first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock

from diag.chain.cache.answers import BoundedAnswers, weight
from diag.chain.cache.shared_rows import SharedRows
from diag.chain.metrics import Counters
from diag.chain.rpc import methods
from diag.chain.rpc.call import (
    Call,
    Deadline,
    Reply,
    Source,
    in_order,
    wait_for_reply,
)
from diag.chain.rpc.objects import Head
from diag.chain.rpc.values import encoded
from diag.errors import ChainError, Malformed, OutOfTime, Unreachable

MAX_ROWS = 60_000
"""Maximum number of history rows kept; about 30 MB. Replies requested only once are evicted first."""
RETRY_AFTER = 5.0
"""Seconds to wait before asking a source again that did not answer the initial calls."""

_LIST_METHODS = frozenset(
    method.name for method in (methods.OBJECTS, methods.ACCOUNTS, methods.ASSETS)
)
"""Methods that map a list to a list of the same length; their replies are cached item by item."""

_HEAD = "2.1.0"
Key = str


class _PendingReply(Future[Reply]):
    """A reply that has arrived or is under way; `fresh` if it is at least as new as the head."""

    fresh = True


@dataclass(frozen=True, slots=True)
class _SplitCall:
    """A call split into parts that are cached separately: one part per list item, else one part."""

    call: Call
    items: tuple[object, ...] | None
    keys: tuple[Key, ...]

    @classmethod
    def of(cls, call: Call) -> _SplitCall:
        if (
            call.method in _LIST_METHODS
            and call.args
            and isinstance(call.args[0], list | tuple)
        ):
            items, rest = tuple(call.args[0]), call.args[1:]
            keys = (_key(call, (item, *rest)) for item in items)
            return cls(call, items, tuple(keys))
        return cls(call, None, (_key(call, call.args),))

    def subset(self, keys: Sequence[Key]) -> Call:
        """The same call, restricted to the parts with these keys."""
        if self.items is None:
            return self.call
        known = dict(zip(self.keys, self.items, strict=True))
        return Call(
            self.call.api, self.call.method, ([known[k] for k in keys], *self.call.args[1:])
        )

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


class SnapshotCache:
    """A source that sends equal calls to the node only once; thread-safe.

    It lives as long as its snapshot and is then discarded. Failures are not cached: a thread that
    waited for another thread's failed call sends the call itself. Callers must not modify a reply.

    initial_calls: calls to send before all others, once.
    track_head: read the head in the first wave; only without `initial_calls`.
    on_head: called once with the head, if it is tracked.
    share_rows: pages that overlap hold the same rows; worth its time where many pages do.
    """

    def __init__(
        self,
        source: Source,
        initial_calls: Sequence[Call] = (),
        *,
        track_head: bool = False,
        max_rows: int = MAX_ROWS,
        counters: Counters | None = None,
        clock: Callable[[], float] = time.monotonic,
        on_head: Callable[[Head], None] = lambda head: None,
        share_rows: bool = False,
    ) -> None:
        self._shared_rows = SharedRows(max_rows) if share_rows else None
        self._source, self._initial_calls, self._clock = source, list(initial_calls), clock
        self._on_head = on_head
        self._counters = counters or Counters()
        self._lock, self._init_lock = Lock(), Lock()
        self._pinned: dict[Key, _PendingReply] = {}
        self._in_flight: dict[Key, _PendingReply] = {}
        # A segmented LRU cache: replies requested once, and replies requested again.
        self._probation: BoundedAnswers[str, _PendingReply] = BoundedAnswers(max_rows // 2)
        self._protected: BoundedAnswers[str, _PendingReply] = BoundedAnswers(max_rows // 2)
        self._initialized = not self._initial_calls
        self._head_key = _HEAD_KEY if track_head else None
        self._head_known = not track_head
        self._failure: tuple[float, ChainError] | None = None

    @property
    def name(self) -> str:
        """The name of the wrapped source."""
        return self._source.name

    @property
    def fresh(self) -> bool:
        """True if every reply from now on is at least as new as the head."""
        return bool(self._initial_calls) and self._initialized

    @property
    def will_be_fresh(self) -> bool:
        """True if a wave sent now, together with the head, will be at least as new as that head."""
        return self._head_known or in_order(self._source)

    @property
    def head(self) -> Head | None:
        """The head of the chain; None before it is known."""
        pinned = self._pinned.get(_HEAD_KEY)
        found = pinned.result() if pinned else None
        return found if isinstance(found, Head) else None

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """Answer one wave; only calls that nobody has sent yet go to the node."""
        return self.ask_with_freshness(calls, deadline)[0]

    def ask_with_freshness(
        self, calls: Sequence[Call], deadline: Deadline
    ) -> tuple[list[Reply], bool]:
        """Like `ask`; also tells whether all replies are at least as new as the head."""
        failure = self._ensure_initialized(deadline)
        if failure is not None:
            return [failure for _ in calls], False
        split_calls = [_SplitCall.of(call) for call in calls]
        found = self._ask_parts(split_calls, deadline)
        if any(isinstance(reply, Unreachable) for reply, mine, _ in found.values() if not mine):
            again = [q for q in split_calls if any(_needs_retry(found[key]) for key in q.keys)]
            found |= self._ask_parts(again, deadline) if deadline.left() else {}
        replies = [q.join_replies([found[key][0] for key in q.keys]) for q in split_calls]
        return replies, all(fresh for _, _, fresh in found.values())

    def _ensure_initialized(self, deadline: Deadline) -> ChainError | None:
        """Send the initial calls, once; returns the error if the source does not answer them."""
        if self._initialized:
            return None
        if not self._init_lock.acquire(timeout=deadline.left()):
            return OutOfTime()
        try:
            if not self._initialized and not self._in_backoff():
                self._initialize(deadline)
            return None if self._initialized else self._failure and self._failure[1]
        finally:
            self._init_lock.release()

    def _in_backoff(self) -> bool:
        return self._failure is not None and self._clock() < self._failure[0]

    def _initialize(self, deadline: Deadline) -> None:
        split_calls = [_SplitCall.of(call) for call in self._initial_calls]
        found = self._ask_parts(split_calls, deadline)
        failed = (reply for reply, _, _ in found.values() if isinstance(reply, Unreachable))
        failure = next(failed, None)
        if failure is not None:
            self._failure = self._clock() + RETRY_AFTER, failure
            return
        with self._lock:
            known = {key: self._probation.get(key) or self._protected.get(key) for key in found}
        self._pinned = {key: flight for key, flight in known.items() if flight}
        self._initialized = True

    def _ask_parts(
        self, split_calls: Sequence[_SplitCall], deadline: Deadline
    ) -> dict[Key, tuple[Reply, bool, bool]]:
        """For each part: its reply, whether this thread sent the call, and whether it is fresh."""
        keys = dict.fromkeys(key for split_call in split_calls for key in split_call.keys)
        flights, mine = self._claim(keys)
        self._fetch(split_calls, mine, deadline)
        return {
            key: (
                wait_for_reply(flight, deadline),
                key in mine,
                flight.fresh or key == self._head_key,
            )
            for key, flight in flights.items()
        }

    def _claim(
        self, keys: Iterable[Key]
    ) -> tuple[dict[Key, _PendingReply], dict[Key, _PendingReply]]:
        """All replies by key, cached or under way, and those that this thread has to fetch."""
        flights: dict[Key, _PendingReply] = {}
        mine: dict[Key, _PendingReply] = {}
        with self._lock:
            for key in keys:
                known = self._cached(key)
                if known is None:
                    known = self._in_flight[key] = mine[key] = _PendingReply()
                flights[key] = known
            fresh = self._head_known or (self._head_key in mine and in_order(self._source))
            for flight in mine.values():
                flight.fresh = fresh
        for name, count in (("hits", len(flights) - len(mine)), ("misses", len(mine))):
            if count:
                self._counters.add(name, self.name, "moment", count)
        return flights, mine

    def _cached(self, key: Key) -> _PendingReply | None:
        """The reply, arrived or under way; a second request moves it to the protected segment."""
        if answer := self._probation.pop(key):
            self._protected.add(key, *answer)
        return self._pinned.get(key) or self._protected.get(key) or self._in_flight.get(key)

    def _fetch(
        self,
        split_calls: Sequence[_SplitCall],
        mine: Mapping[Key, _PendingReply],
        deadline: Deadline,
    ) -> None:
        """Fetch the claimed parts in one wave, and hand the replies to all threads that wait."""
        left, wave = set(mine), []
        for split_call in split_calls:
            own = [key for key in dict.fromkeys(split_call.keys) if key in left]
            left.difference_update(own)
            if own:
                wave.append((split_call, own))
        if not wave:
            return
        # the head first: what an ordered source answers after it is fresh
        wave.sort(key=lambda sent: self._head_key not in sent[1])
        missing = dict(mine)
        try:
            replies = self._source.ask([q.subset(own) for q, own in wave], deadline)
            for (split_call, own), reply in zip(wave, replies, strict=True):
                for key, part in split_call.split_reply(own, reply):
                    self._publish(key, missing.pop(key), part, mine)
        finally:
            for key, flight in missing.items():  # only if the source raised an error
                self._publish(key, flight, Unreachable("no answer"), mine)

    def _publish(
        self, key: Key, flight: _PendingReply, reply: Reply, wave: Mapping[Key, _PendingReply]
    ) -> None:
        with self._lock:
            self._in_flight.pop(key)
            if key == self._head_key:
                self._store_head(flight, reply, wave)
            elif not isinstance(reply, ChainError) and flight.fresh:
                rows = weight(reply)
                if self._shared_rows:
                    reply, rows = self._shared_rows.share(reply)
                self._probation.add(key, flight, rows)
        flight.set_result(reply)

    def _store_head(
        self, flight: _PendingReply, reply: Reply, wave: Mapping[Key, _PendingReply]
    ) -> None:
        """Pin the head; without it nothing in this wave counts as fresh."""
        if isinstance(reply, Head):
            self._pinned[_HEAD_KEY], self._head_known = flight, True
            self._on_head(reply)
            return
        for other in wave.values():
            other.fresh = False


_HEAD_KEY = _SplitCall.of(methods.OBJECTS.call([_HEAD])).keys[0]


def _needs_retry(found: tuple[Reply, bool, bool]) -> bool:
    reply, mine, _ = found
    return not mine and isinstance(reply, Unreachable)
