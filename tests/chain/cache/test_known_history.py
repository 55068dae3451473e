"""Rows that overlapping pages hold are kept once, and pages whose rows are known are not asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import ago, transfer

from diag.chain.cache.known_history import REFERENCES_PER_ROW, KnownHistory
from diag.chain.history.coverage import PAGE_SIZE
from diag.chain.rpc import methods
from diag.chain.rpc.values import node_time
from diag.errors import Unreachable

BEGIN = ago(hours=10)
HEAD = ago(hours=1)
WHOLE = PAGE_SIZE + 1
"""More rows than a page holds."""


def minute(number):
    return BEGIN + timedelta(minutes=number)


def row(number, value="1"):
    """The operation of one minute; made anew by each call, as a node's answers are."""
    return transfer(value, minute(number), n=number)


def rows(newest, oldest):
    """The operations from one minute back to another, as a page has them."""
    return [row(number) for number in range(newest, oldest - 1, -1)]


def until(moment, account="1.2.5", limit=None):
    written = None if moment is None else node_time(moment)
    return methods.HISTORY_BY_TIME.call(account, limit, written)


def known(*pages, head=HEAD):
    """A history of which these pages were read: the minute of each call, and its rows."""
    history = KnownHistory(10_000)
    for end, page in pages:
        history.add(until(None if end is None else minute(end)), page, head)
    return history


# --- pages that are answered -----------------------------------------------------------------

SHORT = [(120, rows(120, 21)), (15, rows(15, 1))]
"""A full page, and one that is shorter: nothing precedes it."""
TWO = [(150, rows(150, 51)), (100, rows(100, 1))]
"""Two full pages that overlap."""


@pytest.mark.parametrize(
    ("pages", "asked"),
    [
        pytest.param([], until(minute(100)), id="nothing was read"),
        pytest.param(TWO, until(minute(100), "1.2.6"), id="of another account"),
        pytest.param(TWO, until(minute(99)), id="one row of the page was not read"),
        pytest.param(TWO, until(minute(151)), id="later than what was read"),
        pytest.param(TWO, until(minute(0)), id="earlier than what was read"),
        pytest.param(TWO, until(None), id="the newest page, whatever time it is"),
        pytest.param(TWO, until(minute(120), limit=10), id="a page of a certain size"),
        pytest.param(
            TWO,
            methods.HISTORY_BY_ID.call("1.2.5", "1.11.0", 100, "1.11.120"),
            id="not by time",
        ),
        pytest.param(
            [(220, rows(220, 121)), (110, rows(110, 11))],
            until(minute(215)),
            id="a part between the pages was not read",
        ),
        pytest.param(
            [(60, rows(60, 1))], until(minute(50)), id="a short page alone may be a full one"
        ),
        pytest.param(
            [(150, [*rows(150, 52), row(40), row(45)])],
            until(minute(150)),
            id="a page out of order shows nothing",
        ),
        pytest.param([(150, [])], until(minute(150)), id="nothing at all was answered"),
        pytest.param([(150, Unreachable("lost"))], until(minute(150)), id="the page was lost"),
    ],
)
def test_a_page_that_may_have_unknown_rows_is_asked_for(pages, asked):
    assert known(*pages).page(asked, HEAD) is None


@pytest.mark.parametrize(
    ("pages", "end", "expected"),
    [
        pytest.param(TWO, 150, rows(150, 51), id="the same page"),
        pytest.param(TWO, 120, rows(120, 21), id="a page of the rows of two"),
        pytest.param(TWO, 100, rows(100, 1), id="down to the oldest row"),
        pytest.param(SHORT, 14, rows(14, 1), id="down to the first operation"),
        pytest.param(
            [*SHORT, (50, rows(50, 1))], 60, rows(60, 1), id="short pages below a full one"
        ),
        pytest.param(SHORT, 0, [], id="before the first operation"),
    ],
)
def test_a_page_of_known_rows_is_answered_as_the_node_would(pages, end, expected):
    assert known(*pages).page(until(minute(end)), HEAD) == expected


@pytest.mark.parametrize("asked", [HEAD, HEAD + timedelta(hours=14)], ids=["at", "after"])
@pytest.mark.parametrize("read", [None, HEAD + timedelta(hours=5)], ids=["now", "a later time"])
def test_nothing_is_known_after_the_head_and_nothing_more_is_asked_for(read, asked):
    history = KnownHistory(1000)
    history.add(until(read), rows(120, 21), HEAD)

    assert history.page(until(asked), HEAD) == rows(120, 21)
    assert history.page(until(HEAD + timedelta(seconds=3)), HEAD + timedelta(seconds=3)) is None


# --- rows that are kept once -----------------------------------------------------------------


def test_an_overlapping_page_holds_the_rows_that_were_seen_before():
    history = KnownHistory(100)
    first, _ = history.add(until(None), rows(3, 1), HEAD)
    second, _ = history.add(until(None, "1.2.6"), rows(4, 2), HEAD)

    assert first == rows(3, 1)
    assert second == rows(4, 2)
    assert [a is b for a, b in zip(first[:2], second[1:], strict=True)] == [True, True]


def test_a_row_that_differs_stays_as_it_was_answered():
    history = KnownHistory(100)
    history.add(until(None), rows(1, 1), HEAD)

    assert history.add(until(None), [row(1, "2")], HEAD)[0] == [row(1, "2")]


OBJECTS = methods.OBJECTS.call(["1.2.3", "1.2.4"])
BALANCES = methods.BALANCES.call("1.2.5", [])


@pytest.mark.parametrize(
    ("call", "reply", "weight"),
    [
        pytest.param(until(HEAD), [], 1, id="nothing"),
        pytest.param(until(HEAD), rows(3, 1), 1, id="all of it seen before"),
        pytest.param(until(HEAD), rows(5, 3), 3, id="two new rows"),
        pytest.param(until(HEAD), rows(99, 1), 97 + 99 // REFERENCES_PER_ROW, id="a full page"),
        pytest.param(OBJECTS, [{"id": "1.2.3"}, None], 3, id="objects that are no rows"),
        pytest.param(until(HEAD), Unreachable("lost"), 1, id="an error"),
        pytest.param(BALANCES, {"1.3.0": 5}, 1, id="something else"),
    ],
)
def test_a_reply_weighs_what_it_adds(call, reply, weight):
    history = KnownHistory(1000)
    history.add(until(None), rows(3, 1), HEAD)

    assert history.add(call, reply, HEAD) == (reply, weight)


def test_everything_is_forgotten_before_too_many_rows_are_kept():
    history = KnownHistory(PAGE_SIZE)
    page = rows(WHOLE, 1)
    history.add(until(HEAD), page, HEAD)
    assert history.page(until(HEAD), HEAD) == page

    assert history.add(until(HEAD, "1.2.6"), rows(3, 1), HEAD)[1] == 4
    assert history.page(until(HEAD), HEAD) is None
