"""Answers that are kept up to a bound: the least used go first, and a row is held once."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Generic, TypeVar

from diag.chain import history
from diag.chain.source import Reply

Kept = TypeVar("Kept")


IN_A_PAGE = 10
"""So many rows that are held already weigh as much in a further page as one that is not."""


class Answers(Generic[Kept]):
    """Answers with their weights, up to a bound: the least used go first."""

    def __init__(self, most: int) -> None:
        self._most, self.weight = most, 0
        self._held: OrderedDict[str, tuple[Kept, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def add(self, key: str, answer: Kept, weight: int) -> None:
        self.pop(key)
        self._held[key] = answer, weight
        self.weight += weight
        while self.weight > self._most and len(self._held) > 1:
            self.weight -= self._held.popitem(last=False)[1][1]

    def get(self, key: str) -> Kept | None:
        if key not in self._held:
            return None
        self._held.move_to_end(key)
        return self._held[key][0]

    def pop(self, key: str) -> tuple[Kept, int] | None:
        found = self._held.pop(key, None)
        self.weight -= found[1] if found else 0
        return found


class Rows:
    """Rows by id: what stands in several answers is held once."""

    def __init__(self, most_rows: int) -> None:
        self._most = most_rows
        self._seen: dict[str, Reply] = {}

    def shrunk(self, reply: Reply) -> tuple[Reply, int]:
        """An answer whose rows are those that are held already, and its weight, counted in rows."""
        if not isinstance(reply, list):
            return reply, 1
        if len(self._seen) > self._most:
            self._seen = {}
        rows = reply.rows if isinstance(reply, history.Page) else _by_id(reply)
        known = rows.keys() & self._seen.keys()
        others = {i: seen for i in known if (seen := self._seen[i]) is not rows[i]}
        held: dict[str, Any] = {i: seen for i, seen in others.items() if seen == rows[i]}
        self._seen.update({i: rows[i] for i in rows.keys() - known} if known else rows)
        weight = 1 + len(rows) - len(known) + len(reply) // IN_A_PAGE
        if not held:
            return reply, weight
        instead = {id(rows[i]): seen for i, seen in held.items()}
        shrunk: list[Any] = [instead.get(id(row), row) for row in reply]
        if isinstance(reply, history.Page):
            return history.Page(shrunk, reply.keys), weight
        return shrunk, weight


def _by_id(rows: list[Any]) -> dict[str, Any]:
    named = (row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str))
    return {row["id"]: row for row in named}
