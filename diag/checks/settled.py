"""The money has arrived, as far as this chain can show it.

### What it looks for

A burn by the gateway of the withdrawn amount, alone or in a batch; a final transfer to another
BitShares account; a time-lock whose recipient took the coins; or a window that holds only a
deposit.

### Why it happens

Gateways that issue their own coins burn them once they have paid out on the other chain. A
transfer to another account is complete as soon as it is irreversible.

### What to tell the user

That the BitShares side is done and where to look next: the receiving address on the other
chain, or the recipient. The chain never shows the payout itself, so do not promise it.
"""

from __future__ import annotations

from collections.abc import Iterator

from diag.domain.evidence import Evidence
from diag.domain.evidence_items import answer, evidence_item, facts, sent
from diag.domain.finding import Finding, Rule
from diag.domain.operations import Issue, Operation, TimeLock, TimeLockRedeemed, Transfer
from diag.domain.vocabulary import Actor, Advice, Ask, Confidence, Outcome, Severity, Stage
from diag.domain.withdrawal import AnswerKind, Withdrawal
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
DELIVERED = Rule(
    code="delivered_on_chain",
    title=Text(zh="已到收款账户", en="Arrived in the recipient's account"),
    outcome=Outcome.DELIVERED,
    stage=Stage.AT_RECIPIENT,
    severity=Severity.INFO,
    actor=Actor.RECIPIENT,
    advice=Advice.CONTACT_RECIPIENT,
    confidence=Confidence.CERTAIN,
    sep24="completed",
    iso20022="ACSC",
    reply=Text(
        zh="您的 {amount} 已于 {sent_at} 转入 BitShares 账户 {recipient}，链上已最终确认，无"
        "法撤回。如对方表示未收到，请对方核对该账户。如果这不是您想要的收款账户，请告诉我"
        "们。请勿重新发送。",
        en="Your {amount} arrived in the BitShares account {recipient} at {sent_at}; it is "
        "final and cannot be recalled. If the recipient does not see it, please ask them "
        "to check that account. If that is not where you meant to send it, tell us. Do "
        "not send again.",
    ),
    note=Text(
        zh="{recipient} 不是登记过的网关；转账 {operation} 已不可逆。",
        en="{recipient} is no gateway known to the register; transfer {operation} is "
        "irreversible.",
    ),
)
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
RULES = (SETTLED, DELIVERED, DEPOSIT)

HOW = {
    AnswerKind.BURN: Text(zh="单独销毁", en="a burn of exactly this amount"),
    AnswerKind.BATCH: Text(zh="与其他提币合并销毁", en="one burn for a batch of withdrawals"),
}


def check(evidence: Evidence) -> Iterator[Finding]:
    for withdrawal in evidence.withdrawals:
        if not evidence.final([withdrawal.sent]):
            continue
        if withdrawal.settled and not withdrawal.ambiguous:
            yield _settled(evidence, withdrawal)
        elif withdrawal.gateway is None:
            yield from _delivered(evidence, withdrawal)
    if not evidence.withdrawals and evidence.complete:
        yield from _deposits(evidence)


def _settled(evidence: Evidence, withdrawal: Withdrawal) -> Finding:
    found = withdrawal.settled
    assert found is not None
    return SETTLED.found(
        withdrawal.id,
        evidence_items=[sent(evidence, withdrawal), answer(evidence, found)],
        settlement=found.operation.id,
        settled_at=found.operation.at,
        how=HOW[found.kind],
        took=found.operation.at - withdrawal.at,
        **facts(withdrawal),
    )


def _delivered(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[Finding]:
    match withdrawal.sent:
        case Transfer():
            yield DELIVERED.found(
                withdrawal.id, evidence_items=[sent(evidence, withdrawal)], **facts(withdrawal)
            )
        case TimeLock(lock=lock):
            redeemed = _redeemed(evidence, lock)
            if redeemed and evidence.final([redeemed]):
                claim = Text(zh="收款方取走了款项", en="the recipient took the coins")
                taken = evidence_item(evidence, redeemed, claim)
                yield DELIVERED.found(
                    withdrawal.id,
                    evidence_items=[sent(evidence, withdrawal), taken],
                    **facts(withdrawal),
                )


def _redeemed(evidence: Evidence, lock: str | None) -> Operation | None:
    return next(
        (
            o
            for o in evidence.history.log.operations
            if isinstance(o, TimeLockRedeemed) and o.lock == lock
        ),
        None,
    )


def _deposits(evidence: Evidence) -> Iterator[Finding]:
    account = evidence.history.account
    if account is None or evidence.candidates:
        return
    for operation in evidence.window:
        if not isinstance(operation, Issue | Transfer) or operation.recipient != account.id:
            continue
        if not _fits(evidence, operation):
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
