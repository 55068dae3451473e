"""Errors as RFC 9457 problem documents in both languages, and JSON responses."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Response, g
from werkzeug.exceptions import HTTPException

from diag.errors import (
    BadInput,
    Busy,
    CaseChanged,
    CasesOff,
    ChainError,
    DiagError,
    FieldError,
    KeyReused,
    NodeError,
    NoSuchCase,
    NoSuchDelivery,
    NotParked,
    RateLimited,
    SecretExposed,
    StoreUnavailable,
    TooLarge,
    Unauthorized,
    Unreachable,
    VersionNeeded,
)
from diag.i18n import Text
from diag.words import texts

log = logging.getLogger(__name__)

RETRY_AFTER = "10"
_PROBLEM = "application/problem+json"
STATUS: tuple[tuple[type[DiagError], int], ...] = (
    (TooLarge, 413),
    (BadInput, 400),
    (Unauthorized, 401),
    (RateLimited, 429),
    (ChainError, 503),
    (Busy, 503),
    (CasesOff, 404),
    (NoSuchCase, 404),
    (NoSuchDelivery, 404),
    (KeyReused, 409),
    (NotParked, 409),
    (CaseChanged, 412),
    (VersionNeeded, 428),
    (StoreUnavailable, 503),
    (DiagError, 500),
)
"""Error class → HTTP status; the first match counts."""

HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "request_timeout",
    413: TooLarge.code,
    414: "address_too_long",
    415: "unsupported_media_type",
    431: "headers_too_large",
    501: "not_implemented",
}
"""HTTP status → code of the problem; any other status is an internal error."""

HTTP_TEXTS = {int(status): text for status, text in texts("problems.http").items()}


class HttpError(HTTPException):
    """An HTTP error, optionally with its own text instead of the text of its status."""

    text: Text | None = None


def http_error(status: int, text: Text | None = None) -> HTTPException:
    """Make an HTTP error to raise; it is answered with a problem document."""
    error = HttpError()
    error.code, error.text = status, text
    return error


def json_response(content: Any, status: int = 200) -> Response:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status=status, content_type="application/json")


def problem_content(status: int, code: str, text: Text, request_id: str) -> dict[str, Any]:
    """The members of a problem document, with an empty list of field errors."""
    return {
        "type": f"/problems/{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": text.say("en"),
        "code": code,
        "text": text.as_dict(),
        "request_id": request_id,
        "errors": [],
    }


def problem_response(
    status: int, code: str, text: Text, errors: Sequence[FieldError] = ()
) -> Response:
    """An RFC 9457 problem document in both languages, with an entry per wrong field."""
    content = problem_content(status, code, text, g.get("request_id"))
    listed = [{"field": e.field, "text": e.text.as_dict()} for e in errors]
    response = json_response({**content, "errors": listed}, status)
    response.content_type = _PROBLEM
    if status == 503:
        response.headers["Retry-After"] = RETRY_AFTER
    return response


def status_of(error: DiagError) -> int:
    return next(status for kind, status in STATUS if isinstance(error, kind))


def exposed_secrets_first(error: BadInput) -> BadInput:
    """The error, preceded by a warning if secrets were found in the request."""
    fields = [exposure.field for exposure in g.get("exposed", ())]
    if not fields or isinstance(error, SecretExposed | TooLarge):
        return error
    return SecretExposed.instead_of(error, fields)


def error_response(error: DiagError) -> Response:
    if isinstance(error, BadInput):
        error = exposed_secrets_first(error)
    status = status_of(error)
    errors = error.errors if isinstance(error, BadInput) else ()
    if status >= 500:
        log.warning("request %s: %s", g.get("request_id"), _reason(error))
    return problem_response(status, error.code, error.text, errors)


def _reason(error: DiagError) -> str:
    """The reason to log; without messages of nodes, because they may contain an account name."""
    attributes = {NodeError: "name", Unreachable: "reason"}
    detail = next(
        (getattr(error, n) for kind, n in attributes.items() if isinstance(error, kind)), ""
    )
    return f"{error.code} {detail}".strip()


def http_error_response(error: HTTPException) -> Response:
    status = error.code if error.code in HTTP_CODES else 500
    code = HTTP_CODES.get(status, DiagError.code)
    own = error.text if isinstance(error, HttpError) else None
    response = problem_response(status, code, own or HTTP_TEXTS[status])
    if status == 405 and error.get_response().headers.get("Allow"):
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def unexpected_error_response(error: Exception) -> Response:
    log.exception("request %s crashed", g.get("request_id"))
    return problem_response(500, "internal_error", HTTP_TEXTS[500])
