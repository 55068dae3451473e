"""Turns histories into Pages, and keeps one copy of each row.

The pages of a wave overlap, and a node repeats most rows in the next block. A row that
equals one already held is replaced by the held object, so that it needs no memory and its
parsed record can be reused. The reply always shows what the node sent: a row that differs replaces
the held one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diag.chain.history.coverage import Position, Raw
from diag.chain.history.timeline import Page, page_of
from diag.chain.rpc.call import Call, Deadline, Reply, Source, SourceWrapper

MAX_ROWS = 6_000
"""Maximum number of rows held; about 15 MB. The most recent ones are kept."""


class Held:
    """Rows by id, each with its position; a row lost by a race between threads is only parsed again."""

    def __init__(self, most: int) -> None:
        self._half = max(1, most // 2)
        self._lately: dict[str, tuple[Raw, Position]] = {}
        self._before: dict[str, tuple[Raw, Position]] = {}

    def page(self, said: Any) -> Any:
        """A reply as a Page whose rows are held from now on; a reply that is no history unchanged."""
        page = page_of(said, self)
        if page is None:
            return said
        self._hold(page)
        return page

    def get(self, identity: str) -> tuple[Raw, Position] | None:
        """The held row with an id, and its position."""
        return self._lately.get(identity) or self._before.get(identity)

    def _hold(self, page: Page) -> None:
        """Hold the rows of a page, and drop those that have not been used for long."""
        if len(self._lately) >= self._half:
            self._before, self._lately = self._lately, {}
        self._lately.update({i: (row, page.positions[i]) for i, row in page.rows.items()})


class Paged(SourceWrapper):
    """A source whose histories are Pages; thread-safe.

    Create one per source. Callers must not modify a reply.
    """

    def __init__(self, source: Source, max_rows: int = MAX_ROWS) -> None:
        super().__init__(source)
        self._held = Held(max_rows)

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """Answer one wave; histories come as Pages."""
        replies = self._source.ask(calls, deadline)
        return [
            self._held.page(reply) if call.api == "history" else reply
            for call, reply in zip(calls, replies, strict=True)
        ]
