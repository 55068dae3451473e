"""Rules, and the findings that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from diag.domain.vocabulary import (
    Actor,
    Advice,
    Ask,
    Confidence,
    Group,
    Outcome,
    ResendSafe,
    Severity,
    Stage,
    at_most,
)
from diag.i18n import Text
from diag.words import rule_words

Fact = str | int | Text | datetime | timedelta | tuple[str, ...]
"""What may fill a blank; times, durations and lists are put into words when the language is known."""


LAST = 1000
"""The rank of a rule that names none: after all that do."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be said: its code for machines, its words for people.

    The words of our own rules are in `diag/words/replies.toml` (`rule_words`); another package
    states them in its rule. All have the same blanks in both languages.
    """

    code: str
    title: Text
    """A few words that name it."""
    outcome: Outcome
    stage: Stage
    severity: Severity
    actor: Actor
    advice: Advice
    confidence: Confidence
    """The most that the kind of evidence behind it allows."""
    reply: Text
    """What the user may be told: what happened, where the funds are, what comes next, what to do."""
    note: Text
    """What only the agent reads."""
    short: Text | None = None
    """The reply in few words, for facts that would make it too long."""
    next_step: Text | None = None
    """Who acts next and what to do, for the agent; by default what actor and advice say."""
    aside: Text | None = None
    """One sentence more, where there is room."""
    resend: Text | None = None
    """Said after the reply where, and only where, it is proven safe to send again."""
    group: Group | None = None
    """Its place among all findings; None: that which its outcome calls for."""
    rank: int = LAST
    """Its place in the group: the lowest leads, of equal ones the first in the alphabet."""
    leads_case: bool = False
    """It is about what came with the question: it leads the case, and leaves each withdrawal its own
    verdict."""
    resend_safe: ResendSafe = ResendSafe.NO
    """`yes` only proposes it: diag.diagnosis.resend_proof decides."""
    lasting: bool = True
    """A fact that stays; False for a state that the next block may change."""
    ask: tuple[Ask, ...] = ()
    sep24: str = "error"
    """Nearest status of Stellar SEP-24."""
    iso20022: str = "NARR"
    """Nearest reason or status of ISO 20022."""
    variants: tuple[Rule, ...] = ()
    """The same code where it calls for other words or another advice."""
    mass: Text | None = None
    """What may be said to many whose cases have this cause: with nothing personal in it, {gateway}
    and {asset} are its only facts. None where each must be answered on its own."""
    opening: str = "plain"
    """How the reply begins: a key of the table frame.opening of the words."""
    grade_said: str = ""
    """The certainty that the reply states itself: medium, low, or none."""
    phrase: str = ""
    """The key of its words in `replies.toml`; empty for words that a rule states itself."""

    def __post_init__(self) -> None:
        """A rule that was copied from one of another code keeps only the words that it states, and has
        the place that its outcome calls for."""
        if self.phrase.partition(".")[0] == self.code or not self.phrase:
            return
        code, _, variant = self.phrase.partition(".variants.")
        copied = rule_words(code, variant)
        for name, default in _WORDS_OF_ITS_OWN.items():
            if getattr(self, name) == copied[name]:  # type: ignore[literal-required]
                object.__setattr__(self, name, default)
        object.__setattr__(self, "group", None)
        object.__setattr__(self, "rank", LAST)

    def found(
        self,
        withdrawal_id: str | None = None,
        *,
        evidence_items: Sequence[EvidenceItem] = (),
        eta: Eta | None = None,
        basis: Sequence[str] = (),
        limit: Confidence = Confidence.CERTAIN,
        **facts: Fact,
    ) -> Finding:
        """This rule, found; withdrawal_id is the withdrawal it is about, facts fill the blanks.

        limit is the most confidence that the evidence of this case allows.
        """
        rule = replace(self, confidence=at_most(self.confidence, limit))
        return Finding(rule, withdrawal_id, facts, tuple(evidence_items), eta, tuple(basis))


_WORDS_OF_ITS_OWN: Mapping[str, Any] = {
    "short": None,
    "next_step": None,
    "opening": "plain",
    "grade_said": "",
    "phrase": "",
}


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One piece of evidence: what it shows, and where anybody can look it up."""

    claim: Text
    operation: str | None = None
    block: int | None = None
    trx_in_block: int | None = None
    op_in_trx: int | None = None
    transaction: str | None = None
    time: datetime | None = None
    source: str = ""
    observed: str | None = None
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class Eta:
    """Until when waiting is normal, when most are done, when to insist; basis says whose times.

    observed (this gateway's others), register, default, or protocol (the chain's own).
    """

    normal_until: datetime | None
    expected_by: datetime | None
    escalate_after: datetime | None
    basis: str | None


NO_ETA = Eta(None, None, None, None)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that applies, with the facts that fill its words."""

    rule: Rule
    withdrawal_id: str | None
    facts: Mapping[str, Fact]
    evidence_items: tuple[EvidenceItem, ...]
    eta: Eta | None = None
    basis: tuple[str, ...] = ()
    """Reasons that lower the confidence: ambiguous, incomplete, provisional, stale."""

    @property
    def code(self) -> str:
        return self.rule.code
