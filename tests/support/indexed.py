"""A node that hands its histories to Elasticsearch, made of the recorded chain."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from diag.ledger.arguments import find_account
from diag.ledger.node import Ledger
from diag.ledger.recording import instance_of
from diag.ledger.view import View

MODES = ("query", "save", "all")
"""What its operator has it do with the index: only read it, only write it, or both."""


class Indexed(Ledger):
    """Whoever writes the index keeps one operation per account, the newest, and never counts what
    was dropped; whoever only reads it keeps none, and counts none.

    Only `get_account_history` is looked up in the index, by those who read it. Questions by
    sequence are answered out of what is kept: below the newest that is another account's.
    `times` is False for version 6.1, which does not read them from the index.
    """

    def __init__(self, whole: Ledger, mode: str, times: bool = True) -> None:
        super().__init__(whole.recording, View(keep=1))
        self.whole, self.mode, self.times = whole, mode, times
        if mode == "query":
            self.histories, self.operations = {}, array("Q")

    def answer(self, api: str | int, method: str, args: Sequence[Any]) -> Any:
        if method == "get_account_history" and self.mode != "save":
            rows = self.whole.answer(api, method, args)
            return [self._out_of_the_index(row) for row in rows]
        answered = super().answer(api, method, args)
        if method == "get_relative_account_history":
            who, start = find_account(self, args[0]) or "", int(args[3])
            if 0 < start < self.history(who).last:
                return self._neighbours(who)
        return answered

    def _out_of_the_index(self, row: Any) -> Any:
        altered = row | {"trx_in_block": row["virtual_op"], "virtual_op": 0}
        untold = {"block_time": "1970-01-01T00:00:00", "is_virtual": False}
        return altered if self.times else altered | untold

    def _neighbours(self, who: str) -> list[Any]:
        before = [a for a in self.histories if instance_of(a) < instance_of(who)]
        neighbour = max(before, key=instance_of, default=None)
        return [self.operation(self.histories[neighbour].operations[-1])] if neighbour else []

    def _adjust_statistics(self, item: dict[str, Any]) -> None:
        held = self.whole.history(item["owner"])
        item["total_ops"] = 0 if self.mode == "query" else held.last
        item["removed_ops"] = 0
