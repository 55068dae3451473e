"""The gateway itself is closed, manual, in maintenance, or serves nobody.

### What it looks for

What the register says of the gateway now, unless the gateway has served others since; and, from
its own history, whether anybody has been served in any way (burnt for, in full or less a fee, sent
on, returned) since before this withdrawal while enough others wait.

### Why it happens

Gateways close, fall back to manual work, take their wallets down, or stop working unnoticed.
Coins sent to them lie in their account until somebody acts.

### What to tell the user

That it is the gateway and not this withdrawal; what is known of the gateway's state, with its
date; not to send anything more there.
"""

from __future__ import annotations

from collections.abc import Iterator

from diag.domain.comparable import SAME_ACCOUNT, SAME_ASSET
from diag.domain.convention import Breach, stated
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import facts, gateway_eta, sent, statistics_item
from diag.domain.finding import EvidenceItem, Finding, Rule
from diag.domain.gateway import LifecycleStage, Status
from diag.domain.vocabulary import Actor, Advice, Ask, Confidence, Outcome, Severity, Stage
from diag.domain.withdrawal import Withdrawal
from diag.i18n import Text

STALLED = Rule(
    code="gateway_stalled",
    title=Text(zh="网关停止处理", en="The gateway has stopped serving"),
    outcome=Outcome.STUCK,
    stage=Stage.AT_GATEWAY,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.HIGH,
    lasting=False,
    ask=(Ask.EXTERNAL_TRANSACTION,),
    sep24="pending_anchor",
    iso20022="AB08",
    mass=Text(
        zh="您转到 {gateway} 网关的 {asset} 提币已获链上确认，款项在该网关。该网关的 {asset} 提币目前整体停顿，不是您这一笔的问题。请等网关恢复，请勿重新发送。有进展我们会再告知。",
        en="Your {asset} withdrawal reached the gateway {gateway} and is confirmed on the chain. {asset} withdrawals have stopped there for everybody at present; it is not about yours. Please wait until the gateway resumes, and do not send again. We will tell you when there is news.",
    ),
    reply=Text(
        zh="您的 {amount} 于 {sent_at} 转到 {gateway} 网关，目前在网关等待。该网关自 {last} "
        "起没有处理过任何人的这种提币，共有 {waiting} 笔在等。受影响的不止您这一笔。请等"
        "网关恢复，请勿重新发送。",
        en="Your {amount} reached the gateway {gateway} at {sent_at} and is waiting there. "
        "The gateway has served nobody's withdrawals of this asset since {last}; "
        "{waiting} of them are waiting. Yours is not the only one affected. Please wait "
        "until it resumes, and do not send again.",
    ),
    note=Text(
        zh="最后一次结清 {last}，等待 {waiting} 笔，其中逾期 {late} 笔。可按网关故障统一回复。",
        en="Last settlement {last}; {waiting} waiting, {late} of them overdue. Treat it as "
        "an incident at the gateway.",
    ),
)
CLOSED = Rule(
    code="gateway_closed",
    title=Text(zh="网关已关闭", en="The gateway has closed"),
    outcome=Outcome.STUCK,
    stage=Stage.AT_GATEWAY,
    severity=Severity.CRITICAL,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.HIGH,
    ask=(Ask.WALLET,),
    sep24="error",
    iso20022="CNOR",
    mass=Text(
        zh="您转给 {gateway} 网关的 {asset} 仍在该网关账户中。据登记，该网关已关闭，不再处理提币。请联系其善后渠道，能否取回尚不确定。请勿再向它转账。",
        en="The {asset} you sent to the gateway {gateway} is still in its account. According to our records that gateway has closed and no longer pays out. Please contact whoever winds it up; whether it can be recovered is not known. Do not send anything more there.",
    ),
    reply=Text(
        zh="您于 {sent_at} 转给 {gateway} 网关的 {amount} 仍在其账户中。据我们的记录，该网关"
        "已关闭（{since}），不再处理提币。请凭操作编号 {operation} 联系其善后渠道；能否取"
        "回暂不能确定。请勿再向它转账。",
        en="The {amount} you sent to the gateway {gateway} at {sent_at} is still in its "
        "account. According to our records that gateway has closed ({since}) and no "
        "longer pays out. Please contact whoever winds it up, naming operation number "
        "{operation}; whether it can be recovered is not known. Do not send anything "
        "more there.",
    ),
    note=Text(
        zh="登记状态：关闭，{since}（{source}）。",
        en="Register: closed, {since} ({source}).",
    ),
)
MANUAL = Rule(
    code="gateway_manual",
    title=Text(zh="网关只做人工处理", en="The gateway works by hand only"),
    outcome=Outcome.STUCK,
    stage=Stage.AT_GATEWAY,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.HIGH,
    ask=(Ask.DESTINATION,),
    sep24="pending_anchor",
    iso20022="AB08",
    mass=Text(
        zh="您的 {asset} 提币已转到 {gateway} 网关。该网关只做人工处理，不会自动付款。请按其人工流程联系网关，并附上您的查询编号。请勿重新发送。",
        en="Your {asset} withdrawal reached the gateway {gateway}. That gateway handles withdrawals by hand only and pays nothing automatically. Please follow its manual procedure and name your reference. Do not send again.",
    ),
    reply=Text(
        zh="您的 {amount} 已于 {sent_at} 转到 {gateway} 网关。据我们的记录，该网关只做人工处"
        "理（{since}），不会自动付款。请凭操作编号 {operation} 按其人工流程申请。请勿重新"
        "发送。",
        en="Your {amount} reached the gateway {gateway} at {sent_at}. According to our "
        "records it works by hand only ({since}) and pays nothing automatically. Please "
        "follow its manual procedure with operation number {operation}. Do not send "
        "again.",
    ),
    note=Text(
        zh="登记状态：仅人工处理，{since}（{source}）。",
        en="Register: manual only, {since} ({source}).",
    ),
)
MAINTENANCE = Rule(
    code="gateway_maintenance",
    title=Text(zh="网关维护中", en="The gateway is in maintenance"),
    outcome=Outcome.IN_PROGRESS,
    stage=Stage.AT_GATEWAY,
    severity=Severity.NOTICE,
    actor=Actor.GATEWAY,
    advice=Advice.WAIT,
    confidence=Confidence.HIGH,
    lasting=False,
    sep24="pending_anchor",
    iso20022="AB08",
    mass=Text(
        zh="您的 {asset} 提币已转到 {gateway} 网关。该网关处于维护状态，暂停处理提币，恢复后才会继续。请等待，请勿重新发送。",
        en="Your {asset} withdrawal reached the gateway {gateway}. The gateway is in maintenance and is not processing withdrawals; it goes on when maintenance ends. Please wait and do not send again.",
    ),
    reply=Text(
        zh="您的 {amount} 已于 {sent_at} 转到 {gateway} 网关，目前在网关等待。该网关正在维"
        "护（{since}），暂停处理提币，通常在维护结束后继续。请耐心等待，请勿重新发送。",
        en="Your {amount} reached the gateway {gateway} at {sent_at} and is waiting there. "
        "The gateway is in maintenance ({since}) and not processing withdrawals; it "
        "usually goes on afterwards. Please be patient, and do not send again.",
    ),
    note=Text(
        zh="登记状态：维护，{since}（{source}）。",
        en="Register: maintenance, {since} ({source}).",
    ),
)
RULES = (STALLED, CLOSED, MANUAL, MAINTENANCE)

ENOUGH_WAITING = 3
"""A gateway is called stalled only if withdrawals of this many accounts are overdue at once."""
_BY_STATUS = {
    Status.CLOSED: CLOSED,
    Status.MANUAL: MANUAL,
    Status.MAINTENANCE: MAINTENANCE,
}


def check(evidence: Evidence) -> Iterator[Finding]:
    for withdrawal in evidence.withdrawals:
        for breach in breaches(evidence, withdrawal):
            yield from stated(evidence, withdrawal, breach)
        if withdrawal.open and not withdrawal.ambiguous and evidence.final([withdrawal.sent]):
            yield from _stalled(evidence, withdrawal)


def breaches(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[Breach]:
    """An unanswered withdrawal to a gateway that, as is written or as it says itself, does not serve."""
    if not withdrawal.open or withdrawal.ambiguous:
        return
    yield from _registered(evidence, withdrawal)
    yield from _switched_off(evidence, withdrawal)


def _registered(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[Breach]:
    """The gateway's state now; a stage that has ended is over."""
    gateway = withdrawal.gateway
    assert gateway is not None
    stage = gateway.status_at(evidence.now)
    if stage is None or stage.status not in _BY_STATUS:
        return
    yield Breach(
        _BY_STATUS[stage.status],
        SAME_ACCOUNT,
        since=stage.period.start,
        evidence_items=(sent(evidence, withdrawal), _register_item(stage)),
        facts={
            "since": _date(stage),
            "source": stage.source or gateway.source or gateway.key,
        },
        waits=False,
    )


def _date(stage: LifecycleStage) -> Text:
    if stage.period.start is None:
        return Text(zh="起始日期未登记", en="since when is not recorded")
    day = f"{stage.period.start:%Y-%m-%d}"
    return Text.literal(zh=f"自 {day} 起", en=f"since {day}")


def _register_item(stage: LifecycleStage) -> EvidenceItem:
    return EvidenceItem(
        claim=Text(zh="网关登记状态", en="the gateway's state in the register"),
        time=stage.period.start,
        source=f"register: {stage.source}" if stage.source else "register",
        observed=stage.status.value,
    )


def _switched_off(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[Breach]:
    """What the gateway, or the switch on the chain, says now: withdrawals of this coin are off."""
    gateway = withdrawal.gateway
    state = evidence.history.live.get(gateway.key) if gateway else None
    if state is None:
        return
    coin = state.coins.get(withdrawal.amount.asset.symbol)
    off = coin is not None and coin.available is False
    if not off and state.enabled is not False:
        return
    reason = (coin.reason if coin and off else state.comment) or "-"
    yield Breach(
        MAINTENANCE,
        SAME_ASSET,
        since=state.fetched_at or evidence.now,
        evidence_items=(
            sent(evidence, withdrawal),
            EvidenceItem(
                claim=Text(zh="网关自己公布的状态", en="what the gateway says of itself"),
                time=state.fetched_at or evidence.now,
                source="gateway's coin list" if off else "asset TEST on the chain",
                observed=reason,
            ),
        ),
        facts={
            "since": Text(zh="目前", en="at present"),
            "source": Text.literal(f"网关公布：{reason}", f"the gateway says: {reason}"),
        },
        waits=False,
    )


def _stalled(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[Finding]:
    """Nobody was served, in whatever way, since before this withdrawal, and others wait too."""
    found, patience = withdrawal.statistics, withdrawal.patience
    if found is None or patience is None or withdrawal.gateway is None:
        return
    traceable = withdrawal.gateway.settlement.traceable(found.settled, found.waiting)
    if not traceable or not found.complete:
        return
    last = found.last_sign
    if found.last_settlement is None or last is None or last > withdrawal.at:
        return
    if evidence.now - last <= patience.overdue or found.overdue_accounts < ENOUGH_WAITING:
        return
    yield STALLED.found(
        withdrawal.id,
        evidence_items=[sent(evidence, withdrawal), *statistics_item(evidence, withdrawal)],
        eta=gateway_eta(withdrawal),
        last=last,
        waiting=found.waiting,
        late=found.overdue,
        **facts(withdrawal),
    )
