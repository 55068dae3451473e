"""Sent again: what came back and went out once more is decided by the later one, and only then."""

from __future__ import annotations

import pytest
from builders import (
    ETH,
    FRIEND,
    STRANGER,
    ago,
    back,
    burn,
    diagnose_,
    proposal,
    refunded,
    time_lock,
    transfer,
)

FIRST, RETURNED = transfer("1", ago(hours=5), n=1), back("1", ago(hours=4), n=2)
SECOND, SETTLED = transfer("1", ago(hours=3), n=3), burn("1", ago(hours=2), n=4)
EARLIER = transfer("2", ago(hours=4, minutes=30), n=3)
"""Went out while the first one was still at the gateway."""
EARLIER_SETTLED = burn("2", ago(hours=2), n=4)
PART = transfer("0.7", ago(hours=3), n=3)
LOCK = time_lock("1", ago(hours=5), to=FRIEND, expires=ago(hours=4), n=1)
FREED = refunded(LOCK, ago(hours=4), n=2)
TO_FRIEND = transfer("1", ago(hours=3), to=FRIEND, n=3)
TO_A_STRANGER = transfer("1", ago(hours=3), to=STRANGER, n=3)
PROPOSED = proposal(ago(hours=5), expires=ago(hours=4), n=1)
LAPSED = {"proposals": {PROPOSED.proposal: None}}

DECIDES = [
    ("it came back, and that was all", [FIRST, RETURNED], {}, "gateway_returned", FIRST),
    (
        "it came back, went out again, and was settled",
        [FIRST, RETURNED, SECOND, SETTLED],
        {},
        "gateway_settled",
        SECOND,
    ),
    (
        "it came back after the other one had gone out: nobody has sent it again",
        [FIRST, RETURNED, EARLIER, EARLIER_SETTLED],
        {},
        "gateway_returned",
        FIRST,
    ),
    (
        "it never came back, and another one was settled",
        [FIRST, EARLIER, EARLIER_SETTLED],
        {},
        "gateway_overdue",
        FIRST,
    ),
    (
        "it came back, and a part of it went there again",
        [FIRST, RETURNED, PART, burn("0.7", ago(hours=2), n=4)],
        {},
        "gateway_settled",
        PART,
    ),
    (
        "it came back, and another asset went out",
        [FIRST, RETURNED, transfer("1", ago(hours=3), of=ETH, n=3), burn(of=ETH, n=4)],
        {},
        "gateway_returned",
        FIRST,
    ),
    ("a lock was refunded, and that was all", [LOCK, FREED], {}, "htlc_refunded", LOCK),
    (
        "a lock was refunded, and the coins were sent",
        [LOCK, FREED, TO_FRIEND],
        {},
        "delivered_on_chain",
        TO_FRIEND,
    ),
    (
        "a lock was refunded, and as much was sent to somebody else",
        [LOCK, FREED, TO_A_STRANGER],
        {},
        "delivered_on_chain",
        TO_A_STRANGER,
    ),
    (
        "a lock was refunded, and less was sent to somebody else",
        [LOCK, FREED, transfer("0.4", ago(hours=3), to=STRANGER, n=3)],
        {},
        "htlc_refunded",
        LOCK,
    ),
    ("a proposal lapsed, and that was all", [PROPOSED], LAPSED, "proposal_expired", PROPOSED),
    (
        "a proposal lapsed, and the coins were sent",
        [PROPOSED, SECOND, SETTLED],
        LAPSED,
        "gateway_settled",
        SECOND,
    ),
    (
        "a proposal lapsed, and a third of it was sent to the same gateway",
        [PROPOSED, transfer("0.3", ago(hours=3), n=3), burn("0.3", ago(hours=2), n=4)],
        LAPSED,
        "proposal_expired",
        PROPOSED,
    ),
]


@pytest.mark.parametrize(
    ("operations", "facts", "code", "meant"),
    [pytest.param(*row, id=what) for what, *row in DECIDES],
)
def test_which_one_decides(operations, facts, code, meant):
    verdict = diagnose_(*operations, **facts).verdict

    assert (verdict.code, verdict.finding.withdrawal_id) == (code, meant.id)
