"""The coins reached another BitShares account.

### What it looks for

A final transfer to an account that is no gateway's, or a time-lock whose recipient took the coins;
and whether that account can be used at all, sent the coins back, or was sent them without a memo.

### Why it happens

A transfer to another account is complete as soon as it is irreversible. Accounts of the protocol
itself, such as `null-account`, belong to nobody: what goes there is lost.

### What to tell the user

That the BitShares side is done and that the recipient is the one to ask. Of a transfer without a
memo, that an exchange cannot assign it, and what to give the exchange. If the recipient sent the
coins back, to look at the user's own account first.
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
from diag.domain.vocabulary import Actor, Advice, Confidence, Outcome, Severity, Stage
from diag.domain.withdrawal import Withdrawal
from diag.i18n import Text

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
        zh="您的 {amount} 已于 {received_at} 转入 BitShares 账户 {recipient}，链上已最终确认，"
        "无法撤回。如对方表示未收到，请对方核对该账户。如果这不是您想要的收款账户，请告诉我"
        "们。请勿重新发送。",
        en="Your {amount} arrived in the BitShares account {recipient} at {received_at}; it is "
        "final and cannot be recalled. If the recipient does not see it, please ask them "
        "to check that account. If that is not where you meant to send it, tell us. Do "
        "not send again.",
    ),
    note=Text(
        zh="{who}；到账操作 {answer} 已不可逆。",
        en="{who}; operation {answer}, by which it arrived, is irreversible.",
    ),
)
NO_MEMO = replace(
    DELIVERED,
    reply=Text(
        zh="您的 {amount} 已于 {received_at} 转入 BitShares 账户 {recipient}，无法撤回。它没有备"
        "注（Memo），交易所无法据此入账。对方如是交易所，请提供操作编号 {operation} 和您的用户 "
        "ID。请勿重新发送。",
        en="Your {amount} arrived in the BitShares account {recipient} at {received_at}; it is "
        "final and cannot be recalled. It carries no memo, and an exchange cannot assign "
        "it without one. If the recipient is an exchange, give them operation number "
        "{operation} and your user ID. Do not send again.",
    ),
    aside=Text(
        zh="如果这不是您想要的收款账户，请告诉我们。",
        en="If that is not where you meant to send it, tell us.",
    ),
    note=Text(
        zh="{who}；到账操作 {answer} 已不可逆。转账没有备注：交易所无法自动入账，须由用户向其提供"
        "操作编号 {operation}。",
        en="{who}; operation {answer}, by which it arrived, is irreversible. It carries no memo: "
        "an exchange cannot assign it, so the user has to give it operation {operation}.",
    ),
)
"""A transfer without a memo, as exchanges need one."""
SENT_BACK = replace(
    DELIVERED,
    outcome=Outcome.RETURNED,
    stage=Stage.RETURNED,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.MEDIUM,
    reply=Text(
        zh="您的 {amount} 已于 {received_at} 转入 BitShares 账户 {recipient}。该账户又于 "
        "{returned_at} 向您转回 {returned}，请先核对您的账户。如与约定不符，请向对方询"
        "问。在此之前请勿重新发送。",
        en="Your {amount} arrived in the BitShares account {recipient} at {received_at}. That "
        "account sent {returned} back to you at {returned_at}, so please look at your own "
        "account first. If that is not what was agreed, ask the recipient. Do not send "
        "again before that.",
    ),
    note=Text(
        zh="{who}；到账操作 {answer}，其后对方转回 {returned}。",
        en="{who}; it arrived by operation {answer}, and the recipient sent {returned} back.",
    ),
)
"""The recipient sent as much back: it is in the user's account again."""
PART_BACK = replace(
    DELIVERED,
    severity=Severity.NOTICE,
    confidence=Confidence.HIGH,
    reply=Text(
        zh="您的 {amount} 已于 {received_at} 转入 BitShares 账户 {recipient}。该账户又于 "
        "{returned_at} 向您转入 {returned}，可能是其中一部分的退回。请先核对您的账户，再向对方询"
        "问。请勿重新发送。",
        en="Your {amount} arrived in the BitShares account {recipient} at {received_at}. That "
        "account sent {returned} to you at {returned_at}, which may be a part of it sent back. "
        "Please look at your own account, then ask the recipient. Do not send again.",
    ),
    note=Text(
        zh="{who}；到账操作 {answer}，其后对方由操作 {credit} 转来 {returned}。",
        en="{who}; it arrived by operation {answer}, and the recipient sent {returned} by operation "
        "{credit}.",
    ),
)
"""The recipient sent a part of it soon after."""
NOBODY = Rule(
    code="sent_to_nobody",
    title=Text(zh="转入了无主账户", en="Sent to nobody's account"),
    outcome=Outcome.STUCK,
    stage=Stage.AT_RECIPIENT,
    severity=Severity.CRITICAL,
    actor=Actor.SUPPORT,
    advice=Advice.DO_NOT_RESEND,
    confidence=Confidence.CERTAIN,
    sep24="error",
    iso20022="AC04",
    reply=Text(
        zh="您 {sent_at} 转出的 {amount} 进了 BitShares 系统账户 {recipient}。{why}，收款人没有收"
        "到这笔款项，链上无法撤回。请核对正确的收款账户，不要再向它转账。",
        en="The {amount} you sent at {sent_at} went into the BitShares system account "
        "{recipient}. {why}, so nobody received it, and it cannot be recalled. Please check "
        "the right receiving account, and do not send anything more to this one.",
    ),
    note=Text(
        zh="{recipient} 是协议自带的账户：{why}。操作 {operation}。",
        en="{recipient} is an account of the protocol: {why}. Operation {operation}.",
    ),
)
RULES = (DELIVERED, NOBODY)
VARIANTS = (NO_MEMO, SENT_BACK, PART_BACK)
"""What is said instead where the evidence shows more; the code is that of the rule."""

WHY_NOBODY = {
    NULL_ACCOUNT: Text(zh="转入该账户的款项即被销毁", en="What goes there is destroyed"),
    TEMP_ACCOUNT: Text(
        zh="该账户不属于任何人，谁都可以取走其中的款项",
        en="It belongs to no one, and anybody can take what goes there",
    ),
}
NO_KEYS = Text(zh="没有人持有该账户的密钥", en="No person holds the keys of that account")


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
            why=WHY_NOBODY.get(made.recipient, NO_KEYS),
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
    claim = Text(zh="收款方取走了款项", en="the recipient took the coins")
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
        return SENT_BACK if withdrawal.whole_back else PART_BACK
    made = withdrawal.sent
    return NO_MEMO if isinstance(made, Transfer) and _without_memo(made) else DELIVERED


def _without_memo(made: Transfer) -> bool:
    return made.memo is None or made.memo.text == ""


def _who(evidence: Evidence, withdrawal: Withdrawal) -> Text:
    """Who the recipient is, as far as the register knows."""
    name = withdrawal.recipient
    gateway = evidence.register.by_account(name)
    if gateway is None:
        return Text.literal(
            f"{name} 不是登记过的网关", f"{name} is no gateway known to the register"
        )
    return Text.literal(
        f"{name} 是 {gateway.name} 网关的账户，但网关不以时间锁受理提币",
        f"{name} belongs to the gateway {gateway.name}, which takes no withdrawals by time-lock",
    )


def arrival(evidence: Evidence, withdrawal: Withdrawal) -> Operation | None:
    """By which operation the coins reached the recipient."""
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
