"""A source that remembers what can never change: one memory for each node, never across nodes.

What is below the irreversible block stays as it is on this chain, for ever. So these answers last:

- the transaction at a place of an irreversible block, and the header of such a block;
- a page of history by time. It says: these are the account's operations from the oldest of them
  up to a moment, and between them is no other. If the moment lies before the irreversible block,
  no block will ever be added there: the account's operations up to the moment are fixed. A node
  keeps of each account a newest part without holes and drops the oldest first; what it drops
  later was nevertheless so. Two things could make such a page wrong or poor, and are kept out:
  *A node that was behind* when it answered lacks the newest part, and the page does not show it.
  That this node has told a later irreversible block is not enough where its address leads to
  several machines, so the moment must lie `MARGIN` before that block, and a page is believed for
  `PAGE_LASTS` only. *A short page* says that the node keeps no more. A node that was set up anew
  may know more, so only a full page lasts, or one that begins with the account's own creation.

The node itself says which block is irreversible; one above its head is not believed. A node whose
head falls behind what it called irreversible, or that tells another chain's id, is another node:
all is forgotten. One that could not be reached may come back as another; nothing that is
remembered is told until it has told its chain again, and the chain is asked with every head.

Accounts and assets do not last, although names by id and precisions never change: what else
stands in those objects (keys, authorities, lists, flags) does, and they are asked in one call.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from threading import Lock

from diag.chain.cache.answers import BoundedAnswers, weight
from diag.chain.history import coverage, timeline
from diag.chain.history.timeline import Page
from diag.chain.metrics import Counters
from diag.chain.rpc.call import Around, Call, Deadline, Reply, Source, landed
from diag.chain.rpc.values import encoded, when
from diag.errors import ChainError, OutOfTime, Unreachable

MOST_ROWS = 3_000
"""How many rows of answers are kept of one node: some 12 MB."""
MARGIN = timedelta(minutes=10)
PAGE_LASTS = 900.0  # seconds
MOST_HEADERS = 64
"""From a larger batch, no headers are kept."""

_PAGE, _HEADER = "get_account_history_by_time", "get_block_header"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class ImmutableCache(Around):
    """Made once for a node; safe to use from many threads. Nobody may change an answer.

    What is remembered is as it was, at any time: it is in order if the source is.
    """

    def __init__(
        self,
        source: Source,
        *,
        most_rows: int = MOST_ROWS,
        tally: Counters | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(source)
        self._most_rows, self._clock = most_rows, clock
        self._tally = tally or Counters()
        self._lock = Lock()
        self._chain: str | None = None
        self._forget()

    @property
    def rows(self) -> int:
        """How many rows are kept."""
        return self._answers.weight

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """One wave; what is remembered does not go to the source behind."""
        replies, outdated = self._ask(calls, deadline)
        return self._ask(calls, deadline)[0] if outdated and deadline.left() else replies

    def _ask(self, calls: Sequence[Call], deadline: Deadline) -> tuple[list[Reply], bool]:
        """The replies, and whether some were remembered of what the node no longer is."""
        known, mine, age = self._claim(calls)
        asked = [n for n in range(len(calls)) if n not in known]
        replies: dict[int, Reply] = {}
        try:
            if asked:
                wave = [calls[n] for n in asked]
                answers = self._source.ask(wave, deadline)
                self._learn(wave, answers)
                replies = {
                    n: self._keep(calls[n], reply, age)
                    for n, reply in zip(asked, answers, strict=True)
                }
        finally:
            for n, (key, flight) in mine.items():
                self._hand_over(key, flight, replies.get(n, Unreachable("no answer")))
        landing = {n: landed(flight, deadline) for n, flight in known.items()}
        failed = [n for n, reply in landing.items() if isinstance(reply, Unreachable)]
        if failed and deadline.left():  # somebody else's failure is not mine
            again = self._source.ask([calls[n] for n in failed], deadline)
            landing |= zip(failed, again, strict=True)
        found = replies | landing
        return [found[n] for n in range(len(calls))], bool(known) and self._age != age

    # --- what is remembered ------------------------------------------------------------

    def _forget(self) -> None:
        self._age = object()
        """Stands for the time since all was forgotten."""
        self._confirmed = False
        self._final, self._final_time, self._head_time = 0, _NEVER, _NEVER
        self._answers: BoundedAnswers[str, tuple[Future[Reply], float]] = BoundedAnswers(
            self._most_rows
        )
        self._flights: dict[str, Future[Reply]] = {}

    def _claim(
        self, calls: Sequence[Call]
    ) -> tuple[dict[int, Future[Reply]], dict[int, tuple[str, Future[Reply]]], object]:
        """What is known or under way, and what this wave asks for all (with its key), by place."""
        known: dict[int, Future[Reply]] = {}
        mine: dict[int, tuple[str, Future[Reply]]] = {}
        with self._lock:
            for n, call in enumerate(calls):
                key = self._key(call) if self._confirmed else None
                if key is None:
                    continue
                flight = self._remembered(key) or self._flights.get(key)
                if flight is not None:
                    known[n] = flight
                else:
                    self._flights[key] = Future()
                    mine[n] = key, self._flights[key]
            age = self._age
        for what, count in (("hits", len(known)), ("misses", len(mine))):
            if count:
                self._tally.add(what, self.name, "lasting", count)
        return known, mine, age

    def _remembered(self, key: str) -> Future[Reply] | None:
        found = self._answers.get(key)
        if found is None or found[1] < self._clock():
            return None
        return found[0]

    def _hand_over(self, key: str, flight: Future[Reply], reply: Reply) -> None:
        """Give a reply to all who wait for it; after all was forgotten, the key may be another's."""
        with self._lock:
            if self._flights.get(key) is flight:
                del self._flights[key]
        flight.set_result(reply)

    def _keep(self, call: Call, reply: Reply, age: object) -> Reply:
        """The reply; kept if it lasts."""
        if isinstance(reply, ChainError):
            return reply
        with self._lock:
            key = self._key(call) if self._confirmed and self._age is age else None
            if key is None or not self._lasts(call, reply):
                return reply
            until = self._clock() + PAGE_LASTS if call.method == _PAGE else float("inf")
            self._answers.add(key, (_there(reply), until), weight(reply))
        return reply

    # --- what lasts ---------------------------------------------------------------------

    def _key(self, call: Call) -> str | None:
        """Under which an answer to this would last; None if none can."""
        match call.method, call.args:
            case ("get_transaction", (int(n), int())) | ("get_block_header", (int(n),)):
                lasts = 0 < n <= self._final
            case ("get_account_history_by_time", (str(), None, str(moment))):
                at = _moment(moment)
                lasts = at is not None and at < self._final_time - MARGIN
            case _:
                return None
        return encoded([call.method, *call.args]) if lasts else None

    def _lasts(self, call: Call, reply: Reply) -> bool:
        if call.method != _PAGE:
            return isinstance(reply, dict)
        page = timeline.rows_of(reply)
        return page is not None and len(page) > 0 and self._settled(page, call)

    def _settled(self, page: Page, call: Call) -> bool:
        """A page of irreversible blocks only, that no later answer can add to."""
        account, _, moment = call.args
        newest, _ = max(page.keys.values())
        inside = newest <= when(moment)
        final = max(int(row["block_num"]) for row in page) <= self._final
        return inside and final and (len(page) >= coverage.PAGE or _begins(page, account))

    # --- what the node tells of itself --------------------------------------------------

    def _learn(self, calls: Sequence[Call], replies: Sequence[Reply]) -> None:
        told = [(c, r) for c, r in zip(calls, replies, strict=True) if r is not None]
        with self._lock:
            self._learn_chain([r for c, r in told if c.method == "get_chain_id"])
            for call, reply in told:
                if _lost(reply):
                    self._confirmed = False
                elif call.method == "get_objects" and isinstance(reply, list):
                    self._learn_head(reply)
            for call, reply in told:
                if call.method == _HEADER and isinstance(reply, dict):
                    self._learn_time(call.args[0], reply)
                elif call.method == "get_block_header_batch" and isinstance(reply, list):
                    self._learn_headers(reply)

    def _learn_chain(self, told: Iterable[Reply]) -> None:
        for chain in told:
            if not isinstance(chain, str):
                continue
            if self._chain not in (None, chain):
                self._forget()
            self._chain, self._confirmed = chain, True

    def _learn_head(self, rows: Iterable[Reply]) -> None:
        for row in rows:
            if not isinstance(row, dict) or row.get("id") != "2.1.0":
                continue
            head, final = row.get("head_block_number"), row.get("last_irreversible_block_num")
            at = _moment(row.get("time"))
            if not isinstance(head, int) or not isinstance(final, int) or not final <= head:
                continue
            if head < self._final:
                self._forget()
            elif at is not None:
                self._final = max(self._final, final)
                self._head_time = max(self._head_time, at)

    def _learn_time(self, number: object, header: dict[str, Reply]) -> None:
        at = _moment(header.get("timestamp"))
        if isinstance(number, int) and 0 < number <= self._final and at is not None:
            self._final_time = max(self._final_time, min(at, self._head_time))

    def _learn_headers(self, pairs: Sequence[Reply]) -> None:
        """From a small batch the headers themselves: each can be asked for alone."""
        for pair in pairs if len(pairs) <= MOST_HEADERS else ():
            match pair:
                case [int(number), dict(header)] if 0 < number <= self._final:
                    self._learn_time(number, header)
                    key = encoded([_HEADER, number])
                    self._answers.add(key, (_there(header), float("inf")), 1)


def _there(reply: Reply) -> Future[Reply]:
    found: Future[Reply] = Future()
    found.set_result(reply)
    return found


def _lost(reply: Reply) -> bool:
    """True if the node could not be reached: being slow alone makes it no other node."""
    return isinstance(reply, Unreachable) and not isinstance(reply, OutOfTime)


def _moment(text: object) -> datetime | None:
    """A time as a node writes it."""
    try:
        return when(str(text))
    except ValueError:
        return None


def _begins(page: Page, account: str) -> bool:
    """True if the oldest row is the account's own creation."""
    oldest = page[-1]
    number, body = oldest["op"]
    named = isinstance(body, dict) and body.get("name") == account
    return number == 5 and (named or oldest.get("result") == [1, account])
