from __future__ import annotations

import pytest
from builders import (
    FRIEND,
    PRUNED,
    ago,
    changed,
    codes,
    evidence,
    found,
    live_lock,
    redeemed,
    refunded,
    silent,
    time_lock,
    told,
    transfer,
)

from diag.checks import timelock

LOCK = time_lock()
BACK, TAKEN = refunded(LOCK), redeemed(LOCK)
OTHER = time_lock("2", ago(minutes=50), name="1.16.5")
OPEN = {"time_locks": {LOCK.lock: live_lock(LOCK)}}
BOTH_OPEN = {"time_locks": {LOCK.lock: live_lock(LOCK), OTHER.lock: live_lock(OTHER)}}

SILENT = [
    silent("a plain transfer", "htlc_open", evidence(transfer(to=FRIEND))),
    silent("the recipient took the coins", "htlc_open", evidence(LOCK, TAKEN, **OPEN)),
    silent("the coins came back", "htlc_open", evidence(LOCK, BACK), also=["htlc_refunded"]),
    silent(
        "gone, and the history after it has a hole",
        "htlc_open",
        evidence(LOCK, time_locks={LOCK.lock: None}, **PRUNED),
    ),
    silent("its id is not known", "htlc_open", evidence(changed(LOCK, lock=None), **OPEN)),
    silent("still open", "htlc_refunded", evidence(LOCK, **OPEN), also=["htlc_open"]),
    silent("taken", "htlc_refunded", evidence(LOCK, TAKEN)),
    silent(
        "another lock's coins came back",
        "htlc_refunded",
        evidence(LOCK, refunded(OTHER), **OPEN),
        also=["htlc_open"],
    ),
]

FOUND = [
    found(
        "nobody took the coins yet",
        "htlc_open",
        evidence(LOCK, **OPEN),
        withdrawal_id=LOCK.id,
        shows=[LOCK.id],
        eta=(None, LOCK.expires, LOCK.expires, "protocol"),
        lock=LOCK.lock,
        recipient=FRIEND.name,
    ),
    found("one of two", "htlc_open", evidence(LOCK, OTHER, **BOTH_OPEN), also=["htlc_open"]),
    found(
        "the coins came back",
        "htlc_refunded",
        evidence(LOCK, BACK, time_locks={LOCK.lock: None}),
        withdrawal_id=LOCK.id,
        shows=[LOCK.id, BACK.id],
        answer=BACK.id,
        returned_at=BACK.at,
        eta=None,
    ),
    found(
        "back, though the object was read before that",
        "htlc_refunded",
        evidence(LOCK, BACK, **OPEN),
    ),
]


@pytest.mark.parametrize(("code", "seen", "expected"), SILENT)
def test_silent(code, seen, expected):
    assert codes(timelock, seen) == expected


@pytest.mark.parametrize(("code", "seen", "expected", "fields"), FOUND)
def test_found(code, seen, expected, fields):
    assert codes(timelock, seen) == expected
    assert told(timelock, code, seen, fields) == fields
