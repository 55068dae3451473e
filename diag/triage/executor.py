"""Answers rows concurrently, a bounded number at a time, and yields each result as it finishes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence

from diag.errors import DiagError, OutOfTime
from diag.parallel import as_finished
from diag.telemetry.logging import masking
from diag.triage.result import RowResult
from diag.triage.tickets import Row

log = logging.getLogger(__name__)


def run(
    rows: Sequence[Row],
    answer: Callable[[Row], RowResult],
    *,
    left: Callable[[], float],
    workers: int,
) -> Iterator[RowResult]:
    """Yields the result of every row once, in the order in which they finish.

    A new row is started only when a result has been consumed, so the work stops when the consumer
    stops iterating or closes the iterator. `left` returns the seconds that remain for the batch; when
    it returns 0, the remaining rows are out of time. An error concerns its row and is never raised.
    """

    def result(row: Row) -> RowResult:
        if row.wrong is not None:
            return RowResult(row, error=row.wrong, left_out=row.left_out)
        if left() <= 0:
            return RowResult(row, error=OutOfTime())
        with masking(dict(row.fields)):
            try:
                return answer(row)
            except DiagError as error:
                return RowResult(row, error=error, left_out=row.left_out)
            except Exception:
                log.exception("row %d crashed", row.number)
                return RowResult(row, error=DiagError())

    for _, found in as_finished(result, rows, workers, name="triage"):
        yield found
