"""`diag doctor`: one line per diagnostic, or JSON; the exit status is that of the worst one."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from diag.cli import output
from diag.config.settings import Review
from diag.doctor import Diagnostic, Level, check, examine

LEVEL_LABELS = {
    Level.OK: "[ok]",
    Level.HINT: "[hint]",
    Level.WARNING: "[warning]",
    Level.FAULT: "[FAULT]",
}
_WORDS = {
    "zh": ("故障 {}，警告 {}，建议 {}。", "{}：{}"),
    "en": ("{} fault(s), {} warning(s), {} hint(s).", "{}: {}"),
}


def run(arguments: argparse.Namespace, review: Review, lang: str) -> int:
    """Examine the set-up, print the diagnostics, and return the exit status."""
    diagnostics = check(examine(review, lambda: datetime.now(UTC)))
    as_shown = (
        as_json(diagnostics) if arguments.format == "json" else as_text(diagnostics, lang)
    )
    output.write(as_shown + "\n")
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
    summary, line = _WORDS[lang]
    lines = []
    for diagnostic in diagnostics:
        text = line.format(diagnostic.what.say(lang), diagnostic.seen.say(lang))
        lines.append(f"{LEVEL_LABELS[diagnostic.level]:10}{diagnostic.area:10} {text}")
        if diagnostic.mend:
            lines.append(f"{'':21}-> {diagnostic.mend.say(lang)}")
    counts = Counter(diagnostic.level for diagnostic in diagnostics)
    worst = (counts[level] for level in (Level.FAULT, Level.WARNING, Level.HINT))
    return "\n".join([*lines, summary.format(*worst)])
