"""One case in, one history out: from any source, in few waves, and never more than is proven."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import recorded
import requests
import responses
from recorded import RECORDED, register
from told import bent as bent_replies
from waiting import FOREVER, PATIENT, growing, promptly

from diag.chain.collect.collector import Collector
from diag.chain.rpc.call import Call, Deadline, Reply, Source
from diag.chain.rpc.http import HttpNode
from diag.checks import CHECKS
from diag.diagnosis.engine import diagnose
from diag.domain.case import Case
from diag.domain.evidence import Evidence
from diag.domain.history import Gap, History
from diag.errors import BadInput, ChainError, NodeError, Unreachable
from diag.ledger.node import LedgerSource
from diag.ledger.replay.faults import Faults
from diag.ledger.replay.jsonrpc import ApiSession, handle_message
from diag.ledger.replay.server import Replay
from diag.ledger.view import View
from diag.matching.withdrawals import build_evidence

CHAIN = json.loads((RECORDED / "truth.json").read_text())["chain_id"]
HEAD = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BUSY, BUSY_ID = "chang-e1", "1.2.98"


def utc(text: str) -> datetime:
    """A time of the recorded day and a half: "21 20:30" or "21 20:30:05"."""
    return datetime.fromisoformat(f"2026-11-{text.replace(' ', 'T')}").replace(tzinfo=UTC)


def case(account: str, start: str, end: str, **claim: Any) -> Case:
    return Case(account, utc(start), utc(end), **claim)


SETTLED = case("lin-yue", "21 20:30", "21 21:30", asset="NORTH.BTC", amount=Decimal("0.05205"))
IDLE = case("tao-qian", "21 09:00", "21 10:00")
BUSY_OLD = case(BUSY, "21 20:50:33", "21 21:20:33")
RECENT = case("wang-bo88", "22 11:29:48", "22 12:00", asset="NORTH.BTC")
PROPOSED = case("zou-yan", "22 11:06:40", "22 11:26:40")


def collect(
    asked: Case,
    *sources: Source,
    seconds: float = FOREVER,
    chain_id: str | None = CHAIN,
    clock: Callable[[], datetime] = lambda: HEAD,
    patience: float = FOREVER,
) -> History:
    options: dict[str, Any] = {"seconds": seconds, "chain_id": chain_id, "clock": clock}
    return Collector(sources, register(), patience=lambda _: patience, **options)(asked)


def ledger(**view: Any) -> LedgerSource:
    return LedgerSource(recorded.ledger().with_view(View(**view)))


def evidence(asked: Case, *sources: Source, **options: Any) -> Evidence:
    return build_evidence(asked, collect(asked, *sources, **options), register())


def assert_sound(asked: Case, found: History) -> None:
    """What is called complete is complete; what is shown did happen."""
    if found.account is None:
        return
    now = found.as_of.time
    seen = build_evidence(asked, found, register())
    shown = [o.id for o in seen.window]
    truth = recorded.operations_between(found.account.id, asked.start, asked.end)
    assert set(shown) <= set(truth)
    if seen.complete:
        assert shown == truth
    for account_id, log in found.gateway_logs.items():
        assert log.start is not None
        if log.complete(log.start, now):
            ids = [o.id for o in log.operations if log.start <= o.at <= now]
            assert ids == recorded.operations_between(account_id, log.start, now), (
                f"gateway {account_id}"
            )


@dataclass
class Counting:
    """A source that remembers how often, and for what, it was asked."""

    inner: Source
    waves: list[list[Call]] = field(default_factory=list)
    before: Callable[[int], None] = lambda wave: None

    @property
    def name(self) -> str:
        return self.inner.name

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        self.before(len(self.waves) + 1)
        self.waves.append(list(calls))
        return self.inner.ask(calls, deadline)


@dataclass(frozen=True)
class Bent:
    """A recorded node whose answers are bent on their way: bend(call, JSON) is what arrives."""

    bend: Callable[[Call, Any], Any]
    inner: LedgerSource
    name: str = "bent"

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        return bent_replies(self.inner.ledger, calls, self.bend)


@dataclass(frozen=True)
class Dead:
    """A source that never answers."""

    name: str = "dead"

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        return [Unreachable("connection refused") for _ in calls]


# --- accounts that do not exist -------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "near"),
    [
        pytest.param("xie-axq", "xie-an", id="the end"),
        pytest.param("lin-yu", "lin-yue", id="a letter left out"),
        pytest.param("lin-yuee", "lin-yue", id="a letter too many"),
        pytest.param("lin-yeu", "lin-yue", id="two swapped"),
        pytest.param("kin-yue", "lin-yue", id="first letter"),
        pytest.param("north-walet", "north-wallet", id="a gateway's"),
    ],
)
def test_an_unknown_account_gets_near_names(name: str, near: str) -> None:
    found = collect(case(name, "21 21:00", "21 22:00"), ledger())
    assert found.account is None
    assert near in found.near_names
    assert name not in found.near_names
    assert found.log.operations == ()


def test_a_name_far_from_all_has_no_near_names() -> None:
    found = collect(case("zzzzzzzzzzzz9", "21 21:00", "21 22:00"), ledger())
    assert (found.account, found.near_names, found.gaps) == (None, (), ())


def test_an_account_may_be_asked_for_by_its_id() -> None:
    by_name, by_id = (
        evidence(case(who, "21 20:50:33", "21 20:55"), ledger()) for who in (BUSY, BUSY_ID)
    )
    assert by_id.complete and by_name.complete
    assert by_id.window == by_name.window


# --- questions that are wrong ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        pytest.param(
            case("lin-yue", "21 20:30", "21 21:30", asset="NOWHERE.BTC"), "asset", id="asset"
        ),
        pytest.param(
            case(
                "lin-yue",
                "21 20:30",
                "21 21:30",
                asset="NORTH.BTC",
                amount=Decimal("0.123456789"),
            ),
            "amount",
            id="more digits than the asset has",
        ),
        pytest.param(case("lin-yue", "22 12:00:03", "22 13:00"), "from", id="in the future"),
        pytest.param(case("lin-yue", "23 12:00", "24 12:00"), "from", id="tomorrow"),
    ],
)
def test_bad_input_names_the_field(asked: Case, wrong: str) -> None:
    with pytest.raises(BadInput) as caught:
        collect(asked, ledger())
    [error] = caught.value.errors
    assert error.field == wrong
    assert error.text.zh and error.text.en


COIN_NAMES = [
    # what the user calls it: a coin that gateways list under symbols of their own
    ("BTC", Decimal("0.05205"), "gateway_settled"),
    ("BTC", Decimal("7.77"), "not_seen_yet"),
]


@pytest.mark.parametrize(("coin", "amount", "code"), COIN_NAMES)
def test_the_name_of_a_coin_is_no_mistake(coin: str, amount: Decimal, code: str) -> None:
    asked = case("lin-yue", "21 20:30", "21 21:30", asset=coin, amount=amount)
    found = diagnose(asked, lambda asked: collect(asked, ledger()), register(), CHECKS).verdict

    assert collect(asked, ledger()).claimed_asset is None
    assert found.code == code and found.resend_safe == "no"


@pytest.mark.parametrize("amount", ["0.12345678", "1", "0.10000000000", "0"])
def test_digits_that_fit_are_accepted(amount: str) -> None:
    asked = case("lin-yue", "21 20:30", "21 21:30", asset="NORTH.BTC", amount=Decimal(amount))
    assert collect(asked, ledger()).claimed_asset is not None


def test_a_window_that_begins_now_is_no_mistake() -> None:
    assert collect(case("lin-yue", "22 12:00", "22 13:00"), ledger()).account


# --- nodes that hold less -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "complete"),
    [
        pytest.param(BUSY_OLD, False, id="busy account, old window"),
        pytest.param(case(BUSY, "22 11:00", "22 12:00"), False, id="busy account, half held"),
        pytest.param(SETTLED, True, id="idle account"),
        pytest.param(IDLE, True, id="idle account, empty window"),
    ],
)
def test_a_pruned_node(asked: Case, complete: bool) -> None:
    found = evidence(asked, ledger(keep=30))
    assert found.complete is complete
    assert (found.gap(Gap.HISTORY) is None) is complete
    assert (found.history.proof is not None) is complete
    assert_sound(asked, found.history)


@pytest.mark.parametrize("behind", [60, 3600, 36_000])
@pytest.mark.parametrize("asked", [SETTLED, IDLE, BUSY_OLD, PROPOSED])
def test_a_node_that_lags_says_so(asked: Case, behind: float) -> None:
    found = collect(asked, ledger(behind=behind))
    assert Gap.HEAD in [gap.code for gap in found.gaps]
    assert found.as_of.time <= HEAD - timedelta(seconds=behind)
    assert found.as_of.nodes[0].behind
    assert_sound(asked, found)


def test_whoever_must_still_approve_is_known_by_name() -> None:
    found = collect(PROPOSED, ledger())
    assert found.account is not None
    [live] = [p for p in found.proposals.values() if p]
    signers = {who for who, _ in found.account.active.accounts}
    assert signers - live.approved
    assert signers <= found.accounts.keys()


@pytest.mark.parametrize("seconds", [11, 60, 172_800])
@pytest.mark.parametrize("asked", [SETTLED, IDLE])
def test_a_head_in_the_future_is_not_believed(asked: Case, seconds: int) -> None:
    found = collect(asked, ledger(), clock=lambda: HEAD - timedelta(seconds=seconds))
    [gap] = [gap for gap in found.gaps if gap.code == Gap.HEAD]
    assert f"{seconds} s in the future" in gap.why.en
    assert found.as_of.nodes[0].ahead == timedelta(seconds=seconds)


@pytest.mark.parametrize("seconds", [-30, 0, 10])
def test_clocks_may_differ_a_little(seconds: int) -> None:
    found = collect(SETTLED, ledger(), clock=lambda: HEAD - timedelta(seconds=seconds))
    assert found.gaps == ()


@pytest.mark.parametrize(
    "info", ["diag-replay now=2026-11-22T12:00:00Z", "now=2026-11-22T12:00:00Z", "", None]
)
def test_no_node_says_what_time_it_is(info: Any) -> None:
    node = Bent(lambda call, reply: info if call.method == "get_info" else reply, ledger())
    found = collect(SETTLED, node, clock=lambda: HEAD + timedelta(hours=1))
    assert [gap.code for gap in found.gaps] == [Gap.HEAD]


@pytest.mark.parametrize("seconds", [1, 172_800])
def test_an_irreversible_block_that_is_later_than_the_head_has_no_time(seconds: int) -> None:
    later = {"timestamp": f"{HEAD + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}"}
    node = Bent(
        lambda call, reply: later if call.method == "get_block_header" else reply, ledger()
    )
    assert collect(IDLE, ledger()).as_of.irreversible_time is not None
    assert collect(IDLE, node).as_of.irreversible_time is None


@pytest.mark.parametrize("beyond", [1, 100_000])
def test_a_node_whose_irreversible_block_lies_beyond_its_head_is_not_used(beyond: int) -> None:
    def bend(call: Call, reply: Any) -> Any:
        if call.method != "get_objects" or call.args[0][0] != "2.1.0":
            return reply
        head = reply[0] | {
            "last_irreversible_block_num": reply[0]["head_block_number"] + beyond
        }
        return [head, *reply[1:]]

    node = Bent(bend, ledger())
    with pytest.raises(Unreachable, match="beyond its head"):
        collect(SETTLED, node)


# --- several sources ------------------------------------------------------------------------


def names(found: History) -> list[str]:
    return [node.name for node in found.as_of.nodes]


def named(name: str, **view: Any) -> LedgerSource:
    return LedgerSource(recorded.ledger().with_view(View(**view)), name)


FOREIGN = "0" * 64


@pytest.mark.parametrize(
    ("sources", "used"),
    [
        pytest.param([Dead(), named("b")], "b", id="first dead"),
        pytest.param([Dead(), Dead("e"), named("c")], "c", id="two dead"),
        pytest.param([named("a", behind=9000), named("b")], "b", id="first stale"),
        pytest.param(
            [named("a", chain_id=FOREIGN), named("b")], "b", id="first of another chain"
        ),
        pytest.param(
            [named("a", behind=9000), named("b", behind=60)], "b", id="both stale, second less"
        ),
        pytest.param(
            [named("a", behind=60), named("b", behind=9000)], "a", id="both stale, first less"
        ),
        pytest.param([named("a", behind=60), Dead()], "a", id="first stale, second dead"),
        pytest.param(
            [named("a", behind=60), named("b", chain_id=FOREIGN)],
            "a",
            id="first stale, second of another chain",
        ),
        pytest.param(
            [Dead(), named("b", chain_id=FOREIGN), named("c", behind=9000), named("d")],
            "d",
            id="three unfit",
        ),
    ],
)
def test_the_first_fit_source_is_used_for_all_of_it(sources: list[Source], used: str) -> None:
    counted = [Counting(source) for source in sources]
    found = collect(SETTLED, *counted)
    assert names(found)[0] == used
    asked_again = {c.name for c in counted if len(c.waves) > 1}
    assert asked_again == {used}
    assert build_evidence(SETTLED, found, register()).withdrawals[0].settled
    assert_sound(SETTLED, found)


@pytest.mark.parametrize(
    "sources",
    [
        pytest.param([Dead()], id="one"),
        pytest.param([Dead(), Dead()], id="two"),
        pytest.param([named("a", chain_id=FOREIGN), Dead()], id="another chain"),
        pytest.param([named("a", chain_id=FOREIGN)], id="only another chain"),
    ],
)
def test_no_source_at_all_is_unreachable(sources: list[Source]) -> None:
    with pytest.raises(Unreachable):
        collect(SETTLED, *sources)


def test_without_an_expected_chain_any_is_taken() -> None:
    found = collect(SETTLED, named("a", chain_id=FOREIGN), chain_id=None)
    assert found.network.chain_id == FOREIGN


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(named("b"), id="as fresh"),
        pytest.param(named("b", behind=30_000), id="far behind"),
        pytest.param(named("b", chain_id=FOREIGN), id="of another chain"),
        pytest.param(named("b", keep=5), id="pruned"),
        pytest.param(named("b", legacy=True), id="before 6.1"),
        pytest.param(Dead(), id="dead too"),
    ],
)
def test_a_source_that_dies_after_the_first_wave(second: Source) -> None:
    alive = ledger()

    @dataclass
    class Dying:
        name = "dying"
        waves = 0

        def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
            self.waves += 1
            return (alive if self.waves == 1 else Dead()).ask(calls, deadline)

    found = collect(SETTLED, Dying(), second)
    assert_sound(SETTLED, found)
    if (
        second.name == "dead"
        or getattr(second, "ledger", recorded.ledger()).chain_id == FOREIGN
    ):
        assert Gap.GATEWAY in {gap.code for gap in found.gaps}
        assert found.assets.keys() == {"1.3.0", "1.3.2"}  # they came with the first wave


# --- how often it asks ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "most"),
    [
        pytest.param(SETTLED, 2, id="idle account"),
        pytest.param(IDLE, 2, id="idle account, nothing in the window"),
        pytest.param(PROPOSED, 2, id="a proposal"),
        pytest.param(case("miao-yi", "21 19:43:20", "21 20:18:20"), 2, id="three withdrawals"),
        pytest.param(case("nobody-at-all", "21 19:00", "21 20:00"), 2, id="unknown account"),
        pytest.param(case(BUSY, "21 20:50:33", "21 20:53"), 2, id="busy, within a page"),
        pytest.param(case(BUSY, "21 08:00", "21 08:03"), 2, id="busy, long ago"),
        pytest.param(case(BUSY, "22 11:57", "22 12:00"), 2, id="busy, just now"),
        pytest.param(BUSY_OLD, 3, id="busy, five pages"),
        pytest.param(case(BUSY, "21 20:50:33", "21 22:20:33"), 3, id="busy, fifteen pages"),
    ],
)
def test_waves(asked: Case, most: int) -> None:
    counting = Counting(ledger())
    found = collect(asked, counting)
    assert found.gaps == ()
    assert len(counting.waves) <= most
    assert_sound(asked, found)


@pytest.mark.parametrize(
    ("asked", "ends"),
    [
        (SETTLED, {"22 00:00"}),
        (RECENT, {"22 12:00"}),
        (
            case("nobody-at-all", "21 07:00", "21 08:03", asset="NORTH.BTC"),
            {"21 09:00", "22 09:00"},
        ),
        (case("lin-yue", "21 09:00", "21 09:01", destination="north-wallet"), {"21 12:00"}),
        (case("lin-yue", "21 09:00", "21 09:01"), set()),
    ],
)
def test_the_claimed_gateway_is_looked_at_with_the_first_wave(
    asked: Case, ends: set[str]
) -> None:
    """Up to the end of the window, and a day and two days later as far as they have passed."""
    counting = Counting(ledger())
    collect(asked, counting)
    gateway = register().by_asset("NORTH.BTC")
    assert gateway
    looked = [
        (call.args[0], call.args[2])
        for call in counting.waves[0]
        if call.method == "get_account_history_by_time"
        and call.args[0] in gateway.account_names
    ]
    wanted = {f"{utc(end):%Y-%m-%dT%H:%M:%S}" for end in ends}
    assert sorted(looked) == sorted((n, at) for n in gateway.account_names for at in wanted)


def test_a_wave_is_not_too_wide_for_a_node() -> None:
    """Beyond a hundred waiting messages a node lets its client wait."""
    for asked in (SETTLED, BUSY_OLD, case("miao-yi", "21 06:00", "22 12:00")):
        counting = Counting(ledger())
        collect(asked, counting)
        assert max(map(len, counting.waves)) <= 100


# --- over real sockets ----------------------------------------------------------------------

CASES = {"settled": SETTLED, "idle": IDLE, "busy": BUSY_OLD, "proposal": PROPOSED}


def http(replay: Replay, **options: Any) -> HttpNode:
    return HttpNode(replay.url, **PATIENT, **options)


@pytest.mark.parametrize("name", CASES)
def test_a_node_on_sockets_gives_what_the_ledger_gives(name: str) -> None:
    asked = CASES[name]
    with Replay(recorded.ledger()) as replay:
        over_http = collect(asked, http(replay))
        node = over_http.as_of.nodes
    at_hand = collect(asked, ledger())
    assert node[0].name == replay.address
    assert over_http.log == at_hand.log
    assert over_http.gateway_logs == at_hand.gateway_logs
    assert (over_http.gaps, over_http.proof) == (at_hand.gaps, at_hand.proof)
    assert over_http.assets == at_hand.assets


FAULTS = {
    "a tenth dropped": Faults(drop=0.1, seed=1),
    "a third dropped": Faults(drop=0.33, seed=2),
    "half dropped": Faults(drop=0.5, seed=3),
    "all dropped": Faults(drop=1.0),
    "dies in the middle of an answer": Faults(die_mid_answer=True),
    "garbage": Faults(garbage=True),
    "hangs": Faults(hang=True),
    "drips": Faults(drip=0.05),
    "answers another question": Faults(wrong_id=True),
    "answers without end": Faults(oversize=True),
    "a proxy's error page": Faults(html_error=True),
}
HOPELESS = set(FAULTS) - {"a tenth dropped", "a third dropped", "half dropped"}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_node_gives_gaps_or_nothing_and_in_time(fault: str) -> None:
    with Replay(recorded.ledger(), FAULTS[fault]) as replay, promptly():
        found = outcome(SETTLED, http(replay, max_body=1_000_000), seconds=2.0)
    if fault in HOPELESS:
        assert isinstance(found, Unreachable)


def test_a_node_that_is_slow_for_the_deadline_leaves_gaps() -> None:
    for seconds in growing():
        with Replay(recorded.ledger(), Faults(latency=0.75 * seconds)) as replay, promptly():
            found = outcome(SETTLED, http(replay), seconds=seconds)
        if isinstance(found, History):  # the first wave has come, the second never does
            break
    assert isinstance(found, History)
    assert found.gaps


def outcome(asked: Case, *sources: Source, **options: Any) -> History | Unreachable | BadInput:
    """What a collection gives, if it is one of the three things that it may give."""
    try:
        found = collect(asked, *sources, **options)
    except (Unreachable, BadInput) as error:
        return error
    assert_sound(asked, found)
    return found


@pytest.mark.parametrize("fault", ["hangs", "garbage", "all dropped"])
def test_a_sound_node_behind_a_faulty_one_answers_in_time(fault: str) -> None:
    with Replay(recorded.ledger(), FAULTS[fault]) as faulty, Replay(recorded.ledger()) as sound:
        nodes = http(faulty), http(sound)
        with promptly():
            found = collect(SETTLED, *nodes, patience=0.2)
    assert names(found) == [sound.address]
    assert found.gaps == ()


@pytest.mark.parametrize("name", ["settled", "busy"])
def test_a_node_killed_between_the_waves_leaves_gaps(name: str) -> None:
    asked = CASES[name]
    with Replay(recorded.ledger()) as replay:
        node = Counting(http(replay), before=lambda wave: replay.stop() if wave == 2 else None)
        found = collect(asked, node)
    assert found.gaps
    assert_sound(asked, found)
    if name == "settled":
        assert build_evidence(asked, found, register()).complete  # wave 1 proved the window
        assert Gap.GATEWAY in [gap.code for gap in found.gaps]
    else:
        assert {gap.code for gap in found.gaps} & {Gap.HISTORY, Gap.UNREAD}


# --- a mocked node --------------------------------------------------------------------------


def test_a_diagnosis_over_mocked_http() -> None:
    url = "http://node.example:8090/"
    asked_for: list[str] = []

    def answered(request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        assert isinstance(request.body, bytes)
        given_answer = handle_message(ApiSession(recorded.ledger()), request.body)
        asked_for.append(json.loads(request.body)["params"][1])
        return given_answer.status, {}, given_answer.encoded()

    with responses.RequestsMock() as mock:
        mock.add_callback("POST", url, answered)
        found = collect(SETTLED, HttpNode(url, **PATIENT))
    assert names(found) == ["node.example:8090"]
    assert found.gaps == ()
    assert build_evidence(SETTLED, found, register()).withdrawals[0].settled
    assert asked_for.count("get_chain_id") == 1


# --- answers of any shape -------------------------------------------------------------------

JUNK = [None, [], {}, "x", "", 1, [None], [[1, 2]], [{}], [["x", {}]]]
METHODS = (
    "get_chain_id",
    "get_objects head",
    "get_objects",
    "get_info",
    "get_accounts",
    "get_relative_account_history",
    "get_account_history",
    "get_account_history_by_time",
    "get_account_balances",
    "get_limit_orders_by_account",
    "get_vesting_balances",
    "get_proposed_transactions",
    "get_htlc_by_from",
    "lookup_asset_symbols",
    "get_block_header",
    "get_transaction",
)


def method_of(call: Call) -> str:
    """The method, and of get_objects what it asks for."""
    wanted = str(call.args[0][:1]) if call.method == "get_objects" else ""
    return f"{call.method} head" if "2.1.0" in wanted else call.method


def bent(method: str, junk: Any, source: Source) -> Bent:
    return Bent(lambda call, reply: junk if method_of(call) == method else reply, source)


@pytest.mark.parametrize("junk", JUNK, ids=repr)
@pytest.mark.parametrize("method", METHODS)
def test_an_answer_of_an_unexpected_shape(method: str, junk: Any) -> None:
    asked = PROPOSED if method == "get_objects" else RECENT  # of what it knows nothing is asked
    found = outcome(asked, bent(method, junk, ledger()))
    if not isinstance(found, History):
        return
    assert found.account is not None, "a known account was called unknown"
    empty = junk == [] and method != "get_objects"  # it says that there is nothing
    if method in PARTS and not empty:
        assert PARTS[method] in {gap.code for gap in found.gaps}
    if method == "get_account_balances" and not empty:
        assert found.balances is None


PARTS = {
    "get_objects": Gap.OBJECTS,
    "get_account_balances": "balances",
    "get_limit_orders_by_account": "orders",
    "get_vesting_balances": "vesting",
    "get_proposed_transactions": "proposals",
    "get_htlc_by_from": "locks",
}


@pytest.mark.parametrize(
    ("method", "junk"),
    [
        (method, junk)
        for method in ("get_chain_id", "get_objects head", "get_accounts")
        for junk in JUNK
        if not (method == "get_chain_id" and isinstance(junk, str) and junk)
    ],
    ids=repr,
)
def test_without_head_chain_or_accounts_a_source_is_of_no_use(method: str, junk: Any) -> None:
    with pytest.raises(Unreachable):
        collect(RECENT, bent(method, junk, ledger()), chain_id=None)


@pytest.mark.parametrize("junk", [[], [None], [{}], [None] * 40], ids=repr)
def test_objects_that_did_not_come_are_not_called_gone(junk: Any) -> None:
    """Of a waiting proposal: missing in a whole answer means gone, a short answer means nothing."""
    node = Bent(
        lambda call, reply: (
            junk if method_of(call) in ("get_objects", "get_proposed_transactions") else reply
        ),
        ledger(),
    )
    found = outcome(PROPOSED, node)
    assert isinstance(found, History)
    assert found.proposals == {}
    assert Gap.OBJECTS in {gap.code for gap in found.gaps}


@pytest.mark.parametrize(
    "error",
    [
        Unreachable("connection refused"),
        NodeError(10, "assert_exception", "Execution error: Assert Exception: no"),
        NodeError(-32601, "method_not_found_exception", "Method not found"),
        NodeError(-32603, "", "Internal error"),
    ],
    ids=["unreachable", "refused", "unknown", "internal"],
)
@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_fails(method: str, error: Any) -> None:
    for asked in (RECENT, PROPOSED):
        found = outcome(asked, bent(method, error, ledger()))
        if isinstance(found, History):
            assert found.account is not None


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a reply."""
    yield path
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for key, item in inner:
        yield from places(item, (*path, key))


def changed(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    if not path:
        return junk
    whole = copy.deepcopy(value)
    inside = whole
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = junk
    return whole


MORE_JUNK = [*JUNK, 10**30, "1.2.5", "9999-99-99T99:99:99", "9999-12-31T23:59:59"]


@pytest.mark.parametrize("method", METHODS)
def test_junk_anywhere_in_an_answer_never_breaks_a_collection(method: str) -> None:
    """Four times, at another place of every answer of the method; the same on each run."""
    source = ledger()
    for seed in range(4):
        chance = random.Random(seed)

        def bend(call: Call, reply: Reply, chance: random.Random = chance) -> Reply:
            if method_of(call) != method or isinstance(reply, ChainError):
                return reply
            where = chance.choice(list(places(reply)))
            return changed(reply, where, chance.choice(MORE_JUNK))

        try:
            found = collect(RECENT, Bent(bend, source))
        except (Unreachable, BadInput):
            continue
        build_evidence(RECENT, found, register())
