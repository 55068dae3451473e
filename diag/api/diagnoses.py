"""/v1/diagnoses: one case in, one diagnosis out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from diag.api.instrumentation import decided, stage
from diag.api.request_parsing import (
    VIEW_FIELDS,
    exposed,
    format_of,
    json_body,
    language_of,
    parts,
    single,
)
from diag.config.explorers import templates
from diag.diagnosis.engine import Diagnosis, diagnose
from diag.domain.case import Case
from diag.errors import BadInput, FieldError
from diag.i18n import Text
from diag.notices.model import Notice
from diag.render import FORMATS
from diag.render.options import View
from diag.schemas.case import parse
from diag.schemas.fields import printable_name
from diag.telemetry.logging import redact_in_log

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
        raise BadInput(
            *(FieldError(printable_name(name), _INTO_THE_BODY) for name in misplaced)
        )
    return _diagnosis({**body, **view})


def diagnosis_of(given: Mapping[str, Any]) -> Diagnosis:
    """The diagnosis of the case that the fields of a request describe."""
    found = _diagnosed(_case(given, parts().now()), parts().notices())
    decided(found.verdict.code)
    return found


def _case(given: Mapping[str, Any], now: datetime) -> Case:
    pages = templates(parts().settings.explorers)
    case = parse(given, now, ignore=VIEW_FIELDS, exposed=exposed(), templates=pages)
    redact_in_log(*(reading.read_as for reading in case.read_as))
    return case


def _diagnosed(case: Case, notices: Sequence[Notice]) -> Diagnosis:
    made = parts()
    return diagnose(case, made.collect, made.register, made.checks, notices, made.stage)


@dataclass(frozen=True, slots=True)
class _Document:
    """A diagnosis as it is sent; whole if nothing was missing that may be there in a moment."""

    body: bytes
    code: str
    whole: bool

    @property
    def weight(self) -> int | None:
        return len(self.body) if self.whole else None


def _diagnosis(given: Mapping[str, Any]) -> Response:
    name = format_of(given)
    lang = language_of(given)
    content_type, render = FORMATS[name]
    notices, now = parts().notices(), parts().now()

    def document() -> _Document:
        diagnosis = _diagnosed(_case(given, now), notices)
        with stage("render"):
            body = render(diagnosis, View(lang, parts().settings.explorers)).encode()
        return _Document(body, diagnosis.verdict.code, diagnosis.evidence.history.whole)

    asked = repr((given, exposed(), now, notices, name, lang))
    key = hashlib.sha256(asked.encode()).hexdigest()
    found = parts().once(key, document, lambda made: made.weight)
    decided(found.code)
    response = Response(found.body, content_type=content_type)
    response.headers["Content-Language"] = lang
    response.headers["X-Diag-Verdict"] = found.code
    response.headers["Vary"] = "Accept, Accept-Language"
    return response
