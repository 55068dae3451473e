"""A node before 6.1 shows the same history as a newer one, only in more waves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import recorded
from hypothesis import given, settings
from hypothesis import strategies as st
from waiting import FOREVER

from diag.chain.collect.collector import Collector
from diag.chain.history.sequences import Reading, Search, read
from diag.chain.history.timeline import Pages
from diag.chain.rpc.call import Call, Deadline, Reply
from diag.domain import gateway_register
from diag.domain.case import Case
from diag.domain.evidence import Evidence
from diag.domain.history import Gap
from diag.errors import NodeError
from diag.ledger.node import Ledger, LedgerSource
from diag.ledger.view import View
from diag.matching.withdrawals import build_evidence

HEAD = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FIRST = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
BUSY = "chang-e1"


def utc(text: str) -> datetime:
    """A time of the recorded day and a half: "21 20:30" or "21 20:30:05"."""
    return datetime.fromisoformat(f"2026-11-{text.replace(' ', 'T')}").replace(tzinfo=UTC)


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return recorded.ledger().with_view(View(legacy=True))


@pytest.fixture(scope="module")
def register() -> gateway_register.Register:
    return recorded.register()


def seen(
    ledger: Ledger, register: gateway_register.Register, view: View, case: Case, **options: Any
) -> Evidence:
    source = LedgerSource(ledger.with_view(view))
    collector = Collector([source], register, clock=lambda: HEAD, **options)
    return build_evidence(case, collector(case), register)


def ids(found: Evidence) -> list[str]:
    return [o.id for o in found.window]


# account, window
WINDOWS = {
    "a withdrawal": ("lin-yue", "21 20:30", "21 21:30"),
    "a return": ("jiang-tao", "21 21:11:40", "21 22:11:40"),
    "three at once": ("miao-yi", "21 19:43:20", "21 20:18:20"),
    "a proposal": ("zou-yan", "21 22:46:40", "21 23:11:40"),
    "a time-lock": ("yun-fei", "21 20:30", "21 21:30"),
    "nothing in it": ("tao-qian", "21 09:00", "21 10:00"),
    "up to the head": ("wang-bo88", "22 11:29:48", "22 12:00"),
    "before the first operation": ("lin-yue", "21 05:00", "21 06:00"),
    "from before the first block on": ("lin-yue", "21 00:00", "21 07:00"),
    "after the last operation": ("lin-yue", "22 11:00", "22 11:30"),
    "one second": ("lin-yue", "21 21:00:00", "21 21:00:00"),
    "everything": ("lin-yue", "21 06:00", "22 12:00"),
    "a busy account, minutes": (BUSY, "21 20:50:33", "21 20:55"),
    "a busy account, the needle": (BUSY, "21 20:50:33", "21 21:20:33"),
    "a busy account, its beginning": (BUSY, "21 07:00", "21 07:45"),
    "a busy account, its end": (BUSY, "22 11:50", "22 12:00"),
    "a busy account, before it": (BUSY, "21 05:00", "21 06:00:30"),
    "a gateway": ("north-wallet", "22 04:00", "22 08:00"),
    "an account of the genesis block": ("committee-account", "21 06:00", "22 12:00"),
}


@pytest.mark.parametrize("window", WINDOWS)
def test_the_same_operations_as_on_a_newer_node(
    ledger: Ledger, register: gateway_register.Register, window: str
) -> None:
    account, start, end = WINDOWS[window]
    case = Case(account, utc(start), utc(end))
    modern = seen(ledger, register, View(), case)
    old = seen(ledger, register, View(legacy=True), case)
    assert ids(old) == ids(modern)
    assert [w.id for w in old.withdrawals] == [w.id for w in modern.withdrawals]
    assert [o.at for o in old.window] == [o.at for o in modern.window]
    if window != "an account of the genesis block":  # without history nothing proves itself
        assert old.complete and modern.complete


@pytest.mark.parametrize(
    ("window", "operations"),
    [
        ("nothing in it", 0),
        ("before the first operation", 0),
        ("after the last operation", 0),
        ("a withdrawal", 1),
        ("three at once", 3),
        ("a busy account, the needle", 451),
    ],
)
def test_how_many_operations_a_window_holds(
    ledger: Ledger, register: gateway_register.Register, window: str, operations: int
) -> None:
    account, start, end = WINDOWS[window]
    found = seen(ledger, register, View(legacy=True), Case(account, utc(start), utc(end)))
    assert found.complete
    assert len(found.window) == operations


@pytest.mark.parametrize(
    ("account", "start", "end", "keep", "complete"),
    [
        pytest.param(BUSY, "21 20:50:33", "21 21:20:33", 30, False, id="all pruned"),
        pytest.param(BUSY, "22 11:30", "22 12:00", 30, False, id="the newest part is left"),
        pytest.param(BUSY, "22 11:59", "22 12:00", 1000, True, id="the window is left"),
        pytest.param("lin-yue", "21 20:30", "21 21:30", 30, True, id="an idle account"),
        pytest.param("lin-yue", "21 05:00", "22 12:00", 30, True, id="its whole life"),
        pytest.param("lin-yue", "21 20:30", "21 21:30", 1, False, id="one operation left"),
    ],
)
def test_a_pruned_node(
    ledger: Ledger,
    register: gateway_register.Register,
    account: str,
    start: str,
    end: str,
    keep: int,
    complete: bool,
) -> None:
    case = Case(account, utc(start), utc(end))
    found = seen(ledger, register, View(legacy=True, keep=keep), case)
    assert found.complete is complete
    assert (found.gap(Gap.HISTORY, Gap.UNREAD) is None) is complete
    if complete:
        assert ids(found) == ids(seen(ledger, register, View(), case))


def test_a_node_that_lags(ledger: Ledger, register: gateway_register.Register) -> None:
    case = Case("wang-bo88", utc("22 11:29:48"), utc("22 12:00"))
    found = seen(ledger, register, View(legacy=True, behind=3600), case)
    assert not found.complete
    assert found.gap(Gap.HEAD)


def test_the_answer_of_the_gateway_is_found_too(
    ledger: Ledger, register: gateway_register.Register
) -> None:
    case = Case("lin-yue", utc("21 20:30"), utc("21 21:30"), asset="NORTH.BTC")
    found = seen(ledger, register, View(legacy=True), case)
    [withdrawal] = found.withdrawals
    assert withdrawal.settled
    assert found.history.gaps == ()


def test_how_many_waves_it_takes(ledger: Ledger, register: gateway_register.Register) -> None:
    waves: list[int] = []
    source = LedgerSource(ledger)

    class Counting:
        name = "counting"

        def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
            waves.append(len(calls))
            return source.ask(calls, deadline)

    collector = Collector([Counting()], register, clock=lambda: HEAD, seconds=FOREVER)
    collector(Case(BUSY, utc("21 20:50:33"), utc("21 21:20:33")))
    assert len(waves) <= 25


class Saving:
    """An old node that saves to Elasticsearch: one operation of its own, the neighbours' else."""

    name = "saving"

    def __init__(self, ledger: Ledger, account: str, others: str) -> None:
        self.ledger, self.account, self.others = ledger, account, others
        rows = ledger.answer("history", "get_relative_account_history", [account, 0, 100, 0])
        self.total, self.newest = len(rows), rows[0]

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        return [self.answer(call) for call in calls]

    def answer(self, call: Call) -> Reply:
        try:
            if call.method == "get_relative_account_history":
                return self.relative(*call.args)
            found = self.ledger.answer(call.api, call.method, call.args)
        except NodeError as error:
            return error
        if call.method == "get_objects":
            found = [
                row | {"removed_ops": 0} if row and row["id"].startswith("2.6.") else row
                for row in found
            ]
        return found

    def relative(self, account: str, stop: int, limit: int, start: int) -> Reply:
        if start in (0, self.total):
            return [self.newest]
        method = "get_relative_account_history"
        return self.ledger.answer("history", method, [self.others, stop, 1, start])


@pytest.mark.parametrize("others", ["nathan", "north-wallet"])
def test_a_node_that_answers_with_other_accounts_operations_is_not_believed(
    ledger: Ledger, register: gateway_register.Register, others: str
) -> None:
    source = Saving(ledger, "lin-yue", others)
    case = Case("lin-yue", utc("21 20:30"), utc("21 21:30"))
    found = build_evidence(
        case, Collector([source], register, clock=lambda: HEAD, seconds=FOREVER)(case), register
    )
    truth = ids(seen(ledger, register, View(), case))
    assert not found.complete or ids(found) == truth
    assert set(ids(found)) <= set(truth)


# --- the search -----------------------------------------------------------------------------


@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=300).map(sorted),
    st.integers(-5, 1005),
    st.integers(2, 30),
)
def test_the_last_position_at_or_below_the_target(
    values: list[int], target: int, points: int
) -> None:
    """Position 0 counts as fitting; a position p > 0 holds values[p - 1]."""
    search, waves = Search(0, len(values), target), 0
    while wanted := search.points(points):
        waves += 1
        assert len(wanted) <= points
        assert all(0 < point <= len(values) for point in wanted)
        for point in wanted:
            search.learn(point, values[point - 1])
    assert search.low == sum(value <= target for value in values)
    assert waves <= 1 + len(values).bit_length()


def test_a_wide_search_takes_few_waves() -> None:
    search, waves = Search(0, 90_000_000, 61_234_567), 0
    while wanted := search.points(120):
        waves += 1
        for point in wanted:
            search.learn(point, point)
    assert search.low == 61_234_567
    assert waves <= 4


# --- a scripted chain -----------------------------------------------------------------------

START = utc("21 08:00")
INTERVAL = 3


class Chain:
    """One account whose operations stand in given blocks; block n is n times three seconds old."""

    def __init__(self, blocks: Sequence[int], removed: int = 0, head: int = 5000) -> None:
        self.blocks, self.removed, self.head = sorted(blocks), removed, head
        self.waves = 0

    def read(self, reading: Reading) -> Pages:
        now = START + timedelta(seconds=INTERVAL * self.head)
        return read(self.ask, {"me": reading}, self.head, now)["me"]

    def ask(self, calls: Mapping[Any, Call]) -> dict[Any, Any]:
        self.waves += 1
        return {key: getattr(self, call.method)(*call.args) for key, call in calls.items()}

    def get_block_header_batch(self, numbers: Sequence[int]) -> list[Any]:
        return [[n, self.header(n) if 0 < n <= self.head else None] for n in numbers]

    def header(self, number: int) -> dict[str, str]:
        at = START + timedelta(seconds=INTERVAL * number)
        return {"timestamp": at.strftime("%Y-%m-%dT%H:%M:%S")}

    def get_relative_account_history(
        self, account: str, stop: int, limit: int, start: int
    ) -> list[Any]:
        assert limit <= 100
        first = max(stop, self.removed + 1)
        return [self.row(s) for s in range(min(start, len(self.blocks)), first - 1, -1)][:limit]

    def row(self, sequence: int) -> dict[str, Any]:
        made = {"op": [5, {}], "result": [1, "1.2.100"]}
        other = {"op": [8, {}], "result": [0, {}]}
        place = {"id": f"1.11.{1000 + sequence}", "block_num": self.blocks[sequence - 1]}
        return place | (made if sequence == 1 else other)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 4900), st.integers(1, 40)), min_size=1, max_size=30),
    st.integers(0, 15_000),
    st.integers(0, 6_000),
    st.integers(0, 60),
)
def test_any_window_is_read_whole_or_has_a_gap(
    runs: list[tuple[int, int]], since: int, length: int, removed: int
) -> None:
    blocks = [block for block, count in runs for _ in range(count)]
    removed = min(removed, len(blocks))
    chain = Chain(blocks, removed)
    start = START + timedelta(seconds=since)
    end = min(
        start + timedelta(seconds=length), START + timedelta(seconds=INTERVAL * chain.head)
    )
    reading = Reading("1.2.100", len(blocks), removed, start, max(start, end))
    pages = chain.read(reading)
    shown = [row["id"] for row in pages.between(start, reading.end)]
    truth = [
        f"1.11.{1000 + sequence}"
        for sequence, block in enumerate(chain.blocks, 1)
        if start <= START + timedelta(seconds=INTERVAL * block) <= reading.end
    ]
    if pages.gaps(start, reading.end):
        assert set(shown) <= set(truth)
        assert removed
    else:
        assert shown == truth


JUNK = [None, [], {}, "x", 1, [None], [[]], [[1]], [[1, 2, 3]], [["x", {}]], [{}]]


@pytest.mark.parametrize("junk", JUNK, ids=repr)
@pytest.mark.parametrize("method", ["get_block_header_batch", "get_relative_account_history"])
def test_answers_of_an_unexpected_shape_leave_a_gap(method: str, junk: Any) -> None:
    chain = Chain([10, 20, 30])
    setattr(chain, method, lambda *args: junk)
    reading = Reading("1.2.100", 3, 0, START, START + timedelta(minutes=10))
    pages = chain.read(reading)
    assert pages.gaps(START, reading.end)
