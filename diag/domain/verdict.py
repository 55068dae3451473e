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
    """The answer to a case, or to one of its withdrawals."""

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
    """Keys of the unmet conditions for sending again, if the rule would allow it otherwise."""
    located: bool = True
    """False if one of the unmet conditions leaves open where the money is."""
    differing: tuple[str, ...] = ()
    """Claims that the withdrawal does not fit; the user must confirm that it is the one meant."""

    @property
    def resend_safe(self) -> ResendSafe:
        """The rule's proposal; `no` instead of `yes` if a condition is unmet."""
        safe = self.rule.resend_safe
        return ResendSafe.NO if safe is ResendSafe.YES and self.resend_unmet else safe

    @property
    def advice(self) -> Advice:
        """The rule's advice; sending again is only advised if it is proven safe."""
        if self.rule.advice is Advice.SEND_AGAIN and self.resend_safe is not ResendSafe.YES:
            return Advice.PROVIDE_INFO
        return self.rule.advice

    @property
    def stage(self) -> Stage:
        """Where the money is, if that is proven."""
        return self.rule.stage if self.located else Stage.UNKNOWN

    @property
    def rule(self) -> Rule:
        return self.finding.rule

    @property
    def code(self) -> str:
        return self.finding.code


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the timeline."""

    time: datetime
    what: Text
    id: str | None
