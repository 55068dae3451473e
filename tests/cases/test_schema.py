"""The schema of the store: set up, migrated when told, refused where it is newer; and the file."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from desks import Chain, new_case
from recorded import RECORDED
from sqlalchemy import inspect, text
from stores import KINDS, empty_database
from waiting import FOREVER

from diag.bootstrap import build_services
from diag.case_bootstrap import build_desk
from diag.cases import schema
from diag.cases.database import Database
from diag.cases.schema import Fit, fit, require_current, upgrade
from diag.cases.tables import metadata
from diag.config.settings import Settings
from diag.errors import BadSetting, StoreUnavailable


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with empty_database(request.param, tmp_path) as url:
        opened = Database.open(url)
        yield opened
        opened.close()


def set_version(database: Database, version: str) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


def test_the_migrations_make_the_tables_of_the_code(empty: Database) -> None:
    assert upgrade(empty) is Fit.EMPTY
    with empty.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_versions_are_those_of_the_migrations() -> None:
    script = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    found = [revision.revision for revision in script.walk_revisions()]
    assert tuple(reversed(found)) == schema.VERSIONS


def test_a_migration_that_was_done_is_not_done_again(empty: Database) -> None:
    upgrade(empty)
    assert fit(empty) is Fit.CURRENT
    assert upgrade(empty) is Fit.CURRENT
    require_current(empty)


def test_a_newer_schema_is_refused_everywhere(empty: Database) -> None:
    upgrade(empty)
    set_version(empty, "9999")
    assert fit(empty) is Fit.NEWER
    for door in (require_current, upgrade):
        with pytest.raises(BadSetting, match="newer"):
            door(empty)


def test_an_older_schema_is_migrated_only_when_told(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(empty)
    monkeypatch.setattr(schema, "VERSIONS", (*schema.VERSIONS, "0099"))
    assert fit(empty) is Fit.OLDER
    with pytest.raises(BadSetting, match="diag db upgrade"):
        require_current(empty)


def test_an_empty_file_is_set_up_and_an_empty_server_is_not(empty: Database) -> None:
    if empty.is_sqlite:
        require_current(empty)
        assert fit(empty) is Fit.CURRENT
        return
    with pytest.raises(BadSetting, match="diag db upgrade"):
        require_current(empty)
    assert not inspect(empty.engine).get_table_names()


def test_a_migration_that_fails_leaves_nothing_behind(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import command

    real = command.upgrade

    def broken(*args: Any) -> None:
        real(*args)
        raise RuntimeError("half-way")

    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", broken)
        with pytest.raises(RuntimeError):
            upgrade(empty)
    assert fit(empty) is Fit.EMPTY
    assert not inspect(empty.engine).has_table("cases")


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "private" / "cases.db"
    database = Database.open(f"sqlite:///{path}")
    upgrade(database)
    Chain().desk(database).open(new_case(), None)
    with database.writing() as connection:
        connection.execute(text("UPDATE cases SET looks = looks"))
        modes = {f.name: stat.S_IMODE(f.stat().st_mode) for f in path.parent.iterdir()}
    assert set(modes) >= {"cases.db", "cases.db-wal"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:x/y/z/\0", "mysql://h/x", "no url", "sqlite:////proc/x/y"],
)
def test_a_database_that_cannot_be_is_a_wrong_setting(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # directories of a path are made before it is opened
    with pytest.raises((BadSetting, ValueError)):
        Database.open(url)


def test_a_server_that_does_not_answer_is_no_wrong_setting() -> None:
    settings = Settings(
        deadline=FOREVER, ledger=RECORDED, database="postgresql://nobody@127.0.0.1:1/none"
    )
    with pytest.raises(StoreUnavailable):
        build_desk(settings, build_services(settings))


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'cases.db'}")
    upgrade(database)
    chain = Chain()
    desk = chain.desk(database)
    desk.open(new_case(reference="first"), None)

    from sqlalchemy import event

    @event.listens_for(database.engine, "begin")
    def full(connection: Any) -> None:
        if limited:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    limited = True
    with pytest.raises(StoreUnavailable):
        for number in range(200):
            desk.open(new_case(reference=f"more {number}"), None)
    limited = False
    kept, _ = desk.page({}, 200, None)
    assert {case["reference"] for case in kept} >= {"first"}
    for case in kept:
        events, _ = desk.events(desk.find(case["id"]), 10, None)
        assert [found["kind"] for found in events] == ["opened"]
    with database.writing() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    assert desk.open(new_case(reference="after"), None)[2]
