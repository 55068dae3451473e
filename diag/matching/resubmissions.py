"""Was it sent again: what came back and went out once more is decided by the later one. Pure."""

from __future__ import annotations

from diag.domain.evidence import Evidence
from diag.domain.operations import ProposalCreated, Transfer
from diag.domain.withdrawal import Withdrawal


def sent_again(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """True if the same asset went to the same place once more, in the window or, of what came
    back, at any time since.
    """
    everything = (*evidence.withdrawals, *evidence.candidates)
    if any(_repeats(withdrawal, other) for other in everything):
        return True
    return bool(withdrawal.returns) and any(
        isinstance(o, Transfer)
        and o.sender == getattr(withdrawal.sent, "sender", None)
        and o.location.number > _over(withdrawal)
        and o.amount.asset.id == withdrawal.amount.asset.id
        and _same_place(evidence, withdrawal, o.recipient)
        for o in evidence.history.log.operations
    )


def superseded_ids(evidence: Evidence) -> frozenset[str]:
    """Those that came back, or were never carried out, and were sent again: the later one decides."""
    return frozenset(
        w.id
        for w in evidence.withdrawals
        if (w.returns or _gone(evidence, w))
        and any(_repeats(w, other) for other in evidence.withdrawals)
    )


def _gone(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """True for a proposal that is not open any more."""
    made = withdrawal.sent
    if not isinstance(made, ProposalCreated) or made.proposal is None:
        return False
    return evidence.history.proposals.get(made.proposal, made) is None


def _repeats(first: Withdrawal, other: Withdrawal) -> bool:
    return (
        other.id != first.id
        and _place(other) == _place(first)
        and other.amount.asset.id == first.amount.asset.id
        and other.sent.location.number > _over(first)
    )


def _over(withdrawal: Withdrawal) -> int:
    """From which operation on another movement is a new one: it went out, or it came back."""
    returned = [a.operation.location.number for a in withdrawal.returns]
    return max([withdrawal.sent.location.number, *returned])


def _place(withdrawal: Withdrawal) -> str:
    gateway = withdrawal.gateway
    return (gateway and gateway.key) or withdrawal.recipient


def _same_place(evidence: Evidence, withdrawal: Withdrawal, recipient: str) -> bool:
    name = evidence.name(recipient)
    gateway = evidence.register.by_account(name)
    return _place(withdrawal) in (name, gateway.key if gateway else None)
