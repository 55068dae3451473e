"""One WebSocket connection to a node: requests out, responses in, matched by their ids.

Two threads serve it: one connects and then sends, the other one receives. Callers do not touch the
socket; they wait for their wave, no longer than they want to.
"""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from queue import SimpleQueue
from threading import Condition, Event, Thread
from typing import Any

from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidStatus,
)
from websockets.frames import CloseCode
from websockets.sync.client import ClientConnection

from diag.chain.rpc import jsonrpc
from diag.chain.rpc.call import CONNECTION_LOST, TOO_MANY_CALLS, Call, Reply
from diag.chain.rpc.errors import causes, explain
from diag.errors import ChainError, Unreachable

CALLS = itertools.count(1)
STRIDE, NUMBERS = 0x9E3779B1, 2**31
"""The nth request of the process has the id n * STRIDE % NUMBERS. Ids stay below 2³¹, because nodes
write larger ones as text; no id repeats soon; a corrupted id matches no request under way."""
CLOSED_BY_US: dict[int, str] = {
    CloseCode.PROTOCOL_ERROR: "not a WebSocket",
    CloseCode.INVALID_DATA: jsonrpc.NOT_AN_OBJECT,
    CloseCode.MESSAGE_TOO_BIG: "answer too large",
}
REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (ConnectionClosed, CONNECTION_LOST),
    (EOFError, CONNECTION_LOST),
    (InvalidMessage, "not HTTP"),
    (InvalidHandshake, "not a WebSocket"),
)


class Connection(ClientConnection):
    """The library's connection; closing also wakes threads that read or send, which TLS may block."""

    def close_socket(self) -> None:
        cut(self)
        super().close_socket()


def cut(connection: ClientConnection) -> None:
    """Shut down both directions, so that the threads serving the connection notice its end."""
    with suppress(OSError):  # not connected any more
        socket.socket.shutdown(connection.socket, socket.SHUT_RDWR)


class Wave:
    """Requests sent together, and their replies as they arrive."""

    def __init__(self, calls: Sequence[Call]) -> None:
        numbers = [next(CALLS) * STRIDE % NUMBERS for _ in calls]
        self.questions = dict(zip(numbers, calls, strict=True))
        """The call of each request, by its id."""
        self.texts = [jsonrpc.request(*question) for question in self.questions.items()]
        self.sent = self.given_up = False
        self._replies: dict[int, Reply] = {}
        self._complete = Event()

    def take(self, number: int, reply: Reply) -> None:
        self._replies[number] = reply
        if len(self._replies) == len(self.questions):
            self._complete.set()

    def wait(self, seconds: float) -> bool:
        """Wait up to so many seconds; True if all replies have arrived."""
        return self._complete.wait(seconds)

    def replies(self, missing: ChainError) -> list[Reply]:
        """Return the replies in the order of the calls; later ones are discarded from now on."""
        self.given_up = True
        return [self._replies.get(number, missing) for number in self.questions]


class Line:
    """A connection, open or being opened; waves wait until it is open."""

    def __init__(
        self,
        dial: Callable[[], AbstractContextManager[ClientConnection]],
        name: str,
        most_owed: int,
        clock: Callable[[], float],
    ) -> None:
        self._dial = dial
        self._clock = clock
        self._name = f"websocket {name}"
        self._most_owed = most_owed
        self._changed = Condition()
        self._owed: dict[int, Wave] = {}
        self._outbox: SimpleQueue[Wave | None] = SimpleQueue()
        self._connection: ClientConnection | None = None
        self._alive_at = self.ended_at = self._clock()
        self.why: str | None = None  # why the connection has ended
        self.served = False  # True once a call was answered
        self._sender = self._start(self._live)

    @property
    def open(self) -> bool:
        """True once the connection is open."""
        return self._connection is not None

    def stuck(self, dialling: float, answering: float) -> str | None:
        """Return why the connection is given up if nothing has happened for so many seconds;
        None if not.
        """
        with self._changed:
            silent = self._clock() - self._alive_at
            if not self.open:
                return "connecting timed out" if silent > dialling else None
            return "reading timed out" if self._owed and silent > answering else None

    def put(self, wave: Wave, seconds: float) -> None:
        """Send a wave; raises Unreachable if the connection has ended or too many calls are under way."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.why or self._has_room(wave), seconds):
                raise Unreachable(TOO_MANY_CALLS)
            if self.why:
                raise Unreachable(self.why)
            if self.open and not self._owed:
                self._alive_at = self._clock()
            self._owed.update(dict.fromkeys(wave.questions, wave))
        self._outbox.put(wave)

    def end(self, why: str, politely: bool = False) -> None:
        """End the connection; calls under way fail with the reason. The first reason is kept."""
        with self._changed:
            if self.why is None:
                self.why, self.ended_at = why, self._clock()
            owed, self._owed = self._owed, {}
            self._changed.notify_all()
        for number, wave in owed.items():
            wave.take(number, Unreachable(self.why))
        self._outbox.put(None)
        if self._connection and not politely:
            cut(self._connection)

    def close(self, seconds: float) -> None:
        """End the connection with a closing handshake of at most so many seconds."""
        self.end("closed", politely=True)
        self._sender.join(seconds if self.open else 0)
        self.end("closed")

    def _has_room(self, wave: Wave) -> bool:
        if len(self._owed) + len(wave.questions) > self._most_owed:
            self._owed = {  # drops calls that nobody waits for
                n: owed for n, owed in self._owed.items() if not (owed.sent and owed.given_up)
            }
        return not self._owed or len(self._owed) + len(wave.questions) <= self._most_owed

    def _start(self, work: Callable[[], None]) -> Thread:
        thread = Thread(target=work, name=self._name, daemon=True)
        thread.start()
        return thread

    def _live(self) -> None:
        with self._ending(), self._dial() as connection:
            if self._opened(connection):
                self._start(partial(self._read, connection))
                self._send(connection)

    @contextmanager
    def _ending(self) -> Iterator[None]:
        """Context manager: an error in a serving thread ends the connection."""
        try:
            yield
        except Exception as error:
            why = CONNECTION_LOST
            try:
                why = _explain(error)
            finally:
                self.end(why)

    def _opened(self, connection: ClientConnection) -> bool:
        with self._changed:
            self._connection, self._alive_at = connection, self._clock()
            return self.why is None

    def _send(self, connection: ClientConnection) -> None:
        with suppress(ConnectionClosed):  # the reader tells why
            while (wave := self._outbox.get()) is not None:
                for number, text in zip(wave.questions, wave.texts, strict=True):
                    if wave.given_up:
                        self._settle(number)
                    else:
                        connection.send(text)
                wave.sent = True

    def _read(self, connection: ClientConnection) -> None:
        with self._ending():
            while True:
                self._hear(connection.recv())

    def _hear(self, message: str | bytes) -> None:
        """Pass a response to its wave; notices and responses that nobody waits for are ignored."""
        text = message.encode() if isinstance(message, str) else b""
        response = jsonrpc.decode_response(text)
        if response is None:
            raise Unreachable(jsonrpc.NOT_AN_OBJECT)
        number = response.number
        if response.method is not None or number is None or not (wave := self._settle(number)):
            return
        self.served, self._alive_at = True, self._clock()
        wave.take(number, response.reply(wave.questions[number]))

    def _settle(self, number: int) -> Wave | None:
        with self._changed:
            self._changed.notify_all()
            return self._owed.pop(number, None)


def _explain(error: Exception) -> str:
    if isinstance(error, Unreachable):
        return error.reason
    if isinstance(error, ConnectionClosed) and error.sent and not error.rcvd_then_sent:
        return CLOSED_BY_US.get(error.sent.code, CONNECTION_LOST)
    found: list[Any] = causes(error)
    for cause in found:
        if isinstance(cause, InvalidStatus):
            return f"HTTP {cause.response.status_code}"
    reasons = (why for kind, why in REASONS if any(isinstance(e, kind) for e in found))
    return next(reasons, explain(error)[0])
