"""Histories that come as pages: each row is looked at once, and held once.

The pages of a wave overlap, and much of what a node answers now it has answered a block before.
A row that is the same as one that came before is that one: it takes no room, and what was read from
it is known. It is what came that is told, never what is held: a row that differs takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diag.chain.history.coverage import Key, Raw
from diag.chain.history.timeline import Page, rows_of
from diag.chain.rpc.call import Call, Deadline, Reply, Source, SourceWrapper

MAX_ROWS = 6_000
"""How many rows are held; some 15 MB. Those that came last stay."""


class Held:
    """Rows by id, each with where it stands. Threads may lose one another's; then it is read again."""

    def __init__(self, most: int) -> None:
        self._half = max(1, most // 2)
        self._lately: dict[str, tuple[Raw, Key]] = {}
        self._before: dict[str, tuple[Raw, Key]] = {}

    def page(self, said: Any) -> Any:
        """What was said of a history as a Page of rows that are held from now on; what is none as it is."""
        page = rows_of(said, self)
        if page is None:
            return said
        self._hold(page)
        return page

    def get(self, identity: str) -> tuple[Raw, Key] | None:
        """The row that is held under an id."""
        return self._lately.get(identity) or self._before.get(identity)

    def _hold(self, page: Page) -> None:
        """Hold the rows of a page; those that have not come for long are let go."""
        if len(self._lately) >= self._half:
            self._before, self._lately = self._lately, {}
        self._lately.update({i: (row, page.keys[i]) for i, row in page.rows.items()})


class Paged(SourceWrapper):
    """A source whose histories come as pages; made once for it.

    Safe to use from many threads. Nobody may change an answer.
    """

    def __init__(self, source: Source, max_rows: int = MAX_ROWS) -> None:
        super().__init__(source)
        self._held = Held(max_rows)

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """One wave; what is a page comes as a Page."""
        replies = self._source.ask(calls, deadline)
        return [
            self._held.page(reply) if call.api == "history" else reply
            for call, reply in zip(calls, replies, strict=True)
        ]
