"""Answering rows side by side: as many at once as are allowed, handed over as they finish."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice

from diag.diagnosis.engine import Diagnosis
from diag.domain.case import Case
from diag.errors import DiagError, OutOfTime
from diag.telemetry.logging import masking
from diag.triage.result import Done, answer_of
from diag.triage.tickets import Row

log = logging.getLogger(__name__)


def run(
    rows: Sequence[Row],
    understand: Callable[[Row], Case],
    diagnose: Callable[[Case], Diagnosis],
    *,
    left: Callable[[], float],
    workers: int,
) -> Iterator[Done]:
    """Every row once, in the order in which they finish.

    A row is taken up only when the one before it was taken away, so who does not listen stops
    the work; and so does closing the iterator. left tells the seconds that remain for all: when
    they are over, the other rows are out of time. Never raises for a row.
    """

    def answer(row: Row) -> Done:
        if row.wrong is not None:
            return Done(row, error=row.wrong)
        if left() <= 0:
            return Done(row, error=OutOfTime())
        with masking(dict(row.fields)):
            try:
                return Done(row, answer_of(diagnose(understand(row))))
            except DiagError as error:
                return Done(row, error=error)
            except Exception:
                log.exception("row %d crashed", row.number)
                return Done(row, error=DiagError())

    pool = ThreadPoolExecutor(workers, thread_name_prefix="triage")
    coming = iter(rows)
    under_way: set[Future[Done]] = {pool.submit(answer, row) for row in islice(coming, workers)}
    try:
        while under_way:
            finished, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for done in sorted((f.result() for f in finished), key=lambda d: d.row.number):
                yield done
                under_way |= {pool.submit(answer, row) for row in islice(coming, 1)}
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
