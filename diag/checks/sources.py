"""The chain could not be seen well enough to answer.

### What it looks for

Sources that failed, are behind, contradict each other or do not keep enough history, wherever
the missing part could change the answer.

### Why it happens

Public nodes keep only the newest operations of each account, fall behind, or go down. An empty
answer from such a node looks exactly like "nothing was sent". Some serve no account histories at
all, or those of a few accounts only.

### What to tell the user

That it could not be determined yet, that nothing should be sent again meanwhile, and when to
ask again; or that another source must be found first, where the present ones will never know.
Never to guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from diag.domain.evidence import Evidence
from diag.domain.finding import EvidenceItem, Finding, Rule
from diag.domain.history import Gap
from diag.domain.operations import Operation, TimeLock, Transfer
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

MASS = Text(
    zh="目前无法完整读取 BitShares 区块链数据，暂时不能判断您这笔提币的状态。我们会继续核查，请稍后再询。在此之前请勿"
    "重新发送。",
    en="The BitShares chain cannot be read completely at present, so we cannot tell the state of "
    "your withdrawal yet. We keep checking; please ask again a little later, and do not send again "
    "before then.",
)


def _rule(code: str, title: Text, reply: Text, note: Text) -> Rule:
    """All of these say the same thing to different questions: not known, do nothing, ask again."""
    return Rule(
        code=code,
        title=title,
        outcome=Outcome.UNDETERMINED,
        stage=Stage.UNKNOWN,
        severity=Severity.WARNING,
        actor=Actor.SUPPORT,
        advice=Advice.RETRY_LATER,
        confidence=Confidence.LOW,
        resend_safe=ResendSafe.UNKNOWN,
        lasting=False,
        ask=(Ask.OPERATION, Ask.TIME),
        sep24="pending_anchor",
        iso20022="NOAD",
        reply=reply,
        note=note,
        mass=MASS,
    )


def _lasting(
    rule: Rule, *, title: Text, note: Text, mass: Text, reply: Text | None = None
) -> Rule:
    """The same code where only the operator can change it: to ask again later is of no use."""
    return replace(
        rule,
        title=title,
        advice=Advice.DO_NOT_RESEND,
        ask=(),
        reply=reply or rule.reply,
        note=note,
        mass=mass,
    )


_INCOMPLETE = _rule(
    "history_incomplete",
    Text(zh="历史记录不完整", en="The history is not complete"),
    Text(
        zh="账户 {account} 这笔提币的情况，现在还查不全。可用的数据源缺少这段时间的部分记录，"
        "我们会换用更完整的数据源核查。在此之前请勿重新发送。",
        en="What became of this withdrawal of the account {account} cannot be seen yet. Our data "
        "sources lack part of the records of that time, so we will check with a fuller one. "
        "Please do not send again before then.",
    ),
    Text(
        zh="未能读取：{what}（{why}）。请换用保留完整历史的节点重试。",
        en="Not read: {what} ({why}). Try again with a node that keeps full history.",
    ),
)
NOT_KEPT = _lasting(
    _INCOMPLETE,
    title=Text(zh="数据源没有保留这段历史", en="The source does not keep that history"),
    note=Text(
        zh="未能读取：{what}（{why}）。向同一节点再查也不会有结果：请由运维换用保留完整历史的节点，或接入历史索引。",
        en="Not read: {what} ({why}). Asking the same nodes again will not help: have the operator "
        "name a node that keeps full history, or an index.",
    ),
    mass=Text(
        zh="目前的数据源没有保留所查时间的完整记录，暂时不能判断您这笔提币的状态。我们会换用更完整的数据源核查。在此之前"
        "请勿重新发送。",
        en="Our present data source does not keep the complete records of that time, so we cannot "
        "tell the state of your withdrawal yet. We will check with a fuller one. Please do not send "
        "again before then.",
    ),
)
INCOMPLETE = replace(_INCOMPLETE, variants=(NOT_KEPT,))
DISAGREE = _rule(
    "sources_disagree",
    Text(zh="数据源记录不一致", en="The sources disagree"),
    Text(
        zh="我们查询的数据源对账户 {account} 的记录不一致，现在还没有结论。我们会继续核实。"
        "在此之前请勿重新发送。",
        en="Our data sources do not agree about the account {account}, so there is no "
        "answer yet. We are looking into it. Please do not send again before then.",
    ),
    Text(
        zh="节点之间不一致：{what}（{why}）。",
        en="The nodes disagree about: {what} ({why}).",
    ),
)
_UNAVAILABLE = _rule(
    "sources_unavailable",
    Text(zh="链上数据暂不可读", en="The chain could not be read"),
    Text(
        zh="目前无法完整读取 BitShares 链上数据，还看不到账户 {account} 这笔提币的状态。请稍"
        "后再向我们查询。在此之前请勿重新发送。",
        en="The BitShares chain could not be read completely just now, so the state of this "
        "withdrawal of the account {account} is not visible. Please ask us again a "
        "little later. Do not send again before then.",
    ),
    Text(
        zh="未能读取：{what}（{why}）。",
        en="Not read: {what} ({why}).",
    ),
)
NOT_SERVED = _lasting(
    _UNAVAILABLE,
    title=Text(zh="数据源不提供账户历史", en="The source serves no account histories"),
    reply=Text(
        zh="目前的数据源不提供账户历史，看不到账户 {account} 这笔提币的状态。稍后再查也不会有变化，"
        "我们需要换用其他数据源核查。在此之前请勿重新发送。",
        en="Our present data source does not provide account histories, so the state of this "
        "withdrawal of the account {account} is not visible. Asking again later will not "
        "change that: we have to check with another source. Please do not send again before then.",
    ),
    note=Text(
        zh="未能读取：{what}（{why}）。稍后重试没有用：请由运维换用提供账户历史的节点。",
        en="Not read: {what} ({why}). Asking again later will not help: have the operator name a "
        "node that serves account histories.",
    ),
    mass=Text(
        zh="目前的数据源不提供账户历史，暂时不能判断您这笔提币的状态。我们会换用其他数据源核查。在此之前请勿重新发送。",
        en="Our present data source does not provide account histories, so we cannot tell the state "
        "of your withdrawal yet. We will check with another source. Please do not send again before "
        "then.",
    ),
)
UNAVAILABLE = replace(_UNAVAILABLE, variants=(NOT_SERVED,))
STALE = _rule(
    "node_stale",
    Text(zh="数据源与当前时间不符", en="The source is off the clock"),
    Text(
        zh="我们查询的数据源与当前时间不符，还不能确认账户 {account} 最近的记录。请稍后再向我们"
        "查询。在此之前请勿重新发送。",
        en="Our data source does not show the present time, so the latest records of the account "
        "{account} are not certain yet. Please ask us again a little later. Do not send again "
        "before then.",
    ),
    Text(
        zh="节点的最新区块与时钟不符：{why}。请换节点重试。",
        en="The node's newest block does not fit the clock: {why}. Try another node.",
    ),
)
RULES = (INCOMPLETE, DISAGREE, UNAVAILABLE, STALE)


def check(evidence: Evidence) -> Iterator[Finding]:
    if evidence.history.account is None:
        return
    if evidence.history.disagreement:
        yield _found(evidence, DISAGREE, _disagreement(evidence))
    stale = evidence.gap(Gap.HEAD)
    unanswered = [w for w in evidence.withdrawals if not w.answers and w.gateway]
    absent = not evidence.withdrawals
    ahead = any(node.ahead for node in evidence.as_of.nodes[:1])
    unseen = absent and (ahead or not evidence.complete)
    if stale and (unseen or unanswered):
        yield _found(evidence, STALE, stale)
    if absent and (pruned := evidence.gap(Gap.HISTORY)):
        yield _found(evidence, NOT_KEPT, pruned)
    if absent and (unserved := evidence.gap(Gap.NOT_SERVED)):
        yield _found(evidence, NOT_SERVED, unserved)
    if absent and (unread := evidence.gap(Gap.UNREAD)):
        yield _found(evidence, UNAVAILABLE, unread)
    unreadable = evidence.unreadable(evidence.case.start, evidence.case.end)
    if absent and unreadable:
        yield _found(evidence, INCOMPLETE, _unreadable(unreadable))
    gateway = evidence.gap(Gap.GATEWAY)
    for withdrawal in unanswered:
        if gateway and _unread(withdrawal):
            yield _found(evidence, INCOMPLETE, gateway, withdrawal.id)
    names = evidence.gap(Gap.OBJECTS, "asset")
    if names and (absent or unanswered):
        yield _found(evidence, UNAVAILABLE, names)
    elif names:
        for withdrawal in filter(partial(_to_nobody_known, evidence), evidence.withdrawals):
            yield _found(evidence, UNAVAILABLE, names, withdrawal.id)


def undetermined(evidence: Evidence, withdrawal_id: str | None) -> Finding:
    """What is said where nothing that was read explains a movement, or the lack of one."""
    known = next(iter(evidence.history.gaps), None)
    nothing = Text(zh="已读到的数据不足以判断", en="what could be read does not decide it")
    gap = known or Gap(
        "unexplained", Text(zh="这笔款项的去向", en="what became of it"), nothing
    )
    rule = NOT_SERVED if gap.code == Gap.NOT_SERVED else UNAVAILABLE
    return _found(evidence, rule, gap, withdrawal_id)


def _unread(withdrawal: Withdrawal) -> bool:
    """True if the gateway's history around this withdrawal could not be proven complete."""
    return withdrawal.statistics is not None and not withdrawal.statistics.complete


def _to_nobody_known(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """True if the name of who got it, which may be a look-alike's, was not read."""
    if not isinstance(withdrawal.sent, Transfer | TimeLock):
        return False
    return withdrawal.sent.recipient not in evidence.history.accounts


def _unreadable(operations: Sequence[Operation]) -> Gap:
    ids = " ".join(o.id for o in operations)
    text = Text.literal(zh=f"操作 {ids}", en=f"operations {ids}")
    why = Text(zh="内容无法解读", en="their content could not be read")
    return Gap("operation", text, why)


def _disagreement(evidence: Evidence) -> Gap:
    ids = " ".join(evidence.history.disagreement)
    text = Text.literal(zh=f"操作 {ids}", en=f"operations {ids}")
    return Gap("disagreement", text, Text(zh="仅部分节点可见", en="seen by some nodes only"))


def _with_remedy(gap: Gap) -> Text:
    return Text(zh=f"{gap.what.zh}：{gap.why.zh}", en=f"{gap.what.en}: {gap.why.en}")


def _found(
    evidence: Evidence, rule: Rule, gap: Gap, withdrawal_id: str | None = None
) -> Finding:
    return rule.found(
        withdrawal_id,
        evidence_items=[
            EvidenceItem(claim=_with_remedy(gap), time=evidence.now, source=node.name)
            for node in evidence.as_of.nodes
        ],
        account=evidence.case.account,
        what=gap.what,
        why=gap.why,
    )
