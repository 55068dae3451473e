"""The coins went into a hash time-lock.

### What it looks for

A time-lock made in the window: still open, or run out so that the coins came back.

### Why it happens

In a swap with another chain the coins wait until the other side shows a secret; if it does not
do so in time, the chain returns them by itself.

### What to tell the user

Until when the lock holds and that the coins come back by themselves; after a refund, that they
are in the account again.
"""

from __future__ import annotations

from collections.abc import Iterator

from diag.domain.evidence import Evidence
from diag.domain.evidence_items import evidence_item, facts, sent
from diag.domain.finding import Eta, Finding, Rule
from diag.domain.operations import TimeLock, TimeLockRedeemed, TimeLockRefunded
from diag.domain.vocabulary import (
    Actor,
    Advice,
    Confidence,
    Outcome,
    ResendSafe,
    Severity,
    Stage,
)
from diag.i18n import Text

OPEN = Rule(
    code="htlc_open",
    title=Text(zh="时间锁未到期", en="Held in a time-lock"),
    outcome=Outcome.IN_PROGRESS,
    stage=Stage.LOCKED,
    severity=Severity.NOTICE,
    actor=Actor.RECIPIENT,
    advice=Advice.WAIT,
    confidence=Confidence.CERTAIN,
    lasting=False,
    sep24="pending_external",
    iso20022="PDNG",
    reply=Text(
        zh="您的 {amount} 于 {sent_at} 锁入时间锁，收款方 {recipient} 尚未领取。若到 "
        "{expires} 仍未领取，链上会自动退回您的账户。在此之前请勿重新发送。",
        en="Your {amount} went into a time-lock at {sent_at}, and the recipient {recipient} "
        "has not taken it yet. If it is not taken by {expires}, the chain returns it to "
        "your account by itself. Do not send again before then.",
    ),
    note=Text(
        zh="时间锁 {lock} 未领取，到期 {expires}。",
        en="Time-lock {lock} is not redeemed; it expires at {expires}.",
    ),
)
REFUNDED = Rule(
    code="htlc_refunded",
    title=Text(zh="时间锁已退回", en="Returned from a time-lock"),
    outcome=Outcome.RETURNED,
    stage=Stage.RETURNED,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.SEND_AGAIN,
    confidence=Confidence.CERTAIN,
    resend_safe=ResendSafe.YES,
    sep24="refunded",
    iso20022="ARDT",
    reply=Text(
        zh="您 {sent_at} 锁入时间锁的 {amount}，{recipient} 没有在期限内领取。款项已于 "
        "{returned_at} 自动退回您的账户。",
        en="The {amount} you put into a time-lock at {sent_at} was not taken by {recipient} "
        "in time. It came back to your account at {returned_at}.",
    ),
    resend=Text(
        zh="如仍需付款，请与对方约好后重新发起。",
        en="If you still want to pay, please agree with the recipient and start again.",
    ),
    note=Text(
        zh="时间锁 {lock} 到期退回，操作 {answer}。",
        en="Time-lock {lock} ran out and was refunded by {answer}.",
    ),
)
RULES = (OPEN, REFUNDED)


def check(evidence: Evidence) -> Iterator[Finding]:
    for withdrawal in evidence.withdrawals:
        made = withdrawal.sent
        if not isinstance(made, TimeLock) or made.lock is None:
            continue
        ends = [
            o
            for o in evidence.history.log.operations
            if isinstance(o, TimeLockRefunded | TimeLockRedeemed) and o.lock == made.lock
        ]
        refund = next((o for o in ends if isinstance(o, TimeLockRefunded)), None)
        if refund:
            claim = Text(zh="时间锁到期退回", en="the time-lock was refunded")
            yield REFUNDED.found(
                withdrawal.id,
                evidence_items=[
                    sent(evidence, withdrawal),
                    evidence_item(evidence, refund, claim),
                ],
                lock=made.lock,
                answer=refund.id,
                returned_at=refund.at,
                **facts(withdrawal),
            )
        elif not ends and (live := evidence.history.time_locks.get(made.lock)):
            yield OPEN.found(
                withdrawal.id,
                evidence_items=[sent(evidence, withdrawal)],
                eta=Eta(None, live.expires, live.expires, "protocol"),
                lock=made.lock,
                expires=live.expires,
                **facts(withdrawal),
            )
