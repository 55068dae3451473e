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

HTTP_TEXTS = {
    400: Text(zh="请求不完整或无法读取。", en="The request is incomplete or not readable."),
    404: Text(
        zh="没有这个地址。接口说明见 /openapi.yaml。",
        en="There is nothing here. See /openapi.yaml.",
    ),
    405: Text(zh="此地址不支持该方法。", en="This address does not take that method."),
    406: Text(
        zh="不支持所要求的格式；可用 json、text、markdown 或 html。",
        en="That format is not offered; use json, text, markdown or html.",
    ),
    408: Text(
        zh="请求没有在规定时间内完整到达，请重新发送。",
        en="The request did not arrive whole in time; send it again.",
    ),
    413: Text(
        zh="请求正文超过 64 KiB，请缩短。", en="The body is over 64 KiB; make it shorter."
    ),
    414: Text(
        zh="地址太长，请改用 POST 并把字段放入正文。",
        en="The address is too long; use POST and put the fields into the body.",
    ),
    415: Text(
        zh="请以 Content-Type: application/json 发送。",
        en="Send it as Content-Type: application/json.",
    ),
    431: Text(
        zh="请求头太大或太多，请减少。", en="The headers are too large or too many; send fewer."
    ),
    501: Text(
        zh="不支持这种传输编码，请以 Content-Length 发送。",
        en="That transfer coding is not supported; send the body with a Content-Length.",
    ),
    500: Text(
        zh="服务内部出错，已记录。请稍后重试。",
        en="Something went wrong inside the service and was logged. Try again later.",
    ),
}


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
