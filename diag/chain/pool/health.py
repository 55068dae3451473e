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

from diag.chain.pool.head import Head
from diag.chain.pool.hedging import USUAL
from diag.chain.pool.history_service import Lack

MOST_FAILURES = 3
"""After so many waves without an answer, one after the other, the node is left to rest."""
FIRST_REST, LONGEST_REST = 5.0, 60.0
"""Seconds of the first rest, and of the longest: each is twice as long as the one before."""
SAMPLES = 64
LEAST_SAMPLES = 8
SHORTEST, LONGEST = 0.05, 2.0
"""Bounds of the seconds to wait before another node is asked as well."""
HEARD_FOR = 60.0
"""Seconds after which the last head that a node told is out of date."""
_LATENCY_STEP = 0.01


class State(StrEnum):
    """Whether a node is fit to answer, in order of preference."""

    FIT = "fit"
    UNKNOWN = "unknown"
    BEHIND = "behind"
    AHEAD = "ahead"
    LACKING = "lacking"
    """It answers, but serves no histories of accounts."""
    FAILING = "failing"
    RESTING = "resting"
    IMPOSSIBLE = "impossible"
    """It contradicts itself: its irreversible block lies beyond its head."""
    OTHER_CHAIN = "other_chain"


_ORDER = list(State)


@dataclass(frozen=True, slots=True)
class HealthRecord:
    """A node's health at one moment.

    latency: median seconds of its last waves. patience: seconds to wait for it before another node is
    asked as well, their 95th percentile.
    """

    state: State
    latency: float | None
    patience: float
    partial: bool
    """It keeps only a part of some account's history."""
    lack: Lack | None = None
    """Why it serves no histories."""


class NodeHealth:
    """Collects what is observed of one node; safe to use from many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._waves: deque[float] = deque(maxlen=SAMPLES)
        self._failures = 0
        self._rest_until, self._rest = 0.0, FIRST_REST
        self._told: Head | State | None = None
        """The head that it told last, or the state that follows from an unusable one."""
        self._heard = -math.inf
        self._partial = False
        self._lack: Lack | None = None

    def answered(self, seconds: float) -> None:
        """A wave was answered after so many seconds."""
        with self._lock:
            self._waves.append(seconds)
            self._failures, self._rest = 0, FIRST_REST

    def failed(self) -> bool:
        """A wave brought no answer at all; returns True if the node is now left to rest."""
        with self._lock:
            self._failures += 1
            now = self._clock()
            if self._failures < MOST_FAILURES or now < self._rest_until:
                return False
            self._rest_until = now + self._rest
            self._rest = min(2 * self._rest, LONGEST_REST)
            return True

    def told(self, head: Head | State) -> None:
        """The node told its head; a state (OTHER_CHAIN or IMPOSSIBLE) if that cannot be used."""
        with self._lock:
            self._told, self._heard = head, self._clock()

    def keeps(self, *, everything: bool) -> None:
        """Whether the node keeps the histories of accounts from their beginning."""
        with self._lock:
            self._partial = not everything

    def refuses(self, lack: Lack | None) -> None:
        """What a wave of questions about one account's history showed: why it was refused, or None.

        Serving one account's history does not show that a node serves those of all others.
        """
        with self._lock:
            if lack or self._lack in (Lack.DENIED, Lack.REFUSED, Lack.OUTDATED):
                self._lack = lack

    def surveyed(self, lack: Lack | None) -> None:
        """What a survey of the node found: why it serves no histories, or None."""
        with self._lock:
            self._lack = lack

    def silent_for(self) -> float:
        """Seconds since the node last told its head; infinity if it never did."""
        with self._lock:
            return self._clock() - self._heard

    def record(self) -> HealthRecord:
        """The node's health now."""
        with self._lock:
            return HealthRecord(
                self._state(),
                statistics.median(self._waves) if self._waves else None,
                self._patience(),
                self._partial,
                self._lack,
            )

    def _state(self) -> State:
        now = self._clock()
        if isinstance(self._told, State):
            return self._told
        if self._failures:
            return State.RESTING if now < self._rest_until else State.FAILING
        if self._told is None or now - self._heard > HEARD_FOR:
            return State.UNKNOWN
        if self._lack:
            return State.LACKING
        if self._told.gap is None:
            return State.FIT
        return State.AHEAD if self._told.node.ahead else State.BEHIND

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
