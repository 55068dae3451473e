"""Every combination of what is wrong with nodes: the truth or an honest `undetermined`, in time."""

from __future__ import annotations

import pytest
from chaos import Cell, Judge, every, fair


@pytest.mark.parametrize("cell", every(), ids=str)
def test_a_cell(cell: Cell, judge: Judge) -> None:
    judge(cell, fair(cell))
