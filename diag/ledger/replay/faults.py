"""The faults of a replayed node, and the state that its connections share."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass

from diag.ledger.node import Ledger
from diag.ledger.replay.jsonrpc import ApiSession, Response, handle_message

FILLER = b" " * 65_536
GARBAGE = b"<<this is no JSON"


@dataclass(frozen=True)
class Faults:
    """The faults to inject; none by default.

    latency: seconds between a call and its reply; calls sent together wait together.
    drop: share of calls (0 to 1) whose connection is reset instead of a reply.
    die_mid_answer: send half of the reply, then close the connection.
    garbage: reply with bytes that are not JSON.
    hang: never reply.
    drip: seconds between two bytes of a reply.
    wrong_id: reply with the id of another call.
    oversize: send an endless reply.
    html_error: reply with the error page of a proxy in front of the node.
    seed: seed of the random choice of `drop`.
    after: number of calls without faults before the first one with faults.
    """

    latency: float = 0.0
    drop: float = 0.0
    die_mid_answer: bool = False
    garbage: bool = False
    hang: bool = False
    drip: float = 0.0
    wrong_id: bool = False
    oversize: bool = False
    html_error: bool = False
    seed: int = 0
    after: int = 0


NO_FAULTS = Faults()


class FaultInjector:
    """Answers the calls of all connections of a replayed node, with faults; thread-safe."""

    def __init__(self, ledger: Ledger, faults: Faults) -> None:
        self.ledger = ledger
        self.calls: deque[tuple[float, str]] = deque(maxlen=100_000)
        self.stopped = threading.Event()
        self._lock = threading.Lock()
        self.set_faults(faults)

    def set_faults(self, faults: Faults) -> None:
        """Inject these faults from now on; restarts the count of calls."""
        with self._lock:
            self._faults, self._count = faults, 0
            self._random = random.Random(faults.seed)

    @property
    def faults(self) -> Faults:
        """The faults that apply to the current call."""
        waiting = 0 < self._faults.after >= self._count
        return NO_FAULTS if waiting else self._faults

    def handle(self, session: ApiSession, message: bytes) -> Response:
        """Return the node's response to one message; records the call in `calls`."""
        arrived = time.monotonic()
        with self._lock:
            self._count += 1
        session.ledger = self.ledger
        answered = handle_message(session, message)
        if answered.method is not None:
            self.calls.append((arrived, answered.method))
        return answered

    def should_drop(self) -> bool:
        """Return True if the current call is to be dropped."""
        with self._lock:
            return self._random.random() < self.faults.drop

    def body(self, answered: Response) -> bytes:
        """Return the bytes of a response after faults; empty for a notification."""
        if answered.document is None:
            return b""
        if self.faults.garbage:
            return GARBAGE
        return answered.encoded(wrong_id=self.faults.wrong_id)

    def send(self, connection: socket.socket, data: bytes, body: int) -> bool:
        """Send data whose last `body` bytes are the body; False if the connection must be closed."""
        if self.faults.die_mid_answer:
            connection.sendall(data[: len(data) - (body + 1) // 2])
            return False
        if not self.faults.drip:
            connection.sendall(data)
            return True
        for position in range(len(data)):
            connection.sendall(data[position : position + 1])
            if self.stopped.wait(self.faults.drip):
                return False
        return True


def reset(connection: socket.socket) -> None:
    """Make a connection end with a TCP reset when it is closed, and stop reading from it."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RD)
