"""The chain client: diagnoses of the same head block share one snapshot of the chain.

A snapshot has one head block, and is replaced when the next block is due, together with everything
read in it. What one diagnosis reads in a snapshot serves the others; no node is asked for it again
before the next block. Only data that can never change (`cache.immutable`) outlives a snapshot. The
snapshot of a recorded chain lasts until its head moves.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any, TypeVar

from cachetools import LRUCache

from diag.chain.cache.prefetch import CallHistory, HeadPrefetch, PrefetchingSource
from diag.chain.cache.single_flight import SingleFlight
from diag.chain.cache.snapshot import MAX_ROWS, SnapshotCache, seconds_current
from diag.chain.collect.collector import Collector
from diag.chain.collect.gateway_view import LOOK_BACK, GatewayView, read_gateway
from diag.chain.collect.locate import locate
from diag.chain.metrics import Counters
from diag.chain.pool.head import head_calls
from diag.chain.pool.hedging import Patience, unmeasured
from diag.chain.pool.pool import PROBE, Pool
from diag.chain.pool.session import Session, SessionOptions
from diag.chain.rpc.call import Deadline, Source
from diag.chain.rpc.objects import Head
from diag.domain.case import Case
from diag.domain.chain_objects import Network
from diag.domain.gateway import Gateway
from diag.domain.gateway_register import Register
from diag.domain.history import History, Node
from diag.domain.identifier import Identifier, Located
from diag.errors import BadInput, OutOfTime, Unreachable


@dataclass(frozen=True, slots=True)
class Health:
    """The head of the chain, its parameters and counters, and the node that reported them."""

    network: Network
    node: Node
    time: datetime


MAX_SNAPSHOT_AGE = timedelta(seconds=3)
"""A snapshot lasts at most one block interval of its chain, and never longer than this."""
MAX_ROWS_PER_SNAPSHOT = 5_000
"""Maximum number of history rows that a snapshot keeps per node; about 3 MB."""
MAX_HISTORIES = MAX_VIEWS = 2
MAX_BYTES = 1024 * 1024
"""Maximum size of all documents memoized in a snapshot."""

Result = TypeVar("Result")


@dataclass(slots=True)
class Snapshot:
    """All data read for one head block; shared by all threads."""

    head: Hashable
    """The head of a chain in memory; None if the chain is that of nodes."""
    until: float
    """When the next block is due, on the timer of the client."""
    pool: Pool = field(init=False)
    histories: SingleFlight[History] = field(
        default_factory=lambda: SingleFlight(MAX_HISTORIES, lambda found: found.whole)
    )
    views: SingleFlight[GatewayView] = field(
        default_factory=lambda: SingleFlight(MAX_VIEWS, lambda found: found.complete)
    )
    documents: LRUCache[str, tuple[Any, int]] = field(
        default_factory=lambda: LRUCache(MAX_BYTES, lambda document: document[1])
    )


class ChainClient:
    """Callable: Case → History. Also reads gateways and the chain's health; thread-safe.

    local_head: returns the head block of a chain in memory; a snapshot then lasts until it changes.
    prefetch_seconds: how long after a diagnosis the head of each new snapshot is read in advance.
    A node that may answer calls in any order can then be asked for everything in one wave, because
    all of its replies are newer than the head.
    collector_options: passed on to each `Collector`.
    """

    def __init__(
        self,
        pool: Pool,
        register: Register,
        *,
        seconds: float = 8.0,
        local_head: Callable[[], Hashable] | None = None,
        max_rows: int = MAX_ROWS_PER_SNAPSHOT,
        call_history: CallHistory | None = None,
        counters: Counters | None = None,
        prefetch_seconds: float = 0.0,
        timer: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chain_id: str | None,
        clock: Callable[[], datetime],
        patience: Patience = unmeasured,
        index: Source | None = None,
        **collector_options: Any,
    ) -> None:
        self._pool, self._register, self._seconds = pool, register, seconds
        self._local_head, self._timer = local_head, timer
        self._max_rows, self._call_history = max_rows, call_history
        self._counters = counters or Counters()
        self._session_options: SessionOptions = {
            "chain_id": chain_id,
            "clock": clock,
            "index": index,
            "patience": patience,
        }
        self._collector_options = collector_options
        self._lock, self._slot_lock = Lock(), Lock()
        self._interval = MAX_SNAPSHOT_AGE
        self._snapshot = self._new_snapshot()
        self._head_prefetch = HeadPrefetch(
            self._prefetch_head, self._seconds_left, prefetch_seconds, timer, sleep
        )

    def __call__(self, case: Case) -> History:
        """Read everything about a case; raises what a `Collector` raises.

        If the account has new operations since the snapshot's head, the case is read again in a new
        snapshot, because its balances and its history would not match.
        """
        self._head_prefetch.keep_alive()
        key = hashlib.sha256(repr(case).encode()).hexdigest()
        snapshot = self._current_snapshot()
        return snapshot.histories.get(
            key, self._seconds, partial(self._read_history, snapshot, case)
        )

    def gateway_view(self, gateway: Gateway, look_back: timedelta = LOOK_BACK) -> GatewayView:
        """Read how a gateway served all its users lately; raises Unreachable if no source answers."""
        snapshot = self._current_snapshot()
        load = partial(self._read_gateway, snapshot, gateway, look_back)
        key = f"{gateway.key} {look_back.total_seconds():.0f}"
        return snapshot.views.get(key, self._seconds, load)

    def locate(self, identifier: Identifier) -> Located:
        """Find whose account the id of an operation or transaction belongs to, and when it was.

        Raises BadInput if no source knows the id, and Unreachable if none answers.
        """
        session = self._session(self._current_snapshot().pool, Deadline(self._seconds))
        with self.slot(session.deadline.left()):
            return locate(session, identifier, self._register)

    def health(self, seconds: float) -> Health:
        """Read the chain's health within so many seconds; raises Unreachable."""
        session = self._session(self._current_snapshot().pool, Deadline(seconds))
        session.choose(head_calls(()))
        return Health(session.head.network, session.head.node, session.head.time)

    def memoize(
        self, key: str, make: Callable[[], Result], weigh: Callable[[Result], int | None]
    ) -> Result:
        """Return what `make` returned earlier in this snapshot for the same key, or call it now.

        weigh: returns the size of a result in bytes, or None if it must not be kept.
        Equal keys must stand for equal requests. Put only a digest of user input into a key.
        """
        snapshot = self._current_snapshot()
        with self._lock:
            known = snapshot.documents.get(key)
        self._counters.add("misses" if known is None else "hits", "", "document")
        if known is not None:
            found: Result = known[0]
            return found
        made = make()
        weight = weigh(made)
        if weight is not None:
            with self._lock, suppress(ValueError):  # larger than the whole cache
                snapshot.documents[key] = made, weight
        return made

    # --- snapshots ----------------------------------------------------------------------

    def _current_snapshot(self) -> Snapshot:
        """Return the present snapshot; a new one if the last has expired."""
        with self._lock:
            if self._expired(self._snapshot):
                self._snapshot = self._new_snapshot()
            return self._snapshot

    def _later_snapshot(self, snapshot: Snapshot) -> Snapshot:
        """Return a snapshot that is newer than this one."""
        with self._lock:
            if self._snapshot is snapshot:
                self._snapshot = self._new_snapshot()
            return self._snapshot

    def _expired(self, snapshot: Snapshot) -> bool:
        if self._local_head is not None:
            return self._local_head() != snapshot.head
        return self._timer() >= snapshot.until

    def _seconds_left(self) -> float:
        """Seconds until the present snapshot expires."""
        return max(0.0, self._snapshot.until - self._timer())

    def _prefetch_head(self) -> None:
        """Read the snapshot's head from the best source, if that saves the next diagnosis a wave."""
        source = next(iter(self._current_snapshot().pool))
        if isinstance(source, SnapshotCache) and not source.will_be_fresh:
            calls = head_calls(self._register.account_names)
            source.ask(list(calls.values()), Deadline(min(PROBE, self._seconds)))

    def _new_snapshot(self) -> Snapshot:
        head = self._local_head() if self._local_head else None
        snapshot = Snapshot(head, self._timer() + self._block_seconds)
        options: dict[str, Any] = {"max_rows": self._max_rows, "counters": self._counters}
        options["on_head"] = partial(self._limit_lifetime, snapshot)
        snapshot.pool = self._pool.wrapping(partial(SnapshotCache, **options))
        return snapshot

    @property
    def _block_seconds(self) -> float:
        return min(self._interval, MAX_SNAPSHOT_AGE).total_seconds()

    def _limit_lifetime(self, snapshot: Snapshot, head: Head) -> None:
        """End the snapshot when the block after this head is due."""
        age = (self._session_options["clock"]() - head.time).total_seconds()
        due = self._timer() + seconds_current(age, self._block_seconds)
        snapshot.until = min(snapshot.until, due)

    # --- reading ------------------------------------------------------------------------

    def _pool_for(self, snapshot: Snapshot, topic: str) -> Pool:
        """Return the snapshot's sources for one question about a topic."""

        def prefetching(source: Source) -> Source:
            assert isinstance(source, SnapshotCache)
            return PrefetchingSource(source, topic, self._call_history)

        return snapshot.pool.wrapping(prefetching)

    def _session(self, pool: Pool, deadline: Deadline) -> Session:
        return Session(pool, deadline, **self._session_options)

    def _read_history(self, snapshot: Snapshot, case: Case, deadline: Deadline) -> History:
        try:
            found = self._collect(snapshot, case, deadline)
        except BadInput as error:
            if self._local_head is None and any(
                wrong.field == "from" for wrong in error.errors
            ):
                # the window may begin after the snapshot's head
                return self._collect(self._later_snapshot(snapshot), case, deadline)
            raise
        if not found.later or not deadline.left():
            return found
        try:
            return self._collect(self._later_snapshot(snapshot), case, deadline)
        except Unreachable:
            return found

    def _read_gateway(
        self, snapshot: Snapshot, gateway: Gateway, look_back: timedelta, deadline: Deadline
    ) -> GatewayView:
        session = self._session(self._pool_for(snapshot, f"gateway {gateway.key}"), deadline)
        return read_gateway(session, gateway, look_back)

    def _collect(self, snapshot: Snapshot, case: Case, deadline: Deadline) -> History:
        with self.slot(deadline.left()):
            collect = Collector(
                self._pool_for(snapshot, f"account {case.account}"),
                self._register,
                seconds=deadline.left(),
                known_nodes=self._pool.nodes,
                **self._session_options,
                **self._collector_options,
            )
            found = collect(case)
        self._interval = found.network.interval
        return found

    @contextmanager
    def slot(self, seconds: float) -> Iterator[None]:
        """Let one diagnosis at a time read a chain in memory; a node may be read by many.

        Nothing is waited for in memory, so diagnoses side by side would only need more memory.
        Raises OutOfTime if the slot is not free within so many seconds.
        """
        if self._local_head is None:
            yield
            return
        if not self._slot_lock.acquire(timeout=seconds):
            raise OutOfTime
        try:
            yield
        finally:
            self._slot_lock.release()


class BatchClient:
    """Callable: Case → History, for one batch of cases; thread-safe.

    The head of each source is read first, once, and all cases of the batch share what is read.

    alone: reads a case whose account has new operations since that head, in a snapshot of its own,
    because its balances and its history would not match.
    slot: a context in which each case is read, to limit how many are read side by side.
    """

    def __init__(
        self,
        pool: Pool,
        register: Register,
        alone: Callable[[Case], History],
        *,
        clock: Callable[[], datetime],
        max_rows: int = MAX_ROWS,
        slot: Callable[[], AbstractContextManager[None]] = nullcontext,
        **collector_options: Any,
    ) -> None:
        began = clock()
        initial_calls = list(head_calls(register.account_names).values())
        self._alone, self._slot = alone, slot
        self._collect = Collector(
            pool.wrapping(
                lambda source: SnapshotCache(
                    source, initial_calls, max_rows=max_rows, share_rows=True
                )
            ),
            register,
            clock=lambda: began,  # the head must not count as stale while the batch lasts
            known_nodes=pool.nodes,
            **collector_options,
        )

    def __call__(self, case: Case) -> History:
        """Read everything about a case; raises what a `Collector` raises."""
        with self._slot():
            found = self._collect(case)
        return self._alone(case) if found.later else found
