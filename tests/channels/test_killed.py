"""Workers that are killed between the sending and the settling: nothing is lost, and a receiver that looks
at the id, or a helpdesk that is asked first, has each message once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from messages import SECRET, WALL, put, rows, webhook_file, write
from receiver import Arrived, receiving, verifying
from waiting import PATIENCE

from diag.cases import outbox
from diag.cases.database import Database
from diag.channels.file import read_channels
from diag.channels.sender import Sender

WORKER = """
import sys
from datetime import datetime
from pathlib import Path
from diag.cases.database import Database
from diag.channels.file import read_channels
from diag.channels.sender import Sender

url, file, wall = sys.argv[1:]
channels = read_channels(Path(file)).channels
Sender(Database.open(url), lambda: channels, lambda: datetime.fromisoformat(wall)).run()
"""
Answer = tuple[int, dict[str, str], bytes]


def work(database: Database, channels: Path) -> subprocess.Popen[bytes]:
    url = database.engine.url.render_as_string(hide_password=False)
    url = url.replace("postgresql+psycopg", "postgresql")
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, url, str(channels), WALL.isoformat()]
    )


def worked(database: Database, channels: Path, minutes: float = 0) -> None:
    """What a worker does, in this process."""
    told = read_channels(channels).channels
    Sender(database, lambda: told, lambda: WALL + timedelta(minutes=minutes)).run()


def killing(
    worker: list[subprocess.Popen[bytes]], answer: Callable[[Arrived], Answer]
) -> Callable[[Arrived], Answer]:
    """Answers as `answer` does, but the worker is dead before it can read the answer to a first POST."""
    posts: list[Arrived] = []

    def killed(one: Arrived) -> Answer:
        found = answer(one)
        if one.method == "POST":
            posts.append(one)
            if len(posts) == 1:
                os.kill(worker[0].pid, signal.SIGKILL)
                worker[0].wait(PATIENCE)
        return found

    return killed


def test_a_webhook_is_told_again_under_the_same_id(database: Database, tmp_path: Path) -> None:
    [found] = put(database, "ops")
    worker: list[subprocess.Popen[bytes]] = []
    with receiving() as receiver:
        check = verifying(SECRET)
        receiver.answer = killing(worker, lambda one: (check(one)[0], {}, b""))
        channels = webhook_file(tmp_path / "channels.toml", receiver.url)
        # the worker's clock must be ours for the signature to be taken; the outbox has its own
        worker.append(work(database, channels))
        assert worker[0].wait(PATIENCE) == -signal.SIGKILL
        [row] = rows(database)
        assert (row.state, row.attempts, bool(row.lease)) == ("waiting", 1, True)

        worked(database, channels, minutes=1)
        assert len(receiver.arrived) == 1, "the lease of the dead worker still holds"
        later = outbox.LEASE.total_seconds() / 60
        worked(database, channels, minutes=later)
    assert receiver.ids == [found, found]
    [row] = rows(database)
    assert (row.state, row.attempts) == ("delivered", 2)


class Helpdesk:
    """A Chatwoot and a Zammad in one: keeps what is written, and shows it."""

    def __init__(self) -> None:
        self.notes: list[dict[str, Any]] = []
        self.draft: dict[str, Any] | None = None

    def __call__(self, one: Arrived) -> Answer:
        if one.path.endswith("shared_draft"):
            if one.method == "PUT":
                assert self.draft is None
                self.draft = one.json()
            return self._json({"shared_draft_id": 1 if self.draft else None})
        if one.method == "POST":
            self.notes.append(one.json() | {"id": len(self.notes) + 1})
            return self._json(self.notes[-1], 201)
        kept = [] if "before=" in one.path else self.notes
        return self._json(kept if "by_ticket" in one.path else {"payload": kept})

    def _json(self, content: Any, status: int = 200) -> Answer:
        return status, {"Content-Type": "application/json"}, json.dumps(content).encode()


CHANNELS = {
    "chatwoot": 'kind = "chatwoot"\naccount = 1\ntoken = "t"\n',
    "zammad": 'kind = "zammad"\ntoken = "t"\ndraft = true\n',
}


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_helpdesk_has_one_note(database: Database, tmp_path: Path, kind: str) -> None:
    put(database, "desk")
    worker: list[subprocess.Popen[bytes]] = []
    helpdesk = Helpdesk()
    with receiving() as receiver:
        receiver.answer = killing(worker, helpdesk)
        text = f'[[channels]]\nname = "desk"\nurl = "{receiver.url}"\n{CHANNELS[kind]}'
        channels = write(tmp_path / "channels.toml", text)
        worker.append(work(database, channels))
        assert worker[0].wait(PATIENCE) == -signal.SIGKILL
        assert len(helpdesk.notes) == 1 and rows(database)[0].state == "waiting"
        worked(database, channels, minutes=5)
    assert len(helpdesk.notes) == 1
    assert (helpdesk.draft is not None) is (kind == "zammad")
    assert rows(database)[0].state == "delivered"


def test_a_worker_that_is_killed_before_it_sends_loses_nothing(
    database: Database, tmp_path: Path
) -> None:
    found = put(database, "ops")
    outbox.take(database, WALL, "d" * 32, 8)  # and it was never heard of again
    with receiving(verifying(SECRET)) as receiver:
        channels = webhook_file(tmp_path / "channels.toml", receiver.url)
        worked(database, channels, minutes=5)
    assert receiver.ids == found
    assert rows(database)[0].state == "delivered"
