"""The verdict of a diagnosis, and the events that led to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from diag.domain.finding import Finding, Rule
from diag.domain.vocabulary import Ask, Confidence, Finality, ResendSafe
from diag.i18n import Text

SENT_AGAIN = "sent_again"
"""Basis of a verdict: the same account was sent the same asset once more."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a case, or for one of its withdrawals."""

    finding: Finding
    finality: Finality
    confidence: Confidence
    basis: tuple[str, ...]
    ruled_out: tuple[str, ...] = ()
    not_checked: tuple[tuple[str, Text], ...] = ()
    ask_user_for: tuple[Ask, ...] = ()
    amounts: Mapping[str, str | None] = field(default_factory=dict)
    timeline: tuple[Event, ...] = ()

    @property
    def resend_safe(self) -> ResendSafe:
        """Yes only once what makes it safe is irreversible, and it was not sent again already."""
        safe = self.rule.resend_safe
        doubt = self.finality is not Finality.FINAL or SENT_AGAIN in self.basis
        return ResendSafe.NO if safe is ResendSafe.YES and doubt else safe

    @property
    def rule(self) -> Rule:
        return self.finding.rule

    @property
    def code(self) -> str:
        return self.finding.code


@dataclass(frozen=True, slots=True)
class Event:
    """A moment of the story."""

    time: datetime
    what: Text
    id: str | None
