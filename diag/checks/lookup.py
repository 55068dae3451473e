"""What the user named is not there: the account, or a movement in that window.

### What it looks for

An account that does not exist, with names near to it; a movement that fits the claim but stands
outside the window, with how far; or a window in which nothing left.

### Why it happens

Names are mistyped. Local time is taken for UTC: then the movement stands exactly the time
zone's offset away.

### What to tell the user

What was searched, and which one thing to correct.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from diag.domain.evidence import Evidence
from diag.domain.evidence_items import coverage, facts, sent, sent_before, short_id
from diag.domain.finding import EvidenceItem, Finding, Rule
from diag.domain.operations import (
    Burn,
    Fill,
    Issue,
    Lock,
    Override,
    PermissionClaim,
    Transfer,
)
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
from diag.domain.withdrawal import Withdrawal
from diag.i18n import Text

NOT_FOUND = Rule(
    code="account_not_found",
    title=Text(zh="账户不存在", en="The account does not exist"),
    outcome=Outcome.NOTHING_FOUND,
    stage=Stage.UNKNOWN,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.CERTAIN,
    resend_safe=ResendSafe.UNKNOWN,
    ask=(Ask.ACCOUNT,),
    sep24="incomplete",
    iso20022="AC01",
    reply=Text(
        zh="BitShares 链上没有名为 {account} 的账户，因此还查不到您的提币。相近的账户名："
        "{near}。请在钱包里核对账户名（全小写），再告诉我们。",
        en="There is no account named {account} on BitShares, so we could not look up your "
        "withdrawal. Similar names: {near}. Please check the account name in your wallet "
        "(all lower case) and tell us.",
    ),
    note=Text(
        zh="账户 {account} 不存在（{confirmed}）；相近名称：{near}。",
        en="Account {account} does not exist ({confirmed}); near names: {near}.",
    ),
)
OUTSIDE = Rule(
    code="outside_window",
    title=Text(zh="转出不在所说时间内", en="Sent outside the named period"),
    outcome=Outcome.NOTHING_FOUND,
    stage=Stage.UNKNOWN,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.HIGH,
    resend_safe=ResendSafe.NO,
    ask=(Ask.TIME, Ask.OPERATION),
    sep24="incomplete",
    iso20022="NARR",
    reply=Text(
        zh="您所说的时段内没有符合的转出。但 {sent_at} 有 {amount} 转给 {recipient}（操作编"
        "号 {operation}），{offset}。请告诉我们是不是这一笔。请勿重新发送。",
        en="Nothing that fits left your account in the period you named. But {amount} went "
        "to {recipient} at {sent_at} (operation number {operation}), {offset}. Please "
        "tell us whether you mean that one. Do not send again.",
    ),
    note=Text(
        zh="窗口外的候选：{operation}，{offset}。请用户确认后，用正确的时间段重新查询。",
        en="Candidate outside the window: {operation}, {offset}. Have the user confirm it, "
        "then ask again with the right window.",
    ),
)
NOTHING = Rule(
    code="nothing_in_window",
    title=Text(zh="时段内没有转出", en="No transfer in the period"),
    outcome=Outcome.NOTHING_FOUND,
    stage=Stage.UNKNOWN,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.HIGH,
    lasting=False,
    resend_safe=ResendSafe.UNKNOWN,
    ask=(Ask.TIME, Ask.AMOUNT),
    sep24="incomplete",
    iso20022="NOOR",
    reply=Text(
        zh="在 {start} 至 {end} 之间，账户 {account} 没有{what}的记录，这段历史已核对完整。"
        "请核对账户名和时间（注意时区）。请告诉我们资产和数额，以便继续查询。",
        en="Between {start} and {end} the account {account} has no record of {what}; its "
        "history for that period is complete. Please check the account name and the time "
        "(mind the time zone). Please tell us the asset and the amount, so that we can "
        "look further.",
    ),
    note=Text(
        zh="窗口完整，没有{what}；窗口内其他转出：{inside} 笔，以其他方式减少的（卖出、锁定、销毁、"
        "被转走）：{other} 笔；前后 {around} 小时内：{outside} 笔。",
        en="The window is complete without {what}; other outgoing movements in it: {inside}; coins "
        "that left in another way (sold, locked, burnt, taken): {other}; within {around} hours "
        "around it: {outside}.",
    ),
)
RULES = (NOT_FOUND, OUTSIDE, NOTHING)

NONE_NEAR = Text(zh="没有找到", en="none found")
ABOUT = timedelta(minutes=15)
"""How far the middle of the window may be from a movement, less the offset, to call it exact."""
NARROW = timedelta(hours=3)
"""Only in a window this short does the distance from its middle mean anything."""
AROUND_HOURS = 14


def check(evidence: Evidence) -> Iterator[Finding]:
    case = evidence.case
    if evidence.history.account is None:
        yield _not_found(evidence)
        return
    if evidence.withdrawals or not evidence.complete:
        return
    outside = evidence.outside if case.claims else _given_back(evidence)
    if outside:
        yield _outside(evidence, min(outside, key=lambda w: _distance(evidence, w)))
    if case.transaction and any(w.transaction is None for w in evidence.candidates):
        return  # one of them may be it
    unreadable = evidence.unreadable(case.start, case.end)
    if not unreadable and (not case.claims or case.identified):
        yield _nothing(evidence)


def _not_found(evidence: Evidence) -> Finding:
    """Certain only where a second node confirms it: one alone may lag, or lie."""
    history = evidence.history
    agreeing = history.confirmed_by or tuple(node.name for node in evidence.as_of.nodes[:1])
    alone = len(agreeing) < 2 and not history.recorded
    return NOT_FOUND.found(
        evidence_items=[
            EvidenceItem(
                claim=Text(zh="账户不存在", en="the account does not exist"),
                time=evidence.now,
                source=name,
                observed=evidence.case.account,
            )
            for name in agreeing
        ],
        basis=["single_node"] if alone else [],
        account=evidence.case.account,
        near=history.near_names or NONE_NEAR,
        confirmed=_who_says_so(len(agreeing), recorded=history.recorded),
    )


def _who_says_so(count: int, *, recorded: bool) -> Text:
    if recorded:
        return Text(zh="依据录制的链", en="as the recorded chain shows")
    if count < 2:
        return Text(zh="仅一个节点的回答", en="as one node alone says")
    return Text.literal(zh=f"{count} 个节点一致", en=f"as {count} nodes say")


def _given_back(evidence: Evidence) -> list[Withdrawal]:
    """Withdrawals before the window that a credit in it may bring back."""
    credits = (o for o in evidence.window if isinstance(o, Issue | Transfer))
    return [w for credit in credits for w in sent_before(evidence, credit)]


def _nothing(evidence: Evidence) -> Finding:
    return NOTHING.found(
        evidence_items=[coverage(evidence)],
        account=evidence.case.account,
        start=evidence.case.start,
        end=evidence.case.end,
        what=_wanted(evidence),
        inside=len(evidence.candidates),
        other=sum(
            isinstance(o, Fill | Lock | Burn | Override | PermissionClaim)
            for o in evidence.window
        ),
        outside=len(evidence.outside),
        around=AROUND_HOURS,
    )


def _wanted(evidence: Evidence) -> Text:
    """What was looked for: anything that left, or what the user gave the id of."""
    identity = evidence.case.operation or evidence.case.transaction
    if identity is None:
        return Text(zh="任何转出", en="any transfer out")
    short = short_id(identity)
    return Text.literal(
        zh=f"编号为 {short} 的转出", en=f"an outgoing movement with the id {short}"
    )


def _distance(evidence: Evidence, withdrawal: Withdrawal) -> timedelta:
    case = evidence.case
    if withdrawal.at < case.start:
        return case.start - withdrawal.at
    return withdrawal.at - case.end


def _outside(evidence: Evidence, withdrawal: Withdrawal) -> Finding:
    length = evidence.case.end - evidence.case.start
    return OUTSIDE.found(
        evidence_items=[sent(evidence, withdrawal)],
        offset=offset(withdrawal.at - (evidence.case.start + length / 2), length),
        **facts(withdrawal),
    )


def offset(away: timedelta, window: timedelta) -> Text:
    """How far a movement is from the middle of the window, in words.

    Where the window is narrow and the distance a whole number of hours that a time zone can
    have, the likely mistake is named.
    """
    early = away < timedelta()
    hours = round(abs(away) / timedelta(hours=1))
    size = f"{hours} 小时", f"{hours} h"
    if hours > 48:
        size = f"{hours // 24} 天", f"{hours // 24} d"
    zh = f"比所说时间{'早' if early else '晚'}约 {size[0]}"
    en = f"about {size[1]} {'before' if early else 'after'} the time you named"
    exact = abs(abs(away) - timedelta(hours=hours)) <= ABOUT
    if exact and window <= NARROW and 1 <= hours <= AROUND_HOURS:
        zone = f"UTC{'+' if early else '-'}{hours}"
        zh += f"，可能把 {zone} 当地时间当成了 UTC"
        en += f"; perhaps local time ({zone}) was taken for UTC"
    return Text(zh=zh, en=en)
