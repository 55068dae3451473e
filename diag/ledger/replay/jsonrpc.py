"""The JSON-RPC protocol of a node: request messages in, response documents and HTTP statuses out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from diag.errors import NodeError
from diag.ledger.arguments import METHOD_NOT_FOUND, refuse
from diag.ledger.node import Ledger

Json = Any

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
NAMED_PARAMETERS = -32602
INTERNAL_ERROR = -32603
_STATUSES = {
    PARSE_ERROR: 400,
    INVALID_REQUEST: 400,
    NAMED_PARAMETERS: 400,
    METHOD_NOT_FOUND: 400,
    INTERNAL_ERROR: 500,
}
_API_METHODS = ("database", "history", "network_broadcast", "orders", "custom_operations")
_LIMIT = re.compile(r"(limit can not be greater than )(\d+)$")


class ApiSession:
    """The state of one connection: the APIs it may address by number."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._apis = ["database", "login"]

    def call(self, method: str, params: list[Json]) -> Json:
        """Carry out a call, in the long form `call(api, method, args)` or the short form."""
        if method != "call":
            return self._dispatch("database", method, params)
        if len(params) != 3 or not isinstance(params[2], list):
            refuse("args.size() == 3 && args[2].is_array(): ")
        return self._dispatch(self._api(params[0]), params[1], params[2])

    def _api(self, api: Json) -> str:
        if isinstance(api, str):
            return api
        if isinstance(api, bool) or not isinstance(api, int) or not 0 <= api < len(self._apis):
            refuse("_local_apis.size() > api_id: ")
        return self._apis[api]

    def _dispatch(self, api: str, method: Json, args: list[Json]) -> Json:
        if api == "login" and method in _API_METHODS:
            return self._api_number(method)
        return self.ledger.answer(api, method, args)

    def _api_number(self, api: str) -> int:
        if api not in self._apis:
            self._apis.append(api)
        return self._apis.index(api)


@dataclass(frozen=True, slots=True)
class Response:
    """A response document (None for a notification), the HTTP status and the method called."""

    document: dict[str, Json] | None
    status: int = 200
    method: str | None = field(default=None, kw_only=True)

    def encoded(self, wrong_id: bool = False) -> bytes:
        """Return the document as bytes, optionally with a wrong id."""
        document = dict(self.document or {})
        if wrong_id:
            given = document.get("id")
            document["id"] = given + 1 if isinstance(given, int) else "another"
        return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def handle_message(session: ApiSession, message: bytes) -> Response:
    """Return the node's response to any message."""
    try:
        request = json.loads(message)
    except (ValueError, RecursionError):
        return _invalid(PARSE_ERROR, "Invalid JSON message")
    wrong = _validation_error(request)
    if wrong is not None:
        return _invalid(*wrong)
    return _call(session, request)


def _validation_error(request: Json) -> tuple[int, str] | None:
    if isinstance(request, list):
        return INVALID_REQUEST, "Batch requests not supported"
    if not isinstance(request, dict):
        return INVALID_REQUEST, "Invalid JSON request"
    given = request.get("id")
    if isinstance(given, bool) or not isinstance(given, str | int | float | None):
        return INVALID_REQUEST, "Invalid id"
    method, params = request.get("method"), request.get("params", [])
    if not isinstance(method, str) or not method:
        return INVALID_REQUEST, "Missing or invalid method"
    if request.get("jsonrpc", "2.0") != "2.0":
        return INVALID_REQUEST, "Unsupported JSON-RPC version"
    if isinstance(params, dict):
        return NAMED_PARAMETERS, "Named parameters not supported"
    if not isinstance(params, list):
        return INVALID_REQUEST, "Invalid parameters"
    return None


def _invalid(code: int, message: str) -> Response:
    error = {"code": code, "message": message}
    return Response({"id": None, "jsonrpc": "2.0", "error": error}, _STATUSES[code])


def _call(session: ApiSession, request: dict[str, Json]) -> Response:
    method, params = request["method"], request.get("params", [])
    name = str(params[1]) if method == "call" and len(params) == 3 else method
    status = 200
    try:
        outcome = {"result": session.call(method, params)}
    except NodeError as error:
        status = _STATUSES.get(error.code_number, 200)
        outcome = {"error": _envelope(error)}
    if "id" not in request or (request["id"] is None and "jsonrpc" not in request):
        return Response(None, 204, method=name)
    echoed = {"jsonrpc": "2.0"} if "jsonrpc" in request else {}
    return Response({"id": request["id"]} | echoed | outcome, status, method=name)


def _envelope(error: NodeError) -> dict[str, Json]:
    message = error.message.removeprefix("Execution error: ")
    kind, _, text = message.partition(": ")
    limit = _LIMIT.search(text)
    frame = {
        "context": {
            "level": "error",
            "file": "ledger",
            "line": 0,
            "method": "answer",
            "hostname": "",
            "thread_name": "replay",
            "timestamp": "1970-01-01T00:00:00",
        },
        "format": _LIMIT.sub(r"\g<1>${configured_limit}", text) or kind,
        "data": {"configured_limit": int(limit[2])} if limit else {},
    }
    data = {"code": error.code_number, "name": error.name, "message": kind, "stack": [frame]}
    return {"code": error.code_number, "message": error.message, "data": data}
