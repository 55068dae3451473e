"""`diag db`: looks after the database of the kept cases."""

from __future__ import annotations

import json

import click

from diag.case_bootstrap import open_database, require_desk
from diag.cli import options, output
from diag.cli.environment import command_settings
from diag.config.settings import Settings
from diag.schemas.kept_case import read_account

EXIT_NOT_CURRENT = 2


@click.group()
def command() -> None:
    """Look after the database of the kept cases."""


@command.command()
@options.lang
def upgrade(lang: str) -> int:
    """Set up an empty database, or migrate an older one."""
    return _upgrade(command_settings(), lang)


@command.command()
@options.lang
def check(lang: str) -> int:
    """Say whether the schema fits this version (exit status 2 if not), and what is kept."""
    return _check(command_settings(), lang)


@command.command()
@options.lang
def purge(lang: str) -> int:
    """Delete the cases that were kept long enough (DIAG_RETENTION)."""
    output.say("db.deleted", lang, count=require_desk(command_settings()).purge())
    return 0


@command.command()
@click.argument("account")
@options.lang
def export(account: str, lang: str) -> int:
    """Print everything that is kept about the cases of ACCOUNT, as JSON."""
    found = require_desk(command_settings()).export(read_account(account))
    output.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    return 0


@command.command()
@click.argument("account")
@options.lang
def erase(account: str, lang: str) -> int:
    """Delete all cases of ACCOUNT, with all that belongs to them."""
    output.say(
        "db.deleted", lang, count=require_desk(command_settings()).erase(read_account(account))
    )
    return 0


def _upgrade(settings: Settings, lang: str) -> int:
    from diag.cases.schema import VERSIONS, Fit, upgrade

    found = upgrade(open_database(settings))
    output.say(
        "db.up_to_date" if found is Fit.CURRENT else "db.upgraded", lang, version=VERSIONS[-1]
    )
    return 0


def _check(settings: Settings, lang: str) -> int:
    from diag.cases.schema import NOT_CURRENT, VERSIONS, Fit, fit

    found = fit(open_database(settings))
    if found is not Fit.CURRENT:
        output.write(NOT_CURRENT[found].say(lang) + "\n")
        return EXIT_NOT_CURRENT
    figures = require_desk(settings).figures()
    output.say("db.up_to_date", lang, version=VERSIONS[-1])
    for title, numbers in (("cases", figures.cases), ("messages", figures.messages)):
        listed = ", ".join(f"{state} {number}" for state, number in numbers.items())
        output.say(f"db.{title}", lang, listed=listed)
    output.say("db.due", lang, count=figures.due)
    return 0
