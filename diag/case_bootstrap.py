"""The composition root of the kept cases: their database, channels and jobs, from the settings.

Nothing of them is imported where they are off.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from diag.bootstrap import build_services
from diag.config.reloading_file import ReloadingFile
from diag.config.settings import Settings
from diag.errors import BadSetting, StoreUnavailable
from diag.services import Services

if TYPE_CHECKING:
    from diag.cases.database import Database
    from diag.cases.desk import Desk
    from diag.cases.jobs import Jobs
    from diag.cases.watcher import Watcher
    from diag.channels.file import Channels


def build_desk(settings: Settings, services: Services) -> Desk | None:
    """The kept cases; None where they are not switched on. Nothing of it is imported then.

    Raises BadSetting if the database cannot be used or has another schema, and StoreUnavailable.
    """
    if not settings.keeps_cases:
        return None
    database = open_database(settings)
    from diag.cases.desk import Desk
    from diag.cases.schema import require_current

    require_current(database)
    channels = build_channels(settings)
    return Desk(
        database,
        services,
        channels=lambda: channels().channels if channels else (),
        wall=partial(datetime.now, UTC),
        keep=timedelta(days=settings.retention),
    )


def build_channels(settings: Settings) -> Callable[[], Channels] | None:
    """Reads the operator's channels and hooks at the moment; None where there are none.

    Nothing of them is imported then. Raises BadSetting.
    """
    if settings.channels is None:
        return None
    from diag.channels.file import read_channels

    return ReloadingFile(settings.channels, read_channels, "channels")


def require_desk(settings: Settings) -> Desk:
    """The kept cases, with services of their own; raises BadSetting also where they are off."""
    desk = build_desk(settings, build_services(settings))
    if desk is None:
        raise BadSetting.of("error.cases_off")
    return desk


def open_database(settings: Settings) -> Database:
    """The database of the cases, whatever its schema; raises BadSetting."""
    if not settings.keeps_cases:
        raise BadSetting.of("error.cases_off")
    try:
        from diag.cases.database import Database

        default = f"sqlite:///{data_directory() / 'cases.db'}"
        return Database.open(settings.database or default)
    except ImportError:
        raise BadSetting.of("setup.no_case_packages") from None


def examine_database(settings: Settings) -> None:
    """Raises BadSetting if a database that is named does not answer or has another schema.

    Writes nothing: a SQLite file that is not there yet is no mistake.
    """
    url = settings.database
    if url is None or (
        url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists()
    ):
        return
    database = open_database(settings)
    from diag.cases.schema import NOT_CURRENT, Fit, fit

    try:
        found = fit(database)
    except StoreUnavailable:
        raise BadSetting.of("setup.database_silent") from None
    if found is not Fit.CURRENT and not (found is Fit.EMPTY and database.is_sqlite):
        raise BadSetting(NOT_CURRENT[found])


def build_jobs(
    settings: Settings,
    desk: Desk,
    stopping: Event,
    count_delivery: Callable[[str], object] = lambda _: None,
) -> tuple[Jobs, Watcher]:
    """The jobs that watch, tell and purge, not started yet, and the watcher among them.

    count_delivery: is told the outcome of each attempt to tell somebody.
    """
    from diag.cases.jobs import Job, Jobs, every_minute, every_six_hours
    from diag.cases.watcher import Watcher

    watcher = Watcher(desk.database, desk.services, desk.wall, stopping.is_set)
    channels = build_channels(settings)
    if channels is None:
        jobs = [Job("look", watcher.run, every_minute)]
    else:
        from diag.hooks.jobs import telling_jobs

        jobs = telling_jobs(desk, watcher, channels, stopping.is_set, count_delivery)
    jobs.append(Job("purge", desk.purge, every_six_hours))
    if settings.queue:
        return Jobs.on_redis(settings.queue, jobs, stopping), watcher
    file = desk.database.file
    path = file.with_name(f"{file.stem}-jobs.db") if file else data_directory() / "jobs.db"
    return Jobs.on_file(path, jobs, stopping), watcher


def data_directory() -> Path:
    """The directory of this user's data, which is made where there is none."""
    from platformdirs import user_data_path

    found = user_data_path("bitshares-diag", appauthor=False)
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found
