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

from diag.evidence import Evidence, Withdrawal
from diag.exhibits import facts, sent
from diag.text import Text
from diag.verdict import (
    Actor,
    Advice,
    Ask,
    Confidence,
    Exhibit,
    Finding,
    Outcome,
    ResendSafe,
    Rule,
    Severity,
    Stage,
)

NOT_FOUND = Rule(
    code="account_not_found",
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
        zh="BitShares 链上没有名为 {account} 的账户，因此无法查询。相近的账户名：{near}。请在钱包里核对账户名"
        "（全小写）后告诉我们。",
        en="There is no account named {account} on BitShares, so nothing could be looked up. "
        "Similar names: {near}. Please check the account name in your wallet (all lower case) "
        "and tell us.",
    ),
    note=Text(
        zh="账户 {account} 不存在；相近名称：{near}。",
        en="Account {account} does not exist; near names: {near}.",
    ),
)
OUTSIDE = Rule(
    code="outside_window",
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
        zh="您所说的时间段内没有符合的转出，但在 {sent_at} 有一笔 {amount} 转给 {recipient}（操作编号 {operation}），"
        "{offset}。请确认您说的是否是这一笔，确认后我们按正确时间继续查询。请勿重新发送。",
        en="Nothing that fits left your account in the period you named, but {amount} went to "
        "{recipient} at {sent_at} (operation {operation}), {offset}. Please tell us whether you "
        "mean that one; then we look again at the right time. Do not send again.",
    ),
    note=Text(
        zh="窗口外的候选：{operation}，{offset}。确认后用正确的时间段重新查询。",
        en="Candidate outside the window: {operation}, {offset}. Confirm it, then ask again with "
        "the right window.",
    ),
)
NOTHING = Rule(
    code="nothing_in_window",
    outcome=Outcome.NOTHING_FOUND,
    stage=Stage.UNKNOWN,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.HIGH,
    resend_safe=ResendSafe.UNKNOWN,
    ask=(Ask.TIME, Ask.AMOUNT),
    sep24="incomplete",
    iso20022="NOOR",
    reply=Text(
        zh="在 {start} 至 {end} 之间，账户 {account} 没有任何转出记录，这段历史已核对完整。请确认账户名和时间"
        "（注意时区），并告诉我们资产和数额，以便继续查询。",
        en="Between {start} and {end} nothing left the account {account}; its history for that "
        "period is complete. Please check the account name and the time (mind the time zone), "
        "and tell us the asset and the amount so that we can look further.",
    ),
    note=Text(
        zh="窗口完整，无转出；窗口外 {around} 小时内另有 {outside} 笔转出。",
        en="The window is complete and holds nothing outgoing; {outside} outgoing movements "
        "stand within {around} hours around it.",
    ),
)
RULES = (NOT_FOUND, OUTSIDE, NOTHING)

NONE_NEAR = Text(zh="无", en="none")
ABOUT = timedelta(minutes=45)
"""How far the middle of the window may be from a movement, less the offset, to call it exact."""
AROUND_HOURS = 14


def check(evidence: Evidence) -> Iterator[Finding]:
    case = evidence.case
    if evidence.history.account is None:
        yield NOT_FOUND.found(
            exhibits=[
                Exhibit(
                    claim=Text(zh="账户不存在", en="the account does not exist"),
                    time=evidence.now,
                    source=evidence.as_of.nodes[0].name if evidence.as_of.nodes else "",
                    observed=case.account,
                )
            ],
            account=case.account,
            near=", ".join(evidence.history.near_names) or NONE_NEAR,
        )
        return
    if evidence.withdrawals or not evidence.complete:
        return
    if case.claims:
        if evidence.outside:
            yield _outside(
                evidence, min(evidence.outside, key=lambda w: _distance(evidence, w))
            )
        return
    yield NOTHING.found(
        exhibits=[
            Exhibit(
                claim=Text(zh="所查时间段的历史完整", en="the window's history is complete"),
                operation=evidence.history.proof.operation if evidence.history.proof else None,
                time=evidence.now,
                observed=evidence.history.proof.kind if evidence.history.proof else None,
            )
        ],
        account=case.account,
        start=case.start,
        end=case.end,
        outside=len(evidence.outside),
        around=AROUND_HOURS,
    )


def _distance(evidence: Evidence, withdrawal: Withdrawal) -> timedelta:
    case = evidence.case
    if withdrawal.at < case.start:
        return case.start - withdrawal.at
    return withdrawal.at - case.end


def _outside(evidence: Evidence, withdrawal: Withdrawal) -> Finding:
    case = evidence.case
    return OUTSIDE.found(
        exhibits=[sent(evidence, withdrawal)],
        offset=offset(withdrawal.at - (case.start + (case.end - case.start) / 2)),
        **facts(withdrawal),
    )


def offset(away: timedelta) -> Text:
    """How far a movement is from the middle of the window; a whole number of hours is named."""
    hours = round(away / timedelta(hours=1))
    rest = abs(away - timedelta(hours=hours))
    size = abs(hours)
    zh = f"比所说时间{'早' if away < timedelta() else '晚'}约 {size} 小时"
    en = f"about {size} h {'before' if away < timedelta() else 'after'} the time you named"
    if size and rest <= ABOUT:
        zone = f"UTC{'+' if hours < 0 else '-'}{size}"
        zh += f"，可能是把 {zone} 当地时间当成了 UTC"
        en += f"; perhaps local time ({zone}) was taken for UTC"
    return Text(zh=zh, en=en)
