"""`diag intake`: reads a pasted complaint."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from diag.bootstrap import build_services
from diag.cli import options, terminal
from diag.cli.environment import command_settings
from diag.errors import BadInput
from diag.intake.serializer import document
from diag.render.intake_text import render
from diag.schemas.queries import IntakeQuerySchema


@click.command()
@click.argument("file", required=False)
@options.tz
@options.output_format(
    "text", "json", help="Form of the output. Else text on a terminal, and JSON elsewhere."
)
@options.lang
def command(file: str | None, tz: str | None, form: str | None, lang: str) -> int:
    """Read a pasted complaint into the fields of a case, and say what to ask next.

    FILE is a text file in UTF-8; without it the standard input is read.
    """
    zone = IntakeQuerySchema().read({"tz": tz})["tz"]
    services = build_services(command_settings())
    found = services.read_complaint(_read_text(file), zone)
    if form == "json" or (form is None and not sys.stdout.isatty()):
        terminal.write(json.dumps(document(found, lang), ensure_ascii=False, indent=2))
    else:
        terminal.write(render(found, lang), "bold")
    return 0


def _read_text(file: str | None) -> str:
    """Read UTF-8 text from a file or from standard input; raises BadInput."""
    try:
        raw = Path(file).read_bytes() if file else sys.stdin.buffer.read()
        return raw.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise BadInput.about("file", "command.not_text") from None
