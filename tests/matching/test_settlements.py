"""Which answer belongs to which withdrawal, on scripted days at one gateway."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diag.domain.asset import Amount, Asset
from diag.domain.operations import Burn, Issue, Location, Transfer
from diag.domain.withdrawal import AnswerKind, Completeness
from diag.matching.settlements import Match, batches, completeness, match

COIN = Asset("1.3.2", "NORTH.BTC", 8, issuer="1.2.19")
GATEWAY = "1.2.18"
MORNING = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)

Event = Transfer | Burn | Issue


def place(minute: int) -> Location:
    return Location.of(f"1.11.{1000 + minute}", MORNING + timedelta(minutes=minute), minute)


def ident(minute: int) -> str:
    return place(minute).id


def sent(minute: int, base_units: int, by: str = "ann") -> Transfer:
    amount = Amount(base_units, COIN)
    return Transfer(place(minute), "transfer", None, by, GATEWAY, amount, None)


def burn(minute: int, base_units: int) -> Burn:
    return Burn(place(minute), "asset_reserve", None, GATEWAY, Amount(base_units, COIN))


def back(minute: int, base_units: int, to: str = "ann") -> Transfer:
    amount = Amount(base_units, COIN)
    return Transfer(place(minute), "transfer", None, GATEWAY, to, amount, None)


def issue(minute: int, base_units: int, to: str = "ann") -> Issue:
    return Issue(place(minute), "asset_issue", None, "1.2.19", to, Amount(base_units, COIN))


def matched(day: Iterable[Event], **options: bool | int) -> Match:
    day = list(day)
    return match(
        [e for e in day if isinstance(e, Transfer) and e.recipient == GATEWAY],
        [e for e in day if isinstance(e, Burn)],
        [
            e
            for e in day
            if isinstance(e, Issue) or (isinstance(e, Transfer) and e.sender == GATEWAY)
        ],
        fee_units=int(options.get("fee", 0)),
        partial_returns=bool(options.get("partial", True)),
    )


def brief(found: Match) -> dict[int, list[tuple[str, int]]]:
    """Per withdrawal (by minute) the kind and minute of each of its answers."""
    return {
        number(withdrawal): [(a.kind.value, number(a.operation.id)) for a in answers]
        for withdrawal, answers in found.answers.items()
    }


def ambiguous_with(found: Match) -> dict[int, list[int]]:
    return {
        number(w): [number(r) for r in those]
        for w, those in found.ambiguous_with.items()
        if those
    }


def number(identity: str) -> int:
    return int(identity.rpartition(".")[2]) - 1000


@dataclass(frozen=True)
class Day:
    """What happened, and what each withdrawal (by minute) must be given."""

    events: Sequence[Event]
    answers: dict[int, list[tuple[str, int]]]
    ambiguous_with: dict[int, list[int]]
    unexplained: Sequence[int] = ()


def day(
    *events: Event,
    answers: dict[int, list[tuple[str, int]]],
    ambiguous_with: dict[int, list[int]] | None = None,
    unexplained: Sequence[int] = (),
) -> Day:
    return Day(events, answers, ambiguous_with or {}, unexplained)


DAYS = {
    "nothing": day(answers={}),
    "one, not answered": day(sent(1, 50), answers={1: []}),
    # burns
    "exact burn": day(sent(1, 50), burn(9, 50), answers={1: [("burn", 9)]}),
    "a burn before it never counts": day(
        burn(1, 50), sent(2, 50), answers={2: []}, unexplained=[1]
    ),
    "a smaller burn settles nothing": day(
        sent(1, 50), burn(9, 49), answers={1: []}, unexplained=[9]
    ),
    "a larger burn settles nothing": day(
        sent(1, 50), burn(9, 51), answers={1: []}, unexplained=[9]
    ),
    "each its own burn, out of order": day(
        sent(1, 50),
        sent(2, 60, "bob"),
        burn(8, 60),
        burn(9, 50),
        answers={1: [("burn", 9)], 2: [("burn", 8)]},
    ),
    "a second burn of the same amount explains nothing": day(
        sent(1, 50), burn(8, 50), burn(9, 50), answers={1: [("burn", 8)]}, unexplained=[9]
    ),
    # equal amounts
    "two users, equal amounts, one burn: rivals": day(
        sent(1, 50, "ann"),
        sent(2, 50, "bob"),
        burn(9, 50),
        answers={1: [("burn", 9)], 2: []},
        ambiguous_with={1: [2], 2: [1]},
    ),
    "two users, equal amounts, two burns": day(
        sent(1, 50, "ann"),
        sent(2, 50, "bob"),
        burn(8, 50),
        burn(9, 50),
        answers={1: [("burn", 8)], 2: [("burn", 9)]},
    ),
    "three users, equal amounts, two burns: rivals": day(
        sent(1, 50, "ann"),
        sent(2, 50, "bob"),
        sent(3, 50, "cai"),
        burn(8, 50),
        burn(9, 50),
        answers={1: [("burn", 8)], 2: [("burn", 9)], 3: []},
        ambiguous_with={1: [2, 3], 2: [1, 3], 3: [1, 2]},
    ),
    "one user twice, one burn: no rivals": day(
        sent(1, 50), sent(2, 50), burn(9, 50), answers={1: [("burn", 9)], 2: []}
    ),
    "equal, but the other came after the burn": day(
        sent(1, 50, "ann"),
        burn(5, 50),
        sent(6, 50, "bob"),
        answers={1: [("burn", 5)], 6: []},
    ),
    # batches
    "a batch is the sum": day(
        sent(1, 50, "ann"),
        sent(2, 30, "bob"),
        sent(3, 7, "cai"),
        burn(9, 87),
        answers={1: [("batch", 9)], 2: [("batch", 9)], 3: [("batch", 9)]},
    ),
    "two batches": day(
        sent(1, 50, "ann"),
        sent(2, 30, "bob"),
        burn(5, 80),
        sent(6, 11, "cai"),
        sent(7, 13, "dai"),
        burn(9, 24),
        answers={
            1: [("batch", 5)],
            2: [("batch", 5)],
            6: [("batch", 9)],
            7: [("batch", 9)],
        },
    ),
    "a batch without the one that was sent back": day(
        sent(1, 50, "ann"),
        sent(2, 30, "bob"),
        sent(3, 7, "cai"),
        back(4, 30, "bob"),
        burn(9, 57),
        answers={1: [("batch", 9)], 2: [("return", 4)], 3: [("batch", 9)]},
    ),
    "a batch without the one that was sent back later": day(
        sent(1, 50, "ann"),
        sent(2, 30, "bob"),
        sent(3, 7, "cai"),
        burn(8, 57),
        back(9, 30, "bob"),
        answers={1: [("batch", 8)], 2: [("return", 9)], 3: [("batch", 8)]},
    ),
    "a batch passes by one that is stuck": day(
        sent(1, 91, "eve"),
        sent(2, 50, "ann"),
        sent(3, 30, "bob"),
        burn(9, 80),
        answers={1: [], 2: [("batch", 9)], 3: [("batch", 9)]},
    ),
    "a batch leaves out one in its middle": day(
        sent(1, 50, "ann"),
        sent(2, 91, "eve"),
        sent(3, 30, "bob"),
        burn(9, 80),
        answers={1: [("batch", 9)], 2: [], 3: [("batch", 9)]},
    ),
    "batches go on past two that are stuck": day(
        sent(1, 911, "eve"),
        sent(2, 503, "fay"),
        sent(3, 50, "ann"),
        sent(4, 30, "bob"),
        burn(5, 80),
        sent(6, 21, "cai"),
        sent(7, 14, "dai"),
        burn(9, 35),
        answers={
            1: [],
            2: [],
            3: [("batch", 5)],
            4: [("batch", 5)],
            6: [("batch", 9)],
            7: [("batch", 9)],
        },
    ),
    "what came after the burn is in no batch": day(
        sent(1, 50, "ann"),
        burn(5, 80),
        sent(6, 30, "bob"),
        answers={1: [], 6: []},
        unexplained=[5],
    ),
    "two possible batches settle nobody": day(
        sent(1, 30, "ann"),
        sent(2, 50, "bob"),
        sent(3, 30, "cai"),
        burn(9, 80),
        answers={1: [], 2: [], 3: []},
        ambiguous_with={1: [2, 3], 2: [1, 3], 3: [1, 2]},
        unexplained=[9],
    ),
    # returns
    "returned in full": day(sent(1, 50), back(9, 50), answers={1: [("return", 9)]}),
    "returned less a fee": day(sent(1, 500), back(9, 498), answers={1: [("return", 9)]}),
    "returned in part": day(sent(1, 500), back(9, 200), answers={1: [("return", 9)]}),
    "returned by issue": day(sent(1, 50), issue(9, 50), answers={1: [("return", 9)]}),
    "a return before it never counts": day(back(1, 50), sent(2, 50), answers={2: []}),
    "a return to somebody else never counts": day(
        sent(1, 50), back(9, 50, "bob"), answers={1: []}
    ),
    "more than was sent is no return": day(sent(1, 50), back(9, 51), answers={1: []}),
    "an issue of a part is a deposit": day(sent(1, 50), issue(9, 49), answers={1: []}),
    "burnt, then a deposit of as much": day(
        sent(1, 50), burn(5, 50), issue(9, 50), answers={1: [("burn", 5)]}
    ),
    "a deposit of as much, then burnt": day(
        sent(1, 50), issue(5, 50), burn(9, 50), answers={1: [("burn", 9)]}
    ),
    "the return goes to the one of its amount": day(
        sent(1, 500), sent(2, 200), back(9, 200), answers={1: [], 2: [("return", 9)]}
    ),
    "one user twice, the first burnt, then the second returned": day(
        sent(1, 50),
        burn(4, 50),
        sent(5, 50),
        back(9, 50),
        answers={1: [("burn", 4)], 5: [("return", 9)]},
    ),
    "one user twice, the first returned, then the second burnt": day(
        sent(1, 50),
        back(4, 50),
        sent(5, 50),
        burn(9, 50),
        answers={1: [("return", 4)], 5: [("burn", 9)]},
    ),
    "a batch, then a part of a later one comes back": day(
        sent(1, 50, "ann"),
        sent(2, 30, "bob"),
        burn(4, 80),
        sent(5, 50, "ann"),
        back(9, 50, "ann"),
        answers={1: [("batch", 4)], 2: [("batch", 4)], 5: [("return", 9)]},
    ),
}


@pytest.mark.parametrize("name", DAYS)
def test_a_day(name: str) -> None:
    told = DAYS[name]
    found = matched(told.events)
    assert brief(found) == told.answers
    assert ambiguous_with(found) == told.ambiguous_with
    assert [number(b.id) for b in found.unexplained] == list(told.unexplained)


@pytest.mark.parametrize("name", DAYS)
def test_the_order_of_the_input_does_not_matter(name: str) -> None:
    events = list(DAYS[name].events)
    first = matched(events)
    for seed in range(5):
        random.Random(seed).shuffle(events)
        assert matched(events + events[:2]) == first


def test_one_user_twice_and_both_returned() -> None:
    found = brief(matched([sent(1, 50), sent(2, 50), back(8, 50), back(9, 50)]))
    assert sorted(answer for answers in found.values() for answer in answers) == [
        ("return", 8),
        ("return", 9),
    ]
    assert all(len(answers) == 1 for answers in found.values())


def test_a_batch_tells_how_many_it_served_and_each_its_own_part() -> None:
    found = matched([sent(1, 50, "ann"), sent(2, 30, "bob"), burn(9, 80)])
    parts = [a for answers in found.answers.values() for a in answers]
    assert [(a.shared, a.part.base_units) for a in parts] == [(2, 50), (2, 30)]
    assert all(a.operation == burn(9, 80) for a in parts)


@pytest.mark.parametrize(
    ("amount", "returned", "fee", "how"),
    [
        pytest.param(500, 500, 0, Completeness.FULL, id="all"),
        pytest.param(500, 501, 0, Completeness.FULL, id="more than all"),
        pytest.param(500, 498, 2, Completeness.LESS_FEE, id="less the published fee"),
        pytest.param(500, 475, 0, Completeness.LESS_FEE, id="less a twentieth"),
        pytest.param(500, 474, 0, Completeness.PARTIAL, id="less a little more"),
        pytest.param(500, 300, 100, Completeness.LESS_FEE, id="less the fee twice"),
        pytest.param(500, 299, 100, Completeness.PARTIAL, id="less more than that"),
        pytest.param(500, 1, 0, Completeness.PARTIAL, id="next to nothing"),
    ],
)
def test_completeness(amount: int, returned: int, fee: int, how: Completeness) -> None:
    assert completeness(amount, returned, fee) is how
    found = matched([sent(1, amount), back(9, min(returned, amount))], fee=fee)
    [[answer]] = found.answers.values()
    assert (answer.kind, answer.completeness) == (AnswerKind.RETURN, how)
    assert answer.part.base_units == min(returned, amount)


@pytest.mark.parametrize(
    ("returned", "counts"), [(500, True), (490, True), (200, False), (1, False)]
)
def test_where_deposits_are_transfers_a_part_is_no_return(returned: int, counts: bool) -> None:
    found = matched([sent(1, 500), back(9, returned)], partial=False)
    assert bool(found.answers[ident(1)]) is counts


def test_many_stuck_ones_do_not_make_it_slow() -> None:
    stuck = [sent(n, 10_007 + 13 * n * n, f"u{n}") for n in range(1, 400)]
    fresh = [sent(500 + n, 3 + n, "ann") for n in range(5)]
    found = matched([*stuck, *fresh, *(burn(600 + n, 1 + n) for n in range(40)), burn(700, 25)])
    assert all(found.answers[s.id] for s in fresh)
    assert not any(found.answers[s.id] for s in stuck)


def test_no_batch_of_nothing() -> None:
    assert batches([], [], -1, 50) == []


# --- any day --------------------------------------------------------------------------------

USERS = ("ann", "bob", "cai")
kinds = st.sampled_from((sent, sent, sent, burn, back, issue))
scripts = st.lists(st.tuples(kinds, st.integers(1, 12), st.sampled_from(USERS)), max_size=18)


def events_of(script: Sequence[tuple[object, int, str]]) -> list[Event]:
    return [
        burn(minute, base_units) if make is burn else make(minute, base_units, who)  # type: ignore[operator]
        for minute, (make, base_units, who) in enumerate(script, 1)
    ]


@settings(max_examples=400, deadline=None)
@given(scripts, st.integers(0, 3), st.booleans())
def test_what_holds_on_any_day(
    script: list[tuple[object, int, str]], fee: int, partial: bool
) -> None:
    events = events_of(script)
    found = matched(events, fee=fee, partial=partial)
    by_id = {e.id: e for e in events}
    used: Counter[str] = Counter()
    parts: Counter[str] = Counter()
    assert set(found.answers) == {
        e.id for e in events if isinstance(e, Transfer) and e.recipient == GATEWAY
    }
    for identity, answers in found.answers.items():
        withdrawal = by_id[identity]
        if len(answers) > 1:  # several parts, together no more than was sent
            assert {a.completeness for a in answers} == {Completeness.PARTIAL}
            assert sum(a.part.base_units for a in answers) <= withdrawal.amount.base_units
        for answer in answers:
            assert answer.operation.location.number > withdrawal.location.number
            assert answer.operation == by_id[answer.operation.id]
            used[answer.operation.id] += 1
            if answer.kind is AnswerKind.BURN:
                assert answer.operation.amount == withdrawal.amount
            elif answer.kind is AnswerKind.BATCH:
                parts[answer.operation.id] += withdrawal.amount.base_units
                assert answer.part == withdrawal.amount
            else:
                assert answer.operation.recipient == withdrawal.sender
                assert answer.part.base_units <= withdrawal.amount.base_units
    for identity, count in used.items():
        answers = [a for all_ in found.answers.values() for a in all_]
        kind = {a.kind for a in answers if a.operation.id == identity}
        assert len(kind) == 1
        if kind == {AnswerKind.BATCH}:
            assert count > 1
            assert parts[identity] == by_id[identity].amount.base_units
        else:
            assert count == 1
    burns = {e.id for e in events if isinstance(e, Burn)}
    assert {b.id for b in found.unexplained} == burns - set(used)
    for identity, those in found.ambiguous_with.items():
        assert identity not in those
        assert all(identity in found.ambiguous_with[other] for other in those)


@settings(max_examples=100, deadline=None)
@given(scripts, st.randoms(use_true_random=False))
def test_in_any_order_the_same(
    script: list[tuple[object, int, str]], chance: random.Random
) -> None:
    events = events_of(script)
    first = matched(events)
    chance.shuffle(events)
    assert matched(events) == first


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 10**9), st.sampled_from(USERS)), max_size=40),
    st.randoms(use_true_random=False),
)
def test_if_everyone_has_a_burn_everyone_is_settled(
    withdrawals: list[tuple[int, str]], chance: random.Random
) -> None:
    """Each burn is somewhere after its withdrawal; amounts may be equal."""
    events: list[Event] = []
    waiting: list[int] = []
    for base_units, who in withdrawals:
        events.append(sent(len(events), base_units, who))
        waiting.append(base_units)
        while waiting and chance.random() < 0.4:
            units_served = waiting.pop(chance.randrange(len(waiting)))
            events.append(burn(len(events), units_served))
    events += [burn(len(events) + n, base_units) for n, base_units in enumerate(waiting)]
    found = matched(events)
    assert all(
        [a.kind for a in answers] == [AnswerKind.BURN] for answers in found.answers.values()
    )
    assert found.unexplained == ()
    assert ambiguous_with(found) == {}
