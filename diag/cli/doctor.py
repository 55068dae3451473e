"""`diag doctor` on the command line: one line per finding, or JSON; the exit status says how it is."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from diag.config.settings import Review
from diag.doctor import Diagnostic, Level, check, examine

MARKS = {
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
    """Look, judge, tell."""
    findings = check(examine(review, lambda: datetime.now(UTC)))
    told = as_json(findings) if arguments.format == "json" else as_text(findings, lang)
    sys.stdout.write(told + "\n")
    return max((finding.level.exit_status for finding in findings), default=0)


def as_json(findings: Sequence[Diagnostic]) -> str:
    """Both languages, for programs."""
    rows = [
        {
            "level": finding.level.name.lower(),
            "area": finding.area,
            "what": finding.what.as_dict(),
            "seen": finding.seen.as_dict(),
            "mend": finding.mend.as_dict() if finding.mend else None,
        }
        for finding in findings
    ]
    return json.dumps({"findings": rows}, ensure_ascii=False, indent=2)


def as_text(findings: Sequence[Diagnostic], lang: str) -> str:
    """Aligned lines, ASCII but for the words; under each that needs it, what to mend."""
    summary, line = _WORDS[lang]
    lines = []
    for finding in findings:
        said = line.format(finding.what.say(lang), finding.seen.say(lang))
        lines.append(f"{MARKS[finding.level]:10}{finding.area:10} {said}")
        if finding.mend:
            lines.append(f"{'':21}-> {finding.mend.say(lang)}")
    counts = Counter(finding.level for finding in findings)
    worst = (counts[level] for level in (Level.FAULT, Level.WARNING, Level.HINT))
    return "\n".join([*lines, summary.format(*worst)])
