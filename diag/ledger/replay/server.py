"""Serves a recorded chain as a node on real sockets, with faults on request.

As on a node, HTTP and WebSocket share one port; each HTTP connection is closed after one reply,
although the reply does not announce it; and a WebSocket accepts calls while others are under way. It
serves to test everything that talks to nodes.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections import deque
from types import TracebackType

from diag.ledger.node import Ledger
from diag.ledger.replay.faults import FILLER, FaultInjector, Faults, reset
from diag.ledger.replay.jsonrpc import ApiSession
from diag.ledger.replay.websocket import WebSocketConnection

__all__ = ["Faults", "Replay", "serve_forever"]

REQUEST_TIMEOUT = 5.0  # seconds in which a request must arrive
MAX_BODY = 32_000_000
MAX_HEAD = 65_536
REASONS = {
    200: "OK",
    204: "No Content",
    400: "Bad Request",
    413: "Request Entity Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
ERROR_PAGE = b"<html><head><title>503</title></head><body>Service Unavailable</body></html>"


class Replay:
    """A server for a ledger; use it as a context manager, or call `start` and `stop`."""

    def __init__(
        self,
        ledger: Ledger,
        faults: Faults | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._injector = FaultInjector(ledger, faults or Faults())
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._listener = socket.create_server((host, port), backlog=256)
        bound = self._listener.getsockname()
        self.address = f"{bound[0]}:{bound[1]}"
        self._thread = threading.Thread(target=self._accept, name="replay", daemon=True)

    @property
    def name(self) -> str:
        """The name of the ledger."""
        return self._injector.ledger.name

    @property
    def faults(self) -> Faults:
        """The current faults; they may be replaced while the server runs."""
        return self._injector.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._injector.set_faults(faults)

    @property
    def ledger(self) -> Ledger:
        """The ledger; it may be replaced while the server runs, for example by one with a later head."""
        return self._injector.ledger

    @ledger.setter
    def ledger(self, ledger: Ledger) -> None:
        self._injector.ledger = ledger

    @property
    def calls(self) -> deque[tuple[float, str]]:
        """The calls so far, as (monotonic time, method), oldest first."""
        return self._injector.calls

    @property
    def url(self) -> str:
        """The URL for HTTP."""
        return f"http://{self.address}"

    @property
    def ws_url(self) -> str:
        """The URL for WebSocket, on the same port."""
        return f"ws://{self.address}"

    def start(self) -> Replay:
        """Start serving in a background thread."""
        self._thread.start()
        return self

    def wait(self) -> None:
        """Wait until the server is stopped."""
        self._injector.stopped.wait()

    def stop(self) -> None:
        """Stop serving and close all connections."""
        self._injector.stopped.set()
        _shutdown(self._listener)
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            _shutdown(connection)
        if self._thread.is_alive():
            self._thread.join()
        self._listener.close()

    def __enter__(self) -> Replay:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _accept(self) -> None:
        while not self._injector.stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # an OSError means that the client disconnected, or `stop` was called
        with contextlib.suppress(OSError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self._handle(connection)
            finally:
                with self._lock:
                    self._connections.discard(connection)

    def _handle(self, connection: socket.socket) -> None:
        connection.settimeout(REQUEST_TIMEOUT)
        head, rest = _read_head(connection)
        if not head:
            return
        headers = _headers(head)
        if (
            headers.get("upgrade", "").lower() == "websocket"
            and not self._injector.faults.html_error
        ):
            connection.settimeout(None)
            WebSocketConnection(self._injector, connection).run(head + rest)
            return
        length = headers.get("content-length", "0")
        if not length.isdecimal():
            _reply(connection, 400, b"")
            return
        if int(length) > MAX_BODY:
            _reply(connection, 413, b"")
            return
        body = _read_exactly(connection, rest, int(length))
        if body is not None:
            connection.settimeout(None)
            self._handle_http(connection, body)

    def _handle_http(self, connection: socket.socket, message: bytes) -> None:
        injector, faults = self._injector, self._injector.faults
        answer = injector.handle(ApiSession(injector.ledger), message)
        if faults.hang:
            injector.stopped.wait()
            return
        injector.stopped.wait(faults.latency)
        if injector.should_drop():
            reset(connection)
            return
        if faults.html_error:
            _reply(connection, 503, ERROR_PAGE, "Content-Type: text/html\r\n")
            return
        if faults.oversize:
            connection.sendall(_head(200, 10**12))
            while not injector.stopped.is_set():
                connection.sendall(FILLER)
            return
        body = injector.body(answer)
        injector.send(connection, _head(answer.status, len(body)) + body, len(body))


def _shutdown(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # not connected
        connection.shutdown(socket.SHUT_RDWR)


def _read_head(connection: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65_536)
        if not piece or len(data) > MAX_HEAD:
            return b"", b""
        data += piece
    end = data.index(b"\r\n\r\n") + 4
    return data[:end], data[end:]


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _read_exactly(connection: socket.socket, data: bytes, length: int) -> bytes | None:
    pieces, held = [data], len(data)
    while held < length:
        piece = connection.recv(65_536)
        if not piece:
            return None
        pieces.append(piece)
        held += len(piece)
    return b"".join(pieces)[:length]


def _head(status: int, length: int, more: str = "") -> bytes:
    lines = f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Length: {length}\r\n{more}"
    return f"{lines}Server: WebSocket++/0.7.0\r\n\r\n".encode("ascii")


def _reply(connection: socket.socket, status: int, body: bytes, more: str = "") -> None:
    connection.sendall(_head(status, len(body), more) + body)


# --- the command ----------------------------------------------------------------------------


def serve_forever(replay: Replay) -> None:
    """Serve until the server is stopped or the process is interrupted."""
    with replay:
        now = f"{replay.ledger.clock:%Y-%m-%dT%H:%M:%SZ}"
        sys.stdout.write(f"{replay.name} is served at {replay.url} and {replay.ws_url}\n")
        sys.stdout.write(f"Its time stands still: ask it with DIAG_CLOCK={now}\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            replay.wait()
