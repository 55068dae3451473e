"""Finds sets of waiting withdrawals that sum to one burn. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, combinations

from diag.matching.waiting import Set, Waiting

MOST_LEFT_OUT = 2
"""The most waiting withdrawals that a batch may leave out; `_choices` handles up to two."""
LONGEST_QUEUE = 60
"""The most waiting withdrawals considered for one batch."""
MOST_EXCHANGED = 3
"""The most members of a batch, and the most others, in one exchange."""
NEAREST = 12
"""How many members, and how many others, are considered: the last ones before the burn."""

Due = Callable[[Waiting], int]
"""How much of a withdrawal the gateway burns, in base units."""


def batches(
    free: Sequence[Waiting],
    before: Sequence[Waiting],
    served: int,
    base_units: int,
    due: Due = lambda w: w.base_units,
) -> list[Set]:
    """Return the sets of waiting withdrawals whose amounts sum to the burn.

    These kinds of sets are tried in order, and only the first kind that has any is returned:
    runs sent since the last served withdrawal, runs of all that wait, then both with a few
    members left out. Withdrawals that the user gets back are considered last. Several sets mean
    that the batch is ambiguous.

    free: the waiting withdrawals that the user does not get back.
    before: all waiting withdrawals.
    served: the operation number of the last served one.
    base_units: the burnt amount.
    """
    queues = [waiting[-LONGEST_QUEUE:] for waiting in (free, before)]
    for queue in queues if queues[0] != queues[1] else queues[:1]:
        amounts = list(map(due, queue))
        least = min(amounts, default=0)
        if least >= 0 and not 2 * least <= base_units <= sum(amounts):
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
    """Return the positions of each run that sums to the total, with `left_out` inner members left out.

    A run has at least two members. With members left out, only runs from the oldest on are
    tried.
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
    """Yield each `count` (one or two) of the inner positions whose amounts sum to `missing`."""
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
    """Yield members of a batch, and others with the same sum that could replace them.

    Each pair means that another set of withdrawals fits the burn as well.
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
