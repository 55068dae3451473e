"""The withdrawal was only proposed: approvals are missing, or did not come in time.

### What it looks for

A proposal made in the window that holds a transfer of the account's coins: still open, with who
has approved and who is missing; tried and failed, with the reason the node keeps; or gone
without the transfer ever being carried out.

### Why it happens

An account with several signers proposes a transfer and the others approve it. Until the last
approval nothing leaves the account; a proposal that expires, or fails when it is carried out,
leaves no operation behind.

### What to tell the user

That the coins never left, who has to approve and until when; after expiry, to propose again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from diag.domain.account import Authority
from diag.domain.chain_objects import Proposal
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import evidence_item, facts, sent
from diag.domain.finding import Eta, Finding, Rule
from diag.domain.operations import ProposalCreated, ProposalDeleted, Transfer
from diag.domain.vocabulary import (
    Actor,
    Advice,
    Ask,
    Confidence,
    Group,
    Outcome,
    ResendSafe,
    Severity,
    Stage,
)
from diag.domain.withdrawal import Withdrawal
from diag.words import evidence_claim, filler, rule_words

PENDING = Rule(
    **rule_words("proposal_pending"),
    group=Group.CAUSE,
    rank=110,
    outcome=Outcome.NOT_SENT,
    stage=Stage.USER_ACCOUNT,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.APPROVE_PROPOSAL,
    confidence=Confidence.CERTAIN,
    lasting=False,
    sep24="pending_user",
    iso20022="PATC",
)
FAILED = Rule(
    **rule_words("proposal_failed"),
    group=Group.CAUSE,
    rank=100,
    outcome=Outcome.NOT_SENT,
    stage=Stage.USER_ACCOUNT,
    severity=Severity.WARNING,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.CERTAIN,
    lasting=False,
    ask=(Ask.AMOUNT,),
    sep24="error",
    iso20022="AG08",
)
EXPIRED = Rule(
    **rule_words("proposal_expired"),
    group=Group.CAUSE,
    rank=120,
    outcome=Outcome.NOT_SENT,
    stage=Stage.USER_ACCOUNT,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.SEND_AGAIN,
    confidence=Confidence.HIGH,
    resend_safe=ResendSafe.YES,
    sep24="expired",
    iso20022="DS24",
)
PAID_MEANWHILE, FAILED_PAID_MEANWHILE = (
    replace(
        rule,
        **rule_words(rule.code, "paid_meanwhile"),
        severity=Severity.WARNING,
        actor=Actor.USER,
        advice=Advice.DO_NOT_RESEND,
        confidence=Confidence.MEDIUM,
    )
    for rule in (PENDING, FAILED)
)
"""About as much was sent directly while the proposal was open."""
BY_ANOTHER = replace(
    PENDING,
    **rule_words("proposal_pending", "by_another"),
    severity=Severity.WARNING,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.HIGH,
    ask=(Ask.DESTINATION,),
)
"""Neither the account nor one of its signers made the proposal."""
ORDER = 80
RULES = (PENDING, FAILED, EXPIRED)
VARIANTS = (PAID_MEANWHILE, FAILED_PAID_MEANWHILE, BY_ANOTHER)


def check(evidence: Evidence) -> Iterator[Finding]:
    for withdrawal in evidence.withdrawals:
        made = withdrawal.sent
        if not isinstance(made, ProposalCreated) or made.proposal is None:
            continue
        if made.proposal not in evidence.history.proposals:
            continue
        live = evidence.history.proposals[made.proposal]
        if live is None:
            if evidence.history.log.complete(made.at, min(made.expires, evidence.now)):
                yield _gone(evidence, withdrawal, made)
        elif payment := _payment(evidence, withdrawal):
            yield _paid_meanwhile(evidence, withdrawal, live, payment)
        elif live.fail_reason:
            yield _failed(evidence, withdrawal, live)
        else:
            yield _pending(evidence, withdrawal, live)


ABOUT = Decimal("0.1")
"""Two amounts are about equal if they differ by at most this share."""


def _payment(evidence: Evidence, withdrawal: Withdrawal) -> Transfer | None:
    """Return a direct payment of about as much of the same asset since the proposal, if there
    is one.
    """
    account, planned = evidence.history.account, withdrawal.amount
    back = {w.id for w in (*evidence.withdrawals, *evidence.candidates) if w.whole_back}
    return next(
        (
            o
            for o in evidence.operations(withdrawal.at, evidence.now)
            if isinstance(o, Transfer)
            and account is not None
            and o.sender == account.id
            and o.id not in back
            and o.amount.asset_id == planned.asset.id
            and abs(o.amount.base_units - planned.base_units) <= ABOUT * planned.base_units
        ),
        None,
    )


def _paid_meanwhile(
    evidence: Evidence, withdrawal: Withdrawal, live: Proposal, payment: Transfer
) -> Finding:
    claim = evidence_claim("sent_meanwhile")
    paid = str(evidence.history.amount(payment.amount))
    rule = FAILED_PAID_MEANWHILE if live.fail_reason else PAID_MEANWHILE
    return rule.found(
        withdrawal.id,
        evidence_items=[
            sent(evidence, withdrawal),
            evidence_item(evidence, payment, claim, paid),
        ],
        eta=Eta(None, live.expires, live.expires, "protocol"),
        proposal=live.id,
        payment=payment.id,
        paid=paid,
        paid_at=payment.at,
        payee=evidence.name(payment.recipient),
        expires=live.expires,
        **facts(withdrawal),
    )


def _pending(evidence: Evidence, withdrawal: Withdrawal, live: Proposal) -> Finding:
    missing = [evidence.name(who) for who in _missing(evidence, live)]
    approved = sorted(evidence.name(who) for who in live.approved)
    return (PENDING if _by_own_signer(evidence, live) else BY_ANOTHER).found(
        withdrawal.id,
        evidence_items=[sent(evidence, withdrawal)],
        eta=Eta(None, live.expires, live.expires, "protocol"),
        proposal=live.id,
        missing=tuple(missing) or filler("missing", "others"),
        approved=tuple(approved) or filler("approved", "nobody"),
        proposer=evidence.name(live.proposer),
        expires=live.expires,
        **facts(withdrawal),
    )


def _by_own_signer(evidence: Evidence, live: Proposal) -> bool:
    """Return True if the account, or an account that may sign for it, made the proposal."""
    account = evidence.history.account
    if account is None:
        return False
    signers = {account.id, *_members(account.active), *_members(account.owner)}
    return live.proposer in signers


def _missing(evidence: Evidence, live: Proposal) -> list[str]:
    """Return who could still approve: members of the required authorities that have not approved."""
    found: list[str] = []
    for account_id in sorted(live.required - live.approved):
        account = evidence.history.accounts.get(account_id)
        members = _members(account.active) if account else []
        found += [m for m in members if m not in live.approved] or [account_id]
    return list(dict.fromkeys(found))


def _members(authority: Authority) -> list[str]:
    return [who for who, _ in authority.accounts]


def _failed(evidence: Evidence, withdrawal: Withdrawal, live: Proposal) -> Finding:
    plain_reason = "insufficient" if "nsufficient" in live.fail_reason else "other"
    return FAILED.found(
        withdrawal.id,
        evidence_items=[sent(evidence, withdrawal, observed=live.fail_reason[:300])],
        eta=Eta(None, live.expires, live.expires, "protocol"),
        proposal=live.id,
        reason=filler("reason_proposal_failed", plain_reason),
        fail_reason=live.fail_reason[:300],
        expires=live.expires,
        **facts(withdrawal),
    )


def _gone(evidence: Evidence, withdrawal: Withdrawal, made: ProposalCreated) -> Finding:
    removed = [
        o
        for o in evidence.history.log.operations
        if isinstance(o, ProposalDeleted) and o.proposal == made.proposal
    ]
    claim = evidence_claim("proposal_removed")
    seen_until = evidence.as_of.irreversible_time
    lapsed = seen_until is not None and seen_until >= made.expires
    vetoed = removed or made.expires > evidence.now
    return EXPIRED.found(
        withdrawal.id,
        evidence_items=[
            sent(evidence, withdrawal),
            *(evidence_item(evidence, o, claim) for o in removed),
        ],
        basis=[] if removed or lapsed else ["recent"],
        proposal=made.proposal or "",
        ended=filler("ended", "vetoed" if vetoed else "lapsed"),
        expires=made.expires,
        **facts(withdrawal),
    )
