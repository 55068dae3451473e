"""Answers that are kept up to a bound: the least used go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from diag.chain.history import timeline
from diag.chain.rpc.call import Reply

Key = TypeVar("Key", bound=Hashable)
Kept = TypeVar("Kept")


IN_A_PAGE = 10
"""So many rows that are held already weigh as much in a further page as one that is not."""


class BoundedAnswers(Generic[Key, Kept]):
    """Answers with their weights, up to a bound: the least used go first."""

    def __init__(self, most: int) -> None:
        self._most, self.weight = most, 0
        self._held: OrderedDict[Key, tuple[Kept, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def add(self, key: Key, answer: Kept, weight: int) -> None:
        self.pop(key)
        self._held[key] = answer, weight
        self.weight += weight
        while self.weight > self._most and len(self._held) > 1:
            self.weight -= self._held.popitem(last=False)[1][1]

    def get(self, key: Key) -> Kept | None:
        if key not in self._held:
            return None
        self._held.move_to_end(key)
        return self._held[key][0]

    def pop(self, key: Key) -> tuple[Kept, int] | None:
        found = self._held.pop(key, None)
        self.weight -= found[1] if found else 0
        return found


def weight(reply: Reply) -> int:
    """What it takes to keep an answer, counted in rows: those of a page that came before are held
    already.
    """
    if not isinstance(reply, list):
        return 1
    new = reply.new if isinstance(reply, timeline.Page) else len(reply)
    return 1 + new + len(reply) // IN_A_PAGE
