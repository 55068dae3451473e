"""Was it sent again: what came back and went out once more is decided by the later one. Pure."""

from __future__ import annotations

from decimal import Decimal

from diag.domain.evidence import Evidence
from diag.domain.operations import ProposalCreated, TimeLock, TimeLockRefunded
from diag.domain.withdrawal import Withdrawal

NEARLY = Decimal("0.9")
"""Amounts are about the same if the smaller is this share of the larger, or more."""


def superseded_ids(evidence: Evidence) -> frozenset[str]:
    """Withdrawals that another one stands in for, so that the other one decides.

    Those that came back and then went out once more; and proposals that were never carried out
    where the same amount was sent directly, before or after.
    """
    return frozenset(
        w.id
        for w in evidence.withdrawals
        if _over(evidence, w)
        and any(_stands_in(evidence, other, w) for other in evidence.withdrawals)
    )


def _over(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """True if it will not be carried out any more, or came back."""
    return (
        withdrawal.whole_back
        or _lapsed(evidence, withdrawal)
        or _refunded(evidence, withdrawal)
    )


def _stands_in(evidence: Evidence, other: Withdrawal, first: Withdrawal) -> bool:
    """True if another one was sent instead of one that is over."""
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
    """True for a proposal that is not open any more."""
    made = withdrawal.sent
    if not isinstance(made, ProposalCreated) or made.proposal is None:
        return False
    return evidence.history.proposals.get(made.proposal, made) is None


def _refunded(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """True for a time-lock whose coins came back."""
    made = withdrawal.sent
    return isinstance(made, TimeLock) and any(
        isinstance(o, TimeLockRefunded) and o.lock == made.lock
        for o in evidence.history.log.operations
    )


def _later(other: Withdrawal, first: Withdrawal) -> bool:
    """True if the other was sent once the first was over: it went out, or it came back."""
    returned = [a.operation.location.number for a in first.returns]
    return other.sent.location.number > max([first.sent.location.number, *returned])


def _destination(withdrawal: Withdrawal) -> str:
    """The gateway, else the account that it went to."""
    gateway = withdrawal.gateway
    return (gateway and gateway.key) or withdrawal.recipient
