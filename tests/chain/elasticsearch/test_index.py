"""A history out of the index is the node's own, or it is told where it may not be."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import elastic
import pytest
from elastic import Elastic, serving
from recorded import RECORDED, ledger, operations_between, register
from stories import STORIES, question
from waiting import soon

from diag.bootstrap import build_services
from diag.chain.collect.collector import Collector
from diag.chain.collect.gateway_view import read_gateway
from diag.chain.elasticsearch.client import Elasticsearch
from diag.chain.elasticsearch.index import PAGE_SIZE
from diag.chain.pool.session import Session
from diag.chain.rpc.call import Deadline
from diag.checks import CHECKS
from diag.config.settings import Settings
from diag.diagnosis.engine import diagnose
from diag.domain.case import Case
from diag.domain.evidence import Evidence
from diag.domain.history import Gap, History
from diag.ledger.node import LedgerSource
from diag.ledger.replay.server import Replay
from diag.ledger.view import View
from diag.matching.withdrawals import build_evidence
from diag.render import options
from diag.render.json_document import document

INDEX = "es.example:9200"
Json = Any


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text.replace(' ', 'T')}").replace(tzinfo=UTC)


def case(account: str, start: str, end: str, **claim: Any) -> Case:
    return Case(account, utc(start), utc(end), **claim)


SETTLED = case("lin-yue", "21 20:30", "21 21:30", asset="NORTH.BTC", amount=Decimal("0.05205"))
IDLE = case("tao-qian", "21 09:00", "21 10:00")
UNTIL_NOW = case("mei07", "22 08:00", "22 12:00")
BUSY = case("chang-e1", "21 14:50:33", "21 15:00:33")
WIDE = case("chang-e1", "21 14:00", "21 15:30")


@cache
def node(name: str = "", **view: Any) -> LedgerSource:
    return LedgerSource(ledger(name).with_view(View(**view)), "ledger")


def collect(asked: Case, source: LedgerSource, index: Any = None, name: str = "") -> History:
    """A history with the help of an index, if one is given."""
    clock = lambda: ledger(name).clock  # noqa: E731
    if index is None:
        return Collector([source], register(name), seconds=60, clock=clock)(asked)
    with serving(index):
        found = Elasticsearch(elastic.URL)
        return Collector([source], register(name), seconds=60, index=found, clock=clock)(asked)


def evidence(asked: Case, source: LedgerSource, index: Any = None) -> Evidence:
    return build_evidence(asked, collect(asked, source, index), register())


def truth(asked: Case) -> list[str]:
    """The ids of what happened in a window."""
    account = ledger().recording.accounts[asked.account]
    return operations_between(account, asked.start, asked.end)


def ids(found: Evidence) -> list[str]:
    return [operation.id for operation in found.window]


def gap_codes(found: Evidence) -> set[str]:
    return {gap.code for gap in found.history.gaps}


# --- the same answer ------------------------------------------------------------------------


@cache
def told(name: str, story: str) -> Json:
    """What a node that keeps everything leads to."""
    asked = question(json.loads(story))
    return plain(asked, collect(asked, node(name), name=name), name)


def plain(asked: Case, history: History, name: str) -> Json:
    """The whole document but for the names of sources."""
    found = document(
        diagnose(asked, lambda _: history, register(name), CHECKS), options.View("en")
    )
    return without_sources(json.loads(json.dumps(found)))


def without_sources(found: Json) -> Json:
    if isinstance(found, list):
        return [without_sources(item) for item in found]
    if not isinstance(found, dict):
        return found
    return {name: without_sources(item) for name, item in found.items() if name != "source"}


def same_answers() -> Iterator[Any]:
    """Every third story, by turns in this style or that, with a node that keeps little or less."""
    ways = [("objects", 1), ("text", 1), ("old objects", 20), ("text", 100), ("objects", 20)]
    for number, param in enumerate(STORIES[::3]):
        style, keep = ways[number % len(ways)]
        yield pytest.param(*param.values, style, keep, id=f"{param.id}-{style}-{keep}")


@pytest.mark.parametrize(("name", "story", "style", "keep"), list(same_answers()))
def test_a_story_ends_as_with_a_full_node(
    name: str, story: Json, style: str, keep: int
) -> None:
    asked = question(story)
    history = collect(asked, node(name, keep=keep), Elastic(ledger(name), style), name)
    assert plain(asked, history, name) == told(name, json.dumps(story))


TELLING = ["memo-plain-and-wrong", "proposal-executed", "htlc-refunded"]


@pytest.mark.parametrize("style", sorted(elastic.STYLES.keys() - {"stripped"}))
@pytest.mark.parametrize("story", TELLING)
def test_the_style_of_the_documents_makes_no_difference(story: str, style: str) -> None:
    found = next(param.values[1] for param in STORIES if param.values[1]["id"] == story)
    history = collect(question(found), node(keep=1), Elastic(ledger(), style))
    assert plain(question(found), history, "") == told("", json.dumps(found))


def test_a_memo_that_the_index_lost_on_its_way_is_read_from_the_block() -> None:
    wrong = next(p.values[1] for p in STORIES if p.values[1]["id"] == "memo-plain-and-wrong")
    history = collect(question(wrong), node(keep=1), Elastic(ledger(), "stripped"))
    assert plain(question(wrong), history, "") == told("", json.dumps(wrong))


def test_an_operation_names_the_index_where_only_that_showed_it() -> None:
    def sources(index: Any, **view: Any) -> dict[str, Any]:
        history = collect(SETTLED, node(**view), index)
        verdict = diagnose(SETTLED, lambda _: history, register(), CHECKS).verdict
        return {e.operation or "": e.source for e in verdict.finding.evidence_items}

    assert set(sources(Elastic(ledger()), keep=1).values()) == {INDEX}
    assert set(sources(Elastic(ledger())).values()) == {"ledger"}
    assert collect(SETTLED, node(keep=1), Elastic(ledger())).as_of.nodes[0].name == "ledger"


@pytest.mark.parametrize("key", ["NORTH", "RIVER"])
def test_how_a_gateway_serves_everybody(key: str) -> None:
    gateway = next(g for g in register().gateways if g.key == key)
    clock = lambda: ledger().clock  # noqa: E731
    full = read_gateway(Session([node()], Deadline(60), clock=clock), gateway)
    with serving(Elastic(ledger())):
        index = Elasticsearch(elastic.URL)
        session = Session([node(keep=1)], Deadline(60), clock=clock, index=index)
        found = read_gateway(session, gateway)
    assert found.complete
    for account, log in found.logs.items():
        kept = [o for o in log.operations if o.at >= found.start]
        assert kept == [o for o in full.logs[account].operations if o.at >= found.start]


def test_the_settings_name_the_nodes_and_the_index() -> None:
    little = ledger().with_view(View(keep=1))
    with Replay(little) as served, serving(Elastic(ledger()), served.url):
        made = build_services(
            Settings(
                nodes=(served.url,),
                elasticsearch=elastic.URL,
                gateways=RECORDED / "gateways.json",
                deadline=60,
                clock=ledger().clock,
                ahead=0,
            )
        )
        north = next(g for g in register().gateways if g.key == "NORTH")
        read: list[History] = []

        def whole() -> bool:
            read.append(made.collect(SETTLED))
            return bool(plain(SETTLED, read[-1], "")["coverage"]["complete"])

        assert soon(whole)
        assert soon(lambda: made.gateway_view(north).complete)
    assert set(read[-1].sources.values()) == {INDEX}


# --- how much is asked ----------------------------------------------------------------------


def searches(index: Elastic, account: str) -> list[Json]:
    """Those about one account."""
    wanted = json.dumps(ledger().recording.accounts[account])
    return [search for search in index.searches if wanted in json.dumps(search["query"])]


def test_a_window_of_many_pages_is_read_to_its_end() -> None:
    index = Elastic(ledger())
    found = evidence(WIDE, node(keep=1), index)
    assert len(ids(found)) > 2 * PAGE_SIZE
    assert found.complete
    assert ids(found) == truth(WIDE)
    inside = [s for s in searches(index, WIDE.account) if s["size"] == PAGE_SIZE]
    assert len(inside) == len(ids(found)) // PAGE_SIZE + 1
    assert all("search_after" in search for search in inside[1:])


def test_an_old_window_costs_three_searches_at_once() -> None:
    index = Elastic(ledger())
    assert evidence(BUSY, node(keep=100), index).complete
    assert len(searches(index, BUSY.account)) == 3


def test_a_window_that_the_node_has_is_not_searched() -> None:
    index = Elastic(ledger())
    assert evidence(SETTLED, node(), index).complete
    assert searches(index, SETTLED.account) == []


def test_searches_are_bounded_and_in_a_total_order() -> None:
    index = Elastic(ledger())
    evidence(SETTLED, node(keep=1), index)
    assert index.searches
    for search in index.searches:
        [first, second] = search["sort"]
        assert 0 < search["size"] <= PAGE_SIZE
        assert list(first) == ["account_history.sequence"]
        assert list(second) == ["operation_id_num"]
        assert search["timeout"].endswith("ms")
        assert "block_data.block_time" in json.dumps(search["query"])


# --- what proves a window -------------------------------------------------------------------


@cache
def numbers(asked: Case) -> tuple[int, int, int]:
    """The numbers of the first and last entry in a window, and of the newest of all."""
    account = ledger().recording.accounts[asked.account]
    held = ledger().recording.histories[account]
    inside = [int(found[5:]) for found in truth(asked)]
    places = [held.operations.index(number) + 1 for number in (inside[0], inside[-1])]
    return places[0], places[1], len(held.operations)


Lost = Callable[[int, int, int, int], bool]

WINDOWS = [
    # what the index lacks: (sequence, first and last of the window, newest) → the node keeps → complete?
    pytest.param(lambda s, a, b, n: False, 1, True, id="nothing"),
    pytest.param(lambda s, a, b, n: s == a, 1, False, id="the first"),
    pytest.param(lambda s, a, b, n: s == b, 1, False, id="the last"),
    pytest.param(lambda s, a, b, n: s == (a + b) // 2, 1, False, id="one in the middle"),
    pytest.param(lambda s, a, b, n: a <= s <= b, 1, False, id="the whole window"),
    pytest.param(lambda s, a, b, n: s == a - 1, 1, False, id="the one before"),
    pytest.param(lambda s, a, b, n: s == b + 1, 1, False, id="the one after"),
    pytest.param(lambda s, a, b, n: s < a, 1, False, id="everything before"),
    pytest.param(lambda s, a, b, n: s > b, 1, False, id="everything after"),
    pytest.param(lambda s, a, b, n: s < a - 1, 1, True, id="all before but one"),
    pytest.param(lambda s, a, b, n: s > b + 1, 1, True, id="all after but one"),
    pytest.param(lambda s, a, b, n: True, 1, False, id="everything"),
    pytest.param(lambda s, a, b, n: False, 0, True, id="nothing, and the node has nothing"),
]


@pytest.mark.parametrize(("lost", "keep", "complete"), WINDOWS)
def test_a_window_is_complete_without_a_hole_up_to_its_neighbours(
    lost: Lost, keep: int, complete: bool
) -> None:
    edges = numbers(BUSY)
    found = evidence(
        BUSY, node(keep=keep), Elastic(ledger(), lost=lambda _, s: lost(s, *edges))
    )
    expected = [id for s, id in enumerate(truth(BUSY), start=edges[0]) if not lost(s, *edges)]
    assert found.complete is complete
    assert ids(found) == expected
    assert (Gap.HISTORY in gap_codes(found)) is not complete
    assert (found.history.proof is not None) is complete


@pytest.mark.parametrize(
    ("keep", "lag", "complete"),
    [
        pytest.param(1, 0, True, id="the index has the node's newest"),
        pytest.param(1, 1, False, id="the index lags behind the one the node keeps"),
        pytest.param(3, 2, True, id="the node keeps what the index lacks, and one more"),
        pytest.param(3, 3, False, id="the node keeps what the index lacks, and no more"),
        pytest.param(0, 0, False, id="the node shows nothing that would be the newest"),
    ],
)
def test_a_window_until_now_is_joined_to_what_the_node_shows(
    keep: int, lag: int, complete: bool
) -> None:
    _, _, newest = numbers(UNTIL_NOW)
    account = ledger().recording.accounts[UNTIL_NOW.account]
    index = Elastic(ledger(), lost=lambda who, s: who == account and s > newest - lag)
    found = evidence(UNTIL_NOW, node(keep=keep), index)
    assert found.complete is complete
    assert set(ids(found)) <= set(truth(UNTIL_NOW))
    assert not complete or ids(found) == truth(UNTIL_NOW)


def test_the_first_entry_of_all_proves_that_nothing_was_before() -> None:
    asked = case("nathan", "21 06:00", "21 07:00")
    found = evidence(asked, node(keep=1), Elastic(ledger()))
    proof = found.history.proof
    assert found.complete
    assert proof is not None
    assert (proof.kind, proof.operation) == ("first_operation", truth(asked)[0])


# --- what an index may hold besides ---------------------------------------------------------


def entry_of(asked: Case, number: int) -> Json:
    """The document about one entry, by its number."""
    account = ledger().recording.accounts[asked.account]
    return elastic.document(ledger(), account, number - 1)


def altered(found: Json, **values: Any) -> Json:
    """A document with other values, each given under its last name."""
    found = copy.deepcopy(found)
    for part in (found["account_history"], found["block_data"], found):
        part.update({name: value for name, value in values.items() if name in part})
    return found


DAMAGE = {"block_num": None, "block_time": "2026-11-21T21:00:00"}


def left_behind(place: str) -> list[Json]:
    """Documents of a branch that the chain left: their numbers were given again."""
    first, last, newest = numbers(BUSY)
    number = {"inside": (first + last) // 2, "newest": newest + 1, "edge": last + 1}[place]
    like = entry_of(BUSY, min(number, newest))
    other = {
        "id": "2.9.99999999",
        "operation_id": "1.11.99999999",
        "operation_id_num": 99999999,
    }
    return [altered(like, sequence=number, **other)]


BESIDES = [
    pytest.param(lambda: [entry_of(BUSY, numbers(BUSY)[0])], id="a document twice"),
    pytest.param(lambda: left_behind("inside"), id="another one with the same number"),
    pytest.param(lambda: left_behind("edge"), id="another one beside the window"),
    pytest.param(lambda: left_behind("newest"), id="one after the newest"),
    pytest.param(
        lambda: [altered(entry_of(BUSY, numbers(BUSY)[0]), sequence=None)], id="damage"
    ),
]


@pytest.mark.parametrize("more", BESIDES[:-1])
def test_what_the_chain_left_behind_is_not_shown(more: Callable[[], list[Json]]) -> None:
    found = evidence(BUSY, node(keep=1), Elastic(ledger(), more=more()))
    assert found.complete
    assert ids(found) == truth(BUSY)


def test_what_is_not_final_counts_only_below_what_the_node_shows() -> None:
    """The index is ahead, of a branch that may be left; the node knows nothing of it yet."""
    now = ledger().head()
    account = ledger().recording.accounts[UNTIL_NOW.account]
    newest = numbers(UNTIL_NOW)[2]
    like = entry_of(UNTIL_NOW, newest)
    ahead = altered(
        like,
        id="2.9.99999999",
        next=like["account_history"]["id"],
        operation_id="1.11.99999999",
        operation_id_num=99999999,
        sequence=newest + 1,
        block_num=now["head_block_number"],
        block_time=now["time"],
    )
    found = evidence(UNTIL_NOW, node(keep=1), Elastic(ledger(), more=[ahead]))
    assert account == ahead["account_history"]["account"]
    assert found.complete
    assert ids(found) == truth(UNTIL_NOW)


# --- faults ---------------------------------------------------------------------------------


def hits(answer: Json, change: Callable[[list[Json]], list[Json]]) -> Json:
    return answer | {"hits": {"hits": change(copy.deepcopy(answer["hits"]["hits"]))}}


def each(change: Callable[[Json], None]) -> Callable[[Json], Json]:
    """Every document changed in one way."""

    def bend(answer: Json) -> Json:
        found = hits(answer, list)
        for hit in found["hits"]["hits"]:
            change(hit["_source"])
        return found

    return bend


def later_block(found: Json) -> None:
    found["block_data"]["block_num"] += 1


def other_account(found: Json) -> None:
    found["account_history"]["account"] = "1.2.1"


def no_links(found: Json) -> None:
    del found["account_history"]["next"]


def unreadable(found: Json) -> None:
    found["operation_history"] |= {"op": "", "op_object": None}


FAILING = [
    # what comes instead → the gap it leaves, with a node that keeps little
    pytest.param(lambda a: (503, {}, "busy"), Gap.UNREAD, "HTTP 503", id="503"),
    pytest.param(lambda a: (401, {}, "{}"), Gap.UNREAD, "HTTP 401", id="401"),
    pytest.param(lambda a: (200, {}, "<html>"), Gap.UNREAD, "not the answer", id="a page"),
    pytest.param(lambda a: a | {"timed_out": True}, Gap.UNREAD, "timed out", id="timed out"),
    pytest.param(
        lambda a: a | {"_shards": {"total": 5, "failed": 2}},
        Gap.UNREAD,
        "2 shards",
        id="shards",
    ),
    pytest.param(lambda a: hits(a, lambda h: []), Gap.HISTORY, "hole", id="no documents"),
    pytest.param(lambda a: hits(a, lambda h: [None, 7]), Gap.UNREAD, "shape", id="no hits"),
    pytest.param(each(lambda d: d.clear()), Gap.HISTORY, "hole", id="empty documents"),
    pytest.param(each(other_account), Gap.HISTORY, "hole", id="another account's"),
    pytest.param(each(no_links), Gap.HISTORY, "hole", id="without links"),
    pytest.param(each(later_block), Gap.UNREAD, "not confirm", id="another chain's"),
]


@pytest.mark.parametrize(("bend", "code", "why"), FAILING)
def test_a_faulty_index_leaves_a_gap_where_the_node_keeps_little(
    bend: Callable[[Json], Json], code: str, why: str
) -> None:
    index = Elastic(ledger(), bend=bend)
    found = evidence(BUSY, node(keep=1), index)
    verdict = diagnose(BUSY, lambda _: found.history, register(), CHECKS).verdict
    gap = found.gap(code)
    assert not found.complete
    assert gap is not None and why in gap.why.en
    assert verdict.rule.outcome == "undetermined"
    assert verdict.resend_safe != "yes"


@pytest.mark.parametrize("bend", [param.values[0] for param in FAILING])
def test_a_faulty_index_does_no_harm_where_the_node_keeps_enough(
    bend: Callable[[Json], Json],
) -> None:
    found = evidence(BUSY, node(), Elastic(ledger(), bend=bend))
    assert found.complete
    assert ids(found) == truth(BUSY)


def test_an_operation_that_cannot_be_read_is_no_hole() -> None:
    found = evidence(BUSY, node(keep=1), Elastic(ledger(), bend=each(unreadable)))
    assert found.complete
    assert ids(found) == truth(BUSY)
    assert not any(getattr(operation, "readable", True) for operation in found.window)


def test_an_index_that_ends_no_search_is_asked_a_bounded_number_of_times() -> None:
    """It ignores where to go on, so that every page is the first."""
    index = Elastic(ledger())
    whole = index.found
    index.found = lambda body: whole({**body, "search_after": None})  # type: ignore[method-assign]
    found = evidence(WIDE, node(keep=1), index)
    assert not found.complete
    assert len(searches(index, WIDE.account)) == 4


@pytest.mark.parametrize("seed", range(12))
def test_whatever_fails_nothing_is_claimed_beyond_the_truth(seed: int) -> None:
    chance = random.Random(seed)
    asked = chance.choice([SETTLED, IDLE, UNTIL_NOW, BUSY])
    rate = chance.choice([0, 0, 0.001, 0.02, 0.3])
    fails = chance.choice([0, 0, 0.1, 0.5])
    gone = {s for s in range(1, 30_000) if chance.random() < rate}

    def bend(answer: Json) -> Json:
        return (503, {}, "") if chance.random() < fails else answer

    index = Elastic(
        ledger(),
        chance.choice(sorted(elastic.STYLES)),
        lost=lambda _, s: s in gone,
        more=left_behind(chance.choice(["inside", "edge", "newest"])),
        bend=bend,
    )
    found = evidence(asked, node(keep=chance.choice([0, 1, 5, 100])), index)
    assert set(ids(found)) <= set(truth(asked))
    assert not found.complete or ids(found) == truth(asked)
    for account, log in found.history.gateway_logs.items():
        assert log.start is not None
        if log.complete(log.start, found.now):
            held = ledger().recording.histories[account].operations
            low = log.start.timestamp()
            real = [f"1.11.{n}" for n in held if ledger().operation_time(n) >= low]
            assert [o.id for o in log.operations if o.at >= log.start] == real
