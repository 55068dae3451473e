"""`diag feedback`: lists and records verdicts that were assessed as wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from diag.bootstrap import open_source, register_beside
from diag.case_bootstrap import require_desk
from diag.cli import options, output
from diag.cli.environment import command_settings
from diag.errors import BadSetting, DiagError
from diag.words import text


@click.command()
@click.option(
    "--write",
    "directory",
    metavar="DIRECTORY",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write each as a recorded chain into a directory of its own, for DIAG_LEDGER.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help="How many are listed at most.",
)
@options.output_format("text", "json")
@options.lang
def command(directory: Path | None, limit: int, form: str, lang: str) -> int:
    """List the verdicts that somebody found wrong, the newest first.

    With --write, record what the diagnosis of each reads, from the first node of DIAG_NODES or from
    the recorded chain. A recording holds public data of the chain only; truth.json beside it holds
    the question and the right code.
    """
    from diag.cases import feedback

    settings = command_settings()
    desk = require_desk(settings)
    with desk.database.reading() as connection:
        found = list(feedback.wrong_verdicts(connection, limit))
    source = open_source(settings) if directory and found else None
    if directory and found:
        _write_register(directory, *register_beside(settings))
    rows: list[dict[str, Any]] = []
    for wrong in found:
        row = wrong.as_json()
        if directory and source:
            try:
                done = feedback.record(wrong, source, desk.services, directory)
            except OSError as error:
                raise _cannot_write(directory) from error
            except DiagError as error:
                row["error"] = {"code": error.code, "text": error.text.as_dict()}
            else:
                row |= {"path": str(done.path), "replayed": done.replayed}
        rows.append(row)
        if form == "text":
            output.write(_line(row, lang))
    if form == "json":
        output.write(json.dumps({"wrong": rows}, ensure_ascii=False, indent=2) + "\n")
    elif not rows:
        output.say("feedback.none", lang)
    return 0


def _write_register(directory: Path, name: str, content: bytes) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content)
    except OSError as error:
        raise _cannot_write(directory) from error


def _cannot_write(directory: Path) -> BadSetting:
    return BadSetting.of("command.directory_not_writable", path=directory)


def _line(row: dict[str, Any], lang: str) -> str:
    what = f"{row['gateway'] or '-'}  {row['asset'] or '-'}"
    line = f"{row['case']}  {row['time']}  {row['code']} → {row['really'] or '?'}  {what}\n"
    if "error" in row:
        failed = text("commands.feedback.failed").say(
            lang, {"error": row["error"]["text"][lang]}
        )
        return f"{line}  {failed}\n"
    if "path" not in row:
        return line
    result = "same" if row["replayed"] == row["code"] else "other"
    return f"{line}  {row['path']}  {text(f'commands.feedback.{result}').say(lang, row)}\n"
