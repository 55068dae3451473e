"""HTTP and nothing else: parse, diagnose, render; errors as RFC 9457 problems."""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from diag import __version__
from diag.catalogue import entries
from diag.diagnose import diagnose
from diag.errors import BadInput, ChainError, DiagError, FieldError, TooLarge
from diag.parts import Parts
from diag.render import FORMATS, overview
from diag.render.document import stamp
from diag.schemas import parse, shown
from diag.text import LANGUAGES, Text, negotiate

log = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024
RETRY_AFTER = "10"
READY_WITHIN = 2.0
"""Seconds that a look at readiness may take."""
VIEW_FIELDS = frozenset({"format", "lang"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
_PROBLEM = "application/problem+json"

STATUS: tuple[tuple[type[DiagError], int], ...] = (
    (TooLarge, 413),
    (BadInput, 400),
    (ChainError, 503),
    (DiagError, 500),
)
"""Error → HTTP status, the first that fits."""

_HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: TooLarge.code,
    415: "unsupported_media_type",
}
"""Status → code of the problem; anything else is an internal error."""

_HTTP_TEXTS = {
    400: Text(zh="请求不完整或无法读取。", en="The request is incomplete or not readable."),
    404: Text(
        zh="没有这个地址。接口说明见 /openapi.yaml。",
        en="There is nothing here. See /openapi.yaml.",
    ),
    405: Text(zh="此地址不支持该方法。", en="This address does not take that method."),
    406: Text(
        zh="不支持所要求的格式；可用 json 或 text。",
        en="That format is not offered; use json or text.",
    ),
    413: Text(
        zh="请求正文超过 64 KiB，请缩短。", en="The body is over 64 KiB; make it shorter."
    ),
    415: Text(
        zh="请以 Content-Type: application/json 发送。",
        en="Send it as Content-Type: application/json.",
    ),
    500: Text(
        zh="服务内部出错，已记录。请稍后重试。",
        en="Something went wrong inside the service and was logged. Try again later.",
    ),
}

blueprint = Blueprint("diag", __name__)


def create(parts: Parts) -> Flask:
    """The Flask application around what is passed in."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions["diag"] = parts
    app.register_blueprint(blueprint)
    app.register_error_handler(DiagError, _problem_of)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Exception, _crash)
    app.before_request(_begin)
    app.after_request(_headers)
    return app


def _parts() -> Parts:
    parts: Parts = current_app.extensions["diag"]
    return parts


@blueprint.get("/v1/diagnoses")
def get_diagnosis() -> Response:
    return _diagnosis(_single(request.args.to_dict(flat=False)))


@blueprint.post("/v1/diagnoses")
def post_diagnosis() -> Response:
    body = _json_body()
    view = _single(request.args.to_dict(flat=False))
    misplaced = [name for name in view if name not in VIEW_FIELDS]
    if misplaced:
        raise BadInput(*(FieldError(shown(name), _INTO_THE_BODY) for name in misplaced))
    return _diagnosis({**body, **view})


def _diagnosis(given: Mapping[str, Any]) -> Response:
    parts = _parts()
    name = _format(given)
    lang = _language(given)
    case = parse(given, parts.now(), ignore=VIEW_FIELDS)
    diagnosis = diagnose(case, parts.collect, parts.register, parts.checks)
    content_type, render = FORMATS[name]
    response = Response(render(diagnosis, lang), content_type=content_type)
    response.headers["Content-Language"] = lang
    response.headers["X-Diag-Verdict"] = diagnosis.verdict.code
    response.headers["Vary"] = "Accept, Accept-Language"
    return response


@blueprint.get("/v1/checks")
def get_checks() -> Response:
    return _json({"checks": entries(_parts().checks)})


@blueprint.get("/v1/gateways")
def get_gateways() -> Response:
    parts = _parts()
    return _json(
        {"gateways": [overview.gateway(g, parts.now()) for g in parts.register.gateways]}
    )


@blueprint.get("/v1/gateways/<key>")
def get_gateway(key: str) -> Response:
    parts = _parts()
    found = parts.register.by_key(key)
    if found is None:
        raise _http(404)
    view = parts.look(found)
    foreign = parts.register.on(view.chain_id).foreign
    live = {"live": None} if foreign else overview.live(found, view)
    return _json(overview.gateway(found, parts.now()) | live)


@blueprint.get("/v1/network")
def get_network() -> Response:
    parts = _parts()
    return _json(overview.network(parts.health(parts.settings.deadline)))


@blueprint.get("/healthz")
def healthz() -> Response:
    return _json({"status": "ok", "version": __version__})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Ready when a source that is not behind tells its head; one short look."""
    try:
        found = _parts().health(READY_WITHIN)
    except ChainError:
        names = [source.name for source in _parts().sources]
        nodes = [dict.fromkeys(_NODE) | {"name": name, "ok": False} for name in names]
        return _unready(nodes)
    node = {
        "name": found.node.name,
        "ok": found.node.behind is None,
        "head_block": found.node.head_block,
        "head_time": stamp(found.node.head_time),
    }
    return _json({"status": "ready", "nodes": [node]}) if node["ok"] else _unready([node])


_NODE = ("name", "ok", "head_block", "head_time")


def _unready(nodes: list[dict[str, Any]]) -> Response:
    response = _json({"status": "unready", "nodes": nodes}, 503)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


@blueprint.get("/openapi.yaml")
def openapi() -> Response:
    return Response(contract(), content_type="application/yaml; charset=utf-8")


@cache
def contract() -> str:
    """The contract, as it stands in the package."""
    return (files("diag") / "data" / "openapi.yaml").read_text(encoding="utf-8")


# --- what comes in ------------------------------------------------------------------------


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.match(given) else uuid.uuid4().hex


def _single(arguments: Mapping[str, list[str]]) -> dict[str, Any]:
    """A query's fields; one that is given twice is refused rather than guessed."""
    _refuse_twice([name for name, values in arguments.items() if len(values) > 1])
    return {name: values[0] for name, values in arguments.items()}


def _refuse_twice(names: Sequence[str]) -> None:
    if names:
        raise BadInput(*(FieldError(shown(name), _ONCE) for name in names))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of a body; a field that is given twice is refused there as well."""
    counts = Counter(name for name, _ in pairs)
    _refuse_twice([name for name, count in counts.items() if count > 1])
    return dict(pairs)


_ONCE = Text(zh="此项重复，请只给一次。", en="Give this field once.")
_INTO_THE_BODY = Text(
    zh="地址中只能写 format 和 lang；其他字段请放入正文。",
    en="Only format and lang may stand in the address; put this field into the body.",
)


def _json_body() -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise _http(415)
    raw = request.get_data(cache=False)
    if len(raw) > LARGEST_BODY:
        raise TooLarge(text=_HTTP_TEXTS[413])
    try:
        body = json.loads(raw, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise BadInput.of(
            "body", "正文不是有效的 JSON。", "The body is not valid JSON."
        ) from None
    if not isinstance(body, dict):
        raise BadInput.of("body", "正文应为 JSON 对象。", "The body must be a JSON object.")
    return body


def _http(status: int) -> HTTPException:
    error = HTTPException()
    error.code = status
    return error


def _format(given: Mapping[str, Any]) -> str:
    """?format= decides, else Accept; JSON where neither says anything."""
    wanted = given.get("format")
    if wanted is not None:
        if not isinstance(wanted, str) or wanted not in FORMATS:
            raise BadInput.of("format", "可用的格式：json、text。", "Use json or text.")
        return wanted
    accepted = request.accept_mimetypes
    if not accepted:
        return "json"
    offers = {kind.partition(";")[0]: name for name, (kind, _) in FORMATS.items()}
    best = accepted.best_match(list(offers))
    if best is None:
        raise _http(406)
    return offers[best]


def _language(given: Mapping[str, Any]) -> str:
    settings = _parts().settings
    wanted = given.get("lang")
    if wanted is None:
        return negotiate(request.headers.get("Accept-Language"), settings.lang)
    if wanted not in LANGUAGES:
        raise BadInput.of("lang", "可用的语言：zh、en。", "Use zh or en.")
    return str(wanted)


# --- what goes out ------------------------------------------------------------------------


def _json(content: Any, status: int = 200) -> Response:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status=status, content_type="application/json")


def problem(status: int, code: str, text: Text, errors: Sequence[FieldError] = ()) -> Response:
    """An RFC 9457 problem document in both languages, with an entry per wrong field."""
    content = {
        "type": f"/problems/{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": text.say("en"),
        "code": code,
        "text": text.as_dict(),
        "request_id": g.get("request_id"),
        "errors": [{"field": e.field, "text": e.text.as_dict()} for e in errors],
    }
    response = _json(content, status)
    response.content_type = _PROBLEM
    if status == 503:
        response.headers["Retry-After"] = RETRY_AFTER
    return response


def _problem_of(error: DiagError) -> Response:
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    errors = error.errors if isinstance(error, BadInput) else ()
    if status >= 500:
        log.warning("request %s: %s", g.get("request_id"), error)
    return problem(status, error.code, error.text, errors)


def _http_problem(error: HTTPException) -> Response:
    status = error.code if error.code in _HTTP_CODES else 500
    code = _HTTP_CODES.get(status, DiagError.code)
    response = problem(status, code, _HTTP_TEXTS[status])
    if status == 405 and error.get_response().headers.get("Allow"):
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def _crash(error: Exception) -> Response:
    log.exception("request %s crashed", g.get("request_id"))
    return problem(500, "internal_error", _HTTP_TEXTS[500])


def _headers(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
