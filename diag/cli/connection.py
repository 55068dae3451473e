"""One client connection: its pending data, and whether it has exceeded its time limits.

One thread reads and writes all connections, so a slow client never delays others. A worker thread is
taken only by a complete request.
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
from diag.cli.request_parser import Parser, Refusal, timeout_response

log = logging.getLogger(__name__)

MIN_UPLOAD_RATE = 32 * 1024
"""Bytes of a body that extend the timeout by a second."""
MIN_DOWNLOAD_RATE = 4 * 1024
"""Bytes of an answer per second that a client must read on average, over the timeout."""
MAX_RESPONSE_SECONDS = SECONDS + 10
"""Seconds after which a request that is being answered is given up."""
MAX_PIPELINED = 16
"""Requests that a client may send before it has read the answer to the first."""
LINGER_SECONDS = 2.0
"""Seconds for which a refused client may go on sending, so that it can read why."""


class Connection(HTTPChannel):  # type: ignore[misc]
    """waitress' channel, with time limits for each phase of a connection. Times are monotonic."""

    parser_class = Parser
    error_task_class = Refusal
    refused = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request: Parser | None = None
        self.waiting_since = time.monotonic()
        """Since when the connection waits for the rest of a request, or for the next one."""
        self._responding_since: float | None = None
        self._lingers_until: float | None = None
        self._bytes_sent = 0
        self._download_mark: tuple[float, int] | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether no complete request is being processed."""
        return not self.requests

    @property
    def is_idle(self) -> bool:
        """Whether nothing is pending: no request, complete or not, and no response."""
        return self.is_waiting and self.request is None and not self.total_outbufs_len

    @property
    def buffered_bytes(self) -> int:
        """Bytes of request bodies that the connection holds."""
        return sum(r.buffered_bytes for r in (self.request, *self.requests) if r is not None)

    def is_overdue(self, now: float, timeout: float) -> bool:
        """Whether the connection has exceeded its time limit; to be called about once a second."""
        if self._lingers_until is not None:
            return now > self._lingers_until
        if self._downloads_too_slowly(now, timeout):
            return True
        if not self.is_waiting:
            began = self._responding_since
            return began is not None and now - began > MAX_RESPONSE_SECONDS
        if self.total_outbufs_len:
            return False
        body = self.request.body_bytes_received if self.request is not None else 0
        return now - self.waiting_since > timeout + body / MIN_UPLOAD_RATE

    def _downloads_too_slowly(self, now: float, timeout: float) -> bool:
        """Whether the client reads its response too slowly."""
        if not self.total_outbufs_len:
            self._download_mark = None
            return False
        if (
            self._download_mark is None
            or self._bytes_sent - self._download_mark[1] >= MIN_DOWNLOAD_RATE * timeout
        ):
            self._download_mark = now, self._bytes_sent
        return now - self._download_mark[0] > timeout

    def abort(self) -> None:
        """Closes the connection now, and wakes up a thread that is writing to it with an error."""
        super().handle_close()
        partial, self.request = self.request, None
        if partial is not None:
            partial.close()

    def time_out(self) -> None:
        """Closes the connection because its time is over. For an incomplete request it sends a 408
        first, if the system accepts the response at once; no worker thread is used.
        """
        responding = self.requests or self.total_outbufs_len or self._lingers_until is not None
        partial = self._partial_request()
        if responding or partial is None:
            self.abort()
            return
        try:
            self.socket.send(timeout_response(self.server.count_refusal))
        except OSError:
            self.abort()
            return
        partial.close()
        self.request, self.refused = None, True
        self.handle_close()

    def _partial_request(self) -> Parser | None:
        """The parser of an incomplete request; None if only blank lines have come."""
        partial = self.request
        begun = partial is not None and (
            partial.headers_finished or partial.header_plus.strip()
        )
        return partial if begun else None

    # --- what waitress calls ---------------------------------------------------------------------

    def service(self) -> None:
        self._responding_since = time.monotonic()
        try:
            Context().run(super().service)  # no variables of the last request
        finally:
            self._responding_since, self.waiting_since = None, time.monotonic()

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent: int = super().send(data, do_close)
        self._bytes_sent += sent
        return sent

    def readable(self) -> bool:
        return self._lingers_until is not None or super().readable()

    def handle_read(self) -> None:
        try:
            data = self.socket.recv(self.adj.recv_bytes)
        except BlockingIOError:
            return
        except OSError:
            self.abort()
            return
        if data and self._lingers_until is None:
            self.received(data)
        elif not data:
            self._end_of_input()

    def received(self, data: bytes) -> bool:
        more: bool = super().received(data)
        if len(self.requests) > MAX_PIPELINED:
            self.abort()
        return more

    def _end_of_input(self) -> None:
        """Handles the end of the client's input; an incomplete request is refused."""
        partial = self._partial_request()
        if partial is None:
            self.abort()
            return
        partial.error, partial.completed = BadRequest(""), True
        with self.requests_lock:
            self.request = None
            self.requests.append(partial)
            if len(self.requests) == 1:
                self.server.add_task(self)

    def handle_close(self) -> None:
        """After a refusal, discards further input for a moment before closing; otherwise the system
        would discard the refusal.
        """
        if self.refused and self._lingers_until is None and not self.total_outbufs_len:
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except (OSError, AttributeError):
                self.abort()
                return
            self._lingers_until = time.monotonic() + LINGER_SECONDS
            self.will_close = self.close_when_flushed = False
            return
        self.abort()

    def handle_expt(self) -> None:
        self.abort()  # urgent data, which HTTP does not use

    def handle_error(self) -> None:
        log.exception("a connection failed")
        self.abort()
