"""/panel: the page that agents work on, and the files that it needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from diag.api.authentication import refused, with_remedy
from diag.api.diagnoses import diagnosis_of
from diag.api.errors import RETRY_AFTER, in_both_languages, status_of
from diag.api.instrumentation import stage
from diag.api.request_parsing import language_of, parts, single
from diag.diagnosis.engine import Diagnosis
from diag.domain.case import Case
from diag.errors import BadInput, DiagError, Refused
from diag.i18n import Text, negotiate
from diag.redaction import redact
from diag.render import html as render_html
from diag.render import html_labels
from diag.render.json_document import case as as_fields
from diag.render.options import View

blueprint = Blueprint("panel", __name__)

_WINDOW = ("from", "to")
_LOCAL = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?")
"""What a datetime-local field sends."""


@blueprint.get("/panel")
def panel() -> Response:
    """The form; with a question in the address also its answer, or what is wrong with it."""
    lang = negotiate(request.headers.get("Accept-Language"), parts().settings.lang)
    given: dict[str, str] = {}
    try:
        given = _question(request.args.to_dict(flat=False))
        lang = language_of(given)
        asked = _window({name: value for name, value in given.items() if name != "lang"})
        if "account" not in request.args and asked.keys() <= {"last", "tz"}:
            return _page(render_html.Form(asked), lang)
        diagnosis = diagnosis_of(asked)
    except BadInput as error:
        wrong = in_both_languages(error)
        particular = None if wrong.code == BadInput.code else wrong.text
        form = render_html.Form(_repeated(_window(given)), _remedies(wrong, given), particular)
        return _page(form, lang, status=status_of(wrong))
    except DiagError as error:
        form = render_html.Form(_repeated(_window(given)), failure=error.text)
        response = _page(form, lang, status=status_of(error))
        if response.status_code == 503:
            response.headers["Retry-After"] = RETRY_AFTER
        return response
    return _page(render_html.Form(_typed(diagnosis.evidence.case, asked)), lang, diagnosis)


@blueprint.errorhandler(Refused)
def not_let_in(error: Refused) -> Response:
    """Said on the page as well, calmly."""
    if request.endpoint != f"{blueprint.name}.{panel.__name__}":
        return refused(error)
    lang = negotiate(request.headers.get("Accept-Language"), parts().settings.lang)
    page_of = _page(render_html.Form(failure=error.text), lang, status=status_of(error))
    return with_remedy(page_of, error)


def _question(arguments: Mapping[str, list[str]]) -> dict[str, str]:
    """The fields that were filled in: a form sends the empty ones as well."""
    given = single(arguments)
    return {name: value for name, value in given.items() if value.strip()}


def _window(given: Mapping[str, str]) -> dict[str, str]:
    """The quick choice decides over dates left in the form; without either it is a day."""
    if "last" in given:
        return {name: value for name, value in given.items() if name not in _WINDOW}
    if any(name in given for name in _WINDOW):
        return dict(given)
    return {**given, "last": html_labels.QUICK}


def _remedies(error: BadInput, given: Mapping[str, str]) -> dict[str, Text]:
    """What is wrong with each field, in words of the form where those of the API would puzzle."""
    errors = {e.field: e.text for e in error.errors}
    for name in errors.keys() & set(_WINDOW):
        if name not in given:
            errors[name] = html_labels.SCRIPT["missing_time"]
        elif "tz" not in given and _LOCAL.fullmatch(given[name]):
            errors[name] = html_labels.SCRIPT["missing_zone"]
    return errors


def _repeated(given: Mapping[str, str]) -> dict[str, str]:
    """What was typed, to be corrected; a secret in it is not repeated."""
    return {name: redact(value).text for name, value in given.items()}


def _typed(case: Case, asked: Mapping[str, str]) -> dict[str, str]:
    """The form of a question that was understood, its times in the zone of the question."""
    fields = render_html.case_as_form(as_fields(case))
    fields = {name: value for name, value in fields.items() if name not in _WINDOW}
    if "last" in asked:
        return {**fields, "last": asked["last"]}
    zone = ZoneInfo(case.zone) if case.zone else UTC
    window = {"from": case.start.astimezone(zone), "to": case.end.astimezone(zone)}
    return {
        "tz": "UTC",
        **fields,
        **{name: render_html.local_input(at) for name, at in window.items()},
    }


def _page(
    form: render_html.Form, lang: str, diagnosis: Diagnosis | None = None, status: int = 200
) -> Response:
    settings = parts().settings
    view = View(lang, settings.explorers)
    with stage("render") if diagnosis else nullcontext():
        body = render_html.panel(form, view, settings.deadline, diagnosis)
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
    """A file of the page; a browser keeps it, and asks whether it is still the same."""
    response = Response(_content(name), content_type=f"{kind}; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


@cache
def _content(name: str) -> bytes:
    return (files("diag.api") / "static" / name).read_bytes()
