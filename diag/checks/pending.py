"""The withdrawal stands in a block and nothing has answered it yet.

### What it looks for

A transfer to a gateway without a burn or a return after it: still reversible, inside the
gateway's usual time, or past it. What it does not keep of the gateway's conventions is noted for
the agent where it is not called the cause.

### Why it happens

A block becomes irreversible about a minute after it was made, and gateways act only then.
After that the withdrawal waits in the gateway's own queue, which the chain does not show.

### What to tell the user

Where the coins are and until when waiting is normal; past that, to ask the gateway with the
operation id. Never to send again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import chain

from diag.checks import amount_mismatch, destination, gateway, memo
from diag.domain.convention import Remark, perhaps_served, remark
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import (
    evidence_item,
    facts,
    gateway_eta,
    sent,
    statistics_item,
    takes_withdrawals,
)
from diag.domain.finding import Eta, Finding, Rule
from diag.domain.operations import ProposalCreated
from diag.domain.vocabulary import Actor, Advice, Ask, Confidence, Outcome, Severity, Stage
from diag.domain.withdrawal import Withdrawal
from diag.i18n import Text

CONFIRMING = Rule(
    code="chain_confirming",
    title=Text(zh="等待链上确认", en="Waiting for the chain's confirmation"),
    outcome=Outcome.IN_PROGRESS,
    stage=Stage.CHAIN_UNCONFIRMED,
    severity=Severity.INFO,
    actor=Actor.NOBODY,
    advice=Advice.WAIT,
    confidence=Confidence.HIGH,
    lasting=False,
    sep24="pending_stellar",
    iso20022="PDNG",
    mass=Text(
        zh="您的提币已写入区块，正在等待全网最终确认，通常一两分钟即可完成，之后由收款方处理。请稍候，无需重新发送。",
        en="Your withdrawal entered a block and is waiting for the network's final confirmation, which usually takes a minute or two. After that the recipient handles it. Please wait; there is no need to send again.",
    ),
    reply=Text(
        zh="您的 {amount} 已于 {sent_at} 写入区块，正在等待全网最终确认。通常一两分钟即可完"
        "成，之后由 {recipient} 处理。请稍候，无需重新发送。",
        en="Your {amount} entered a block at {sent_at} and is waiting for the network's "
        "final confirmation. That usually takes a minute or two; after it, {recipient} "
        "takes over. Please wait; there is no need to send again.",
    ),
    note=Text(
        zh="{operation} 位于区块 {block}，尚未不可逆，还差区块：{blocks} 个。",
        en="{operation} stands in block {block}, not yet irreversible; blocks to go: {blocks}.",
    ),
)
PROCESSING = Rule(
    code="gateway_processing",
    title=Text(zh="网关处理中", en="The gateway is processing it"),
    outcome=Outcome.IN_PROGRESS,
    stage=Stage.AT_GATEWAY,
    severity=Severity.INFO,
    actor=Actor.GATEWAY,
    advice=Advice.WAIT,
    confidence=Confidence.HIGH,
    lasting=False,
    sep24="pending_anchor",
    iso20022="G000",
    reply=Text(
        zh="您的 {amount} 在 {gateway} 网关等待处理，时间仍属正常。它于 {sent_at} 转到网关，"
        "链上已最终确认。如到 {expected_by} 仍未到账，请回复我们。请勿重新发送。",
        en="Your {amount} is at the gateway {gateway}, and the wait is still normal. It got "
        "there at {sent_at} and is final on the chain. If it has not arrived by "
        "{expected_by}, please reply to us. Do not send again.",
    ),
    note=Text(
        zh="不可逆，已等待 {age}；网关通常 {usual} 内处理，超过 {overdue} 视为逾期。{hint}。",
        en="Irreversible, waiting for {age}; the gateway usually needs {usual}, and is "
        "overdue after {overdue}. {hint}.",
    ),
)
OVERDUE = Rule(
    code="gateway_overdue",
    title=Text(zh="网关处理超时", en="Overdue at the gateway"),
    outcome=Outcome.STUCK,
    stage=Stage.AT_GATEWAY,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.HIGH,
    lasting=False,
    ask=(Ask.EXTERNAL_TRANSACTION, Ask.MEMO),
    sep24="pending_anchor",
    iso20022="G001",
    mass=Text(
        zh="您的 {asset} 提币已转到 {gateway} 网关并获链上最终确认，但等待时间已超出该网关的通常水平，需要网关核查。请凭您的操作编号联系网关。请勿重新发送。",
        en="Your {asset} withdrawal reached the gateway {gateway} and is final on the chain, but it has waited longer than usual there. The gateway has to look into it: please contact it and name your operation id. Do not send again.",
    ),
    reply=Text(
        zh="您的 {amount} 在 {gateway} 网关等待的时间已超出通常水平。它于 {sent_at} 转到网"
        "关，链上已最终确认。需要网关核查这一笔：请凭操作编号 {operation} 联系网关。请勿"
        "重新发送。",
        en="Your {amount} has waited at the gateway {gateway} longer than usual. It got "
        "there at {sent_at} and is final on the chain. The gateway has to look into it: "
        "please contact it with operation number {operation}. Do not send again.",
    ),
    note=Text(
        zh="已等待 {age}，超过 {overdue}；此后发出且已处理的提币：{served} 笔，仍在等待："
        "{waiting} 笔。{hint}。",
        en="Waiting for {age}, more than {overdue}; withdrawals sent later and served: "
        "{served}; waiting: {waiting}. {hint}.",
    ),
)
UNCONFIRMED = Rule(
    code="gateway_unconfirmed",
    title=Text(zh="看不到网关是否付款", en="The gateway's payment cannot be seen"),
    outcome=Outcome.UNDETERMINED,
    stage=Stage.AT_GATEWAY,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.LOW,
    lasting=False,
    ask=(Ask.EXTERNAL_TRANSACTION, Ask.DESTINATION),
    sep24="pending_anchor",
    iso20022="G002",
    reply=Text(
        zh="{gateway} 网关是否已付出这笔提币，从链上看不出来。您的 {amount} 于 {sent_at} 转"
        "到网关，链上已最终确认。请先查看收款地址；如未到账，请凭操作编号 {operation} 联"
        "系网关。请勿重新发送。",
        en="Whether the gateway {gateway} has paid this withdrawal cannot be seen on the "
        "chain. Your {amount} got there at {sent_at} and is final on the chain. Please "
        "check the receiving address first; if nothing arrived, contact the gateway with "
        "operation number {operation}. Do not send again.",
    ),
    note=Text(
        zh="已等待 {age}，超过 {overdue}；未见该网关销毁所处理的提币，链上无法区分已付与未"
        "付。{hint}。",
        en="Waiting for {age}, more than {overdue}; this gateway is not seen to burn what "
        "it serves, so paid and unpaid look the same on the chain. {hint}.",
    ),
)
RULES = (CONFIRMING, PROCESSING, OVERDUE, UNCONFIRMED)

ENOUGH_OTHERS = 3
"""So many accounts that wait too long show that nobody is seen to be served."""
IRREVERSIBLE_WITHIN = 2
"""A block is usually irreversible within this many rounds of all witnesses."""


def check(evidence: Evidence) -> Iterator[Finding]:
    for withdrawal in evidence.withdrawals:
        if not evidence.final([withdrawal.sent]):
            if not withdrawal.returns and not isinstance(withdrawal.sent, ProposalCreated):
                yield _confirming(evidence, withdrawal)
        elif _waits(withdrawal) and _is_served_there(evidence, withdrawal):
            yield _waiting(evidence, withdrawal, _remarks(evidence, withdrawal))


def _waits(withdrawal: Withdrawal) -> bool:
    """At a gateway, and no answer that is certainly its own."""
    return withdrawal.open or bool(withdrawal.ambiguous)


def _confirming(evidence: Evidence, withdrawal: Withdrawal) -> Finding:
    network = evidence.history.network
    normal = withdrawal.at + IRREVERSIBLE_WITHIN * network.usual_finality
    gateway = gateway_eta(withdrawal)
    return CONFIRMING.found(
        withdrawal.id,
        evidence_items=[sent(evidence, withdrawal)],
        eta=Eta(
            normal_until=normal,
            expected_by=gateway.normal_until if gateway else normal,
            escalate_after=gateway.expected_by if gateway else normal + timedelta(hours=1),
            basis="protocol",
        ),
        blocks=withdrawal.sent.location.block - evidence.as_of.irreversible_block,
        **facts(withdrawal),
    )


def _is_served_there(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """True if the recipient takes withdrawals, by the register or as it was seen to do."""
    if takes_withdrawals(withdrawal):
        return True
    found = destination.breaches(evidence, withdrawal)
    return any(remark(evidence, withdrawal, breach) for breach in found)


def _remarks(evidence: Evidence, withdrawal: Withdrawal) -> list[Remark]:
    """What of the gateway's conventions it does not keep, where that is not called the cause."""
    found = chain.from_iterable(
        check.breaches(evidence, withdrawal)
        for check in (destination, memo, amount_mismatch, gateway)
    )
    remarks = (remark(evidence, withdrawal, breach) for breach in found)
    return [told for told in remarks if told]


def _waiting(evidence: Evidence, withdrawal: Withdrawal, remarks: Sequence[Remark]) -> Finding:
    assert withdrawal.patience is not None and withdrawal.statistics is not None
    age = evidence.now - withdrawal.at
    late = age > withdrawal.patience.overdue
    rule = _late(withdrawal) if late else PROCESSING
    others = list(statistics_item(evidence, withdrawal)) if rule is OVERDUE else []
    burns = [
        evidence_item(
            evidence, o, Text(zh="可能属于本笔的销毁", en="a burn that may be its own")
        )
        for o in (a.operation for a in withdrawal.answers)
    ]
    eta = gateway_eta(withdrawal)
    return rule.found(
        withdrawal.id,
        evidence_items=[
            sent(evidence, withdrawal),
            *burns,
            *(item for told in remarks for item in told.evidence_items),
            *others,
        ],
        eta=eta,
        basis=_doubts(withdrawal),
        limit=_limit(withdrawal, remarks),
        age=age,
        usual=withdrawal.patience.usual,
        overdue=withdrawal.patience.overdue,
        expected_by=withdrawal.at + withdrawal.patience.overdue,
        served=withdrawal.statistics.served_later,
        waiting=withdrawal.statistics.waiting,
        hint=_hint(withdrawal, remarks),
        **facts(withdrawal),
    )


def _limit(withdrawal: Withdrawal, remarks: Sequence[Remark]) -> Confidence:
    unsure = perhaps_served(withdrawal) or _nobody_seen_served(withdrawal)
    if unsure or any(told.open for told in remarks):
        return Confidence.MEDIUM
    return Confidence.CERTAIN


def _nobody_seen_served(withdrawal: Withdrawal) -> bool:
    """True if others wait as well and none was seen to be settled: the gateway may serve in a way
    that leaves no trace, whatever the register says.
    """
    found = withdrawal.statistics
    return found is not None and not found.settled and found.overdue_accounts >= ENOUGH_OTHERS


def _hint(withdrawal: Withdrawal, remarks: Sequence[Remark]) -> Text:
    """What is odd about the transfer that some gateways' software is known to stumble over."""
    odd = [told.text for told in remarks]
    if withdrawal.sent.location.virtual:
        odd.append(BY_PROPOSAL)
    elif not withdrawal.alone:
        odd.append(NOT_ALONE)
    odd = odd or [ORDINARY]
    return Text(zh="；".join(text.zh for text in odd), en="; ".join(text.en for text in odd))


BY_PROPOSAL = Text(
    zh="这笔转账由提案执行，有的网关软件识别不到，请向网关说明",
    en="A proposal carried this transfer out, which some gateways' software never sees; tell them",
)
NOT_ALONE = Text(
    zh="所在交易含有多个操作，有的网关软件无法识别，请向网关说明",
    en="Its transaction holds several operations, which some gateways' software cannot match",
)
ORDINARY = Text(zh="这是一笔普通转账", en="It is an ordinary transfer")


def _late(withdrawal: Withdrawal) -> Rule:
    """Which kind of late: a gateway that leaves no trace cannot be told to be overdue."""
    gateway, found = withdrawal.gateway, withdrawal.statistics
    assert gateway is not None and found is not None
    traceable = gateway.settlement.traceable(found.settled, found.waiting)
    return OVERDUE if traceable else UNCONFIRMED


def _doubts(withdrawal: Withdrawal) -> list[str]:
    doubts = []
    if withdrawal.ambiguous or withdrawal.alike:
        doubts.append("ambiguous")
    if withdrawal.unexplained:
        doubts.append("unexplained_burn")
    elif perhaps_served(withdrawal):
        doubts.append("perhaps_served")
    if _nobody_seen_served(withdrawal):
        doubts.append("nobody_served")
    if withdrawal.statistics and not withdrawal.statistics.complete:
        doubts.append("incomplete")
    if withdrawal.patience and withdrawal.patience.basis == "default":
        doubts.append("default_times")
    return doubts
