"""Some cells of the matrix of faults: the truth or an honest `undetermined`, and in time.

`make chaos` tries all of them (`tests/chaos`).
"""

from __future__ import annotations

import pytest
from chaos import SLACK, Cell, fair

CELLS = {
    Cell(("pruned",), "settled"): "undetermined",
    Cell(("pruned",), "never sent"): "true",
    Cell(("stale",), "just not sent"): "undetermined",
    Cell(("stale", "stale"), "settled"): "true",
    Cell(("resetting",), "memo", seed=4): None,
    Cell(("resetting", "pruned"), "twice", wires="wh"): None,
    Cell(("dead after 22",), "overdue"): "undetermined",
    Cell(("garbage after 25", "stale"), "returned", wires="w"): None,
    Cell(("wrong chain",), "unknown"): "none",
    Cell(("garbage", "wrong chain", "dying"), "never sent"): "none",
    Cell(("wrong chain", "healthy"), "unknown", wires="hw"): "true",
    Cell(("dying", "stale", "healthy"), "stalled"): "true",
    Cell(("hanging", "healthy"), "proposal", wires="wh"): "true",
}
"""None: whichever of them it is, chance decides."""


@pytest.mark.parametrize(("cell", "expected"), CELLS.items(), ids=map(str, CELLS))
def test_nodes_with_faults(cell: Cell, expected: str | None) -> None:
    result = fair(cell, expected)
    assert result.complaints == ()
    assert result.late <= SLACK
    assert expected in (None, result.said)
