"""`diag checks`: lists every code and what it means."""

from __future__ import annotations

import json
import sys

import click

from diag.checks import installed
from diag.cli import options, output, terminal
from diag.diagnosis.catalog import entries


@click.command()
@options.output_format("text", "json")
@options.lang
def command(form: str, lang: str) -> int:
    """List every code and what it means."""
    found = entries(installed())
    if form == "json":
        output.write(json.dumps({"checks": found}, ensure_ascii=False, indent=2) + "\n")
    elif sys.stdout.isatty():
        terminal.print_grid(
            [(entry["code"], entry["outcome"], entry["note"][lang]) for entry in found]
        )
    else:
        for entry in found:
            row = f"{entry['code']:26} {entry['outcome']:14} {entry['note'][lang]}"
            output.write(row + "\n")
    return 0
