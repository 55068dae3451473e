"""The withdrawal stands in a block and nothing has answered it yet.

### What it looks for

A transfer to a gateway without a burn or a return after it: still reversible, inside the
gateway's usual time, or past it. If the transfer breaks a convention of the gateway, and that
is not called the cause, the agent gets a remark.

### Why it happens

A block becomes irreversible about a minute after it was made, and gateways act only then.
After that the withdrawal waits in the gateway's own queue, which the chain does not show.

### What to tell the user

Where the coins are, and until when waiting is normal; after that, to ask the gateway with the
operation id. Never to send again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
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
from diag.domain.finding import Eta, EvidenceItem, Finding, Rule
from diag.domain.operations import Issue, ProposalCreated, Transfer
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

CONFIRMING = Rule(
    **rule_words("chain_confirming"),
    group=Group.NETWORK,
    rank=20,
    outcome=Outcome.IN_PROGRESS,
    stage=Stage.CHAIN_UNCONFIRMED,
    severity=Severity.INFO,
    actor=Actor.NOBODY,
    advice=Advice.WAIT,
    confidence=Confidence.HIGH,
    lasting=False,
    sep24="pending_stellar",
    iso20022="PDNG",
)
PROCESSING = Rule(
    **rule_words("gateway_processing"),
    group=Group.WAITING,
    rank=30,
    outcome=Outcome.IN_PROGRESS,
    stage=Stage.AT_GATEWAY,
    severity=Severity.INFO,
    actor=Actor.GATEWAY,
    advice=Advice.WAIT,
    confidence=Confidence.HIGH,
    lasting=False,
    sep24="pending_anchor",
    iso20022="G000",
)
PAST_USUAL = replace(PROCESSING, **rule_words("gateway_processing", "past_usual"))
"""The usual time has passed, and it is not overdue yet."""
OVERDUE = Rule(
    **rule_words("gateway_overdue"),
    group=Group.WAITING,
    rank=20,
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
)
UNCONFIRMED = Rule(
    **rule_words("gateway_unconfirmed"),
    group=Group.WAITING,
    rank=10,
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
)
ORDER = 30
RULES = (CONFIRMING, PROCESSING, OVERDUE, UNCONFIRMED)
VARIANTS = (PAST_USUAL,)

ENOUGH_OTHERS = 3
"""How many accounts must wait too long to note that the gateway was seen to serve nobody."""
CREDITED_WITHIN = timedelta(hours=72)
"""How long after a withdrawal a credit in another asset may belong to it."""
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
    """Return True if the withdrawal is at a gateway and has no answer that is certainly its own."""
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
    """Return True if the recipient takes withdrawals, by the register or as observed."""
    if takes_withdrawals(withdrawal):
        return True
    found = destination.breaches(evidence, withdrawal)
    return any(remark(evidence, withdrawal, breach) for breach in found)


def _remarks(evidence: Evidence, withdrawal: Withdrawal) -> list[Remark]:
    """Return remarks about conventions that the withdrawal breaks, if they are not called the cause."""
    found = chain.from_iterable(
        check.breaches(evidence, withdrawal)
        for check in (destination, memo, amount_mismatch, gateway)
    )
    remarks = (remark(evidence, withdrawal, breach) for breach in found)
    return [told for told in remarks if told]


def _waiting(evidence: Evidence, withdrawal: Withdrawal, remarks: Sequence[Remark]) -> Finding:
    assert withdrawal.patience is not None and withdrawal.statistics is not None
    age = evidence.now - withdrawal.at
    rule = PROCESSING if age <= withdrawal.patience.usual else PAST_USUAL
    if age > withdrawal.patience.overdue:
        rule = _late(withdrawal)
    others = list(statistics_item(evidence, withdrawal)) if rule is OVERDUE else []
    burns = [
        evidence_item(evidence, o, evidence_claim("perhaps_its_burn"))
        for o in (a.operation for a in withdrawal.answers)
    ]
    credits = _other_credits(evidence, withdrawal)
    eta = gateway_eta(withdrawal)
    return rule.found(
        withdrawal.id,
        evidence_items=[
            sent(evidence, withdrawal),
            *burns,
            *(_credit(evidence, credit) for credit in credits),
            *(item for told in remarks for item in told.evidence_items),
            *others,
        ],
        eta=eta,
        basis=[*_doubts(withdrawal), *(["credited_otherwise"] if credits else [])],
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


def _other_credits(evidence: Evidence, withdrawal: Withdrawal) -> list[Transfer | Issue]:
    """Return later credits by the gateway in another asset that may belong to the withdrawal.

    A coin that is exchanged for another is credited with the same number, and a gateway that
    issues deposits transfers nothing but returns. Credits in assets that the account has sent
    are left out: they may answer another withdrawal.
    """
    gateway, amount, account = withdrawal.gateway, withdrawal.amount, evidence.history.account
    assert gateway is not None and account is not None
    log = evidence.history.log.operations
    sent_assets = {
        o.amount.asset_id for o in log if isinstance(o, Transfer) and o.sender == account.id
    }
    fee = (withdrawal.terms and withdrawal.terms.fee) or Decimal(0)

    def may_belong(o: Transfer | Issue) -> bool:
        by = o.sender if isinstance(o, Transfer) else o.issuer
        if o.recipient != account.id or o.amount.asset_id in sent_assets:
            return False
        if evidence.register.by_account(evidence.name(by)) != gateway:
            return False
        same = evidence.history.amount(o.amount).value in (amount.value, amount.value - fee)
        return same or (isinstance(o, Transfer) and gateway.credits_by_issue)

    soon = evidence.operations(withdrawal.at, withdrawal.at + CREDITED_WITHIN)
    return [o for o in soon if isinstance(o, Transfer | Issue) and may_belong(o)]


def _credit(evidence: Evidence, credit: Transfer | Issue) -> EvidenceItem:
    came = evidence_claim("other_credit")
    return evidence_item(evidence, credit, came, str(evidence.history.amount(credit.amount)))


def _limit(withdrawal: Withdrawal, remarks: Sequence[Remark]) -> Confidence:
    unsure = perhaps_served(withdrawal) or _nobody_seen_served(withdrawal)
    if unsure or any(told.open for told in remarks):
        return Confidence.MEDIUM
    return Confidence.CERTAIN


def _nobody_seen_served(withdrawal: Withdrawal) -> bool:
    """Return True if others wait as well and none was observed to be settled.

    The gateway may then serve without a trace, whatever the register says.
    """
    found = withdrawal.statistics
    return found is not None and not found.settled and found.overdue_accounts >= ENOUGH_OTHERS


def _hint(withdrawal: Withdrawal, remarks: Sequence[Remark]) -> Text:
    """Return what is unusual about the transfer and may confuse the gateway's software."""
    odd = [told.text for told in remarks]
    if withdrawal.sent.location.virtual:
        odd.append(filler("hint", "by_proposal"))
    elif not withdrawal.alone:
        odd.append(filler("hint", "not_alone"))
    odd = odd or [filler("hint", "ordinary")]
    return Text(zh="；".join(text.zh for text in odd), en="; ".join(text.en for text in odd))


def _late(withdrawal: Withdrawal) -> Rule:
    """Return the rule for a late withdrawal: at a gateway without traces it cannot be called
    overdue.
    """
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
