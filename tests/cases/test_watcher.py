"""Cases on the recorded chain while its head moves on: what is noticed, told, and told once."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from desks import Chain, at, new_case
from sqlalchemy import select
from waiting import beside

from diag.cases import outbox, watchlist
from diag.cases.database import Database
from diag.cases.look import effect
from diag.cases.record import StoredCase
from diag.cases.tables import cases
from diag.cases.tables import outbox as messages
from diag.cases.watcher import Tally
from diag.errors import CaseChanged

SENT = at("2026-11-21T21:01:00")
"""A minute after lin-yue sent 0.05205 NORTH.BTC; at 21:02:33 the gateway burns it."""
SETTLED = at("2026-11-21T21:04:00")
WINDOW = {"to": "2026-11-21T21:00:30Z", "asset": "NORTH.BTC"}
HOOK = ("hook",)


def opened(
    chain: Chain, database: Database, account: str = "lin-yue", **more: Any
) -> StoredCase:
    given = {**WINDOW, "tell": HOOK, **more}
    case, _, new = chain.desk(database, HOOK).open(new_case(account, **given), "desk-a")
    assert new
    return case


def told(database: Database) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(select(messages)))


def kinds(chain: Chain, database: Database, case: StoredCase) -> list[str]:
    events, _ = chain.desk(database).events(case, 50, None)
    return [event["kind"] for event in reversed(events)]


def test_a_change_is_noticed_written_and_put_into_the_outbox(database: Database) -> None:
    chain = Chain(SENT)
    case = opened(chain, database)
    assert (case.state, case.waiting_for) == ("waiting", "gateway")
    assert case.verdict.code == "gateway_processing"

    chain.now = SETTLED
    assert chain.watcher(database).run() == Tally(changed=1)

    found = chain.desk(database).find(case.id)
    assert (found.state, found.resolution, found.next_look) == ("resolved", "delivered", None)
    assert kinds(chain, database, case) == ["opened", "changed", "resolved"]
    [message] = told(database)
    assert (message.destination, message.state, message.attempts) == ("hook", "waiting", 0)
    payload = message.payload
    assert payload["id"] == message.id == outbox.message_id(message.event, "hook")
    assert payload["type"] == "case.changed"
    assert payload["case"]["id"] == case.id
    assert payload["case"]["reference"] == "T-1"
    assert payload["case"]["state"] == "resolved"
    body = payload["body"]
    assert body["what"] == ["code", "outcome", "stage"]
    assert body["after"]["code"] == "gateway_settled"
    assert re.search("[一-鿿]", body["text"]["zh"]) and "is now" in body["text"]["en"]
    assert found.verdict.reference in body["reply"]["zh"]
    assert found.verdict.reference in body["reply"]["en"]


def test_nothing_is_told_while_nothing_changes(database: Database) -> None:
    chain = Chain(SENT)
    case = opened(chain, database)
    watcher = chain.watcher(database)
    for seconds in (60, 70, 80):
        chain.now = SENT + timedelta(seconds=seconds)
        watcher.run()
    assert told(database) == []
    assert kinds(chain, database, case) == ["opened", "unchanged"]
    found = chain.desk(database).find(case.id)
    assert (found.version, found.looks, found.verdict) == (1, 2, case.verdict)


def test_looks_that_find_nothing_are_one_event_with_a_count(database: Database) -> None:
    chain = Chain(at("2026-11-22T08:30:00"))
    window = {"from": "2026-11-22T07:30:00Z", "to": "2026-11-22T08:30:00Z"}
    case = opened(chain, database, "zhao-ming", **window)
    for _ in range(3):
        chain.now += timedelta(minutes=1)
        assert chain.watcher(database).run() == Tally(unchanged=1)
    events, _ = chain.desk(database).events(case, 50, None)
    assert events[0]["body"] == {"looks": 3, "last": "2026-11-22T08:33:00Z"}


def test_a_case_is_told_once_however_often_it_is_looked_at(database: Database) -> None:
    chain = Chain(SENT)
    opened(chain, database)
    chain.now = SETTLED
    for _ in range(3):
        chain.watcher(database).run()
        chain.now += timedelta(hours=2)
    assert len(told(database)) == 1


def test_every_destination_gets_a_message_of_its_own(database: Database) -> None:
    chain = Chain(SENT)
    opened(chain, database, tell=("hook", "mail"))
    chain.now = SETTLED
    chain.watcher(database).run()
    found = told(database)
    assert sorted(message.destination for message in found) == ["hook", "mail"]
    assert len({message.id for message in found}) == 2
    assert len({message.event for message in found}) == 1


def test_a_silent_chain_changes_nothing_and_is_asked_again(database: Database) -> None:
    chain = Chain(SENT)
    case = opened(chain, database)
    chain.now, chain.silent = SETTLED, True
    assert chain.watcher(database).run() == Tally(unreadable=1)
    found = chain.desk(database).find(case.id)
    assert (found.verdict, found.failures) == (case.verdict, 1)
    assert found.next_look == chain.now + timedelta(minutes=1)
    assert told(database) == []

    chain.now, chain.silent = SETTLED + timedelta(minutes=1), False
    assert chain.watcher(database).run() == Tally(changed=1)
    assert chain.desk(database).find(case.id).failures == 0
    assert kinds(chain, database, case) == ["opened", "unreadable", "changed", "resolved"]


def test_a_watch_ends_after_14_days_with_a_word(database: Database) -> None:
    chain = Chain(at("2026-11-22T08:30:00"))
    window = {"from": "2026-11-22T07:30:00Z", "to": "2026-11-22T08:30:00Z"}
    case = opened(chain, database, "zhao-ming", **window)
    with database.writing() as connection:  # as if it had been opened 14 days ago
        over = chain.now + timedelta(minutes=1)
        connection.execute(cases.update().values(watch_until=over))
    chain.now = over
    chain.watcher(database).run()
    found = chain.desk(database).find(case.id)
    assert (found.state, found.next_look) == ("waiting", None)
    assert kinds(chain, database, case) == ["opened", "watch_ended"]
    [message] = told(database)
    assert message.payload["type"] == "case.watch_ended"
    assert "14" in message.payload["body"]["text"]["zh"]


@pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(days=-400)])
def test_a_clock_that_jumps_ends_no_watch_and_tells_nothing(
    database: Database, jump: timedelta
) -> None:
    """The chain has its own time: a look under a wrong clock finds nothing, or nothing new."""
    chain = Chain(SENT)
    case = opened(chain, database)
    with database.reading() as connection:
        due = connection.scalars(select(cases.c.seq).where(watchlist.due(SENT + jump))).all()
    assert due  # it is looked at at once, whichever way the clock jumped
    stored = chain.desk(database).find(case.id)
    for found in (None, stored.verdict):
        after = effect(stored, found, SENT + jump)
        assert (after.state, after.events) == (stored.state, ())
        assert after.next_look


def test_nothing_is_purged_while_the_clock_and_the_chain_differ(database: Database) -> None:
    chain = Chain(SENT)
    opened(chain, database)
    desk = chain.desk(database)
    chain.head, chain.now = chain.now, chain.now + timedelta(days=400)
    assert desk.purge() == 0
    chain.head = chain.now
    assert desk.purge() == 1


def test_two_workers_never_have_the_same_case(database: Database) -> None:
    chain = Chain(SENT)
    for number in range(12):
        opened(chain, database, reference=f"T-{number}")
    chain.now = SETTLED
    first = watchlist.take(database, chain.now, chain.wall, "a" * 32, 5)
    second = watchlist.take(database, chain.now, chain.wall, "b" * 32, 50)
    assert (len(first), len(second)) == (5, 7)
    assert {c.id for c in first}.isdisjoint(c.id for c in second)
    assert watchlist.take(database, chain.now, chain.wall, "c" * 32, 50) == []


def test_workers_side_by_side_look_at_every_case_once(database: Database) -> None:
    chain = Chain(SENT)
    for number in range(20):
        opened(chain, database, reference=f"T-{number}")
    chain.now, chain.looked = SETTLED, []
    watchers = [chain.watcher(database, batch=3) for _ in range(4)]
    with beside(*(watcher.run for watcher in watchers)):
        pass
    assert sum(watcher.tally.changed for watcher in watchers) == 20
    assert len(chain.looked) == 20
    assert len(told(database)) == 20


@pytest.mark.parametrize(
    "wait",
    [
        watchlist.LEASE,
        pytest.param(timedelta(days=-1), id="after the clock was put back"),
    ],
)
def test_the_cases_of_a_dead_worker_are_taken_by_another(
    database: Database, wait: timedelta
) -> None:
    chain = Chain(SENT)
    opened(chain, database)
    chain.now = SETTLED
    assert watchlist.take(database, chain.now, chain.wall, "a" * 32, 5)
    assert chain.watcher(database).run() == Tally()
    chain.wall += wait
    assert chain.watcher(database).run() == Tally(changed=1)


def test_a_worker_that_was_thought_dead_writes_nothing(database: Database) -> None:
    chain = Chain(SENT)
    opened(chain, database)
    chain.now = SETTLED
    [late] = watchlist.take(database, chain.now, chain.wall, "a" * 32, 5)
    chain.wall += watchlist.LEASE
    assert chain.watcher(database).run() == Tally(changed=1)
    result = effect(late, None, chain.now)
    assert not watchlist.write(database, late, "a" * 32, result, None, chain.now, chain.wall)
    assert len(told(database)) == 1


def test_a_look_at_a_case_that_is_closed_meanwhile_has_no_effect(database: Database) -> None:
    chain = Chain(SENT)
    case = opened(chain, database)
    desk = chain.desk(database)
    chain.now = SETTLED
    inner = chain.services().collect

    class Closing(Chain):
        def read(self, asked: Any) -> Any:
            desk.edit(case, None, {"state": "closed"}, "desk-b")
            return inner(asked)

    closing = Closing(SETTLED, wall=chain.wall)
    assert closing.watcher(database).run() == Tally(overtaken=1)
    assert desk.find(case.id).state == "closed"
    assert told(database) == []
    assert closing.watcher(database).run() == Tally()


def test_a_look_by_hand_beats_the_worker_that_looks_at_the_same_time(
    database: Database,
) -> None:
    chain = Chain(SENT)
    case = opened(chain, database)
    chain.now = SETTLED
    [taken] = watchlist.take(database, chain.now, chain.wall, "a" * 32, 5)
    desk = chain.desk(database)
    assert desk.check(case, "desk-b").resolution == "delivered"
    result = effect(taken, None, chain.now)
    assert not watchlist.write(database, taken, "a" * 32, result, None, chain.now, chain.wall)
    assert len(told(database)) == 1


def test_a_look_by_hand_that_finds_nothing_new_keeps_its_reference(database: Database) -> None:
    chain = Chain(SENT)
    case = opened(chain, database)
    desk = chain.desk(database)
    chain.now = SENT + timedelta(seconds=15)
    after = desk.check(case, "desk-b")
    assert after.verdict.diagnosis != case.verdict.diagnosis
    assert kinds(chain, database, case) == ["opened", "checked"]
    for reference in (case.verdict.reference, after.verdict.reference):
        assert desk.find(reference).id == case.id
    assert told(database) == []


def test_what_a_stopped_worker_has_not_begun_stays_due(database: Database) -> None:
    chain = Chain(SENT)
    for number in range(5):
        opened(chain, database, reference=f"T-{number}")
    chain.now, chain.looked = SETTLED, []
    stopped = chain.watcher(database, stopped=lambda: len(chain.looked) >= 2)
    assert stopped.run().changed == 2
    assert chain.watcher(database).run() == Tally(changed=3)


def test_a_crash_while_writing_leaves_nothing_behind(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event and its message are written in one transaction."""
    chain = Chain(SENT)
    case = opened(chain, database)
    chain.now = SETTLED

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(outbox, "add", full)
        with pytest.raises(OSError, match="No space"):
            chain.watcher(database).run()
    assert kinds(chain, database, case) == ["opened"]
    assert chain.desk(database).find(case.id) == case
    assert chain.watcher(database).run() == Tally(changed=1)
    assert len(told(database)) == 1


def test_no_text_of_the_user_is_kept(database: Database) -> None:
    chain = Chain(SENT)
    typed = "  Lin-Yue "
    case, _, _ = chain.desk(database).open(new_case(typed, **WINDOW), None)
    with database.reading() as connection:
        rows = connection.execute(select(cases)).all()
    assert case.question.account == "lin-yue"
    assert typed not in json.dumps([list(map(str, row)) for row in rows])
    assert case.question.read_as == ()


def test_a_change_for_an_older_version_is_refused(database: Database) -> None:
    chain = Chain(SENT)
    case = opened(chain, database)
    desk = chain.desk(database)
    assert desk.edit(case, 1, {"state": "closed"}, None).version == 2
    with pytest.raises(CaseChanged):
        desk.edit(case, 1, {"state": "open"}, None)
