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

import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from threading import Lock
from typing import Any

from cachetools import TLRUCache

from diag.chain.cache import weight
from diag.chain.history import coverage
from diag.chain.metrics import Counters
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Deadline, Reply, Source, SourceWrapper
from diag.chain.rpc.objects import BlockHeader, Head
from diag.chain.rpc.values import encoded, time_of
from diag.domain.operations import Created, Operation
from diag.errors import ChainError, OutOfTime, Unreachable

MAX_ROWS = 3_000
"""Maximum number of history rows kept per node; about 12 MB."""
SAFETY_MARGIN = timedelta(minutes=10)
PAGE_TTL = 900.0  # seconds
MAX_HEADERS = 64
"""Headers of a larger batch are not kept."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME, _BLOCK = attrgetter("location.at"), attrgetter("location.block")


class ImmutableCache(SourceWrapper):
    """A source that answers from the cache if it can; thread-safe.

    Create one per node. Callers must not modify a reply, because it is shared between them.
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
        self._drop()

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """Answer one wave; only calls that are not cached are sent to the node.

        If the cache is dropped while the wave is under way, the calls that it had answered are
        sent as well.
        """
        cache = self._replies
        found = self._look_up(calls)
        wave = {n: call for n, call in enumerate(calls) if n not in found}
        if wave:
            replies = self._source.ask(list(wave.values()), deadline)
            self._learn(list(wave.values()), replies, cache)
            found |= zip(wave, replies, strict=True)
        if len(wave) < len(calls) and self._replies is not cache:
            old = {n: call for n, call in enumerate(calls) if n not in wave}
            found |= zip(old, self._source.ask(list(old.values()), deadline), strict=True)
        return [found[n] for n in range(len(calls))]

    # --- entries -----------------------------------------------------------------------------

    def _drop(self) -> None:
        self._confirmed = False
        self._irreversible, self._irreversible_time, self._head_time = 0, _EPOCH, _EPOCH
        self._replies: TLRUCache[str, Any] = TLRUCache(
            self._max_rows, _expiry, self._clock, getsizeof=weight
        )

    def _look_up(self, calls: Sequence[Call]) -> dict[int, Reply]:
        """Return the cached replies to the calls of a wave, by position."""
        with self._lock:
            keys = {n: key for n, call in enumerate(calls) if (key := self._key(call))}
            found = {n: self._replies.get(key) for n, key in keys.items()}
        found = {n: reply for n, reply in found.items() if reply is not None}
        for name, count in (("hits", len(found)), ("misses", len(keys) - len(found))):
            if count:
                self._counters.add(name, self.name, "lasting", count)
        return found

    def _learn(
        self, calls: Sequence[Call], replies: Sequence[Reply], cache: Mapping[str, Any]
    ) -> None:
        """Learn the node's state from a wave, and keep the replies that can never change.

        cache: the one that was looked in; if it has been dropped since, no reply is kept.
        """
        answered = [(c, r) for c, r in zip(calls, replies, strict=True) if r is not None]
        with self._lock:
            self._observe(answered)
            for call, reply in answered if self._replies is cache else ():
                key = self._key(call)
                if key and _is_cacheable(call, reply, self._irreversible):
                    self._keep(key, reply)

    def _keep(self, key: str, reply: Reply) -> None:
        with suppress(ValueError):  # larger than the whole cache
            self._replies[key] = reply

    def _key(self, call: Call) -> str | None:
        """Return the cache key of a call; None if its reply can never be cached, or not at present."""
        match call.method, call.args:
            case (methods.TRANSACTION.name, (int(n), int())) | (methods.HEADER.name, (int(n),)):
                cacheable = 0 < n <= self._irreversible
            case (methods.HISTORY_BY_TIME.name, (str(), None, str(moment))):
                cacheable = time_of(moment) < self._irreversible_time - SAFETY_MARGIN
            case _:
                return None
        return encoded([call.method, *call.args]) if cacheable and self._confirmed else None

    # --- learning the node's state -----------------------------------------------------

    def _observe(self, answered: Sequence[tuple[Call, Reply]]) -> None:
        """Learn the chain, then its head, then the times of blocks from the replies of a wave."""
        for call, reply in answered:
            if call.method == methods.CHAIN_ID.name and isinstance(reply, str):
                self._observe_chain_id(reply)
        for call, reply in answered:
            if _connection_failed(reply):
                self._confirmed = False
            elif call.method == methods.OBJECTS.name and isinstance(reply, list):
                for head in reply:
                    if isinstance(head, Head):
                        self._observe_head(head)
        for call, reply in answered:
            if isinstance(reply, BlockHeader):
                self._observe_header(call.args[0], reply)
            elif call.method == methods.HEADERS.name and isinstance(reply, dict):
                self._observe_headers(reply)

    def _observe_chain_id(self, chain_id: str) -> None:
        if self._chain_id not in (None, chain_id):
            self._drop()
        self._chain_id, self._confirmed = chain_id, True

    def _observe_head(self, head: Head) -> None:
        final = head.last_irreversible_block_num
        if final > head.head_block_number:
            return
        if head.head_block_number < self._irreversible:
            self._drop()
            return
        self._irreversible = max(self._irreversible, final)
        self._head_time = max(self._head_time, head.time)

    def _observe_header(self, number: int, header: BlockHeader) -> None:
        if 0 < number <= self._irreversible:
            at = min(header.time, self._head_time)
            self._irreversible_time = max(self._irreversible_time, at)

    def _observe_headers(self, headers: Mapping[int, BlockHeader]) -> None:
        """Take the times of a batch of headers, and cache each header under its own call."""
        for number, header in headers.items() if len(headers) <= MAX_HEADERS else ():
            self._observe_header(number, header)
            if key := self._key(methods.HEADER.call(number)):
                self._keep(key, header)


def _expiry(key: str, reply: Reply, now: float) -> float:
    """Return when a cached reply expires: a page after PAGE_TTL, anything else never."""
    return now + PAGE_TTL if isinstance(reply, list) else math.inf


def _is_cacheable(call: Call, reply: Reply, irreversible: int) -> bool:
    """Return True if a reply to a call that has a key can never change.

    That holds for a page only if all its rows are irreversible and no later reply can add to
    it.
    """
    if isinstance(reply, ChainError):
        return False
    if call.method != methods.HISTORY_BY_TIME.name:
        return True
    page: Sequence[Operation] = reply
    account, _, moment = call.args
    return (
        bool(page)
        and max(map(_TIME, page)) <= time_of(moment)
        and max(map(_BLOCK, page)) <= irreversible
        and (len(page) >= coverage.PAGE_SIZE or _is_creation(page[-1], account))
    )


def _connection_failed(reply: Reply) -> bool:
    """Return True if the node could not be reached; a mere timeout does not count."""
    return isinstance(reply, Unreachable) and not isinstance(reply, OutOfTime)


def _is_creation(operation: Operation, account: str) -> bool:
    """Return True if the operation created the account with this name or id."""
    return isinstance(operation, Created) and account in (operation.name, operation.account)
