"""A TLS socket that one thread may read while another one writes.

An OpenSSL connection is for one thread at a time, and Python before 3.13 does not lock it. A TLS 1.3
server sends session tickets after the handshake; data written while they were being read was
sometimes lost.
"""

from __future__ import annotations

import select
import ssl
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

PATIENCE = 1000
"""Milliseconds after which an operation is retried even if the socket is not reported as ready."""

Done = TypeVar("Done")


class SharedTlsSocket(ssl.SSLSocket):
    """Serializes reads and writes; the lock is not held while waiting for the peer.

    Set it as the `sslsocket_class` of a context. The handshake must be done by one thread.
    """

    _turn: Lock

    def __new__(cls, *args: Any, **more: Any) -> SharedTlsSocket:
        made = super().__new__(cls, *args, **more)
        made._turn = Lock()
        return made

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Like a blocking socket."""
        return self._in_turn(lambda: super(SharedTlsSocket, self).recv(buflen, flags))

    def send(self, data: Any, flags: int = 0) -> int:
        """Like a blocking socket; `sendall` uses it too."""
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
