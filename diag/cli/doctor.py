"""`diag doctor`: one line per diagnostic, or JSON; the exit status is that of the worst one."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import click
from rich.text import Text as RichText

from diag.cli import options, output, terminal
from diag.cli.environment import environment
from diag.config.settings import review
from diag.doctor import Diagnostic, Level, check, examine

LEVEL_LABELS = {
    Level.OK: "[ok]",
    Level.HINT: "[hint]",
    Level.WARNING: "[warning]",
    Level.FAULT: "[FAULT]",
}
_STYLES = {
    Level.OK: "green",
    Level.HINT: "cyan",
    Level.WARNING: "yellow",
    Level.FAULT: "bold red",
}
_WORDS = {
    "zh": ("故障 {}，警告 {}，建议 {}。", "{}：{}"),
    "en": ("{} fault(s), {} warning(s), {} hint(s).", "{}: {}"),
}


@click.command()
@options.nodes
@options.output_format("text", "json")
@options.lang
def command(nodes: tuple[str, ...], form: str, lang: str) -> int:
    """Examine the set-up, and say what to mend.

    Exit status: 0 all well, 1 warnings, 2 faults.
    """
    diagnostics = check(examine(review(environment(nodes)), lambda: datetime.now(UTC)))
    if form == "json":
        output.write(as_json(diagnostics) + "\n")
    elif sys.stdout.isatty():
        show(diagnostics, lang)
    else:
        output.write(as_text(diagnostics, lang) + "\n")
    return max((diagnostic.level.exit_status for diagnostic in diagnostics), default=0)


def as_json(diagnostics: Sequence[Diagnostic]) -> str:
    """The diagnostics as JSON, in both languages."""
    rows = [
        {
            "level": diagnostic.level.name.lower(),
            "area": diagnostic.area,
            "what": diagnostic.what.as_dict(),
            "seen": diagnostic.seen.as_dict(),
            "mend": diagnostic.mend.as_dict() if diagnostic.mend else None,
        }
        for diagnostic in diagnostics
    ]
    return json.dumps({"findings": rows}, ensure_ascii=False, indent=2)


def as_text(diagnostics: Sequence[Diagnostic], lang: str) -> str:
    """The diagnostics as aligned lines; a remedy follows on a line of its own."""
    lines = []
    for diagnostic in diagnostics:
        label = LEVEL_LABELS[diagnostic.level]
        lines.append(f"{label:10}{diagnostic.area:10} {_seen(diagnostic, lang)}")
        if diagnostic.mend:
            lines.append(f"{'':21}-> {diagnostic.mend.say(lang)}")
    return "\n".join([*lines, _summary(diagnostics, lang)])


def show(diagnostics: Sequence[Diagnostic], lang: str) -> None:
    """Prints the diagnostics on a terminal, in its width."""
    rows: list[Sequence[str | RichText]] = []
    for diagnostic in diagnostics:
        label = RichText(LEVEL_LABELS[diagnostic.level], _STYLES[diagnostic.level])
        rows.append((label, diagnostic.area, _seen(diagnostic, lang)))
        if diagnostic.mend:
            rows.append(("", "", f"-> {diagnostic.mend.say(lang)}"))
    terminal.print_grid(rows)
    output.write(_summary(diagnostics, lang) + "\n")


def _seen(diagnostic: Diagnostic, lang: str) -> str:
    _, line = _WORDS[lang]
    return line.format(diagnostic.what.say(lang), diagnostic.seen.say(lang))


def _summary(diagnostics: Sequence[Diagnostic], lang: str) -> str:
    summary, _ = _WORDS[lang]
    counts = Counter(diagnostic.level for diagnostic in diagnostics)
    return summary.format(*(counts[lv] for lv in (Level.FAULT, Level.WARNING, Level.HINT)))
