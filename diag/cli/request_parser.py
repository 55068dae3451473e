"""Parses requests from the wire. Malformed or too large ones are refused; nothing of them is repeated
or logged.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from waitress.parser import HTTPRequestParser
from waitress.receiver import ChunkedReceiver
from waitress.task import ErrorTask
from waitress.utilities import BadRequest, Error, RequestEntityTooLarge

from diag.api.errors import HTTP_CODES, HTTP_TEXTS, problem_content
from diag.api.hooks import MAX_HOOK_BODY
from diag.api.request_parsing import MAX_BODY
from diag.api.security_headers import ALWAYS
from diag.errors import DiagError
from diag.telemetry.logging import set_request_id
from diag.triage import tickets
from diag.words import problem

log = logging.getLogger(__name__)

MAX_REQUEST_LINE = 8190
"""Bytes of the first line: method, address, version."""
MAX_HEADER_BYTES = 64 * 1024
"""Bytes of the first line and all headers."""
MAX_CHUNKED_BYTES = 8 * tickets.MOST_BYTES
"""Bytes of a chunked body with what frames its chunks."""
_MAX_CHUNK_HEADER = 1024
_MAX_TRAILER = 8 * 1024
_BATCH_PATHS = ("/v1/triage", "/panel/tickets")
_HOOKS_PATH = "/v1/hooks/"


class AddressTooLong(Error):  # type: ignore[misc]
    code = 414
    reason = "URI Too Long"


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """waitress' parser with this service's limits; a refused request has an `error`."""

    path = ""

    @property
    def max_body(self) -> int:
        """The most bytes that the body of this request may have."""
        if self.path.startswith(_HOOKS_PATH):
            return MAX_HOOK_BODY
        return tickets.MOST_BYTES if self.path in _BATCH_PATHS else MAX_BODY

    @property
    def buffered_bytes(self) -> int:
        """The bytes of the body that are held."""
        return 0 if self.body_rcv is None else len(self.body_rcv)

    def received(self, data: bytes) -> int:
        in_head = not self.headers_finished
        try:
            consumed: int = super().received(data)
        except ValueError:  # a length or an address that Python cannot parse
            self.error = BadRequest("")
        if self.error is None and self.headers_finished and not self.empty:
            self.error = self._check_head() if in_head else None
            self.error = self.error or self._check_body()
        if self.error is not None:
            self.completed, self.expect_continue = True, False
            return len(data)
        return consumed

    def _check_head(self) -> Error | None:
        if len(self.first_line) > MAX_REQUEST_LINE:
            return AddressTooLong("")
        coded = "TRANSFER_ENCODING" in self.headers  # HTTP/1.0 does not have it
        if self.version not in ("1.0", "1.1") or coded:
            return BadRequest("")
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            return BadRequest("")  # two lengths: a proxy may use the other one
        if self.content_length > self.max_body:
            return RequestEntityTooLarge("")
        return None

    def _check_body(self) -> Error | None:
        if self.buffered_bytes > self.max_body:
            return RequestEntityTooLarge("")
        body = self.body_rcv
        if not isinstance(body, ChunkedReceiver):
            return None
        if self.buffered_bytes + body.chunk_remainder > self.max_body:
            return RequestEntityTooLarge("")
        if len(body.control_line) > _MAX_CHUNK_HEADER or len(body.trailer) > _MAX_TRAILER:
            return BadRequest("")
        return None


class Refusal(ErrorTask):  # type: ignore[misc]
    """Responds to a refused request with a problem document, like all other errors."""

    def execute(self) -> None:
        error, request_id = self.request.error, uuid.uuid4().hex
        set_request_id(request_id)
        log.warning("not readable as HTTP: %d %s", error.code, error.reason)
        self.channel.server.count_refusal(_code(error.code))
        headers, body = refusal(error.code, request_id, batch=self.request.path in _BATCH_PATHS)
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend(headers.items())
        self.set_close_on_finish()
        self.content_length = len(body)
        self.channel.refused = True
        self.write(body)


def refusal(
    status: int, request_id: str, *, batch: bool = False
) -> tuple[dict[str, str], bytes]:
    """The headers and the body of the response."""
    code = _code(status)
    text = problem("tickets.file_too_large") if batch and status == 413 else HTTP_TEXTS[status]
    content: dict[str, Any] = problem_content(status, code, text, request_id)
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/problem+json",
        "Cache-Control": "no-store",
        "X-Request-ID": request_id,
        **ALWAYS,
    }
    return headers, body


def timeout_response(count_refusal: Callable[[str], None]) -> bytes:
    """The complete response to a request that did not arrive in time; logs and counts it."""
    status = HTTPStatus.REQUEST_TIMEOUT
    request_id = uuid.uuid4().hex
    set_request_id(request_id)
    log.info("did not come in time: %d %s", status, status.phrase)
    set_request_id(None)
    count_refusal(_code(status))
    headers, body = refusal(status, request_id)
    headers |= {"Connection": "close", "Content-Length": str(len(body))}
    lines = [f"HTTP/1.1 {status} {status.phrase}", *map(": ".join, headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _code(status: int) -> str:
    return HTTP_CODES.get(status, DiagError.code)
