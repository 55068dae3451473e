"""Hedged requests: one wave of calls for several sources, until an answer is good enough.

The next source is asked when the one before it gave an answer that is not good enough, or has not
answered within its usual time. In the latter case both are then at work, and the first answer counts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from queue import Empty, SimpleQueue
from threading import Thread

from diag.chain.rpc.call import Call, Deadline, Reply, Source
from diag.errors import Unreachable

log = logging.getLogger(__name__)

Question = Mapping[Hashable, Call]
Answer = dict[Hashable, Reply]
Patience = Callable[[str], float]
"""Name of a source → the seconds within which it usually answers."""

USUAL = 1.0
"""The patience in seconds with a source that has not been measured yet."""
LEAST = 0.5
"""Minimum patience in seconds while an incomplete answer is at hand already, because a busy source may
need longer than usual. It is half of the remaining time at most."""


def unmeasured(_: str) -> float:
    """Return the patience for a source without measurements."""
    return USUAL


class HedgedRequest:
    """Iterable, once: yields each source with its answer when it arrives. Stop when one is good enough.

    question: returns the calls for a source, at the moment when it is asked.
    Set `hurry` once a usable answer is at hand: the remaining sources then get no more than their usual
    time, or `LEAST`.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        question: Callable[[Source], Question],
        deadline: Deadline,
        patience: Patience,
    ) -> None:
        self._waiting = list(sources)
        self._question, self._deadline, self._patience = question, deadline, patience
        self._finished: SimpleQueue[tuple[Source, Answer]] = SimpleQueue()
        self._running = 0
        self.hurry = False

    def __iter__(self) -> Iterator[tuple[Source, Answer]]:
        while self._deadline.left() > 0:
            if self._waiting:
                source = self._waiting.pop(0)
                if not self._waiting and not self._running:  # no source left to wait for
                    yield source, self._ask(source, self._question(source), self._limit(source))
                    return
                self._start(source)
            elif not self._running:
                return
            if found := self._next(self._limit(source)):
                yield found
            elif self.hurry and not self._waiting:
                return

    def _limit(self, source: Source) -> Deadline:
        """Return the deadline up to which this source is waited for before the next one is asked."""
        left = self._deadline.left()
        if not (self._waiting or self.hurry):
            return self._deadline
        usual = max(self._patience(source.name), LEAST if self.hurry else 0.0)
        return Deadline(min(usual, left / (1 + len(self._waiting) + self.hurry)))

    def _start(self, source: Source) -> None:
        self._running += 1
        question = self._question(source)
        Thread(target=self._run, args=(source, question), daemon=True).start()

    def _next(self, limit: Deadline) -> tuple[Source, Answer] | None:
        """Return the next answer that arrives before the limit, or None."""
        try:
            found = self._finished.get(timeout=limit.left())
        except Empty:
            return None
        self._running -= 1
        return found

    def _run(self, source: Source, question: Question) -> None:
        answer: Answer = dict.fromkeys(question, Unreachable("no answer"))
        try:
            answer = self._ask(source, question, self._deadline)
        except Exception:
            log.exception("%s raised instead of answering", source.name)
        self._finished.put((source, answer))

    @staticmethod
    def _ask(source: Source, question: Question, deadline: Deadline) -> Answer:
        replies = source.ask(list(question.values()), deadline)
        return dict(zip(question, replies, strict=True))
