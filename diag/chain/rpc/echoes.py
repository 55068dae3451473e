"""A parse cache for the replies of one node: a reply with the same text is not parsed again.

Most of what is read again for each block has not changed. The calls are sent all the same, and the
reply is always what the node sent; comparing two texts is faster than parsing one.
"""

from __future__ import annotations

import re
from threading import Lock
from typing import Any

from diag.chain.cache.answers import BoundedAnswers
from diag.chain.history.timeline import Page
from diag.chain.rpc import jsonrpc
from diag.chain.rpc.paged import MAX_ROWS, Held
from diag.chain.rpc.values import decoded

MOST_BYTES = 4 * 1024 * 1024
"""Maximum size of the texts kept; the parsed values need about four times as much memory."""
LARGEST = MOST_BYTES // 16
"""Maximum size of one text."""
_FRONT = re.compile(rb'\{"id":(0|[1-9]\d{0,9}),"jsonrpc":"2\.0","result":')
"""The beginning of each response of bitshares-core."""
_HISTORY = '["history",'
"""The beginning of the params of each call of the history API."""


class Echoes:
    """The parse cache of one node; thread-safe. Callers must not modify a result.

    Histories are turned into Pages in the thread that parses them.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._lock = Lock()
        self._known: BoundedAnswers[str, tuple[bytes, Any]] = BoundedAnswers(most_bytes)
        self._held = Held(MAX_ROWS)

    def document(self, params: str, body: bytes) -> dict[str, Any] | None:
        """Like `jsonrpc.parse_object`, for the response to a call with these params."""
        front = _FRONT.match(body)
        if front is None or not body.endswith(b"}") or len(body) > LARGEST:
            return jsonrpc.parse_object(body)
        text = body[front.end() : -1]
        with self._lock:
            known = self._known.get(params)
        if known is not None and known[0] == text:
            said = known[1].repeated() if isinstance(known[1], Page) else known[1]
        else:
            said = self.told(params, decoded(text))
            if said is None:  # not JSON, or more members than a result
                return jsonrpc.parse_object(body)
            with self._lock:
                self._known.add(params, (text, said), len(text))
        return {"id": int(front[1]), "jsonrpc": "2.0", "result": said}

    def told(self, params: str, said: Any) -> Any:
        """The result of a call with these params; a history as a Page."""
        if isinstance(said, Page) or not params.startswith(_HISTORY):
            return said
        return self._held.page(said)


def number_in(body: bytes) -> int | None:
    """The id of a response, if it is the first member."""
    front = _FRONT.match(body)
    return int(front[1]) if front else None
