"""One connection: what it has sent and not yet read, and when it has taken too long over that.

All of it is read and written by one thread, so a slow client never keeps a request of others
waiting. A thread is taken only by a whole request.
"""

from __future__ import annotations

import logging
import socket
import time
from contextvars import Context
from typing import Any

from waitress.channel import HTTPChannel
from waitress.utilities import BadRequest

from diag.api.triage import SECONDS
from diag.cli.request_parser import Parser, Refusal

log = logging.getLogger(__name__)

BODY_RATE = 32 * 1024
"""Bytes of a body per second that earn it more time than the timeout."""
READ_RATE = 4 * 1024
"""Bytes of an answer per second that a client must read on average, over the timeout."""
LONGEST_ANSWER = SECONDS + 10
"""Seconds after which a request that is being answered is given up."""
MOST_AHEAD = 16
"""Requests that a client may send before it has read the answer to the first."""
LINGER = 2.0
"""Seconds for which a refused client may go on sending, so that it can read why."""


class Connection(HTTPChannel):  # type: ignore[misc]
    """waitress' channel, which ends by itself whatever the client does. Times are monotonic."""

    parser_class = Parser
    error_task_class = Refusal
    refused = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request: Parser | None = None
        self.waits_since = time.monotonic()
        """Since when it waits for the rest of a request, or for the next one."""
        self._answers_since: float | None = None
        self._lingers_until: float | None = None
        self._sent = 0
        self._read_mark: tuple[float, int] | None = None

    @property
    def waits(self) -> bool:
        """Whether no whole request is under way."""
        return not self.requests

    @property
    def idle(self) -> bool:
        """Whether nothing at all is under way."""
        return self.waits and self.request is None and not self.total_outbufs_len

    @property
    def buffered(self) -> int:
        """Bytes of bodies that it holds."""
        return sum(r.buffered for r in (self.request, *self.requests) if r is not None)

    def overdue(self, now: float, timeout: float) -> bool:
        """Whether it has had the time that it may have: ask about once a second."""
        if self._lingers_until is not None:
            return now > self._lingers_until
        if self._unread(now, timeout):
            return True
        if not self.waits:
            began = self._answers_since
            return began is not None and now - began > LONGEST_ANSWER
        if self.total_outbufs_len:
            return False
        body = self.request.body_bytes_received if self.request is not None else 0
        return now - self.waits_since > timeout + body / BODY_RATE

    def _unread(self, now: float, timeout: float) -> bool:
        """Whether the client takes too little of what is ready for it."""
        if not self.total_outbufs_len:
            self._read_mark = None
            return False
        if self._read_mark is None or self._sent - self._read_mark[1] >= READ_RATE * timeout:
            self._read_mark = now, self._sent
        return now - self._read_mark[0] > timeout

    def drop(self) -> None:
        """Ends it now. Who writes to it in a thread is woken up and told."""
        super().handle_close()
        half, self.request = self.request, None
        if half is not None:
            half.close()

    # --- what waitress calls ---------------------------------------------------------------------

    def service(self) -> None:
        self._answers_since = time.monotonic()
        try:
            Context().run(super().service)  # nothing of the request before is known in this one
        finally:
            self._answers_since, self.waits_since = None, time.monotonic()

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent: int = super().send(data, do_close)
        self._sent += sent
        return sent

    def readable(self) -> bool:
        return self._lingers_until is not None or super().readable()

    def handle_read(self) -> None:
        try:
            data = self.socket.recv(self.adj.recv_bytes)
        except BlockingIOError:
            return
        except OSError:
            self.drop()
            return
        if data and self._lingers_until is None:
            self.received(data)
        elif not data:
            self._ended()

    def received(self, data: bytes) -> bool:
        more: bool = super().received(data)
        if len(self.requests) > MOST_AHEAD:
            self.drop()
        return more

    def _ended(self) -> None:
        """The client sends no more. Half a request is refused."""
        half = self.request
        if half is None or not (half.headers_finished or half.header_plus.strip()):
            self.drop()
            return
        half.error, half.completed = BadRequest(""), True
        with self.requests_lock:
            self.request = None
            self.requests.append(half)
            if len(self.requests) == 1:
                self.server.add_task(self)

    def handle_close(self) -> None:
        """Where a refusal has been sent, what still comes is thrown away for a moment: the system
        would otherwise throw the refusal away.
        """
        if self.refused and self._lingers_until is None and not self.total_outbufs_len:
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except (OSError, AttributeError):
                self.drop()
                return
            self._lingers_until = time.monotonic() + LINGER
            self.will_close = self.close_when_flushed = False
            return
        self.drop()

    def handle_expt(self) -> None:
        self.drop()  # urgent data, which HTTP does not know

    def handle_error(self) -> None:
        log.exception("a connection failed")
        self.drop()
