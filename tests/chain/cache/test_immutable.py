"""What can never change is asked once; what may change, or may have been wrong, is asked again."""

from __future__ import annotations

import pytest
from recorded import ledger
from told import bent
from waiting import FOREVER, PATIENCE

from diag.chain.cache.immutable import PAGE_TTL, ImmutableCache
from diag.chain.history import coverage, pagination, timeline
from diag.chain.metrics import Counters
from diag.chain.rpc.call import Call, Deadline
from diag.errors import NodeError, OutOfTime, Unreachable
from diag.ledger.node import LedgerSource
from diag.ledger.view import View

HEAD = [
    Call("database", "get_chain_id"),
    Call("database", "get_objects", (["2.1.0", "2.0.0"],)),
]
FOUND = LedgerSource(ledger()).ask(HEAD, Deadline(PATIENCE))[1][0]
LAST, NOW = FOUND.last_irreversible_block_num, ledger().clock
TIME = Call("database", "get_block_header", (LAST,))
BUSY = "1.2.38"


def header(number):
    return Call("database", "get_block_header", (number,))


def transaction(number, place=0):
    return Call("database", "get_transaction", (number, place))


def page(ago, account=BUSY):
    return pagination.by_time(account, NOW - timeline.timedelta(seconds=ago))


SETTLED = page(3600)


class Node:
    """A recorded node that notes its calls, shows itself differently on request, and may fail."""

    name = "node"

    def __init__(self, **view):
        self.calls, self.failing, self.bent = [], None, {}
        self.be(**view)

    def be(self, **view):
        self.ledger = ledger().with_view(View(**view))

    def ask(self, calls, deadline):
        self.calls += calls
        if self.failing:
            return [self.failing for _ in calls]
        return bent(self.ledger, calls, self._bent)

    def _bent(self, call, said):
        return self.bent[call.method](said) if call.method in self.bent else said


def ask(source, *calls, seconds=FOREVER):
    return source.ask(list(calls), Deadline(seconds))


def warmed_up(node, **more):
    """A memory of a node that has told its chain, its head and the irreversible time."""
    cached = ImmutableCache(node, **more)
    ask(cached, *HEAD)
    ask(cached, TIME)
    node.calls.clear()
    return cached


def a_transaction():
    rows = LedgerSource(ledger()).ask([SETTLED], Deadline(PATIENCE))[0]
    place = next(row.location for row in rows if not row.location.virtual)
    return transaction(place.block, place.transaction)


@pytest.mark.parametrize(
    ("call", "lasts"),
    [
        pytest.param(a_transaction(), True, id="a transaction of an irreversible block"),
        pytest.param(header(LAST), True, id="the last irreversible block's header"),
        pytest.param(SETTLED, True, id="a full page that ends before the irreversible block"),
        pytest.param(header(LAST + 1), False, id="a block that may still be undone"),
        pytest.param(header(10**9), False, id="a block that does not exist"),
        pytest.param(transaction(LAST - 1, 99), False, id="a transaction that does not exist"),
        pytest.param(page(60), False, id="a page that ends close to the irreversible block"),
        pytest.param(pagination.by_time(BUSY, None), False, id="the newest page"),
        pytest.param(page(3600, "no-such-account"), False, id="an empty page"),
        pytest.param(
            Call("database", "get_accounts", (["lin-yue"], False)), False, id="accounts"
        ),
        pytest.param(HEAD[0], False, id="the chain's id"),
        pytest.param(HEAD[1], False, id="the head"),
    ],
)
def test_what_lasts_is_asked_once(call, lasts):
    node, counters = Node(), Counters()
    cached = warmed_up(node, counters=counters)
    expected = ask(LedgerSource(ledger()), call)
    found = [ask(cached, call) for _ in range(3)]

    assert str(found) == str([expected] * 3)
    known_before = call == TIME
    assert len(node.calls) == ((not known_before) if lasts else 3)
    hits = counters.read().get(("hits", "node", "lasting"), 0)
    assert hits == (2 + known_before if lasts else 0)


def test_a_page_that_begins_with_the_accounts_creation_lasts_and_a_short_one_does_not():
    call = page(3600, "lin-yue")
    for view, asked in (({}, 1), ({"keep": 2}, 2)):
        node = Node(**view)
        cached = warmed_up(node)
        first, second = ask(cached, call), ask(cached, call)
        assert first == second
        assert 0 < len(first[0]) < coverage.PAGE_SIZE
        assert node.calls == [call] * asked, view


def test_a_page_is_not_believed_for_ever():
    now, node = [0.0], Node()
    cached = warmed_up(node, clock=lambda: now[0])
    ask(cached, SETTLED, a_transaction())
    now[0] += PAGE_TTL + 1
    ask(cached, SETTLED, a_transaction())

    assert node.calls == [SETTLED, a_transaction(), SETTLED]


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param({"last_irreversible_block_num": LAST + 10**6}, id="above its head"),
        pytest.param({"last_irreversible_block_num": "many"}, id="no number"),
    ],
)
def test_an_irreversible_block_that_cannot_be_is_not_believed(lie):
    node = Node()
    node.bent["get_objects"] = lambda rows: [rows[0] | lie, *rows[1:]]
    cached = warmed_up(node)
    ask(cached, SETTLED, a_transaction())
    ask(cached, SETTLED, a_transaction())

    assert len(node.calls) == 4


def test_a_time_after_the_head_is_not_believed():
    node = Node(behind=7200)
    node.bent["get_block_header"] = lambda row: (
        row and row | {"timestamp": "2099-01-01T00:00:00"}
    )
    cached = ImmutableCache(node)
    [_, [head, _]] = ask(cached, *HEAD)
    ask(cached, header(head.last_irreversible_block_num))
    for _ in range(2):
        ask(cached, SETTLED)

    assert node.calls.count(SETTLED) == 2


def bent_page(change):
    return lambda rows: [change(rows[0]), *rows[1:]]


@pytest.mark.parametrize(
    "bend",
    [
        pytest.param(bent_page(lambda r: r | {"block_num": LAST + 5}), id="of later blocks"),
        pytest.param(
            bent_page(lambda r: r | {"block_time": "2099-01-01T00:00:00"}), id="of later times"
        ),
        pytest.param(lambda rows: {"rows": rows}, id="no list"),
        pytest.param(bent_page(lambda r: {"id": r["id"]}), id="without times"),
    ],
)
def test_a_page_that_does_not_fit_its_question_does_not_last(bend):
    node = Node()
    cached = warmed_up(node)
    node.bent[SETTLED.method] = bend
    ask(cached, SETTLED)
    node.bent.clear()

    assert ask(cached, SETTLED) == ask(LedgerSource(ledger()), SETTLED)


@pytest.mark.parametrize(
    "failure",
    [NodeError(10, "assert", "no"), Unreachable("connection refused"), OutOfTime()],
    ids=str,
)
def test_a_failure_is_not_kept(failure):
    node = Node()
    cached = warmed_up(node)
    node.failing = failure
    assert ask(cached, SETTLED) == [failure]
    node.failing = None

    assert ask(cached, *HEAD, SETTLED)[2] == ask(LedgerSource(ledger()), SETTLED)[0]


def test_a_node_that_has_become_another_chain_is_not_answered_for_from_memory():
    node = Node()
    cached = warmed_up(node)
    ask(cached, SETTLED, a_transaction())
    node.be(chain_id="f" * 64, keep=3)
    node.calls.clear()

    [chain, _, found, _] = ask(cached, *HEAD, SETTLED, a_transaction())

    assert chain == "f" * 64
    assert found == ask(LedgerSource(node.ledger), SETTLED)[0]
    assert SETTLED in node.calls
    assert a_transaction() in node.calls


def test_a_node_that_was_away_is_believed_again_when_it_has_told_its_chain():
    node = Node()
    cached = warmed_up(node)
    before = ask(cached, SETTLED)
    node.failing = Unreachable("connection refused")
    ask(cached, page(60))
    node.failing = None
    node.calls.clear()
    assert ask(cached, SETTLED) == before
    assert node.calls == [SETTLED]  # not from memory: who knows who it is

    ask(cached, *HEAD)
    assert ask(cached, SETTLED) == before
    assert node.calls == [SETTLED, *HEAD]


def test_a_head_before_what_was_irreversible_is_that_of_another_node():
    node = Node()
    cached = warmed_up(node)
    ask(cached, SETTLED)
    node.be(behind=20 * 3600)
    [_, _, found] = ask(cached, *HEAD, SETTLED)

    assert found == ask(LedgerSource(node.ledger), SETTLED)[0]


def test_headers_of_a_batch_are_known_one_by_one():
    node = Node()
    cached = warmed_up(node)
    batch = Call("database", "get_block_header_batch", ([LAST - 1, LAST, LAST + 1],))
    ask(cached, batch)
    found = ask(cached, header(LAST - 1), header(LAST + 1))

    assert node.calls == [batch, header(LAST + 1)]
    assert found == ask(LedgerSource(ledger()), header(LAST - 1), header(LAST + 1))


def test_memory_is_bounded():
    node = Node()
    cached = warmed_up(node, max_rows=2 * coverage.PAGE_SIZE + 2)
    pages = [page(ago) for ago in range(3600, 3600 * 6, 3000)]
    for call in pages:
        ask(cached, call)
    node.calls.clear()
    ask(cached, pages[-1])
    ask(cached, pages[0])

    assert node.calls == [pages[0]]  # forgotten long since


def test_a_page_that_is_larger_than_the_cache_is_told_and_not_kept():
    node = Node()
    cached = warmed_up(node, max_rows=coverage.PAGE_SIZE // 2)
    assert ask(cached, SETTLED) == ask(cached, SETTLED) == ask(LedgerSource(ledger()), SETTLED)
    assert node.calls == [SETTLED, SETTLED]
