"""`diag triage`: a file of tickets in, a table of groups or every row's answer out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from diag.config.explorers import templates
from diag.errors import BadInput
from diag.i18n import LANGUAGES, Text
from diag.render.input_readings import reading
from diag.render.labels import OUTCOMES
from diag.schemas.fields import Templates
from diag.services import Services
from diag.triage import messages, tickets, writers
from diag.triage.batch import Batch
from diag.triage.columns import LANG
from diag.triage.groups import Summary, summarize
from diag.triage.result import RowResult

if TYPE_CHECKING:
    from rich.table import Table

INTERRUPTED = 130
WIDE = 110
"""Columns of a table that is not shown on a terminal."""
_BY_SUFFIX = {".csv": "csv", ".json": "json", ".jsonl": "json", ".ndjson": "json"}


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What `diag triage` takes."""
    command.description = (
        "Diagnose many tickets in one go. Exit status: the worst of the rows (0 nothing to do, "
        "1 in progress, 2 a problem, 3 undetermined or no answer), 64 if the file cannot be "
        "used, 130 if it was interrupted; what is done by then is shown."
    )
    command.add_argument(
        "file",
        help="tickets as .csv, JSON lines or a JSON array, in UTF-8 or as Excel saves them; - is "
        "the standard input",
    )
    command.add_argument("--tz", metavar="ZONE", help="time zone of rows that name none")
    command.add_argument("--last", metavar="6h", help="window of rows that name none")
    command.add_argument("--lang", choices=LANGUAGES)
    command.add_argument(
        "--format",
        choices=("table", "csv", "json"),
        help="table: the groups; csv, json: every row as it is done (default: table, or what the "
        "name of --output says)",
    )
    command.add_argument("--output", metavar="FILE", type=Path, help="write the rows there")


def run(
    arguments: argparse.Namespace, made: Services, lang: str, exit_of: Callable[[str], int]
) -> int:
    """Answers every row; exit_of gives the status of an outcome."""
    given = _rows(arguments, lang, templates(made.settings.explorers))
    form = arguments.format or _BY_SUFFIX.get(
        arguments.output.suffix.lower() if arguments.output else "", "table"
    )
    batch = Batch.of(made)
    answers = batch.answers(given, lambda: 1.0)
    done: list[RowResult] = []
    stopped = False
    with _written(arguments.output) as out:
        try:
            for one in _with_progress(answers, len(given), lang):
                done.append(one)
                _write_row(out, form, one, lang, first=len(done) == 1)
        except KeyboardInterrupt:
            stopped = True
        finally:
            answers.close()  # type: ignore[attr-defined]
        found = summarize(done)
        if form == "json":
            out.write(writers.dumps(writers.summary(found)))
    if form == "table" or arguments.output:
        show(found, lang, sys.stdout)
    return INTERRUPTED if stopped else _status(found, exit_of)


def _rows(arguments: argparse.Namespace, lang: str, pages: Templates) -> tickets.Rows:
    named = {name: getattr(arguments, name) for name in ("tz", "last")}
    defaults = {name: value for name, value in named.items() if value} | {LANG: lang}
    suffix = _BY_SUFFIX.get(Path(arguments.file).suffix.lower())
    kind = "jsonl" if suffix == "json" else suffix
    return tickets.read(_content(arguments.file), kind, defaults, pages)


def _content(name: str) -> bytes:
    """At most one byte more than is taken."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(tickets.MOST_BYTES + 1)
        with Path(name).open("rb") as file:
            return file.read(tickets.MOST_BYTES + 1)
    except OSError:
        raise BadInput.of(
            "file", f"无法读取文件 {name}，请核对路径。", f"Cannot read {name}; check the path."
        ) from None


@contextmanager
def _written(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        return
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError:
        raise BadInput.of(
            "output", f"无法写入 {path}，请核对路径。", f"Cannot write {path}; check the path."
        ) from None
    with file:
        yield file


def _write_row(out: TextIO, form: str, one: RowResult, lang: str, *, first: bool) -> None:
    if form == "csv":
        out.write(
            (writers.header() if first else "") + writers.cells(one, one.row.lang or lang)
        )
    elif form == "json":
        out.write(writers.dumps(writers.row(one)))


def _with_progress(answers: Iterator[RowResult], count: int, lang: str) -> Iterator[RowResult]:
    """The same answers, with a bar on the terminal; nothing where nobody looks."""
    from rich import progress  # takes a while, and only who is shown something needs it
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield from answers
        return
    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
    )
    with progress.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(_ASKING.say(lang), total=count)
        for one in answers:
            bar.advance(task)
            yield one


def _status(found: Summary, exit_of: Callable[[str], int]) -> int:
    worst = [exit_of(outcome) for outcome in found.outcomes]
    return max([*worst, *(exit_of("undetermined") for _ in found.problems)], default=0)


def show(found: Summary, lang: str, out: TextIO) -> None:
    """The summary for people: incidents, a table of the groups, the rows without an answer."""
    from rich.console import Console

    console = Console(file=out, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDE
    for incident in found.incidents:
        console.print(
            "! " + messages.incident(incident)[lang], style="bold red", soft_wrap=True
        )
    if found.groups:
        console.print(_table(found, lang))
    for done in found.exposed:
        console.print(_EXPOSED.say(lang, _place(done)), style="bold red", soft_wrap=True)
    for words in _notes(found, lang):
        console.print(words, soft_wrap=True)
    for done in found.problems:
        if done.error:
            what = writers.reason(done.error, lang)
            console.print(_PROBLEM.say(lang, _place(done) | {"what": what}), soft_wrap=True)
    facts = {"rows": found.rows, "answered": found.rows - len(found.problems)}
    console.print(_TOTAL.say(lang, facts))


def _notes(found: Summary, lang: str) -> Iterator[str]:
    """What was read otherwise or left out, a line for each field, with the first row's words."""
    for readings in found.read_as.values():
        row, first = readings[0]
        yield _noted(row, reading(first, lang), len(readings), lang)
    for cells in found.left_out.values():
        row, cell = cells[0]
        yield _noted(row, messages.left_out(cell, lang), len(cells), lang)


def _noted(row: tickets.Row, words: str, count: int, lang: str) -> str:
    facts = {"name": _name(row.number, row.ticket), "words": words, "more": count - 1}
    return (_NOTED_MORE if count > 1 else _NOTED).say(lang, facts)


def _table(found: Summary, lang: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in _HEADINGS:
        right = heading in (_TICKETS, _AMOUNT)
        table.add_column(heading.say(lang), justify="right" if right else "left")
    for group in found.groups:
        names = [_name(row.number, row.ticket) for row, _ in group.members]
        more = f" … +{len(names) - 3}" if len(names) > 3 else ""
        table.add_row(
            group.rule.title.say(lang),
            OUTCOMES[group.rule.outcome].say(lang),
            group.first.gateway_name or "-",
            str(len(names)),
            f"{group.total} {group.first.asset}" if group.total else "-",
            f"{group.oldest:%m-%d %H:%M}" if group.oldest else "-",
            ", ".join(names[:3]) + more,
        )
    return table


def _place(done: RowResult) -> dict[str, Any]:
    return {"name": _name(done.row.number, done.row.ticket)}


def _name(number: int, ticket: str | None) -> str:
    return ticket or f"#{number}"


_ASKING = Text(zh="正在诊断", en="diagnosing")
_TICKETS, _AMOUNT = Text(zh="工单数", en="tickets"), Text(zh="合计", en="total")
_HEADINGS: Sequence[Text] = (
    Text(zh="结论", en="verdict"),
    Text(zh="状态", en="outcome"),
    Text(zh="网关", en="gateway"),
    _TICKETS,
    _AMOUNT,
    Text(zh="最早（UTC）", en="oldest (UTC)"),
    Text(zh="工单（最急的在前）", en="which (most urgent first)"),
)
_PROBLEM = Text(zh="{name} 未能诊断：{what}", en="{name} has no answer: {what}")
_EXPOSED = Text(
    zh="{name} 的内容里有私钥、密码或助记词，已隐去；请让用户立即更换。",
    en="{name} holds a private key, password or seed phrase, which was cut out; the user must "
    "change it at once.",
)
_NOTED = Text(zh="{name}：{words}", en="{name}: {words}")
_NOTED_MORE = Text(
    zh="{name}：{words}（另有 {more} 行同类）", en="{name}: {words} (and {more} more like it)"
)
_TOTAL = Text(zh="共 {rows} 行，已诊断 {answered} 行。", en="{rows} rows, {answered} answered.")
