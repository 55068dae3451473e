"""The jobs in one process, on a SQLite queue; Redis is in `live/`."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from waiting import promptly, soon

from diag.cases.jobs import Job, Jobs, every_minute, every_six_hours
from diag.errors import StoreUnavailable


@contextmanager
def running(path: Path, *jobs: Job) -> Iterator[Jobs]:
    made = Jobs.on_file(path, jobs, Event())
    made.start()
    try:
        yield made
    finally:
        made.stop()


def never(_: datetime) -> bool:
    return False


def test_a_job_is_done_when_it_is_due(tmp_path: Path) -> None:
    done: list[str] = []
    jobs = [
        Job("look", lambda: done.append("look"), every_minute),
        Job("purge", lambda: done.append("purge"), never),
    ]
    with running(tmp_path / "jobs.db", *jobs) as made:
        assert soon(lambda: bool(done))
        assert soon(lambda: made.waiting() == 0)
    assert set(done) == {"look"}


@pytest.mark.parametrize("error", [StoreUnavailable(), RuntimeError("a bug")])
def test_a_job_that_fails_ends_nothing(
    tmp_path: Path, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    begun: list[int] = []

    def fail() -> None:
        begun.append(1)
        raise error

    done: list[int] = []
    jobs = [
        Job("fails", fail, every_minute),
        Job("works", lambda: done.append(1), every_minute),
    ]
    with running(tmp_path / "jobs.db", *jobs):
        assert soon(lambda: bool(begun and done))
    assert any("job fails" in record.getMessage() for record in caplog.records)


def test_stopping_waits_for_the_job_that_is_under_way(tmp_path: Path) -> None:
    begun, stopping, ended = Event(), Event(), Event()

    def work() -> None:
        begun.set()
        stopping.wait()
        ended.set()

    made = Jobs.on_file(tmp_path / "jobs.db", [Job("work", work, every_minute)], stopping)
    made.start()
    assert soon(begun.is_set)
    with promptly():
        made.stop()
    assert ended.is_set()


def test_jobs_that_were_stopped_before_they_began_do_nothing(tmp_path: Path) -> None:
    done: list[int] = []
    job = Job("look", lambda: done.append(1), every_minute)
    stopping = Event()
    stopping.set()
    made = Jobs.on_file(tmp_path / "jobs.db", [job], stopping)
    made.run()
    assert done == []


def test_only_the_owner_can_read_the_queue(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    Jobs.on_file(path, [], Event())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_job_is_written_as_json(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    made = Jobs.on_file(path, [Job("look", lambda: None, every_minute)], Event())
    [task] = made._huey.read_periodic(datetime.now(UTC))
    made._huey.enqueue(task)
    with sqlite3.connect(path) as connection:
        [(data,)] = connection.execute("SELECT data FROM task").fetchall()
    connection.close()
    assert bytes(data).startswith(b'{"id": ')
    assert made._huey.dequeue().name == "look"
    made.close()


@pytest.mark.parametrize(
    ("text", "due"), [("06:17", True), ("00:17", True), ("06:18", False), ("07:17", False)]
)
def test_the_purge_is_done_every_six_hours(text: str, due: bool) -> None:
    assert every_six_hours(datetime.fromisoformat(f"2026-11-22T{text}")) is due
