"""Turns operations into evidence in words, and provides the values of a rule's placeholders."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from diag.domain.comparable import Comparison, Respect
from diag.domain.evidence import Evidence
from diag.domain.finding import Eta, EvidenceItem
from diag.domain.gateway import Gateway, Role
from diag.domain.operations import (
    AuthorityUpdate,
    Issue,
    Operation,
    ProposalCreated,
    TimeLock,
    Transfer,
    unfolded,
)
from diag.domain.withdrawal import Answer, AnswerKind, Completeness, Withdrawal
from diag.i18n import Text
from diag.words import evidence_claim

COVERAGE = evidence_claim("complete")


def evidence_item(
    evidence: Evidence,
    operation: Operation,
    claim: Text,
    observed: str | None = None,
    expected: str | None = None,
) -> EvidenceItem:
    """Return an operation as evidence for a claim, with everything needed to look it up."""
    place = operation.location
    return EvidenceItem(
        claim=claim,
        operation=operation.id,
        block=place.block,
        trx_in_block=None if place.virtual else place.transaction,
        op_in_trx=None if place.virtual else place.position,
        transaction=evidence.history.transactions.get(operation.id),
        time=operation.at,
        source=evidence.history.sources.get(operation.id) or _node(evidence),
        observed=observed,
        expected=expected,
    )


def coverage(evidence: Evidence) -> EvidenceItem:
    """Return the proof that the window's history is complete, with the operation it rests on."""
    claim = COVERAGE
    proof = evidence.history.proof
    kind = proof.kind if proof else None
    for operation in evidence.history.log.operations if proof else ():
        if proof and operation.id == proof.operation:
            return evidence_item(evidence, operation, claim, observed=kind)
    return EvidenceItem(claim=claim, time=evidence.now, source=_node(evidence), observed=kind)


def _node(evidence: Evidence) -> str:
    return evidence.as_of.nodes[0].name if evidence.as_of.nodes else ""


def sent(
    evidence: Evidence,
    withdrawal: Withdrawal,
    observed: str | None = None,
    expected: str | None = None,
) -> EvidenceItem:
    """Return the outgoing movement as evidence."""
    match withdrawal.sent:
        case TimeLock():
            claim = evidence_claim("time_lock")
        case ProposalCreated():
            claim = evidence_claim("proposed")
        case _:
            claim = evidence_claim("in_block")
    return evidence_item(
        evidence, withdrawal.sent, claim, observed or str(withdrawal.amount), expected
    )


def answer(evidence: Evidence, found: Answer) -> EvidenceItem:
    """Return an answer to a withdrawal as evidence."""
    amount = getattr(found.operation, "amount", found.part)
    observed = str(evidence.history.amount(amount))
    return evidence_item(evidence, found.operation, answer_words(found), observed=observed)


def answer_words(found: Answer) -> Text:
    """Return what an answer shows, in words."""
    if found.kind is not AnswerKind.BURN:
        return evidence_claim(str(found.kind))
    if found.completeness is Completeness.PARTIAL:
        return evidence_claim("burn_rest")
    burnt = getattr(found.operation, "amount", found.part)
    return evidence_claim("burn" if burnt == found.part else "burn_less_fee")


def statistics_item(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[EvidenceItem]:
    """Yield the gateway's statistics as evidence; they have no operation of their own."""
    found = withdrawal.statistics
    if found is None:
        return
    at = f"{found.last_settlement:%Y-%m-%d %H:%M:%S}" if found.last_settlement else None
    yield EvidenceItem(
        claim=evidence_claim(
            "statistics_with_last" if at else "statistics",
            settled=found.settled,
            later=found.served_later,
            returned=found.returned,
            waiting=found.waiting,
            overdue=found.overdue,
            at=at,
        ),
        time=evidence.now,
        source=_node(evidence),
    )


def comparison_item(evidence: Evidence, seen: Comparison, respect: Respect) -> EvidenceItem:
    """Return how the gateway treated similar withdrawals, as evidence without an operation."""
    at = f"{seen.last:%Y-%m-%d %H:%M:%S} UTC" if seen.last else None
    return EvidenceItem(
        claim=evidence_claim(
            "comparison_with_last" if at else "comparison",
            words=respect.words,
            settled=seen.settled,
            later=seen.settled_after,
            returned=seen.returned,
            passed_over=seen.passed_over,
            at=at,
        ),
        time=evidence.now,
        source=_node(evidence),
    )


GIVEN_BACK_SHARE = Decimal("0.95")
"""Minimum share of an earlier withdrawal that a credit must have to be its return."""


def sent_before(evidence: Evidence, credit: Issue | Transfer) -> list[Withdrawal]:
    """Return the withdrawals outside the window that a credit of the account may return."""
    account = evidence.history.account
    if account is None or credit.recipient != account.id:
        return []
    units = credit.amount.base_units
    return [
        w
        for w in evidence.outside
        if w.gateway is not None
        and w.at < credit.at
        and w.amount.asset.id == credit.amount.asset_id
        and GIVEN_BACK_SHARE * w.amount.base_units <= units <= w.amount.base_units
        and _is_of(evidence, credit, w.gateway)
    ]


def _is_of(evidence: Evidence, credit: Issue | Transfer, gateway: Gateway) -> bool:
    """Return True if the credit came from the gateway, or from the issuer of its asset."""
    if isinstance(credit, Issue):
        return True
    return evidence.register.by_account(evidence.name(credit.sender)) == gateway


def short_id(identity: str) -> str:
    """Return an operation id unchanged, and a transaction id shortened to its two ends."""
    return identity if len(identity) <= 20 else f"{identity[:8]}…{identity[-6:]}"


def gateway_name(withdrawal: Withdrawal) -> str:
    """Return the gateway's name in the register, or else the name of its account."""
    gateway = withdrawal.gateway
    return gateway.name if gateway and gateway.name else withdrawal.recipient


def facts(withdrawal: Withdrawal) -> dict[str, Any]:
    """Return the values that every text about a withdrawal may use."""
    return {
        "amount": str(withdrawal.amount),
        "gateway": gateway_name(withdrawal),
        "recipient": withdrawal.recipient,
        "sent_at": withdrawal.at,
        "operation": withdrawal.id,
        "block": withdrawal.sent.location.block,
    }


def gateway_eta(withdrawal: Withdrawal) -> Eta | None:
    """Return when the gateway should serve a withdrawal, by the times that apply to it."""
    patience = withdrawal.patience
    if patience is None:
        return None
    return Eta(
        normal_until=withdrawal.at + patience.usual,
        expected_by=withdrawal.at + patience.overdue,
        escalate_after=withdrawal.at + patience.escalate,
        basis=patience.basis,
    )


def takes_withdrawals(withdrawal: Withdrawal) -> bool:
    """Return True if the recipient took withdrawals of this asset for its gateway at that time."""
    gateway = withdrawal.gateway
    if gateway is None:
        return False
    at, symbol = withdrawal.at, withdrawal.amount.asset.symbol
    named = gateway.withdrawal_accounts(at, symbol)
    ids = {
        a.id
        for a in gateway.accounts
        if a.id and a.role is Role.WITHDRAWAL and a.name in named and a.period.covers(at)
    }
    recipient = getattr(withdrawal.sent, "recipient", None)
    return not named or withdrawal.recipient in named or recipient in (named | ids)


def unread(withdrawal: Withdrawal) -> list[str]:
    """Return the reason for doubt if the gateway's records since a withdrawal were not all read."""
    found = withdrawal.statistics
    return [] if found is None or found.complete else ["incomplete"]


def percent(value: float) -> str:
    """Format a share as whole percent."""
    return f"{round(value * 100)}%"


def key_changes(operations: tuple[Operation, ...], account: str) -> list[AuthorityUpdate]:
    """Return the updates of an account that changed a key or an authority."""
    able = [o for o in operations if isinstance(o, AuthorityUpdate | ProposalCreated)]
    return [
        o
        for o in unfolded(able)
        if isinstance(o, AuthorityUpdate)
        and o.account == account
        and (o.owner or o.active or o.memo_key)
    ]


def memo_key_at(evidence: Evidence, withdrawal: Withdrawal) -> str | None:
    """Return the recipient's memo key when the transfer was made; None if it cannot be known.

    This is the present key, unless the account changed it since; then it is the key set last
    before the transfer.
    """
    assert isinstance(withdrawal.sent, Transfer)
    recipient = withdrawal.sent.recipient
    account = evidence.history.accounts.get(recipient)
    log = evidence.history.gateway_logs.get(recipient)
    if account is None or log is None or not log.complete(withdrawal.at, evidence.now):
        return None
    changes = [o for o in key_changes(log.operations, recipient) if o.memo_key]
    later = [o for o in changes if o.location.number > withdrawal.sent.location.number]
    if not later:
        return account.memo_key
    earlier = [o for o in changes if o.location.number < withdrawal.sent.location.number]
    return earlier[-1].memo_key if earlier else None
