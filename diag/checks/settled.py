"""The gateway settled the withdrawal, or the window holds only a deposit.

### What it looks for

A burn by the gateway of the withdrawn amount, alone or in a batch; a burn of that less the fee;
a transfer of the coins to the gateway's next account; or a window that holds only a deposit.

If the burn may belong to another withdrawal, or coins came back as well, both are reported and
the confidence is lower.

### Why it happens

Gateways that issue their own coins burn them once they have paid out on the other chain.

### What to tell the user

That the BitShares side is done and where to look next: the receiving address on the other chain.
The chain never shows the payout itself, so do not promise it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from diag.domain.asset import Amount
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import answer, evidence_item, facts, sent, sent_before
from diag.domain.finding import Finding, Rule
from diag.domain.operations import Issue, Transfer
from diag.domain.vocabulary import (
    Actor,
    Advice,
    Ask,
    Confidence,
    Group,
    Outcome,
    Severity,
    Stage,
)
from diag.domain.withdrawal import Answer, Completeness, Withdrawal
from diag.i18n import Text
from diag.words import evidence_claim, filler, rule_words

SETTLED = Rule(
    **rule_words("gateway_settled"),
    group=Group.OUTCOME,
    rank=30,
    outcome=Outcome.DELIVERED,
    stage=Stage.SENT_ONWARD,
    severity=Severity.INFO,
    actor=Actor.NOBODY,
    advice=Advice.CONTACT_RECIPIENT,
    confidence=Confidence.HIGH,
    ask=(Ask.EXTERNAL_TRANSACTION,),
    sep24="completed",
    iso20022="ACSC",
)
LIKELY = replace(SETTLED, confidence=Confidence.MEDIUM)
"""Settled in a way that is less certain than a burn of exactly this amount."""
ONE_OF_EQUALS = replace(
    SETTLED,
    **rule_words("gateway_settled", "one_of_equals"),
    advice=Advice.CONTACT_GATEWAY,
    actor=Actor.GATEWAY,
    confidence=Confidence.LOW,
)
"""One of several equal withdrawals of the same account, some of which still wait."""
BESIDE_CREDIT = replace(
    SETTLED,
    **rule_words("gateway_settled", "beside_credit"),
    confidence=Confidence.MEDIUM,
)
"""The same amount was also credited to the user."""
REST = replace(
    SETTLED,
    **rule_words("gateway_settled", "rest"),
)
"""A part came back, and the rest was settled."""
REST_LIKELY = replace(REST, confidence=Confidence.MEDIUM)
DEPOSIT = Rule(
    **rule_words("deposit_received"),
    group=Group.NOT_SENT,
    rank=20,
    outcome=Outcome.NOT_SENT,
    stage=Stage.USER_ACCOUNT,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.HIGH,
    ask=(Ask.TIME, Ask.OPERATION),
    sep24="incomplete",
    iso20022="NOOR",
)
ORDER = 40
RULES = (SETTLED, DEPOSIT)
VARIANTS = (LIKELY, ONE_OF_EQUALS, BESIDE_CREDIT, REST, REST_LIKELY)
"""Versions of the rules for evidence that is weaker or shows more; the codes stay the same."""


def check(evidence: Evidence) -> Iterator[Finding]:
    for withdrawal in evidence.withdrawals:
        if not evidence.final([withdrawal.sent]):
            continue
        if withdrawal.settled and not withdrawal.ambiguous:
            yield _settled(evidence, withdrawal, withdrawal.settled)
    if not evidence.withdrawals and evidence.complete:
        yield from _deposits(evidence)


def _settled(evidence: Evidence, withdrawal: Withdrawal, found: Answer) -> Finding:
    every = [w for w in _everything(evidence) if w.id in withdrawal.alike]
    asset = withdrawal.amount.asset
    back = sum(a.part.base_units for a in withdrawal.returns)
    known: dict[str, Any] = {}
    if withdrawal.returns:
        known = {
            "answer": withdrawal.returns[-1].operation.id,
            "returned": str(Amount(back, asset)),
            "returned_at": withdrawal.returns[-1].operation.at,
            "rest": str(Amount(withdrawal.amount.base_units - back, asset)),
        }
    if withdrawal.alike:
        known["count"] = len(withdrawal.alike) + 1
        known["twins"] = " ".join(sorted([withdrawal.id, *withdrawal.alike]))
    return _settled_rule(withdrawal, found).found(
        withdrawal.id,
        evidence_items=[
            sent(evidence, withdrawal),
            *(answer(evidence, a) for a in withdrawal.answers),
            *(sent(evidence, w) for w in every),
        ],
        basis=[*withdrawal.doubts, *(["ambiguous"] if withdrawal.alike else [])],
        settlement=found.operation.id,
        settled_at=found.operation.at,
        how=_how(withdrawal, found),
        took=found.operation.at - withdrawal.at,
        **known,
        **facts(withdrawal),
    )


def _settled_rule(withdrawal: Withdrawal, found: Answer) -> Rule:
    if withdrawal.alike:
        return ONE_OF_EQUALS
    if found.completeness is Completeness.PARTIAL:
        return REST_LIKELY if withdrawal.doubts else REST
    if withdrawal.returns:
        return BESIDE_CREDIT
    return LIKELY if found.doubts else SETTLED


def _how(withdrawal: Withdrawal, found: Answer) -> Text:
    burnt = getattr(found.operation, "amount", found.part)
    exact = found.shared > 1 or burnt.base_units >= found.part.base_units
    return filler("how_settled", str(found.kind) if exact else "less_fee")


def _everything(evidence: Evidence) -> tuple[Withdrawal, ...]:
    return (*evidence.withdrawals, *evidence.candidates)


def _deposits(evidence: Evidence) -> Iterator[Finding]:
    account = evidence.history.account
    if account is None or evidence.candidates:
        return
    for operation in evidence.window:
        if not isinstance(operation, Issue | Transfer) or operation.recipient != account.id:
            continue
        if getattr(operation, "sender", None) == account.id:
            continue
        if not _fits(evidence, operation) or sent_before(evidence, operation):
            continue
        came_in = evidence_claim("came_in")
        amount = str(evidence.history.amount(operation.amount))
        yield DEPOSIT.found(
            evidence_items=[evidence_item(evidence, operation, came_in, amount)],
            account=account.name,
            amount=amount,
            received_at=operation.at,
            operation=operation.id,
        )
        return


def _fits(evidence: Evidence, operation: Issue | Transfer) -> bool:
    """Return True if the deposit could be what the user means."""
    case = evidence.case
    if case.operation or case.transaction or case.destination:
        return case.operation == operation.id
    if not case.claims:
        if isinstance(operation, Issue):
            return True
        gateway = evidence.register.by_account(evidence.name(operation.sender))
        return gateway is not None and not gateway.credits_by_issue
    amount = evidence.history.amount(operation.amount)
    return amount.value == case.amount and case.asset in (None, amount.asset.symbol)
