"""A WebSocket connection to a replayed node: calls come in while replies go out.

The websockets library does the framing, without its sockets, so that HTTP and WebSocket can share a
port as they do on a node.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time

from websockets.exceptions import WebSocketException
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from diag.ledger.replay.faults import FILLER, FaultInjector, reset
from diag.ledger.replay.jsonrpc import ApiSession, Response

MAX_MESSAGE = 32_000_000
_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


class WebSocketConnection:
    """Reads calls in one thread; sends the replies in another one, in order and after the latency."""

    def __init__(self, injector: FaultInjector, connection: socket.socket) -> None:
        self._injector = injector
        self._connection = connection
        self._protocol = ServerProtocol(max_size=MAX_MESSAGE)
        self._session = ApiSession(injector.ledger)
        self._lock = threading.Lock()
        self._message = b""
        self._outbox: queue.SimpleQueue[tuple[float, Response] | None] = queue.SimpleQueue()

    def run(self, received: bytes) -> None:
        """Serve until either side closes; `received` is what was already read from the socket."""
        writer = threading.Thread(target=self._write, daemon=True)
        writer.start()
        try:
            while received:
                self._receive(received)
                received = self._connection.recv(65_536)
        finally:
            self._outbox.put(None)
            writer.join()

    def _receive(self, received: bytes) -> None:
        with self._lock:
            self._protocol.receive_data(received)
            events = self._protocol.events_received()
            for event in events:
                if isinstance(event, Request):
                    self._protocol.send_response(self._protocol.accept(event))
            self._flush()
        for event in events:
            if isinstance(event, Frame) and event.opcode in _DATA:
                self._add_frame(event)

    def _add_frame(self, frame: Frame) -> None:
        self._message += frame.data
        if not frame.fin:
            return
        message, self._message = self._message, b""
        due = time.monotonic() + self._injector.faults.latency
        self._outbox.put((due, self._injector.handle(self._session, message)))

    def _write(self) -> None:
        with contextlib.suppress(OSError, WebSocketException):  # the client disconnected
            while (item := self._outbox.get()) is not None:
                due, answered = item
                self._injector.stopped.wait(max(0.0, due - time.monotonic()))
                if not self._send(answered):
                    break
            else:
                return
            # wakes the reader, which then ends the connection
            self._connection.shutdown(socket.SHUT_RDWR)

    def _send(self, answered: Response) -> bool:
        injector = self._injector
        if injector.faults.hang or answered.document is None:
            return True
        if injector.should_drop():
            reset(self._connection)
            return False
        if injector.faults.oversize:
            return self._send_endless()
        body = injector.body(answered)
        with self._lock:
            self._protocol.send_text(body)
            data = b"".join(self._protocol.data_to_send())
            return injector.send(self._connection, data, len(body))

    def _send_endless(self) -> bool:
        with self._lock:
            self._protocol.send_text(FILLER, fin=False)
            self._flush()
        while not self._injector.stopped.is_set():
            with self._lock:
                self._protocol.send_continuation(FILLER, fin=False)
                self._flush()
        return False

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._connection.sendall(data)
            else:
                self._connection.shutdown(socket.SHUT_WR)
