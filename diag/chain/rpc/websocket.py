"""A node over WebSocket: the waves of all threads share one connection per process.

The connection is opened by a thread of its own when the first wave needs it. Waves wait for it
within their deadline. Soon after several failures a wave fails at once, with the reason.
"""

from __future__ import annotations

import logging
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Lock

import requests
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.uri import parse_uri

from diag.chain.rpc.address import BAD_ADDRESS, WEBSOCKET, parse_address, tls_context
from diag.chain.rpc.call import CONNECTION_LOST, TOO_MANY_CALLS, Call, Deadline, Reply
from diag.chain.rpc.http import MIN_SECONDS
from diag.chain.rpc.tls_socket import SharedTlsSocket
from diag.chain.rpc.websocket_line import Connection, Line, Wave
from diag.errors import BadSetting, OutOfTime, Unreachable

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
"""Seconds between attempts to connect after the second failure in a row; doubled each time."""
MOST_QUEUED = 8
"""How many received frames may wait to be read before no more are received."""
QUIET = logging.getLogger(__name__)
QUIET.setLevel(logging.CRITICAL)
"""Keeps the library quiet: it would log headers, which may hold passwords, and every lost connection."""


class WebSocketNode:
    """A node that is called over one WebSocket connection per process.

    connect_timeout, read_timeout, close_timeout: seconds; a deadline may shorten the first two.
    heartbeat: seconds between pings. pong_timeout: seconds until a ping must be answered.
    max_body: the most bytes of one reply.
    most_owed: the most calls of a process that may be under way. A further wave waits, as long as
    for a connection, and then fails with TOO_MANY_CALLS.
    clock: measures how long a connection has been silent, and when to connect again.
    Raises BadSetting for an unusable URL.
    """

    in_order = True
    """bitshares-core executes the calls of a connection one after the other, in one thread,
    although it may send the replies in another order.
    """

    def __init__(
        self,
        url: str,
        *,
        connect_timeout: float = 2.0,
        read_timeout: float = 4.0,
        close_timeout: float = 1.0,
        heartbeat: float = 20.0,
        pong_timeout: float = 10.0,
        max_body: int = 16 * 1024 * 1024,
        most_owed: int = 1024,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = parse_address(url, WEBSOCKET)
        self.name = self._address.name
        try:
            self._uri = parse_uri(self._address.url)
        except (ValueError, WebSocketException):
            raise BadSetting(BAD_ADDRESS) from None
        self._timeouts = connect_timeout, read_timeout
        self._close_timeout = close_timeout
        self._heartbeat, self._pong_timeout = heartbeat, pong_timeout
        self._max_body = max_body
        self._most_owed = most_owed
        self._tls = tls
        self._clock = clock
        self._diallers: dict[int, Dialler] = {}

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """Answer one wave: all calls at once, one reply for each, in order.

        Calls lost with a broken connection are sent once more, on a new one.
        """
        replies = self._ask(calls, deadline)
        lost = [n for n, reply in enumerate(replies) if _is_lost(reply)]
        again = self._ask([calls[n] for n in lost], deadline)
        for n, reply in zip(lost, again, strict=True):
            replies[n] = reply
        return replies

    def close(self) -> None:
        """Close the connection of this process for good; calls under way fail."""
        self._dialler().close(self._close_timeout)

    def _ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        if not calls:
            return []
        wave = Wave(calls)
        connecting, reading = self._timeouts
        if (left := deadline.left()) < MIN_SECONDS:
            return wave.replies(OutOfTime())
        try:
            line = self._dialler().line()
            line.put(wave, min(connecting, left))
        except Unreachable as error:
            return wave.replies(error.with_traceback(None))
        wave.wait(min(deadline.left(), reading if line.open else connecting + reading))
        if deadline.left() < MIN_SECONDS:
            return wave.replies(OutOfTime())
        return wave.replies(
            Unreachable(f"{'reading' if line.open else 'connecting'} timed out")
        )

    def _dialler(self) -> Dialler:
        """Return the dialler of this process; after a fork the child opens a connection of its own."""
        known = self._diallers.get(os.getpid())
        return known or self._diallers.setdefault(
            os.getpid(), Dialler(self._line, self._timeouts, self._clock)
        )

    def _line(self) -> Line:
        return Line(self._dial, self.name, self._most_owed, self._clock)

    @contextmanager
    def _dial(self) -> Iterator[ClientConnection]:
        """Open a connection without a proxy, redirects, or compression (which allows huge replies)."""
        patience, _ = self._timeouts
        tls = None
        if self._uri.secure:
            tls = self._tls or tls_context(cafile=requests.adapters.DEFAULT_CA_BUNDLE_PATH)
            tls.sslsocket_class = SharedTlsSocket
        where = self._uri.host, self._uri.port
        with socket.create_connection(where, timeout=patience) as dialled:
            dialled.settimeout(None)
            with connect(
                self._address.url,
                sock=dialled,
                ssl=tls,
                proxy=None,
                compression=None,
                additional_headers=self._address.headers,
                user_agent_header="diag",
                open_timeout=patience,
                close_timeout=self._close_timeout,
                ping_interval=self._heartbeat,
                ping_timeout=self._pong_timeout,
                max_size=self._max_body,
                max_queue=MOST_QUEUED,
                logger=QUIET,
                create_connection=Connection,
            ) as connection:
                yield connection


class Dialler:
    """Keeps the connection of a process, and decides when a new one may be opened.

    A connection that has worked is replaced at once. After failures in a row the pause grows.
    """

    def __init__(
        self,
        start: Callable[[], Line],
        timeouts: tuple[float, float],
        clock: Callable[[], float],
    ) -> None:
        connecting, reading = timeouts
        self._start, self._clock = start, clock
        self._hopeless = partial(Line.stuck, dialling=2 * connecting, answering=reading)
        self._lock = Lock()
        self._line: Line | None = None
        self._failures = 0
        self._pause_ends = 0.0
        self._why: str | None = None
        self._closed = False

    def line(self) -> Line:
        """Return the open connection, or a new one; raises Unreachable during a pause or when stuck."""
        with self._lock:
            if self._line and (why := self._hopeless(self._line)):
                if not self._line.open:  # one attempt at a time
                    raise Unreachable(why)
                # calls that have not waited for long are sent once more
                self._line.end(CONNECTION_LOST)
            if self._line and self._line.why:
                self._note_end(self._line)
                self._line = None
            if self._closed:
                raise Unreachable("closed")
            if self._line is None:
                if self._clock() < self._pause_ends:
                    raise Unreachable(self._why or "no connection")
                self._line = self._begin()
            return self._line

    def close(self, seconds: float) -> None:
        with self._lock:
            self._closed = True
            line, self._line = self._line, None
        if line:
            line.close(seconds)

    def _begin(self) -> Line:
        try:
            return self._start()
        except RuntimeError:  # the system cannot start another thread
            raise Unreachable(TOO_MANY_CALLS) from None

    def _note_end(self, line: Line) -> None:
        self._failures = 0 if line.served else self._failures + 1
        pause = FIRST_PAUSE * 2 ** (self._failures - 2) if self._failures > 1 else 0.0
        self._pause_ends = line.ended_at + min(pause, LONGEST_PAUSE)
        self._why = line.why


def _is_lost(reply: Reply) -> bool:
    return isinstance(reply, Unreachable) and reply.reason == CONNECTION_LOST
