"""A TLS socket that one thread may read and another one write.

OpenSSL's connections are for one thread at a time, and Python before 3.13 does not see to that. A
server of TLS 1.3 sends session tickets when the handshake is over; to write while they are being read
sometimes lost what was written.
"""

from __future__ import annotations

import select
import ssl
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

PATIENCE = 1000
"""Milliseconds after which it is tried again, whatever the system says of the socket."""

Done = TypeVar("Done")


class SharedTlsSocket(ssl.SSLSocket):
    """Who reads and who writes take turns, and nobody has the turn while waiting for the peer.

    To be set as the `sslsocket_class` of a context; the handshake is the business of one thread.
    """

    _turn: Lock

    def __new__(cls, *args: Any, **more: Any) -> SharedTlsSocket:
        made = super().__new__(cls, *args, **more)
        made._turn = Lock()
        return made

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """As a socket that blocks."""
        return self._in_turn(lambda: super(SharedTlsSocket, self).recv(buflen, flags))

    def send(self, data: Any, flags: int = 0) -> int:
        """As a socket that blocks; `sendall` sends by this."""
        return self._in_turn(lambda: super(SharedTlsSocket, self).send(data, flags))

    def _in_turn(self, act: Callable[[], Done]) -> Done:
        while True:
            with self._turn:
                self.setblocking(False)
                try:
                    return act()
                except ssl.SSLWantReadError:
                    awaited = select.POLLIN
                except ssl.SSLWantWriteError:
                    awaited = select.POLLOUT
                finally:
                    if self.fileno() >= 0:
                        self.setblocking(True)
            ready = select.poll()
            ready.register(self, awaited)
            ready.poll(PATIENCE)
