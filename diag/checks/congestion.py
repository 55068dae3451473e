"""The network itself is slow, and that is why the withdrawal does not move.

### What it looks for

A withdrawal whose block should long be irreversible and is not, while the chain's own counters
show missed slots or a growing distance to the last irreversible block.

### Why it happens

Blocks become irreversible when most witnesses have built on them. If too many witnesses are
down, blocks still appear, but none becomes irreversible, and gateways wait for that.

### What to tell the user

That the coins are in a block and safe, that the network has to recover first, and not to send
again. Busy hours are never the cause on this chain: name the network only if the counters show
it.
"""

from __future__ import annotations

from collections.abc import Iterator

from diag.domain.evidence import Evidence
from diag.domain.evidence_items import facts, percent, sent
from diag.domain.finding import EvidenceItem, Finding, Rule
from diag.domain.history import Gap
from diag.domain.operations import ProposalCreated
from diag.domain.vocabulary import Actor, Advice, Confidence, Group, Outcome, Severity, Stage
from diag.words import evidence_claim, rule_words

DEGRADED = Rule(
    **rule_words("network_degraded"),
    group=Group.NETWORK,
    rank=10,
    outcome=Outcome.IN_PROGRESS,
    stage=Stage.CHAIN_UNCONFIRMED,
    severity=Severity.WARNING,
    actor=Actor.NETWORK,
    advice=Advice.WAIT,
    confidence=Confidence.HIGH,
    lasting=False,
    sep24="pending_stellar",
    iso20022="AB07",
)
ORDER = 140
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
    """Yield the counters of the leading node, then the heads of the others."""
    network, (first, *others) = evidence.history.network, evidence.as_of.nodes
    yield EvidenceItem(
        claim=evidence_claim("counters"),
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
        claim = evidence_claim("other_head")
        yield EvidenceItem(
            claim=claim, block=node.head_block, time=node.head_time, source=node.name
        )
