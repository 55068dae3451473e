"""`diag serve`: the application under gunicorn, in one process with threads."""

from __future__ import annotations

import ctypes
import gc
import json
import threading
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http.errors import (
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.workers.gthread import ThreadWorker

from diag.api.app import create_app
from diag.api.errors import HTTP_CODES, HTTP_TEXTS, problem_content
from diag.api.security_headers import ALWAYS
from diag.config.settings import Settings
from diag.redaction import log_records
from diag.telemetry.logging import configure_logging

KEEP_ALIVE = 75
"""Seconds that an idle connection stays open; longer than in proxies, so that the proxy closes it."""


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's worker with two changes.

    A request that is not valid HTTP is neither repeated in the response nor logged; and on SIGTERM
    the process reports itself as not ready for `drain` seconds before it stops.
    """

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        request_id = uuid.uuid4().hex
        self.log.warning("request %s: not readable as HTTP: %s", request_id, type(exc).__name__)
        status, reason = _REFUSALS.get(type(exc), (400, "Bad Request"))
        try:
            client.sendall(problem_reply(status, reason, request_id))
        except OSError:
            self.log.debug("the caller has gone")

    def handle_exit(self, sig: int, frame: Any) -> None:
        stopping: threading.Event = self.wsgi.extensions["diag_stopping"]
        first, seconds = not stopping.is_set(), self.app.settings.drain
        stopping.set()
        if not (first and seconds):
            super().handle_exit(sig, frame)
            return
        wait = threading.Timer(seconds, super().handle_exit, (sig, frame))
        wait.daemon = True
        wait.start()


_REFUSALS = {
    LimitRequestLine: (414, "URI Too Long"),
    LimitRequestHeaders: (431, "Request Header Fields Too Large"),
    UnsupportedTransferCoding: (501, "Not Implemented"),
}


def problem_reply(status: int, reason: str, request_id: str) -> bytes:
    """The HTTP response to something that is not a valid request: a problem document."""
    content = problem_content(status, HTTP_CODES[status], HTTP_TEXTS[status], request_id)
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Connection": "close",
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "X-Request-ID": request_id,
        **ALWAYS,
    }
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {v}" for name, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


class GunicornLogger(Logger):  # type: ignore[misc]
    """Sends gunicorn's log lines to the log of this service."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, configured here only; not by files or by the environment."""

    def __init__(self, settings: Settings, host: str, port: int) -> None:
        self.settings = settings
        self._bind = f"{host}:{port}"
        super().__init__()

    def load_config(self) -> None:
        settings = self.settings
        chosen = {
            "bind": self._bind,
            "workers": 1,
            "threads": settings.threads,
            "worker_class": Worker,
            "keepalive": KEEP_ALIVE,
            "backlog": 1024,
            "timeout": int(settings.deadline) + 30,
            "graceful_timeout": int(settings.drain + settings.deadline) + 5,
            "control_socket_disable": True,
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,
            "accesslog": None,
            "logger_class": GunicornLogger,
            "loglevel": settings.log_level,
            "limit_request_line": 8190,
            "limit_request_fields": 64,
            "limit_request_field_size": 8190,
            "forwarded_allow_ips": "",  # DIAG_PROXIES decides which headers are trusted
            "secure_scheme_headers": {},
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        app = create_app(self.settings)
        gc.collect()  # garbage left by imports would otherwise be frozen too
        gc.freeze()  # permanent objects need not be scanned for garbage
        return app


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until SIGTERM, which lets running requests finish."""
    log_records.install()
    _limit_memory()
    configure_logging(settings.log, settings.log_level)
    Server(settings, host, port).run()


def _limit_memory() -> None:
    """Make glibc use one arena for all threads, and return large blocks to the system.

    Otherwise each thread keeps the memory of its largest diagnosis. Does nothing without glibc.
    """
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL("libc.so.6").mallopt
        for option, value in _MALLOPT:
            mallopt(option, value)


_MALLOPT = ((-8, 1), (-3, 65_536), (-1, 65_536))
"""M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of malloc.h."""
