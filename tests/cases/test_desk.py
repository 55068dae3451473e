"""Kept cases in the database: found, paged, handed out, and ended; on every kind of database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from desks import Chain, new_case
from secret_texts import wif
from sqlalchemy import func, select

from diag.cases.database import Database
from diag.cases.desk import Desk
from diag.cases.record import StoredCase, question_json, question_of
from diag.cases.tables import metadata
from diag.domain.case import Case
from diag.errors import KeyReused, NoSuchCase
from diag.i18n import Text
from diag.schemas.case import parse
from diag.words import Phrases

STALLED = {
    "from": "2026-11-22T09:00:00Z",
    "to": "2026-11-22T10:00:00Z",
    "asset": "HARBOR.USDT",
}


@pytest.fixture
def chain() -> Chain:
    return Chain()


@pytest.fixture
def desk(chain: Chain, database: Database) -> Desk:
    return chain.desk(database)


def opened(desk: Desk, account: str = "lin-yue", **fields: Any) -> StoredCase:
    return desk.open(new_case(account, **fields), "li-na")[0]


def ids(desk: Desk, **wanted: Any) -> list[str]:
    return [case["id"] for case in desk.page(wanted, 50, None)[0]]


def rows(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def said(desk: Desk) -> str:
    """The reply that is kept with a new case."""
    return str(desk.document(opened(desk))["diagnosis"]["reply"]["en"])


def test_a_reply_that_is_kept_has_the_operators_words(chain: Chain, database: Database) -> None:
    ours = chain.desk(database)
    theirs = Phrases({"frame.greeting": Text(zh="灯塔客服您好，", en="Hello from Lighthouse.")})
    desk = replace(ours, services=replace(ours.services, phrases=lambda: theirs))

    assert "Hello from Lighthouse." not in said(ours)
    assert "Hello from Lighthouse." in said(desk)


def test_a_case_is_read_as_it_was_written(desk: Desk) -> None:
    case = opened(desk, amount="0.05205", asset="NORTH.BTC", tell=("hook",))
    assert desk.find(case.id) == case


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [1, 0]),
        ({"text": "T-1"}, [0]),
        ({"text": "t-1"}, [0]),
        ({"text": "harbor"}, [1]),
        ({"text": "wrote to"}, [1]),
        ({"text": "WROTE"}, [1]),
        ({"text": "100%"}, []),
        ({"text": "100_"}, []),
        ({"text": "网关"}, [1, 0]),
        ({"account": "zhou-fang"}, [1]),
        ({"gateway": "NORTH"}, [0]),
        ({"state": ("resolved",), "code": "gateway_settled"}, [0]),
        ({"opened_by": "li-na"}, [1, 0]),
        ({"opened_by": "wang"}, []),
    ],
)
def test_cases_are_found(desk: Desk, wanted: dict[str, Any], expected: list[int]) -> None:
    made = [opened(desk), opened(desk, "zhou-fang", reference=None, **STALLED)]
    desk.add(made[1], {"kind": "note", "text": "Wrote to them: 100 percent"}, None)
    assert ids(desk, **wanted) == [made[number].id for number in expected]


def test_the_account_counts_by_its_name_and_its_id(desk: Desk) -> None:
    by_name = opened(desk)
    assert by_name.account_id
    by_id = opened(desk, by_name.account_id)
    for account in ("lin-yue", by_name.account_id):
        assert ids(desk, account=account) == [by_id.id, by_name.id]
        assert len(desk.export(account)) == 2
    assert desk.erase("lin-yue") == 2


def test_pages_hold_every_case_once_while_others_are_opened(desk: Desk) -> None:
    made = [opened(desk, reference=f"T-{n}").id for n in range(5)]
    first, more = desk.page({}, 2, None)
    opened(desk, reference="new")
    second, more = desk.page({}, 2, more)
    third, last = desk.page({}, 2, more)
    assert [case["id"] for case in (*first, *second, *third)] == made[::-1]
    assert last is None


def test_a_request_is_repeatable_for_its_owner_alone(desk: Desk) -> None:
    request = ("k" * 64, "d" * 64)
    first, _, new = desk.open(new_case(), "li-na", request)
    again, _, repeated = desk.open(new_case(), "li-na", request)
    other, _, also_new = desk.open(new_case(), "wang", request)
    assert (new, repeated, also_new) == (True, False, True)
    assert first == again
    assert other.id != first.id
    with pytest.raises(KeyReused):
        desk.open(new_case(), "li-na", ("k" * 64, "e" * 64))


def test_what_is_deleted_leaves_nothing_behind(
    desk: Desk, chain: Chain, database: Database
) -> None:
    case, _, _ = desk.open(new_case(), None, ("k" * 64, "d" * 64))
    desk.add(case, {"kind": "note", "text": "a note"}, None)
    assert rows(database)["events"] == 2
    desk.delete(case, None)
    found = rows(database)
    found.pop("alembic_version", None)
    assert set(found.values()) == {0}
    for door in (desk.find, desk.find):
        with pytest.raises(NoSuchCase):
            door(case.id)
    with pytest.raises(NoSuchCase):
        desk.add(case, {"kind": "note", "text": "too late"}, None)
    with pytest.raises(NoSuchCase):
        desk.edit(case, None, {"state": "open"}, None)
    with pytest.raises(NoSuchCase):
        desk.check(case, None)


def test_the_retention_counts_from_the_last_thing_that_happened(
    desk: Desk, chain: Chain
) -> None:
    silent, noted = opened(desk, reference="silent"), opened(desk, reference="noted")
    chain.now += timedelta(days=30)
    desk.add(noted, {"kind": "note", "text": "still here"}, None)
    chain.now += timedelta(days=61)
    assert desk.purge() == 1
    assert ids(desk) == [noted.id]
    chain.now += timedelta(days=30)
    assert desk.purge() == 1
    assert ids(desk) == []
    assert silent.id not in ids(desk)


def test_a_key_is_forgotten_after_a_day(desk: Desk, chain: Chain) -> None:
    request = ("k" * 64, "d" * 64)
    first, _, _ = desk.open(new_case(), None, request)
    chain.now += timedelta(days=1, seconds=1)
    desk.purge()
    again, _, new = desk.open(new_case(), None, request)
    assert new
    assert again.id != first.id


@pytest.mark.parametrize(
    "given",
    [
        {"last": "6h"},
        {"last": "6h", "tz": "Asia/Shanghai", "asset": "NORTH.BTC", "amount": "0.05205"},
        {"last": "6h", "received": "1", "destination": "north-wallet", "memo": "btc:x"},
        {"last": "6h", "operation": "1.11.24815", "transaction": "a" * 40},
        {"last": "6h", "external_transaction": "0x" + "b" * 64},
        {"last": "6h", "memo": wif(Random("kept cases"))},
    ],
)
def test_a_question_is_asked_again_as_it_was_asked(given: dict[str, str], chain: Chain) -> None:
    asked: Case = parse({"account": "lin-yue", **given}, chain.now)
    assert question_of(question_json(asked)) == asked
