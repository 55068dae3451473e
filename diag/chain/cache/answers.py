"""A least-recently-used cache whose size is bounded by weight."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from diag.chain.rpc.call import Reply

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class BoundedAnswers(Generic[Key, Value]):
    """Maps keys to values, each with a weight; not thread-safe.

    When the total weight exceeds `max_weight`, the least recently used entries are evicted. The
    newest entry is always kept, even if it is heavier than the bound.
    """

    def __init__(self, max_weight: int) -> None:
        self._max_weight, self.weight = max_weight, 0
        self._entries: OrderedDict[Key, tuple[Value, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, key: Key, value: Value, weight: int) -> None:
        self.pop(key)
        self._entries[key] = value, weight
        self.weight += weight
        while self.weight > self._max_weight and len(self._entries) > 1:
            self.weight -= self._entries.popitem(last=False)[1][1]

    def get(self, key: Key) -> Value | None:
        if key not in self._entries:
            return None
        self._entries.move_to_end(key)
        return self._entries[key][0]

    def pop(self, key: Key) -> tuple[Value, int] | None:
        found = self._entries.pop(key, None)
        self.weight -= found[1] if found else 0
        return found


def weight(reply: Reply) -> int:
    """The weight of a reply, counted in rows."""
    return 1 + len(reply) if isinstance(reply, list) else 1
