"""The server in a thread of the test, and clients that speak to it byte by byte."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from waiting import PATIENCE

from diag.cli.serve import Server
from diag.config.settings import Settings

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came until the server closed the connection; the first answer of it taken apart."""

    raw: bytes

    @property
    def status(self) -> int:
        return int(self.raw.split(b" ", 2)[1]) if self.raw else 0

    @property
    def headers(self) -> dict[str, str]:
        lines = self.raw.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")[1:]
        return {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Wire:
    """A server that answers on this port."""

    port: int

    def connect(self, sent: bytes = b"", *, window: int = 0) -> socket.socket:
        """A connection on which this has been sent; a small window takes little unread."""
        client = socket.socket()
        client.settimeout(PATIENCE)
        if window:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        client.connect(("127.0.0.1", self.port))
        client.sendall(sent)
        return client

    def ask(self, sent: bytes, *, end: bool = False) -> Answer:
        """All that is answered; with an end, nothing more is sent as the server can see."""
        with self.connect(sent) as client:
            if end:
                client.shutdown(socket.SHUT_WR)
            return Answer(rest(client))

    def healthy(self) -> bool:
        try:
            return self.ask(HEALTH).status == 200
        except ConnectionError:
            return False


def rest(client: socket.socket) -> bytes:
    """All that comes until the server closes."""
    found = b""
    while part := client.recv(65_536):
        found += part
    return found


def closed(client: socket.socket) -> bool:
    """Whether the server ends the connection without an answer."""
    try:
        return rest(client) == b""
    except ConnectionError:
        return True


@contextmanager
def running(app: Callable[..., Any], **settings: Any) -> Iterator[Wire]:
    """The server around an application, until the block ends."""
    counter = getattr(app, "extensions", {}).get("diag_metrics")
    server = Server(
        app,
        threading.Event(),
        Settings(**settings),
        "127.0.0.1",
        0,
        count_refusal=lambda code: counter and counter.refused.labels(code).inc(),
    )
    thread = threading.Thread(target=server.run)
    port = int(server.effective_port)
    thread.start()
    try:
        yield Wire(port)
    finally:
        end = time.monotonic() + PATIENCE
        while thread.is_alive() and time.monotonic() < end:
            server.stop()
            thread.join(0.1)
        assert not thread.is_alive()
