"""`diag serve`: the application under gunicorn, one process with threads."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

from gunicorn import util
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http.errors import (
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.workers.gthread import ThreadWorker

from diag import discretion, logs
from diag.app import create_app
from diag.settings import Settings

THREADS = 32


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's, but what cannot be read as HTTP is neither repeated in the answer nor logged."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("not readable as HTTP: %s", type(exc).__name__)
        status, reason = _REFUSALS.get(type(exc), (400, "Bad Request"))
        try:
            util.write_error(client, status, reason, "")
        except OSError:
            self.log.debug("the caller has gone")


_REFUSALS = {
    LimitRequestLine: (414, "URI Too Long"),
    LimitRequestHeaders: (431, "Request Header Fields Too Large"),
    UnsupportedTransferCoding: (501, "Not Implemented"),
}


class Log(Logger):  # type: ignore[misc]
    """gunicorn's own lines, written where and as all others are."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, told everything here and nothing by files."""

    def __init__(self, settings: Settings, host: str, port: int) -> None:
        self._settings = settings
        self._bind = f"{host}:{port}"
        super().__init__()

    def load_config(self) -> None:
        chosen = {
            "bind": self._bind,
            "workers": 1,
            "threads": THREADS,
            "worker_class": Worker,
            "timeout": int(self._settings.deadline) + 30,
            "graceful_timeout": int(self._settings.deadline) + 2,
            "control_socket_disable": True,
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,
            "accesslog": None,
            "logger_class": Log,
            "loglevel": self._settings.log_level,
            "limit_request_line": 8190,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        app = create_app(self._settings)
        gc.freeze()  # what stays for good need not be looked through for garbage
        return app


def serve(settings: Settings, host: str, port: int) -> None:
    """Answer until told to stop (SIGTERM finishes what is under way)."""
    discretion.install()
    logs.install(settings.log, settings.log_level)
    Server(settings, host, port).run()
