"""/panel: the page for support agents, and its static files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC
from functools import cache, partial
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, redirect, request

from diag.api import question
from diag.api.authentication import add_refusal_headers, refused_response
from diag.api.cases import desk, find_case, keeps_cases
from diag.api.diagnoses import diagnosis_of
from diag.api.errors import RETRY_AFTER, exposed_secrets_first, status_of
from diag.api.instrumentation import stage
from diag.api.question import BEFORE, BOX, NoAccount, Question, RecentQuestions
from diag.api.request_parsing import (
    language_of,
    query_fields,
    redacted_text,
    refuse_encoded,
    services,
)
from diag.diagnosis.engine import Diagnosis
from diag.domain.case import Case
from diag.domain.folding import fold
from diag.domain.vocabulary import Finality, Outcome
from diag.errors import BadInput, DiagError, NoSuchCase, Refused, StoreUnavailable
from diag.i18n import Text, negotiate
from diag.notices.model import notices_in_force
from diag.redaction import redact
from diag.render import html, json_document
from diag.render.html_form import QUICK
from diag.render.html_words import WORDS
from diag.render.options import View

blueprint = Blueprint("panel", __name__)

_WINDOW_FIELDS = ("from", "to")
_OF_THE_PAGE = ("lang", "page", "only")
"""Fields that are not part of the question."""
_LOCAL = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?")
"""The value of a datetime-local field."""
_CASE = re.compile(r"[0-9a-f]{10}(?:[0-9a-f]{6})?|c[0-9a-f]{16}")
"""A reference of an answer, or the id of a case."""
_STATIC = {
    "panel.css": "text/css",
    "panel.js": "text/javascript",
    "tickets.js": "text/javascript",
    "helpdesk.js": "text/javascript",
    "docs.css": "text/css",
    "docs.js": "text/javascript",
}


@blueprint.record_once
def _prepare(state: object) -> None:
    state.app.extensions["diag_recent"] = RecentQuestions()  # type: ignore[attr-defined]


def recent_questions() -> RecentQuestions:
    """The questions that this process answered recently."""
    found: RecentQuestions = current_app.extensions["diag_recent"]
    return found


@blueprint.get("/")
def root() -> Response:
    """Redirect to the panel."""
    return redirect("panel", 302)  # type: ignore[return-value]


@blueprint.get("/panel")
@blueprint.post("/panel")
def panel() -> Response:
    """The page with the form; with the answer to a submitted question, or what is wrong with it.

    Forms are sent by POST, so that a secret typed into one never appears in an address. Links use
    GET.
    """
    lang = negotiate(request.headers.get("Accept-Language"), services().settings.lang)
    given: dict[str, str] = {}
    asked = Question({})
    try:
        given = _filled_fields()
        lang = language_of(given)
        fields = {name: value for name, value in given.items() if name not in _OF_THE_PAGE}
        if case := _case_in(given.get(BOX, "")):
            return redirect(f"panel/cases/{case}?lang={lang}", 303)  # type: ignore[return-value]
        if not fields.keys() - {"last", "tz", BEFORE} and "account" not in request.args:
            return _page(html.Form(_with_window(fields)), lang)
        asked = question.read(_with_window(fields), services(), recent_questions())
        diagnosis = diagnosis_of(asked.fields)
    except BadInput as error:
        return _mistake(error, given, asked, lang)
    except DiagError as error:
        form = html.Form(
            _redacted(asked.fields or _with_window(given)),
            failure=error.text,
            box=_redact(given.get(BOX)),
            ticket=asked.ticket,
        )
        response = _page(form, lang, status=status_of(error))
        if response.status_code == 503:
            response.headers["Retry-After"] = RETRY_AFTER
        return response
    _remember(diagnosis)
    form = html.Form(
        _form_values(diagnosis.evidence.case, asked.fields),
        box=diagnosis.evidence.case.account,
        ticket=asked.ticket,
    )
    return _page(form, lang, diagnosis, given=given)


def _case_in(box: str) -> str | None:
    """The id of the case whose id or reference was typed into the box."""
    token = fold(box).strip().removeprefix("#").strip()
    return _case_of(token) if _CASE.fullmatch(token) else None


def _mistake(
    error: BadInput, given: Mapping[str, str], question: Question, lang: str
) -> Response:
    """The page with the form and its errors."""
    wrong = exposed_secrets_first(error)
    particular = None if wrong.code == BadInput.code else wrong.text
    fields = question.fields
    ticket = question.ticket
    if isinstance(error, NoAccount):
        fields, ticket = error.fields, error.ticket
    form = html.Form(
        _redacted(fields or _with_window(given)),
        _remedies(wrong, given, question),
        particular,
        box=_redact(given.get(BOX)),
        ticket=ticket,
    )
    return _page(form, lang, status=status_of(wrong))


@blueprint.errorhandler(Refused)
def refused_page(error: Refused) -> Response:
    """Report a refused request on the page; other endpoints respond with a problem document."""
    if request.endpoint != f"{blueprint.name}.{panel.__name__}":
        return refused_response(error)
    lang = negotiate(request.headers.get("Accept-Language"), services().settings.lang)
    page_of = _page(html.Form(failure=error.text), lang, status=status_of(error))
    return add_refusal_headers(page_of, error)


def _filled_fields() -> dict[str, str]:
    """The fields of the form or of the address that are not empty, without secrets."""
    refuse_encoded()
    arguments = request.form if request.method == "POST" else request.args
    given = arguments.to_dict(flat=False)
    box = given.pop(BOX, [])
    found = query_fields(given)
    if box:
        found[BOX] = redacted_text(box[0], "ticket")
    return {name: value for name, value in found.items() if value.strip()}


def _with_window(fields: Mapping[str, str]) -> dict[str, str]:
    """Apply the precedence of the window fields: `last`, else `from` and `to`, else a default."""
    if "last" in fields:
        return {name: value for name, value in fields.items() if name not in _WINDOW_FIELDS}
    if any(name in fields for name in _WINDOW_FIELDS):
        return dict(fields)
    return {**fields, "last": QUICK}


def _remedies(
    error: BadInput, fields: Mapping[str, str], question: Question
) -> dict[str, Text]:
    """The error of each field; reworded for the form where the API's wording does not fit."""
    errors = {e.field: e.text for e in error.errors}
    for name in errors.keys() & set(_WINDOW_FIELDS):
        if name not in fields and name not in question.fields:
            errors[name] = WORDS["problem"]["missing_time"]
        elif "tz" not in fields and _LOCAL.fullmatch(fields.get(name, "")):
            errors[name] = WORDS["problem"]["missing_zone"]
    return errors


def _redacted(fields: Mapping[str, str]) -> dict[str, str]:
    """The typed values, for correction, with secrets removed."""
    return {name: redact(value).text for name, value in fields.items()}


def _redact(value: str | None) -> str | None:
    return None if value is None else redact(value).text


def _form_values(case: Case, asked: Mapping[str, str]) -> dict[str, str]:
    """The values of the form for a parsed case, with times in the case's time zone."""
    fields = html.case_as_form(json_document.case(case))
    fields = {name: value for name, value in fields.items() if name not in _WINDOW_FIELDS}
    if "last" in asked:
        return {**fields, "last": asked["last"]}
    zone = ZoneInfo(case.zone) if case.zone else UTC
    window = {"from": case.start.astimezone(zone), "to": case.end.astimezone(zone)}
    return {**fields, **{name: html.local_input(at) for name, at in window.items()}}


def _remember(diagnosis: Diagnosis) -> None:
    """Remember the question under the reference of the answer and the transactions that were seen."""
    recent = recent_questions()
    fields = html.case_as_form(json_document.case(diagnosis.evidence.case))
    recent.remember(diagnosis.reference, fields)
    for withdrawal, _ in diagnosis.withdrawals:
        if withdrawal.transaction:
            recent.remember(withdrawal.transaction, {**fields, "operation": withdrawal.id})


def _page(
    form: html.Form,
    lang: str,
    diagnosis: Diagnosis | None = None,
    status: int = 200,
    given: Mapping[str, str] | None = None,
) -> Response:
    used = services()
    view = View(lang, used.settings.explorers, keeps_cases())
    seen = given or {}
    now = diagnosis.evidence.now if diagnosis else used.now()
    in_force = () if diagnosis else tuple(notices_in_force(used.notices(), now, None))
    number = (
        int(seen["page"])
        if seen.get("page", "").isascii() and seen.get("page", "").isdigit()
        else 1
    )
    with stage("render") if diagnosis else nullcontext():
        body = html.panel(
            form,
            view,
            used.settings.deadline,
            now,
            diagnosis,
            in_force,
            number,
            seen.get("only"),
            _watch(diagnosis) if diagnosis else None,
            [one for one in used.settings.frame_ancestors if one != "'none'"],
        )
    return page_response(body, lang, status, diagnosis)


def _watch(diagnosis: Diagnosis) -> dict[str, Any] | None:
    """What the "Watch this" form needs; None if no cases are kept."""
    if not keeps_cases():
        return None
    found = _case_of(diagnosis.reference)
    outcome = diagnosis.verdict.rule.outcome
    final = diagnosis.verdict.finality is Finality.FINAL and outcome in _ENDS
    return {"case": found, "channels": sorted(desk().channels()), "settled": final}


_ENDS = (Outcome.DELIVERED, Outcome.RETURNED, Outcome.NOT_SENT)


def _case_of(wanted: str) -> str | None:
    """The id of the case that an id or one of our references opens; None if there is none. Also
    None if the store does not answer, because the panel works without it.
    """
    try:
        return find_case(wanted).id if keeps_cases() else None
    except (NoSuchCase, StoreUnavailable):
        return None


def page_response(
    body: str, lang: str, status: int = 200, diagnosis: Diagnosis | None = None
) -> Response:
    """A page, with the headers that every page has."""
    response = Response(body, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = lang
    response.headers["Vary"] = "Accept-Language"
    if diagnosis is not None:
        response.headers["X-Diag-Verdict"] = diagnosis.verdict.code
    return response


def _asset(name: str) -> Response:
    """A static file of the pages, revalidated by its ETag."""
    response = Response(_content(name), content_type=f"{_STATIC[name]}; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


@cache
def _content(name: str) -> bytes:
    return (files("diag.api") / "static" / name).read_bytes()


for _name in _STATIC:
    blueprint.add_url_rule(
        f"/panel/{_name}", _name.replace(".", "_"), partial(_asset, _name), methods=["GET"]
    )
