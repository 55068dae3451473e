"""Fixtures of the service with cases switched on: a conftest imports them.

One application serves all tests of a process; each test gets a database and a chain of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from desks import Chain
from flask import Flask
from flask.testing import FlaskClient
from stores import new_database, sqlite_url

from diag.api.app import build_app
from diag.cases.desk import Desk
from diag.config.settings import Settings


@pytest.fixture(scope="session")
def one() -> Chain:
    """The chain that the application reads."""
    return Chain()


@pytest.fixture(scope="session")
def app(one: Chain, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    directory = tmp_path_factory.mktemp("app")
    with new_database("sqlite", directory) as database:
        services = replace(one.services(), settings=Settings(database=sqlite_url(directory)))
        return build_app(services, None, one.desk(database))


@pytest.fixture
def chain(one: Chain) -> Chain:
    """The chain of the application, as it is at first."""
    vars(one).update(vars(Chain()))
    return one


@pytest.fixture
def desk(chain: Chain, tmp_path: Path) -> Iterator[Desk]:
    with new_database("sqlite", tmp_path) as database:
        yield chain.desk(database, ("hook", "mail"))


@pytest.fixture
def client(app: Flask, desk: Desk) -> FlaskClient:
    app.extensions["diag_desk"] = desk
    return app.test_client()
