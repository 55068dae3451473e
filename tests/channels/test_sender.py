"""Sending the messages of the outbox: once, again after failures, parked after a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import pytest
from messages import WALL, put, rows

from diag.cases import deliveries, outbox
from diag.cases.database import Database
from diag.channels.backoff import DAY, next_attempt, pause, spent
from diag.channels.message import Failed, Outgoing
from diag.channels.sender import AT_ONCE, Sender
from diag.errors import NoSuchDelivery, NotParked


@dataclass
class Fake:
    """A channel that does what it is told: a step is None to take a message, or what to raise."""

    steps: list[Exception | None] = field(default_factory=list)
    name: str = "ops"
    kind: str = "fake"
    address: str = ""
    sent: list[Outgoing] = field(default_factory=list)
    lock: Any = field(default_factory=Lock)

    def send(self, message: Outgoing) -> None:
        with self.lock:
            self.sent.append(message)
            step = self.steps.pop(0) if self.steps else None
        if step is not None:
            raise step

    def probe(self) -> None:
        """Nothing to try."""


@dataclass
class Clock:
    now: datetime = WALL

    def __call__(self) -> datetime:
        return self.now


def sender(database: Database, clock: Callable[[], datetime], *channels: Fake) -> Sender:
    return Sender(database, lambda: {channel.name: channel for channel in channels}, clock)


def test_a_message_is_sent_once_and_never_again(database: Database) -> None:
    [found] = put(database, "ops")
    clock, ops = Clock(), Fake()
    assert sender(database, clock, ops).run() == 1
    clock.now += timedelta(days=30)
    assert sender(database, clock, ops).run() == 0
    assert [(message.id, message.repeated) for message in ops.sent] == [(found, False)]
    [row] = rows(database)
    assert (row.state, row.attempts, row.error, row.settled_at) == ("delivered", 1, None, WALL)


def test_each_destination_stands_for_itself(database: Database) -> None:
    put(database, "ops", "mail")
    ops, mail = Fake([Failed("HTTP 500")]), Fake(name="mail")
    sender(database, Clock(), ops, mail).run()
    assert {row.destination: row.state for row in rows(database)} == {
        "ops": "waiting",
        "mail": "delivered",
    }


def test_a_failure_is_tried_again_later_and_later_and_under_the_same_id(
    database: Database,
) -> None:
    [found] = put(database, "ops")
    clock = Clock()
    ops = Fake([Failed("HTTP 503"), Failed("no answer (ConnectTimeout)"), None])
    telling = sender(database, clock, ops)
    times = []
    while rows(database)[0].state == "waiting":
        telling.run()
        times.append(clock.now - WALL)
        clock.now = max(rows(database)[0].due_at, clock.now + timedelta(seconds=1))
    assert [time.total_seconds() for time in times] == [0, 30, 90]
    assert [message.id for message in ops.sent] == [found] * 3
    assert [message.repeated for message in ops.sent] == [False, True, True]


def test_after_a_day_it_is_parked_and_told_by_its_reason(database: Database) -> None:
    put(database, "ops")
    clock, outcomes = Clock(), []
    ops = Fake([Failed("HTTP 503")] * 1000)
    telling = Sender(database, lambda: {"ops": ops}, clock, outcomes.append)
    while rows(database)[0].state == "waiting":
        telling.run()
        clock.now = max(rows(database)[0].due_at, clock.now)
    assert timedelta(hours=22) < clock.now - WALL <= DAY + timedelta(hours=1)
    assert 20 < len(ops.sent) < 40
    assert outcomes == ["failed"] * (len(ops.sent) - 1) + ["parked"]
    [row] = rows(database)
    assert (row.state, row.error) == ("parked", "HTTP 503")


@pytest.mark.parametrize(
    ("step", "state", "error"),
    [
        (Failed("HTTP 410", final=True), "parked", "HTTP 410"),
        (Failed("HTTP 429", wait=600), "waiting", "HTTP 429"),
        (RuntimeError("a secret"), "waiting", "an error of this service; see its log"),
    ],
)
def test_a_failure_says_what_becomes_of_the_message(
    database: Database, step: Exception, state: str, error: str
) -> None:
    put(database, "ops")
    sender(database, Clock(), Fake([step])).run()
    [row] = rows(database)
    assert (row.state, row.error) == (state, error)


def test_a_receiver_is_left_alone_as_long_as_it_asks(database: Database) -> None:
    put(database, "ops", event="a" * 32)
    clock, ops = Clock(), Fake([Failed("HTTP 429", wait=600)])
    telling = sender(database, clock, ops)
    telling.run()
    clock.now += timedelta(minutes=9)
    put(database, "ops", event="b" * 32)
    assert telling.run() == 0, "the new message waits, too"
    assert sorted(row.attempts for row in rows(database)) == [0, 1]
    clock.now += timedelta(minutes=2)
    assert telling.run() == 2
    assert {row.state for row in rows(database)} == {"delivered"}


def test_a_channel_that_is_gone_from_the_file_is_waited_for(database: Database) -> None:
    put(database, "ops")
    clock = Clock()
    sender(database, clock).run()
    [row] = rows(database)
    assert row.state == "waiting" and "no channel" in row.error
    clock.now = row.due_at
    sender(database, clock, Fake()).run()
    assert rows(database)[0].state == "delivered"


def test_messages_are_sent_once_each_by_two_workers(database: Database) -> None:
    for number in range(200):
        put(database, "ops", event=f"{number:032x}")
    ops, clock = Fake(), Clock()
    from threading import Thread

    workers = [Thread(target=sender(database, clock, ops).run) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(ops.sent) == len({message.id for message in ops.sent}) == 200


def test_a_worker_that_was_held_up_gives_the_message_back_before_it_sends(
    database: Database,
) -> None:
    put(database, "ops")
    times = iter([WALL])  # it takes the message, and is held up for most of its lease
    ops = Fake()
    sender(database, lambda: next(times, WALL + timedelta(seconds=90)), ops).run()
    assert [message.repeated for message in ops.sent] == [False], "taken anew, and sent once"
    assert rows(database)[0].attempts == 1


def test_what_two_workers_settle_is_settled_by_the_later_one(database: Database) -> None:
    put(database, "ops")
    [first] = outbox.take(database, WALL, "a" * 32, AT_ONCE)
    later = WALL + outbox.LEASE
    [second] = outbox.take(database, later, "b" * 32, AT_ONCE)
    assert first.id == second.id
    assert not outbox.delivered(database, first, later)
    assert outbox.delivered(database, second, later)


# --- by hand --------------------------------------------------------------------------------------


def parked(database: Database) -> str:
    [found] = put(database, "ops")
    sender(database, Clock(), Fake([Failed("HTTP 410", final=True)])).run()
    return found


def test_a_parked_message_is_sent_again_by_hand(database: Database) -> None:
    found = parked(database)
    assert deliveries.retry(database, found, WALL)["state"] == "waiting"
    ops = Fake()
    sender(database, Clock(), ops).run()
    assert [message.id for message in ops.sent] == [found]
    with pytest.raises(NotParked):
        deliveries.retry(database, found, WALL)
    with pytest.raises(NoSuchDelivery):
        deliveries.retry(database, "0" * 32, WALL)


def test_a_parked_message_is_dropped_and_a_delivered_one_is_kept(database: Database) -> None:
    deliveries.drop(database, parked(database), WALL)
    assert rows(database) == []
    [other] = put(database, "ops", event="f" * 32)
    sender(database, Clock(), Fake()).run()
    with pytest.raises(NoSuchDelivery):
        deliveries.drop(database, other, WALL)


def test_messages_are_listed_in_pages_each_once(database: Database) -> None:
    found = {put(database, "ops", event=f"{number:032x}")[0] for number in range(5)}
    put(database, "mail", event="9" * 32)
    seen, before = [], None
    while True:
        page, before = deliveries.page(database, "waiting", "ops", 2, before)
        seen += [row["id"] for row in page]
        if before is None:
            break
    assert len(seen) == 5 and set(seen) == found


# --- when -----------------------------------------------------------------------------------------


def test_the_pauses_grow_to_an_hour_and_end_after_a_day() -> None:
    seconds = [pause(number).total_seconds() for number in range(1, 10)]
    assert seconds == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    last = next(number for number in range(1, 100) if next_attempt(number, WALL) is None)
    assert spent(last) <= DAY < spent(last + 1)
    assert next_attempt(1, WALL, wait=7200) == WALL + timedelta(hours=2)
