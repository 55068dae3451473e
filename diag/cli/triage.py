"""`diag triage`: a file of tickets in, a table of groups or every row's answer out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click
from rich.table import Table

from diag.bootstrap import build_services
from diag.cli import options, output, terminal
from diag.cli.environment import command_settings
from diag.cli.exit_status import EXIT_INTERRUPTED, EXIT_STATUS
from diag.errors import BadInput
from diag.printable import printable, printable_lines
from diag.render.input_readings import reading
from diag.render.labels import OUTCOMES
from diag.schemas.fields import Templates
from diag.triage import messages, tickets, writers
from diag.triage.batch import Batch
from diag.triage.columns import LANG
from diag.triage.groups import Group, Summary, summarize
from diag.triage.result import RowResult
from diag.words import texts

_BY_SUFFIX = {".csv": "csv", ".json": "json", ".jsonl": "json", ".ndjson": "json"}
"""Suffix of a text file → its format; a workbook is recognised by its content."""

_WORDS = texts("commands.triage")


@click.command()
@click.argument("file")
@click.option("--tz", metavar="ZONE", help="Time zone of rows that name none.")
@click.option("--last", metavar="6h", help="Window of rows that name none.")
@options.lang
@options.output_format(
    "table",
    "csv",
    "json",
    help="table: the groups; csv, json: every row as it is done. Else what the name of --output "
    "says, else table.",
)
@click.option(
    "--output",
    "written_to",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the rows there.",
)
def command(
    file: str,
    tz: str | None,
    last: str | None,
    lang: str,
    form: str | None,
    written_to: Path | None,
) -> int:
    """Diagnose many tickets in one go.

    FILE holds tickets as .xlsx, .csv, JSON lines or a JSON array, in UTF-8 or as Excel saves them;
    - is the standard input.

    Exit status: the worst of the rows (0 nothing to do, 1 in progress, 2 a problem, 3 undetermined
    or no answer), 64 if the file cannot be used, 130 if it was interrupted; what is done by then
    is shown.
    """
    services = build_services(command_settings())
    defaults = {name: value for name, value in (("tz", tz), ("last", last)) if value}
    rows = _rows(file, defaults | {LANG: lang}, services.templates)
    form = form or _BY_SUFFIX.get(written_to.suffix.lower() if written_to else "", "table")
    answers = Batch.of(services).answers(rows, lambda: 1.0)
    done: list[RowResult] = []
    interrupted = False
    with _written(written_to) as out, terminal.progress(lang, len(rows)) as advance:
        try:
            for one in answers:
                done.append(one)
                advance()
                _write_row(out, form, one, lang, first=len(done) == 1)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            answers.close()  # type: ignore[attr-defined]
        found = summarize(done)
        if form == "json":
            output.write(writers.dumps(writers.summary(found)), out)
    if form == "table" or written_to:
        show(found, lang)
    return EXIT_INTERRUPTED if interrupted else _status(found)


def _rows(file: str, defaults: dict[str, str], pages: Templates) -> tickets.Rows:
    suffix = _BY_SUFFIX.get(Path(file).suffix.lower())
    kind = "jsonl" if suffix == "json" else suffix
    return tickets.read(_content(file), kind, defaults, pages)


def _content(name: str) -> bytes:
    """Read the file, at most one byte more than the limit."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(tickets.MOST_BYTES + 1)
        with Path(name).open("rb") as file:
            return file.read(tickets.MOST_BYTES + 1)
    except OSError:
        raise BadInput.about("file", "command.file_not_readable", path=name) from None


@contextmanager
def _written(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        return
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError:
        raise BadInput.about("output", "command.file_not_writable", path=path) from None
    with file:
        yield file


def _write_row(out: TextIO, form: str, one: RowResult, lang: str, *, first: bool) -> None:
    if form == "csv":
        out.write(
            (writers.header() if first else "") + writers.cells(one, one.row.lang or lang)
        )
    elif form == "json":
        output.write(writers.dumps(writers.row(one)), out)


def _status(found: Summary) -> int:
    outcomes = [*found.outcomes, *("undetermined" for _ in found.problems)]
    return max((EXIT_STATUS[outcome] for outcome in outcomes), default=0)


def show(found: Summary, lang: str) -> None:
    """The summary for people: incidents, a table of the groups, the rows without an answer."""
    console = terminal.console()

    def line(words: str, style: str | None = None) -> None:
        console.print(printable(words), style=style, soft_wrap=True)

    for incident in found.incidents:
        line("! " + messages.incident(incident)[lang], "bold red")
    if found.groups:
        console.print(_table(found, lang, narrow=console.is_terminal))
    for done in found.exposed:
        line(_WORDS["exposed"].say(lang, _place(done)), "bold red")
    for words in _notes(found, lang):
        line(words)
    for done in found.problems:
        if done.error:
            what = writers.reason(done.error, lang)
            line(_WORDS["problem"].say(lang, _place(done) | {"what": what}))
    facts = {"rows": found.rows, "answered": found.rows - len(found.problems)}
    console.print(_WORDS["total"].say(lang, facts))


def _notes(found: Summary, lang: str) -> Iterator[str]:
    """Notes on values that were reinterpreted or left out: a line for each field, worded as in the
    first row.
    """
    for readings in found.read_as.values():
        row, first = readings[0]
        yield _noted(row, reading(first, lang), len(readings), lang)
    for cells in found.left_out.values():
        row, cell = cells[0]
        yield _noted(row, messages.left_out(cell, lang), len(cells), lang)


def _noted(row: tickets.Row, words: str, count: int, lang: str) -> str:
    facts = {"name": _name(row.number, row.ticket), "words": words, "more": count - 1}
    return _WORDS["noted_more" if count > 1 else "noted"].say(lang, facts)


def _table(found: Summary, lang: str, *, narrow: bool) -> Table:
    """The groups as a table, with values uncut; narrow: to fit eighty columns."""
    table = Table(box=None, pad_edge=False)
    for name, heading in texts("commands.headings").items():
        if narrow and name in ("outcome", "gateway"):
            continue
        table.add_column(
            heading.say(lang),
            justify="right" if name in ("tickets", "amount") else "left",
            overflow="fold",
            no_wrap=narrow and name in ("amount", "oldest"),
        )
    for group in found.groups:
        title = group.rule.title.say(lang)
        outcome = OUTCOMES[group.rule.outcome].say(lang)
        gateway = group.first.gateway_name or "-"
        rest = (
            str(len(group.members)),
            f"{group.total} {group.first.asset}" if group.total else "-",
            f"{group.oldest:%m-%d %H:%M}" if group.oldest else "-",
            ("\n" if narrow else ", ").join(_members(group, 2 if narrow else 3)),
        )
        first = (f"{title}\n{outcome}, {gateway}",) if narrow else (title, outcome, gateway)
        table.add_row(*map(printable_lines, (*first, *rest)))
    return table


def _members(group: Group, most: int) -> Iterator[str]:
    """The first tickets of a group, and the number of the others."""
    names = [_name(row.number, row.ticket) for row, _ in group.members]
    yield from names[:most]
    if len(names) > most:
        yield f"… +{len(names) - most}"


def _place(done: RowResult) -> dict[str, Any]:
    return {"name": _name(done.row.number, done.row.ticket)}


def _name(number: int, ticket: str | None) -> str:
    return ticket or f"#{number}"
