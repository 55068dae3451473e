"""Was it sent again: what came back and went out once more is decided by the later one. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from diag.evidence import Evidence, Withdrawal


def again(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """True if the window holds a later movement of the same asset to the same account."""
    return any(_repeats(withdrawal, w) for w in (*evidence.withdrawals, *evidence.candidates))


def superseded(withdrawals: Iterable[Withdrawal]) -> frozenset[str]:
    """The returned withdrawals of a case that were sent again: the later one decides."""
    found = tuple(withdrawals)
    return frozenset(w.id for w in found if w.returns and any(_repeats(w, o) for o in found))


def _repeats(first: Withdrawal, other: Withdrawal) -> bool:
    back = max((a.operation.place.number for a in first.returns), default=-1)
    return (
        other.id != first.id
        and other.recipient == first.recipient
        and other.amount.asset.id == first.amount.asset.id
        and other.sent.place.number > max(back, first.sent.place.number)
    )
