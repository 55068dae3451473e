"""Matches burns and credits that belong to a withdrawal in a less usual way. Pure.

Runs after everything has been read in chain order, on what the usual matching does not explain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import combinations

from diag.domain.withdrawal import Completeness, Doubt
from diag.matching.credits import ROW, Back
from diag.matching.waiting import Matching, Waiting, mark_rivals

MOST_PARTS = 4
"""The most parts in which a withdrawal may come back, and the most withdrawals in one return."""
MOST_CREDITS = 8
"""The most credits, or withdrawals, of one user that are combined."""
REFUNDED_WITHIN = timedelta(hours=72)
"""How long after a settlement a credit that may be a deposit can still be a refund."""
LEAST_PART = 0.2
"""The smallest share of a withdrawal that counts as a partial return."""


def match(matching: Matching) -> None:
    """Match the remaining burns and credits; the result is stored in `matching`."""
    _burnt_the_other_way(matching)
    for w in matching.waiting:
        if w.claimed and not w.returns:
            matching.give_back(w, w.claimed)
    _returned_in_parts(matching)
    _several_returned_at_once(matching)
    _returned_and_settled(matching)
    _part_returned_and_rest_burnt(matching)
    _returned_in_part(matching)


def _burnt_the_other_way(matching: Matching) -> None:
    """Match burns less the fee at a gateway that burns the full amount, and the other way round."""
    kept = 0 if matching.kept else matching.fee
    if kept == matching.kept:
        return
    doubts = (Doubt.BURNT_LESS_FEE,) if kept else ()
    for burn in list(matching.unexplained):
        units = burn.amount.base_units + kept
        fitting = [
            w for w in _unanswered(matching, burn.location.number) if w.base_units == units
        ]
        if len({w.sent.sender for w in fitting}) == 1:
            matching.settle(fitting[0], burn, *doubts)
        else:
            mark_rivals(fitting)


def _unanswered(matching: Matching, before: int) -> Iterator[Waiting]:
    return (w for w in matching.waiting if w.number < before and w.open)


def _returned_in_parts(matching: Matching) -> None:
    """Match several credits that together make a withdrawal, or that less the fee."""
    for user, left in matching.left.items():
        for w in matching.by_sender.get(user, ()):
            if w.settlement or w.missing <= 0 or not left:
                continue
            later = _later(matching, w, row=MOST_PARTS + 1)
            sizes = range(1, MOST_PARTS) if w.returns else range(2, MOST_PARTS + 1)
            for back in _summing(later, {w.missing, w.missing - matching.fee} - {0}, sizes):
                _give_back(matching, w, back)


def _later(matching: Matching, w: Waiting, *, row: int) -> list[Back]:
    """Return the user's credits after a withdrawal, except those in a series of at least `row`."""
    return [
        back
        for back in matching.left.get(w.sent.sender, ())
        if back.location.number > w.number and not matching.credits.in_a_row(back, row)
    ]


def _give_back(matching: Matching, w: Waiting, back: Back, *doubts: Doubt) -> None:
    matching.give_back(w, back, *doubts)
    matching.left[back.recipient].remove(back)


def _credits(matching: Matching) -> list[Back]:
    """Return all remaining credits, user by user."""
    return [back for left in matching.left.values() for back in left]


def _summing(backs: Sequence[Back], units: set[int], sizes: range) -> tuple[Back, ...]:
    """Return the first combination of credits that sums to one of the amounts; empty if there
    is none.
    """
    for size in sizes:
        for some in combinations(backs[:MOST_CREDITS], size):
            if sum(back.amount.base_units for back in some) in units:
                return some
    return ()


def _several_returned_at_once(matching: Matching) -> None:
    """Match one credit that returns several withdrawals of its user.

    It is their sum, less no fee, one fee, or one fee for each.
    """
    for back in _credits(matching):
        own = matching.own(back)[-MOST_CREDITS:]
        if len(own) < 2:
            continue
        sets = [s for size in range(2, MOST_PARTS + 1) for s in combinations(own, size)]
        found = [(s, fees) for s in sets if (fees := _fees(matching, s, back)) is not None]
        if not found:
            continue
        together, fees = found[0]
        doubts = (Doubt.FITS_OTHERS,) if len(found) > 1 else ()
        for place, w in enumerate(together):
            units = w.base_units - (matching.fee if place < fees else 0)
            matching.give_back(w, back, *doubts, part=units, shared=len(together))
        matching.left[back.recipient].remove(back)


def _fees(matching: Matching, together: Sequence[Waiting], back: Back) -> int | None:
    """Return how many fees a credit is short of these withdrawals; None if it is no return of them."""
    short = sum(w.base_units for w in together) - back.amount.base_units
    if not 0 <= short <= len(together) * matching.fee:
        return None
    if any(w.base_units <= matching.fee for w in together):
        return 0 if short == 0 else None
    return next((n for n in (0, 1, len(together)) if short == n * matching.fee), None)


def _returned_and_settled(matching: Matching) -> None:
    """Match full returns of settled withdrawals, and burns of returned ones."""
    for back in _credits(matching):
        settled = [] if matching.credits.in_a_row(back) else matching.settled_before(back)
        if settled and _may_refund(matching, settled[-1], back):
            _give_back(matching, settled[-1], back, Doubt.SETTLED_TOO)
    returned = [w for w in matching.waiting if w.returns and not w.settlement]
    for burn in list(matching.unexplained):
        fitting = [
            w
            for w in returned
            if w.number < burn.location.number
            and w.base_units - burn.amount.base_units in (0, matching.fee, matching.kept)
        ]
        if fitting:
            matching.settle(fitting[-1], burn, Doubt.SETTLED_TOO)
            returned.remove(fitting[-1])


def _may_refund(matching: Matching, w: Waiting, back: Back) -> bool:
    if w.settlement is None or not matching.credits.doubt(back):
        return True
    return back.at - w.settlement.operation.at <= REFUNDED_WITHIN


def _part_returned_and_rest_burnt(matching: Matching) -> None:
    """Match a burn and credits that together make one withdrawal."""
    waiting = [w for w in matching.waiting if matching.left.get(w.sent.sender)]
    for burn in list(matching.unexplained):
        found = [
            (w, parts)
            for w in waiting
            if w.number < burn.location.number
            and w.open
            and (parts := _rest(matching, w, w.base_units - burn.amount.base_units))
        ]
        if len(found) != 1:
            continue
        w, parts = found[0]
        for back in parts:
            _give_back(matching, w, back)
        matching.settle(w, burn, part=True)


def _rest(matching: Matching, w: Waiting, units: int) -> tuple[Back, ...]:
    """Return the credits that make the rest of a withdrawal, or that less the fee.

    units: the rest that a burn leaves, in base units.
    """
    if units <= 0:
        return ()
    later = _later(matching, w, row=ROW)
    return _summing(later, {units, units - matching.fee}, range(1, MOST_PARTS))


def _returned_in_part(matching: Matching) -> None:
    """Match a smaller credit, as a partial return, with the smallest withdrawal that has room
    for it.
    """
    for back in _credits(matching):
        if matching.credits.doubt(back):
            continue
        units, at = back.amount.base_units, back.location.number
        room = [
            w
            for w in matching.by_sender.get(back.recipient, ())
            if w.number < at
            and not w.settlement
            and all(a.completeness is Completeness.PARTIAL for a in w.returns)
            and LEAST_PART * w.base_units <= units <= w.missing
            and not _in_a_row(matching, w, back)
        ]
        if room:
            _give_back(matching, min(room, key=lambda w: (w.base_units, -w.number)), back)


def _in_a_row(matching: Matching, w: Waiting, back: Back) -> bool:
    """Return True if the credit belongs to a series of payments.

    A surplus of only two credits, both after the withdrawal, does not count: they may be parts
    of it.
    """
    credits = matching.credits
    if not credits.in_a_row(back):
        return False
    alike = (b for b in matching.left[back.recipient] if type(b) is type(back))
    earlier = any(b.location.number < w.number for b in alike)
    return earlier or credits.in_a_row(back, ROW + 1)
