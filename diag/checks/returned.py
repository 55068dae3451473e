"""The gateway sent the coins back.

### What it looks for

After the withdrawal, a transfer from the gateway to the same account in the same asset, or an
issue of the whole amount by the asset's issuer: in full, less a fee, or a part.

### Why it happens

Typical reasons are an address the gateway could not use, an amount outside its limits, or
maintenance. Only the gateway knows which; the chain shows the return, not the reason.

### What to tell the user

That the coins are back in the account, how much, and to mend the reason before sending again.
Of a partial return, to ask the gateway for the rest before anything else.
"""

from __future__ import annotations

from collections.abc import Iterator

from diag.domain.asset import Amount
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import answer, facts, sent
from diag.domain.finding import EvidenceItem, Finding, Rule
from diag.domain.operations import Issue
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
from diag.domain.withdrawal import Completeness, Withdrawal
from diag.i18n import Text

RETURNED = Rule(
    code="gateway_returned",
    title=Text(zh="网关已退回", en="Returned by the gateway"),
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
    reply=Text(
        zh="您 {sent_at} 转给 {gateway} 网关的 {amount}，已于 {returned_at} 退回您的账户："
        "{returned}（{how}）。",
        en="Of the {amount} you sent to the gateway {gateway} at {sent_at}, {returned} came "
        "back to your account at {returned_at} ({how}).",
    ),
    resend=Text(
        zh="请先核对收款地址和备注（Memo），再重新提币。",
        en="Please check the receiving address and the memo before you withdraw again.",
    ),
    aside=Text(
        zh="退回原因只有网关知道，常见的是地址或备注有误。",
        en="Only the gateway knows why; usually the address or the memo was wrong.",
    ),
    note=Text(
        zh="退回操作 {answer}，退回 {returned}，{how}；原提币 {operation}。",
        en="Return operation {answer}: {returned}, {how}; the withdrawal was {operation}.",
    ),
)
PARTIAL = Rule(
    code="gateway_returned_partial",
    title=Text(zh="网关只退回一部分", en="Returned only in part"),
    outcome=Outcome.STUCK,
    stage=Stage.AT_GATEWAY,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.HIGH,
    ask=(Ask.EXTERNAL_TRANSACTION,),
    sep24="refunded",
    iso20022="AM09",
    reply=Text(
        zh="您 {sent_at} 转给 {gateway} 网关的 {amount}，目前只退回了 {returned}。其余 "
        "{rest} 未见退回，也未见结清。请凭操作编号 {operation} 向网关询问余款。请勿重新发"
        "送。",
        en="Of the {amount} you sent to the gateway {gateway} at {sent_at}, only {returned} "
        "has come back. The other {rest} is neither returned nor settled on the chain. "
        "Please ask the gateway about the rest, naming operation number {operation}. Do "
        "not send again.",
    ),
    note=Text(
        zh="退回操作 {answer} 仅 {returned}，差额 {rest}，无销毁记录。",
        en="{answer} returned only {returned}; {rest} is missing and nothing was burnt.",
    ),
)
RULES = (RETURNED, PARTIAL)

HOW = {
    Completeness.FULL: Text(zh="全额", en="in full"),
    Completeness.LESS_FEE: Text(zh="扣除了手续费", en="less a fee"),
}


def check(evidence: Evidence) -> Iterator[Finding]:
    for withdrawal in evidence.withdrawals:
        if not withdrawal.returns or withdrawal.ambiguous:
            continue
        whole = next(
            (a for a in withdrawal.returns if a.completeness is not Completeness.PARTIAL), None
        )
        if whole is None and _back(withdrawal) < withdrawal.amount.base_units:
            yield _partial(evidence, withdrawal)
            continue
        last = whole or withdrawal.returns[-1]
        yield RETURNED.found(
            withdrawal.id,
            evidence_items=_evidence_items(evidence, withdrawal),
            basis=["issue_or_deposit"] if isinstance(last.operation, Issue) else [],
            answer=last.operation.id,
            returned=str(Amount(_back(withdrawal), withdrawal.amount.asset)),
            returned_at=last.operation.at,
            how=HOW[whole.completeness if whole else Completeness.FULL],
            **facts(withdrawal),
        )


def _back(withdrawal: Withdrawal) -> int:
    """Base units that came back, in all parts together."""
    return sum(a.part.base_units for a in withdrawal.returns)


def _evidence_items(evidence: Evidence, withdrawal: Withdrawal) -> list[EvidenceItem]:
    return [sent(evidence, withdrawal), *(answer(evidence, a) for a in withdrawal.returns)]


def _partial(evidence: Evidence, withdrawal: Withdrawal) -> Finding:
    asset = withdrawal.amount.asset
    last = withdrawal.returns[-1]
    return PARTIAL.found(
        withdrawal.id,
        evidence_items=_evidence_items(evidence, withdrawal),
        answer=last.operation.id,
        returned=str(Amount(_back(withdrawal), asset)),
        returned_at=last.operation.at,
        rest=str(Amount(withdrawal.amount.base_units - _back(withdrawal), asset)),
        **facts(withdrawal),
    )
