"""POST /v1/triage: answers a file of tickets row by row as they finish, then groups them by cause."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from threading import BoundedSemaphore
from typing import Any

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from diag.api.errors import http_error
from diag.api.instrumentation import metrics
from diag.api.request_parsing import (
    accepted_format,
    language_of,
    query,
    refuse_encoded,
    services,
    stopping,
)
from diag.errors import BadInput, Busy, TooLarge
from diag.schemas.queries import TriageQuerySchema
from diag.telemetry.metrics import Metrics
from diag.triage import tickets, writers
from diag.triage.batch import Batch
from diag.triage.groups import summarize
from diag.triage.result import RowResult
from diag.triage.spreadsheet import MEDIA_TYPES
from diag.words import problem

SECONDS = 300.0
"""How long one batch may take; rows not answered by then, or when the service stops, are out of time."""
MAX_BATCHES = 2
"""The most batches that one process works on at the same time."""
DEFAULTS = frozenset({"tz", "last", "lang"})
KINDS = {
    "application/x-ndjson": "jsonl",
    "application/jsonl": "jsonl",
    "application/json": "jsonl",
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
    "text/plain": None,
    **dict.fromkeys(MEDIA_TYPES, "xlsx"),
}
"""Media type of the request → kind of file; None to detect it from the content."""
FORMATS = {"ndjson": "application/x-ndjson", "csv": "text/csv"}
"""Format → media type of the response."""

blueprint = Blueprint("triage", __name__)


@blueprint.record_once
def _prepare(state: Any) -> None:
    state.app.extensions["diag_triage"] = BoundedSemaphore(MAX_BATCHES)


@blueprint.post("/v1/triage")
def post_triage() -> Response:
    view = query()
    TriageQuerySchema().read(view)
    name, lang = _format(view), language_of(view)
    if request.mimetype not in KINDS:
        raise http_error(415, problem("request.send_tickets_as", workbook=MEDIA_TYPES[0]))
    defaults = {field: view[field] for field in DEFAULTS & view.keys()} | {"lang": lang}
    pages = services().templates
    given = tickets.read(_body(), KINDS[request.mimetype], defaults, pages)
    batch = Batch.of(services())
    free: BoundedSemaphore = current_app.extensions["diag_triage"]
    if not free.acquire(blocking=False):
        raise Busy
    answers = counted(batch.answers(given, time_left()), metrics())
    stream = _stream(answers, name, lang, free)
    next(stream)  # starts the generator, whose end releases the semaphore whatever happens
    response = Response(stream, content_type=FORMATS[name])
    if name == "csv":
        response.content_type = "text/csv; charset=utf-8"
        response.headers["Content-Disposition"] = 'attachment; filename="triage.csv"'
    response.headers["Content-Language"] = lang
    response.headers["Vary"] = "Accept, Accept-Language"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def time_left() -> Callable[[], float]:
    """Returns how many seconds a batch that begins now has left; none once the service stops."""
    stop, end = stopping(), time.monotonic() + SECONDS
    return lambda: 0 if stop.is_set() else end - time.monotonic()


def counted(answers: Iterator[RowResult], counts: Metrics) -> Iterator[RowResult]:
    """Yield the answers, and count their verdicts and the secrets that were removed."""
    try:
        for done in answers:
            if done.diagnosis:
                counts.verdicts.labels(done.diagnosis.verdict.code).inc()
            for exposure in done.row.exposed:
                counts.secrets.labels(exposure.kind).inc()
            yield done
    finally:
        answers.close()  # type: ignore[attr-defined]


def _stream(
    answers: Iterator[RowResult], name: str, lang: str, free: BoundedSemaphore
) -> Iterator[str]:
    """A line per row, then the summary (JSON lines only). Closing the generator stops the work."""
    done: list[RowResult] = []
    try:
        yield ""
        if name == "csv":
            yield writers.header()
        for one in answers:
            done.append(one)
            yield (
                writers.cells(one, one.row.lang or lang)
                if name == "csv"
                else writers.dumps(writers.row(one))
            )
        if name != "csv":
            yield writers.dumps(writers.summary(summarize(done)))
    finally:
        free.release()
        answers.close()  # type: ignore[attr-defined]


def _body() -> bytes:
    refuse_encoded()
    request.max_content_length = tickets.MOST_BYTES + 1
    if (request.content_length or 0) > tickets.MOST_BYTES:
        raise TooLarge(text=problem("tickets.file_too_large"))
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:  # the request had no Content-Length
        raise TooLarge(text=problem("tickets.file_too_large")) from None


def _format(view: Mapping[str, Any]) -> str:
    """The format of the response: ?format=, else the Accept header, else JSON lines."""
    wanted = view.get("format")
    if wanted is not None:
        if wanted not in FORMATS:
            raise BadInput.about("format", "request.ndjson_or_csv")
        return str(wanted)
    offers = {media: name for name, media in FORMATS.items()} | {"application/jsonl": "ndjson"}
    return accepted_format(offers, problem("request.triage_formats"))
