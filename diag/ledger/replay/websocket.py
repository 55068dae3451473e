"""One WebSocket conversation with a replayed node: calls come in while answers go out.

The framing is that of the websockets library, used without its sockets, so that HTTP and
WebSocket can share a port as they do on a node.
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

from diag.ledger.replay.faults import FILLING, FaultInjector, reset
from diag.ledger.replay.jsonrpc import Response, Session

LARGEST_MESSAGE = 32_000_000
_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


class Conversation:
    """Reads calls in one thread; answers them in another, in order and when they are due."""

    def __init__(self, stage: FaultInjector, connection: socket.socket) -> None:
        self._stage = stage
        self._connection = connection
        self._protocol = ServerProtocol(max_size=LARGEST_MESSAGE)
        self._session = Session(stage.ledger)
        self._lock = threading.Lock()
        self._message = b""
        self._due: queue.SimpleQueue[tuple[float, Response] | None] = queue.SimpleQueue()

    def run(self, received: bytes) -> None:
        """Converse until either side ends it; `received` is what was read of it already."""
        writer = threading.Thread(target=self._write, daemon=True)
        writer.start()
        try:
            while received:
                self._take(received)
                received = self._connection.recv(65_536)
        finally:
            self._due.put(None)
            writer.join()

    def _take(self, received: bytes) -> None:
        with self._lock:
            self._protocol.receive_data(received)
            events = self._protocol.events_received()
            for event in events:
                if isinstance(event, Request):
                    self._protocol.send_response(self._protocol.accept(event))
            self._flush()
        for event in events:
            if isinstance(event, Frame) and event.opcode in _DATA:
                self._collect(event)

    def _collect(self, frame: Frame) -> None:
        self._message += frame.data
        if not frame.fin:
            return
        message, self._message = self._message, b""
        due = time.monotonic() + self._stage.faults.latency
        self._due.put((due, self._stage.answer(self._session, message)))

    def _write(self) -> None:
        with contextlib.suppress(OSError, WebSocketException):  # the client went away
            while (item := self._due.get()) is not None:
                due, answered = item
                self._stage.stopped.wait(max(0.0, due - time.monotonic()))
                if not self._send(answered):
                    break
            else:
                return
            # Wakes the reader, which then ends the conversation.
            self._connection.shutdown(socket.SHUT_RDWR)

    def _send(self, answered: Response) -> bool:
        stage = self._stage
        if stage.faults.hang or answered.document is None:
            return True
        if stage.unlucky():
            reset(self._connection)
            return False
        if stage.faults.oversize:
            return self._send_without_end()
        body = stage.body(answered)
        with self._lock:
            self._protocol.send_text(body)
            data = b"".join(self._protocol.data_to_send())
            return stage.send(self._connection, data, len(body))

    def _send_without_end(self) -> bool:
        with self._lock:
            self._protocol.send_text(FILLING, fin=False)
            self._flush()
        while not self._stage.stopped.is_set():
            with self._lock:
                self._protocol.send_continuation(FILLING, fin=False)
                self._flush()
        return False

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._connection.sendall(data)
            else:
                self._connection.shutdown(socket.SHUT_WR)
