"""What is kept of a row's diagnosis: enough for its line and its group, and not the evidence. Pure."""

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
from diag.i18n import LANGUAGES
from diag.render.user_reply import reply
from diag.triage.tickets import Row


@dataclass(frozen=True, slots=True)
class Answer:
    """A diagnosis in short, with the withdrawal that its verdict is about, if it is about one."""

    id: str
    case: Case
    as_of: AsOf
    verdict: Verdict
    withdrawal: Withdrawal | None
    reply: dict[str, str]

    @property
    def gateway(self) -> str | None:
        """The gateway's key in the register; of one that is not in it the account."""
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
    def cause(self) -> tuple[str, str, str]:
        return self.verdict.code, self.gateway or "", self.asset or ""

    @property
    def urgency(self) -> tuple[tuple[int, ...], Decimal, datetime]:
        """Sort key: by the verdict; larger amounts, then older ones, before others."""
        w = self.withdrawal
        amount, at = (w.amount.value, w.at) if w else (Decimal(0), self.case.start)
        return urgency(self.verdict.finding)[:3], -amount, at


@dataclass(frozen=True, slots=True)
class Done:
    """A row and its answer, or the reason why it has none."""

    row: Row
    answer: Answer | None = None
    error: DiagError | None = None


def answer_of(diagnosis: Diagnosis) -> Answer:
    """What is kept of a diagnosis."""
    withdrawal_id = diagnosis.verdict.finding.withdrawal_id
    meant = (w for w, _ in diagnosis.withdrawals if w.id == withdrawal_id)
    return Answer(
        id=diagnosis.id,
        case=diagnosis.evidence.case,
        as_of=diagnosis.evidence.as_of,
        verdict=diagnosis.verdict,
        withdrawal=next(meant, None),
        reply={lang: reply(diagnosis, lang) for lang in LANGUAGES},
    )
