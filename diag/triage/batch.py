"""Many cases in one go: rows in, a line each as they finish, and groups by cause at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from diag.checks import Check
from diag.diagnosis.engine import Collect, Diagnosis, Stage, diagnose, unwatched
from diag.domain.case import Case
from diag.domain.gateway_register import Register
from diag.notices.model import Notice
from diag.schemas.case import parse
from diag.services import Services
from diag.triage.executor import run
from diag.triage.result import Done
from diag.triage.tickets import Row


@dataclass(frozen=True, slots=True)
class Batch:
    """What all rows of one batch are answered with: one moment, one way of asking."""

    collect: Collect
    register: Register
    checks: Sequence[Check]
    notices: tuple[Notice, ...]
    now: datetime
    workers: int = 1
    """Rows at work at once."""
    stage: Stage = unwatched

    @classmethod
    def of(cls, made: Services) -> Batch:
        """A batch as the service is made, about the present moment."""
        return cls(
            made.together(),
            made.register,
            made.checks,
            made.notices(),
            made.now(),
            made.rows_at_once,
            made.stage,
        )

    def answers(self, rows: Sequence[Row], left: Callable[[], float]) -> Iterator[Done]:
        """Every row once, as it finishes; see `run`."""
        return run(rows, self._case, self._diagnosis, left=left, workers=self.workers)

    def _case(self, row: Row) -> Case:
        return parse(row.fields, self.now, exposed=row.exposed)

    def _diagnosis(self, case: Case) -> Diagnosis:
        return diagnose(
            case, self.collect, self.register, self.checks, self.notices, self.stage
        )
