"""The health of one node, observed from its answers: the pool's ranking and timeouts follow from it.

It decides which node is asked first and when another one is asked as well. No verdict depends on it.
"""

from __future__ import annotations

import math
import statistics
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

from diag.chain.pool.circuit_breaker import CircuitBreaker
from diag.chain.pool.head import Head
from diag.chain.pool.hedging import USUAL
from diag.chain.pool.history_service import Lack

SAMPLES = 64
LEAST_SAMPLES = 8
SHORTEST, LONGEST = 0.05, 2.0
"""Bounds of the seconds to wait before another node is asked as well."""
HEAD_TTL = 60.0
"""Seconds after which the last head of a node no longer shows its present state."""
_LATENCY_STEP = 0.01


class State(StrEnum):
    """Whether a node is fit to answer, in order of preference."""

    FIT = "fit"
    UNKNOWN = "unknown"
    BEHIND = "behind"
    AHEAD = "ahead"
    LACKING = "lacking"
    """The node answers, but serves no histories of accounts."""
    FAILING = "failing"
    RESTING = "resting"
    """The node failed several times in a row, and is not asked for a while."""
    IMPOSSIBLE = "impossible"
    """The node contradicts itself: its irreversible block lies beyond its head."""
    OTHER_CHAIN = "other_chain"


_ORDER = list(State)


@dataclass(frozen=True, slots=True)
class HealthRecord:
    """A node's health at one moment."""

    state: State
    latency: float | None
    """Median seconds of the node's last waves; None if there were none."""
    patience: float
    """Seconds to wait for it before another node is asked as well: the 95th percentile of its waves."""
    partial: bool
    """True if the node keeps only a part of some account's history."""
    lack: Lack | None = None
    """Why the node serves no histories; None if it serves them."""


class NodeHealth:
    """Collects what is observed of one node; thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._breaker = CircuitBreaker(clock)
        self._waves: deque[float] = deque(maxlen=SAMPLES)
        self._head: Head | State | None = None
        """Its last head, or the state that follows from one that cannot be used."""
        self._head_at = -math.inf
        self._partial = False
        self._lack: Lack | None = None

    def answered(self, seconds: float) -> None:
        """Record a wave that was answered after so many seconds."""
        with self._lock:
            self._waves.append(seconds)
            self._breaker.success()

    def failed(self) -> bool:
        """Record a wave without any answer; return True if the node is now left to rest."""
        with self._lock:
            return self._breaker.failure()

    def set_head(self, head: Head | State) -> None:
        """Record the node's head, or a state (OTHER_CHAIN or IMPOSSIBLE) if the head cannot be used."""
        with self._lock:
            self._head, self._head_at = head, self._clock()

    def set_partial(self, partial: bool) -> None:
        """Record whether the node lacks the beginning of some account's history."""
        with self._lock:
            self._partial = partial

    def set_lack(self, lack: Lack | None, *, surveyed: bool = False) -> None:
        """Record why the node serves no histories, or that it serves them.

        surveyed: many accounts were looked at. Otherwise it was a single one, and serving its
        history does not show that the node serves those of all others.
        """
        with self._lock:
            if lack or surveyed or self._lack in (Lack.DENIED, Lack.REFUSED, Lack.OUTDATED):
                self._lack = lack

    def seconds_since_head(self) -> float:
        """Return the seconds since the node last showed its head; infinity if it never did."""
        with self._lock:
            return self._clock() - self._head_at

    def record(self) -> HealthRecord:
        """Return the node's health now."""
        with self._lock:
            latency = statistics.median(self._waves) if self._waves else None
            return HealthRecord(
                self._state(), latency, self._patience(), self._partial, self._lack
            )

    def _state(self) -> State:
        if isinstance(self._head, State):
            return self._head
        if self._breaker.failures:
            return State.RESTING if self._breaker.is_open else State.FAILING
        if self._head is None or self._clock() - self._head_at > HEAD_TTL:
            return State.UNKNOWN
        if self._lack:
            return State.LACKING
        if self._head.gap is None:
            return State.FIT
        return State.AHEAD if self._head.node.ahead else State.BEHIND

    def _patience(self) -> float:
        if len(self._waves) < LEAST_SAMPLES:
            return USUAL
        slow = sorted(self._waves)[math.ceil(0.95 * len(self._waves)) - 1]
        return min(max(slow, SHORTEST), LONGEST)


def preference(record: HealthRecord) -> tuple[int, bool, int]:
    """Sort key of a node, the best first: state, full history, latency.

    The latency counts in coarse steps, so that nodes about as quick as each other keep the order of
    the settings.
    """
    latency = record.latency or 0.0
    step = round(math.log2(1 + latency / _LATENCY_STEP) / 2)
    return _ORDER.index(record.state), record.partial, step
