"""How a source fares decides whom to ask first, and how long to wait for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from recorded import ledger
from waiting import PATIENCE

from diag.chain.pool.head import Head, head_calls, read_head
from diag.chain.pool.health import HealthRecord, NodeHealth, State, preference
from diag.chain.rpc.call import Deadline
from diag.ledger.node import LedgerSource
from diag.ledger.view import View


class Timer:
    """Seconds that pass when they are told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds


def head(behind: int = 0) -> Head:
    """The head that the recorded chain shows, or showed a while ago."""
    calls = head_calls(())
    source = LedgerSource(ledger().with_view(View(behind=behind)), "node")
    replies = dict(
        zip(calls, source.ask(list(calls.values()), Deadline(PATIENCE)), strict=True)
    )
    found = read_head("node", replies, None, lambda: ledger().clock)
    assert isinstance(found, Head)
    return found


def strayed(standing: NodeHealth) -> None:
    standing.set_head(State.OTHER_CHAIN)


def fit(standing: NodeHealth) -> None:
    standing.answered(0.01)
    standing.set_head(head())


@pytest.mark.parametrize(
    ("happened", "state"),
    [
        pytest.param([], State.UNKNOWN, id="nobody has asked it"),
        pytest.param([fit], State.FIT, id="it answers and is not behind"),
        pytest.param(
            [fit, lambda s: s.set_head(head(behind=60))], State.BEHIND, id="its head is old"
        ),
        pytest.param([fit, strayed], State.OTHER_CHAIN, id="it serves another chain"),
        pytest.param([strayed, fit], State.FIT, id="it serves the right chain again"),
        pytest.param([fit, *2 * ["fails"]], State.FAILING, id="it failed twice"),
        pytest.param([fit, *3 * ["fails"]], State.RESTING, id="three times: it is left alone"),
        pytest.param([fit, *3 * ["fails"], 5.1], State.FAILING, id="the rest is over"),
        pytest.param([fit, *3 * ["fails"], 5.1, fit], State.FIT, id="it has recovered"),
        pytest.param(
            [*3 * ["fails"], 5.1, "fails", 9.9], State.RESTING, id="the next rest is longer"
        ),
        pytest.param(
            [*3 * ["fails"], 5.1, fit, *3 * ["fails"], 5.1],
            State.FAILING,
            id="after a recovery the rest is short again",
        ),
        pytest.param(
            [fit, 61.0], State.UNKNOWN, id="what it said a minute ago is worth nothing"
        ),
    ],
)
def test_the_state_of_a_source(happened: list, state: State) -> None:
    timer = Timer()
    standing = NodeHealth(timer)
    for event in happened:
        if event == "fails":
            standing.failed()
        elif isinstance(event, float):
            timer.pass_(event)
        else:
            event(standing)
    assert standing.record().state is state


@pytest.mark.parametrize(
    ("waves", "patience"),
    [
        pytest.param([], 1.0, id="nothing measured"),
        pytest.param([0.01] * 7, 1.0, id="too little measured"),
        pytest.param([0.2] * 8, 0.2, id="always the same"),
        pytest.param([0.1] * 90 + [0.6] * 6, 0.6, id="the slowest in twenty, of the last ones"),
        pytest.param([0.1] * 63 + [0.6], 0.1, id="one alone is not waited for"),
        pytest.param([0.001] * 8, 0.05, id="never less than a moment"),
        pytest.param([7.0] * 8, 2.0, id="nor longer than the deadline bears"),
    ],
)
def test_how_long_a_source_is_waited_for(waves: list[float], patience: float) -> None:
    standing = NodeHealth()
    for seconds in waves:
        standing.answered(seconds)
    assert standing.record().patience == patience


FIT = HealthRecord(State.FIT, 0.05, 1.0, partial=False)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (FIT, replace(FIT, state=State.UNKNOWN)),
        (replace(FIT, state=State.UNKNOWN), replace(FIT, state=State.BEHIND)),
        (replace(FIT, state=State.BEHIND), replace(FIT, state=State.FAILING)),
        (replace(FIT, state=State.FAILING), replace(FIT, state=State.RESTING)),
        (replace(FIT, state=State.RESTING), replace(FIT, state=State.OTHER_CHAIN)),
        (replace(FIT, latency=0.9), replace(FIT, partial=True)),
        (FIT, replace(FIT, latency=0.9)),
        (replace(FIT, partial=True, latency=0.9), replace(FIT, state=State.BEHIND)),
    ],
)
def test_who_is_preferred(better: HealthRecord, worse: HealthRecord) -> None:
    assert preference(better) < preference(worse)


def test_those_about_as_quick_as_each_other_stay_in_the_order_in_which_they_are_named() -> None:
    assert preference(FIT) == preference(replace(FIT, latency=0.06))


def test_a_head_is_new_for_a_while_only() -> None:
    timer = Timer()
    standing = NodeHealth(timer)
    assert standing.seconds_since_head() == float("inf")
    standing.set_head(head())
    timer.pass_(4)
    assert standing.seconds_since_head() == timedelta(seconds=4).total_seconds()
