"""Keeps one copy of the history rows that several cached pages hold.

The cases of a batch read pages of the same few gateways that overlap nearly everywhere:
thousands of pages, but few different rows. A page therefore weighs only the rows that no other
page holds.
"""

from __future__ import annotations

from diag.chain.rpc.call import Reply
from diag.domain.operations import Operation

REFERENCES_PER_ROW = 50
"""How many references to rows take the memory of one row; a reference takes 8 bytes."""


class SharedRows:
    """The rows of the pages that a cache holds, by id; not thread-safe.

    Once more than `max_rows` were seen, sharing starts anew, so that rows of pages which are gone
    are not kept for ever.
    """

    def __init__(self, max_rows: int) -> None:
        self._max_rows = max_rows
        self._known: dict[str, Operation] = {}

    def share(self, reply: Reply) -> tuple[Reply, int]:
        """Return the reply, with equal rows that were seen before in place of its own, and its
        weight in rows.
        """
        if not isinstance(reply, list):
            return reply, 1
        if len(self._known) > self._max_rows:
            self._known = {}
        rows = [self._one(row) for row in reply]
        added = sum(row is new for row, new in zip(rows, reply, strict=True))
        return rows, 1 + added + len(rows) // REFERENCES_PER_ROW

    def _one(self, row: object) -> object:
        if not isinstance(row, Operation):
            return row
        known = self._known.setdefault(row.id, row)
        return known if known == row else row
