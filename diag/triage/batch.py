"""Answers all rows of a ticket file with the same settings and the same current time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from diag.checks import Check
from diag.diagnosis.engine import Collect, Stage, diagnose, unwatched
from diag.domain.case import Case
from diag.domain.gateway_register import Register
from diag.errors import BadInput, FieldError
from diag.matching.match_cache import MATCHES
from diag.notices.model import Notice
from diag.schemas.case import OPTIONAL, parse_leniently
from diag.schemas.fields import Templates
from diag.services import Services
from diag.telemetry.logging import redact_in_log
from diag.triage.columns import LeftOut
from diag.triage.executor import run
from diag.triage.result import RowDiagnosis, RowResult
from diag.triage.tickets import Row
from diag.words import OURS, Phrases


@dataclass(frozen=True, slots=True)
class Batch:
    """What the rows of one batch have in common."""

    collect: Collect
    register: Register
    checks: Sequence[Check]
    notices: tuple[Notice, ...]
    now: datetime
    workers: int = 1
    """Rows that are answered at the same time."""
    stage: Stage = unwatched
    phrases: Phrases = OURS
    templates: Templates = field(default_factory=dict)
    """The addresses of the configured explorers by kind of page, for links in the rows."""
    answered: dict[Case, RowDiagnosis] = field(default_factory=dict, repr=False, compare=False)
    """Question → its answer. Rows with the same question are answered once, unless data could not be
    read.
    """

    @classmethod
    def of(cls, made: Services) -> Batch:
        """A batch with the services of the application, at the current time."""
        return cls(
            made.new_batch(),
            made.register,
            made.checks,
            made.notices(),
            made.now(),
            made.batch_concurrency,
            made.stage,
            made.phrases(),
            made.templates,
        )

    def answers(self, rows: Sequence[Row], left: Callable[[], float]) -> Iterator[RowResult]:
        """Yields the result of every row as it finishes; see `run`."""
        with MATCHES.batch():
            yield from run(rows, self._answer, left=left, workers=self.workers)

    def _answer(self, row: Row) -> RowResult:
        case, wrong = parse_leniently(row.fields, self.now, row.exposed, self.templates)
        redact_in_log(*(reading.read_as for reading in case.read_as))
        left_out = [*row.left_out, *(_left_out(row, case, e) for e in wrong)]
        while True:
            try:
                diagnosis = self._diagnosis(case)
            except BadInput as error:
                refused = {e.field for e in error.errors}
                if not refused or refused - OPTIONAL:
                    raise
                # the asset does not exist, or the amount has too many decimals
                left_out += [_left_out(row, case, e) for e in error.errors]
                case = _without(case, refused)
            else:
                return RowResult(row, diagnosis, left_out=tuple(left_out))

    def _diagnosis(self, case: Case) -> RowDiagnosis:
        if known := self.answered.get(case):
            return replace(known, case=case)  # with the spelling of this row
        diagnosis = diagnose(
            case,
            self.collect,
            self.register,
            self.checks,
            self.notices,
            self.stage,
            self.phrases,
        )
        found = RowDiagnosis.of(diagnosis)
        if diagnosis.evidence.history.whole:
            self.answered[case] = found
        return found


def _left_out(row: Row, case: Case, error: FieldError) -> LeftOut:
    given = next((r.given for r in case.read_as if r.field == error.field), None)
    return LeftOut.of(error.field, given or row.fields.get(error.field), error.text)


def _without(case: Case, names: set[str]) -> Case:
    readings = tuple(r for r in case.read_as if r.field not in names)
    nothing: dict[str, Any] = dict.fromkeys(names)
    return replace(case, read_as=readings, **nothing)
