"""A snapshot ends when the next block is due, so that a new block is seen as soon as it is there."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from recorded import ledger, register
from told import bent
from waiting import FOREVER

from diag.chain.cache.immutable import ImmutableCache
from diag.chain.cache.snapshot import ARRIVAL, LATE_RETRY, seconds_current
from diag.chain.client import ChainClient
from diag.chain.pool.pool import Pool
from diag.chain.rpc.call import Call, Reply
from diag.domain.case import Case
from diag.ledger.view import View

BLOCK = 3.0
SLOT = timedelta(seconds=BLOCK)


@pytest.mark.parametrize(
    ("age", "seconds"),
    [
        pytest.param(0.0, BLOCK, id="just made"),
        pytest.param(0.2, BLOCK, id="just come"),
        pytest.param(1.0, 2.0 + ARRIVAL, id="a second old: until the next one has come"),
        pytest.param(2.9, 0.1 + ARRIVAL, id="almost an interval old"),
        pytest.param(BLOCK + ARRIVAL, LATE_RETRY, id="the next one is late: asked again soon"),
        pytest.param(4.4, LATE_RETRY, id="a second late"),
        pytest.param(4.6, BLOCK, id="missed"),
        pytest.param(3600.0, BLOCK, id="a node that is behind"),
        pytest.param(-1.0, BLOCK, id="a node that is ahead"),
    ],
)
def test_how_long_a_head_is_likely_to_be_the_newest(age: float, seconds: float) -> None:
    assert seconds_current(age, BLOCK) == pytest.approx(seconds)


SENT = "1.11.13731"
SENT_AT = ledger().operation(int(SENT.rpartition(".")[2]))["block_time"]
CREATED = datetime.fromisoformat(f"{SENT_AT}+00:00")
CASE = Case("lin-yue", CREATED - timedelta(hours=1), CREATED + timedelta(hours=1))


class Live:
    """A recorded chain that goes on: each block reaches the node a moment after its time."""

    name, in_order = "live", True

    def __init__(self) -> None:
        self.now, self.calls = CREATED, 0
        self.stopped_at: datetime | None = None

    def clock(self) -> datetime:
        return self.now

    def timer(self) -> float:
        return self.now.timestamp()

    def ask(self, calls, deadline):
        self.calls += len(calls)
        seen = (self.stopped_at or self.now) - timedelta(seconds=ARRIVAL / 2)
        newest = CREATED + (seen - CREATED) // SLOT * SLOT
        view = View(behind=(ledger().clock - newest).total_seconds())
        return bent(ledger().with_view(view), calls, partial(_at, newest))


def _at(newest: datetime, call: Call, reply: Reply) -> Reply:
    """The head with the time of the newest block: the recording leaves out empty ones."""
    if call.method != "get_objects" or call.args[0][0] != "2.1.0":
        return reply
    return [reply[0] | {"time": f"{newest:%Y-%m-%dT%H:%M:%S}"}, *reply[1:]]


def client(chain: Live) -> ChainClient:
    pool = Pool.of([chain], clock=chain.clock).wrapping(lambda _: ImmutableCache(chain))
    return ChainClient(
        pool, register(), chain_id=None, clock=chain.clock, timer=chain.timer, seconds=FOREVER
    )


@pytest.mark.parametrize("before", [0.1, 0.5, 1.5, 2.7])
@pytest.mark.parametrize("after", [ARRIVAL + 0.01, 1.0, 2.5])
def test_a_question_asked_again_sees_what_the_last_block_brought(
    before: float, after: float
) -> None:
    chain = Live()
    chain.now = CREATED - timedelta(seconds=before)
    asked = client(chain)
    assert SENT not in [o.id for o in asked(CASE).log.operations]
    chain.now = CREATED + timedelta(seconds=after)
    assert SENT in [o.id for o in asked(CASE).log.operations]


def test_within_one_block_nothing_is_asked_again() -> None:
    chain = Live()
    chain.now = CREATED + timedelta(seconds=ARRIVAL)
    asked = client(chain)
    first = asked(CASE)
    calls = chain.calls
    chain.now = CREATED + timedelta(seconds=BLOCK - 0.01)
    assert asked(CASE) is first and chain.calls == calls


def test_a_block_that_is_late_is_asked_for_again_but_not_by_every_question() -> None:
    chain = Live()
    chain.now = CREATED + timedelta(seconds=1)
    asked = client(chain)
    asked(CASE)
    chain.stopped_at = chain.now
    looks = 0
    for tenth in range(10, 60):
        chain.now = CREATED + timedelta(seconds=tenth / 10)
        before = chain.calls
        asked(CASE)
        looks += chain.calls > before
    assert 3 <= looks <= 5  # from 3.25 s on every half second, until it counts as missed
