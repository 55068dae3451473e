"""/v1/diagnoses: one case in, one diagnosis out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response

from diag.api.cases import keeps_cases
from diag.api.instrumentation import count_verdict, stage
from diag.api.request_parsing import (
    VIEW_FIELDS,
    exposed_secrets,
    format_of,
    json_body,
    language_of,
    query,
    services,
)
from diag.diagnosis.engine import Diagnosis, diagnose
from diag.domain.case import Case
from diag.errors import BadInput, FieldError
from diag.notices.model import Notice
from diag.render import FORMATS
from diag.render.options import View
from diag.schemas.case import parse
from diag.schemas.request import printable_name
from diag.telemetry.logging import redact_in_log
from diag.words import Phrases, problem

blueprint = Blueprint("diagnoses", __name__)


@blueprint.get("/v1/diagnoses")
def get_diagnosis() -> Response:
    return _diagnosis(query())


@blueprint.post("/v1/diagnoses")
def post_diagnosis() -> Response:
    body = json_body()
    view = query()
    misplaced = [name for name in view if name not in VIEW_FIELDS]
    if misplaced:
        raise BadInput(
            *(
                FieldError(printable_name(name), problem("request.into_the_body"))
                for name in misplaced
            )
        )
    return _diagnosis({**body, **view})


def diagnosis_of(fields: Mapping[str, Any]) -> Diagnosis:
    """Diagnose the case that the fields of a request describe; raises BadInput or ChainError."""
    used = services()
    found = used.diagnose(_case(fields, used.now()))
    count_verdict(found.verdict.code)
    return found


def _case(fields: Mapping[str, Any], now: datetime) -> Case:
    case = parse(fields, now, VIEW_FIELDS, exposed_secrets(), templates=services().templates)
    redact_in_log(*(reading.read_as for reading in case.read_as))
    return case


def _diagnose(case: Case, notices: Sequence[Notice], phrases: Phrases) -> Diagnosis:
    used = services()
    return diagnose(
        case, used.collect, used.register, used.checks, notices, used.stage, phrases
    )


@dataclass(frozen=True, slots=True)
class _Document:
    """A rendered diagnosis; complete unless it lacks data that may become available shortly."""

    body: bytes
    code: str
    complete: bool

    @property
    def weight(self) -> int | None:
        """The size for the cache; None if the document must not be cached."""
        return len(self.body) if self.complete else None


def _diagnosis(fields: Mapping[str, Any]) -> Response:
    name = format_of(fields)
    lang = language_of(fields)
    content_type, render = FORMATS[name]
    notices, phrases, now = services().notices(), services().phrases(), services().now()

    def document() -> _Document:
        diagnosis = _diagnose(_case(fields, now), notices, phrases)
        with stage("render"):
            body = render(
                diagnosis, View(lang, services().settings.explorers, keeps_cases())
            ).encode()
        return _Document(body, diagnosis.verdict.code, diagnosis.evidence.history.whole)

    request_data = repr((fields, exposed_secrets(), now, notices, phrases.digest, name, lang))
    key = hashlib.sha256(request_data.encode()).hexdigest()
    found = services().memoize(key, document, lambda made: made.weight)
    count_verdict(found.code)
    response = Response(found.body, content_type=content_type)
    response.headers["Content-Language"] = lang
    response.headers["X-Diag-Verdict"] = found.code
    response.headers["Vary"] = "Accept, Accept-Language"
    return response
