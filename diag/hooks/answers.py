"""Answers requests of helpdesks: opens a case or looks at it again, and sends the note.

Each request takes effect exactly once. Its id is the idempotency key of the case, and the message
about it is written in the transaction that settles the request.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from diag.cases import documents, journal, outbox, repeats, serializer, store
from diag.cases.changes import outline
from diag.cases.desk import Desk
from diag.cases.lease import new_lease
from diag.cases.record import ACTIVE, EventKind, StoredCase, question_of
from diag.cases.repeats import Repeatable
from diag.channels.backoff import next_attempt
from diag.channels.file import Hook
from diag.domain.case import Case
from diag.domain.identifier import Identifier, IdentifierKind
from diag.errors import BadInput, DiagError, StoreUnavailable
from diag.hooks import inbox
from diag.hooks.inbox import Request
from diag.schemas.kept_case import NewCase
from diag.telemetry.logging import masking

log = logging.getLogger(__name__)

AT_ONCE = 4
_CLAIMS = ("asset", "amount", "received", "destination", "operation", "transaction", "memo")


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers requests; thread-safe, and any number of instances may share a database.

    hooks: returns the hooks that the operator's file currently names; stopped: returns whether to
    stop before the next request.
    """

    desk: Desk
    hooks: Callable[[], Mapping[str, Hook]]
    stopped: Callable[[], bool] = lambda: False

    def run(self) -> int:
        """Answers requests until none is due; returns the number of attempts."""
        count = 0
        while not self.stopped():
            lease = new_lease()
            taken = inbox.take(self.desk.database, self.desk.wall(), lease, AT_ONCE)
            if not taken:
                break
            for request in taken:
                self._attempt(request)
            count += len(taken)
        return count

    def _attempt(self, request: Request) -> None:
        stored = request.question
        with masking(stored, request.reference):
            try:
                self._answer(request)
                return
            except StoreUnavailable:
                raise
            except DiagError as error:
                log.warning("hook %s: an answer failed: %s", request.hook, error.code)
            except Exception:
                log.exception("hook %s: an answer crashed", request.hook)
        wall = self.desk.wall()
        inbox.failed(self.desk.database, request, wall, next_attempt(request.attempts, wall))

    def _answer(self, request: Request) -> None:
        hook = self.hooks().get(request.hook)
        if hook is not None and "score" in request.question:
            self._rate(request, f"hook:{hook.name}")
            return
        tell = tuple(name for name in hook.tell if name in self.desk.channels()) if hook else ()
        if hook is None or not tell:  # removed from the file in the meantime
            self._settle(request, None, (), {})
            return
        stored, question = request.question, None
        try:
            question = self._question(stored)
        except BadInput as error:  # an id that is not on the chain
            stored = {**stored, "ask": error.errors[0].text.as_dict()}
        if question is None:
            self._settle(request, None, tell, self._incomplete(request, hook, stored))
            return
        case, what = self._case(request, hook, tell, question)
        if what is None:
            self._settle(request, case, (), {})
        else:
            self._settle(request, case, tell, self._verdict_message(request, case, what))

    def _rate(self, request: Request, by: str) -> None:
        """Adds a rating to the newest case of the conversation, in the transaction that settles it."""
        score, wanted = (
            request.question["score"],
            store.Filter(reference=request.reference, opened_by=by),
        )
        with self.desk.database.writing() as connection:
            found = store.page(connection, wanted, 1, None)
            if inbox.done(connection, request, self.desk.wall()) and found:
                [case] = found
                if case.score != score:  # every update of a message repeats its rating
                    rating = {"kind": EventKind.RATING, "score": score}
                    self.desk.add_within(connection, case, rating, by)

    def _question(self, stored: Mapping[str, Any]) -> Case | None:
        """The stored question; if it is only an id, its case is found on the chain. Raises BadInput."""
        if "case" in stored:
            return question_of(stored["case"])
        if "identifier" not in stored:
            return None
        identifier = stored["identifier"]
        used = self.desk.services
        found = used.locate(Identifier(IdentifierKind(identifier["kind"]), identifier["value"]))
        question = found.case(used.now())
        exposed = tuple(stored["exposed"])
        account = stored["account"] or question.account
        return replace(
            question, account=account, exposed=exposed, exposed_in=("text",) * bool(exposed)
        )

    def _case(
        self, request: Request, hook: Hook, tell: tuple[str, ...], question: Case
    ) -> tuple[StoredCase, str | None]:
        """The case of the question, and the kind of event to report; None if there is nothing to
        report.

        An open case of the same conversation is looked at again. If that finds a change, the look
        itself reports it.
        """
        by = f"hook:{hook.name}"
        known = self._opened_by(request, by)
        if known is not None:  # a worker was killed before it could settle the request
            return known, "opened"
        for found in self._open(request, by):
            if _same(found.question, question):
                before = self._last_change(found)
                case = self.desk.check(found, by)
                unchanged = self._last_change(case) == before
                wanted = unchanged and request.question.get("command")
                return case, "checked" if wanted else None
        new = NewCase(question, request.reference, str(hook.source), request.lang, tell)
        return self.desk.open(new, by, (request.id, request.id))[0], "opened"

    def _opened_by(self, request: Request, by: str) -> StoredCase | None:
        repeat = Repeatable(by, request.id, request.id)
        with self.desk.database.reading() as connection:
            found = repeats.opened_by_request(connection, repeat)
            return store.find(connection, found[0]) if found else None

    def _open(self, request: Request, by: str) -> list[StoredCase]:
        """The open cases of the conversation, the newest first."""
        states = tuple(str(state) for state in ACTIVE)
        wanted = store.Filter(state=states, reference=request.reference, opened_by=by)
        with self.desk.database.reading() as connection:
            return store.page(connection, wanted, 10, None)

    def _last_change(self, case: StoredCase) -> str | None:
        with self.desk.database.reading() as connection:
            found = journal.last_event(connection, case.seq, EventKind.CHANGED)
        return found.id if found else None

    def _settle(
        self,
        request: Request,
        case: StoredCase | None,
        tell: tuple[str, ...],
        payload: Mapping[str, Any],
    ) -> None:
        """Settles a request and writes its messages, in one transaction."""
        wall = self.desk.wall()
        with self.desk.database.writing() as connection:
            if inbox.done(connection, request, wall) and tell:
                seq = case.seq if case else None
                outbox.add(connection, seq, request.id, tell, payload, wall)

    def _verdict_message(self, request: Request, case: StoredCase, what: str) -> dict[str, Any]:
        """The verdict of a case, with the note for the agent and the reply for the user."""
        with self.desk.database.reading() as connection:
            found = documents.diagnosis(connection, case.seq, case.verdict.diagnosis)
        body = {
            "verdict": outline(case.verdict),
            "note": dict(found["note"]) if found else None,
            "reply": dict(case.verdict.reply),
            "exposed": list(case.question.exposed),
        }
        summary = serializer.told_case(case, case)
        return serializer.message(f"case.{what}", request.id, self._now(), summary, body)

    def _incomplete(
        self, request: Request, hook: Hook, stored: Mapping[str, Any]
    ) -> dict[str, Any]:
        body = {"ask": stored.get("ask"), "exposed": list(stored.get("exposed") or ())}
        none = serializer.no_case(request.reference, str(hook.source), request.lang)
        return serializer.message("hook.incomplete", request.id, self._now(), none, body)

    def _now(self) -> datetime:
        return self.desk.services.now()


def _same(known: Case, question: Case) -> bool:
    """Whether a question is about a known case: the same account, and no other claims."""
    if known.account != question.account:
        return False
    return all(getattr(question, n) in (None, getattr(known, n)) for n in _CLAIMS)
