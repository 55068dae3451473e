"""When a window is proven, and when it is not: an account's history on nodes of every kind."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from told import told
from waiting import FOREVER

from diag.chain.collect.collector import Collector
from diag.chain.gateways.accounts import HORIZON, AccountReading
from diag.chain.history import pagination
from diag.chain.history.coverage import Interval, before, end_of_second
from diag.chain.history.pagination import (
    COARSE_STEP,
    last_tick,
    next_tick,
    round_step,
    ticks,
)
from diag.chain.history.timeline import Pages
from diag.chain.rpc.call import Call, Deadline, Reply
from diag.domain import gateway_register
from diag.domain.account import Account, Authority
from diag.domain.case import Case
from diag.domain.evidence import Evidence
from diag.domain.history import Gap, History
from diag.domain.operations import Operation
from diag.errors import Malformed, NodeError
from diag.matching.withdrawals import build_evidence

CHAIN = "ab" * 32
ME = "1.2.100"
NEIGHBOUR = "1.2.99"
HEAD = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
BORN = HEAD - timedelta(days=3)
ORIGIN = HEAD - timedelta(days=800)
START, END = HEAD - timedelta(hours=6), HEAD - timedelta(hours=5)
BEFORE, INSIDE, AFTER = (
    START - timedelta(hours=1),
    START + timedelta(minutes=20),
    END + timedelta(hours=1),
)
SECOND = timedelta(seconds=1)


def node_time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def operation(number: int, at: datetime, kind: int = 8, result: Any = None) -> dict[str, Any]:
    """An operation that concerns nobody else: an account upgrade, unless said otherwise."""
    return {
        "id": f"1.11.{number}",
        "op": [kind, {"fee": {"amount": 1, "asset_id": "1.3.0"}}],
        "result": result or [0, {}],
        "block_num": 1 + int((at - ORIGIN).total_seconds() // 3),
        "trx_in_block": 0,
        "op_in_trx": 0,
        "virtual_op": 0,
        "is_virtual": False,
        "block_time": node_time(at),
    }


def page(said: Any) -> Any:
    """What a source makes of this answer to a question about a history."""
    return told(pagination.by_time(ME, None), said)


@dataclass
class Node:
    """One account's history on a node, behind the interface of a source.

    local is what the node holds itself, elsewhere what it looks up in Elasticsearch; a node
    that saves there keeps one local operation per account, and answers questions by sequence
    with the neighbour's.
    """

    times: Sequence[datetime] = ()
    head: datetime = HEAD
    keep: int | None = None
    limit: int = 100
    genesis: bool = False
    born: datetime | None = BORN
    tracked: bool = True
    elasticsearch: str | None = None
    neighbours_newest: dict[str, Any] | None = None
    head_moves: bool = False
    fails: str | None = None
    name: str = "fake"
    waves: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        rows = [operation(n, at) for n, at in enumerate(sorted(self.times), 1000)]
        if not self.genesis:
            rows.insert(0, operation(900, self.born or BORN, 5, [1, ME]))
        self.truth = [row for row in rows if row["block_time"] <= node_time(self.head)]
        kept = len(self.truth) if self.keep is None else self.keep
        self.removed = max(0, len(self.truth) - kept)
        self.local = self.truth[self.removed :]
        if not self.tracked or self.elasticsearch == "query":
            self.local = []
        if self.elasticsearch == "save":
            self.local = self.truth[-1:]
        if self.head_moves:  # the block of the head came after the pages were answered
            newest = node_time(self.head)
            self.local = [row for row in self.local if row["block_time"] < newest]

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        self.waves.append(len(calls))
        if len(self.waves) > 1 and self.head_moves:
            self.local = self.truth[self.removed :]
        return [told(call, self.answer(call)) for call in calls]

    def answer(self, call: Call) -> Reply:
        if call.method == self.fails:
            return NodeError(10, "assert_exception", "it fails")
        method = getattr(self, call.method, None)
        if method is None:
            return NodeError(-32601, "method_not_found_exception", "Method not found")
        try:
            return method(*call.args)
        except NodeError as error:
            return error

    # --- the account's history, as in section 2.2 of the node's interface

    def page(self, rows: Sequence[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
        if limit > self.limit:
            text = f"limit <= configured_limit: limit can not be greater than {self.limit}"
            raise NodeError(10, "assert_exception", text)
        return [dict(row) for row in reversed(rows[max(0, len(rows) - limit) :])]

    def get_account_history_by_time(
        self, account: str, limit: int | None = None, start: str | None = None
    ) -> Reply:
        times = [row["block_time"] for row in self.local]
        last = len(times) if start is None else bisect_right(times, start)
        return self.page(self.local[:last], self.limit if limit is None else limit)

    def get_account_history(self, account: str, stop: str, limit: int, start: str) -> Reply:
        low, high = (int(text.rpartition(".")[2]) for text in (stop, start))
        rows = self.truth if self.elasticsearch == "query" else self.local
        numbers = [int(row["id"].rpartition(".")[2]) for row in rows]
        last = bisect_right(numbers, high) if high else len(rows)
        return self.page(rows[bisect_right(numbers, low) if low else 0 : last], limit)

    def get_relative_account_history(
        self, account: str, stop: int, limit: int, start: int
    ) -> Reply:
        total = len(self.truth) if self.local else 0
        start = min(start or total, total)
        if self.elasticsearch == "save" and 0 < start < total:
            foreign = operation(950, BORN, 5, [1, NEIGHBOUR])
            return self.page([self.neighbours_newest or foreign], limit)
        removed = total - len(self.local)
        if start <= removed or start < stop:
            return []
        return self.page(self.local[max(stop - 1 - removed, 0) : start - removed], limit)

    # --- the rest of what a diagnosis asks

    def get_chain_id(self) -> Reply:
        return CHAIN

    def get_info(self) -> Reply:
        return "a node"

    def get_objects(self, identifiers: list[str], subscribe: Any = None) -> Reply:
        number = 1_000_000
        dynamic = {
            "id": "2.1.0",
            "head_block_number": number,
            "time": node_time(self.head),
            "last_irreversible_block_num": number - 15,
            "next_maintenance_time": node_time(self.head + timedelta(hours=1)),
            "recent_slots_filled": str(2**128 - 1),
        }
        fixed = {
            "id": "2.0.0",
            "parameters": {"block_interval": 3, "maximum_time_until_expiration": 86400},
            "active_witnesses": [f"1.6.{i}" for i in range(21)],
        }
        core = {"id": "1.3.0", "symbol": "BTS", "precision": 5}
        objects = {"2.1.0": dynamic, "2.0.0": fixed, "1.3.0": core}
        return [objects.get(identity) for identity in identifiers]

    def get_accounts(self, names: list[str], subscribe: Any = None) -> Reply:
        return [self.account() if name in ("me", ME) else None for name in names]

    def account(self) -> dict[str, Any]:
        nobody = {"weight_threshold": 1, "account_auths": [], "key_auths": []}
        row = {
            "id": ME,
            "name": "me",
            "owner": nobody,
            "active": nobody,
            "options": {"memo_key": "BTS1"},
        }
        if self.genesis:
            return row | {"creation_block_num": 0, "creation_time": "1970-01-01T00:00:00"}
        if self.born is None:
            return row
        return row | {"creation_block_num": 7, "creation_time": node_time(self.born)}

    def get_account_balances(self, account: str, assets: list[str]) -> Reply:
        return []

    get_limit_orders_by_account = get_vesting_balances = get_proposed_transactions = (
        lambda self, *args: []
    )
    get_htlc_by_from = get_limit_orders_by_account

    def get_block_header(self, number: int) -> Reply:
        return {"timestamp": node_time(self.head - timedelta(seconds=45))}


def collect(
    node: Node, start: datetime = START, end: datetime = END, now: datetime | None = None
) -> History:
    collector = Collector(
        [node], gateway_register.empty(), clock=lambda: now or node.head, seconds=FOREVER
    )
    return collector(Case("me", start, end))


def evidence(
    node: Node, start: datetime = START, end: datetime = END, now: datetime | None = None
) -> Evidence:
    case = Case("me", start, end)
    return build_evidence(case, collect(node, start, end, now), gateway_register.empty())


def shown(found: Evidence) -> list[str]:
    return [o.id for o in found.window]


def true_ids(node: Node, start: datetime = START, end: datetime = END) -> list[str]:
    low, high = node_time(start), node_time(end)
    return [row["id"] for row in node.truth if low <= row["block_time"] <= high]


# --- the decision table (node_api.md 3.5) ---------------------------------------------------

COMPLETE, GAP = True, False
IN_ALL = (BEFORE, INSIDE, AFTER)


@pytest.mark.parametrize(
    ("node", "complete"),
    [
        # row 2: created later
        pytest.param(Node([AFTER], born=END + SECOND), COMPLETE, id="created after the window"),
        pytest.param(
            Node([AFTER] * 40, born=END + SECOND, keep=5),
            COMPLETE,
            id="created after the window, pruned",
        ),
        pytest.param(
            Node([AFTER], born=END), COMPLETE, id="created in the window's last second"
        ),
        pytest.param(Node([INSIDE], born=START), COMPLETE, id="created in its first second"),
        pytest.param(
            Node([INSIDE] * 9, born=START, keep=3),
            GAP,
            id="created in the window, the beginning pruned",
        ),
        # row 4: histories in Elasticsearch
        pytest.param(Node(IN_ALL, elasticsearch="query"), GAP, id="only a search engine"),
        pytest.param(
            Node([BEFORE], elasticsearch="query"), GAP, id="only a search engine, idle"
        ),
        pytest.param(
            Node(IN_ALL, elasticsearch="save"), GAP, id="saving node, newest is after"
        ),
        pytest.param(
            Node([BEFORE, INSIDE], elasticsearch="save"),
            GAP,
            id="saving node, newest is inside",
        ),
        pytest.param(
            Node([BEFORE], elasticsearch="save"), COMPLETE, id="saving node, newest is before"
        ),
        pytest.param(
            Node(IN_ALL, elasticsearch="save", genesis=True),
            GAP,
            id="saving node, an account of the genesis block",
        ),
        pytest.param(
            Node(
                [BEFORE, INSIDE],
                elasticsearch="save",
                genesis=True,
                neighbours_newest=operation(1001, INSIDE),
            ),
            GAP,
            id="saving node, genesis, the neighbour's newest operation is the same one",
        ),
        # row 5: something older than the window
        pytest.param(Node(IN_ALL), COMPLETE, id="full node"),
        pytest.param(Node([BEFORE, AFTER]), COMPLETE, id="full node, nothing inside"),
        pytest.param(Node([BEFORE]), COMPLETE, id="full node, nothing since"),
        pytest.param(Node(IN_ALL, keep=3), COMPLETE, id="pruned just before the window"),
        pytest.param(Node(IN_ALL, genesis=True), COMPLETE, id="genesis account"),
        pytest.param(Node([START - SECOND, INSIDE], keep=2), COMPLETE, id="older by a second"),
        # row 6: the account's own beginning
        pytest.param(
            Node([INSIDE, AFTER], genesis=True), COMPLETE, id="genesis, first one inside"
        ),
        pytest.param(
            Node([AFTER, HEAD], genesis=True), COMPLETE, id="genesis, first one after"
        ),
        pytest.param(Node([], born=INSIDE), COMPLETE, id="nothing but its creation"),
        # row 7: truncated
        pytest.param(Node(IN_ALL, keep=2), GAP, id="pruned up to the window"),
        pytest.param(Node(IN_ALL, keep=1), GAP, id="pruned up to after the window"),
        pytest.param(Node(IN_ALL, keep=0), GAP, id="pruned wholly"),
        pytest.param(
            Node([START, INSIDE], keep=2), GAP, id="oldest is the first second itself"
        ),
        pytest.param(Node([INSIDE] * 3, genesis=True, keep=2), GAP, id="genesis, pruned"),
        pytest.param(Node(IN_ALL, tracked=False), GAP, id="untracked account"),
        pytest.param(Node([], genesis=True), GAP, id="genesis without history, or untracked"),
        pytest.param(
            Node(IN_ALL, fails="get_account_history_by_time"), GAP, id="history refused"
        ),
    ],
)
def test_coverage(node: Node, complete: bool) -> None:
    found = evidence(node)
    assert found.complete is complete
    missing = [gap.code for gap in found.history.gaps]
    assert missing == [] if complete else set(missing) & {Gap.HISTORY, Gap.UNREAD}
    assert (found.history.proof is not None) is complete
    if complete:
        assert shown(found) == true_ids(node)


@pytest.mark.parametrize(
    ("behind", "late", "complete"),
    [
        pytest.param(0, -3600, COMPLETE, id="window long past"),
        pytest.param(3, 0, COMPLETE, id="window up to now, head a block old"),
        pytest.param(30, 0, COMPLETE, id="head just fresh enough"),
        pytest.param(3600, -7200, COMPLETE, id="stale, but the window is older"),
        pytest.param(31, 0, GAP, id="head just stale"),
        pytest.param(3600, -1800, GAP, id="stale, the window reaches past its head"),
        pytest.param(86400, -3600, GAP, id="a day behind, the window is all unseen"),
    ],
)
def test_a_head_that_lags(behind: int, late: int, complete: bool) -> None:
    """late: how far, in seconds, the window's end is from now."""
    now = HEAD
    end = now + timedelta(seconds=late)
    node = Node([BEFORE], head=now - timedelta(seconds=behind))
    found = evidence(node, end - timedelta(minutes=30), end, now)
    assert found.complete is complete
    assert (found.gap(Gap.HEAD) is not None) is (behind > 30)


def test_a_head_that_moves_while_the_wave_is_answered() -> None:
    """Over parallel connections the head may be told after the pages: they are older than it."""
    node = Node([BEFORE, HEAD], head_moves=True)
    found = evidence(node, HEAD - timedelta(hours=1), HEAD)
    assert not found.complete or shown(found) == true_ids(node, HEAD - timedelta(hours=1), HEAD)


def test_an_unknown_account_has_no_history() -> None:
    node = Node(IN_ALL)
    collector = Collector([node], gateway_register.empty(), clock=lambda: HEAD, seconds=FOREVER)
    found = collector(Case("somebody", START, END))
    assert found.account is None
    assert found.log.operations == ()
    assert found.proof is None


@pytest.mark.parametrize(
    ("node", "kind", "number"),
    [
        pytest.param(Node(IN_ALL), "older_operation", 1000, id="the newest one before it"),
        pytest.param(
            Node([BEFORE - SECOND, BEFORE, INSIDE]), "older_operation", 1001, id="of several"
        ),
        pytest.param(
            Node([], born=INSIDE), "first_operation", 900, id="the account's creation"
        ),
        pytest.param(
            Node([INSIDE, AFTER], genesis=True), "first_operation", 1000, id="a genesis account"
        ),
    ],
)
def test_proof(node: Node, kind: str, number: int) -> None:
    proof = collect(node).proof
    assert proof is not None
    assert (proof.kind, proof.operation) == (kind, f"1.11.{number}")


# --- the account's first operation ----------------------------------------------------------

MADE = operation(900, BORN, 5, [1, ME])
NEWEST = operation(1000, INSIDE)


@pytest.mark.parametrize(
    ("genesis", "first", "newest_two", "newest", "believed"),
    [
        pytest.param(False, [MADE], [NEWEST, MADE], [NEWEST], True, id="its creation"),
        pytest.param(False, [MADE], [MADE], [MADE], True, id="its creation, and nothing else"),
        pytest.param(True, [NEWEST], [NEWEST, NEWEST], [NEWEST], True, id="genesis"),
        pytest.param(False, [NEWEST], [NEWEST, NEWEST], [NEWEST], False, id="no creation"),
        pytest.param(False, [MADE], [NEWEST], [NEWEST], False, id="one local operation"),
        pytest.param(
            True, [MADE], [NEWEST], [NEWEST], False, id="genesis, one local operation"
        ),
        pytest.param(
            False,
            [operation(900, BORN, 5, [1, NEIGHBOUR])],
            [NEWEST, NEWEST],
            [NEWEST],
            False,
            id="somebody else's creation",
        ),
        pytest.param(False, [], [NEWEST, MADE], [NEWEST], False, id="pruned"),
        pytest.param(False, [], [], [NEWEST], False, id="only a search engine"),
        pytest.param(False, [MADE], [NEWEST, MADE], [], False, id="search engine down"),
        pytest.param(True, [], [], [], False, id="no history at all"),
        *(
            pytest.param(True, junk, junk, junk, False, id=f"junk {junk!r}")
            for junk in (
                None,
                {},
                "x",
                1,
                [None],
                [[]],
                [[{}]],
                [{}],
                [{"op": None}],
                [{"op": 5}],
                [{"op": []}],
                [{"id": "1.11.1"}],
                NodeError(10, "assert_exception", "x"),
            )
        ),
    ],
)
def test_trusted_first(
    genesis: bool, first: Any, newest_two: Any, newest: Any, believed: bool
) -> None:
    account = Account(ME, "me", "", Authority(1), Authority(1), genesis=genesis)
    replies = {"first": page(first), "newest_two": page(newest_two), "newest": page(newest)}
    found = pagination.trusted_first_operation(account, replies)
    assert found == (replies["first"][0] if believed else None)


# --- pages ----------------------------------------------------------------------------------


def at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def gaps(pages: Pages, start: int, end: int) -> list[tuple[int, int]]:
    """The gaps in seconds since START."""
    return [
        (int((g.first[0] - START).total_seconds()), int((g.last[0] - START).total_seconds()))
        for g in pages.gaps(at(start), at(end))
    ]


def rows(*moments: int) -> list[Operation]:
    """Operations numbered by their second, newest first."""
    return page([operation(1000 + s, at(s)) for s in sorted(moments, reverse=True)])


@pytest.mark.parametrize(
    ("pages", "missing"),
    [
        pytest.param([], [(0, 100)], id="no page"),
        pytest.param([(100, [])], [(0, 100)], id="an empty page proves nothing"),
        pytest.param([(100, [-5])], [], id="one from before to after"),
        pytest.param([(100, [0])], [(0, 0)], id="the first second may hold more"),
        pytest.param([(100, [40, 60])], [(0, 40)], id="its oldest is inside"),
        pytest.param([(50, [-5])], [(50, 100)], id="it ends inside"),
        pytest.param([(100, [60]), (60, [-5])], [], id="two that meet"),
        pytest.param([(100, [60]), (59, [-5])], [(59, 60)], id="two a second apart"),
        pytest.param([(100, [80]), (50, [40])], [(0, 40), (50, 80)], id="two with a hole"),
        pytest.param([(100, [30]), (100, [60])], [(0, 30)], id="one within the other"),
        pytest.param([(-20, [-50])], [(0, 100)], id="all before"),
        pytest.param([(300, [200])], [(0, 100)], id="all after"),
    ],
)
def test_pages_by_time(
    pages: list[tuple[int, list[int]]], missing: list[tuple[int, int]]
) -> None:
    for order in (pages, pages[::-1]):
        found = Pages(ME)
        for moment, seconds in order:
            found.add_until(at(moment), rows(*seconds))
        assert gaps(found, 0, 100) == missing


def test_a_page_by_id_closes_a_gap_inside_one_second() -> None:
    same = page([operation(n, at(50)) for n in (2003, 2002, 2001, 2000)])
    pages = Pages(ME)
    pages.add_until(at(100), same[:2])
    [gap] = pages.gaps(at(0), at(100))
    pages.add_page(before(gap.last), [*same[2:], *page([operation(1999, at(-1))])])
    assert pages.gaps(at(0), at(100)) == []
    assert [row.id for row in pages.between(at(0), at(100))] == [
        f"1.11.{n}" for n in (2000, 2001, 2002, 2003)
    ]


def test_nothing_stands_before_the_first_operation() -> None:
    pages = Pages(ME)
    pages.add_first(rows(40)[0])
    assert gaps(pages, 0, 30) == []
    assert gaps(pages, 0, 100) == [(40, 100)]
    pages.add_until(at(100), rows(90, 40))
    assert gaps(pages, 0, 100) == []


@pytest.mark.parametrize("junk", [None, {}, "x", 1, [None], [[]], [1], ["x"], [{}]], ids=repr)
def test_what_is_no_page_proves_nothing(junk: Any) -> None:
    pages = Pages(ME)
    pages.add_until(at(100), page(junk))
    assert gaps(pages, 0, 100) == [(0, 100)]


@pytest.mark.parametrize("missing", ["id", "block_num", "block_time"])
def test_a_row_without_its_place_spoils_the_page(missing: str) -> None:
    whole, broken = operation(1009, at(9)), operation(1005, at(5))
    del broken[missing]
    assert isinstance(page([whole, broken]), Malformed)


@pytest.mark.parametrize("op", [None, [], [0], {}, "x", ["0", {}], [0, None]], ids=repr)
def test_an_operation_that_cannot_be_read_still_holds_its_place(op: Any) -> None:
    [row] = page([operation(1005, at(5)) | {"op": op}])
    assert (row.readable, row.id, row.at) == (False, "1.11.1005", at(5))


def test_a_gap_is_asked_for_by_id_where_that_is_possible() -> None:
    pages = Pages(ME)
    pages.add_until(at(100), rows(60, 80))
    [gap] = pages.gaps(at(0), at(100))
    by_id, *by_time = pagination.gap_calls(pages, gap).values()
    assert (by_id.method, by_id.args[-1]) == ("get_account_history", "1.11.1059")
    assert {call.method for call in by_time} <= {"get_account_history_by_time"}
    edge = Interval((at(0), -1), end_of_second(at(100)))
    assert [call.method for call in pagination.gap_calls(Pages(ME), edge).values()] == [
        "get_account_history_by_time"
    ]


@pytest.mark.parametrize(
    ("count", "most"),
    [
        pytest.param(20, 1, id="a corner of a page"),
        pytest.param(99, 2, id="a page"),
        pytest.param(150, 3, id="a page and a half"),
        pytest.param(300, 6, id="three pages"),
        pytest.param(1000, 19, id="ten pages"),
    ],
)
@pytest.mark.parametrize(
    "pace", [timedelta(seconds=3), timedelta(seconds=87), timedelta(hours=1)]
)
def test_a_gap_of_even_pace_is_closed_at_once_by_few_pages(
    count: int, most: int, pace: timedelta
) -> None:
    first = HEAD - (count + 150) * pace
    node = Node([first + n * pace for n in range(count + 150)], born=first - SECOND)
    pages = pages_of(node, HEAD)
    [gap] = pages.gaps(first + 51 * pace, HEAD)

    calls = pagination.gap_calls(pages, gap)
    for last, call in calls.items():
        pages.add_page(last, page(getattr(node, call.method)(*call.args)))

    assert pages.gaps(first + 51 * pace, HEAD) == []
    assert len(calls) <= most


@pytest.mark.parametrize("number", [0, 1])
def test_below_the_first_ids_nothing_means_the_newest(number: int) -> None:
    """1.11.0 as a start is the newest operation: such a page would prove the wrong stretch."""
    pages = Pages(ME)
    pages.add_until(at(100), page([operation(number, at(50))]))
    [gap] = pages.gaps(at(0), at(100))
    for call in pagination.gap_calls(pages, gap).values():
        assert call.args[-1] not in ("1.11.0", "1.11.-1")


# --- any history ----------------------------------------------------------------------------


@st.composite
def busy_times(draw: st.DrawFn) -> list[datetime]:
    """Runs of operations, from many in one second to hours between two."""
    moment, found = HEAD - timedelta(hours=30), []
    for gap, count, step in draw(
        st.lists(
            st.tuples(
                st.integers(0, 4 * 3600), st.integers(1, 230), st.sampled_from((0, 1, 3, 40))
            ),
            max_size=6,
        )
    ):
        moment += timedelta(seconds=gap)
        for _ in range(count):
            found.append(moment)
            moment += timedelta(seconds=step)
    return [m for m in found if m <= HEAD]


windows = st.tuples(st.integers(0, 31 * 3600), st.integers(0, 12 * 3600))
PROPERTY = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def window_of(seconds: tuple[int, int]) -> tuple[datetime, datetime]:
    start = max(BORN, HEAD - timedelta(seconds=seconds[0]))
    return start, min(HEAD, start + timedelta(seconds=seconds[1]))


@PROPERTY
@given(busy_times(), windows, st.sampled_from((100, 101, 250, 1000)), st.booleans())
def test_any_window_of_a_full_node_is_read_whole(
    times: list[datetime], seconds: tuple[int, int], limit: int, genesis: bool
) -> None:
    """Of a genesis account a single operation proves nothing: its gap is another test's."""
    node = Node(times, limit=limit, genesis=genesis and len(times) > 1)
    start, end = window_of(seconds)
    found = evidence(node, start, end)
    assert shown(found) == true_ids(node, start, end)
    assert found.history.gaps == ()
    assert found.complete


@PROPERTY
@given(
    busy_times(),
    windows,
    st.sampled_from((2, 10, 100, 250)),
    st.none() | st.integers(0, 400),
    st.sampled_from((None, None, "save", "query")),
)
def test_no_window_is_called_complete_that_is_not(
    times: list[datetime],
    seconds: tuple[int, int],
    limit: int,
    keep: int | None,
    elasticsearch: str | None,
) -> None:
    node = Node(times, limit=limit, keep=keep, elasticsearch=elasticsearch)
    start, end = window_of(seconds)
    found = evidence(node, start, end)
    truth = true_ids(node, start, end)
    assert set(shown(found)) <= set(truth)
    if found.complete:
        assert shown(found) == truth
    else:
        assert found.gap(Gap.HISTORY, Gap.UNREAD)


def spread(count: int, start: datetime = START, end: datetime = END) -> list[datetime]:
    """So many moments, evenly from start to end."""
    step = (end - start) / max(1, count - 1)
    return [(start + step * i).replace(microsecond=0) for i in range(count)]


@pytest.mark.parametrize("limit", [50, 100, 101, 500])
@pytest.mark.parametrize("count", [0, 1, 49, 50, 99, 100, 101, 200, 201, 500])
@pytest.mark.parametrize("same", [True, False], ids=["in one second", "evenly"])
def test_around_a_page(limit: int, count: int, same: bool) -> None:
    times = [INSIDE] * count if same else spread(count)
    node = Node([BEFORE, *times, AFTER], limit=limit)
    found = evidence(node)
    assert found.complete
    assert shown(found) == true_ids(node)


@pytest.mark.parametrize("before", [0, 1, 150, 900])
@pytest.mark.parametrize("after", [0, 1, 150, 900])
def test_what_is_around_the_window_does_not_matter(before: int, after: int) -> None:
    times = [*spread(before, BORN + SECOND, START - SECOND), INSIDE]
    node = Node(times + spread(after, END + SECOND, HEAD))
    found = evidence(node)
    assert found.complete
    assert shown(found) == true_ids(node)
    assert len(node.waves) == 2


# --- waves ----------------------------------------------------------------------------------

DETAILS = 1  # the wave that asks for names, assets and headers


@pytest.mark.parametrize("count", [0, 1, 50, 98, 99])
def test_a_window_within_a_page_costs_one_wave(count: int) -> None:
    node = Node([BEFORE, *spread(count)])
    assert evidence(node).complete
    assert len(node.waves) - DETAILS == 1


@pytest.mark.parametrize("count", [101, 150, 400, 1000, 2000])
@pytest.mark.parametrize("deep", [0, 30], ids=["recent", "30 days back"])
def test_a_window_of_several_pages_costs_two_waves(count: int, deep: int) -> None:
    back = timedelta(days=deep)
    node = Node(
        [BEFORE - back, *spread(count, START - back, END - back), AFTER], born=BORN - back
    )
    found = evidence(node, START - back, END - back)
    assert found.complete
    assert len(shown(found)) == count
    assert len(node.waves) - DETAILS == 2


def test_an_account_of_many_operations_costs_no_more_than_its_window() -> None:
    node = Node([HEAD - SECOND * i for i in range(50_000)])
    found = evidence(node, START, START + timedelta(seconds=60))
    assert found.complete
    assert len(shown(found)) == 61
    assert len(node.waves) == 2
    assert len(found.history.log.operations) < 600


# --- the pages that show how a gateway acted ------------------------------------------------


def ends(*moments: datetime) -> list[datetime]:
    return AccountReading(Pages(ME), moments, HEAD).page_ends()


@pytest.mark.parametrize("hours", [0, 1, 5, 47, 100])
def test_slices_hold_the_moments_and_now_and_nothing_later(hours: int) -> None:
    moment = HEAD - timedelta(hours=hours, seconds=7)
    found = ends(moment)
    assert HEAD in found
    assert any(moment <= end <= moment + timedelta(minutes=20) for end in found)
    assert found == sorted(set(found))
    assert max(found) == HEAD
    assert all(end.microsecond == 0 for end in found)
    assert len(found) <= 24


def test_neighbouring_withdrawals_are_shown_by_the_same_pages() -> None:
    moment = HEAD - timedelta(hours=9, minutes=55)
    seconds = (0, 1, 60, 14 * 60)
    assert len({tuple(ends(moment + timedelta(seconds=s))) for s in seconds}) == 1


@pytest.mark.parametrize("hours", [1, 20, 200], ids=["now", "a day back", "days back"])
@pytest.mark.parametrize(
    ("pace", "most"),
    [
        pytest.param(timedelta(minutes=4), 16, id="busy"),
        pytest.param(timedelta(minutes=10), 8, id="of middling pace"),
        pytest.param(timedelta(hours=1), 4, id="slow"),
        pytest.param(timedelta(days=3), 4, id="all but asleep"),
    ],
)
def test_a_gateway_whose_pace_is_known_is_asked_for_no_more_pages_than_that_takes(
    pace: timedelta, most: int, hours: int
) -> None:
    born, sent = HEAD - timedelta(days=400), HEAD - timedelta(hours=hours, seconds=7)
    node = Node(
        [born + n * pace for n in range(int((HEAD - born) / pace))][-20_000:], born=born
    )
    asked_until = next_tick(sent, COARSE_STEP)
    known = pages_of(node, asked_until)
    found = AccountReading(known, [sent], HEAD).page_ends()
    assert len(found) <= most
    for end in found:
        known.add_until(end, page(node.get_account_history_by_time(ME, None, node_time(end))))
    assert known.gaps(sent, min(HEAD, sent + HORIZON)) == []


def test_one_that_is_too_busy_for_that_is_looked_at_as_if_nothing_was_known_of_it() -> None:
    node = Node([HEAD - 20 * n * SECOND for n in range(20_000)])
    sent = HEAD - timedelta(hours=20)
    known = pages_of(node, next_tick(sent, COARSE_STEP))
    assert AccountReading(known, [sent], HEAD).page_ends() == ends(sent)


def pages_of(node: Node, moment: datetime) -> Pages:
    pages = Pages(ME)
    shown = page(node.get_account_history_by_time(ME, None, node_time(moment)))
    pages.add_until(moment, shown)
    return pages


@pytest.mark.parametrize(
    ("moment", "first", "last"),
    [
        pytest.param("12:00:00", "12:00:00", "12:00:00", id="at a mark"),
        pytest.param("12:00:01", "12:20:00", "12:00:00", id="just after one"),
        pytest.param("12:19:59", "12:20:00", "12:00:00", id="just before the next"),
    ],
)
def test_marks_of_the_clock_stand_on_both_sides(moment: str, first: str, last: str) -> None:
    at, after, before = (
        datetime.fromisoformat(f"2026-11-22T{time}+00:00") for time in (moment, first, last)
    )
    step = timedelta(minutes=20)
    assert next_tick(at, step) == after
    assert last_tick(at, step) == before
    assert list(ticks(at, after + step, step)) == [after, after + step]


@pytest.mark.parametrize(
    ("seconds", "rounded"),
    [
        (0, 1),
        (1.4, 1),
        (2.4, 2),
        (2.5, 3),
        (5, 6),
        (7, 8),
        (10, 12),
        (4355, 4096),
        (5200, 6144),
    ],
)
def test_a_step_is_rounded_so_that_marks_are_shared(seconds: float, rounded: int) -> None:
    assert round_step(timedelta(seconds=seconds)) == timedelta(seconds=rounded)
