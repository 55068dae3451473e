"""The coins reached another BitShares account.

### What it looks for

An irreversible transfer to an account that belongs to no gateway, or a time-lock whose
recipient took the coins. Also whether anybody holds the keys of that account, whether it sent
the coins back, and whether the transfer has a memo.

### Why it happens

A transfer to another account is complete as soon as it is irreversible. Accounts of the
protocol itself, such as `null-account`, belong to nobody: coins sent there are lost.

### What to tell the user

That the BitShares side is done, and to ask the recipient. If the transfer has no memo: that an
exchange cannot assign it, and what to give the exchange. If the recipient sent the coins back:
to look at the user's own account first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from diag.domain.account import NOBODYS_ACCOUNTS, NULL_ACCOUNT, TEMP_ACCOUNT
from diag.domain.asset import Amount
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import answer, evidence_item, facts, sent
from diag.domain.finding import Finding, Rule
from diag.domain.operations import Operation, TimeLock, TimeLockRedeemed, Transfer
from diag.domain.vocabulary import Actor, Advice, Confidence, Group, Outcome, Severity, Stage
from diag.domain.withdrawal import Withdrawal
from diag.i18n import Text
from diag.words import evidence_claim, filler, rule_words

DELIVERED = Rule(
    **rule_words("delivered_on_chain"),
    group=Group.ARRIVED,
    rank=10,
    outcome=Outcome.DELIVERED,
    stage=Stage.AT_RECIPIENT,
    severity=Severity.INFO,
    actor=Actor.RECIPIENT,
    advice=Advice.CONTACT_RECIPIENT,
    confidence=Confidence.CERTAIN,
    sep24="completed",
    iso20022="ACSC",
)
NO_MEMO = replace(
    DELIVERED,
    **rule_words("delivered_on_chain", "no_memo"),
)
"""A transfer without a memo, which exchanges need."""
SENT_BACK = replace(
    DELIVERED,
    **rule_words("delivered_on_chain", "sent_back"),
    outcome=Outcome.RETURNED,
    stage=Stage.RETURNED,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.MEDIUM,
)
"""The recipient sent all of it back; the coins are in the user's account again."""
TAKEN_BACK = replace(
    SENT_BACK,
    **rule_words("delivered_on_chain", "taken_back"),
)
"""The asset's issuer moved the coins back from the recipient."""
PART_BACK = replace(
    DELIVERED,
    **rule_words("delivered_on_chain", "part_back"),
    severity=Severity.NOTICE,
    confidence=Confidence.HIGH,
)
"""The recipient sent a part of the coins back soon after."""
NOBODY = Rule(
    **rule_words("sent_to_nobody"),
    group=Group.CAUSE,
    rank=20,
    outcome=Outcome.STUCK,
    stage=Stage.AT_RECIPIENT,
    severity=Severity.CRITICAL,
    actor=Actor.SUPPORT,
    advice=Advice.DO_NOT_RESEND,
    confidence=Confidence.CERTAIN,
    sep24="error",
    iso20022="AC04",
)
ORDER = 50
RULES = (DELIVERED, NOBODY)
VARIANTS = (NO_MEMO, SENT_BACK, TAKEN_BACK, PART_BACK)
"""Versions of the rules for evidence that shows more; the codes stay the same."""

WHY_NOBODY = {NULL_ACCOUNT: "destroyed", TEMP_ACCOUNT: "anybody"}
"""Account of the protocol → key of the explanation; nobody holds the keys of the others."""
OVERRIDE = "override_transfer"
"""The kind of operation by which an issuer moves others' coins."""


def check(evidence: Evidence) -> Iterator[Finding]:
    for withdrawal in evidence.withdrawals:
        if withdrawal.gateway is None and evidence.final([withdrawal.sent]):
            yield from _delivered(evidence, withdrawal)


def _delivered(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[Finding]:
    arrived = arrival(evidence, withdrawal)
    if arrived is None or not evidence.final([arrived]):
        return
    made = withdrawal.sent
    if isinstance(made, Transfer) and made.recipient in NOBODYS_ACCOUNTS:
        yield NOBODY.found(
            withdrawal.id,
            evidence_items=[sent(evidence, withdrawal)],
            why=filler("why_nobody", WHY_NOBODY.get(made.recipient, "no_keys")),
            **facts(withdrawal),
        )
        return
    back = withdrawal.returns
    returned = sum(a.part.base_units for a in back)
    known: dict[str, Any] = {}
    if back:
        known = {
            "returned": str(Amount(returned, withdrawal.amount.asset)),
            "returned_at": back[-1].operation.at,
            "credit": back[-1].operation.id,
        }
    claim = evidence_claim("taken")
    yield _delivered_rule(withdrawal).found(
        withdrawal.id,
        evidence_items=[
            sent(evidence, withdrawal),
            *([evidence_item(evidence, arrived, claim)] if arrived is not made else []),
            *(answer(evidence, a) for a in back),
        ],
        answer=arrived.id,
        received_at=arrived.at,
        who=_who(evidence, withdrawal),
        **known,
        **facts(withdrawal),
    )


def _delivered_rule(withdrawal: Withdrawal) -> Rule:
    if withdrawal.returns:
        if any(a.operation.kind == OVERRIDE for a in withdrawal.returns):
            return TAKEN_BACK
        return SENT_BACK if withdrawal.whole_back else PART_BACK
    made = withdrawal.sent
    return NO_MEMO if isinstance(made, Transfer) and _without_memo(made) else DELIVERED


def _without_memo(made: Transfer) -> bool:
    return made.memo is None or made.memo.text == ""


def _who(evidence: Evidence, withdrawal: Withdrawal) -> Text:
    """Return who the recipient is, according to the register."""
    name = withdrawal.recipient
    gateway = evidence.register.by_account(name)
    if gateway is None:
        return filler("who", "unknown", name=name)
    return filler("who", "gateway", name=name, gateway=gateway.name)


def arrival(evidence: Evidence, withdrawal: Withdrawal) -> Operation | None:
    """Return the operation by which the coins reached the recipient; None if they did not."""
    match withdrawal.sent:
        case Transfer():
            return withdrawal.sent
        case TimeLock(lock=lock):
            return next(
                (
                    o
                    for o in evidence.history.log.operations
                    if isinstance(o, TimeLockRedeemed) and o.lock == lock
                ),
                None,
            )
        case _:
            return None
