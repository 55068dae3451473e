"""The gateway sent the coins back.

### What it looks for

After the withdrawal, a transfer from the gateway to the same account in the same asset, or an
issue by the asset's issuer: in full, less a fee, or a part; in one operation or in several.

A gateway may credit deposits in the same way: then a credit of that size may be a new deposit.
What is missing beyond the fee is named. If the withdrawal was settled as well, both are told.

### Why it happens

Typical reasons are an address the gateway could not use, an amount outside its limits, or
maintenance. Only the gateway knows which; the chain shows the return, not the reason.

### What to tell the user

That the coins are back in the account, how much, and to mend the reason before sending again.
Of a partial return, to ask the gateway for the rest before anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from diag.domain.asset import Amount
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import answer, facts, sent
from diag.domain.finding import EvidenceItem, Finding, Rule
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
from diag.domain.withdrawal import Completeness, Doubt, Withdrawal
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
OR_DEPOSIT = replace(
    RETURNED,
    confidence=Confidence.MEDIUM,
    reply=Text(
        zh="{gateway} 网关于 {returned_at} 向您的账户转入 {returned}。您曾于 {sent_at} 转给它 "
        "{amount}，这看起来是那笔提币的退回（{how}）。",
        en="At {returned_at} the gateway {gateway} credited {returned} to your account. You "
        "had sent it {amount} at {sent_at}, and this looks like the return of that ({how}).",
    ),
    aside=Text(
        zh="如果您当时没有充币，这就是退回的款项。",
        en="If you made no deposit at that time, it is the return.",
    ),
    note=Text(
        zh="入账操作 {answer}，{returned}，{how}；原提币 {operation}。该网关以同样方式给充币入"
        "账，请向用户核实当时是否充币。",
        en="Operation {answer} credited {returned}, {how}; the withdrawal was {operation}. The "
        "gateway credits deposits in the same way: ask the user about a deposit.",
    ),
)
"""The credit may be a new deposit."""
UNLIKE_FEE = replace(
    RETURNED,
    confidence=Confidence.MEDIUM,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    reply=Text(
        zh="您 {sent_at} 转给 {gateway} 网关的 {amount}，已于 {returned_at} 退回您的账户 "
        "{returned}。少了 {difference}，与网关手续费（{fee}）不符。",
        en="Of the {amount} you sent to the gateway {gateway} at {sent_at}, {returned} came "
        "back to your account at {returned_at}. That is {difference} less, which the "
        "gateway's fee ({fee}) does not explain.",
    ),
    aside=None,
    note=Text(
        zh="退回操作 {answer}，退回 {returned}，少 {difference}；登记的手续费：{fee}；原提币 "
        "{operation}。",
        en="Return operation {answer}: {returned}, {difference} less; the fee on record: {fee}; "
        "the withdrawal was {operation}.",
    ),
)
"""Nearly all came back, and the difference is not the fee."""
ALSO_SETTLED = replace(
    RETURNED,
    confidence=Confidence.MEDIUM,
    resend_safe=ResendSafe.NO,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    reply=Text(
        zh="您 {sent_at} 转给 {gateway} 网关的 {amount}，已于 {returned_at} 退回您的账户 "
        "{returned}。网关在 {settled_at} 也将它结清，因此对方链上可能也已付款。请同时核对收"
        "款地址，在网关确认之前请勿重新发送。",
        en="Of the {amount} you sent to the gateway {gateway} at {sent_at}, {returned} came "
        "back to your account at {returned_at}. The gateway also settled it at "
        "{settled_at}, so it may have been paid on the other chain as well. Please check "
        "the receiving address too, and do not send again before the gateway has "
        "confirmed.",
    ),
    aside=None,
    note=Text(
        zh="退回操作 {answer}（{returned}），结清操作 {settlement}；原提币 {operation}。请网关"
        "说明是否重复支付。",
        en="Return {answer} ({returned}) and settlement {settlement} of the same withdrawal "
        "{operation}: ask the gateway whether it paid twice.",
    ),
)
"""It came back, and was settled as well."""
SECOND_ACCOUNT = replace(
    RETURNED,
    confidence=Confidence.MEDIUM,
    resend_safe=ResendSafe.NO,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    reply=Text(
        zh="您于 {sent_at} 转给 {gateway} 网关 {amount}，其后账户 {account} 于 {returned_at} 向"
        "您转入 {returned}。这看起来是网关用另一个账户退回的（{how}），请向网关确认。在此之"
        "前请勿重新发送。",
        en="You sent {amount} to the gateway {gateway} at {sent_at}; then, at {returned_at}, "
        "the account {account} sent you {returned}. It looks as if the gateway returned it "
        "from another account ({how}); please ask the gateway. Do not send again before "
        "that.",
    ),
    aside=None,
    note=Text(
        zh="{account} 未登记为该网关的账户；转入操作 {answer}，{returned}，{how}；原提币 "
        "{operation}。",
        en="{account} is not registered as the gateway's; operation {answer} brought "
        "{returned}, {how}; the withdrawal was {operation}.",
    ),
)
"""It came back through an account that the register does not name."""
ONE_OF_SEVERAL = replace(
    RETURNED,
    confidence=Confidence.LOW,
    resend_safe=ResendSafe.NO,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    reply=Text(
        zh="{gateway} 网关已于 {returned_at} 退回 {returned}。您有 {count} 笔提币都可能对应这次退回，"
        "从链上看不出是哪一笔。其余的还没有结果。请凭操作编号 {twins} 向网关核实。在此之前请勿重新发"
        "送。",
        en="The gateway {gateway} returned, at {returned_at}, {returned}. That fits {count} of your "
        "withdrawals, and the chain does not show which. The others are still open. Please ask "
        "the gateway, naming the operation numbers {twins}. Do not send again before that.",
    ),
    aside=None,
    note=Text(
        zh="退回操作 {answer}（{returned}）；可能对应的提币：{twins}。",
        en="Return operation {answer} ({returned}); the withdrawals that it fits: {twins}.",
    ),
)
"""The return may be of another open withdrawal of the same account."""
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
    sep24="pending_anchor",
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
LESS_THAN_HALF = replace(PARTIAL, confidence=Confidence.MEDIUM)
"""A credit of less than half, or from an unknown account, may be something else; and while the
gateway still has time, the rest may follow.
"""
RULES = (RETURNED, PARTIAL)
VARIANTS = (
    OR_DEPOSIT,
    UNLIKE_FEE,
    ALSO_SETTLED,
    SECOND_ACCOUNT,
    ONE_OF_SEVERAL,
    LESS_THAN_HALF,
)
"""What is said instead where the evidence is weaker; the codes are those of the rules."""

HOW = {
    Completeness.FULL: Text(zh="全额", en="in full"),
    Completeness.LESS_FEE: Text(zh="扣除了手续费", en="less a fee"),
}
NO_FEE = Text(zh="未登记", en="not on record")


def check(evidence: Evidence) -> Iterator[Finding]:
    for withdrawal in evidence.withdrawals:
        if withdrawal.gateway is None or not withdrawal.returns or withdrawal.ambiguous:
            continue
        how = _how(withdrawal)
        if withdrawal.settled:
            if how and not withdrawal.maybe_deposit:
                yield _returned(evidence, withdrawal, ALSO_SETTLED, how)
        elif how is None:
            yield _partial(evidence, withdrawal)
        else:
            yield _returned(evidence, withdrawal, _rule(withdrawal), how)


def _how(withdrawal: Withdrawal) -> Text | None:
    """In full or less a fee; None for a part."""
    missing = _missing(withdrawal)
    if missing <= 0:
        return HOW[Completeness.FULL]
    at_once = any(a.completeness is Completeness.LESS_FEE for a in withdrawal.returns)
    return HOW[Completeness.LESS_FEE] if at_once or missing == _fee(withdrawal) else None


def _missing(withdrawal: Withdrawal) -> int:
    """Base units that have not come back, in all parts together."""
    return withdrawal.amount.base_units - sum(a.part.base_units for a in withdrawal.returns)


def _fee(withdrawal: Withdrawal) -> int | None:
    """The gateway's fee in base units, where it is known."""
    fee = withdrawal.terms.fee if withdrawal.terms else None
    return None if fee is None else withdrawal.amount.asset.base_units(fee)


def _rule(withdrawal: Withdrawal) -> Rule:
    doubts = withdrawal.doubts
    if withdrawal.alike:
        return ONE_OF_SEVERAL
    if Doubt.SECOND_ACCOUNT in doubts:
        return SECOND_ACCOUNT
    if withdrawal.maybe_deposit:
        return OR_DEPOSIT
    return UNLIKE_FEE if Doubt.SHORTFALL in doubts else RETURNED


def _returned(evidence: Evidence, withdrawal: Withdrawal, rule: Rule, how: Text) -> Finding:
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
        fee=NO_FEE if fee is None else str(Amount(fee, asset)),
        how=how,
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
        basis=withdrawal.doubts,
        answer=last.operation.id,
        returned=str(Amount(withdrawal.amount.base_units - missing, asset)),
        returned_at=last.operation.at,
        rest=str(Amount(missing, asset)),
        **facts(withdrawal),
    )


def _evidence_items(evidence: Evidence, withdrawal: Withdrawal) -> list[EvidenceItem]:
    return [sent(evidence, withdrawal), *(answer(evidence, a) for a in withdrawal.answers)]
