"""One service, whose nodes fall ill, recover and move on between the questions."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from chaos import (
    KINDS,
    LONG,
    SECONDS,
    STORIES,
    Cell,
    asked,
    falsehoods,
    made_of,
    nodes_of,
    question,
    service,
)
from recorded import ledger, register
from waiting import FOREVER, soon

from diag.chain import client
from diag.chain.collect.collector import Collector
from diag.checks import CHECKS
from diag.diagnosis.engine import diagnose
from diag.domain.vocabulary import Outcome
from diag.ledger.node import LedgerSource
from diag.ledger.replay.server import Replay
from diag.ledger.view import View
from diag.services import Services

ILL = [kind for kind in KINDS if kind != "healthy"]


BLOCK = timedelta(seconds=0.1)
"""What was seen holds for one block: here they are short ones."""


@pytest.fixture(autouse=True)
def _short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MAX_SNAPSHOT_AGE", BLOCK)


def turn(node: Replay, kind: str) -> None:
    """Make a node one of a kind, before the next block."""
    view, faults = made_of(kind)
    node.ledger, node.faults = ledger().with_view(view), faults
    a_block_later()


def a_block_later() -> None:
    time.sleep(1.1 * BLOCK.total_seconds())


def says_the_truth(cell: Cell, nodes: list[Replay], made: Services, seconds: float) -> bool:
    """Whether it knows it by now; what it says meanwhile must not be wrong."""
    result = asked(cell, nodes, made, seconds)
    assert result.said != "wrong", result
    return (result.said, result.complaints) == ("true", ())


@pytest.mark.parametrize("wires", ["h", "w", "wh"])
@pytest.mark.parametrize("kind", ILL)
def test_a_node_falls_ill_and_recovers_beside_a_good_one(kind: str, wires: str) -> None:
    stories = list(STORIES)
    with nodes_of(Cell(("healthy", "healthy"), stories[0])) as nodes:
        made = service(Cell(("healthy", "healthy"), stories[0], wires=wires), nodes, LONG)
        for place, now in enumerate(["healthy", kind, kind, "healthy", kind, "healthy"]):
            turn(nodes[0], now)
            cell = Cell((now, "healthy"), stories[place % len(stories)], wires=wires)
            assert soon(lambda cell=cell: says_the_truth(cell, nodes, made, LONG)), (
                place,
                cell,
            )


@pytest.mark.parametrize("wires", ["h", "w"])
@pytest.mark.parametrize("kind", ILL)
def test_a_node_alone_falls_ill_and_recovers(kind: str, wires: str) -> None:
    with nodes_of(Cell(("healthy",), "settled")) as nodes:
        made = service(Cell(("healthy",), "settled", wires=wires), nodes, SECONDS)
        for now in ("healthy", kind, kind):
            turn(nodes[0], now)
            assert (
                asked(Cell((now,), "settled", wires=wires), nodes, made, SECONDS).said
                != "wrong"
            )
        turn(nodes[0], "healthy")
        cell = Cell(("healthy",), "settled", wires=wires)
        assert soon(lambda: says_the_truth(cell, nodes, made, SECONDS))


def test_a_stale_node_counts_when_it_has_caught_up_and_not_while_it_stands_still() -> None:
    cell = Cell(("healthy",), "just sent")
    with nodes_of(cell) as nodes:
        made = service(cell, nodes, LONG)
        for behind, expected in ((600, False), (600, False), (300, False), (0, True)):
            nodes[0].ledger = ledger().with_view(View(behind=behind))
            a_block_later()

            def known() -> bool:
                asked = question("just sent")
                found = diagnose(asked, made.collect, made.register, made.checks)
                return found.verdict.rule.outcome is not Outcome.UNDETERMINED

            assert soon(known) if expected else not known(), f"{behind} s behind"


def test_of_two_stale_nodes_the_one_that_moves_on_is_taken() -> None:
    cell = Cell(("stale", "stale"), "just sent")
    with nodes_of(cell) as nodes:
        made = service(cell, nodes, LONG)
        for behind in (1800, 900, 0):
            nodes[1].ledger = ledger().with_view(View(behind=behind))
            a_block_later()
            found = diagnose(question("just sent"), made.collect, made.register, made.checks)
        assert falsehoods("just sent", found) == []
        assert found.verdict.rule.outcome is not Outcome.UNDETERMINED


@pytest.mark.parametrize("after", range(1, 45, 4))
@pytest.mark.parametrize("story", ["just sent", "settled", "never sent", "proposal"])
def test_the_head_moves_on_in_the_middle_of_a_question(story: str, after: int) -> None:
    early, late = (ledger().with_view(View(behind=behind)) for behind in (20, 0))
    allowed = {
        diagnose(
            question(story),
            Collector(
                [LedgerSource(seen)],
                register(),
                clock=partial(getattr, seen, "clock"),
                seconds=FOREVER,
            ),
            register(),
            CHECKS,
        ).verdict.code
        for seen in (early, late)
    }
    cell = Cell(("healthy",), story)
    with nodes_of(cell) as nodes:
        [node] = nodes
        node.ledger, node.faults = early, replace(node.faults, latency=0.03)
        over = threading.Event()

        def move_on() -> None:
            while len(node.calls) < after and not over.wait(0.002):
                pass
            node.ledger = late

        mover = threading.Thread(target=move_on)
        mover.start()
        made = service(cell, nodes, LONG)
        found = diagnose(question(story), made.collect, made.register, made.checks)
        over.set()
        mover.join()
    assert found.verdict.code in allowed or found.verdict.rule.outcome is Outcome.UNDETERMINED
