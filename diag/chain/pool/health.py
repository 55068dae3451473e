"""How one source has fared lately: what the pool ranks it by, and how long to wait for it.

It decides whom to ask first and when to ask somebody else as well; never a verdict.
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
"""So many waves without an answer, one after the other, and the source is left to rest."""
FIRST_REST, LONGEST_REST = 5.0, 60.0
"""Seconds of rest; each rest is twice as long as the one before."""
SAMPLES = 64
LEAST_SAMPLES = 8
SHORTEST, LONGEST = 0.05, 2.0
"""Bounds of the seconds to wait before somebody else is asked as well."""
HEARD_FOR = 60.0
"""Seconds for which what a source said of its head is worth something."""
_LATENCY_STEP = 0.01


class State(StrEnum):
    """Whether a source is fit to answer; the order is the order of preference."""

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
    """A source's standing at one moment. latency: median seconds of a wave, patience: their p95."""

    state: State
    latency: float | None
    patience: float
    partial: bool
    """It has shown that it keeps only a part of some account's history."""
    old: bool = False
    """It does not know history by time, which has to be searched then: a version before 6.1."""
    lack: Lack | None = None
    """Why it serves no histories."""


class NodeHealth:
    """The record of one source as it is written; safe to use from many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._waves: deque[float] = deque(maxlen=SAMPLES)
        self._failures = 0
        self._rest_until, self._rest = 0.0, FIRST_REST
        self._head: Head | None = None
        self._heard: float | None = None
        self._rejected: State | None = None
        self._partial = self._old = False
        self._lack: Lack | None = None

    def answered(self, seconds: float) -> None:
        """A wave came back after so many seconds."""
        with self._lock:
            self._waves.append(seconds)
            self._failures, self._rest = 0, FIRST_REST

    def failed(self) -> bool:
        """A wave brought nothing; True if the source is given a rest for it."""
        with self._lock:
            self._failures += 1
            now = self._clock()
            if self._failures < MOST_FAILURES or now < self._rest_until:
                return False
            self._rest_until = now + self._rest
            self._rest = min(2 * self._rest, LONGEST_REST)
            return True

    def showed(self, head: Head) -> None:
        """It told its head, and its chain is the right one."""
        with self._lock:
            self._head, self._heard, self._rejected = head, self._clock(), None

    def rejected(self, state: State) -> None:
        """It told a head that cannot be used: OTHER_CHAIN or IMPOSSIBLE."""
        with self._lock:
            self._head, self._heard, self._rejected = None, self._clock(), state

    def keeps(self, *, everything: bool) -> None:
        """Whether it holds the histories of accounts from their beginning."""
        with self._lock:
            self._partial = not everything

    def refuses(self, lack: Lack | None) -> None:
        """Whether a wave of questions about an account's history was refused.

        One account's history that is served does not show that those of all others are.
        """
        with self._lock:
            if lack or self._lack is not Lack.SELECTED:
                self._lack = lack

    def surveyed(self, lack: Lack | None) -> None:
        """Whether it serves histories, as a survey found."""
        with self._lock:
            self._lack = lack

    def knows_time(self, *, knows: bool) -> None:
        """Whether it answers questions about history by time."""
        with self._lock:
            self._old = not knows

    def silent_for(self) -> float:
        """Seconds since it last told anything of itself."""
        with self._lock:
            return math.inf if self._heard is None else self._clock() - self._heard

    def record(self) -> HealthRecord:
        """How it stands now."""
        with self._lock:
            latency = statistics.median(self._waves) if self._waves else None
            return HealthRecord(
                self._state(), latency, self._patience(), self._partial, self._old, self._lack
            )

    def _state(self) -> State:
        now = self._clock()
        if self._rejected:
            return self._rejected
        if self._failures:
            return State.RESTING if now < self._rest_until else State.FAILING
        if self._head is None or self._heard is None or now - self._heard > HEARD_FOR:
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


def preference(record: HealthRecord) -> tuple[int, bool, bool, int]:
    """What sources are sorted by: fit ones first, those that keep everything, new ones, quick ones.

    Sources about as quick as each other stay in the order in which they are named.
    """
    latency = record.latency or 0.0
    step = round(math.log2(1 + latency / _LATENCY_STEP) / 2)
    return _ORDER.index(record.state), record.partial, record.old, step
