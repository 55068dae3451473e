"""`diag channels`: lists and tests the operator's channels."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from diag.case_bootstrap import build_channels
from diag.cli import options, output
from diag.cli.environment import command_settings
from diag.errors import BadInput, BadSetting
from diag.i18n import LANGUAGES
from diag.words import text

if TYPE_CHECKING:
    from diag.channels.file import Channels

EXIT_FAILED = 2


@click.group()
def command() -> None:
    """Look after the channels and hooks of DIAG_CHANNELS."""


@command.command("list")
@options.lang
def list_(lang: str) -> int:
    """List the channels and the hooks. Secrets are not shown."""
    found = _channels()
    for channel in found.channels.values():
        output.write(f"channel  {channel.name}  {channel.kind}  {channel.address}\n")
    for hook in found.hooks.values():
        address = f"/v1/hooks/{hook.source}/{hook.name}"
        output.write(f"hook     {hook.name}  {address}  -> {', '.join(hook.tell)}\n")
    return 0


@command.command()
@click.argument("name")
@click.option(
    "--reference",
    metavar="NUMBER",
    help="A conversation or ticket of the helpdesk in which to leave a test note. Without it only the "
    "address and the token of a helpdesk are tried.",
)
@options.lang
def test(name: str, reference: str | None, lang: str) -> int:
    """Send a test message to the channel NAME.

    Exit status: 2 if it could not be sent.
    """
    from diag.channels.message import Failed, Outgoing

    found = _channels().channels
    if name not in found:
        known = ", ".join(found) or "-"
        raise BadInput.about("NAME", "command.no_channel", names=known)
    channel = found[name]
    silent = channel.kind in ("chatwoot", "zammad") and reference is None
    try:
        if silent:
            channel.probe()
        else:
            message_id = secrets.token_hex(16)
            channel.send(Outgoing(message_id, _payload(message_id, name, reference, lang)))
    except Failed as error:
        output.say("channels.failed", lang, name=name, reason=error.reason)
        return EXIT_FAILED
    output.say("channels.reached" if silent else "channels.sent", lang, name=name)
    return 0


def _channels() -> Channels:
    read = build_channels(command_settings())
    if read is None:
        raise BadSetting(text("commands.channels.none"))
    return read()


def _payload(message_id: str, name: str, reference: str | None, lang: str) -> dict[str, object]:
    from diag.cases import serializer

    none = serializer.no_case(reference, None, lang if lang in LANGUAGES else LANGUAGES[0])
    now = datetime.now(UTC)
    message = serializer.message("channel.test", message_id, now, none, {"name": name})
    return {"id": message_id, **message}
