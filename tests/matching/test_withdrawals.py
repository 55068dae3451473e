"""From what the chain showed to what the case means, and how the gateway treated everybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from builders import (
    BTC,
    CORE,
    COSIGNER,
    ETH,
    FJORD_BTC,
    FRIEND,
    GATE,
    ISSUER,
    LOOKALIKE,
    NOW,
    OLD_GATE,
    OTHER_GATE,
    PRUNED,
    STALE,
    STRANGER,
    UNKNOWN_GATE,
    USER,
    ago,
    as_of,
    back,
    burn,
    case,
    evidence,
    issue,
    memo,
    proposal,
    reader,
    served,
    time_lock,
    transfer,
    waiting,
    with_gateway,
)

from diag.domain.case import Case
from diag.domain.evidence import Evidence
from diag.domain.gateway import Deposits
from diag.domain.settlement import Settlement
from diag.domain.withdrawal import AnswerKind
from diag.matching.patience import percentile

MINUTE = timedelta(minutes=1)


def at(minute: int) -> Any:
    """A moment of the last five hours, by minutes since their beginning."""
    return ago(hours=5) + minute * MINUTE


def minutes(seen: Evidence, which: str = "withdrawals") -> list[int]:
    """Which movements these are, by their minute."""
    return [(w.at - at(0)) // MINUTE for w in getattr(seen, which)]


# --- what the case means --------------------------------------------------------------------

FIRST = transfer("1", at(1))
SECOND = transfer("0.5", at(2))
THIRD = transfer("2", at(3), of=ETH)
TO_FRIEND = transfer("3", at(4), to=FRIEND, of=CORE)
TO_OTHER = transfer("1", at(5), to=OTHER_GATE)
TO_LOOKALIKE = transfer("1", at(6), to=LOOKALIKE)
LOCKED = time_lock("4", at(7), of=CORE)
DAY = (FIRST, SECOND, THIRD, TO_FRIEND, TO_OTHER, TO_LOOKALIKE, LOCKED)
TRANSACTIONS = {FIRST.id: "aa" * 20, SECOND.id: "bb" * 20}


@pytest.mark.parametrize(
    ("claims", "meant"),
    [
        pytest.param({}, [1, 2, 3, 5], id="no claim: all to gateways"),
        pytest.param({"operation": SECOND.id}, [2], id="operation id"),
        pytest.param({"operation": TO_FRIEND.id}, [4], id="operation id of one to a friend"),
        pytest.param({"operation": LOCKED.id}, [7], id="operation id of a time-lock"),
        pytest.param({"operation": "1.11.1"}, [], id="an operation that is not there"),
        pytest.param({"transaction": "aa" * 20}, [1], id="transaction"),
        pytest.param({"transaction": "cc" * 20}, [], id="a transaction that is not there"),
        pytest.param({"asset": "BROOK.ETH"}, [3], id="asset"),
        pytest.param({"asset": "BROOK.BTC"}, [1, 2, 5], id="asset of several"),
        pytest.param({"asset": "BTS"}, [4, 7], id="asset that went to no gateway"),
        pytest.param({"asset": "CLIFF.BTC"}, [1, 2, 5], id="the coin of another gateway"),
        pytest.param({"asset": "CLIFF.LTC"}, [], id="a coin that was not sent"),
        pytest.param(
            {"asset": "CLIFF.LTC", "amount": "0.5"}, [2], id="the amount of a coin not sent"
        ),
        pytest.param({"asset": "BTS", "amount": "2"}, [3], id="BTS said of a gateway's coin"),
        pytest.param(
            {"amount": "1.5", "asset": "BROOK.BTC", "destination": GATE.name},
            [1, 2],
            id="in parts",
        ),
        pytest.param({"amount": "0.51", "asset": "BROOK.BTC"}, [2], id="nearly the amount"),
        pytest.param(
            {"amount": "0.5", "asset": "BROOK.BTC", "destination": "eos-name1"},
            [2],
            id="a destination on the other chain",
        ),
        pytest.param({"amount": "0.5"}, [2], id="amount"),
        pytest.param({"amount": "1"}, [1, 5], id="amount of several: gateways preferred"),
        pytest.param({"amount": "0.50"}, [2], id="amount with an idle zero"),
        pytest.param({"amount": "0.5003"}, [2], id="amount with the fee on top"),
        pytest.param({"amount": "0.4997"}, [2], id="amount with the fee off"),
        pytest.param({"amount": "0.77"}, [1, 2, 3, 5], id="amount that nothing has: all"),
        pytest.param({"amount": "3"}, [4], id="amount that went to a friend"),
        pytest.param(
            {"amount": "0.5", "asset": "BROOK.ETH"}, [2, 3], id="asset or amount: both"
        ),
        pytest.param({"amount": "1", "asset": "BROOK.BTC"}, [1, 5], id="asset and amount"),
        pytest.param({"destination": GATE.name}, [1, 2, 3], id="destination"),
        pytest.param({"destination": FRIEND.name}, [4, 7], id="a friend as destination"),
        pytest.param({"destination": LOOKALIKE.name}, [6], id="a look-alike as destination"),
        pytest.param({"destination": GATE.id}, [1, 2, 3], id="destination by its id"),
        pytest.param(
            {"destination": STRANGER.name}, [1, 2, 3, 5], id="a destination of nothing: all"
        ),
        pytest.param(
            {"destination": GATE.name, "amount": "1"}, [1], id="destination and amount"
        ),
        pytest.param(
            {"operation": FIRST.id, "amount": "9"}, [1], id="operation, but another amount"
        ),
        pytest.param(
            {"operation": FIRST.id, "asset": "BROOK.ETH"},
            [1],
            id="operation, but another asset",
        ),
        pytest.param(
            {"transaction": "aa" * 20, "destination": FRIEND.name},
            [1],
            id="transaction, but another destination",
        ),
    ],
)
def test_claims_narrow(claims: dict[str, str], meant: list[int]) -> None:
    seen = evidence(*DAY, asked=case(**claims), transactions=TRANSACTIONS)
    assert minutes(seen) == meant
    assert sorted(minutes(seen) + minutes(seen, "candidates")) == [1, 2, 3, 4, 5, 6, 7]


def test_without_gateways_everything_that_left_is_meant() -> None:
    assert minutes(evidence(TO_FRIEND, TO_LOOKALIKE, LOCKED)) == [4, 6, 7]


@pytest.mark.parametrize(
    "nothing",
    [
        pytest.param(transfer("1", at(1), to=USER), id="to oneself"),
        pytest.param(transfer("1", at(1), by=FRIEND, to=USER), id="from somebody"),
        pytest.param(issue("1", at(1)), id="a deposit"),
        pytest.param(transfer("1", at(1), by=FRIEND), id="somebody else's"),
        pytest.param(
            proposal(at(1), inner=[transfer("1", at(1), by=FRIEND)]), id="a friend's proposal"
        ),
        pytest.param(proposal(at(1), inner=[]), id="a proposal of nothing"),
    ],
)
def test_what_is_no_withdrawal(nothing: Any) -> None:
    seen = evidence(nothing)
    assert (seen.withdrawals, seen.candidates, seen.outside) == ((), (), ())


def test_the_window_has_both_its_edges() -> None:
    asked = Case(USER.name, at(2), at(4))
    seen = evidence(*DAY, asked=asked)
    assert sorted(minutes(seen) + minutes(seen, "candidates")) == [2, 3, 4]


@pytest.mark.parametrize(
    ("claims", "outside"),
    [
        pytest.param({}, [1, 5], id="no claim"),
        pytest.param({"amount": "0.5"}, [5], id="amount"),
        pytest.param({"asset": "BROOK.ETH"}, [], id="asset"),
        pytest.param({"operation": FIRST.id}, [1], id="operation"),
        pytest.param({"asset": "CLIFF.BTC"}, [1, 5], id="the coin of another gateway"),
        pytest.param({"asset": "CLIFF.LTC"}, [], id="another coin"),
        pytest.param({"asset": "BTS"}, [1, 5], id="BTS said of a gateway's coin"),
        pytest.param(
            {"asset": "CLIFF.BTC", "amount": "0.52"}, [5], id="nearly, of another gateway"
        ),
        pytest.param(
            {"asset": "CLIFF.LTC", "amount": "0.52"}, [], id="nearly, of another coin"
        ),
        pytest.param({"asset": "BROOK.BTC", "amount": "500"}, [], id="one digit is no unit"),
    ],
)
def test_outside_the_window_only_what_fits(claims: dict[str, str], outside: list[int]) -> None:
    late = transfer("0.5", at(5))
    asked = case(at(2), at(4), **claims)
    seen = evidence(FIRST, late, asked=asked)
    assert seen.withdrawals == ()
    assert minutes(seen, "outside") == outside


@pytest.mark.parametrize(
    ("claimed", "fits"),
    [
        pytest.param("1500", True, id="thousandths"),
        pytest.param("1500000", True, id="millionths"),
        pytest.param("150000000", True, id="the smallest unit"),
        pytest.param("15", False, id="ten times as much"),
        pytest.param("15000", False, id="no unit"),
        pytest.param("1600", False, id="thousandths of another amount"),
        pytest.param("0.0015", False, id="a larger unit"),
    ],
)
def test_an_amount_in_a_smaller_unit_fits(claimed: str, fits: bool) -> None:
    seen = evidence(
        transfer("1.5", at(1)), asked=case(at(2), at(4), asset=BTC.symbol, amount=claimed)
    )
    assert minutes(seen, "outside") == ([1] if fits else [])


@pytest.mark.parametrize(
    ("claimed", "fits"),
    [
        pytest.param("2.000", True, id="a point that may mark the thousands"),
        pytest.param("2.00", False, id="a point before two digits"),
        pytest.param("2", False, id="no point"),
        pytest.param("3.000", False, id="of another amount"),
    ],
)
def test_a_point_may_mark_the_thousands(claimed: str, fits: bool) -> None:
    sent = transfer("2000", at(1))
    seen = evidence(sent, asked=case(at(2), at(4), asset=BTC.symbol, amount=claimed))
    assert minutes(seen, "outside") == ([1] if fits else [])


@pytest.mark.parametrize(
    ("hours", "claims", "fits"),
    [
        pytest.param(25, {"asset": "CLIFF.BTC"}, True, id="a day off, the other gateway's"),
        pytest.param(27, {"asset": "CLIFF.BTC"}, False, id="more than a day off"),
        pytest.param(25, {"asset": "CLIFF.LTC", "amount": "1"}, True, id="just the amount"),
        pytest.param(27, {"asset": "CLIFF.LTC", "amount": "1"}, False, id="more than a day"),
        pytest.param(27, {"asset": "BTS", "amount": "1"}, True, id="BTS said of it, just that"),
        pytest.param(27, {"asset": "BROOK.BTC"}, True, id="the same asset at any time"),
    ],
)
def test_how_far_outside_another_asset_fits(
    hours: int, claims: dict[str, str], fits: bool
) -> None:
    asked = case(ago(hours=hours + 4), ago(hours=hours + 3), **claims)
    assert bool(evidence(transfer("1", ago(hours=3)), asked=asked).outside) is fits


UNREAD = transfer("2.345", at(3), of=ETH)


@pytest.mark.parametrize(
    ("claims", "fits"),
    [
        pytest.param({"amount": "2.345"}, False, id="digits alone"),
        pytest.param({"asset": "CLIFF.ETH"}, False, id="a coin that it may be"),
        pytest.param({"operation": UNREAD.id}, True, id="its own id"),
    ],
)
def test_what_is_of_an_unread_asset_fits_only_by_its_id(
    claims: dict[str, str], fits: bool
) -> None:
    asked = case(at(4), at(5), **claims)
    assert bool(evidence(UNREAD, asked=asked, assets={BTC.id: BTC}).outside) is fits


@pytest.mark.parametrize(
    ("sent", "recipient", "gateway"),
    [
        pytest.param(FIRST, GATE.name, "BROOK", id="to a gateway"),
        pytest.param(transfer("1", at(1), to=OLD_GATE), OLD_GATE.name, "BROOK", id="retired"),
        pytest.param(transfer("1", at(1), to=ISSUER), ISSUER.name, "BROOK", id="to its issuer"),
        pytest.param(TO_LOOKALIKE, LOOKALIKE.name, None, id="to a look-alike"),
        pytest.param(TO_FRIEND, FRIEND.name, None, id="to a friend"),
        pytest.param(LOCKED, FRIEND.name, None, id="a time-lock"),
        pytest.param(
            transfer("1", at(1), to=UNKNOWN_GATE, of=FJORD_BTC),
            UNKNOWN_GATE.name,
            "",
            id="to the issuer of an asset that no register knows",
        ),
        pytest.param(
            transfer("1", at(1), to=UNKNOWN_GATE, of=CORE), UNKNOWN_GATE.name, None, id="core"
        ),
    ],
)
def test_who_received_it(sent: Any, recipient: str, gateway: str | None) -> None:
    [withdrawal] = evidence(sent).withdrawals
    assert withdrawal.recipient == recipient
    assert (withdrawal.gateway.key if withdrawal.gateway else None) == gateway


@pytest.mark.parametrize(
    ("sizes", "alone"), [({}, True), ({FIRST.id: 1}, True), ({FIRST.id: 2}, False)]
)
def test_alone_in_its_transaction(sizes: dict[str, int], alone: bool) -> None:
    [withdrawal] = evidence(FIRST, group_sizes=sizes, transactions=TRANSACTIONS).withdrawals
    assert withdrawal.alone is alone
    assert withdrawal.transaction == "aa" * 20


# --- proposals ------------------------------------------------------------------------------

PROPOSED = proposal(at(1), by=COSIGNER, expires=at(60))


def executed(minute: int, value: str = "1", **changes: Any) -> Any:
    return transfer(value, at(minute), virtual=True, **changes)


@pytest.mark.parametrize(
    ("events", "meant"),
    [
        pytest.param([PROPOSED], [1], id="waiting"),
        pytest.param([PROPOSED, executed(9)], [9], id="executed"),
        pytest.param([PROPOSED, executed(60)], [60], id="executed as it expired"),
        pytest.param([PROPOSED, executed(62)], [1, 62], id="executed later: another's"),
        pytest.param([PROPOSED, executed(0)], [0, 1], id="executed before: another's"),
        pytest.param([PROPOSED, executed(9, "2")], [1, 9], id="another amount"),
        pytest.param([PROPOSED, executed(9, to=OTHER_GATE)], [1, 9], id="another recipient"),
        pytest.param([PROPOSED, executed(9, of=ETH)], [1, 9], id="another asset"),
        pytest.param([PROPOSED, executed(9, note=memo(size=64))], [1, 9], id="another memo"),
        pytest.param([PROPOSED, transfer("1", at(9))], [1, 9], id="sent by hand as well"),
        pytest.param(
            [
                PROPOSED,
                proposal(at(2), name="1.10.8", expires=at(60), by=COSIGNER),
                executed(9),
            ],
            [2, 9],
            id="two alike, one executed: the other still waits",
        ),
        pytest.param(
            [
                PROPOSED,
                proposal(at(2), name="1.10.8", expires=at(60), by=COSIGNER),
                executed(9),
                executed(11),
            ],
            [9, 11],
            id="two alike, both executed",
        ),
    ],
)
def test_proposals(events: list[Any], meant: list[int]) -> None:
    assert minutes(evidence(*events)) == meant


def test_an_executed_proposal_is_answered_as_an_ordinary_withdrawal() -> None:
    [withdrawal] = evidence(PROPOSED, executed(9), burn("1", at(12))).withdrawals
    assert withdrawal.settled
    assert withdrawal.gateway


def test_a_waiting_proposal_has_no_answer() -> None:
    [withdrawal] = evidence(PROPOSED, burn("1", at(12))).withdrawals
    assert withdrawal.answers == ()
    assert not withdrawal.open


# --- answers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "kinds"),
    [
        pytest.param([], [], id="none"),
        pytest.param([burn("1", at(9))], [AnswerKind.BURN], id="burnt"),
        pytest.param(
            [burn("1", at(9), by=ISSUER)], [AnswerKind.BURN], id="burnt by the issuer"
        ),
        pytest.param([burn("1", at(9), by=OTHER_GATE)], [], id="burnt by another gateway"),
        pytest.param([burn("1", at(9), of=ETH)], [], id="another coin burnt"),
        pytest.param([back("1", at(9))], [AnswerKind.RETURN], id="sent back"),
        pytest.param([back("1", at(9), by=ISSUER)], [AnswerKind.RETURN], id="by the issuer"),
        pytest.param([back("1", at(9), by=STRANGER)], [], id="from a stranger"),
        pytest.param([issue("1", at(9))], [AnswerKind.RETURN], id="issued again"),
        pytest.param([back("1", at(9), to=FRIEND)], [], id="sent to somebody else"),
        pytest.param(
            [transfer("2", at(2), by=reader(1)), burn("3", at(9))],
            [AnswerKind.BATCH],
            id="burnt with another's",
        ),
    ],
)
def test_answers(events: list[Any], kinds: list[AnswerKind]) -> None:
    [withdrawal] = evidence(FIRST, *events).withdrawals
    assert [a.kind for a in withdrawal.answers] == kinds
    assert withdrawal.open is not bool(kinds)


@pytest.mark.parametrize(
    ("facts", "counts"),
    [
        pytest.param({"settlement": Settlement.NONE}, False, id="no trace, deposits unknown"),
        pytest.param({"settlement": Settlement.BURN_EACH}, True, id="burns: issues deposits"),
        pytest.param({"deposits": Deposits.TRANSFER}, False, id="deposits are transfers"),
        pytest.param(
            {"deposits": Deposits.ISSUE, "settlement": Settlement.NONE}, True, id="issues them"
        ),
    ],
)
def test_a_part_that_comes_back_may_be_a_deposit(facts: dict[str, Any], counts: bool) -> None:
    [withdrawal] = with_gateway(FIRST, back("0.3", at(9)), **facts).withdrawals
    assert bool(withdrawal.returns) is counts


def test_two_of_the_same_amount_are_rivals() -> None:
    other = transfer("1", at(2), by=FRIEND)
    [withdrawal] = evidence(FIRST, other, burn("1", at(9))).withdrawals
    assert withdrawal.ambiguous == (other.id,)


@pytest.mark.parametrize(
    ("value", "minute", "told"),
    [("1.5", 9, True), ("0.5", 9, False), ("1.5", 0, False)],
    ids=["larger, after", "smaller", "before"],
)
def test_a_burn_that_could_hold_it_is_told(value: str, minute: int, told: bool) -> None:
    other = burn(value, at(minute))
    [withdrawal] = evidence(FIRST, other).withdrawals
    assert withdrawal.unexplained == ((other.id,) if told else ())


# --- the cohort -----------------------------------------------------------------------------


def test_cohort() -> None:
    day = [
        *served(4, at(0) - 30 * MINUTE, took=2 * MINUTE, every=MINUTE),
        *served(3, at(20), took=6 * MINUTE, value=5, every=MINUTE),
        *waiting(2, at(40)),
        *waiting(1, ago(minutes=1), value=8),
        transfer("9", at(50), by=FRIEND),
        back("9", at(55), to=FRIEND),
    ]
    [withdrawal] = evidence(FIRST, day).withdrawals
    statistics = withdrawal.statistics
    assert statistics
    assert (statistics.settled, statistics.returned, statistics.waiting) == (7, 1, 4)
    assert (statistics.usual, statistics.slow) == (2 * MINUTE, 6 * MINUTE)
    assert statistics.last_settlement == at(28)
    assert statistics.oldest_waiting == at(1)
    assert statistics.served_later == 3
    assert statistics.overdue == 3  # its own, and the two that wait for hours
    assert statistics.complete


def test_a_cohort_is_of_one_asset_at_one_account() -> None:
    others = [
        *served(5, at(0), of=ETH),
        *served(5, at(30), to=OTHER_GATE, value=50),
    ]
    [withdrawal] = evidence(FIRST, others).withdrawals
    assert withdrawal.statistics
    assert (withdrawal.statistics.settled, withdrawal.statistics.waiting) == (0, 1)


def test_a_cohort_that_could_not_be_read_whole_says_so() -> None:
    [withdrawal] = evidence(FIRST, gateway_hole=(at(10), at(20))).withdrawals
    assert withdrawal.statistics
    assert not withdrawal.statistics.complete


def test_a_hole_before_the_withdrawal_does_not_matter() -> None:
    [withdrawal] = evidence(FIRST, gateway_hole=(at(-20), at(-10))).withdrawals
    assert withdrawal.statistics
    assert withdrawal.statistics.complete


# --- patience -------------------------------------------------------------------------------

HOURS = timedelta(hours=1)


@pytest.mark.parametrize(
    ("settled", "took", "facts", "patience"),
    [
        pytest.param(
            10, 20, {}, (20 * MINUTE, 40 * MINUTE, 24 * HOURS, "observed"), id="observed"
        ),
        pytest.param(
            10, 2, {}, (2 * MINUTE, 10 * MINUTE, 24 * HOURS, "observed"), id="observed, fast"
        ),
        pytest.param(
            10,
            20,
            {"usual": 5 * MINUTE, "overdue": 7 * MINUTE, "escalate": 3 * HOURS},
            (20 * MINUTE, 40 * MINUTE, 3 * HOURS, "observed"),
            id="observed beats the register",
        ),
        pytest.param(
            10,
            20,
            {"escalate": 30 * MINUTE},
            (20 * MINUTE, 40 * MINUTE, 40 * MINUTE, "observed"),
            id="nothing is escalated before it is overdue",
        ),
        pytest.param(
            9,
            20,
            {"usual": 5 * MINUTE, "overdue": 70 * MINUTE},
            (5 * MINUTE, 70 * MINUTE, 24 * HOURS, "register"),
            id="too few observed: the register",
        ),
        pytest.param(
            0,
            0,
            {"usual": 5 * MINUTE},
            (5 * MINUTE, 2 * HOURS, 24 * HOURS, "register"),
            id="register without an overdue time",
        ),
        pytest.param(
            0,
            0,
            {"usual": 3 * HOURS},
            (3 * HOURS, 6 * HOURS, 24 * HOURS, "register"),
            id="a slow gateway without an overdue time",
        ),
        pytest.param(
            0,
            0,
            {"usual": 5 * MINUTE, "batch_every": 6 * HOURS, "overdue": 3 * HOURS},
            (6 * HOURS, 6 * HOURS, 24 * HOURS, "register"),
            id="the next batch is later than the times given",
        ),
        pytest.param(
            0,
            0,
            {"batch_every": 4 * HOURS},
            (4 * HOURS, 8 * HOURS, 24 * HOURS, "register"),
            id="batches, and no times given",
        ),
        pytest.param(
            0, 0, {}, (30 * MINUTE, 2 * HOURS, 24 * HOURS, "default"), id="nothing known"
        ),
        pytest.param(
            9, 1, {}, (30 * MINUTE, 2 * HOURS, 24 * HOURS, "default"), id="too few observed"
        ),
    ],
)
def test_patience(
    settled: int, took: int, facts: dict[str, Any], patience: tuple[Any, ...]
) -> None:
    others = served(settled, at(0) - 60 * MINUTE, took=took * MINUTE, every=MINUTE)
    [withdrawal] = with_gateway(FIRST, others, **facts).withdrawals
    found = withdrawal.patience
    assert found
    assert (found.usual, found.overdue, found.escalate, found.basis) == patience


def test_without_a_gateway_there_is_no_patience() -> None:
    [withdrawal] = evidence(TO_FRIEND).withdrawals
    assert (withdrawal.patience, withdrawal.statistics, withdrawal.terms) == (None, None, None)


@pytest.mark.parametrize(
    ("count", "percent", "rank"),
    [
        (1, 50, 1),
        (1, 95, 1),
        (2, 50, 1),
        (2, 95, 2),
        (3, 50, 2),
        (10, 50, 5),
        (10, 95, 10),
        (11, 50, 6),
        (20, 95, 19),
        (21, 95, 20),
        (100, 95, 95),
        (100, 100, 100),
        (100, 0, 1),
    ],
)
def test_percentile_is_the_nearest_rank(count: int, percent: int, rank: int) -> None:
    ordered = [timedelta(seconds=i) for i in range(1, count + 1)]
    assert percentile(ordered, percent) == timedelta(seconds=rank)


def test_no_percentile_of_nothing() -> None:
    assert percentile([], 50) is None


# --- coverage -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "complete"),
    [
        pytest.param({}, True, id="whole"),
        pytest.param(PRUNED, False, id="a hole in the window"),
        pytest.param({"hole": (ago(hours=9), ago(hours=8))}, True, id="a hole before it"),
        pytest.param({"hole": (ago(hours=9), ago(hours=6))}, False, id="a hole up to it"),
        pytest.param(STALE | {"as_of": as_of(time=ago(hours=1))}, False, id="stale"),
        pytest.param(STALE | {"as_of": as_of(time=NOW)}, True, id="stale, but past the window"),
    ],
)
def test_the_window_is_complete(facts: dict[str, Any], complete: bool) -> None:
    assert evidence(FIRST, **facts).complete is complete


def test_an_unknown_account_has_nothing() -> None:
    seen = evidence(FIRST, account=None)
    assert (seen.withdrawals, seen.candidates, seen.outside) == ((), (), ())
