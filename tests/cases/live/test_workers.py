"""`diag worker` on real Redis and PostgreSQL: killed half-way, cut off, started again. Nothing is lost,
and nothing is told twice to one destination.

Run by `make test-cases`, which starts both servers.
"""

from __future__ import annotations

import secrets
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import redis
from commands import started
from desks import at, new_case
from messages import SECRET, webhook_file, write
from receiver import receiving, verifying
from recorded import RECORDED, ledger
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import make_url
from stores import POSTGRESQL, REDIS, new_database
from waiting import PATIENCE, soon

from diag.bootstrap import build_services
from diag.case_bootstrap import build_desk
from diag.cases import outbox
from diag.cases.database import Database
from diag.cases.desk import Desk
from diag.cases.tables import cases, events
from diag.cases.tables import outbox as messages
from diag.cases.watchlist import LEASE
from diag.config.settings import Settings
from diag.ledger.replay.server import Faults, Replay
from diag.ledger.view import View

pytestmark = pytest.mark.skipif(
    not (POSTGRESQL and REDIS), reason="needs the servers of `make test-cases`"
)
END = ledger().clock
BEFORE = at("2026-11-21T21:01:00")
"""lin-yue has sent 0.05205 NORTH.BTC; at 21:02:33 the gateway burns it."""
AFTER = at("2026-11-21T21:04:00")
NUMBER = 60


class Site:
    """A replayed node, a database and a queue, with open cases whose withdrawal has been settled."""

    def __init__(self, node: Replay, database: Database, url: str, queue: str) -> None:
        self.node, self.database, self.url, self.queue = node, database, url, queue
        self.desk = self.desk_at(BEFORE)
        self.channels: Path | None = None

    def settings(self, now: datetime) -> dict[str, str]:
        return {
            "DIAG_NODES": self.node.url,
            "DIAG_CLOCK": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "DIAG_GATEWAYS": str(RECORDED / "gateways.json"),
            "DIAG_DATABASE": self.url,
            "DIAG_QUEUE": self.queue,
            "DIAG_DEADLINE": "60",
            "DIAG_LOG": "text",
            **({"DIAG_CHANNELS": str(self.channels)} if self.channels else {}),
        }

    def desk_at(self, now: datetime) -> Desk:
        settings = Settings(
            nodes=(self.node.url,),
            clock=now,
            gateways=RECORDED / "gateways.json",
            database=self.url,
            deadline=PATIENCE,
            ahead=0,
        )
        desk = build_desk(settings, build_services(settings))
        assert desk
        return replace(desk, channels=lambda: ("hook", "mail"))

    def open_cases(self, number: int) -> None:
        fields = {"to": "2026-11-21T21:00:30Z", "asset": "NORTH.BTC", "tell": ("hook", "mail")}
        for count in range(number):
            self.desk.open(new_case(**fields, reference=f"T-{count}"), None)

    def move_on(self) -> None:
        """The head passes the settlement."""
        self.node.ledger = ledger().with_view(View(behind=(END - AFTER).total_seconds()))

    def end_leases(self) -> None:
        """As if the time of the leases had passed."""
        with self.database.writing() as connection:
            passed = text("UPDATE cases SET lease_until = lease_until - :lease")
            connection.execute(passed, {"lease": LEASE})

    def end_old_leases_of_messages(self) -> None:
        """As if the time had passed of those that a worker has had for half a minute: it is dead."""
        with self.database.writing() as connection:
            old = "lease_until < now() + interval '90 seconds'"
            connection.execute(text(f"UPDATE outbox SET lease_until = now() WHERE {old}"))

    def count(self, query: Any) -> int:
        with self.database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    @property
    def leased(self) -> int:
        return self.count(select(func.count()).where(cases.c.lease.is_not(None)))

    @property
    def delivered(self) -> int:
        settled = messages.c.state == outbox.Delivery.DELIVERED
        return self.count(select(func.count()).where(settled))

    @property
    def told(self) -> int:
        return self.count(select(func.count()).select_from(messages))

    @contextmanager
    def worker(self, directory: Path) -> Iterator[subprocess.Popen[bytes]]:
        log = directory / f"worker-{secrets.token_hex(4)}.log"
        with started("worker", log=log, **self.settings(AFTER)) as program:
            yield program

    def assert_each_case_told_once(self, number: int) -> None:
        with self.database.reading() as connection:
            kept = connection.execute(select(events.c.case_seq, events.c.kind)).all()
            sent = connection.execute(select(messages.c.case_seq, messages.c.destination)).all()
            states = connection.scalars(select(cases.c.state)).all()
        changed = Counter(seq for seq, kind in kept if kind == "changed")
        assert sorted(changed.values()) == [1] * number
        assert Counter(map(tuple, sent)) == Counter(
            {(seq, name): 1 for seq in changed for name in ("hook", "mail")}
        )
        assert list(states) == ["resolved"] * number


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    assert REDIS
    queue = make_url(REDIS).set(database=str(1 + secrets.randbelow(15)))
    url = queue.render_as_string(hide_password=False)
    redis.Redis.from_url(url).flushdb()
    start = ledger().with_view(View(behind=(END - BEFORE).total_seconds()))
    with (
        Replay(start) as node,
        new_database("postgresql", tmp_path) as database,
    ):
        address = database.engine.url.set(drivername="postgresql")
        found = Site(node, database, address.render_as_string(hide_password=False), url)
        yield found
        found.desk.database.close()


def quietly(program: subprocess.Popen[bytes]) -> int:
    program.send_signal(signal.SIGTERM)
    return program.wait(PATIENCE)


def test_two_workers_share_the_cases(site: Site, tmp_path: Path) -> None:
    site.open_cases(NUMBER)
    site.move_on()
    with site.worker(tmp_path) as first, site.worker(tmp_path) as second:
        assert soon(lambda: site.told == 2 * NUMBER)
        assert quietly(first) == quietly(second) == 0
    site.assert_each_case_told_once(NUMBER)


def test_a_worker_that_is_killed_amid_its_looks_loses_nothing(
    site: Site, tmp_path: Path
) -> None:
    site.open_cases(NUMBER)
    site.move_on()
    site.node.faults = Faults(latency=0.1)
    killed = 0
    while site.told < 2 * NUMBER and killed < 4:
        before = site.told
        with site.worker(tmp_path) as program:
            assert soon(lambda seen=before: site.told > seen and site.leased > 0)
            program.kill()
            program.wait(PATIENCE)
        killed += 1
        assert before < site.told
        site.end_leases()
    assert killed >= 2
    with site.worker(tmp_path) as program:
        assert soon(lambda: site.told == 2 * NUMBER)
        assert quietly(program) == 0
    site.assert_each_case_told_once(NUMBER)


def test_one_of_two_workers_is_killed_and_the_other_takes_its_cases(
    site: Site, tmp_path: Path
) -> None:
    site.open_cases(NUMBER)
    site.move_on()
    site.node.faults = Faults(latency=0.1)
    with site.worker(tmp_path) as first:
        assert soon(lambda: site.leased > 0)
        first.kill()
        first.wait(PATIENCE)
        with site.worker(tmp_path) as second:
            site.node.faults = Faults()
            site.end_leases()
            assert soon(lambda: site.told == 2 * NUMBER, 2 * PATIENCE)
            assert quietly(second) == 0
    site.assert_each_case_told_once(NUMBER)


def test_a_worker_that_hangs_while_another_does_its_work_writes_nothing(
    site: Site, tmp_path: Path
) -> None:
    site.open_cases(8)
    site.move_on()
    with ExitStack() as stack:
        first = stack.enter_context(site.worker(tmp_path))
        site.node.faults = Faults(latency=0.5)
        assert soon(lambda: site.leased > 0)
        first.send_signal(signal.SIGSTOP)
        site.end_leases()
        site.node.faults = Faults()
        second = stack.enter_context(site.worker(tmp_path))
        assert soon(lambda: site.told == 16)
        first.send_signal(signal.SIGCONT)
        assert quietly(first) == quietly(second) == 0
    site.assert_each_case_told_once(8)


def test_the_database_goes_away_and_comes_back(site: Site, tmp_path: Path) -> None:
    site.open_cases(NUMBER)
    site.move_on()
    site.node.faults = Faults(latency=0.1)
    with site.worker(tmp_path) as first:
        assert soon(lambda: site.told > 0)
        with away(site):
            assert first.poll() is None
        site.end_leases()
        site.node.faults = Faults()
        assert first.poll() is None
        with site.worker(tmp_path) as second:  # it looks at once, not in the next minute
            assert soon(lambda: site.told == 2 * NUMBER, 2 * PATIENCE)
            assert quietly(first) == quietly(second) == 0
    site.assert_each_case_told_once(NUMBER)


@contextmanager
def away(site: Site) -> Iterator[None]:
    """The database accepts nobody, and has cut off everybody."""
    assert POSTGRESQL
    name = site.database.engine.url.database
    server = make_url(POSTGRESQL).set(drivername="postgresql+psycopg")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    cut = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :n")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        connection.execute(cut, {"n": name})
        try:
            yield
        finally:
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    engine.dispose()


def test_a_queue_that_loses_its_jobs_loses_no_case(site: Site, tmp_path: Path) -> None:
    site.open_cases(10)
    site.move_on()
    queue = redis.Redis.from_url(site.queue)
    with site.worker(tmp_path) as program:
        queue.flushdb()
        assert soon(lambda: site.told == 20, 2 * PATIENCE)
        assert quietly(program) == 0
    site.assert_each_case_told_once(10)


def test_what_stands_in_the_queue_is_not_executed(site: Site, tmp_path: Path) -> None:
    """Jobs are names, never pickled objects: whoever writes into the queue runs no code."""
    marker = tmp_path / "marker"
    evil = b"cos\nsystem\n(S'touch " + str(marker).encode() + b"'\ntR."
    queue = redis.Redis.from_url(site.queue)
    site.open_cases(3)
    site.move_on()
    queue.rpush("huey.redis.diag", evil)
    with site.worker(tmp_path) as program:
        assert soon(lambda: site.told == 6, 2 * PATIENCE)
        assert quietly(program) == 0
    assert not marker.exists()


def test_senders_that_are_killed_send_again_under_the_same_id(site: Site) -> None:
    """The outbox as senders use it: a lease each, and a second attempt for what was not settled."""
    site.open_cases(5)
    site.move_on()
    desk = site.desk_at(AFTER)
    for case in desk.page({}, 50, None)[0]:
        desk.check(desk.find(case["id"]), None)
    now = desk.wall()
    dead = outbox.take(site.database, now, "a" * 32, 4)
    alive = outbox.take(site.database, now, "b" * 32, 50)
    assert (len(dead), len(alive)) == (4, 6)

    def take(wall: datetime) -> list[Any]:
        return outbox.take(site.database, wall, "c" * 32, 50)

    assert [outbox.delivered(site.database, message, now) for message in alive] == [True] * 6
    assert take(now) == []
    again = take(now + outbox.LEASE)
    assert {m.id for m in again} == {m.id for m in dead}
    assert {m.attempts for m in again} == {2}
    assert [outbox.delivered(site.database, m, now) for m in dead] == [False] * 4
    desk.database.close()


def test_workers_tell_and_one_of_them_is_killed_amid_it(site: Site, tmp_path: Path) -> None:
    """Each message arrives; what arrives twice has the same id, so that it counts once."""
    site.open_cases(NUMBER)
    site.move_on()
    with receiving(verifying(SECRET)) as receiver:
        lines = webhook_file(tmp_path / "hook.toml", receiver.url, "hook").read_text()
        lines += webhook_file(tmp_path / "mail.toml", receiver.url, "mail").read_text()
        site.channels = write(tmp_path / "channels.toml", lines)
        with site.worker(tmp_path) as first, site.worker(tmp_path) as second:
            assert soon(lambda: len(receiver.arrived) >= NUMBER // 4)
            first.kill()
            first.wait(PATIENCE)

            def told() -> bool:
                site.end_leases()
                return site.delivered == 2 * NUMBER

            assert soon(told, 6 * PATIENCE)
            assert quietly(second) == 0
    site.assert_each_case_told_once(NUMBER)
    assert len(set(receiver.ids)) == 2 * NUMBER
    assert len(receiver.ids) <= 2 * NUMBER + 8, "what the killed worker had under way, at most"
