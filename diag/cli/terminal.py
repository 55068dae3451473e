"""Output for terminals only: colours, tables that fit the width, progress.

Colours are left out if NO_COLOR is set. `rich` is slow to import, so it is imported only here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from diag.cli import output
from diag.printable import printable
from diag.words import text

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

UNLIMITED = 100_000
"""The width of output that does not go to a terminal: every row is on one line, uncut."""
WIDEST = 120
"""Columns that a table uses of a wide terminal."""


def console(out: TextIO | None = None) -> Console:
    """A console on the standard output or another stream; it shows texts as they are."""
    from rich.console import Console

    found = Console(
        file=out or sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=False
    )
    found.width = min(found.width, WIDEST) if found.is_terminal else UNLIMITED
    return found


def write(text: str, style: str = "") -> None:
    """Write a text to the standard output; on a terminal its first line has a style."""
    text = text.rstrip("\n") + "\n"
    if not style or not sys.stdout.isatty():
        output.write(text)
        return
    first, _, rest = text.partition("\n")
    console().print(printable(first), style=style, soft_wrap=True)
    output.write(rest)


def print_grid(rows: Sequence[Sequence[RenderableType]]) -> None:
    """Print rows of equally many cells; long ones are wrapped within their column, never cut."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 1))
    for _ in rows[0]:
        grid.add_column(overflow="fold")
    for row in rows:
        grid.add_row(*(printable(cell) if isinstance(cell, str) else cell for cell in row))
    console().print(grid)


@contextmanager
def progress(lang: str, total: int | None = None) -> Iterator[Callable[[], None]]:
    """Show progress on the standard error while something is read, if that is a terminal.

    Yields a function to call for each finished item of the total.
    """
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich import progress as bars

    counted = [bars.BarColumn(), bars.MofNCompleteColumn()] if total else [bars.SpinnerColumn()]
    columns = [bars.TextColumn("{task.description}"), *counted, bars.TimeElapsedColumn()]
    with bars.Progress(*columns, console=console(sys.stderr), transient=True) as bar:
        task = bar.add_task(text("commands.progress.asking").say(lang), total=total)
        yield lambda: bar.advance(task)
