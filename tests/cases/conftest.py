"""Each test of the store runs on every kind of database that there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from case_app import app, chain, client, desk, one
from stores import KINDS, new_database

from diag.cases.database import Database

__all__ = ["app", "chain", "client", "desk", "one"]


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with new_database(request.param, tmp_path) as opened:
        yield opened
