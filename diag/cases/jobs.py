"""Background jobs, run by Huey: in this process, or in `diag worker` on other hosts.

The queue only says that a job is due; the work itself is listed in the database. So if a job is lost,
run twice or killed half-way, the next run does what is left.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from huey import RedisHuey, SqliteHuey
from huey.api import Huey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer

from diag.errors import StoreUnavailable

log = logging.getLogger(__name__)

NAME = "diag"
WORKERS = 3
"""Threads per process: one may look at cases for minutes, and the others must not wait for it."""
_SECONDS_BETWEEN_POLLS = 5.0
_REDIS_LIMITS = {"socket_connect_timeout": 5, "socket_timeout": 10}
"""Seconds; without them a worker would wait for ever for a Redis that is silent."""
_EXPIRES = 55
"""Seconds after which a job that nobody took is dropped; the next minute brings another one."""


@dataclass(frozen=True, slots=True)
class Job:
    """A periodic job; due: returns whether to run it in the minute of a UTC time."""

    name: str
    run: Callable[[], object]
    due: Callable[[datetime], bool]


def every_minute(_: datetime) -> bool:
    return True


def every_six_hours(at: datetime) -> bool:
    return at.minute == 17 and at.hour % 6 == 0


class Jobs:
    """Runs jobs when they are due; several processes may share a queue."""

    def __init__(self, huey: Huey, jobs: Sequence[Job], stopping: threading.Event) -> None:
        self._huey = huey
        self._stopping = stopping
        self._thread: threading.Thread | None = None
        self._consumer: Consumer | None = None
        self._tasks = {
            job.name: huey.periodic_task(job.due, name=job.name, expires=_EXPIRES)(
                _guarded(job)
            )
            for job in jobs
        }

    @classmethod
    def on_file(cls, path: Path, jobs: Sequence[Job], stopping: threading.Event) -> Jobs:
        """Jobs with the queue in a SQLite file that only its owner can read."""
        path.touch(mode=0o600)
        with suppress(OSError):
            path.chmod(0o600)
        return cls(SqliteHuey(NAME, filename=str(path), cache_mb=1, **_OPTIONS), jobs, stopping)

    @classmethod
    def on_redis(cls, url: str, jobs: Sequence[Job], stopping: threading.Event) -> Jobs:
        """Jobs with the queue in Redis, for any number of hosts."""
        limited = f"{url}{'&' if '?' in url else '?'}{urlencode(_REDIS_LIMITS)}"
        return cls(RedisHuey(NAME, url=limited, **_OPTIONS), jobs, stopping)

    def waiting(self) -> int:
        """How many jobs are in the queue."""
        return int(self._huey.pending_count())

    def hasten(self, name: str) -> None:
        """Queues a job now; if the queue does not answer, the job runs when it is due."""
        try:
            if name in self._tasks:
                self._tasks[name]()
        except Exception as error:  # queues raise all kinds of errors when unreachable
            log.warning("job %s is not hastened: %s", name, type(error).__name__)

    def run(self) -> None:
        """Runs jobs until `stop` is called."""
        self._consumer = consumer = _Consumer(
            self._huey, workers=WORKERS, max_delay=_SECONDS_BETWEEN_POLLS
        )
        if not self._stopping.is_set():
            consumer.run()

    def start(self) -> None:
        """Runs jobs in threads of this process until `stop` is called."""
        self._thread = threading.Thread(target=self.run, name="jobs", daemon=True)
        self._thread.start()

    def stop(self, seconds: float = 15.0) -> None:
        """Starts no further job, and waits for the running ones, at most this long."""
        self._stopping.set()
        if self._consumer:
            self._consumer.stop_flag.set()
            workers = [thread for _, thread in self._consumer.worker_threads]
            threads = [*workers, self._consumer.scheduler, *filter(None, [self._thread])]
            for thread in threads:
                if thread.is_alive() and thread is not threading.current_thread():
                    thread.join(seconds / WORKERS)
        self.close()

    def close(self) -> None:
        """Closes the connection to the queue; it is reopened when needed."""
        self._huey.storage.close()


class _Consumer(Consumer):  # type: ignore[misc]
    """Huey's consumer, without signal handlers of its own."""

    def __init__(self, huey: Huey, **options: Any) -> None:
        super().__init__(huey, **options)
        self._stop_flag_timeout = 1.0

    def _set_signal_handlers(self) -> None:
        """Does nothing: the process that runs the consumer handles the signals."""


def _guarded(job: Job) -> Callable[[], None]:
    """Wraps a job: it is skipped while this process is still running it, and its errors are logged."""
    running = threading.Lock()

    def run() -> None:
        if not running.acquire(blocking=False):
            return
        try:
            job.run()
        except StoreUnavailable:
            log.warning("job %s: the store is not available, it is tried again", job.name)
        except Exception:
            log.exception("job %s failed", job.name)
        finally:
            running.release()

    run.__name__ = job.name
    return run


class _JsonSerializer(Serializer):  # type: ignore[misc]
    """Serializes queue messages as JSON, so that write access to the queue does not allow running
    code.
    """

    def _serialize(self, data: Message) -> bytes:
        found = {name: value for name, value in data._asdict().items() if name in _KEPT}
        return json.dumps(found, default=datetime.isoformat).encode()

    def _deserialize(self, data: bytes) -> Message:
        found = {name: value for name, value in json.loads(data).items() if name in _KEPT}
        for name in ("eta", "expires_resolved"):
            found[name] = datetime.fromisoformat(found[name]) if found.get(name) else None
        return Message(**found, args=(), kwargs={})


_KEPT = (
    "id",
    "name",
    "eta",
    "retries",
    "retry_delay",
    "priority",
    "expires",
    "expires_resolved",
)
_OPTIONS: dict[str, Any] = {"results": False, "serializer": _JsonSerializer()}
