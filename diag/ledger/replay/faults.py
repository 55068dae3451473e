"""What the connections of one replay share: the ledger, the faults and the log of calls."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass

from diag.ledger.node import Ledger
from diag.ledger.replay.jsonrpc import Response, Session, answer

FILLING = b" " * 65_536
GARBAGE = b"<<this is no JSON"


@dataclass(frozen=True)
class Faults:
    """What goes wrong, and how; without arguments nothing does.

    latency: seconds between a call and its answer; calls sent together wait together.
    drop: share of calls (0 to 1) whose connection is reset instead of an answer.
    die_mid_answer: half of the answer, then the end of the connection.
    garbage: bytes that are no JSON.
    hang: no answer, ever.
    drip: seconds between one byte of the answer and the next.
    wrong_id: the answer belongs to another call.
    oversize: an answer without end.
    html_error: the error page of a proxy in front of the node.
    seed: makes `drop` fall the same way each time.
    after: so many calls go well before the first of these faults.
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


SOUND = Faults()


class FaultInjector:
    """One replayed node, seen from its connections."""

    def __init__(self, ledger: Ledger, faults: Faults) -> None:
        self.ledger = ledger
        self.calls: deque[tuple[float, str]] = deque(maxlen=100_000)
        self.stopped = threading.Event()
        self._lock = threading.Lock()
        self.suffer(faults)

    def suffer(self, faults: Faults) -> None:
        """From now on these faults; calls are counted anew."""
        with self._lock:
            self._faults, self._count = faults, 0
            self._random = random.Random(faults.seed)

    @property
    def faults(self) -> Faults:
        """What goes wrong just now."""
        waiting = 0 < self._faults.after >= self._count
        return SOUND if waiting else self._faults

    def answer(self, session: Session, message: bytes) -> Response:
        """What the node answers to one message; the call is written down in `calls`."""
        arrived = time.monotonic()
        with self._lock:
            self._count += 1
        session.ledger = self.ledger
        answered = answer(session, message)
        if answered.method is not None:
            self.calls.append((arrived, answered.method))
        return answered

    def unlucky(self) -> bool:
        """Whether this call is one of those to drop."""
        with self._lock:
            return self._random.random() < self.faults.drop

    def body(self, answered: Response) -> bytes:
        """The bytes of an answer, as the faults would have them; none to a notification."""
        if answered.document is None:
            return b""
        if self.faults.garbage:
            return GARBAGE
        return answered.encoded(wrong_id=self.faults.wrong_id)

    def send(self, connection: socket.socket, data: bytes, body: int) -> bool:
        """Send bytes that end with a body of a length; False if the connection must end now."""
        if self.faults.die_mid_answer:
            connection.sendall(data[: len(data) - (body + 1) // 2])
            return False
        if not self.faults.drip:
            connection.sendall(data)
            return True
        for place in range(len(data)):
            connection.sendall(data[place : place + 1])
            if self.stopped.wait(self.faults.drip):
                return False
        return True


def reset(connection: socket.socket) -> None:
    """Have a connection end the rude way: its closing will be a reset, and reading stops."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RD)
