"""A row that came before is the same row again; what is told is always what came."""

from __future__ import annotations

import json
from typing import Any

import pytest
from waiting import PATIENCE

from diag.chain.history import timeline
from diag.chain.rpc.call import Call, Deadline, Reply
from diag.chain.rpc.paged import Paged
from diag.errors import NodeError, Unreachable

NEWEST = Call("history", "get_account_history_by_time", ("alice", None, None))


def row(number: int, fee: int = 1) -> dict[str, Any]:
    return {
        "id": f"1.11.{number}",
        "block_num": number,
        "block_time": "2026-11-22T11:00:00",
        "op": [0, {"fee": {"amount": fee, "asset_id": "1.3.0"}}],
    }


class Node:
    """Says the same to every call, made anew each time, as a wire does."""

    name, in_order = "node", True

    def __init__(self) -> None:
        self.says: Reply = []

    def ask(self, calls: Any, deadline: Deadline) -> list[Reply]:
        failed = isinstance(self.says, Exception)
        return [self.says if failed else json.loads(json.dumps(self.says)) for _ in calls]


def told(paged: Paged, node: Node, says: Reply, call: Call = NEWEST) -> Any:
    node.says = says
    [reply] = paged.ask([call], Deadline(PATIENCE))
    return reply


def test_what_comes_again_is_what_was_held() -> None:
    node = Node()
    paged = Paged(node)
    first = told(paged, node, [row(3), row(2), row(1)])
    again = told(paged, node, [row(4), row(3), row(2)])

    assert (paged.name, paged.in_order) == ("node", True)
    assert first == [row(3), row(2), row(1)]
    assert again == [row(4), row(3), row(2)]
    assert [held is known for held, known in zip(again[1:], first[:2], strict=True)] == [
        True
    ] * 2
    assert (first.new_rows, again.new_rows) == (3, 1)
    assert again.positions == timeline.Page([row(4), row(3), row(2)]).positions


def test_a_row_that_differs_is_told_as_it_came() -> None:
    """As after a fork: neither the old row nor what it was read as stays."""
    node = Node()
    paged = Paged(node)
    before = told(paged, node, [row(2), row(1)])
    other = told(paged, node, [row(2, fee=5), row(1)])
    again = told(paged, node, [row(2, fee=5), row(1)])

    assert before == [row(2), row(1)]
    assert other == again == [row(2, fee=5), row(1)]
    assert again[0] is other[0] is not before[0]


def test_what_came_lately_is_held_and_no_more() -> None:
    node = Node()
    paged = Paged(node, max_rows=20)
    early = told(paged, node, [row(1)])
    late = told(paged, node, [row(n) for n in range(99, 89, -1)])
    for start in (200, 300):
        told(paged, node, [row(n) for n in range(start, start - 10, -1)])
        assert told(paged, node, [row(99)])[0] is late[0]

    assert told(paged, node, [row(1)])[0] is not early[0]


@pytest.mark.parametrize(
    "says",
    [
        None,
        7,
        "x",
        {},
        [None],
        [{"id": "1.11.1"}],
        NodeError(10, "x", "y"),
        Unreachable("gone"),
    ],
    ids=repr,
)
def test_what_is_no_page_passes_as_it_is(says: Reply) -> None:
    node = Node()
    assert told(Paged(node), node, says) == says


def test_only_histories_come_as_pages() -> None:
    node = Node()
    objects = Call("database", "get_objects", (["1.11.1"],))
    assert type(told(Paged(node), node, [row(1)], objects)) is list
    assert isinstance(told(Paged(node), node, [row(1)]), timeline.Page)
