"""The coins went into a hash time-lock.

### What it looks for

A time-lock made in the window that is still open, or that ran out so that the coins came back.

### Why it happens

In a swap with another chain, the coins wait until the other side shows a secret. If that does
not happen in time, the chain returns them by itself.

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
    Group,
    Outcome,
    ResendSafe,
    Severity,
    Stage,
)
from diag.words import evidence_claim, rule_words

OPEN = Rule(
    **rule_words("htlc_open"),
    group=Group.CAUSE,
    rank=130,
    outcome=Outcome.IN_PROGRESS,
    stage=Stage.LOCKED,
    severity=Severity.NOTICE,
    actor=Actor.RECIPIENT,
    advice=Advice.WAIT,
    confidence=Confidence.CERTAIN,
    lasting=False,
    sep24="pending_external",
    iso20022="PDNG",
)
REFUNDED = Rule(
    **rule_words("htlc_refunded"),
    group=Group.OUTCOME,
    rank=40,
    outcome=Outcome.RETURNED,
    stage=Stage.RETURNED,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.SEND_AGAIN,
    confidence=Confidence.CERTAIN,
    resend_safe=ResendSafe.YES,
    sep24="refunded",
    iso20022="ARDT",
)
ORDER = 90
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
            claim = evidence_claim("lock_refunded")
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
