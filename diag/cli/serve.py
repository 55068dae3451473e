"""`diag serve`: the application under waitress, one process with threads."""

from __future__ import annotations

import ctypes
import errno
import gc
import logging
import math
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from typing import Any, NoReturn

import click
from waitress import wasyncore
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from diag.api.app import create_app
from diag.cli.connection import Connection
from diag.cli.environment import environment
from diag.cli.request_parser import MAX_CHUNKED_BYTES, MAX_HEADER_BYTES
from diag.config.settings import Settings, read_settings
from diag.errors import BadSetting
from diag.i18n import Text
from diag.redaction import log_records
from diag.telemetry.logging import configure_logging
from diag.words import problem

log = logging.getLogger(__name__)

MAX_BUFFERED_BYTES = 64 * 1024 * 1024
"""The most bytes of bodies that are held for incomplete requests."""
OUTPUT_HIGH_WATERMARK = 16 * 1024 * 1024
"""Bytes of a response that are buffered for its client before the writing thread waits."""
_POLL_SECONDS = 1.0
_RESERVED_DESCRIPTORS = 256
"""File descriptors for everything but connections: nodes, libraries, reloaded files."""


class OnDemandThreadPool(ThreadedTaskDispatcher):  # type: ignore[misc]
    """waitress' thread pool, with each thread started when first needed, which saves memory."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._max_threads = most

    def add_task(self, task: Any) -> None:
        with self.lock:
            started = len(self.threads)
            needed = self.active_count + len(self.queue) + 1
        if started < min(needed, self._max_threads):
            self.set_thread_count(started + 1)
        super().add_task(task)


class Server(TcpWSGIServer):  # type: ignore[misc]
    """waitress' server, configured entirely here. It closes connections that take too long, and if it
    is full those that have waited longest. When stopped, it reports not ready, finishes running
    requests, and returns.

    count_refusal: called with the code of each refusal that the application never sees.
    """

    channel_class = Connection

    def __init__(
        self,
        app: Callable[..., Any],
        stopping: Event,
        settings: Settings,
        host: str,
        port: int,
        count_refusal: Callable[[str], None] = lambda code: None,
    ) -> None:
        _configure_server_log()
        self.count_refusal = count_refusal
        self._stopping = stopping
        self._settings = settings
        self._stop_accepting_at = self._end_at = math.inf
        bracketed = f"[{host}]" if ":" in host and not host.startswith("[") else host
        super().__init__(
            app,
            dispatcher=OnDemandThreadPool(settings.threads),
            listen=f"{bracketed}:{port}",
            threads=settings.threads,
            connection_limit=connection_limit(settings.connections),
            cleanup_interval=int(_POLL_SECONDS),
            max_request_header_size=MAX_HEADER_BYTES,
            max_request_body_size=MAX_CHUNKED_BYTES,
            outbuf_high_watermark=OUTPUT_HIGH_WATERMARK,
            asyncore_use_poll=True,
            log_socket_errors=False,
            clear_untrusted_proxy_headers=False,  # DIAG_PROXIES decides which headers are trusted
            ident=None,
        )

    def run(self) -> None:
        """Serves until told to stop."""
        log.info("answering at %s", panel_address(self.effective_host, self.effective_port))
        checked = time.monotonic()
        while not self._advance_shutdown(now := time.monotonic()):
            self._evict_waiting(now)
            if now - checked > _POLL_SECONDS / 2:
                self._close_overdue(now)
                checked = now
            tick = _POLL_SECONDS if self.accepting else _POLL_SECONDS / 10
            wasyncore.loop(timeout=tick, use_poll=True, map=self._map, count=1)
        self.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._map)

    def stop(self) -> None:
        """Stops in steps. First call: reports not ready and serves for DIAG_DRAIN. Second: accepts no
        more connections. Third: ends at once.
        """
        now = time.monotonic()
        if not self._stopping.is_set():
            self._stopping.set()
            self._stop_accepting_at = now + self._settings.drain
        elif self.accepting:
            self._stop_accepting_at = now
        else:
            self._end_at = now
        self.pull_trigger()

    def _advance_shutdown(self, now: float) -> bool:
        """Takes the next step of stopping when it is due; returns whether everything is finished."""
        if self.accepting:
            if now < self._stop_accepting_at:
                return False
            self._end_at = now + self._settings.deadline + 5
            self._accept_backlog()
            wasyncore.dispatcher.close(self)
        self._close_overdue(now)
        for connection in list(self.active_channels.values()):
            if connection.is_idle and now - connection.waiting_since > _POLL_SECONDS / 4:
                connection.abort()
        return now >= self._end_at or not self.active_channels

    def _accept_backlog(self) -> None:
        """Accepts the connections that wait in the backlog of the system."""
        before = -1
        while before < len(self._map) < self.adj.connection_limit:
            before = len(self._map)
            self.handle_accept()

    def maintenance(self, _: float) -> None:
        """Does nothing: waitress calls it within a round of its loop, where closing a connection
        could also close the next one with the same descriptor. Maintenance is done between rounds.
        """

    def _evict_waiting(self, now: float) -> None:
        """If the server is full, closes the quarter of the connections that have waited longest."""
        if len(self._map) >= self.adj.connection_limit:
            waiting = [
                c for c in self._waiting_connections() if now - c.waiting_since > _POLL_SECONDS
            ]
            for connection in waiting[: self.adj.connection_limit // 4]:
                connection.abort()

    def _close_overdue(self, now: float) -> None:
        """Closes connections whose time is over, and those that have waited longest if too many bytes
        are held.
        """
        for connection in list(self.active_channels.values()):
            if connection.is_overdue(now, self._settings.connection_timeout):
                connection.time_out()
        waiting = [(c, c.buffered_bytes) for c in self._waiting_connections()]
        held = sum(size for _, size in waiting)
        for connection, size in waiting:
            if held <= MAX_BUFFERED_BYTES:
                break
            connection.abort()
            held -= size

    def _waiting_connections(self) -> list[Connection]:
        """The connections without a complete request, longest waiting first."""
        found = (c for c in self.active_channels.values() if c.is_waiting)
        return sorted(found, key=lambda connection: connection.waiting_since)


def connection_limit(wanted: int) -> int:
    """The wanted number of connections, or fewer if the system lacks file descriptors. A large body
    and a large response take one each, besides the connection.
    """
    try:
        import resource
    except ImportError:  # not available on this system
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 3 * wanted + _RESERVED_DESCRIPTORS
    if resource.RLIM_INFINITY not in (soft, hard) and soft < min(needed, hard):
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(needed, hard), hard))
            soft = min(needed, hard)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return wanted
    found = max(8, (soft - _RESERVED_DESCRIPTORS) // 3)
    log.warning("only %d connections at once: the limit of open files is %d", found, soft)
    return found


@click.command()
@click.option("--host", metavar="ADDRESS", help="Address to listen on, instead of DIAG_HOST.")
@click.option("--port", type=int, help="Port to listen on, instead of DIAG_PORT.")
def command(host: str | None, port: int | None) -> int:
    """Answer over HTTP until SIGTERM or SIGINT."""
    settings = read_settings(environment())
    serve(settings, host or settings.host, port or settings.port)
    return 0


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until SIGTERM, which lets running requests finish."""
    log_records.install()
    _limit_memory()
    configure_logging(settings.log, settings.log_level)
    stopping = Event()
    try:  # before anything else is read, so that a taken port is reported at once
        server = Server(_not_ready, stopping, settings, host, port)
    except OSError as error:
        raise BadSetting(_cannot_listen(host, port, error)) from None
    app = create_app(settings)
    app.extensions["diag_stopping"] = stopping
    refused = app.extensions["diag_metrics"].refused
    server.application = app
    server.count_refusal = lambda code: refused.labels(code).inc()
    gc.collect()  # garbage left by imports would otherwise be frozen too
    gc.freeze()  # permanent objects need not be scanned for garbage
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    jobs = app.extensions["diag_jobs"] if settings.queue is None else None
    if jobs is not None:
        jobs.start()
    server.run()
    if jobs is not None:
        jobs.stop()


def panel_address(host: str, port: int | str) -> str:
    """The URL of the panel for a browser on this machine."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)
    return f"http://{f'[{name}]' if ':' in name and '[' not in name else name}:{port}/panel"


def _not_ready(*_: Any) -> NoReturn:
    """A placeholder for the application until it is built; no connection is accepted before that."""
    raise AssertionError("the server does not run yet")


def _cannot_listen(host: str, port: int, error: OSError) -> Text:
    if error.errno == errno.EADDRINUSE:
        return problem("setup.port_taken", host=host, port=port)
    return problem("setup.port_refused", host=host, port=port)


def _configure_server_log() -> None:
    """Silences waitress' own log lines, which contain paths of requests; their facts are logged here."""
    logging.getLogger("waitress").addFilter(_remove_path)
    logging.getLogger("waitress.queue").setLevel(logging.CRITICAL)


def _remove_path(record: logging.LogRecord) -> bool:
    for known in ("Exception while serving", "Client disconnected while serving"):
        if str(record.msg).startswith(known):
            record.msg, record.args = known + " a request", ()
    return True


def _limit_memory() -> None:
    """Make glibc use one arena for all threads, and return large blocks to the system.

    Otherwise each thread keeps the memory of its largest diagnosis. Does nothing without glibc.

    Resident in demo mode after the 405 mixed requests of `bench/memory.py`, and after as many again:
    87 and 87 MiB with this, 99 and 102 without. The environment would do as well (MALLOC_ARENA_MAX=1
    alone: 88 and 91; with MALLOC_MMAP_THRESHOLD_ and MALLOC_TRIM_THRESHOLD_ of 65536: 87 and 87), but
    glibc reads it before Python runs, and `diag serve` is started by hand as well as in the image.
    """
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL("libc.so.6").mallopt
        for option, value in _MALLOPT:
            mallopt(option, value)


_MALLOPT = ((-8, 1), (-3, 65_536), (-1, 65_536))
"""M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of malloc.h."""
