"""What the cells came to, summed up at the end of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from chaos import SECONDS, SLACK, Cell, Judge, Result


@pytest.fixture
def judge(record_property: Callable[[str, object], None]) -> Judge:
    """Notes down what came of a cell, and fails where it must not be."""

    def judge(cell: Cell, result: Result) -> None:
        group = "again" if result.again else "once"
        record_property("chaos", [len(cell.kinds), result.said, result.late, group, str(cell)])
        assert result.complaints == (), f"{cell}: {result.complaints}"
        assert result.late <= SLACK, f"{cell}: {result.late:.2f} s after the deadline"

    return judge


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The table."""
    reports = [r for found in terminalreporter.stats.values() for r in found]
    rows = [
        value
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "chaos" and report.when == "call"
    ]
    if not rows:
        return
    write = terminalreporter.write_line
    write("")
    write(f"nodes   cells    true  undetermined  nobody to ask  wrong   ({SECONDS} s each)")
    for number in sorted({row[0] for row in rows}):
        said = Counter(row[1] for row in rows if row[0] == number)
        cells = (said["true"], said["undetermined"], said["none"], said["wrong"])
        write("{:5}{:8}{:8}{:14}{:15}{:7}".format(number, sum(cells), *cells))
    late = max(rows, key=lambda row: row[2])
    again = sum(row[3] == "again" for row in rows)
    write(f"worst: {late[2]:+.2f} s past the deadline ({late[4]}); {again} asked twice")
