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

from diag.domain.asset import Asset, Quantity
from diag.domain.memo import NULL_KEY_SUFFIX, Memo
from diag.domain.operations import Burn, Issue, Location, Transfer
from diag.domain.withdrawal import AnswerKind, Completeness, Doubt
from diag.matching.batches import batches
from diag.matching.credits import FEE_SHARE, completeness
from diag.matching.settlements import Match, match

COIN = Asset("1.3.2", "NORTH.BTC", 8, issuer="1.2.19")
GATEWAY, SECOND = "1.2.18", "1.2.28"
MORNING = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)

Event = Transfer | Burn | Issue


def place(minute: int) -> Location:
    return Location.of(f"1.11.{1000 + minute}", MORNING + timedelta(minutes=minute), minute)


def ident(minute: int) -> str:
    return place(minute).id


def sent(minute: int, base_units: int, by: str = "ann", to: str = GATEWAY) -> Transfer:
    amount = Quantity(base_units, COIN.id)
    return Transfer(by, to, amount, location=place(minute))


def burn(minute: int, base_units: int, by: str = GATEWAY) -> Burn:
    return Burn(by, Quantity(base_units, COIN.id), location=place(minute))


def back(minute: int, base_units: int, to: str = "ann", says: str = "") -> Transfer:
    amount = Quantity(base_units, COIN.id)
    text = (bytes(4) + says.encode()).hex()
    memo = Memo(f"BTS{NULL_KEY_SUFFIX}", "", 1, text) if says else None
    return Transfer(GATEWAY, to, amount, memo, location=place(minute))


def issue(minute: int, base_units: int, to: str = "ann") -> Issue:
    return Issue("1.2.19", to, Quantity(base_units, COIN.id), location=place(minute))


def matched(day: Iterable[Event], **options: bool | int) -> Match:
    day = list(day)
    return match(
        [e for e in day if isinstance(e, Transfer) and e.recipient in (GATEWAY, SECOND)],
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
    "two users, equal amounts, one passed over while the other is served twice": day(
        sent(1, 50, "ann"),
        sent(2, 50, "bob"),
        burn(4, 50),
        sent(5, 50, "bob"),
        burn(6, 50),
        answers={1: [("burn", 4)], 2: [("burn", 6)], 5: []},
        ambiguous_with={1: [2, 5], 2: [1, 5], 5: [1, 2]},
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
    "two possible batches: whose is which, nobody can tell": day(
        sent(1, 30, "ann"),
        sent(2, 50, "bob"),
        sent(3, 30, "cai"),
        burn(9, 80),
        answers={1: [("batch", 9)], 2: [("batch", 9)], 3: []},
        ambiguous_with={1: [2, 3], 2: [1, 3], 3: [1, 2]},
    ),
    "two possible batches that are no runs of the queue": day(
        sent(1, 20, "ann"),
        sent(2, 10, "bob"),
        sent(3, 30, "cai"),
        sent(4, 40, "dai"),
        burn(9, 50),
        answers={1: [("batch", 9)], 2: [], 3: [("batch", 9)], 4: []},
        ambiguous_with={1: [2, 3, 4], 2: [1, 3, 4], 3: [1, 2, 4], 4: [1, 2, 3]},
    ),
    "two possible batches, and the others were burnt as well": day(
        sent(1, 20, "ann"),
        sent(2, 10, "bob"),
        sent(3, 30, "cai"),
        sent(4, 40, "dai"),
        burn(8, 50),
        burn(9, 50),
        answers={
            1: [("batch", 8)],
            2: [("batch", 9)],
            3: [("batch", 8)],
            4: [("batch", 9)],
        },
    ),
    "two possible batches, and one of the others came back": day(
        sent(1, 20, "ann"),
        sent(2, 10, "bob"),
        sent(3, 30, "cai"),
        sent(4, 40, "dai"),
        burn(8, 50),
        back(9, 10, "bob"),
        answers={1: [("batch", 8)], 2: [("return", 9)], 3: [("batch", 8)], 4: []},
    ),
    "one of a batch has an equal one that waits: only those two are in doubt": day(
        sent(1, 30, "ann"),
        sent(2, 30, "cai"),
        sent(3, 57, "bob"),
        burn(9, 87),
        answers={1: [], 2: [("batch", 9)], 3: [("batch", 9)]},
        ambiguous_with={1: [2], 2: [1]},
    ),
    "a gateway that burns in batches: one, or two that are as much": day(
        sent(1, 7, "eve"),
        sent(2, 5, "fay"),
        burn(3, 12),
        sent(4, 30, "ann"),
        sent(5, 10, "bob"),
        sent(6, 20, "cai"),
        burn(9, 30),
        answers={
            1: [("batch", 3)],
            2: [("batch", 3)],
            4: [("burn", 9)],
            5: [],
            6: [],
        },
        ambiguous_with={4: [5, 6], 5: [4, 6], 6: [4, 5]},
    ),
    # who burns
    "two accounts of a gateway, equal amounts, one burn: of the one that burns": day(
        sent(1, 50, "ann", to=SECOND),
        sent(2, 50, "bob"),
        burn(9, 50),
        answers={1: [], 2: [("burn", 9)]},
    ),
    "sent to one account of the gateway, burnt by another": day(
        sent(1, 50, to=SECOND), burn(9, 50), answers={1: [("burn", 9)]}
    ),
    "passed on to where the gateway passes all of them": day(
        sent(1, 50, "ann"),
        back(2, 50, "vault"),
        sent(3, 60, "bob"),
        back(4, 60, "vault"),
        sent(5, 70, "cai"),
        back(6, 70, "vault"),
        answers={1: [("forward", 2)], 3: [("forward", 4)], 5: [("forward", 6)]},
    ),
    "issued to where the gateway passes all of them: settles nothing": day(
        sent(1, 50, "ann"),
        back(2, 50, "vault"),
        sent(3, 60, "bob"),
        back(4, 60, "vault"),
        sent(5, 70, "cai"),
        back(6, 70, "vault"),
        sent(7, 80, "dan"),
        issue(8, 80, "vault"),
        answers={1: [("forward", 2)], 3: [("forward", 4)], 5: [("forward", 6)], 7: []},
    ),
    "two of as much as was just withdrawn, to somebody: perhaps deposits": day(
        sent(1, 50, "ann"),
        back(2, 50, "vault"),
        sent(3, 60, "bob"),
        back(4, 60, "vault"),
        answers={1: [], 3: []},
    ),
    # returns
    "returned in full": day(sent(1, 50), back(9, 50), answers={1: [("return", 9)]}),
    "returned less a fee": day(sent(1, 500), back(9, 498), answers={1: [("return", 9)]}),
    "returned in part": day(sent(1, 500), back(9, 200), answers={1: [("return", 9)]}),
    "returned in two parts": day(
        sent(1, 500), back(8, 300), back(9, 200), answers={1: [("return", 8), ("return", 9)]}
    ),
    "returned in two halves": day(
        sent(1, 500), back(8, 250), back(9, 250), answers={1: [("return", 8), ("return", 9)]}
    ),
    "returned nearly in full, and then the little that was missing": day(
        sent(1, 500), back(8, 490), back(9, 10), answers={1: [("return", 8), ("return", 9)]}
    ),
    "returned in four parts": day(
        sent(1, 500),
        *(back(n, 125) for n in (6, 7, 8, 9)),
        answers={1: [("return", 6), ("return", 7), ("return", 8), ("return", 9)]},
    ),
    "issued back in two parts": day(
        sent(1, 500),
        issue(8, 300),
        issue(9, 200),
        answers={1: [("return", 8), ("return", 9)]},
    ),
    "two of one user returned at once": day(
        sent(1, 500),
        sent(2, 200),
        back(9, 700),
        answers={1: [("return", 9)], 2: [("return", 9)]},
    ),
    "a part returned and the rest burnt": day(
        sent(1, 500), back(5, 200), burn(9, 300), answers={1: [("return", 5), ("burn", 9)]}
    ),
    "a part burnt and the rest returned": day(
        sent(1, 500), burn(5, 300), back(9, 200), answers={1: [("burn", 5), ("return", 9)]}
    ),
    "next to nothing is no return of a part": day(sent(1, 500), back(9, 99), answers={1: []}),
    "a public memo calls it a deposit": day(
        sent(1, 500), back(9, 500, says="deposit 500 BTC"), answers={1: []}
    ),
    "a public memo calls it a gift": day(
        sent(1, 500), back(9, 250, says="gift for our users"), answers={1: []}
    ),
    "a public memo calls it the refund of a deposit": day(
        sent(1, 500), back(9, 500, says="refund of deposit"), answers={1: [("return", 9)]}
    ),
    "two equal parts came back": day(
        sent(1, 500),
        back(2, 150),
        back(9, 150),
        answers={1: [("return", 2), ("return", 9)]},
    ),
    "two equal payments, and one before it": day(
        back(1, 150),
        sent(3, 500),
        back(5, 150),
        back(9, 150),
        answers={3: []},
    ),
    "one of a row of deposits": day(
        back(1, 500),
        back(2, 490),
        sent(3, 500),
        back(9, 500),
        answers={3: []},
    ),
    "one of a row, but its memo calls it a refund": day(
        back(1, 500),
        back(2, 490),
        sent(3, 500),
        back(9, 500, says="REFUND"),
        answers={3: [("return", 9)]},
    ),
    "after credits of other sizes": day(
        back(1, 90),
        back(2, 7),
        sent(3, 500),
        back(9, 500),
        answers={3: [("return", 9)]},
    ),
    "returned by issue": day(sent(1, 50), issue(9, 50), answers={1: [("return", 9)]}),
    "a return before it never counts": day(back(1, 50), sent(2, 50), answers={2: []}),
    "a return to somebody else never counts": day(
        sent(1, 50), back(9, 50, "bob"), answers={1: []}
    ),
    "more than was sent is no return": day(sent(1, 50), back(9, 51), answers={1: []}),
    "an issue of a part is a deposit": day(sent(1, 50), issue(9, 49), answers={1: []}),
    "burnt, then issued back: a refund or a deposit": day(
        sent(1, 50), burn(5, 50), issue(9, 50), answers={1: [("burn", 5), ("return", 9)]}
    ),
    "burnt, then sent back": day(
        sent(1, 50), burn(5, 50), back(9, 50), answers={1: [("burn", 5), ("return", 9)]}
    ),
    "burnt, then sent back less something": day(
        sent(1, 50), burn(5, 50), back(9, 49), answers={1: [("burn", 5), ("return", 9)]}
    ),
    "burnt, then much less is sent: no refund": day(
        sent(1, 50), burn(5, 50), back(9, 47), answers={1: [("burn", 5)]}
    ),
    "burnt, then issued within three days: a refund or a deposit": day(
        sent(1, 50), burn(5, 50), issue(4325, 50), answers={1: [("burn", 5), ("return", 4325)]}
    ),
    "burnt, then issued later than that: a deposit": day(
        sent(1, 50), burn(5, 50), issue(4326, 50), answers={1: [("burn", 5)]}
    ),
    "burnt, then sent back later than that": day(
        sent(1, 50), burn(5, 50), back(4326, 50), answers={1: [("burn", 5), ("return", 4326)]}
    ),
    "burnt, then less is issued: a deposit": day(
        sent(1, 50), burn(5, 50), issue(9, 49), answers={1: [("burn", 5)]}
    ),
    "burnt, then less is sent while one waits that it is nearer to": day(
        sent(1, 500),
        burn(2, 500),
        sent(3, 501),
        back(9, 498),
        answers={1: [("burn", 2)], 3: [("return", 9)]},
    ),
    "burnt, then sent back while a larger one waits": day(
        sent(1, 500),
        burn(2, 500),
        sent(3, 501),
        back(9, 500),
        answers={1: [("burn", 2), ("return", 9)], 3: []},
    ),
    "sent back, and burnt although it had come back": day(
        sent(1, 50), back(5, 50), burn(9, 50), answers={1: [("return", 5), ("burn", 9)]}
    ),
    "a deposit of as much, or a refund, then burnt": day(
        sent(1, 50), issue(5, 50), burn(9, 50), answers={1: [("return", 5), ("burn", 9)]}
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
    for answer in found.answers[ident(1)]:
        assert (answer.kind, answer.completeness) == (AnswerKind.RETURN, how)
        assert answer.part.base_units == min(returned, amount)


@pytest.mark.parametrize(
    ("returned", "counts"),
    [(500, True), (498, True), (499, False), (490, False), (200, False), (1, False)],
)
def test_where_deposits_are_transfers_a_part_is_no_return(returned: int, counts: bool) -> None:
    found = matched([sent(1, 500), back(9, returned)], partial=False, fee=2)
    assert bool(found.answers[ident(1)]) is counts


DEPOSIT, ISSUED = Doubt.RETURN_OR_DEPOSIT, Doubt.ISSUE_OR_DEPOSIT
KEEPS = [sent(1, 510, "bob"), burn(2, 508), sent(3, 620, "cai"), burn(4, 618)]
"""A gateway that burns what it was sent less its fee of 2."""
SURE: tuple[Doubt, ...] = ()


@pytest.mark.parametrize(
    ("events", "fee", "partial", "doubts"),
    [
        pytest.param([back(9, 500)], 2, True, SURE, id="in full"),
        pytest.param([back(9, 498)], 2, True, SURE, id="less exactly the fee"),
        pytest.param([back(9, 497)], 2, True, (Doubt.SHORTFALL,), id="less another fee"),
        pytest.param([back(9, 475)], 2, True, (Doubt.SHORTFALL,), id="less a twentieth"),
        pytest.param([back(9, 498)], 0, True, (Doubt.SHORTFALL,), id="the fee is not known"),
        pytest.param(
            [
                sent(10, 700, "bob"),
                back(11, 695, "bob"),
                sent(12, 800, "cai"),
                back(13, 795, "cai"),
                back(14, 495),
            ],
            2,
            True,
            SURE,
            id="less what others get less",
        ),
        pytest.param([back(9, 500)], 2, False, (DEPOSIT,), id="deposits are transfers"),
        pytest.param([back(9, 498)], 2, False, (DEPOSIT,), id="and less exactly the fee"),
        pytest.param(
            [back(9, 500, says="refund, bad address")], 2, False, SURE, id="a memo says refund"
        ),
        pytest.param([issue(9, 500)], 2, True, (ISSUED,), id="issued"),
        pytest.param([issue(9, 498)], 2, True, (ISSUED,), id="issued less exactly the fee"),
        pytest.param(
            [back(10 + n, 90 + n, f"u{n}") for n in range(3)] + [back(19, 500)],
            2,
            True,
            (DEPOSIT,),
            id="strangers are credited by transfer",
        ),
        pytest.param(
            [back(10, 90, "bob"), back(11, 80, "cai"), back(19, 500)],
            2,
            True,
            SURE,
            id="two strangers are not many",
        ),
        pytest.param(
            [burn(8, 500), back(9, 500)], 2, True, (Doubt.SETTLED_TOO,), id="burnt as well"
        ),
        pytest.param([burn(9, 500)], 2, True, SURE, id="burnt"),
        pytest.param([burn(9, 498)], 2, True, (Doubt.BURNT_LESS_FEE,), id="burnt less the fee"),
        pytest.param([*KEEPS[1:2], burn(9, 498)], 2, True, (Doubt.BURNT_LESS_FEE,), id="so once"),
    ],
)  # fmt: skip
def test_what_an_answer_leaves_open(
    events: list[Event], fee: int, partial: bool, doubts: tuple[Doubt, ...]
) -> None:
    found = matched([sent(7, 500), *events], fee=fee, partial=partial)
    assert found.answers[ident(7)][-1].doubts == doubts


@pytest.mark.parametrize("fee", [2, 0], ids=["its fee is known", "only observed"])
def test_a_gateway_that_burns_what_it_was_sent_less_its_fee(fee: int) -> None:
    found = matched([*KEEPS, sent(5, 500), burn(9, 498), sent(10, 30, "dai")], fee=fee)
    assert brief(found) == {
        1: [("burn", 2)],
        3: [("burn", 4)],
        5: [("burn", 9)],
        10: [],
    }
    assert found.answers[ident(5)][0].doubts == ()
    assert found.unexplained == ()


def test_a_gateway_that_burns_batches_less_its_fees() -> None:
    day = [*KEEPS, sent(5, 500), sent(6, 300, "dai"), burn(9, 796)]
    assert brief(matched(day, fee=2))[5] == [("batch", 9)]


@pytest.mark.parametrize(
    ("third", "rivals"),
    [
        pytest.param([sent(3, 102, "cai")], {1: [2, 3], 2: [1, 3], 3: [1, 2]}, id="waits"),
        pytest.param([sent(3, 102, "cai"), back(5, 102, "cai")], {}, id="came back"),
        pytest.param([sent(3, 103, "cai")], {}, id="of another amount"),
    ],
)
def test_a_batch_that_may_be_another_one_less_its_fee(
    third: list[Event], rivals: dict[int, list[int]]
) -> None:
    day = [sent(1, 40), sent(2, 60, "bob"), *third, burn(9, 100)]
    assert ambiguous_with(matched(day, fee=2)) == rivals


@pytest.mark.parametrize(
    ("returned", "parts"),
    [
        pytest.param(700, [500, 200], id="in full"),
        pytest.param(698, [498, 200], id="less one fee"),
        pytest.param(696, [498, 198], id="less a fee of each"),
        pytest.param(694, [], id="less something else"),
    ],
)
def test_two_of_one_user_returned_at_once(returned: int, parts: list[int]) -> None:
    found = matched([sent(1, 500), sent(2, 200), back(9, returned)], fee=2)
    assert [a.part.base_units for those in found.answers.values() for a in those] == parts


@pytest.mark.parametrize(
    ("others", "doubts"),
    [
        pytest.param([], (), id="nothing else sums to it"),
        pytest.param(
            [sent(2, 20, "bob"), sent(3, 30, "cai")], (Doubt.FITS_OTHERS,), id="two others do"
        ),
        pytest.param(
            [sent(2, 20, "bob"), sent(3, 30, "cai"), burn(12, 20), burn(13, 30)],
            (),
            id="the two others were burnt themselves",
        ),
        pytest.param(
            [
                sent(2, 20, "bob"),
                sent(3, 30, "cai"),
                *(e for n in range(3) for e in (sent(20 + 2 * n, 7 + n, f"u{n}"), burn(21 + 2 * n, 7 + n))),
            ],
            (),
            id="the gateway burns each by itself",
        ),
    ],
)  # fmt: skip
def test_one_burn_that_others_sum_to(others: list[Event], doubts: tuple[Doubt, ...]) -> None:
    found = matched([sent(1, 50), *others, burn(9, 50)])
    [answer] = found.answers[ident(1)]
    assert (answer.kind, answer.doubts) == (AnswerKind.BURN, doubts)
    assert ambiguous_with(found) == {}


@pytest.mark.parametrize(
    ("events", "alike"),
    [
        pytest.param([sent(1, 50), sent(2, 50), burn(9, 50)], {1: [2], 2: [1]}, id="one burn"),
        pytest.param([sent(1, 50), burn(2, 50), sent(3, 50)], {}, id="sent after the burn"),
        pytest.param([sent(1, 50), sent(2, 50), burn(8, 50), burn(9, 50)], {}, id="two burns"),
        pytest.param(
            [sent(1, 50), sent(2, 50), burn(8, 50), back(9, 50)], {}, id="the other came back"
        ),
        pytest.param(
            [sent(1, 50), sent(2, 50), issue(8, 50), burn(9, 50)],
            {1: [2], 2: [1]},
            id="the other was issued back, or a deposit was made",
        ),
        pytest.param(
            [sent(1, 50), sent(2, 50), back(9, 50)], {1: [2], 2: [1]}, id="one came back"
        ),
        pytest.param(
            [sent(1, 50), sent(2, 50), back(8, 50), back(9, 50)], {}, id="both came back"
        ),
        pytest.param([sent(1, 50), back(2, 50), sent(3, 50)], {}, id="sent again later"),
        pytest.param(
            [sent(1, 50), sent(2, 50, "bob"), burn(9, 50)], {}, id="of two users: rivals"
        ),
        pytest.param(
            [sent(1, 50), sent(2, 50), sent(3, 50), burn(8, 50), burn(9, 50)],
            {1: [2, 3], 2: [1, 3], 3: [1, 2]},
            id="two of three",
        ),
        pytest.param(
            [sent(1, 50), sent(2, 50), burn(4, 50), sent(5, 50), burn(6, 50)],
            {1: [2, 5], 2: [1, 5], 5: [1, 2]},
            id="one was passed over, and each later one was served in its turn",
        ),
        pytest.param(
            [sent(1, 50), burn(2, 50), sent(3, 50), sent(4, 50), burn(5, 50)],
            {3: [4], 4: [3]},
            id="one before them that was served alone",
        ),
    ],
)
def test_equal_ones_of_one_account(events: list[Event], alike: dict[int, list[int]]) -> None:
    found = matched(events)
    assert {
        number(w): list(map(number, those)) for w, those in found.alike.items() if those
    } == (alike)


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
        returns = [a for a in answers if a.kind is AnswerKind.RETURN]
        settled = [a for a in answers if a.kind is not AnswerKind.RETURN]
        assert len(settled) <= 1
        assert sum(a.part.base_units for a in returns) <= withdrawal.amount.base_units
        for answer in answers:
            assert answer.operation.location.number > withdrawal.location.number
            assert answer.operation == by_id[answer.operation.id]
            used[answer.operation.id] += 1
            if answer.kind is AnswerKind.RETURN:
                assert answer.operation.recipient == withdrawal.sender
            parts[answer.operation.id] += answer.part.base_units
    for identity, count in used.items():
        answers = [a for all_ in found.answers.values() for a in all_]
        mine = [a for a in answers if a.operation.id == identity]
        assert len({a.kind for a in mine}) == 1
        assert {a.shared for a in mine} == {count}
        fees = fee * count if mine[0].kind in (AnswerKind.BURN, AnswerKind.BATCH) else 0
        units = by_id[identity].amount.base_units
        assert units <= parts[identity] <= units + max(fees, count * 12 * FEE_SHARE)
    burns = {e.id for e in events if isinstance(e, Burn)}
    assert {b.id for b in found.unexplained} == burns - set(used)
    for identity, those in found.ambiguous_with.items():
        assert identity not in those
        kept = [
            other
            for other in those
            if not any(a.kind is AnswerKind.RETURN for a in found.answers[other])
        ]
        assert all(identity in found.ambiguous_with[other] for other in kept)


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
