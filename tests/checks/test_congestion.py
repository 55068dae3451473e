from __future__ import annotations

import pytest
from builders import (
    HEAD,
    INTERVAL,
    NOW,
    SECOND,
    STALE,
    ago,
    as_of,
    codes,
    evidence,
    found,
    live_proposal,
    network,
    proposal,
    silent,
    told,
    transfer,
)

from diag.checks import congestion

LATE = 3 * 27 * INTERVAL
"""Three rounds of all witnesses: a block should be irreversible by then."""
HELD_UP = NOW - LATE - SECOND
SENT = transfer(at=HELD_UP)
MADE = proposal(at=HELD_UP)


def sick(*operations, lag=200, slots=100, **facts):
    """A network whose last irreversible block is this far behind its head."""
    now = as_of(irreversible_block=HEAD - lag, irreversible_time=NOW - lag * INTERVAL)
    health = network(irreversible_block=HEAD - lag, slots_filled=slots)
    return evidence(*operations, as_of=now, network=health, **facts)


SILENT = [
    silent("everything in order", "network_degraded", evidence(SENT)),
    silent(
        "two rounds without finality and four of five slots filled",
        "network_degraded",
        sick(SENT, lag=54, slots=103),
    ),
    silent("this one is final", "network_degraded", sick(transfer(at=ago(minutes=11)))),
    silent("sent just now", "network_degraded", sick(transfer(at=ago(minutes=1)))),
    silent("exactly three rounds ago", "network_degraded", sick(transfer(at=NOW - LATE))),
    silent("a stale node is no sick network", "network_degraded", sick(SENT, **STALE)),
    silent("nothing sent", "network_degraded", sick()),
    silent(
        "a proposal moves nothing that could be held up",
        "network_degraded",
        sick(MADE, proposals={MADE.proposal: live_proposal(MADE)}),
    ),
]

FOUND = [
    found(
        "three rounds and a second ago",
        "network_degraded",
        sick(SENT),
        withdrawal_id=SENT.id,
        shows=[SENT.id],
        lag=200,
        usual_lag=18,
        participation="78%",
    ),
    found("one slot too few", "network_degraded", sick(SENT, slots=102), participation="80%"),
    found(
        "many blocks without finality, though every slot is filled",
        "network_degraded",
        sick(SENT, slots=128),
        participation="100%",
        unsaid="missing",
    ),
    found(
        "of two, the one that is held up",
        "network_degraded",
        sick(SENT, transfer("2", ago(minutes=1))),
        withdrawal_id=SENT.id,
    ),
]


@pytest.mark.parametrize(("code", "seen", "expected"), SILENT)
def test_silent(code, seen, expected):
    assert codes(congestion, seen) == expected


@pytest.mark.parametrize(("code", "seen", "expected", "fields"), FOUND)
def test_found(code, seen, expected, fields):
    assert codes(congestion, seen) == expected
    assert told(congestion, code, seen, fields) == fields
