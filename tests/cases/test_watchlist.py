"""Which kept cases are due, on every kind of database."""

from datetime import datetime, timedelta

import pytest
from desks import Chain, at, new_case
from sqlalchemy import select, update

from diag.cases.database import Database
from diag.cases.schedule import LONGEST
from diag.cases.tables import cases
from diag.cases.watchlist import due

NOON = at("2026-11-22T12:00:00")


@pytest.mark.parametrize(
    ("planned", "taken"),
    [
        (None, False),
        (NOON, True),
        (NOON - timedelta(days=3), True),
        (NOON + timedelta(minutes=1), False),
        (NOON + LONGEST, False),
        pytest.param(NOON + 2 * LONGEST, True, id="planned by a clock that was ahead"),
        pytest.param(NOON + timedelta(days=400), True, id="planned by a clock a year ahead"),
    ],
)
def test_a_clock_that_is_put_back_keeps_no_case_waiting(
    database: Database, planned: datetime | None, taken: bool
) -> None:
    Chain().desk(database).open(new_case(), None)
    with database.writing() as connection:
        connection.execute(update(cases).values(next_look=planned))
        found = connection.scalars(select(cases.c.seq).where(due(NOON))).all()
    assert bool(found) is taken
