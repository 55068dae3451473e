"""Finds withdrawals that came back, or lapsed, and were sent again. Pure."""

from __future__ import annotations

from decimal import Decimal

from diag.domain.evidence import Evidence
from diag.domain.operations import ProposalCreated, TimeLock, TimeLockRefunded
from diag.domain.withdrawal import Withdrawal

NEARLY = Decimal("0.9")
"""Two amounts are about the same if the smaller is at least this share of the larger."""


def superseded_ids(evidence: Evidence) -> frozenset[str]:
    """Return the ids of withdrawals that another one replaces, so that the other one decides the case.

    These are withdrawals that came back and were sent again, and proposals that were never
    carried out while about the same amount was sent directly, before or after.
    """
    return frozenset(
        w.id
        for w in evidence.withdrawals
        if _over(evidence, w)
        and any(_stands_in(evidence, other, w) for other in evidence.withdrawals)
    )


def _over(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """Return True if the withdrawal came back, or will not be carried out any more."""
    return (
        withdrawal.whole_back
        or _lapsed(evidence, withdrawal)
        or _refunded(evidence, withdrawal)
    )


def _stands_in(evidence: Evidence, other: Withdrawal, first: Withdrawal) -> bool:
    """Return True if `other` was sent in place of `first`, which is over."""
    if other.id == first.id or other.amount.asset.id != first.amount.asset.id:
        return False
    if _lapsed(evidence, first):
        sent_directly = not isinstance(other.sent, ProposalCreated)
        return _about_as_much(other, first) and (sent_directly or _later(other, first))
    alike = other.amount == first.amount or _destination(other) == _destination(first)
    return alike and _later(other, first)


def _about_as_much(other: Withdrawal, first: Withdrawal) -> bool:
    sums = sorted((other.amount.value, first.amount.value))
    return sums[0] >= sums[1] * NEARLY


def _lapsed(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """Return True for a proposal that is no longer open."""
    made = withdrawal.sent
    if not isinstance(made, ProposalCreated) or made.proposal is None:
        return False
    return evidence.history.proposals.get(made.proposal, made) is None


def _refunded(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """Return True for a time-lock whose coins came back."""
    made = withdrawal.sent
    return isinstance(made, TimeLock) and any(
        isinstance(o, TimeLockRefunded) and o.lock == made.lock
        for o in evidence.history.log.operations
    )


def _later(other: Withdrawal, first: Withdrawal) -> bool:
    """Return True if `other` was sent after `first` went out and after it came back."""
    returned = [a.operation.location.number for a in first.returns]
    return other.sent.location.number > max([first.sent.location.number, *returned])


def _destination(withdrawal: Withdrawal) -> str:
    """Return the gateway's key, or else the name of the recipient."""
    gateway = withdrawal.gateway
    return (gateway and gateway.key) or withdrawal.recipient
