"""The outbox as senders use it: taken under a lease, settled once, tried again, parked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from desks import Chain, at, new_case

from diag.cases import outbox
from diag.cases.database import Database
from diag.cases.outbox import Delivery, Taken

SETTLED = at("2026-11-21T21:04:00")


@pytest.fixture
def chain(database: Database) -> Chain:
    """A chain on which a change has just been noticed, and two destinations are to be told."""
    found = Chain(at("2026-11-21T21:01:00"))
    window = {"to": "2026-11-21T21:00:30Z", "asset": "NORTH.BTC"}
    found.desk(database, ("hook", "mail")).open(new_case(tell=("hook", "mail"), **window), None)
    found.now = SETTLED
    found.watcher(database).run()
    return found


def taken(
    database: Database, chain: Chain, lease: str = "a" * 32, limit: int = 50
) -> list[Taken]:
    return outbox.take(database, chain.wall, lease, limit)


def counts(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return outbox.counts(connection)


def settled(**more: int) -> dict[str, Any]:
    return {"waiting": 0, "delivered": 0, "parked": 0, **more}


def test_a_message_is_taken_by_one_sender(database: Database, chain: Chain) -> None:
    first, second = taken(database, chain, "a" * 32, 1), taken(database, chain, "b" * 32)
    assert sorted(m.destination for m in (*first, *second)) == ["hook", "mail"]
    assert taken(database, chain, "c" * 32) == []


def test_a_message_that_was_delivered_is_not_taken_again(
    database: Database, chain: Chain
) -> None:
    for message in taken(database, chain):
        assert outbox.delivered(database, message, chain.wall)
    chain.wall += timedelta(days=1)
    assert taken(database, chain) == []
    assert counts(database) == settled(delivered=2)


def test_a_sender_that_came_too_late_settles_nothing(database: Database, chain: Chain) -> None:
    [late, _] = taken(database, chain)
    chain.wall += outbox.LEASE
    [again, _] = taken(database, chain, "b" * 32)
    assert (late.id, late.attempts, again.attempts) == (again.id, 1, 2)
    assert not outbox.failed(database, late, chain.wall, "timeout", None)
    assert not outbox.delivered(database, late, chain.wall)
    assert outbox.delivered(database, again, chain.wall)


def test_a_lease_of_a_clock_that_was_put_back_holds_nobody_up(
    database: Database, chain: Chain
) -> None:
    chain.wall += timedelta(days=30)
    assert len(taken(database, chain)) == 2
    chain.wall -= timedelta(days=30) - timedelta(seconds=1)
    assert len(taken(database, chain, "b" * 32)) == 2


def test_what_failed_is_tried_again_when_it_is_due(database: Database, chain: Chain) -> None:
    [one, other] = taken(database, chain)
    outbox.delivered(database, other, chain.wall)
    later = chain.wall + timedelta(minutes=5)
    assert outbox.failed(database, one, chain.wall, "503 " + "x" * 1000, later)
    assert taken(database, chain) == []
    chain.wall = later
    [again] = taken(database, chain)
    assert (again.id, again.attempts) == (one.id, 2)
    assert again.payload == one.payload


def test_what_is_given_up_is_parked_until_somebody_retries(
    database: Database, chain: Chain
) -> None:
    [one, other] = taken(database, chain)
    assert outbox.failed(database, one, chain.wall, "410", None)
    assert outbox.delivered(database, other, chain.wall)
    chain.wall += timedelta(days=30)
    assert taken(database, chain) == []
    assert counts(database) == settled(parked=1, delivered=1)
    assert not outbox.retry(database, other.id, chain.wall)
    assert outbox.retry(database, one.id, chain.wall)
    [again] = taken(database, chain)
    assert (again.id, again.attempts) == (one.id, 1)


def test_the_words_of_the_states_are_kept(database: Database) -> None:
    assert counts(database) == dict.fromkeys(Delivery, 0)
