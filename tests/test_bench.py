"""What `make bench` measures is what it says: the chain is right, and all ways find the same."""

from __future__ import annotations

import gc
import json
import logging
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from waiting import FOREVER

from bench import made_chain
from bench.by_hand import OverHttp, OverWebSocket
from bench.drawing import Bar, Group, draw
from bench.made_chain import ACCOUNTS, SIZES
from bench.node import Node, Prepared
from bench.ours import Ours, transfers
from bench.page import drawing
from bench.paging import Paging
from bench.promises import promises
from bench.question import Question
from bench.table import between_marks, markdown
from bench.timing import Way, in_turns
from diag.chain.collect.collector import Collector
from diag.checks import CHECKS
from diag.diagnosis.engine import diagnose
from diag.domain.gateway_register import Register
from diag.gateways import register_file
from diag.ledger.node import Ledger, LedgerSource

SMALL = {name: SIZES[name] for name in ("trader-100", "trader-10k")}
DOCS = Path(__file__).parents[1] / "docs"


@cache
def chain() -> Ledger:
    return Ledger(made_chain.made(SMALL))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "gateways.json"
    path.write_text(json.dumps(made_chain.registered()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def register(file: Path) -> Register:
    return register_file.load(file)


def test_the_chain_is_the_same_each_time_and_in_order() -> None:
    few = {"trader-100": SMALL["trader-100"]}
    one, other = (made_chain.made(few).operations for _ in range(2))
    assert [one.at(n) for n in one.numbers] == [other.at(n) for n in other.numbers]
    rows, held = chain().recording.operations, chain().recording.histories
    assert list(rows.times) == sorted(rows.times)
    assert {name: len(held[ACCOUNTS[name]].operations) for name in SMALL} == SMALL


@pytest.mark.parametrize(
    ("account", "back", "count"),
    [
        ("trader-100", 0, 42),
        ("trader-100", 0, 100),
        ("trader-10k", 0, 42),
        ("trader-10k", 0, 250),
        ("trader-10k", 7_500, 42),
        ("trader-10k", 7_500, 250),
        ("trader-10k", 9_750, 250),
    ],
)
def test_every_window_of_a_made_account_is_read_whole(
    account: str, back: int, count: int, register: Register
) -> None:
    case = Question(account, back, count).case(chain().clock)
    collect = Collector(
        [LedgerSource(chain())], register, clock=lambda: chain().clock, seconds=FOREVER
    )
    found = diagnose(case, collect, register, CHECKS)
    assert found.evidence.complete, found.evidence.history.gaps
    assert not found.evidence.history.gaps
    assert found.verdict.code == "gateway_settled"
    assert [w.amount.value for w, _ in found.withdrawals] == [case.amount]
    read = [o.location.number for o in found.evidence.window]
    assert read == _truth(account, case.start, case.end)
    assert len(read) == count


def _truth(account: str, start: datetime, end: datetime) -> list[int]:
    """Every number that the chain holds for the account, looked at one by one."""
    low, high = start.timestamp(), end.timestamp()
    numbers = chain().recording.histories[ACCOUNTS[account]].operations
    return [n for n in numbers if low <= chain().operation_time(n) <= high]


@pytest.fixture
def node() -> Iterator[Node]:
    with Node(Prepared(chain().recording), latency=0) as served:
        yield served


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # of python-bitshares' session
@pytest.mark.parametrize("over", ["http", "ws"])
def test_all_ways_find_the_same_transfers(over: str, node: Node, file: Path) -> None:
    logging.getLogger("grapheneapi").setLevel(logging.CRITICAL)
    url = f"{over}://{node.address}"
    case = Question("trader-10k", 250, 250).case(chain().clock)
    with (
        closing(Ours(url, file, chain().clock, ahead=0)) as ours,
        closing(Paging(url, chain().chain_id)) as paging,
    ):
        diagnosis = ours.diagnose(case)
        assert transfers(diagnosis) == paging.transfers(case)
        assert len(transfers(diagnosis)) > 80
        waves = list(ours.waves)
    asked = len(node.calls)
    by_hand = OverHttp(node.address) if over == "http" else OverWebSocket(node.address)
    with closing(by_hand):
        by_hand.run(waves)
    assert len(node.calls) - asked == sum(map(len, waves)) > 20
    gc.collect()


def test_a_prepared_node_answers_as_the_ledger_does(node: Node) -> None:
    calls = [
        ("database", "get_accounts", (["trader-100", "nobody-here"],)),
        ("history", "get_account_history_by_time", ("trader-10k", 3, None)),
        ("database", "get_objects", (["2.1.0", "1.2.99999"],)),
    ]
    with closing(OverWebSocket(node.address)) as client:
        for api, method, args in calls:
            assert client.ask(api, method, args) == chain().answer(api, method, args)


def test_ways_take_turns_and_the_first_round_does_not_count() -> None:
    done: list[str] = []
    ways = [
        Way(("a",), lambda: done.append("a")),
        Way(("slow",), lambda: done.append("slow"), lambda: done.append("ready"), runs=1),
    ]
    spreads = in_turns(ways, rounds=1)
    assert done == ["a", "a", "ready", "slow"]
    assert [len(spreads[name].times) for name in (("a",), ("slow",))] == [1, 1]


def test_the_drawing_is_well_formed_and_says_every_figure() -> None:
    groups = [Group("a <group> & more", [Bar("one", 12.4, "ours"), Bar("two", 9800, "paging")])]
    root = ET.fromstring(draw("Times & ratios", groups))
    names = {"svg": "http://www.w3.org/2000/svg"}
    assert root.get("role") == "img"
    labels = {one.get("id"): one.text for one in root if one.get("id")}
    assert root.get("aria-labelledby") == " ".join(labels)
    assert labels["title"] == "Times & ratios"
    for word in ("a <group> & more", "one 12 ms", "two 9.8 s", "logarithmic"):
        assert word in str(labels["desc"])
    shown = [text.text for text in root.findall("svg:text", names)]
    assert {"one", "two", "12 ms", "9.8 s", "10 ms", "1 s"} <= set(shown)
    short, long = (
        float(bar.get("width", "0"))
        for bar in root.findall("svg:rect", names)
        if bar.get("class") in ("ours", "paging")
    )
    assert 0 < short < long
    assert "prefers-color-scheme: dark" in str(root.findtext("svg:style", "", names))


def test_the_page_shows_the_figures_of_the_json() -> None:
    document = json.loads((DOCS / "performance.json").read_bytes())
    page = (DOCS / "performance.md").read_text(encoding="utf-8")
    assert between_marks(page, markdown(document)) == page
    assert (DOCS / "performance.svg").read_text(encoding="utf-8") == drawing(document)
    assert document["promises"] == promises(document)
