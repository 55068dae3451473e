"""The verdict of a diagnosis, and the events that led to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from diag.domain.finding import Finding, Rule
from diag.domain.vocabulary import Advice, Ask, Confidence, Finality, ResendSafe, Stage
from diag.i18n import Text


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
    resend_unmet: tuple[str, ...] = ()
    """Conditions for sending again that do not hold, where the rule would allow it otherwise."""
    located: bool = True
    """False where one of them leaves it open where the money is."""
    differing: tuple[str, ...] = ()
    """Claims of the case that the withdrawal does not fit: the user must say whether it is meant."""

    @property
    def resend_safe(self) -> ResendSafe:
        """What the rule proposes; `no` instead of `yes` where a condition does not hold."""
        safe = self.rule.resend_safe
        return ResendSafe.NO if safe is ResendSafe.YES and self.resend_unmet else safe

    @property
    def advice(self) -> Advice:
        """What the rule advises, but never to send again where that is not proven safe."""
        if self.rule.advice is Advice.SEND_AGAIN and self.resend_safe is not ResendSafe.YES:
            return Advice.PROVIDE_INFO
        return self.rule.advice

    @property
    def stage(self) -> Stage:
        """Where the money is, as far as that is proven."""
        return self.rule.stage if self.located else Stage.UNKNOWN

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
