"""Timing several ways of doing the same, in turns, so that a busy machine is unfair to all alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Spread:
    """Wall times of one thing in milliseconds, as they came."""

    times: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    def share(self, part: float) -> float:
        """The time below which that part of them lies: 0.95 for the 95th percentile."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]

    def document(self) -> dict[str, Any]:
        """For JSON, rounded to a hundredth of a millisecond."""
        return {
            "median_ms": round(self.median, 2),
            "min_ms": round(min(self.times), 2),
            "max_ms": round(max(self.times), 2),
            "runs": len(self.times),
        }


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do it: `prepare` is not timed, `work` is; both run anew each time.

    runs: in how many rounds it takes part, where it takes too long to run in all.
    """

    name: tuple[str, ...]
    work: Callable[[], object]
    prepare: Callable[[], object] = lambda: None
    runs: int | None = None


def in_turns(ways: Sequence[Way], rounds: int) -> dict[tuple[str, ...], Spread]:
    """Each way once a round, in the order given; before that once for nothing, but for the slow."""
    times: dict[tuple[str, ...], list[float]] = {way.name: [] for way in ways}
    for number in range(rounds + 1):
        for way in ways:
            if way.runs is not None and not 1 <= number <= way.runs:
                continue
            way.prepare()
            gc.collect()
            began = time.perf_counter()
            way.work()
            spent = (time.perf_counter() - began) * 1000
            if number:
                times[way.name].append(spent)
    return {name: Spread(tuple(spent)) for name, spent in times.items() if spent}
