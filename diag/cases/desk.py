"""The operations on kept cases that the API and the command line offer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from diag.cases import (
    additions,
    documents,
    edit,
    figures,
    journal,
    repeats,
    report_rows,
    retention,
    schedule,
    serializer,
    store,
    watchlist,
)
from diag.cases.changes import outline
from diag.cases.database import Database
from diag.cases.lease import new_lease
from diag.cases.look import effect
from diag.cases.record import Event, EventKind, State, StoredCase, VerdictSummary
from diag.cases.repeats import Repeatable
from diag.cases.report import By, Every, Report, report
from diag.cases.span import Span, count
from diag.cases.store import Filter
from diag.cases.tables import cases
from diag.diagnosis.engine import Diagnosis
from diag.errors import CaseChanged, KeyReused, NoSuchCase
from diag.render.json_document import document
from diag.render.options import View
from diag.schemas.kept_case import NewCase
from diag.services import Services

log = logging.getLogger(__name__)

AGREES = timedelta(hours=1)
"""How far the clock and the head of the chain may be apart for old cases to be deleted."""
Page = tuple[list[dict[str, Any]], int | None]
"""The documents of a page, and where the next one begins; None after the last one."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The kept cases; thread-safe. Methods raise StoreUnavailable if the database does not answer.

    channels: returns the current names of the operator's channels; wall: the wall clock.
    """

    database: Database
    services: Services
    channels: Callable[[], Collection[str]]
    wall: Callable[[], datetime]
    keep: timedelta

    # --- opening ------------------------------------------------------------------------------

    def open(
        self, new: NewCase, by: str | None, repeat: tuple[str, str] | None = None
    ) -> tuple[StoredCase, dict[str, Any], bool]:
        """Opens a case with a first diagnosis. Returns it, its document, and whether it is new.

        repeat: digests of the request's Idempotency-Key and of its body; the same request opens one
        case. Raises KeyReused, and what `diagnose` raises.
        """
        request = Repeatable(by or "", *repeat) if repeat else None
        if request and (known := self._opened_by(request)):
            return known, self.document(known), False
        diagnosis = self.services.diagnose(new.question)
        now = self.services.now()
        case = _new_case(new, diagnosis, by, now)
        kept = self._document(diagnosis)
        try:
            with self.database.writing() as connection:
                case = store.add(connection, case)
                if request:
                    repeats.add_request(connection, request, case.seq, now)
                documents.add_diagnosis(connection, case.seq, kept, now)
                body = {"verdict": outline(case.verdict)}
                journal.add_event(connection, case.seq, EventKind.OPENED, now, by, body)
        except IntegrityError:  # another thread has already handled the same request
            found = self._opened_by(request) if request else None
            if found is None:
                raise
            return found, self.document(found), False
        return case, serializer.whole(case, documents.as_kept(kept), None), True

    def _opened_by(self, request: Repeatable) -> StoredCase | None:
        """The case that an earlier copy of the request opened; raises KeyReused."""
        with self.database.reading() as connection:
            known = repeats.opened_by_request(connection, request)
            if known is None:
                return None
            case_id, digest = known
            if digest != request.digest:
                raise KeyReused
            return store.find(connection, case_id)

    # --- reading ------------------------------------------------------------------------------

    def find(self, wanted: str) -> StoredCase:
        """The case with this id, or the newest case with a diagnosis of this id or reference.

        Raises NoSuchCase.
        """
        with self.database.reading() as connection:
            found: str | None = wanted
            if store.is_reference(wanted):
                found = store.id_by_reference(connection, wanted)
            case = store.find(connection, found) if found else None
        if case is None:
            raise NoSuchCase
        return case

    def document(self, case: StoredCase) -> dict[str, Any]:
        """The document of a case: with its diagnosis, and what changed last."""
        with self.database.reading() as connection:
            diagnosis = documents.diagnosis(connection, case.seq, case.verdict.diagnosis)
            change = journal.last_event(connection, case.seq, EventKind.CHANGED)
        return serializer.whole(case, diagnosis, change)

    def page(self, wanted: Mapping[str, Any], limit: int, before: int | None) -> Page:
        """The cases that match a filter (fields of `Filter`), the newest first."""
        with self.database.reading() as connection:
            found = store.page(connection, Filter(**wanted), limit + 1, before)
        more = found[limit - 1].seq if len(found) > limit else None
        return [serializer.listed(case) for case in found[:limit]], more

    def count_about(self, span: Span) -> tuple[int, int]:
        """How many cases are about these withdrawals, and how many of those are open."""
        with self.database.reading() as connection:
            return count(connection, span)

    def events(self, case: StoredCase, limit: int, before: int | None) -> Page:
        """The events of a case, the newest first."""
        with self.database.reading() as connection:
            found = journal.event_page(connection, case.seq, limit + 1, before)
        more = found[limit - 1][0] if len(found) > limit else None
        return [serializer.event(event) for _, event in found[:limit]], more

    # --- changing -----------------------------------------------------------------------------

    def edit(
        self, case: StoredCase, version: int | None, wanted: Mapping[str, Any], by: str | None
    ) -> StoredCase:
        """Changes fields of a case if it still has this version (None: any version); raises
        CaseChanged, BadInput.
        """
        now = self.services.now()
        with self.database.writing() as connection:
            current = _of_version(store.find(connection, case.id, lock=True), version)
            after = edit.edited(current, wanted, now)
            changes = edit.differences(current, after)
            if not changes:
                return current
            after = replace(after, version=current.version + 1, updated_at=now)
            store.change(connection, current, store.columns(after))
            body = {"changes": changes}
            journal.add_event(connection, case.seq, EventKind.EDITED, now, by, body)
        return after

    def add(self, case: StoredCase, fields: Mapping[str, Any], by: str | None) -> Event:
        """Adds an event of the kinds `ADDED` to a case; raises NoSuchCase, BadInput."""
        with self.database.writing() as connection:
            return self.add_within(connection, case, fields, by)

    def add_within(
        self,
        connection: Connection,
        case: StoredCase,
        fields: Mapping[str, Any],
        by: str | None,
    ) -> Event:
        """As `add`, inside a transaction of the caller."""
        kind, now = EventKind(fields["kind"]), self.services.now()
        current = _of_version(store.find(connection, case.id, lock=True), None)
        said = None
        if kind in additions.ABOUT_A_DIAGNOSIS:
            reference = fields.get("diagnosis") or current.verdict.diagnosis
            said = documents.diagnosis(connection, case.seq, reference)
        codes = {rule.code for check in self.services.checks for rule in check.RULES}
        body, changes = additions.addition(kind, fields, current, said, now, codes)
        event = journal.add_event(connection, case.seq, kind, now, by, body)
        changes |= {"version": current.version + 1, "updated_at": now}
        store.change(connection, current, changes)
        return event

    def delete(self, case: StoredCase, version: int | None) -> None:
        """Deletes a case and everything that belongs to it, if it still has this version; raises
        CaseChanged.
        """
        with self.database.writing() as connection:
            current = _of_version(store.find(connection, case.id, lock=True), version)
            store.remove(connection, cases.c.seq == current.seq)

    def check(self, case: StoredCase, by: str | None) -> StoredCase:
        """Diagnoses a case again now. A diagnosis that a worker makes of it at the same time has no
        effect.

        Raises NoSuchCase, and what `diagnose` raises.
        """
        diagnosis = self.services.diagnose(case.question)
        lease = new_lease()
        while watchlist.claim(self.database, case, self.wall(), lease):
            case = self.find(case.id)
            now = self.services.now()
            found = effect(case, VerdictSummary.of(diagnosis), now, by_hand=True)
            kept = self._document(diagnosis)
            if watchlist.write(self.database, case, lease, found, kept, now, self.wall(), by):
                break
        return self.find(case.id)

    # --- what ends ----------------------------------------------------------------------------

    def export(self, account: str) -> list[dict[str, Any]]:
        """Everything that is kept about the cases of an account."""
        with self.database.reading() as connection:
            return retention.export(connection, account)

    def erase(self, account: str) -> int:
        """Deletes all cases of an account; returns how many."""
        return retention.erase(self.database, account)

    def purge(self) -> int:
        """Deletes cases whose retention time has passed; returns how many.

        Deletes nothing while the clock and the head of the chain disagree, because a wrong clock must
        not delete cases that are still needed. Raises ChainError if the chain cannot be read.
        """
        now = self.services.now()
        head = self.services.health(self.services.settings.deadline).time
        if abs(now - head) > AGREES:
            log.warning("nothing is purged: the clock and the head of the chain differ")
            return 0
        return retention.purge(self.database, now, self.keep)

    # --- quality ------------------------------------------------------------------------------

    def report(
        self,
        start: datetime,
        end: datetime,
        by: By = "gateway",
        every: Every | None = None,
        zone: tzinfo | None = None,
        **wanted: str,
    ) -> Report:
        """The figures of the cases opened in [start, end).

        wanted: only cases of this gateway, code, lang or agent. zone: see `report`.
        """
        with self.database.reading() as connection:
            rows, complete = report_rows.read(connection, start, end, wanted)
        now = self.services.now()
        return report(rows, start, end, now, by, every, zone=zone, complete=complete)

    def figures(self) -> figures.Figures:
        """The counters of the store, for monitoring."""
        with self.database.reading() as connection:
            return figures.read(connection, self.services.now())

    # --- the chain ----------------------------------------------------------------------------

    def _document(self, diagnosis: Diagnosis) -> dict[str, Any]:
        settings = self.services.settings
        return document(diagnosis, View(settings.lang, settings.explorers))


def _new_case(new: NewCase, diagnosis: Diagnosis, by: str | None, now: datetime) -> StoredCase:
    verdict = VerdictSummary.of(diagnosis)
    account = diagnosis.evidence.history.account
    ends = schedule.resolution(verdict)
    state, waiting_for = schedule.state_of(verdict)
    return StoredCase(
        seq=0,
        id=store.new_id(),
        version=1,
        state=State.RESOLVED if ends else state,
        waiting_for=None if ends else waiting_for,
        resolution=str(ends) if ends else None,
        reference=new.reference,
        channel=new.channel,
        lang=new.lang,
        tell=new.tell,
        opened_by=by,
        account_name=account.name if account else None,
        account_id=account.id if account else None,
        question=replace(new.question, read_as=()),
        verdict=verdict,
        opened_at=now,
        updated_at=now,
        closed_at=now if ends else None,
        looks=1,
        looked_at=now,
        failures=0,
        next_look=schedule.next_look(verdict, now, now),
        watch_until=now + schedule.WATCHED,
    )


def _of_version(case: StoredCase | None, version: int | None) -> StoredCase:
    if case is None:
        raise NoSuchCase
    if version is not None and case.version != version:
        raise CaseChanged
    return case
