"""One node over WebSocket: the waves of all threads share one connection per process.

A thread of its own dials when the first wave wants the connection. Who asks meanwhile waits,
inside the deadline; who asks soon after failures is told at once why the node is not reached.
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

from diag.chain.rpc import address
from diag.chain.rpc.address import trusting
from diag.chain.rpc.call import BROKEN_OFF, CROWDED, Call, Deadline, Reply
from diag.chain.rpc.echoes import Echoes
from diag.chain.rpc.http import MOMENT
from diag.chain.rpc.tls_socket import SharedTlsSocket
from diag.chain.rpc.websocket_line import Connection, Line, Wave
from diag.errors import BadSetting, OutOfTime, Unreachable

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
"""Seconds without dialling after the second failure in a row, doubled with each that follows."""
MOST_QUEUED = 8
"""Frames that may have come and not been read, before no more are received."""
QUIET = logging.getLogger(__name__)
QUIET.setLevel(logging.CRITICAL)
"""The library's: it would write down headers, so passwords, and each way in which a line ends."""


class WebSocketNode:
    """A node that is asked on one connection and answers in whatever order.

    At most `most_owed` calls of a process wait for the node; beyond that a wave waits for room
    as long as for a connection, and is then refused. `heartbeat` is the seconds between pings,
    `pong_timeout` those until a ping must be answered. `clock` tells how long a connection has been
    silent and when the node may be dialled again.
    """

    in_order = True
    """A node works off what comes on a connection one after the other (bitshares-core has one thread
    for it), whatever the order in which it then sends the answers."""

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
        self._address = address.read(url, address.WEBSOCKET)
        self.name = self._address.name
        try:
            self._uri = parse_uri(self._address.url)
        except (ValueError, WebSocketException):
            raise BadSetting(address.BAD_ADDRESS) from None
        self._timeouts = connect_timeout, read_timeout
        self._close_timeout = close_timeout
        self._heartbeat, self._pong_timeout = heartbeat, pong_timeout
        self._max_body = max_body
        self._most_owed = most_owed
        self._tls = tls
        self._clock = clock
        self._echoes = Echoes()
        self._diallers: dict[int, Dialler] = {}

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """One wave: all calls at once, a reply for each, in order.

        What a broken connection took with it is asked once more, on a new one.
        """
        replies = self._ask(calls, deadline)
        lost = [place for place, reply in enumerate(replies) if _is_lost(reply)]
        again = self._ask([calls[place] for place in lost], deadline)
        for place, reply in zip(lost, again, strict=True):
            replies[place] = reply
        return replies

    def close(self) -> None:
        """Close the connection of this process, for good; whoever waits for an answer is told."""
        self._dialler().close(self._close_timeout)

    def _ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        if not calls:
            return []
        wave = Wave(calls)
        connecting, reading = self._timeouts
        if (left := deadline.left()) < MOMENT:
            return wave.replies(OutOfTime())
        try:
            line = self._dialler().line()
            line.put(wave, min(connecting, left))
        except Unreachable as error:
            return wave.replies(error.with_traceback(None))
        wave.wait(min(deadline.left(), reading if line.open else connecting + reading))
        if deadline.left() < MOMENT:
            return wave.replies(OutOfTime())
        return wave.replies(
            Unreachable(f"{'reading' if line.open else 'connecting'} timed out")
        )

    def _dialler(self) -> Dialler:
        """That of this process: after a fork the connection remains the parent's alone."""
        known = self._diallers.get(os.getpid())
        return known or self._diallers.setdefault(
            os.getpid(), Dialler(self._line, self._timeouts, self._clock)
        )

    def _line(self) -> Line:
        return Line(self._dial, self.name, self._most_owed, self._echoes, self._clock)

    @contextmanager
    def _dial(self) -> Iterator[ClientConnection]:
        """No proxy, no redirect (the socket is ours), no compression that could burst."""
        patience, _ = self._timeouts
        tls = None
        if self._uri.secure:
            tls = self._tls or trusting(cafile=requests.adapters.DEFAULT_CA_BUNDLE_PATH)
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
    """Keeps the one line of a process, and decides when a new one may be tried.

    A line that has served is replaced at once; failures in a row take longer and longer pauses.
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
        """The present line, or a new one; raises Unreachable where neither is to be had now."""
        with self._lock:
            if self._line and (why := self._hopeless(self._line)):
                if not self._line.open:  # one attempt at a time
                    raise Unreachable(why)
                self._line.end(BROKEN_OFF)  # who has not waited for long asks once more
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
        except RuntimeError:  # the system has no thread to give
            raise Unreachable(CROWDED) from None

    def _note_end(self, line: Line) -> None:
        self._failures = 0 if line.served else self._failures + 1
        pause = FIRST_PAUSE * 2 ** (self._failures - 2) if self._failures > 1 else 0.0
        self._pause_ends = line.ended_at + min(pause, LONGEST_PAUSE)
        self._why = line.why


def _is_lost(reply: Reply) -> bool:
    return isinstance(reply, Unreachable) and reply.reason == BROKEN_OFF
