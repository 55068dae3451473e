"""Pages that overlap hold the same rows, and weigh only what no other page holds."""

from __future__ import annotations

import pytest
from builders import ago, transfer

from diag.chain.cache.shared_rows import REFERENCES_PER_ROW, SharedRows
from diag.errors import Unreachable

AT = ago(hours=1)


def row(number, value="1"):
    """A transfer of its own; made anew by each call, as a node's answers are."""
    return transfer(value, AT, n=number)


def page(*numbers):
    return [row(number) for number in numbers]


def test_an_overlapping_page_holds_the_rows_that_were_seen_before():
    shared = SharedRows(100)
    first, _ = shared.share(page(3, 2, 1))
    second, _ = shared.share(page(4, 3, 2))

    assert first == page(3, 2, 1)
    assert second == page(4, 3, 2)
    assert [a is b for a, b in zip(first[:2], second[1:], strict=True)] == [True, True]


def test_a_row_that_differs_stays_as_it_was_told():
    shared = SharedRows(100)
    shared.share(page(1))

    assert shared.share([row(1, "2")])[0] == [row(1, "2")]


@pytest.mark.parametrize(
    ("reply", "weight"),
    [
        pytest.param([], 1, id="nothing"),
        pytest.param(page(3, 2, 1), 1, id="all of it seen before"),
        pytest.param(page(5, 4, 3), 3, id="two new rows"),
        pytest.param(page(*range(99, 0, -1)), 97 + 99 // REFERENCES_PER_ROW, id="a full page"),
        pytest.param([{"id": "1.2.3"}, None], 3, id="objects that are no rows"),
        pytest.param(Unreachable("lost"), 1, id="an error"),
        pytest.param({"1.3.0": 5}, 1, id="something else"),
    ],
)
def test_a_reply_weighs_what_it_adds(reply, weight):
    shared = SharedRows(1000)
    shared.share(page(3, 2, 1))

    assert shared.share(reply) == (reply, weight)


def test_sharing_starts_anew_before_too_many_rows_are_kept():
    shared = SharedRows(2)
    shared.share(page(3, 2, 1))

    assert shared.share(page(3, 2, 1))[1] == 4
