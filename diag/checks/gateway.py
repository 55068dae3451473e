"""The gateway itself is closed, manual, in maintenance, or serves nobody.

### What it looks for

The gateway's present status in the register, unless the gateway has served others since. Also,
in its own history, whether it has served nobody in any way (no burn, in full or less a fee, no
transfer onward, no return) since before this withdrawal while enough others wait.

### Why it happens

Gateways close, fall back to manual work, take their wallets down, or stop working unnoticed.
Coins sent to them stay in their account until somebody acts.

### What to tell the user

That the cause is the gateway and not this withdrawal; what is known of the gateway's state,
with its date; not to send anything more there.
"""

from __future__ import annotations

from collections.abc import Iterator

from diag.domain.comparable import SAME_ACCOUNT, SAME_ASSET
from diag.domain.convention import Breach, stated
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import facts, gateway_eta, sent, statistics_item
from diag.domain.finding import EvidenceItem, Finding, Rule
from diag.domain.gateway import LifecycleStage, Status
from diag.domain.vocabulary import (
    Actor,
    Advice,
    Ask,
    Confidence,
    Group,
    Outcome,
    Severity,
    Stage,
)
from diag.domain.withdrawal import Withdrawal
from diag.i18n import Text
from diag.words import evidence_claim, filler, rule_words

STALLED = Rule(
    **rule_words("gateway_stalled"),
    group=Group.GATEWAY,
    rank=40,
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
)
CLOSED = Rule(
    **rule_words("gateway_closed"),
    group=Group.GATEWAY,
    rank=10,
    outcome=Outcome.STUCK,
    stage=Stage.AT_GATEWAY,
    severity=Severity.CRITICAL,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.HIGH,
    ask=(Ask.WALLET,),
    sep24="error",
    iso20022="CNOR",
)
MANUAL = Rule(
    **rule_words("gateway_manual"),
    group=Group.GATEWAY,
    rank=20,
    outcome=Outcome.STUCK,
    stage=Stage.AT_GATEWAY,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.HIGH,
    ask=(Ask.DESTINATION,),
    sep24="pending_anchor",
    iso20022="AB08",
)
MAINTENANCE = Rule(
    **rule_words("gateway_maintenance"),
    group=Group.GATEWAY,
    rank=30,
    outcome=Outcome.IN_PROGRESS,
    stage=Stage.AT_GATEWAY,
    severity=Severity.NOTICE,
    actor=Actor.GATEWAY,
    advice=Advice.WAIT,
    confidence=Confidence.HIGH,
    lasting=False,
    sep24="pending_anchor",
    iso20022="AB08",
)
ORDER = 130
RULES = (STALLED, CLOSED, MANUAL, MAINTENANCE)

ENOUGH_WAITING = 3
"""How many accounts must have overdue withdrawals for a gateway to be called stalled."""
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
    """Yield a breach for each statement, by the register or by the gateway itself, that it does
    not serve.
    """
    if not withdrawal.open or withdrawal.ambiguous:
        return
    yield from _registered(evidence, withdrawal)
    yield from _switched_off(evidence, withdrawal)


def _registered(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[Breach]:
    """Yield a breach if the register says that the gateway is closed, manual or in maintenance now."""
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
        return filler("since", "unknown")
    return filler("since", "known", day=f"{stage.period.start:%Y-%m-%d}")


def _register_item(stage: LifecycleStage) -> EvidenceItem:
    return EvidenceItem(
        claim=evidence_claim("registered"),
        time=stage.period.start,
        source=f"register: {stage.source}" if stage.source else "register",
        observed=stage.status.value,
    )


def _switched_off(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[Breach]:
    """Yield a breach if the gateway's list, or its switch on the chain, says that withdrawals
    are off.
    """
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
                claim=evidence_claim("announced"),
                time=state.fetched_at or evidence.now,
                source="gateway's coin list" if off else "asset TEST on the chain",
                observed=reason,
            ),
        ),
        facts={
            "since": filler("since", "announced"),
            "source": filler("source", "announced", reason=reason),
        },
        waits=False,
    )


def _stalled(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[Finding]:
    """Yield a finding if nobody was served in any way since before this withdrawal, and others
    wait too.
    """
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
