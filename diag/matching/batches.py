"""Sets of waiting withdrawals that sum to one burn, and how unique they are. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from diag.matching.waiting import Set, Waiting

MOST_LEFT_OUT = 2
"""A batch may leave out this many of the withdrawals it could have held."""
LONGEST_QUEUE = 60
"""How many waiting withdrawals are tried as parts of one batch."""
MOST_EXCHANGED = 3
"""So many members of a batch at once are tried against as many others."""
NEAREST = 12
"""How many members, and how many others, are tried: the last before the burn."""

Due = Callable[[Waiting], int]
"""How much of a withdrawal the gateway burns, in base units."""


def batches(
    free: Sequence[Waiting],
    before: Sequence[Waiting],
    served: int,
    base_units: int,
    due: Due = lambda w: w.base_units,
) -> list[Set]:
    """The sets of waiting withdrawals whose sum is the burn, of the simplest kind that has any.

    First the run of those sent since the last one that was served, then all that wait, then
    either with a few left out; those that come back last. More than one set of a kind means
    that nobody can tell.
    """
    for waiting in (free, before):
        queue = waiting[-LONGEST_QUEUE:]
        fresh = [w for w in queue if w.number > served]
        for left_out in range(MOST_LEFT_OUT + 1):
            for part in (fresh, queue):
                found = list(_sums(part, base_units, left_out, due))
                if found:
                    return found
    return []


def _sums(queue: Sequence[Waiting], base_units: int, left_out: int, due: Due) -> Iterator[Set]:
    """Runs of the queue, with exactly `left_out` inner members left out, that sum to units."""
    prefix = [0]
    for w in queue:
        prefix.append(prefix[-1] + due(w))
    positions = {total: index for index, total in enumerate(prefix)}
    for start in range(len(queue)):
        if left_out == 0:
            end = positions.get(prefix[start] + base_units)
            if end is not None and end > start + 1:
                yield tuple(queue[start:end])
            continue
        if start:  # with members left out, only runs from the oldest on
            return
        for inner in combinations(range(len(queue)), left_out):
            total = prefix[start] + base_units + sum(due(queue[i]) for i in inner)
            end = positions.get(total)
            if end is None or end <= inner[-1] + 1 or inner[0] <= start:
                continue
            kept = tuple(w for i, w in enumerate(queue[start:end], start) if i not in inner)
            if len(kept) > 1:
                yield kept


def exchanges(
    members: Sequence[Waiting], others: Sequence[Waiting], due: Due
) -> Iterator[tuple[Set, Set]]:
    """Which members of a batch could be exchanged for which others: both have the same sum.

    Where there are any, another set of withdrawals fits the burn as well.
    """
    if not others:
        return
    by_sum: dict[int, list[Set]] = defaultdict(list)
    for some in _some(others):
        by_sum[sum(map(due, some))].append(some)
    for some in _some(members):
        for instead in by_sum.get(sum(map(due, some)), ()):
            yield some, instead


def _some(waiting: Sequence[Waiting]) -> Iterator[Set]:
    nearest = waiting[-NEAREST:]
    for size in range(1, MOST_EXCHANGED + 1):
        yield from combinations(nearest, size)
