"""What a node has answered to a call, to the letter: the same text is not read a second time.

Most of what is asked anew with each block has not changed. It is asked nevertheless, and what comes
is what is told; that it is the same is seen sooner than what it says.
"""

from __future__ import annotations

import re
from threading import Lock
from typing import Any

from diag.chain.cache.answers import BoundedAnswers
from diag.chain.history.timeline import Page
from diag.chain.rpc import jsonrpc
from diag.chain.rpc.paged import MOST_ROWS, Held
from diag.chain.rpc.values import decoded

MOST_BYTES = 4 * 1024 * 1024
"""Of the texts that are kept; what they say takes some four times as much. Those used last stay."""
LARGEST = MOST_BYTES // 16
"""Of one of them."""
_FRONT = re.compile(rb'\{"id":(0|[1-9]\d{0,9}),"jsonrpc":"2\.0","result":')
"""How bitshares-core begins its answers."""
_HISTORY = '["history",'
"""How the params of a call about a history begin."""


class Echoes:
    """Made once for a node; safe to use from many threads. Nobody may change an answer.

    Histories come as Pages, made where their text was read: what was just read is soonest looked at.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._lock = Lock()
        self._known: BoundedAnswers[str, tuple[bytes, Any]] = BoundedAnswers(most_bytes)
        self._held = Held(MOST_ROWS)

    def document(self, params: str, body: bytes) -> dict[str, Any] | None:
        """As `jsonrpc.document`: the object in a body that came for a call with these params."""
        front = _FRONT.match(body)
        if front is None or not body.endswith(b"}") or len(body) > LARGEST:
            return jsonrpc.document(body)
        text = body[front.end() : -1]
        with self._lock:
            known = self._known.get(params)
        if known is not None and known[0] == text:
            said = known[1].again() if isinstance(known[1], Page) else known[1]
        else:
            said = self.told(params, decoded(text))
            if said is None:  # nothing, or more than a result
                return jsonrpc.document(body)
            with self._lock:
                self._known.add(params, (text, said), len(text))
        return {"id": int(front[1]), "jsonrpc": "2.0", "result": said}

    def told(self, params: str, said: Any) -> Any:
        """The result of a call with these params as it is told: of a history as a Page."""
        if isinstance(said, Page) or not params.startswith(_HISTORY):
            return said
        return self._held.page(said)


def number_in(body: bytes) -> int | None:
    """The number of the question that an answer is for, if it stands at the front."""
    front = _FRONT.match(body)
    return int(front[1]) if front else None
