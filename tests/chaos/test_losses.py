"""Replies that are lost one by one, or by chance: nothing is concluded from their absence."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from chaos import EVERY_STORY, MORE_STORIES, STORIES, falsehoods, question
from recorded import ledger, register
from waiting import FOREVER

from diag.chain.collect.collector import Collector
from diag.chain.rpc.call import Call, Deadline, Reply
from diag.checks import CHECKS
from diag.diagnosis.engine import diagnose
from diag.errors import Malformed, NodeError, OutOfTime, Unreachable
from diag.ledger.node import LedgerSource

LOST: tuple[Reply, ...] = (
    Unreachable("connection broken off"),
    OutOfTime(),
    NodeError(-32603, "", "Internal error"),
    Malformed(),
)


@dataclass
class Lossy:
    """A ledger whose replies get lost: lost(number) is what comes instead, or None."""

    lost: Callable[[int], Reply | None]
    name: str = "lossy"
    asked: int = 0
    missing: list[Call] = field(default_factory=list)

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        whole = LedgerSource(ledger()).ask(calls, deadline)
        return [self._reply(call, reply) for call, reply in zip(calls, whole, strict=True)]

    def _reply(self, call: Call, reply: Reply) -> Reply:
        instead = self.lost(self.asked)
        self.asked += 1
        if instead is None:
            return reply
        self.missing.append(call)
        return instead


def by_chance(chance: random.Random, share: float) -> Callable[[int], Reply | None]:
    """Loses a share of the replies."""
    return lambda number: chance.choice(LOST) if chance.random() < share else None


def said(story: str, *sources: Lossy) -> list[str]:
    """What is said that is not so."""
    collect = Collector(sources, register(), clock=lambda: ledger().clock, seconds=FOREVER)
    try:
        found = diagnose(question(story), collect, register(), CHECKS)
    except Unreachable:
        return []
    return falsehoods(story, found)


@pytest.mark.parametrize("story", STORIES | MORE_STORIES)
def test_each_reply_may_be_the_one_that_is_lost(story: str) -> None:
    wrong, place, source = [], 0, Lossy(lambda number: None)
    while place <= source.asked:
        lost = LOST[place % len(LOST)]
        source = Lossy(lambda number, place=place, lost=lost: lost if number == place else None)
        wrong += [(source.missing, told) for told in said(story, source)]
        place += 1
    assert wrong == []


@pytest.mark.parametrize("story", EVERY_STORY)
def test_any_of_the_replies_may_be_lost(story: str) -> None:
    for seed, share in enumerate([0.03, 0.1, 0.3, 0.03, 0.1]):
        chance = random.Random(f"{story}{share}{seed}")

        sources = [
            Lossy(by_chance(chance, share), name) for name in ("one", "two")[: 1 + seed % 2]
        ]
        wrong = said(story, *sources)
        assert wrong == [], f"seed {seed}: {[source.missing for source in sources]}"
