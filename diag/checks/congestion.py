"""The network itself is slow, and that is why the withdrawal does not move.

### What it looks for

A withdrawal that stands in a block which should long be irreversible and is not, while the
chain's own counters show missed slots or a widening gap to the last irreversible block.

### Why it happens

Blocks become irreversible when most witnesses have built on them. If too many witnesses are
down, blocks still appear, but nothing becomes final, and gateways wait for final.

### What to tell the user

That the coins are in a block and safe, that the network has to recover first, and not to send
again. Busy hours are never the reason on this chain; say so only with the counters in hand.
"""

from __future__ import annotations

from collections.abc import Iterator

from diag.domain.evidence import Evidence
from diag.domain.evidence_items import facts, percent, sent
from diag.domain.finding import EvidenceItem, Finding, Rule
from diag.domain.history import Gap
from diag.domain.operations import ProposalCreated
from diag.domain.vocabulary import Actor, Advice, Confidence, Outcome, Severity, Stage
from diag.i18n import Text

DEGRADED = Rule(
    code="network_degraded",
    title=Text(zh="网络异常", en="The network is disturbed"),
    outcome=Outcome.IN_PROGRESS,
    stage=Stage.CHAIN_UNCONFIRMED,
    severity=Severity.WARNING,
    actor=Actor.NETWORK,
    advice=Advice.WAIT,
    confidence=Confidence.HIGH,
    lasting=False,
    sep24="pending_stellar",
    iso20022="AB07",
    mass=Text(
        zh="您的提币已写入区块，但 BitShares 网络目前异常，区块迟迟得不到最终确认，收款方要等最终确认后才会处理。请等待网络恢复，请勿重新发送。",
        en="Your withdrawal entered a block. The BitShares network is disturbed at present: blocks are not being confirmed as they should be, and the recipient acts only on confirmed ones. Please wait until the network recovers, and do not send again.",
    ),
    reply=Text(
        zh="您的 {amount} 已于 {sent_at} 写入区块，但 BitShares 网络目前异常，区块迟迟得不到"
        "最终确认。{recipient} 要等最终确认后才会处理。请等待网络恢复，请勿重新发送。",
        en="Your {amount} entered a block at {sent_at}, but the BitShares network is "
        "disturbed and confirms blocks late at present. The account {recipient} acts "
        "only on confirmed ones. Please wait until the network recovers, and do not send "
        "again.",
    ),
    note=Text(
        zh="最新区块与最后不可逆区块相差 {lag} 个（正常约 {usual_lag} 个），最近 128 个时隙"
        "出块率 {participation}。",
        en="Head and last irreversible block are {lag} apart (usually about {usual_lag}); "
        "{participation} of the last 128 slots hold a block.",
    ),
)
RULES = (DEGRADED,)

PATIENCE_ROUNDS = 3
"""A block still reversible after this many rounds of all witnesses is late."""


def check(evidence: Evidence) -> Iterator[Finding]:
    network = evidence.history.network
    if evidence.gap(Gap.HEAD):
        return  # one stale node is a fault of the node, not of the network
    if not network.disturbed:
        return
    for withdrawal in evidence.withdrawals:
        if isinstance(withdrawal.sent, ProposalCreated):
            continue
        late = evidence.now - withdrawal.at > PATIENCE_ROUNDS * network.usual_finality
        if evidence.final([withdrawal.sent]) or not late:
            continue
        yield DEGRADED.found(
            withdrawal.id,
            evidence_items=[sent(evidence, withdrawal), *_counters(evidence)],
            lag=network.lag,
            usual_lag=network.witnesses * 7 // 10,
            participation=percent(network.participation),
            **facts(withdrawal),
        )


def _counters(evidence: Evidence) -> Iterator[EvidenceItem]:
    """What the leading node counts; and how far the others are."""
    network, (first, *others) = evidence.history.network, evidence.as_of.nodes
    yield EvidenceItem(
        claim=Text(zh="链上计数", en="the chain's own counters"),
        block=network.head_block,
        time=evidence.now,
        source=first.name,
        observed=(
            f"head {network.head_block}, irreversible {network.irreversible_block}, "
            f"slots {network.slots_filled}/128"
        ),
        expected=f"lag up to {int(network.ALARMING_LAG * network.witnesses)}",
    )
    for node in others:
        claim = Text(zh="另一节点的最新区块", en="the head of another node")
        yield EvidenceItem(
            claim=claim, block=node.head_block, time=node.head_time, source=node.name
        )
