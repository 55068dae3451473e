"""The gateway sent the coins back.

### What it looks for

After the withdrawal, a transfer from the gateway to the same account in the same asset, or an
issue by the asset's issuer: in full, less a fee, or a part; in one operation or in several.

If the gateway credits deposits in the same way, a credit of that size may be a new deposit. An
amount that is missing beyond the fee is stated. If the withdrawal was settled as well, both are
reported.

### Why it happens

Typical reasons are an address the gateway could not use, an amount outside its limits, or
maintenance. Only the gateway knows which; the chain shows the return, not the reason.

### What to tell the user

That the coins are back in the account, how much, and to correct the reason before sending
again. After a partial return: to ask the gateway for the rest before anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from diag.domain.asset import Amount
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import answer, facts, sent, unread
from diag.domain.finding import EvidenceItem, Finding, Rule
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
from diag.domain.withdrawal import Completeness, Doubt, Withdrawal
from diag.words import filler, rule_words

RETURNED = Rule(
    **rule_words("gateway_returned"),
    group=Group.OUTCOME,
    rank=10,
    outcome=Outcome.RETURNED,
    stage=Stage.RETURNED,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.CERTAIN,
    resend_safe=ResendSafe.YES,
    ask=(Ask.MEMO, Ask.DESTINATION),
    sep24="refunded",
    iso20022="ARDT",
)
LESS_FEE = replace(RETURNED, **rule_words("gateway_returned", "less_fee"))
OR_DEPOSIT = replace(
    RETURNED,
    **rule_words("gateway_returned", "or_deposit"),
    confidence=Confidence.MEDIUM,
)
"""The credit may be a new deposit."""
UNLIKE_FEE = replace(
    RETURNED,
    **rule_words("gateway_returned", "unlike_fee"),
    confidence=Confidence.MEDIUM,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
)
"""Nearly all came back, and the difference is not the fee."""
ALSO_SETTLED = replace(
    RETURNED,
    **rule_words("gateway_returned", "also_settled"),
    confidence=Confidence.MEDIUM,
    resend_safe=ResendSafe.NO,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
)
"""It came back, and was settled as well."""
SECOND_ACCOUNT = replace(
    RETURNED,
    **rule_words("gateway_returned", "second_account"),
    confidence=Confidence.MEDIUM,
    resend_safe=ResendSafe.NO,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
)
"""It came back through an account that the register does not name."""
ONE_OF_SEVERAL = replace(
    RETURNED,
    **rule_words("gateway_returned", "one_of_several"),
    confidence=Confidence.LOW,
    resend_safe=ResendSafe.NO,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
)
"""The return may belong to another open withdrawal of the same account."""
PARTIAL = Rule(
    **rule_words("gateway_returned_partial"),
    group=Group.OUTCOME,
    rank=20,
    outcome=Outcome.STUCK,
    stage=Stage.AT_GATEWAY,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.HIGH,
    ask=(Ask.EXTERNAL_TRANSACTION,),
    sep24="pending_anchor",
    iso20022="AM09",
)
LESS_THAN_HALF = replace(PARTIAL, confidence=Confidence.MEDIUM)
"""A partial return that is less certain: a credit of less than half, or from an unknown
account, may be something else, and while the gateway still has time, the rest may follow.
"""
ORDER = 60
RULES = (RETURNED, PARTIAL)
VARIANTS = (
    LESS_FEE,
    OR_DEPOSIT,
    UNLIKE_FEE,
    ALSO_SETTLED,
    SECOND_ACCOUNT,
    ONE_OF_SEVERAL,
    LESS_THAN_HALF,
)
"""Versions of the rules for weaker evidence; the codes stay the same."""


def check(evidence: Evidence) -> Iterator[Finding]:
    for withdrawal in evidence.withdrawals:
        if withdrawal.gateway is None or not withdrawal.returns or withdrawal.ambiguous:
            continue
        how = _how(withdrawal)
        if withdrawal.settled:
            if how is not Completeness.PARTIAL and not withdrawal.maybe_deposit:
                yield _returned(evidence, withdrawal, ALSO_SETTLED, how)
        elif how is Completeness.PARTIAL:
            yield _partial(evidence, withdrawal)
        else:
            yield _returned(evidence, withdrawal, _rule(withdrawal, how), how)


def _how(withdrawal: Withdrawal) -> Completeness:
    """Return how much came back in all parts together."""
    missing = _missing(withdrawal)
    if missing <= 0:
        return Completeness.FULL
    at_once = any(a.completeness is Completeness.LESS_FEE for a in withdrawal.returns)
    less_fee = at_once or missing == _fee(withdrawal)
    return Completeness.LESS_FEE if less_fee else Completeness.PARTIAL


def _missing(withdrawal: Withdrawal) -> int:
    """Return the base units that have not come back, in all parts together."""
    return withdrawal.amount.base_units - sum(a.part.base_units for a in withdrawal.returns)


def _fee(withdrawal: Withdrawal) -> int | None:
    """Return the gateway's fee in base units; None if it is not known."""
    fee = withdrawal.terms.fee if withdrawal.terms else None
    return None if fee is None else withdrawal.amount.asset.base_units(fee)


def _rule(withdrawal: Withdrawal, how: Completeness) -> Rule:
    doubts = withdrawal.doubts
    if withdrawal.alike:
        return ONE_OF_SEVERAL
    if Doubt.SECOND_ACCOUNT in doubts:
        return SECOND_ACCOUNT
    if withdrawal.maybe_deposit:
        return OR_DEPOSIT
    if Doubt.SHORTFALL in doubts:
        return UNLIKE_FEE
    return LESS_FEE if how is Completeness.LESS_FEE else RETURNED


def _returned(
    evidence: Evidence, withdrawal: Withdrawal, rule: Rule, how: Completeness
) -> Finding:
    asset, last, fee = withdrawal.amount.asset, withdrawal.returns[-1], _fee(withdrawal)
    missing, settlement = _missing(withdrawal), withdrawal.settled
    settled: dict[str, Any] = {}
    if settlement:
        settled = {
            "settlement": settlement.operation.id,
            "settled_at": settlement.operation.at,
        }
    twins = sorted([withdrawal.id, *withdrawal.alike])
    several: dict[str, Any] = (
        {"count": len(twins), "twins": " ".join(twins)} if withdrawal.alike else {}
    )
    return rule.found(
        withdrawal.id,
        evidence_items=_evidence_items(evidence, withdrawal),
        basis=[*withdrawal.doubts, *(["ambiguous"] if withdrawal.alike else [])],
        answer=last.operation.id,
        account=evidence.name(getattr(last.operation, "sender", "")),
        returned=str(Amount(withdrawal.amount.base_units - missing, asset)),
        returned_at=last.operation.at,
        difference=str(Amount(missing, asset)),
        fee=filler("fee", "unknown") if fee is None else str(Amount(fee, asset)),
        how=filler("how_returned", str(how)),
        **settled,
        **several,
        **facts(withdrawal),
    )


def _partial(evidence: Evidence, withdrawal: Withdrawal) -> Finding:
    asset, missing = withdrawal.amount.asset, _missing(withdrawal)
    last = withdrawal.returns[-1]
    small = 2 * missing > withdrawal.amount.base_units
    patience = withdrawal.patience
    early = patience is not None and evidence.now - withdrawal.at <= patience.overdue
    rule = LESS_THAN_HALF if small or early or withdrawal.doubts else PARTIAL
    return rule.found(
        withdrawal.id,
        evidence_items=_evidence_items(evidence, withdrawal),
        basis=[*withdrawal.doubts, *unread(withdrawal)],
        answer=last.operation.id,
        returned=str(Amount(withdrawal.amount.base_units - missing, asset)),
        returned_at=last.operation.at,
        rest=str(Amount(missing, asset)),
        **facts(withdrawal),
    )


def _evidence_items(evidence: Evidence, withdrawal: Withdrawal) -> list[EvidenceItem]:
    return [sent(evidence, withdrawal), *(answer(evidence, a) for a in withdrawal.answers)]
