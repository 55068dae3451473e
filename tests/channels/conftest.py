"""Each test of the outbox runs on every kind of database that there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from stores import KINDS, new_database

from diag.cases.database import Database


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with new_database(request.param, tmp_path) as opened:
        yield opened
