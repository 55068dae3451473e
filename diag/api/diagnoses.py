"""/v1/diagnoses: one case in, one diagnosis out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from diag.api.incoming import (
    VIEW_FIELDS,
    exposed,
    format_of,
    json_body,
    language_of,
    parts,
    single,
)
from diag.api.watch import decided, stage
from diag.diagnose import Diagnosis, diagnose
from diag.errors import BadInput, FieldError
from diag.render import FORMATS
from diag.render.view import View
from diag.schemas import parse, shown
from diag.text import Text

blueprint = Blueprint("diagnoses", __name__)

_INTO_THE_BODY = Text(
    zh="地址中只能写 format 和 lang；其他字段请放入正文。",
    en="Only format and lang may stand in the address; put this field into the body.",
)


@blueprint.get("/v1/diagnoses")
def get_diagnosis() -> Response:
    return _diagnosis(single(request.args.to_dict(flat=False)))


@blueprint.post("/v1/diagnoses")
def post_diagnosis() -> Response:
    body = json_body()
    view = single(request.args.to_dict(flat=False))
    misplaced = [name for name in view if name not in VIEW_FIELDS]
    if misplaced:
        raise BadInput(*(FieldError(shown(name), _INTO_THE_BODY) for name in misplaced))
    return _diagnosis({**body, **view})


def diagnosis_of(given: Mapping[str, Any]) -> Diagnosis:
    """The diagnosis of the case that the fields of a request describe."""
    made = parts()
    case = parse(given, made.now(), ignore=VIEW_FIELDS, exposed=exposed())
    found = diagnose(case, made.collect, made.register, made.checks, made.notices(), made.stage)
    decided(found.verdict.code)
    return found


def _diagnosis(given: Mapping[str, Any]) -> Response:
    name = format_of(given)
    lang = language_of(given)
    diagnosis = diagnosis_of(given)
    content_type, render = FORMATS[name]
    view = View(lang, parts().settings.explorers)
    with stage("render"):
        body = render(diagnosis, view)
    response = Response(body, content_type=content_type)
    response.headers["Content-Language"] = lang
    response.headers["X-Diag-Verdict"] = diagnosis.verdict.code
    response.headers["Vary"] = "Accept, Accept-Language"
    return response
