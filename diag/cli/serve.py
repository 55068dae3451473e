"""`diag serve`: the application under gunicorn, one process with threads."""

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
"""Seconds that an idle connection stays open: longer than proxies keep theirs, so that they end it."""


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's, but what cannot be read as HTTP is neither repeated in the answer nor logged, and
    it says that it is stopping a while before it does.
    """

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        request_id = uuid.uuid4().hex
        self.log.warning("request %s: not readable as HTTP: %s", request_id, type(exc).__name__)
        status, reason = _REFUSALS.get(type(exc), (400, "Bad Request"))
        try:
            client.sendall(refusal(status, reason, request_id))
        except OSError:
            self.log.debug("the caller has gone")

    def handle_exit(self, sig: int, frame: Any) -> None:
        leaving: threading.Event = self.wsgi.extensions["diag_stopping"]
        first, seconds = not leaving.is_set(), self.app.settings.drain
        leaving.set()
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


def refusal(status: int, reason: str, request_id: str) -> bytes:
    """The whole answer to what never became a request: a problem, as all others are."""
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


class Log(Logger):  # type: ignore[misc]
    """gunicorn's own lines, written where and as all others are."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, told everything here and nothing by files or by the environment."""

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
            "logger_class": Log,
            "loglevel": settings.log_level,
            "limit_request_line": 8190,
            "limit_request_fields": 64,
            "limit_request_field_size": 8190,
            "forwarded_allow_ips": "",  # DIAG_PROXIES says whom to believe
            "secure_scheme_headers": {},
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        app = create_app(self.settings)
        gc.collect()  # what the imports left would stay for good too
        gc.freeze()  # what stays for good need not be looked through for garbage
        return app


def serve(settings: Settings, host: str, port: int) -> None:
    """Answer until told to stop (SIGTERM finishes what is under way)."""
    log_records.install()
    _frugal()
    configure_logging(settings.log, settings.log_level)
    Server(settings, host, port).run()


def _frugal() -> None:
    """Have glibc keep the memory of all threads together, and give large pieces back: else each
    thread holds on to what its largest diagnosis took. Elsewhere there is no such choice.
    """
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL("libc.so.6").mallopt
        for option, value in _MALLOPT:
            mallopt(option, value)


_MALLOPT = ((-8, 1), (-3, 65_536), (-1, 65_536))
"""M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of malloc.h."""
