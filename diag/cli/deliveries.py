"""`diag deliveries`: lists messages to the operator's channels, sends them again, deletes them."""

from __future__ import annotations

import json
import re

import click

from diag.case_bootstrap import require_desk
from diag.cli import options, output
from diag.cli.environment import command_settings
from diag.errors import BadInput, NoSuchDelivery
from diag.schemas.deliveries import STATES

_ID = re.compile(r"[0-9a-f]{32}\Z")


@click.group()
def command() -> None:
    """Look after the messages to the channels of DIAG_CHANNELS."""


@command.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--channel", metavar="NAME", help="Only those to this channel.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@options.output_format("text", "json")
@options.lang
def list_(state: str | None, channel: str | None, limit: int, form: str, lang: str) -> int:
    """List messages, the newest first."""
    from diag.cases import deliveries

    found, _ = deliveries.page(
        require_desk(command_settings()).database, state, channel, limit, None
    )
    if form == "json":
        text = json.dumps({"deliveries": found}, ensure_ascii=False, indent=2)
        output.write(f"{text}\n")
        return 0
    for row in found:
        times = f"{row['created']}  {row['state']:9} {row['attempts']:2}"
        error = f"  {row['error']}" if row["error"] else ""
        what = f"{row['destination']}  {row['type']}  {row['case'] or '-'}"
        output.write(f"{row['id']}  {times}  {what}{error}\n")
    return 0


@command.command()
@click.argument("id", required=False)
@click.option("--all", "all_", is_flag=True, help="All that are parked.")
@click.option("--channel", metavar="NAME", help="With --all: only those to this channel.")
@options.lang
def retry(id: str | None, all_: bool, channel: str | None, lang: str) -> int:
    """Make a parked message due again: the one of ID, or --all."""
    from diag.cases import deliveries

    if (id is None) != all_:
        raise BadInput.about("ID", "command.id_or_all")
    desk = require_desk(command_settings())
    if id is None:
        count = deliveries.retry_all(desk.database, channel, desk.wall())
    else:
        deliveries.retry(desk.database, _checked(id), desk.wall())
        count = 1
    output.say("deliveries.retried", lang, count=count)
    return 0


@command.command()
@click.argument("id")
@options.lang
def drop(id: str, lang: str) -> int:
    """Delete a message that has not been delivered."""
    from diag.cases import deliveries

    desk = require_desk(command_settings())
    deliveries.drop(desk.database, _checked(id), desk.wall())
    output.say("deliveries.dropped", lang)
    return 0


def _checked(text: str) -> str:
    if not _ID.match(text):
        raise NoSuchDelivery
    return text
