"""A cache of the replies of one node that can never change.

The cache belongs to one node; nothing is shared between nodes. Below the last irreversible block a
chain never changes. These replies are therefore kept:

- a transaction at a given position of an irreversible block, and the header of such a block;
- a page of `get_account_history_by_time`. It states that these are the account's operations from
  the oldest one on the page up to a time, with none missing between them. If that time lies before
  the last irreversible block, no later block can add to it. What the node prunes later does not
  make the page wrong. Two kinds of page would be wrong or incomplete, and are not kept:
  *A node that lagged behind* when it answered misses the newest operations, and the page does not
  show that. An irreversible block that the node reported itself does not prove otherwise, because
  one address may lead to several machines. So the time must lie `SAFETY_MARGIN` before that block,
  and a page expires after `PAGE_TTL`. *A short page* means that the node keeps no older operations;
  a node that was set up anew may keep more. So only a full page is kept, or one whose oldest row is
  the account's creation.

Invalidation: the node's own replies tell which block is irreversible (never above its head). If the
head falls below a block that the node called irreversible, or if the chain id changes, another node
is answering, and the whole cache is dropped. After a failed connection nothing is served from the
cache until the node has confirmed its chain id, which is requested together with every head.

Accounts and assets are not cached. An account's name and an asset's precision never change, but the
same objects also hold keys, authorities, lists and flags, which do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from diag.chain.cache.answers import BoundedAnswers, weight
from diag.chain.history import coverage
from diag.chain.metrics import Counters
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Deadline, Reply, Source, SourceWrapper, wait_for_reply
from diag.chain.rpc.objects import BlockHeader, Head
from diag.chain.rpc.values import encoded
from diag.domain.operations import Created, Operation
from diag.errors import ChainError, OutOfTime, Unreachable

MAX_ROWS = 3_000
"""Maximum number of history rows kept per node; about 12 MB."""
SAFETY_MARGIN = timedelta(minutes=10)
PAGE_TTL = 900.0  # seconds
MAX_HEADERS = 64
"""Headers of a larger batch are not kept."""

_PAGE, _HEADER = methods.HISTORY_BY_TIME.name, methods.HEADER.name
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ImmutableCache(SourceWrapper):
    """A source that answers from the cache where it can; thread-safe.

    Create one per node. Callers must not modify a reply, because it is shared between them. Equal
    calls that are under way at the same time are sent to the node only once.
    """

    def __init__(
        self,
        source: Source,
        *,
        max_rows: int = MAX_ROWS,
        counters: Counters | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(source)
        self._max_rows, self._clock = max_rows, clock
        self._counters = counters or Counters()
        self._lock = Lock()
        self._chain_id: str | None = None
        self._clear()

    @property
    def rows(self) -> int:
        """The number of rows in the cache."""
        return self._answers.weight

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """Answer one wave; only calls that are not cached are sent to the node.

        If the cache was dropped while the wave was under way, the wave is repeated once.
        """
        replies, outdated = self._ask_once(calls, deadline)
        return self._ask_once(calls, deadline)[0] if outdated and deadline.left() else replies

    def _ask_once(self, calls: Sequence[Call], deadline: Deadline) -> tuple[list[Reply], bool]:
        """Return the replies, and whether some of them came from a cache dropped meanwhile."""
        known, mine, generation = self._claim(calls)
        asked = [n for n in range(len(calls)) if n not in known]
        replies: dict[int, Reply] = {}
        try:
            if asked:
                wave = [calls[n] for n in asked]
                answers = self._source.ask(wave, deadline)
                self._observe(wave, answers)
                replies = {
                    n: self._store(calls[n], reply, generation)
                    for n, reply in zip(asked, answers, strict=True)
                }
        finally:
            for n, (key, flight) in mine.items():
                self._resolve(key, flight, replies.get(n, Unreachable("no answer")))
        shared = {n: wait_for_reply(flight, deadline) for n, flight in known.items()}
        failed = [n for n, reply in shared.items() if isinstance(reply, Unreachable)]
        if failed and deadline.left():  # another thread's call failed: send our own
            again = self._source.ask([calls[n] for n in failed], deadline)
            shared |= zip(failed, again, strict=True)
        found = replies | shared
        outdated = bool(known) and self._generation != generation
        return [found[n] for n in range(len(calls))], outdated

    # --- entries -----------------------------------------------------------------------------

    def _clear(self) -> None:
        self._generation = object()
        """Identifies the contents of the cache; replaced whenever the cache is dropped."""
        self._confirmed = False
        self._irreversible, self._irreversible_time, self._head_time = 0, _EPOCH, _EPOCH
        self._answers: BoundedAnswers[str, tuple[Future[Reply], float]] = BoundedAnswers(
            self._max_rows
        )
        self._in_flight: dict[str, Future[Reply]] = {}

    def _claim(
        self, calls: Sequence[Call]
    ) -> tuple[dict[int, Future[Reply]], dict[int, tuple[str, Future[Reply]]], object]:
        """Split a wave, by position: replies cached or under way, and calls to be sent (with key).

        Also returns the generation of the cache that was looked at.
        """
        known: dict[int, Future[Reply]] = {}
        mine: dict[int, tuple[str, Future[Reply]]] = {}
        with self._lock:
            for n, call in enumerate(calls):
                key = self._key(call) if self._confirmed else None
                if key is None:
                    continue
                flight = self._cached(key) or self._in_flight.get(key)
                if flight is not None:
                    known[n] = flight
                else:
                    self._in_flight[key] = Future()
                    mine[n] = key, self._in_flight[key]
            generation = self._generation
        for name, count in (("hits", len(known)), ("misses", len(mine))):
            if count:
                self._counters.add(name, self.name, "lasting", count)
        return known, mine, generation

    def _cached(self, key: str) -> Future[Reply] | None:
        found = self._answers.get(key)
        if found is None or found[1] < self._clock():
            return None
        return found[0]

    def _resolve(self, key: str, flight: Future[Reply], reply: Reply) -> None:
        """Hand a reply to every thread that waits for it.

        After the cache was dropped, the key may belong to a newer call, which is left alone.
        """
        with self._lock:
            if self._in_flight.get(key) is flight:
                del self._in_flight[key]
        flight.set_result(reply)

    def _store(self, call: Call, reply: Reply, generation: object) -> Reply:
        """Return the reply, after adding it to the cache if it can never change."""
        if isinstance(reply, ChainError):
            return reply
        with self._lock:
            key = (
                self._key(call) if self._confirmed and self._generation is generation else None
            )
            if key is None or not self._is_cacheable(call, reply):
                return reply
            until = self._clock() + PAGE_TTL if call.method == _PAGE else float("inf")
            self._answers.add(key, (_completed(reply), until), weight(reply))
        return reply

    # --- what can be cached -------------------------------------------------------------

    def _key(self, call: Call) -> str | None:
        """The cache key of a call; None if its reply can never be cached."""
        match call.method, call.args:
            case (methods.TRANSACTION.name, (int(n), int())) | (methods.HEADER.name, (int(n),)):
                cacheable = 0 < n <= self._irreversible
            case (methods.HISTORY_BY_TIME.name, (str(), None, str(moment))):
                cacheable = _time(moment) < self._irreversible_time - SAFETY_MARGIN
            case _:
                return None
        return encoded([call.method, *call.args]) if cacheable else None

    def _is_cacheable(self, call: Call, reply: Reply) -> bool:
        if call.method != _PAGE:
            return reply is not None
        page: Any = reply
        return bool(page) and self._is_final_page(page, call)

    def _is_final_page(self, page: Sequence[Operation], call: Call) -> bool:
        """True if all rows are irreversible and no later reply can add to the page."""
        account, _, moment = call.args
        inside = max(row.at for row in page) <= _time(moment)
        final = max(row.location.block for row in page) <= self._irreversible
        return (
            inside
            and final
            and (len(page) >= coverage.PAGE_SIZE or _is_creation(page[-1], account))
        )

    # --- learning the node's state -----------------------------------------------------

    def _observe(self, calls: Sequence[Call], replies: Sequence[Reply]) -> None:
        answered = [(c, r) for c, r in zip(calls, replies, strict=True) if r is not None]
        with self._lock:
            for call, reply in answered:
                if call.method == methods.CHAIN_ID.name and isinstance(reply, str):
                    self._observe_chain_id(reply)
            for call, reply in answered:
                if _connection_failed(reply):
                    self._confirmed = False
                elif call.method == methods.OBJECTS.name and isinstance(reply, list):
                    self._observe_heads(found for found in reply if isinstance(found, Head))
            for call, reply in answered:
                if isinstance(reply, BlockHeader):
                    self._observe_header(call.args[0], reply)
                elif call.method == methods.HEADERS.name and isinstance(reply, dict):
                    self._observe_headers(reply)

    def _observe_chain_id(self, chain_id: str) -> None:
        if self._chain_id not in (None, chain_id):
            self._clear()
        self._chain_id, self._confirmed = chain_id, True

    def _observe_heads(self, heads: Iterable[Head]) -> None:
        for head in heads:
            final = head.last_irreversible_block_num
            if final > head.head_block_number:
                continue
            if head.head_block_number < self._irreversible:
                self._clear()
            else:
                self._irreversible = max(self._irreversible, final)
                self._head_time = max(self._head_time, head.time)

    def _observe_header(self, number: int, header: BlockHeader) -> None:
        if 0 < number <= self._irreversible:
            at = min(header.time, self._head_time)
            self._irreversible_time = max(self._irreversible_time, at)

    def _observe_headers(self, headers: Mapping[int, BlockHeader]) -> None:
        """Take the times of a batch of headers, and cache each header under its own call."""
        for number, header in headers.items() if len(headers) <= MAX_HEADERS else ():
            if 0 < number <= self._irreversible:
                self._observe_header(number, header)
                key = encoded([_HEADER, number])
                self._answers.add(key, (_completed(header), float("inf")), 1)


def _completed(reply: Reply) -> Future[Reply]:
    found: Future[Reply] = Future()
    found.set_result(reply)
    return found


def _connection_failed(reply: Reply) -> bool:
    """True if the node could not be reached; a mere timeout does not count."""
    return isinstance(reply, Unreachable) and not isinstance(reply, OutOfTime)


def _time(written: str) -> datetime:
    """The time in a call."""
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


def _is_creation(operation: Operation, account: str) -> bool:
    """True if it is the creation of the account with a name or an id."""
    return isinstance(operation, Created) and account in (operation.name, operation.account)
