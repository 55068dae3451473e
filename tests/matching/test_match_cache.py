"""Matching the same operations again gives the result that is kept; any difference is matched."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import GATE, USER, ago, back, burn, transfer

from diag.matching.match_cache import MAX_OPERATIONS, MatchCache
from diag.matching.settlements import match

SENT = [transfer("1", n=10), transfer("2", n=11)]
BURNS = [burn("1", n=20)]
BACKS = [back("2", n=21)]
HOW = {"fee_units": 0, "partial_returns": True, "in_batches": False, "read_from": 0}


def inputs(sent=SENT, burns=BURNS, backs=BACKS, **how):
    return (sent, burns, backs), HOW | how


@pytest.mark.parametrize(
    ("some", "how"),
    [
        pytest.param(*inputs(sent=SENT[:1]), id="a withdrawal less"),
        pytest.param(*inputs(burns=[]), id="a burn less"),
        pytest.param(*inputs(backs=[]), id="a credit less"),
        pytest.param(
            *inputs(sent=[transfer("1", n=10), transfer("3", n=11)]),
            id="the same number on another chain",
        ),
        pytest.param(
            *inputs(backs=[back("2", to=GATE, n=21)]), id="the credit of another user"
        ),
        pytest.param(*inputs(fee_units=1), id="another fee"),
        pytest.param(*inputs(in_batches=True), id="a gateway that burns in batches"),
        pytest.param(*inputs(partial_returns=False), id="credits that may be deposits"),
        pytest.param(
            *inputs(read_from=SENT[1].location.number), id="answers that may be unread"
        ),
    ],
)
def test_what_differs_is_matched_anew(some, how):
    cache = MatchCache()
    first = cache.match(SENT, BURNS, BACKS, **HOW)
    found = cache.match(*some, **how)

    assert found is not first
    assert found == match(*some, **how)
    assert cache.match(SENT, BURNS, BACKS, **HOW) == match(SENT, BURNS, BACKS, **HOW)


@pytest.mark.parametrize(
    ("some", "how"),
    [
        pytest.param(*inputs(), id="the same"),
        pytest.param(
            *inputs(
                sent=[transfer("1", o.at, n=n) for n, o in enumerate(SENT[:1], 10)] + SENT[1:]
            ),
            id="operations that were decoded anew",
        ),
        pytest.param(
            *inputs(read_from=SENT[0].location.number),
            id="read from elsewhere, before all withdrawals",
        ),
    ],
)
def test_what_is_the_same_is_matched_once(some, how):
    cache = MatchCache()

    assert cache.match(*some, **how) is cache.match(SENT, BURNS, BACKS, **HOW)


def withdrawals(gateway, count=MAX_OPERATIONS // 4):
    """The withdrawals of a busy gateway; those of each have numbers of their own."""
    start = ago(hours=9)
    return [
        transfer("1", start + timedelta(seconds=n), by=USER, n=gateway * 10_000 + n)
        for n in range(count)
    ]


def kept(cache, gateways):
    """How many of the gateways' matches are the ones that were found first."""
    sent = [withdrawals(gateway) for gateway in range(gateways)]
    first = [cache.match(moves, [], []) for moves in sent]
    again = [cache.match(moves, [], []) for moves in reversed(sent)]
    return sum(a is b for a, b in zip(first, reversed(again), strict=True))


def test_a_batch_keeps_the_matches_of_many_gateways_until_it_ends():
    cache = MatchCache()
    assert kept(cache, 8) < 8
    with cache.batch():
        with cache.batch():
            assert kept(cache, 8) == 8
        assert kept(cache, 8) == 8
    assert kept(cache, 8) < 8


def test_what_is_larger_than_the_cache_is_matched_each_time():
    cache = MatchCache()
    moves = withdrawals(1, MAX_OPERATIONS + 1)

    assert cache.match(moves, [], []) == cache.match(moves, [], [])
