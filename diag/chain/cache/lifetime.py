"""How long a snapshot of the chain is current: until the next block is due at the node."""

from __future__ import annotations

ARRIVAL = 0.25
"""Seconds that a block usually takes to reach a node."""
LATE = 1.5
"""Seconds by which a block may be late before it counts as missed."""
RETRY = 0.5
"""Seconds after which the head is asked for again while a block is late."""


def seconds_current(age: float, interval: float) -> float:
    """For how many seconds a head of that age is likely to be the newest one.

    Both are in seconds. A head that is not of the present (behind or ahead of the clock, or of a
    chain that misses blocks) counts for a whole interval: nothing is known of the next block.
    """
    due = interval - age
    if age < 0 or due < -LATE:
        return interval
    if due + ARRIVAL > 0:
        return min(interval, due + ARRIVAL)
    return RETRY


class Lifetime:
    """Until when a snapshot is current, on the clock of its maker; it can only become shorter."""

    def __init__(self, until: float) -> None:
        self.until = until

    def end_by(self, until: float) -> None:
        """A head was told that will be the newest one until then."""
        self.until = min(self.until, until)
