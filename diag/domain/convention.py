"""Weighs a cause that a register or a convention suggests, by what the gateway did.

The gateway's treatment of similar withdrawals decides (`Evidence.compare`):

- If it settled enough of them, and more than it refused, the cause is dropped.
- If half of the others had also not been served so soon, it is too early for a cause, and the
  agent gets a remark.
- If the gateway's usual time is not over, if it settled a few, if its history is incomplete, or
  if it may have served this one in a way that does not fit exactly, the cause is likely at
  most.
- If it refused some (returned them, or served later ones instead), the cause has all the
  confidence that its rule allows.
- If nothing was observed of similar ones, the confidence is high at most, never certain.

If enough of the similar withdrawals were sent later than this one, those decide alone, because
a gateway may have changed its ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from diag.domain.comparable import Comparison, Respect
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import comparison_item, facts, takes_withdrawals
from diag.domain.finding import EvidenceItem, Fact, Finding, Rule
from diag.domain.history import Log
from diag.domain.vocabulary import Confidence, at_most
from diag.domain.withdrawal import ESCALATE, LEAST_PATIENCE, Withdrawal
from diag.i18n import Text
from diag.words import filler

ENOUGH = 3
"""How many withdrawals, settled or refused, show what the gateway does with their kind."""
FIRST_MINUTES = timedelta(minutes=5)
"""How long it is too early for a cause, if it is not known how fast the others were served."""


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a convention weighs for one withdrawal."""

    seen: Comparison
    stands: bool
    """False if the gateway serves withdrawals that break the convention."""
    too_early: bool
    """True if half of the others had not been served so soon either."""
    limit: Confidence
    basis: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Breach:
    """A convention that a withdrawal breaks, and what a check would report about it."""

    rule: Rule
    respect: Respect | None
    """How others are compared with it; None if that cannot be seen of others."""
    since: datetime | None = None
    """From when on the convention holds, if known; for what a gateway says of itself now, the
    present.
    """
    evidence_items: tuple[EvidenceItem, ...] = ()
    basis: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    limit: Confidence = Confidence.CERTAIN
    waits: bool = True
    """True if it is only a remark as long as it is too early."""


def convention(
    evidence: Evidence,
    withdrawal: Withdrawal,
    respect: Respect | None,
    since: datetime | None = None,
) -> Weight:
    """Return how much a convention that holds since a moment weighs, after what was observed."""
    seen = evidence.compare(withdrawal, respect, since) if respect else Comparison()
    doubts = tuple(_doubts(evidence, withdrawal, seen))
    if doubts:
        limit = Confidence.MEDIUM
    else:
        limit = Confidence.CERTAIN if seen.refused else Confidence.HIGH
        observed = seen.refused or _passed_over(evidence, withdrawal)
        doubts = ("others_observed",) if observed else ("convention",)
    return Weight(
        seen, not _served_as_a_rule(seen), _too_early(evidence, withdrawal), limit, doubts
    )


def _served_as_a_rule(seen: Comparison) -> bool:
    settled, refused = seen.settled_after, seen.returned_after + seen.passed_over_after
    if settled + refused < ENOUGH:
        settled, refused = seen.settled, seen.refused
    return settled >= ENOUGH and settled > refused


def _early(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """Return True while the gateway's usual time lasts."""
    patience = withdrawal.patience
    usual = max(patience.usual, LEAST_PATIENCE) if patience else LEAST_PATIENCE
    return evidence.now - withdrawal.at <= usual


def _too_early(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """Return True while the lack of an answer shows nothing, because half of the others took longer."""
    found = withdrawal.statistics
    half = found.usual if found and found.settled >= ENOUGH else None
    return evidence.now - withdrawal.at <= (half or FIRST_MINUTES)


def _passed_over(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """Return True if the withdrawal is overdue and the gateway has settled later ones."""
    found, patience = withdrawal.statistics, withdrawal.patience
    if found is None or patience is None:
        return False
    return found.served_later > 0 and evidence.now - withdrawal.at > patience.overdue


def _doubts(evidence: Evidence, withdrawal: Withdrawal, seen: Comparison) -> Iterator[str]:
    if _early(evidence, withdrawal):
        yield "early"
    if seen.settled:
        yield "others_served"
    if not _followed(evidence, withdrawal):
        yield "incomplete"
    if perhaps_served(withdrawal):
        yield "perhaps_served"


def _followed(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """Return True if the recipient's history is complete for as long as a gateway may take."""
    log = evidence.history.gateway_logs.get(getattr(withdrawal.sent, "recipient", ""), Log())
    escalate = withdrawal.patience.escalate if withdrawal.patience else ESCALATE
    return log.complete(withdrawal.at, min(evidence.now, withdrawal.at + escalate))


def perhaps_served(withdrawal: Withdrawal) -> bool:
    """Return True if a burn that matches no withdrawal may have settled this one."""
    if withdrawal.unexplained and takes_withdrawals(withdrawal):
        return True
    peers = withdrawal.statistics.peers(False) if withdrawal.statistics else ()
    return any(peer.sent.id == withdrawal.id and peer.settled for peer in peers)


def stated(evidence: Evidence, withdrawal: Withdrawal, breach: Breach) -> Iterator[Finding]:
    """Yield the finding of a breach, if it may be stated as a cause."""
    weight = convention(evidence, withdrawal, breach.respect, breach.since)
    if not _is_cause(weight, breach):
        return
    yield breach.rule.found(
        withdrawal.id,
        evidence_items=[*breach.evidence_items, *_numbers(evidence, weight, breach)],
        basis=[*breach.basis, *weight.basis],
        limit=at_most(weight.limit, breach.limit),
        **{**facts(withdrawal), **breach.facts},
    )


@dataclass(frozen=True, slots=True)
class Remark:
    """The agent's remark about a breach that is not a cause, with the numbers behind it."""

    text: Text
    open: bool
    """True if the breach may still turn out to be the cause."""
    evidence_items: tuple[EvidenceItem, ...]


def remark(evidence: Evidence, withdrawal: Withdrawal, breach: Breach) -> Remark | None:
    """Return the remark about a breach; None if the breach is stated as a cause."""
    weight = convention(evidence, withdrawal, breach.respect, breach.since)
    if _is_cause(weight, breach):
        return None
    title, words = breach.rule.title, breach.respect.words if breach.respect else Text("", "")
    if weight.stands:
        text = filler("hint", "if_late", title=title)
    else:
        text = filler(
            "hint", "not_the_cause", title=title, words=words, count=weight.seen.settled
        )
    return Remark(text, weight.stands, tuple(_numbers(evidence, weight, breach)))


def _is_cause(weight: Weight, breach: Breach) -> bool:
    too_early = weight.too_early and breach.waits and not weight.seen.refused
    return weight.stands and not too_early


def _numbers(evidence: Evidence, weight: Weight, breach: Breach) -> Iterator[EvidenceItem]:
    if breach.respect is not None:
        yield comparison_item(evidence, weight.seen, breach.respect)
