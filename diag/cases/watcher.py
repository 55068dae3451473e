"""Diagnoses the cases that are due, in batches, and stores the results.

The database holds what is due, so any number of workers may run this, any number of times. If a
worker is killed, other workers take its cases when its leases have ended.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from diag.cases import watchlist
from diag.cases.database import Database
from diag.cases.lease import new_lease
from diag.cases.look import effect
from diag.cases.record import EventKind, StoredCase, VerdictSummary
from diag.diagnosis.engine import Diagnosis, diagnose
from diag.errors import DiagError
from diag.matching.match_cache import MATCHES
from diag.parallel import as_finished
from diag.render.json_document import document
from diag.render.options import View
from diag.services import Services
from diag.telemetry.logging import masking

log = logging.getLogger(__name__)

BATCH = 200
"""Cases per batch; the cases of a batch share what they read."""
SECONDS = 240.0
"""How long a batch may take; less than its leases last."""


RESULTS = ("unchanged", "changed", "unreadable", "overtaken")


@dataclass(slots=True)
class Tally:
    """The number of looks by result."""

    unchanged: int = 0
    changed: int = 0
    unreadable: int = 0
    overtaken: int = 0
    """Looks without effect: another look was faster, or the case has been changed."""

    @property
    def total(self) -> int:
        return self.unchanged + self.changed + self.unreadable + self.overtaken

    def as_dict(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in RESULTS}

    def add(self, name: str) -> None:
        setattr(self, name, getattr(self, name) + 1)


@dataclass(frozen=True, slots=True)
class Watcher:
    """Looks at cases; thread-safe, and any number of watchers may share a database.

    wall: the clock for leases; timer: monotonic seconds, for the duration of a batch; stopped:
    returns whether to stop before the next look.
    """

    database: Database
    services: Services
    wall: Callable[[], datetime]
    stopped: Callable[[], bool] = lambda: False
    timer: Callable[[], float] = time.monotonic
    batch: int = BATCH
    tally: Tally = field(default_factory=Tally)

    def run(self, seconds: float = SECONDS) -> Tally:
        """Looks at cases until none is due or the time is up; returns the number of looks by result."""
        done, end = Tally(), self.timer() + seconds
        while not self.stopped() and self.timer() < end and self.run_batch(done):
            pass
        return done

    def run_batch(self, done: Tally) -> bool:
        """Looks at one batch of cases; returns False if none was due. Raises StoreUnavailable."""
        lease = new_lease()
        now = self.services.now()
        taken = watchlist.take(self.database, now, self.wall(), lease, self.batch)
        if not taken:
            return False
        try:
            for case, found in self._looks(taken):
                name = self._write(case, lease, found)
                done.add(name)
                self.tally.add(name)
        finally:
            watchlist.release(self.database, lease)
        return True

    def _looks(
        self, cases: Sequence[StoredCase]
    ) -> Iterator[tuple[StoredCase, Diagnosis | None]]:
        """Yields each case with its diagnosis as it finishes; None instead of a failed diagnosis.

        Stops early when time is up; the cases that were not started stay due.
        """
        services, end = self.services, self.timer() + SECONDS
        collect, notices = services.new_batch(), services.notices()

        def look(case: StoredCase) -> Diagnosis | None:
            with masking(case.question.account, case.reference, case.account_name):
                try:
                    return diagnose(
                        case.question, collect, services.register, services.checks, notices
                    )
                except DiagError as error:
                    log.info("a case could not be looked at: %s", error.code)
                except Exception:
                    log.exception("looking at a case crashed")
                return None

        with MATCHES.batch(services.batch_matches):
            yield from as_finished(
                look,
                cases,
                services.batch_concurrency,
                name="cases",
                more=lambda: not self.stopped() and self.timer() < end,
                finish=True,
            )

    def _write(self, case: StoredCase, lease: str, found: Diagnosis | None) -> str:
        now = self.services.now()
        result = effect(case, VerdictSummary.of(found) if found else None, now)
        kept = self.document(found) if found and result.verdict != case.verdict else None
        written = watchlist.write(self.database, case, lease, result, kept, now, self.wall())
        if not written:
            return "overtaken"
        if result.counted is EventKind.UNREADABLE:
            return "unreadable"
        return "changed" if result.visible else "unchanged"

    def document(self, diagnosis: Diagnosis) -> dict[str, Any]:
        settings = self.services.settings
        return document(diagnosis, View(settings.lang, settings.explorers))
