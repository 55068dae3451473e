"""Sent again: what came back and went out once more is decided by the later one, and only then."""

from __future__ import annotations

import pytest
from builders import ETH, FRIEND, OTHER_GATE, ago, back, burn, case, diagnose_, transfer

from diag.domain.vocabulary import ResendSafe

FIRST, RETURNED = transfer("1", ago(hours=5), n=1), back("1", ago(hours=4), n=2)
SECOND, SETTLED = transfer("1", ago(hours=3), n=3), burn("1", ago(hours=2), n=4)
EARLIER = transfer("2", ago(hours=4, minutes=30), n=3)
"""Went out while the first one was still at the gateway."""
EARLIER_SETTLED = burn("2", ago(hours=2), n=4)

LEADING = [
    pytest.param([FIRST, RETURNED], "gateway_returned", FIRST, id="came back, and that was all"),
    pytest.param(
        [FIRST, RETURNED, SECOND, SETTLED],
        "gateway_settled",
        SECOND,
        id="came back, went out again, and was settled",
    ),
    pytest.param(
        [FIRST, RETURNED, EARLIER, EARLIER_SETTLED],
        "gateway_returned",
        FIRST,
        id="came back after the other one had gone out: nobody has sent it again",
    ),
    pytest.param(
        [FIRST, RETURNED, transfer("1", ago(hours=3), to=FRIEND, n=3)],
        "gateway_returned",
        FIRST,
        id="came back, and something went to a friend",
    ),
    pytest.param(
        [FIRST, RETURNED, transfer("1", ago(hours=3), of=ETH, n=3), burn(of=ETH, at=ago(hours=2))],
        "gateway_returned",
        FIRST,
        id="came back, and another asset went out",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("operations", "code", "meant"), LEADING)
def test_which_one_decides(operations, code, meant):
    verdict = diagnose_(*operations).verdict

    assert (verdict.code, verdict.finding.about) == (code, meant.id)


UNTIL_THE_RETURN = case(end=ago(hours=3, minutes=30))
"""Asked about a time before the second one went out."""

AFTERWARDS = [
    pytest.param([], ResendSafe.YES, id="nothing"),
    pytest.param([transfer("1", ago(hours=1), n=3)], ResendSafe.NO, id="the same once more"),
    pytest.param(
        [transfer("0.4", ago(hours=1), n=3)], ResendSafe.NO, id="a part of it once more"
    ),
]


@pytest.mark.parametrize(("operations", "safe"), AFTERWARDS)
def test_what_came_back_is_not_to_be_sent_again_where_that_was_done_after_the_window(
    operations, safe
):
    found = diagnose_(FIRST, RETURNED, *operations, asked=UNTIL_THE_RETURN).verdict

    assert (found.code, found.resend_safe) == ("gateway_returned", safe)
    assert ("sent_again" in found.basis) is bool(operations)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(transfer("1", ago(hours=1), to=OTHER_GATE, n=3), id="elsewhere"),
        pytest.param(transfer("1", ago(hours=1), of=ETH, n=3), id="another asset"),
    ],
)
@pytest.mark.parametrize("asked", [case(), UNTIL_THE_RETURN], ids=["within", "afterwards"])
def test_what_went_out_otherwise_is_not_that_one_sent_again(other, asked):
    found = diagnose_(FIRST, RETURNED, other, asked=asked).withdrawals
    [verdict] = [verdict for sent, verdict in found if sent.id == FIRST.id]

    assert "sent_again" not in verdict.basis


def test_what_never_came_back_is_not_sent_again_by_the_next_one():
    found = diagnose_(FIRST, transfer("1", ago(hours=1), n=3), asked=UNTIL_THE_RETURN).verdict

    assert found.finding.about == FIRST.id
    assert "sent_again" not in found.basis
