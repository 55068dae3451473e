"""A node over HTTP JSON-RPC: waves of parallel calls, bounded by a deadline."""

from __future__ import annotations

import itertools
import socket
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import closing, suppress
from copy import copy
from functools import partial
from http.client import HTTPConnection, HTTPSConnection, IncompleteRead
from typing import Any

import requests
import urllib3
from msgspec import UNSET
from urllib3.util import parse_url

from diag.chain.rpc import jsonrpc
from diag.chain.rpc.address import BAD_ADDRESS, HTTP, parse_address, tls_context
from diag.chain.rpc.call import TOO_MANY_CALLS, Call, Deadline, Reply
from diag.chain.rpc.errors import NETWORK_ERRORS, explain
from diag.chain.rpc.worker_pool import WorkerPool
from diag.errors import BadSetting, ChainError, OutOfTime, Unreachable
from diag.i18n import Text

MIN_SECONDS = 0.01  # seconds; with less than this left the deadline has passed


class Endpoint:
    """Where the calls to one node go: the URL is parsed and the TLS context is loaded once."""

    def __init__(self, request: requests.PreparedRequest, tls: ssl.SSLContext) -> None:
        where = parse_url(str(request.url))
        secure = where.scheme == "https"
        host, port = (where.host or "").strip("[]"), where.port or (443 if secure else 80)
        self.path = request.path_url
        """The path of every request."""
        self.connection: Callable[..., HTTPConnection] = (
            partial(HTTPSConnection, host, port, context=tls)
            if secure
            else partial(HTTPConnection, host, port)
        )
        """Makes a connection that is not open yet."""


class HttpCall(requests.adapters.HTTPAdapter):
    """One call on a connection of its own, which another thread can shut down.

    It is a transport adapter of requests without a session and without a connection pool. Its
    connections are those of the standard library, which take a third of the time of urllib3's.
    """

    endpoint: Endpoint
    """The endpoint that is called; set it before sending."""

    def __init__(self, number: int, call: Call, deadline: Deadline) -> None:
        super().__init__()
        self.number, self.call, self.deadline = number, call, deadline
        self.reply: Future[Reply] = Future()
        self._connection: Any = None

    def init_poolmanager(self, *_: Any, **__: Any) -> None:
        """Makes no pool: the node closes each connection after its reply."""

    def cert_verify(self, *_: Any) -> None:
        """Does nothing: the certificates are in the endpoint's TLS context, which is loaded once."""

    def request_url(self, *_: Any) -> str:
        """Return the endpoint's path, whatever the request says."""
        return self.endpoint.path

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> Any:
        """This adapter connects by itself, in `urlopen`."""
        return self

    def urlopen(
        self, method: str, url: str, body: bytes, headers: Any, timeout: Any, **_: Any
    ) -> Any:
        """Send the request and read the response headers, on a connection that `wait` can shut down."""
        self.close()  # a connection that failed before
        made = self._connection = self.endpoint.connection(timeout=timeout.connect_timeout)
        made.connect()
        made.sock.settimeout(timeout.read_timeout)
        try:
            # the node may already have replied
            with suppress(BrokenPipeError, ConnectionResetError):
                made.request(method, url, body, headers)
            return made.getresponse()
        except TimeoutError as error:
            raise requests.ReadTimeout from error

    def build_response(self, asked: requests.PreparedRequest, raw: Any) -> requests.Response:
        """Return a response with status, headers and body only."""
        response = requests.Response()
        response.status_code, response.headers, response.raw = raw.status, raw.headers, raw
        response.request = asked
        return response

    def read_body(self, response: requests.Response, max_body: int) -> bytes:
        """Return the body of a response; raises Unreachable above `max_body` bytes, and OutOfTime."""
        body = bytearray()
        try:
            while chunk := response.raw.read1(64 * 1024):
                body += chunk
                if len(body) > max_body:
                    raise Unreachable(f"answer over {max_body} bytes")
                if self.deadline.left() < MIN_SECONDS:
                    raise OutOfTime
        except TimeoutError as error:
            raise requests.ReadTimeout from error
        declared = response.headers.get("Content-Length", "")
        if declared.isdecimal() and len(body) < int(declared):
            raise IncompleteRead(bytes(body), int(declared) - len(body))
        return bytes(body)

    def close(self) -> None:
        """Close the connection."""
        if self._connection:
            self._connection.close()

    def wait(self) -> Reply:
        """Wait for the reply; at the deadline, shut the connection down and return OutOfTime."""
        with suppress(TimeoutError):
            return self.reply.result(timeout=self.deadline.left())
        with suppress(OSError, AttributeError, TypeError):  # not connected
            socket.socket.shutdown(self._connection.sock, socket.SHUT_RDWR)
        return OutOfTime()


class HttpNode:
    """A node that is called over HTTP; each call opens a connection of its own.

    Nodes close a connection after each reply, so connections cannot be kept.

    connect_timeout, read_timeout: seconds; the deadline of a wave may shorten them.
    max_body: the most bytes of one reply.
    workers: the most calls under way at once; further ones wait, then fail with TOO_MANY_CALLS.
    Raises BadSetting for an unusable URL.
    """

    remedy = BAD_ADDRESS

    def __init__(
        self,
        url: str,
        *,
        connect_timeout: float = 2.0,
        read_timeout: float = 4.0,
        max_body: int = 16 * 1024 * 1024,
        workers: int = 16,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.name, self._request = _address(url, self.remedy)
        self._headers = dict(self._request.headers)
        self._timeouts = connect_timeout, read_timeout
        self._max_body = max_body
        self._workers = WorkerPool(workers)
        tls = tls or tls_context(cafile=requests.adapters.DEFAULT_CA_BUNDLE_PATH)
        self._endpoint = Endpoint(self._request, tls)
        self._request_ids = itertools.count(1)

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """Answer one wave: all calls in parallel, one reply for each, in order."""
        http_calls = [HttpCall(next(self._request_ids), call, deadline) for call in calls]
        patience, _ = self._timeouts
        for http_call in http_calls:
            if not self._start(http_call, min(patience, deadline.left())):
                patience = 0.0
        # wait for all at once, so that this thread does not wake up for each reply
        wait([http_call.reply for http_call in http_calls], deadline.left())
        return [http_call.wait() for http_call in http_calls]

    def _start(self, http_call: HttpCall, patience: float) -> bool:
        """Run a call in a worker thread; False if none is free within so many seconds."""
        if self._workers.start(partial(self._run, http_call), patience):
            return True
        http_call.reply.set_result(Unreachable(TOO_MANY_CALLS))
        return False

    def _run(self, http_call: HttpCall) -> None:
        http_call.endpoint = self._endpoint
        try:
            with closing(http_call):
                http_call.reply.set_result(self._exchange(http_call, again=True))
        except ChainError as error:
            http_call.reply.set_result(error.with_traceback(None))
        except BaseException as error:
            http_call.reply.set_exception(error)

    def _exchange(self, http_call: HttpCall, again: bool) -> Reply:
        """Return the reply to a call; a lost connection is retried once if `again`. Raises
        ChainError.
        """
        try:
            status, body = self._post(http_call)
        except NETWORK_ERRORS as error:
            reason, retryable = explain(error)
            if http_call.deadline.left() < MIN_SECONDS:
                raise OutOfTime from error
            if not (again and retryable):
                raise Unreachable(reason) from error
        else:
            return self._decode(status, body, http_call)
        return self._exchange(http_call, again=False)

    def _post(self, http_call: HttpCall) -> tuple[int, bytes]:
        if (left := http_call.deadline.left()) < MIN_SECONDS:
            raise OutOfTime
        body = self._request_text(http_call).encode()
        request = copy(self._request)
        request.body = body
        length = {"Content-Length": str(len(body))}
        request.headers = self._headers | length  # type: ignore[assignment]  # only read
        connect, read = (min(limit, left) for limit in self._timeouts)
        with http_call.send(request, stream=True, timeout=(connect, read)) as response:
            if response.is_redirect:
                return response.status_code, b""
            return response.status_code, http_call.read_body(response, self._max_body)

    def _request_text(self, http_call: HttpCall) -> str:
        return jsonrpc.request(http_call.number, http_call.call)

    def _decode(self, status: int, body: bytes, http_call: HttpCall) -> Reply:
        response = jsonrpc.decode_response(body)
        if response is None or (status != 200 and response.id is UNSET):
            raise Unreachable(jsonrpc.NOT_AN_OBJECT if status == 200 else f"HTTP {status}")
        if response.number != http_call.number:
            raise Unreachable("answer to another question")
        return response.reply(http_call.call)


def _address(url: str, remedy: Text) -> tuple[str, requests.PreparedRequest]:
    """Return the name to display, and a request without a body; raises BadSetting for an
    unusable URL.
    """
    headers = {
        "Accept-Encoding": "identity",
        "Connection": "close",
        "Content-Type": "application/json",
        "User-Agent": "diag",
    }
    address = parse_address(url, HTTP, remedy)
    try:
        request = requests.Request("POST", address.url, headers=headers | address.headers)
        return address.name, request.prepare()
    except (ValueError, requests.RequestException, urllib3.exceptions.HTTPError):
        raise BadSetting(remedy) from None
