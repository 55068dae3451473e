"""The result of a row: the parts of the diagnosis that its line and its group need. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from diag.diagnosis.engine import Diagnosis
from diag.diagnosis.precedence import urgency
from diag.domain.case import Case
from diag.domain.evidence_items import gateway_name
from diag.domain.history import AsOf
from diag.domain.verdict import Verdict
from diag.domain.withdrawal import Withdrawal
from diag.errors import DiagError
from diag.i18n import LANGUAGES, Text
from diag.render.contact import channel
from diag.render.user_reply import reply
from diag.triage.columns import LeftOut
from diag.triage.tickets import Row
from diag.words import OURS, Phrases

OWN_WARNINGS = frozenset({"keys_changed", "keys_proposed"})
"""Reasons in the basis of a verdict of which only that user is warned."""


@dataclass(frozen=True, slots=True)
class RowDiagnosis:
    """The verdict of a diagnosis, its reply, and its withdrawal, if any."""

    id: str
    case: Case
    as_of: AsOf
    verdict: Verdict
    withdrawal: Withdrawal | None
    reply: dict[str, str]
    channel: str | None = None
    """The contact of the gateway that users may be given, if any."""
    phrases: Phrases = OURS

    @classmethod
    def of(cls, diagnosis: Diagnosis) -> RowDiagnosis:
        """The part of a diagnosis that a row's result keeps."""
        withdrawal_id = diagnosis.verdict.finding.withdrawal_id
        meant = (w for w, _ in diagnosis.withdrawals if w.id == withdrawal_id)
        return cls(
            id=diagnosis.id,
            case=diagnosis.evidence.case,
            as_of=diagnosis.evidence.as_of,
            verdict=diagnosis.verdict,
            withdrawal=next(meant, None),
            reply={lang: reply(diagnosis, lang) for lang in LANGUAGES},
            channel=channel(diagnosis),
            phrases=diagnosis.phrases,
        )

    @property
    def gateway(self) -> str | None:
        """The gateway's key in the register, or the account of an unregistered gateway."""
        w = self.withdrawal
        return (w.gateway.key or w.recipient) if w and w.gateway else None

    @property
    def gateway_name(self) -> str | None:
        w = self.withdrawal
        return gateway_name(w) if w and w.gateway else None

    @property
    def asset(self) -> str | None:
        w = self.withdrawal
        return w.amount.asset.symbol if w else self.case.asset

    @property
    def mass(self) -> Text | None:
        """What may be said to everybody with this cause; None if this one needs a reply of its own.

        It does where the reply has to ask whether this is the withdrawal meant, or to warn of a
        change of keys.
        """
        rule, verdict = self.verdict.rule, self.verdict
        if verdict.differing or OWN_WARNINGS & set(verdict.basis):
            return None
        return self.phrases.reply(rule.phrase, "mass") or rule.mass

    @property
    def cause(self) -> tuple[str, str, str, str]:
        said = self.mass.en if self.mass else ""
        return self.verdict.code, self.gateway or "", self.asset or "", said

    @property
    def urgency(self) -> tuple[tuple[object, ...], Decimal, datetime]:
        """Sort key: by the verdict; larger amounts, then older ones, before others."""
        w = self.withdrawal
        amount, at = (w.amount.value, w.at) if w else (Decimal(0), self.case.start)
        return urgency(self.verdict.finding)[:3], -amount, at


@dataclass(frozen=True, slots=True)
class RowResult:
    """A row and its diagnosis, or the error that prevented one."""

    row: Row
    diagnosis: RowDiagnosis | None = None
    error: DiagError | None = None
    left_out: tuple[LeftOut, ...] = ()
    """The cells that were not used, and why."""
