"""/panel: the page for support agents, and its static files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from diag.api.authentication import add_refusal_headers, refused_response
from diag.api.diagnoses import diagnosis_of
from diag.api.errors import RETRY_AFTER, exposed_secrets_first, status_of
from diag.api.instrumentation import stage
from diag.api.request_parsing import language_of, query_fields, services
from diag.diagnosis.engine import Diagnosis
from diag.domain.case import Case
from diag.errors import BadInput, DiagError, Refused
from diag.i18n import Text, negotiate
from diag.redaction import redact
from diag.render import html, html_labels, json_document
from diag.render.options import View

blueprint = Blueprint("panel", __name__)

_WINDOW_FIELDS = ("from", "to")
_LOCAL = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?")
"""The value of a datetime-local field."""


@blueprint.get("/panel")
def panel() -> Response:
    """The form; if the query holds a case, also its diagnosis or the errors in its fields."""
    lang = negotiate(request.headers.get("Accept-Language"), services().settings.lang)
    given: dict[str, str] = {}
    try:
        given = _filled_fields(request.args.to_dict(flat=False))
        lang = language_of(given)
        asked = _with_window({name: value for name, value in given.items() if name != "lang"})
        if "account" not in request.args and asked.keys() <= {"last", "tz"}:
            return _page(html.Form(asked), lang)
        diagnosis = diagnosis_of(asked)
    except BadInput as error:
        wrong = exposed_secrets_first(error)
        particular = None if wrong.code == BadInput.code else wrong.text
        form = html.Form(_redacted(_with_window(given)), _remedies(wrong, given), particular)
        return _page(form, lang, status=status_of(wrong))
    except DiagError as error:
        form = html.Form(_redacted(_with_window(given)), failure=error.text)
        response = _page(form, lang, status=status_of(error))
        if response.status_code == 503:
            response.headers["Retry-After"] = RETRY_AFTER
        return response
    return _page(html.Form(_form_values(diagnosis.evidence.case, asked)), lang, diagnosis)


@blueprint.errorhandler(Refused)
def refused_page(error: Refused) -> Response:
    """Show a refused request on the page; the other endpoints answer with a problem document."""
    if request.endpoint != f"{blueprint.name}.{panel.__name__}":
        return refused_response(error)
    lang = negotiate(request.headers.get("Accept-Language"), services().settings.lang)
    page_of = _page(html.Form(failure=error.text), lang, status=status_of(error))
    return add_refusal_headers(page_of, error)


def _filled_fields(arguments: Mapping[str, list[str]]) -> dict[str, str]:
    """The fields of the query that are not empty; a form sends empty ones too."""
    given = query_fields(arguments)
    return {name: value for name, value in given.items() if value.strip()}


def _with_window(given: Mapping[str, str]) -> dict[str, str]:
    """Apply the precedence of the window fields: `last`, else `from` and `to`, else a default."""
    if "last" in given:
        return {name: value for name, value in given.items() if name not in _WINDOW_FIELDS}
    if any(name in given for name in _WINDOW_FIELDS):
        return dict(given)
    return {**given, "last": html_labels.QUICK}


def _remedies(error: BadInput, given: Mapping[str, str]) -> dict[str, Text]:
    """The error of each field, in the form's own words where those of the API do not fit."""
    errors = {e.field: e.text for e in error.errors}
    for name in errors.keys() & set(_WINDOW_FIELDS):
        if name not in given:
            errors[name] = html_labels.SCRIPT["missing_time"]
        elif "tz" not in given and _LOCAL.fullmatch(given[name]):
            errors[name] = html_labels.SCRIPT["missing_zone"]
    return errors


def _redacted(given: Mapping[str, str]) -> dict[str, str]:
    """The typed values, to be corrected, without secrets."""
    return {name: redact(value).text for name, value in given.items()}


def _form_values(case: Case, asked: Mapping[str, str]) -> dict[str, str]:
    """The values of the form for a parsed case, with times in the case's time zone."""
    fields = html.case_as_form(json_document.case(case))
    fields = {name: value for name, value in fields.items() if name not in _WINDOW_FIELDS}
    if "last" in asked:
        return {**fields, "last": asked["last"]}
    zone = ZoneInfo(case.zone) if case.zone else UTC
    window = {"from": case.start.astimezone(zone), "to": case.end.astimezone(zone)}
    return {
        "tz": "UTC",
        **fields,
        **{name: html.local_input(at) for name, at in window.items()},
    }


def _page(
    form: html.Form, lang: str, diagnosis: Diagnosis | None = None, status: int = 200
) -> Response:
    settings = services().settings
    view = View(lang, settings.explorers)
    with stage("render") if diagnosis else nullcontext():
        body = html.panel(form, view, settings.deadline, diagnosis)
    response = Response(body, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = lang
    response.headers["Vary"] = "Accept-Language"
    if diagnosis is not None:
        response.headers["X-Diag-Verdict"] = diagnosis.verdict.code
    return response


@blueprint.get("/panel/panel.css")
def style() -> Response:
    return _asset("panel.css", "text/css")


@blueprint.get("/panel/panel.js")
def script() -> Response:
    return _asset("panel.js", "text/javascript")


@blueprint.get("/panel/paste.js")
def paste_script() -> Response:
    return _asset("paste.js", "text/javascript")


def _asset(name: str, kind: str) -> Response:
    """A static file of the page, revalidated by its ETag."""
    response = Response(_content(name), content_type=f"{kind}; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


@cache
def _content(name: str) -> bytes:
    return (files("diag.api") / "static" / name).read_bytes()
