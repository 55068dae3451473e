"""A source that answers equal calls once: many diagnoses share the evidence they have in common.

Everybody sees one head of the chain, and whatever is kept is at least as new as it. There are two
ways to have that. Where a batch begins, the calls for the head go before all others. Where one
question must not wait for another wave, the head is asked in the wave of whoever comes first; then
what was asked before the head was known is handed to those who wait for it, and not kept, unless
the node answers in the order in which it is asked and was asked for its head first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from typing import Any

from diag.chain.cache.answers import BoundedAnswers, weight
from diag.chain.metrics import Counters
from diag.chain.rpc.call import Call, Deadline, Reply, Source, in_order, landed
from diag.chain.rpc.values import encoded
from diag.errors import ChainError, OutOfTime, Unreachable

MOST_ROWS = 60_000
"""How many different rows of answers are kept: some 150 MB. What only one has asked goes first."""
REST = 5.0
"""Seconds for which a source that does not tell its head is not asked again."""

_BY_ITEM = frozenset({"get_objects", "get_accounts", "lookup_asset_symbols"})
"""Methods that take a list and answer a list of as many: they are shared item by item."""

_HEAD = "2.1.0"
Key = str


class _Coming(Future[Reply]):
    """An answer, there or under way; dated if it is at least as new as the head that is told."""

    dated = True


@dataclass(frozen=True, slots=True)
class _Question:
    """A call, and the keys of its parts: one for each item of a list, else one."""

    call: Call
    items: tuple[object, ...] | None
    keys: tuple[Key, ...]

    @classmethod
    def of(cls, call: Call) -> _Question:
        if call.method in _BY_ITEM and call.args and isinstance(call.args[0], list | tuple):
            items, rest = tuple(call.args[0]), call.args[1:]
            keys = (_key(call, (item, *rest)) for item in items)
            return cls(call, items, tuple(keys))
        return cls(call, None, (_key(call, call.args),))

    def withdrawal_id(self, keys: Sequence[Key]) -> Call:
        """The same call for some of its parts only."""
        if self.items is None:
            return self.call
        known = dict(zip(self.keys, self.items, strict=True))
        return Call(
            self.call.api, self.call.method, ([known[k] for k in keys], *self.call.args[1:])
        )

    def parts(self, keys: Sequence[Key], reply: Reply) -> Iterable[tuple[Key, Reply]]:
        """The reply to `about`, part by part."""
        if self.items is None or isinstance(reply, ChainError):
            return [(key, reply) for key in keys]
        if not isinstance(reply, list) or len(reply) != len(keys):
            return [(key, Unreachable("an answer of unexpected shape")) for key in keys]
        return zip(keys, reply, strict=True)

    def whole(self, parts: Sequence[Reply]) -> Reply:
        """The reply to the call, from those to its parts."""
        if self.items is None:
            return parts[0]
        failed = next((part for part in parts if isinstance(part, ChainError)), None)
        return list(parts) if failed is None else failed


def _key(call: Call, args: Sequence[object]) -> Key:
    return encoded([call.api, call.method, *args])


class SnapshotCache:
    """A source for as long as one look at the chain lasts; safe to use from many threads.

    first are the calls that are asked before all others; without them and with one_head the head
    is asked along with the first wave, and head_told is called with object 2.1.0. Failures are not kept: those who wait for the same call ask
    again themselves. Nobody may change an answer.
    """

    def __init__(
        self,
        source: Source,
        first: Sequence[Call] = (),
        *,
        one_head: bool = False,
        most_rows: int = MOST_ROWS,
        tally: Counters | None = None,
        clock: Callable[[], float] = time.monotonic,
        head_told: Callable[[Mapping[str, Any]], None] = lambda head: None,
    ) -> None:
        self._source, self._first, self._clock = source, list(first), clock
        self._head_told = head_told
        self._tally = tally or Counters()
        self._lock, self._opening = Lock(), Lock()
        self._kept: dict[Key, _Coming] = {}
        self._flights: dict[Key, _Coming] = {}
        self._once: BoundedAnswers[str, _Coming] = BoundedAnswers(most_rows // 2)
        self._often: BoundedAnswers[str, _Coming] = BoundedAnswers(most_rows // 2)
        self._open = not self._first
        self._head = _HEAD_KEY if one_head else None
        self._head_known = not one_head
        self._refusal: tuple[float, ChainError] | None = None

    @property
    def name(self) -> str:
        """What to call it: as the source behind it."""
        return self._source.name

    @property
    def dated(self) -> bool:
        """True if whatever it answers is at least as new as its head."""
        return bool(self._first) and self._open

    @property
    def dates(self) -> bool:
        """True if what is asked now, along with the head, will be at least as new as that."""
        return self._head_known or in_order(self._source)

    @property
    def head(self) -> Reply | None:
        """Object 2.1.0, if it is known."""
        known = self._kept.get(_HEAD_KEY)
        return known.result() if known else None

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """One wave; only what nobody has asked yet goes to the source behind."""
        return self.ask_dated(calls, deadline)[0]

    def ask_dated(self, calls: Sequence[Call], deadline: Deadline) -> tuple[list[Reply], bool]:
        """The same, and whether all of it is at least as new as the head that is told."""
        refusal = self._opened(deadline)
        if refusal is not None:
            return [refusal for _ in calls], False
        questions = [_Question.of(call) for call in calls]
        found = self._answered(questions, deadline)
        if any(isinstance(reply, Unreachable) for reply, mine, _ in found.values() if not mine):
            again = [q for q in questions if any(_failed(found[key]) for key in q.keys)]
            found |= self._answered(again, deadline) if deadline.left() else {}
        replies = [q.whole([found[key][0] for key in q.keys]) for q in questions]
        return replies, all(dated for _, _, dated in found.values())

    def _opened(self, deadline: Deadline) -> ChainError | None:
        """Ask the first calls, once; the error if the source does not answer them."""
        if self._open:
            return None
        if not self._opening.acquire(timeout=deadline.left()):
            return OutOfTime()
        try:
            if not self._open and not self._resting():
                self._begin(deadline)
            return None if self._open else self._refusal and self._refusal[1]
        finally:
            self._opening.release()

    def _resting(self) -> bool:
        return self._refusal is not None and self._clock() < self._refusal[0]

    def _begin(self, deadline: Deadline) -> None:
        questions = [_Question.of(call) for call in self._first]
        found = self._answered(questions, deadline)
        failed = (reply for reply, _, _ in found.values() if isinstance(reply, Unreachable))
        failure = next(failed, None)
        if failure is not None:
            self._refusal = self._clock() + REST, failure
            return
        with self._lock:
            known = {key: self._once.get(key) or self._often.get(key) for key in found}
        self._kept = {key: flight for key, flight in known.items() if flight}
        self._open = True

    def _answered(
        self, questions: Sequence[_Question], deadline: Deadline
    ) -> dict[Key, tuple[Reply, bool, bool]]:
        """Every part's reply, whether it was this wave that asked for it, and whether it is dated."""
        keys = dict.fromkeys(key for question in questions for key in question.keys)
        flights, mine = self._claim(keys)
        self._fetch(questions, mine, deadline)
        return {
            key: (landed(flight, deadline), key in mine, flight.dated or key == self._head)
            for key, flight in flights.items()
        }

    def _claim(self, keys: Iterable[Key]) -> tuple[dict[Key, _Coming], dict[Key, _Coming]]:
        flights: dict[Key, _Coming] = {}
        mine: dict[Key, _Coming] = {}
        with self._lock:
            for key in keys:
                known = self._known(key)
                if known is None:
                    known = self._flights[key] = mine[key] = _Coming()
                flights[key] = known
            dated = self._head_known or (self._head in mine and in_order(self._source))
            for flight in mine.values():
                flight.dated = dated
        for what, count in (("hits", len(flights) - len(mine)), ("misses", len(mine))):
            if count:
                self._tally.add(what, self.name, "moment", count)
        return flights, mine

    def _known(self, key: Key) -> _Coming | None:
        """The answer, there or under way; who is the second to ask for it makes it stay longer."""
        if answer := self._once.pop(key):
            self._often.add(key, *answer)
        return self._kept.get(key) or self._often.get(key) or self._flights.get(key)

    def _fetch(
        self, questions: Sequence[_Question], mine: Mapping[Key, _Coming], deadline: Deadline
    ) -> None:
        """Ask the source for the claimed parts in one wave, and hand them to all who wait."""
        left, wave = set(mine), []
        for question in questions:
            own = [key for key in dict.fromkeys(question.keys) if key in left]
            left.difference_update(own)
            if own:
                wave.append((question, own))
        if not wave:
            return
        wave.sort(
            key=lambda asked: self._head not in asked[1]
        )  # the head dates what follows it
        missing = dict(mine)
        try:
            replies = self._source.ask([q.withdrawal_id(own) for q, own in wave], deadline)
            for (question, own), reply in zip(wave, replies, strict=True):
                for key, part in question.parts(own, reply):
                    self._publish(key, missing.pop(key), part, mine)
        finally:
            for key, flight in missing.items():  # the source broke its promise
                self._publish(key, flight, Unreachable("no answer"), mine)

    def _publish(
        self, key: Key, flight: _Coming, reply: Reply, wave: Mapping[Key, _Coming]
    ) -> None:
        with self._lock:
            self._flights.pop(key)
            if key == self._head:
                self._take_head(flight, reply, wave)
            elif not isinstance(reply, ChainError) and flight.dated:
                self._once.add(key, flight, weight(reply))
        flight.set_result(reply)

    def _take_head(self, flight: _Coming, reply: Reply, wave: Mapping[Key, _Coming]) -> None:
        """Keep the head; one that does not come dates nothing."""
        if isinstance(reply, dict):
            self._kept[_HEAD_KEY], self._head_known = flight, True
            self._head_told(reply)
            return
        for other in wave.values():
            other.dated = False


_HEAD_KEY = _Question.of(Call("database", "get_objects", ([_HEAD],))).keys[0]


def _failed(found: tuple[Reply, bool, bool]) -> bool:
    reply, mine, _ = found
    return not mine and isinstance(reply, Unreachable)
