"""/panel/tickets: many tickets at once, grouped by cause, with one reply for each.

The page is streamed while rows finish. Nothing of a batch is stored: its files are embedded in the
page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from threading import BoundedSemaphore
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from diag.api import question
from diag.api.errors import exposed_secrets_first, status_of
from diag.api.instrumentation import metrics
from diag.api.pages import Page, refused_page
from diag.api.panel import page_response, recent_questions
from diag.api.request_parsing import query_fields, refuse_encoded, services
from diag.api.triage import counted, time_left
from diag.errors import BadInput, Busy, FieldError, Refused, TooLarge
from diag.render.html_words import WORDS
from diag.render.zones import known
from diag.services import Services
from diag.triage import page_view, pasted, tickets
from diag.triage.batch import Batch
from diag.triage.groups import summarize
from diag.triage.result import RowResult
from diag.words import problem

blueprint = Blueprint("tickets", __name__)
blueprint.register_error_handler(Refused, refused_page)

QUICK = "24h"
_WORDS = WORDS["tickets"]


@blueprint.get("/panel/tickets")
def get_tickets() -> Response:
    """The page with the form for tickets."""
    return _page(services()).render("tickets.html", **_shown())


@blueprint.post("/panel/tickets")
def post_tickets() -> Response:
    """Answer the tickets of the uploaded file or pasted text, and stream them below the form."""
    used = services()
    page = _page(used)
    try:
        given = _form()
        page.adopt(given)
        defaults = _defaults(given, page.lang)
        rows = _rows(used, given, defaults)
    except BadInput as error:
        wrong = exposed_secrets_first(error)
        return page.render("tickets.html", status_of(wrong), **_shown(page.given, wrong.errors))
    free: BoundedSemaphore = current_app.extensions["diag_triage"]
    if not free.acquire(blocking=False):
        busy = (FieldError("file", _WORDS["busy"]),)
        return page.render("tickets.html", status_of(Busy()), **_shown(page.given, busy))
    answers = counted(Batch.of(used).answers(rows, time_left()), metrics())
    stream = _stream(page, answers, len(rows), free)
    next(stream)  # starts the generator, whose end releases the semaphore whatever happens
    response = page_response("", page.lang)
    response.response = stream
    response.headers.pop("Content-Length", None)
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _stream(
    page: Page, answers: Iterator[RowResult], rows: int, free: BoundedSemaphore
) -> Iterator[str]:
    """The page in pieces: a tick for each row, then the groups."""
    done: list[RowResult] = []
    clock = page.clock

    def ticks() -> Iterator[int]:
        for one in answers:
            done.append(one)
            yield rows

    def found() -> dict[str, Any]:
        return page_view.view(summarize(done), done, clock)

    try:
        yield ""
        yield from page.stream(
            "tickets.html", **_shown(page.given, rows=rows, ticks=ticks(), found=found)
        )
    finally:
        free.release()
        answers.close()  # type: ignore[attr-defined]


def _page(used: Services) -> Page:
    return Page("panel/tickets", "../", used.now(), current="tickets")


def _shown(
    fields: Mapping[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
    rows: int = 0,
    ticks: Iterator[int] | None = None,
    found: Any = None,
) -> dict[str, Any]:
    return {
        "last": (fields or {}).get("last") or QUICK,
        "errors": errors,
        "rows": rows,
        "ticks": ticks,
        "found": found,
    }


def _form() -> dict[str, str]:
    """The fields of the form. All except the tickets are searched for secrets here."""
    refuse_encoded()
    request.max_content_length = tickets.MOST_BYTES
    request.max_form_memory_size = tickets.MOST_BYTES
    try:
        given = request.form.to_dict(flat=False)
    except RequestEntityTooLarge:
        raise TooLarge(text=problem("tickets.file_too_large")) from None
    text = given.pop("text", [""])[0]
    return {**query_fields(given), "text": text}


def _defaults(fields: Mapping[str, str], lang: str) -> dict[str, str]:
    zone = known(fields.get("tz")) or "UTC"
    return {"lang": lang, "last": fields.get("last") or QUICK, "tz": zone}


def _rows(
    used: Services, fields: Mapping[str, str], defaults: Mapping[str, str]
) -> tickets.Rows:
    """The rows of the uploaded file, or else of the pasted text."""
    file = request.files.get("file")
    content = file.read() if file else b""
    if content.strip():
        return tickets.read(content, None, defaults, used.templates)
    text = fields["text"]
    if pasted.is_table(text):
        return tickets.read(text.encode(), None, defaults, used.templates)
    zone = ZoneInfo(defaults["tz"])
    read_text = partial(used.read_complaint, zone=zone)
    return pasted.read(text, defaults, partial(_locate, used), read_text)


def _locate(used: Services, token: str) -> Mapping[str, str] | None:
    """The fields of the case that an id identifies; None if the text is no id."""
    return question.of_identifier(token, used, recent_questions())
