"""Computes how long a gateway may take for a withdrawal. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from diag.domain.gateway import Gateway
from diag.domain.settlement import SEEN_TO_SETTLE
from diag.domain.withdrawal import (
    ENOUGH_SETTLED,
    ESCALATE,
    LEAST_PATIENCE,
    OVERDUE,
    USUAL,
    Patience,
)


def percentile(ordered: Sequence[timedelta], percent: int) -> timedelta | None:
    """Return the nearest-rank percentile of durations in ascending order; None if there are none."""
    if not ordered:
        return None
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def patience(gateway: Gateway, times: Sequence[timedelta]) -> Patience:
    """Return how long the gateway may take.

    The times are observed ones if there are enough, else the register's, else the defaults. A
    few observed times count too if their median is longer than the overdue time of the others.
    A gateway that settles in batches takes as long as from one batch to the next. Nothing is
    escalated before it is overdue.
    """

    def within(usual: timedelta, overdue: timedelta, basis: str) -> Patience:
        return Patience(usual, overdue, max(gateway.escalate or ESCALATE, overdue), basis)

    slow = percentile(times, 95)
    if slow is not None and len(times) >= ENOUGH_SETTLED:
        return within(slow, max(2 * slow, LEAST_PATIENCE), "observed")
    if usual := max(filter(None, (gateway.usual, gateway.batch_every)), default=None):
        overdue = gateway.overdue or max(OVERDUE, 2 * usual)
        known = within(usual, max(usual, overdue), "register")
    else:
        known = within(USUAL, gateway.overdue or OVERDUE, "default")
    median = percentile(times, 50)
    if median is None or len(times) < SEEN_TO_SETTLE or median <= known.overdue:
        return known
    return within(median, 2 * median, "observed")
