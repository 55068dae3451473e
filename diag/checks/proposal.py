"""The withdrawal was only proposed: it needs approvals that it has not, or did not get in time.

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
    Outcome,
    ResendSafe,
    Severity,
    Stage,
)
from diag.domain.withdrawal import Withdrawal
from diag.i18n import Text

PENDING = Rule(
    code="proposal_pending",
    title=Text(zh="提案待批准", en="A proposal waits for approval"),
    outcome=Outcome.NOT_SENT,
    stage=Stage.USER_ACCOUNT,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.APPROVE_PROPOSAL,
    confidence=Confidence.CERTAIN,
    lasting=False,
    sep24="pending_user",
    iso20022="PATC",
    reply=Text(
        zh="您的 {amount} 还没有离开账户。{sent_at} 发起的是一份多签提案（{proposal}），还需"
        "要 {missing} 批准。请在 {expires} 之前完成批准，逾期失效。在此之前请勿另行发送。",
        en="Your {amount} has not left the account yet. What was made at {sent_at} is a "
        "multi-signature proposal ({proposal}) that still needs the approval of {missing}"
        ". Please have it approved before {expires}; after that it lapses. Do not send "
        "another way before then.",
    ),
    note=Text(
        zh="已批准：{approved}；尚缺：{missing}；到期 {expires}。",
        en="Approved by {approved}; missing {missing}; expires {expires}.",
    ),
)
FAILED = Rule(
    code="proposal_failed",
    title=Text(zh="提案执行失败", en="The proposal failed"),
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
    reply=Text(
        zh="您的 {amount} 没有转出，款项没有离开账户。{sent_at} 发起的提案（{proposal}）已获"
        "批准，但执行失败，原因是{reason}。到 {expires} 还会再试一次，请先解决原因。在此"
        "之前请勿另行发送。",
        en="Your {amount} was not sent and did not leave the account. The proposal made at "
        "{sent_at} ({proposal}) was approved, but carrying it out failed: {reason}. It "
        "will be tried once more at {expires}, so please mend the cause first. Do not "
        "send another way before then.",
    ),
    note=Text(
        zh="节点记录的 fail_reason：{fail_reason}。",
        en="The node's fail_reason: {fail_reason}.",
    ),
)
EXPIRED = Rule(
    code="proposal_expired",
    title=Text(zh="提案已失效", en="The proposal has lapsed"),
    outcome=Outcome.NOT_SENT,
    stage=Stage.USER_ACCOUNT,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.SEND_AGAIN,
    confidence=Confidence.HIGH,
    resend_safe=ResendSafe.YES,
    sep24="expired",
    iso20022="DS24",
    reply=Text(
        zh="{sent_at} 发起的提案（{proposal}）{ended}，其中 {amount} 的转账没有执行。",
        en="The proposal made at {sent_at} ({proposal}) {ended}, and its transfer of {amount} was "
        "never carried out.",
    ),
    resend=Text(
        zh="款项没有离开账户。可以重新发起，并请提醒其他签署人及时批准。",
        en="The funds did not leave the account. It is safe to propose it again; please remind the "
        "other signers to approve in time.",
    ),
    note=Text(
        zh="提案对象已不存在，账户历史中没有对应的转账，到期时间 {expires}。",
        en="The proposal object is gone, the account's history holds no such transfer; it "
        "expired at {expires}.",
    ),
)
_PAID_REPLY = Text(
    zh="提案 {proposal} 仍然有效，获批后会转出 {amount}。但 {paid_at} 已另行转出 {paid} 给 {payee}（操作编"
    "号 {payment}）。如是同一笔付款，请不要再批准，否则会重复付款。",
    en="The proposal {proposal} still stands, and once approved it sends {amount}. But at {paid_at} "
    "you sent {paid} to {payee} (operation number {payment}). If that is the same payment, do "
    "not have it approved, or you pay twice.",
)
_PAID_NOTE = Text(
    zh="提案 {proposal} 仍然有效，到期 {expires}；其间的直接转出：{payment}（{paid}）。",
    en="Proposal {proposal} still stands and expires at {expires}; sent directly meanwhile: "
    "{payment} ({paid}).",
)
PAID_MEANWHILE, FAILED_PAID_MEANWHILE = (
    replace(
        rule,
        severity=Severity.WARNING,
        actor=Actor.USER,
        advice=Advice.DO_NOT_RESEND,
        confidence=Confidence.MEDIUM,
        reply=_PAID_REPLY,
        note=_PAID_NOTE,
    )
    for rule in (PENDING, FAILED)
)
"""About as much was sent directly while the proposal stood."""
RULES = (PENDING, FAILED, EXPIRED)
VARIANTS = (PAID_MEANWHILE, FAILED_PAID_MEANWHILE)

INSUFFICIENT = Text(zh="账户余额不足", en="the account had not enough of the asset")
OTHER_REASON = Text(zh="链上规则不允许", en="the chain's rules do not allow it")
LAPSED = Text(zh="未在期限内获得足够批准", en="did not get the approvals in time")
VETOED = Text(zh="已被签署人撤销", en="was removed by one of the signers")
NOBODY = Text(zh="无", en="nobody")
OTHERS = Text(zh="其他签署人", en="other signers")


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
"""A payment is about as large if it differs by no more than this share."""


def _payment(evidence: Evidence, withdrawal: Withdrawal) -> Transfer | None:
    """What the account sent directly since the proposal was made, about as much of the same asset."""
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
            and o.amount.asset.id == planned.asset.id
            and abs(o.amount.value - planned.value) <= ABOUT * planned.value
        ),
        None,
    )


def _paid_meanwhile(
    evidence: Evidence, withdrawal: Withdrawal, live: Proposal, payment: Transfer
) -> Finding:
    claim = Text(zh="另行转出", en="sent directly meanwhile")
    rule = FAILED_PAID_MEANWHILE if live.fail_reason else PAID_MEANWHILE
    return rule.found(
        withdrawal.id,
        evidence_items=[
            sent(evidence, withdrawal),
            evidence_item(evidence, payment, claim, str(payment.amount)),
        ],
        eta=Eta(None, live.expires, live.expires, "protocol"),
        proposal=live.id,
        payment=payment.id,
        paid=str(payment.amount),
        paid_at=payment.at,
        payee=evidence.name(payment.recipient),
        expires=live.expires,
        **facts(withdrawal),
    )


def _pending(evidence: Evidence, withdrawal: Withdrawal, live: Proposal) -> Finding:
    missing = [evidence.name(who) for who in _missing(evidence, live)]
    approved = sorted(evidence.name(who) for who in live.approved)
    return PENDING.found(
        withdrawal.id,
        evidence_items=[sent(evidence, withdrawal)],
        eta=Eta(None, live.expires, live.expires, "protocol"),
        proposal=live.id,
        missing=tuple(missing) or OTHERS,
        approved=tuple(approved) or NOBODY,
        expires=live.expires,
        **facts(withdrawal),
    )


def _missing(evidence: Evidence, live: Proposal) -> list[str]:
    """Who could still approve: the members of the required authorities that have not."""
    found: list[str] = []
    for account_id in sorted(live.required - live.approved):
        account = evidence.history.accounts.get(account_id)
        members = _members(account.active) if account else []
        found += [m for m in members if m not in live.approved] or [account_id]
    return list(dict.fromkeys(found))


def _members(authority: Authority) -> list[str]:
    return [who for who, _ in authority.accounts]


def _failed(evidence: Evidence, withdrawal: Withdrawal, live: Proposal) -> Finding:
    plain_reason = INSUFFICIENT if "nsufficient" in live.fail_reason else OTHER_REASON
    return FAILED.found(
        withdrawal.id,
        evidence_items=[sent(evidence, withdrawal, observed=live.fail_reason[:300])],
        eta=Eta(None, live.expires, live.expires, "protocol"),
        proposal=live.id,
        reason=plain_reason,
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
    claim = Text(zh="提案被撤销", en="the proposal was removed")
    seen_until = evidence.as_of.irreversible_time
    lapsed = seen_until is not None and seen_until >= made.expires
    return EXPIRED.found(
        withdrawal.id,
        evidence_items=[
            sent(evidence, withdrawal),
            *(evidence_item(evidence, o, claim) for o in removed),
        ],
        basis=[] if removed or lapsed else ["recent"],
        proposal=made.proposal or "",
        ended=VETOED if removed or made.expires > evidence.now else LAPSED,
        expires=made.expires,
        **facts(withdrawal),
    )
