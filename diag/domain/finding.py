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
"""A value for a placeholder of a text; times, durations and lists are worded once the language
is known.
"""


LAST = 1000
"""The rank of a rule that states none: after all that do."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A statement that a check can make: its code, its properties and its texts.

    The texts of our own rules are in `diag/words/replies.toml` (`rule_words`); a rule of
    another package states them itself. They have the same placeholders in both languages.
    """

    code: str
    title: Text
    """Its name in a few words."""
    outcome: Outcome
    stage: Stage
    severity: Severity
    actor: Actor
    advice: Advice
    confidence: Confidence
    """The highest confidence that this kind of evidence allows."""
    reply: Text
    """The reply to the user: what happened, where the funds are, what comes next, what to do."""
    note: Text
    """The note for the agent only."""
    short: Text | None = None
    """A short reply, used when long facts would make `reply` too long."""
    next_step: Text | None = None
    """Who acts next and what to do, for the agent; derived from `actor` and `advice` by default."""
    aside: Text | None = None
    """An extra sentence, added to the reply if there is room."""
    resend: Text | None = None
    """Added to the reply only if it is proven safe to send again."""
    group: Group | None = None
    """The group that gives its place among all findings; None for the default group of its outcome."""
    rank: int = LAST
    """Its place in the group: the lowest leads; equal ranks are ordered by code."""
    leads_case: bool = False
    """True if it is about the question itself: it leads the case, but not the verdicts of the
    withdrawals.
    """
    resend_safe: ResendSafe = ResendSafe.NO
    """`yes` is only a proposal: `diag.diagnosis.resend_proof` decides."""
    lasting: bool = True
    """True for a fact that stays; False for a state that the next block may change."""
    ask: tuple[Ask, ...] = ()
    sep24: str = "error"
    """Nearest status of Stellar SEP-24."""
    iso20022: str = "NARR"
    """Nearest reason or status of ISO 20022."""
    variants: tuple[Rule, ...] = ()
    """Versions with the same code, but other texts or another advice."""
    mass: Text | None = None
    """A reply to many users whose cases have this cause; {gateway} and {asset} are its only
    placeholders. None if each user must get an answer of their own.
    """
    opening: str = "plain"
    """How the reply begins: a key of the table `frame.opening` of the words."""
    grade_said: str = ""
    """The certainty that the reply itself states: medium or low; empty if none."""
    phrase: str = ""
    """The key of its texts in `replies.toml`; empty if the rule states them itself."""

    def __post_init__(self) -> None:
        """Reset what a copy took over from a rule of another code: its texts, group and rank.

        Texts that the copy states itself are kept.
        """
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
        """Return a finding of this rule.

        withdrawal_id: the withdrawal it is about; None for the whole case.
        limit: the highest confidence that the evidence of this case allows.
        facts: the values of the placeholders.
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
    """One piece of evidence: what it shows, and where it can be looked up."""

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
    """Until when waiting is normal, when most withdrawals are served, and when to escalate.

    basis: whose times these are: observed (of others at this gateway), register, default, or
    protocol (the chain's own).
    """

    normal_until: datetime | None
    expected_by: datetime | None
    escalate_after: datetime | None
    basis: str | None


NO_ETA = Eta(None, None, None, None)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that applies, with the values of its placeholders."""

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
