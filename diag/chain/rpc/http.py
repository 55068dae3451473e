"""One node over HTTP JSON-RPC: waves of parallel calls that end when their deadline ends."""

from __future__ import annotations

import itertools
import socket
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import closing, suppress
from copy import copy
from functools import cached_property, partial
from typing import Any

import requests
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import parse_url

from diag.chain.rpc import jsonrpc
from diag.chain.rpc.address import BAD_ADDRESS, HTTP, parse_address, trusting
from diag.chain.rpc.call import CROWDED, Call, Deadline, Reply
from diag.chain.rpc.crew import Crew
from diag.chain.rpc.echoes import Echoes
from diag.chain.rpc.errors import FOREIGN, explain
from diag.errors import BadSetting, ChainError, OutOfTime, Unreachable
from diag.i18n import Text

MOMENT = 0.01  # seconds; with less than this left the deadline has passed


class Wire:
    """The way to one address, found once for all that is sent there."""

    def __init__(self, request: requests.PreparedRequest, tls: ssl.SSLContext) -> None:
        where = parse_url(str(request.url))
        secure = where.scheme == "https"
        host, port = (where.host or "").strip("[]"), where.port or (443 if secure else 80)
        self.path = request.path_url
        """What is asked for at the address: always the same."""
        self.dial: Callable[..., HTTPConnection] = (
            partial(HTTPSConnection, host, port, ssl_context=tls)
            if secure
            else partial(HTTPConnection, host, port)
        )


class Flight(requests.adapters.HTTPAdapter):
    """One call under way, on a connection of its own that another thread can cut.

    wire is the way to its address; set before the call is sent.
    """

    wire: Wire

    def __init__(self, number: int, call: Call, until: Deadline) -> None:
        super().__init__()
        self.number, self.call, self.until = number, call, until
        self.reply: Future[Reply] = Future()
        self._connection: Any = None

    @cached_property
    def params(self) -> str:
        """What a node is sent of the call, and its answer is known by."""
        return jsonrpc.params(self.call)

    def init_poolmanager(self, *_: Any, **__: Any) -> None:
        """There is no pool: no node keeps a connection after its answer."""

    def cert_verify(self, *_: Any) -> None:
        """The wire's context holds the certificates: reading them costs more than a call."""

    def request_url(self, *_: Any) -> str:
        """The wire knows it."""
        return self.wire.path

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> Any:
        """It dials by itself, in `urlopen`."""
        return self

    def urlopen(
        self, method: str, url: str, body: bytes, headers: Any, timeout: Any, **_: Any
    ) -> Any:
        """The answer, as far as its headers; on a connection of which `land` knows."""
        self.close()  # what broke off before
        made = self._connection = self.wire.dial(timeout=timeout.connect_timeout)
        made.connect()
        made.timeout = timeout.read_timeout
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # it may have answered before
                made.request(method, url, body, headers, preload_content=False)
            return made.getresponse()
        except TimeoutError as error:
            raise requests.ReadTimeout from error

    def build_response(self, asked: requests.PreparedRequest, raw: Any) -> requests.Response:
        """Status, headers and body; nobody asks for more."""
        response = requests.Response()
        response.status_code, response.headers, response.raw = raw.status, raw.headers, raw
        response.request = asked
        return response

    def close(self) -> None:
        """Close the connection."""
        if self._connection:
            self._connection.close()

    def land(self) -> Reply:
        """The reply; at the deadline wake the worker, for which nobody waits any more."""
        with suppress(TimeoutError):
            return self.reply.result(timeout=self.until.left())
        with suppress(OSError, AttributeError, TypeError):  # not connected, or not any more
            socket.socket.shutdown(self._connection.sock, socket.SHUT_RDWR)
        return OutOfTime()


class HttpNode:
    """A node that closes each connection after its answer: every call dials its own."""

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
        self._timeouts = connect_timeout, read_timeout
        self._max_body = max_body
        self._crew = Crew(workers)
        tls = tls or trusting(cafile=requests.adapters.DEFAULT_CA_BUNDLE_PATH)
        self._wire = Wire(self._request, tls)
        self._numbers = itertools.count(1)
        self._echoes = Echoes()

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """One wave: all calls at once, a reply for each, in order."""
        flights = [Flight(next(self._numbers), call, deadline) for call in calls]
        patience, _ = self._timeouts
        for flight in flights:
            if not self._launch(flight, min(patience, deadline.left())):
                patience = 0.0
        wait([flight.reply for flight in flights], deadline.left())  # woken once, not for each
        return [flight.land() for flight in flights]

    def _launch(self, flight: Flight, patience: float) -> bool:
        if self._crew.begin(partial(self._fly, flight), patience):
            return True
        flight.reply.set_result(Unreachable(CROWDED))
        return False

    def _fly(self, flight: Flight) -> None:
        flight.wire = self._wire
        try:
            with closing(flight):
                flight.reply.set_result(self._exchange(flight, again=True))
        except ChainError as error:
            flight.reply.set_result(error.with_traceback(None))
        except BaseException as error:
            flight.reply.set_exception(error)

    def _exchange(self, flight: Flight, again: bool) -> Any:
        try:
            status, body = self._post(flight)
        except FOREIGN as error:
            reason, worthwhile = explain(error)
            if flight.until.left() < MOMENT:
                raise OutOfTime from error
            if not (again and worthwhile):
                raise Unreachable(reason) from error
        else:
            return self._answer(status, body, flight)
        return self._exchange(flight, again=False)

    def _post(self, flight: Flight) -> tuple[int, bytes]:
        if (left := flight.until.left()) < MOMENT:
            raise OutOfTime
        request = copy(self._request)
        request.body = self._question(flight).encode()
        request.headers = self._request.headers.copy()
        request.headers["Content-Length"] = str(len(request.body))
        connect, read = (min(limit, left) for limit in self._timeouts)
        with flight.send(request, stream=True, timeout=(connect, read)) as response:
            body = b"" if response.is_redirect else self._read(response, flight.until)
            return response.status_code, body

    def _question(self, flight: Flight) -> str:
        return jsonrpc.question(flight.number, flight.params)

    def _answer(self, status: int, body: bytes, flight: Flight) -> Any:
        answer = self._echoes.document(flight.params, body)
        if answer is None or (status != 200 and "id" not in answer):
            raise Unreachable(jsonrpc.NO_DOCUMENT if status == 200 else f"HTTP {status}")
        if jsonrpc.number_of(answer) != flight.number:
            raise Unreachable("answer to another question")
        return self._echoes.told(flight.params, jsonrpc.result(answer))

    def _read(self, response: requests.Response, deadline: Deadline) -> bytes:
        body = bytearray()
        while chunk := response.raw.read1(64 * 1024, decode_content=False):
            body += chunk
            if len(body) > self._max_body:
                raise Unreachable(f"answer over {self._max_body} bytes")
            if deadline.left() < MOMENT:
                raise OutOfTime
        return bytes(body)


def _address(url: str, remedy: Text) -> tuple[str, requests.PreparedRequest]:
    """The name that may be shown, and a request that still lacks its body; else BadSetting."""
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
