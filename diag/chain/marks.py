"""The marks of a clock: moments that questions at about the same time have in common."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

CLOSELY = timedelta(minutes=20)
EVENLY = timedelta(hours=3)
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_STEPS = sorted(times << doubled for doubled in range(32) for times in (1, 3))
"""1, 2, 3, 4, 6, 8, 12 … seconds."""


def marks(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    """The moments of [start, end] at which a clock that ticks once a step does so."""
    mark = mark_from(start, step)
    while mark <= end:
        yield mark
        mark += step


def mark_from(moment: datetime, step: timedelta) -> datetime:
    """The first tick from a moment on."""
    return _ZERO - (_ZERO - moment) // step * step


def mark_until(moment: datetime, step: timedelta) -> datetime:
    """The last tick up to a moment."""
    return _ZERO + (moment - _ZERO) // step * step


def round_step(step: timedelta) -> timedelta:
    """The nearest of `_STEPS`: what is almost as far apart ticks alike."""
    seconds = max(1.0, step.total_seconds())
    return timedelta(seconds=min(_STEPS, key=lambda known: abs(math.log(known / seconds))))
