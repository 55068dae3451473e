"""The gateway settled the withdrawal, or only a deposit is there.

### What it looks for

A burn by the gateway of the withdrawn amount, alone or in a batch; a burn of that less the fee;
coins passed on to where the gateway passes its withdrawals; or a window that holds only a deposit.

Where the burn may be another withdrawal's, or coins came back as well, both are told and the
confidence is lower.

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
from diag.domain.vocabulary import Actor, Advice, Ask, Confidence, Outcome, Severity, Stage
from diag.domain.withdrawal import Answer, AnswerKind, Completeness, Withdrawal
from diag.i18n import Text

SETTLED = Rule(
    code="gateway_settled",
    title=Text(zh="网关已结清", en="Settled by the gateway"),
    outcome=Outcome.DELIVERED,
    stage=Stage.SENT_ONWARD,
    severity=Severity.INFO,
    actor=Actor.NOBODY,
    advice=Advice.CONTACT_RECIPIENT,
    confidence=Confidence.HIGH,
    ask=(Ask.EXTERNAL_TRANSACTION,),
    sep24="completed",
    iso20022="ACSC",
    reply=Text(
        zh="{gateway} 网关已于 {settled_at} 结清您 {sent_at} 发出的 {amount}。对方链上的付款"
        "通常随即发出，请查看收款地址。如未到账，请凭操作编号 {operation} 向网关索取对方"
        "链的交易 ID（TxID）。请勿重新发送。",
        en="At {settled_at} the gateway {gateway} settled the {amount} you sent at {sent_at}"
        ". The payout on the other chain usually follows at once, so please look at the "
        "receiving address. If nothing is there, ask the gateway for the transaction ID "
        "(TxID) on that chain, naming operation number {operation}. Do not send again.",
    ),
    note=Text(
        zh="结清操作 {settlement}（{how}），用时 {took}。对方链上的付款在 BitShares 上不可见。",
        en="Settlement operation {settlement} ({how}) after {took}. The payout on the other "
        "chain is not visible here.",
    ),
)
LIKELY = replace(SETTLED, confidence=Confidence.MEDIUM)
"""Settled in a way that is less than a burn of exactly this amount."""
ONE_OF_EQUALS = replace(
    SETTLED,
    advice=Advice.CONTACT_GATEWAY,
    actor=Actor.GATEWAY,
    confidence=Confidence.LOW,
    reply=Text(
        zh="您向 {gateway} 网关发出了 {count} 笔相同的提币，每笔 {amount}。网关已于 "
        "{settled_at} 结清其中一笔，但没有全部结清，从链上看不出是哪一笔。请先查看收款地址，"
        "并凭操作编号 {twins} 联系网关。请勿重新发送。",
        en="You sent {count} equal withdrawals of {amount} to the gateway {gateway}. It settled "
        "one of them at {settled_at}, but not all; which one, the chain does not show. "
        "Please look at the receiving address and ask the gateway, naming the operation "
        "numbers {twins}. Do not send again.",
    ),
    note=Text(
        zh="结清操作 {settlement}（{how}）；相同的提币：{twins}。",
        en="Settlement operation {settlement} ({how}); equal withdrawals: {twins}.",
    ),
)
"""One of several equal ones of the same account, of which some wait."""
BESIDE_CREDIT = replace(
    SETTLED,
    confidence=Confidence.MEDIUM,
    reply=Text(
        zh="{gateway} 网关已于 {settled_at} 结清您 {sent_at} 发出的 {amount}。它又于 "
        "{returned_at} 向您的账户转入 {returned}，可能是您新的充币，也可能是退款。请同时核对"
        "您的账户和收款地址。请勿重新发送。",
        en="At {settled_at} the gateway {gateway} settled the {amount} you sent at {sent_at}. "
        "At {returned_at} it also credited {returned} to your account, which is a new "
        "deposit of yours or a refund. Please look at both your account and the "
        "receiving address. Do not send again.",
    ),
    note=Text(
        zh="结清操作 {settlement}（{how}），入账操作 {answer}（{returned}）：退款还是充币，请向"
        "用户和网关核实。",
        en="Settlement operation {settlement} ({how}), and {answer} credited {returned}: ask the "
        "user and the gateway whether that is a refund or a deposit.",
    ),
)
"""As much was credited to the user as well."""
REST = replace(
    SETTLED,
    reply=Text(
        zh="您 {sent_at} 转给 {gateway} 网关的 {amount}，已于 {returned_at} 退回 {returned}。其余"
        "的 {rest} 网关已于 {settled_at} 结清，请查看收款地址。请勿重新发送。",
        en="Of the {amount} you sent to the gateway {gateway} at {sent_at}, {returned} came "
        "back to your account at {returned_at}. The gateway settled the other {rest} at "
        "{settled_at}, so please look at the receiving address. Do not send again.",
    ),
    note=Text(
        zh="退回操作 {answer}（{returned}），结清操作 {settlement}（{rest}）。",
        en="{answer} returned {returned}, {settlement} settled the other {rest}.",
    ),
)
"""A part came back, and the rest was settled."""
REST_LIKELY = replace(REST, confidence=Confidence.MEDIUM)
DEPOSIT = Rule(
    code="deposit_received",
    title=Text(zh="是充币不是提币", en="A deposit, not a withdrawal"),
    outcome=Outcome.NOT_SENT,
    stage=Stage.USER_ACCOUNT,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.HIGH,
    ask=(Ask.TIME, Ask.OPERATION),
    sep24="incomplete",
    iso20022="NOOR",
    reply=Text(
        zh="您所说的时段内，{account} 没有转出，只有一笔充币：{amount} 于 {received_at} 转"
        "入。它进了您的账户，不是提币。如您确实提过币，请告诉我们大致时间或操作编号。",
        en="In the period you named nothing left {account}; there was only a deposit: "
        "{amount} came in at {received_at}. It went into your account and is not a "
        "withdrawal. If you did withdraw, please tell us roughly when, or the operation "
        "number.",
    ),
    note=Text(
        zh="窗口内只有转入，例如：{operation}。",
        en="Incoming, with nothing outgoing: {operation}.",
    ),
)
RULES = (SETTLED, DEPOSIT)
VARIANTS = (LIKELY, ONE_OF_EQUALS, BESIDE_CREDIT, REST, REST_LIKELY)
"""What is said instead where the evidence is weaker or shows more; the codes are the rules'."""

HOW = {
    AnswerKind.BURN: Text(zh="单独销毁", en="a burn of exactly this amount"),
    AnswerKind.BATCH: Text(zh="与其他提币合并销毁", en="one burn for a batch of withdrawals"),
    AnswerKind.FORWARD: Text(
        zh="转入网关归集提币的账户", en="passed on to where the gateway passes its withdrawals"
    ),
}
LESS_FEE = Text(zh="扣除手续费后销毁", en="a burn of the amount less a fee")


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
    return HOW[found.kind] if exact else LESS_FEE


def _everything(evidence: Evidence) -> tuple[Withdrawal, ...]:
    return (*evidence.withdrawals, *evidence.candidates)


def _deposits(evidence: Evidence) -> Iterator[Finding]:
    account = evidence.history.account
    if account is None or evidence.candidates:
        return
    for operation in evidence.window:
        if not isinstance(operation, Issue | Transfer) or operation.recipient != account.id:
            continue
        if not _fits(evidence, operation) or sent_before(evidence, operation):
            continue
        claim = Text(zh="转入账户", en="coins came into the account")
        yield DEPOSIT.found(
            evidence_items=[evidence_item(evidence, operation, claim, str(operation.amount))],
            account=account.name,
            amount=str(operation.amount),
            received_at=operation.at,
            operation=operation.id,
        )
        return


def _fits(evidence: Evidence, operation: Issue | Transfer) -> bool:
    """A deposit answers the question only if it could be what the user means."""
    case = evidence.case
    if case.operation or case.transaction or case.destination:
        return case.operation == operation.id
    if not case.claims:
        if isinstance(operation, Issue):
            return True
        return evidence.register.by_account(evidence.name(operation.sender)) is not None
    amount = operation.amount
    return amount.value == case.amount and case.asset in (None, amount.asset.symbol)
