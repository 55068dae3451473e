"""Sets of waiting withdrawals that sum to one burn, and how unique they are. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, combinations

from diag.matching.waiting import Set, Waiting

MOST_LEFT_OUT = 2
"""A batch may leave out this many of the withdrawals it could have held; `_choices` knows two."""
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
    queues = [waiting[-LONGEST_QUEUE:] for waiting in (free, before)]
    for queue in queues if queues[0] != queues[1] else queues[:1]:
        amounts = list(map(due, queue))
        if sum(amounts) < base_units and min(amounts, default=0) >= 0:
            continue
        parts = [(queue, amounts)]
        old = sum(w.number <= served for w in queue)
        if old:
            parts.insert(0, (queue[old:], amounts[old:]))
        for left_out in range(MOST_LEFT_OUT + 1):
            for part, dues in parts:
                found = [
                    tuple(part[i] for i in kept) for kept in _sums(dues, base_units, left_out)
                ]
                if found:
                    return found
    return []


def _sums(amounts: Sequence[int], total: int, left_out: int) -> list[tuple[int, ...]]:
    """Positions of the runs that sum to the total, with exactly `left_out` inner ones left out.

    A run has at least two members. With members left out, only runs from the oldest on count.
    """
    prefix = [0, *accumulate(amounts)]
    if not left_out:
        ends = {sum_: end for end, sum_ in enumerate(prefix)}
        runs = ((start, ends.get(prefix[start] + total, 0)) for start in range(len(amounts)))
        return [tuple(range(start, end)) for start, end in runs if end > start + 1]
    largest, found = max(amounts, default=0) * left_out, []
    for end in range(left_out + 2, len(prefix)):
        missing = prefix[end] - total
        if missing > largest:
            break
        if missing > 0:
            inner = range(1, end - 1)
            found += [(out, end) for out in _choices(amounts, inner, missing, left_out)]
    return [tuple(i for i in range(end) if i not in out) for out, end in sorted(found)]


def _choices(
    amounts: Sequence[int], inner: range, missing: int, count: int
) -> Iterator[tuple[int, ...]]:
    """Each `count` (one or two) of the inner positions whose amounts sum to what is missing."""
    if count == 1:
        yield from ((i,) for i in inner if amounts[i] == missing)
        return
    earlier: dict[int, list[int]] = defaultdict(list)
    for j in inner:
        yield from ((i, j) for i in earlier.get(missing - amounts[j], ()))
        earlier[amounts[j]].append(j)


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
