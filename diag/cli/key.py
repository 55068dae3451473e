"""`diag key`: makes an API key."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

from diag.access import api_keys
from diag.cli import options, output
from diag.config.fields import NAME
from diag.errors import BadInput

_LABELS = {
    "zh": ("交给使用者；只显示这一次", "写入 DIAG_API_KEYS 所指的文件（.toml）"),
    "en": (
        "hand this over; it is shown this once",
        "put this into the file of DIAG_API_KEYS (.toml)",
    ),
}


@click.command()
@click.argument("name")
@click.option(
    "--expires", metavar="2027-12-31", help="The first day (UTC) on which it is no longer good."
)
@options.lang
def command(name: str, expires: str | None, lang: str) -> int:
    """Make an API key: its text, which is shown once, and its entry for DIAG_API_KEYS.

    NAME says whose it is; one name may have several keys, so that they can be changed.
    """
    if not NAME.pattern.fullmatch(name):
        raise BadInput.about("name", "command.give", form=NAME.text)
    end = _read_end(expires) if expires else None
    text = api_keys.generate_key()
    for_whom, for_file = _LABELS[lang]
    lines = api_keys.file_entry(name, text, end)
    output.write(f"# {for_whom}\n{text}\n\n# {for_file}\n{lines}")
    return 0


def _read_end(text: str) -> date:
    try:
        end = date.fromisoformat(text)
    except ValueError:
        raise BadInput.about("expires", "command.date") from None
    if end <= datetime.now(UTC).date():
        raise BadInput.about("expires", "command.date_past")
    return end
