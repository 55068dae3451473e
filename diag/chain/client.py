"""What holds for a block: all who ask within one block interval share one look at the chain.

A moment has one head. What is asked for one question is there for the others, and nobody asks
it of a node again before the next block. Then the moment is replaced, with everything in it; only
what can never change (`cache.immutable`) is known to the next. A recorded chain has one moment for as
long as its head stands still.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any, TypeVar

from diag.chain.cache import snapshot
from diag.chain.cache.answers import BoundedAnswers
from diag.chain.cache.lifetime import Lifetime, seconds_current
from diag.chain.cache.prefetch import CallHistory, HeadPrefetch, PrefetchingSource
from diag.chain.cache.single_flight import SingleFlight
from diag.chain.cache.snapshot import SnapshotCache
from diag.chain.collect import first_wave
from diag.chain.collect.collector import Collector
from diag.chain.collect.gateway_view import GatewayReader, GatewayView
from diag.chain.collect.remembered import Remembered
from diag.chain.metrics import Counters
from diag.chain.pool.head import head_calls
from diag.chain.pool.hedging import Patience, unmeasured
from diag.chain.pool.pool import PROBE, Pool
from diag.chain.pool.session import Session
from diag.chain.rpc.call import Deadline, Source, understood
from diag.chain.rpc.values import when
from diag.domain.case import Case
from diag.domain.chain_objects import Network
from diag.domain.gateway import Gateway
from diag.domain.gateway_register import Register
from diag.domain.history import History, Node
from diag.errors import BadInput, OutOfTime, Unreachable


@dataclass(frozen=True, slots=True)
class Health:
    """The head of the chain, its parameters and counters, and the node that told them."""

    network: Network
    node: Node
    time: datetime


def look(
    sources: Iterable[Source],
    *,
    seconds: float,
    chain_id: str | None,
    clock: Callable[[], datetime],
    patience: Patience = unmeasured,
) -> Health:
    """One wave to the first fit source; raises Unreachable if there is none."""
    session = Session(tuple(sources), Deadline(seconds), patience=patience)
    _, head = first_wave.from_the_best(session, head_calls(()), chain_id, clock)
    return Health(head.network, head.node, head.time)


LONGEST = timedelta(seconds=3)
"""A moment lasts one block interval of its chain, and no longer than this."""
MOST_ROWS = 5_000
"""How many rows a moment keeps of each node's answers; some 20 MB."""
MOST_HISTORIES = MOST_VIEWS = 2
MOST_BYTES = 1024 * 1024
"""Of documents made in a moment."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look at the chain; made anew for each block, shared by all threads."""

    pool: Pool
    lifetime: Lifetime
    head: Hashable
    histories: SingleFlight[History] = field(
        default_factory=lambda: SingleFlight(MOST_HISTORIES, lambda found: found.whole)
    )
    views: SingleFlight[GatewayView] = field(
        default_factory=lambda: SingleFlight(MOST_VIEWS, lambda found: found.complete)
    )
    lock: Lock = field(default_factory=Lock)
    documents: BoundedAnswers[str, Any] = field(
        default_factory=lambda: BoundedAnswers(MOST_BYTES)
    )


class ChainClient:
    """Callable: Case → History. Also looks at a gateway and at the chain's health, from the same moment.

    standing tells the head of a chain that is at hand: a moment then lasts until it changes.
    ahead: for so many seconds after a question, each moment's head is asked for when it begins. A
    node that answers in any order is then asked all in one wave: its answers are newer than that.
    Safe to use from many threads.
    """

    def __init__(
        self,
        pool: Pool,
        register: Register,
        *,
        seconds: float = 8.0,
        standing: Callable[[], Hashable] | None = None,
        most_rows: int = MOST_ROWS,
        hints: CallHistory | None = None,
        tally: Counters | None = None,
        ahead: float = 0.0,
        timer: Callable[[], float] = time.monotonic,
        chain_id: str | None,
        clock: Callable[[], datetime],
        patience: Patience = unmeasured,
        index: Source | None = None,
        **more: Any,
    ) -> None:
        self._pool, self._register, self._seconds = pool, register, seconds
        self._standing, self._timer = standing, timer
        self._most_rows, self._hints, self._tally = most_rows, hints, tally or Counters()
        self._looking: dict[str, Any] = {
            "chain_id": chain_id,
            "clock": clock,
            "patience": patience,
        }
        self._index, self._more = index, {"remembered": Remembered(most_rows), **more}
        self._lock, self._turns = Lock(), Lock()
        self._interval = LONGEST
        self._moment = self._begin()
        self._ahead = HeadPrefetch(self._foresee, self._remaining, ahead, timer)

    def __call__(self, case: Case) -> History:
        """Ask everything about a case; raises what a Collector raises.

        An account that has moved since the moment's head is asked again in a new one: what it
        holds now and what its history shows would not belong together.
        """
        self._ahead.asked()
        key = hashlib.sha256(repr(case).encode()).hexdigest()
        moment = self._present()
        return moment.histories.get(key, self._seconds, partial(self._asked, moment, case))

    def look(self, gateway: Gateway) -> GatewayView:
        """How a gateway serves everybody; raises Unreachable if no source answers."""
        moment = self._present()
        seen = partial(self._seen, moment, gateway)
        return moment.views.get(gateway.key, self._seconds, seen)

    def health(self, seconds: float) -> Health:
        """The chain's health, asked within so many seconds; raises Unreachable."""
        return look(self._asked_by(self._present(), ""), seconds=seconds, **self._looking)

    def once(
        self, key: str, make: Callable[[], Found], weigh: Callable[[Found], int | None]
    ) -> Found:
        """What was made of this moment before, or is made now; weigh tells its bytes, None if it is
        not to be kept. Equal keys must mean equal questions: of user's input only a digest.
        """
        moment = self._present()
        with moment.lock:
            known: Found | None = moment.documents.get(key)
        self._tally.add("misses" if known is None else "hits", "", "document")
        if known is not None:
            return known
        made = make()
        weight = weigh(made)
        if weight is not None:
            with moment.lock:
                moment.documents.add(key, made, weight)
        return made

    # --- moments ------------------------------------------------------------------------

    def _present(self) -> Snapshot:
        """The moment that holds now."""
        with self._lock:
            if self._over(self._moment):
                self._moment = self._begin()
            return self._moment

    def _after(self, moment: Snapshot) -> Snapshot:
        """A moment that began later than this one."""
        with self._lock:
            if self._moment is moment:
                self._moment = self._begin()
            return self._moment

    def _over(self, moment: Snapshot) -> bool:
        if self._standing is not None:
            return self._standing() != moment.head
        return self._timer() >= moment.lifetime.until

    def _remaining(self) -> float:
        """Seconds until the present moment is over."""
        return max(0.0, self._moment.lifetime.until - self._timer())

    def _foresee(self) -> None:
        """Ask the best source for the moment's head, if that is of use to those who will ask."""
        source = next(iter(self._present().pool))
        if isinstance(source, SnapshotCache) and not source.dates:
            calls = head_calls(self._register.account_names)
            source.ask(list(calls.values()), Deadline(min(PROBE, self._seconds)))

    def _begin(self) -> Snapshot:
        lifetime = Lifetime(self._timer() + self._seconds_a_block)
        pool = self._pool.wrapping(partial(self._shared, lifetime))
        return Snapshot(pool, lifetime, self._standing and self._standing())

    @property
    def _seconds_a_block(self) -> float:
        return min(self._interval, LONGEST).total_seconds()

    def _shared(self, lifetime: Lifetime, source: Source) -> Source:
        return SnapshotCache(
            source,
            one_head=True,
            most_rows=self._most_rows,
            tally=self._tally,
            head_told=partial(self._head_told, lifetime),
        )

    def _head_told(self, lifetime: Lifetime, head: Mapping[str, Any]) -> None:
        """The snapshot ends when the block after this head is due."""
        time = understood(head, lambda found: when(found["time"]))
        if isinstance(time, datetime):
            age = (self._looking["clock"]() - time).total_seconds()
            lifetime.end_by(self._timer() + seconds_current(age, self._seconds_a_block))

    # --- questions ----------------------------------------------------------------------

    def _asked_by(self, moment: Snapshot, topic: str) -> Pool:
        """The moment's sources, as one question asks them."""
        return moment.pool.wrapping(lambda source: self._guided(source, topic))

    def _guided(self, source: Source, topic: str) -> Source:
        assert isinstance(source, SnapshotCache)
        return PrefetchingSource(source, topic, self._hints if topic else None)

    def _asked(self, moment: Snapshot, case: Case, deadline: Deadline) -> History:
        try:
            found = self._collected(moment, case, deadline)
        except BadInput as error:
            if self._standing is None and any(wrong.field == "from" for wrong in error.errors):
                return self._collected(
                    self._after(moment), case, deadline
                )  # not before its head
            raise
        if not found.later or not deadline.left():
            return found
        try:
            return self._collected(self._after(moment), case, deadline)
        except Unreachable:
            return found

    def _seen(self, moment: Snapshot, gateway: Gateway, deadline: Deadline) -> GatewayView:
        asking: dict[str, Any] = {"seconds": deadline.left(), "index": self._index}
        pool = self._asked_by(moment, f"gateway {gateway.key}")
        return GatewayReader(pool, **self._looking, **asking)(gateway)

    def _collected(self, moment: Snapshot, case: Case, deadline: Deadline) -> History:
        with self.turn(deadline.left()):
            return self._collect(moment, case, deadline)

    @contextmanager
    def turn(self, seconds: float) -> Iterator[None]:
        """A chain at hand makes nobody wait: side by side, questions only take room. Raises OutOfTime
        where the turn does not come in so many seconds.
        """
        if self._standing is None:
            yield
            return
        if not self._turns.acquire(timeout=seconds):
            raise OutOfTime
        try:
            yield
        finally:
            self._turns.release()

    def _collect(self, moment: Snapshot, case: Case, deadline: Deadline) -> History:
        asking: dict[str, Any] = {"seconds": deadline.left(), "index": self._index}
        pool = self._asked_by(moment, f"account {case.account}")
        asking["known_nodes"] = self._pool.nodes
        found = Collector(pool, self._register, **self._looking, **asking, **self._more)(case)
        self._interval = found.network.interval
        return found


class Batch:
    """Callable: Case → History. Lives as long as a batch of cases, and is shared by its threads.

    The head of each source is asked first, once; what is asked for one case is there for the
    others. Each case waits for its turn, if there is one to take. A case whose account has moved
    since then is asked `alone`, about its own moment: what it holds now and what its history shows
    would not belong together.
    """

    def __init__(
        self,
        pool: Pool,
        register: Register,
        alone: Callable[[Case], History],
        *,
        clock: Callable[[], datetime],
        most_rows: int = snapshot.MOST_ROWS,
        turn: Callable[[], AbstractContextManager[None]] = nullcontext,
        **asking: Any,
    ) -> None:
        began = clock()
        first = list(head_calls(register.account_names).values())
        self._alone, self._turn = alone, turn
        self._collect = Collector(
            pool.wrapping(lambda source: SnapshotCache(source, first, most_rows=most_rows)),
            register,
            remembered=Remembered(most_rows),
            clock=lambda: began,  # a head does not grow stale while the batch lasts
            known_nodes=pool.nodes,
            **asking,
        )

    def __call__(self, case: Case) -> History:
        """Ask everything about a case; raises what a Collector raises."""
        with self._turn():
            found = self._collect(case)
        return self._alone(case) if found.later else found
