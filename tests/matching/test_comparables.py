"""What a gateway did with withdrawals like one in question, as `Evidence.compare` tells it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import (
    ETH,
    GATE,
    INTERVAL,
    ISSUER,
    STRANGER,
    ago,
    burn,
    evidence,
    memo,
    others,
    reader,
    served,
    transfer,
    with_gateway,
)

from diag.domain.comparable import (
    AMOUNT_AS_SMALL,
    MEMO_AS_SHORT,
    MEMO_KEY,
    NO_MEMO,
    SAME_ACCOUNT,
    SAME_ASSET,
    Comparison,
)
from diag.domain.gateway import Deposits
from diag.domain.settlement import Settlement

AT = ago(hours=3)
BARE = {"note": None}
OTHER_KEY = {"note": memo(key="BTSold-key-of-brook")}
SHORT = {"note": memo(size=16)}
LATER, EARLIER = ago(hours=2), ago(hours=4)
SOON = timedelta(minutes=5)


def compared(respect, *operations, mine=None, since=None, facts=None, **known):
    """What is told of the user's own withdrawal, sent at AT."""
    sent = transfer(at=AT, **(mine or {}))
    seen = with_gateway(sent, *operations, facts=facts, **known)
    (withdrawal,) = (w for w in seen.withdrawals if w.id == sent.id)
    return seen.compare(withdrawal, respect, since)


TABLE = [
    ("nobody else", NO_MEMO, {"mine": BARE}, [], {}),
    (
        "others without a memo, served before and after",
        NO_MEMO,
        {"mine": BARE},
        [*others(2, EARLIER, **BARE), *others(3, LATER, first=20, **BARE)],
        {
            "settled_before": 2,
            "settled_after": 3,
            "last": LATER + 22 * INTERVAL + SOON,
        },
    ),
    ("others have one", NO_MEMO, {"mine": BARE}, others(5, LATER), {}),
    (
        "others without one, sent back",
        NO_MEMO,
        {"mine": BARE},
        others(2, LATER, fate="returned", **BARE),
        {"returned_after": 2, "last": LATER + INTERVAL + SOON},
    ),
    (
        "others without one, given back by issue or credited for a deposit",
        NO_MEMO,
        {"mine": BARE},
        others(1, LATER, fate="issued", **BARE),
        {},
    ),
    (
        "others without one, unanswered while one with a memo was served",
        NO_MEMO,
        {"mine": BARE},
        [*others(2, EARLIER, fate=None, **BARE), *others(1, LATER, first=20)],
        {"passed_over_before": 2},
    ),
    (
        "others without one, unanswered as everybody is",
        NO_MEMO,
        {"mine": BARE},
        [*others(2, EARLIER, fate=None, **BARE), *others(3, EARLIER, fate=None, first=20)],
        {},
    ),
    (
        "unanswered, but not late yet",
        NO_MEMO,
        {"mine": BARE},
        [*others(1, ago(minutes=20), fate=None, **BARE), *others(1, ago(minutes=10), first=20)],
        {},
    ),
    (
        "the same key",
        MEMO_KEY,
        {"mine": OTHER_KEY},
        [*others(3, LATER, **OTHER_KEY), *others(4, LATER, first=20)],
        {"settled_after": 3, "last": LATER + 2 * INTERVAL + SOON},
    ),
    (
        "the same key, with another asset",
        MEMO_KEY,
        {"mine": OTHER_KEY},
        others(2, LATER, of=ETH, **OTHER_KEY),
        {"settled_after": 2, "last": LATER + INTERVAL + SOON},
    ),
    (
        "a memo for everybody has no key",
        MEMO_KEY,
        {"mine": OTHER_KEY},
        others(2, LATER, note=memo("btc:x", key="BTSold-key-of-brook")),
        {},
    ),
    (
        "as short or shorter",
        MEMO_AS_SHORT,
        {"mine": {"note": memo(size=32)}},
        [
            *others(1, LATER, **SHORT),
            *others(1, LATER, note=memo(size=32), first=20),
            *others(1, LATER, note=memo(size=48), first=40),
        ],
        {"settled_after": 2, "last": LATER + 20 * INTERVAL + SOON},
    ),
    (
        "as small or smaller",
        AMOUNT_AS_SMALL,
        {},
        [
            *others(2, LATER, value="0.1"),
            *others(1, LATER, value=1, first=40),
            transfer("1", LATER, by=reader(9), n=30),  # its burn may be the user's own
            burn("1", LATER + SOON, n=31),
        ],
        {"settled_after": 2, "last": LATER + INTERVAL + SOON},
    ),
    (
        "this asset alone",
        SAME_ASSET,
        {},
        [*others(1, LATER), *others(2, LATER, of=ETH, first=20)],
        {"settled_after": 1, "last": LATER + SOON},
    ),
    (
        "every asset",
        SAME_ACCOUNT,
        {},
        [*others(1, LATER), *others(2, LATER, of=ETH, first=20)],
        {"settled_after": 3, "last": LATER + 21 * INTERVAL + SOON},
    ),
    (
        "what happened since",
        SAME_ASSET,
        {"since": LATER},
        [*others(2, EARLIER), *others(1, LATER - 40 * INTERVAL, first=20)],
        {"settled_after": 1, "last": LATER - 20 * INTERVAL + SOON},
    ),
    (
        "burnt less the fee on record",
        SAME_ASSET,
        {},
        [transfer("3", LATER, by=reader(1), n=20), burn("2.9997", LATER + SOON)],
        {"settled_after": 1, "last": LATER + SOON},
    ),
    (
        "burnt less a fee that nobody recorded",
        SAME_ASSET,
        {"coins": ()},
        [transfer("3", LATER, by=reader(1), n=20), burn("2.98", LATER + SOON)],
        {"settled_after": 1, "last": LATER + SOON},
    ),
    (
        "a burn too small to be one's",
        SAME_ASSET,
        {},
        [transfer("3", LATER, by=reader(1), n=20), burn("2", LATER + SOON)],
        {},
    ),
    (
        "sent on to somebody who burns it, perhaps",
        SAME_ASSET,
        {"settlement": Settlement.UNKNOWN},
        [
            transfer("3", LATER, by=reader(1), n=20),
            transfer("3", LATER + SOON, by=GATE, to=STRANGER, note=None),
        ],
        {"settled_after": 1, "last": LATER + SOON},
    ),
    (
        "deposits of other amounts are none of that",
        SAME_ASSET,
        {"deposits": Deposits.TRANSFER},
        [
            transfer("3", LATER, by=reader(1), n=20),
            transfer("2.9", LATER + SOON, by=GATE, to=STRANGER, note=None),
        ],
        {},
    ),
    (
        "burnt by the issuer",
        SAME_ASSET,
        {},
        [transfer("3", LATER, by=reader(1), n=20), burn("3", LATER + SOON, by=ISSUER)],
        {"settled_after": 1, "last": LATER + SOON},
    ),
    (
        "one burn that may be either's is nobody's",
        SAME_ASSET,
        {},
        [
            transfer("3", LATER, by=reader(1), n=20),
            transfer("3", LATER, by=reader(2), n=21),
            burn("3", LATER + SOON),
        ],
        {},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("respect", "facts", "operations", "expected"),
    [pytest.param(*row, id=what) for what, *row in TABLE],
)
def test_others_are_counted_as_they_fared(respect, facts, operations, expected):
    assert compared(respect, *operations, **facts) == Comparison(**expected)


def test_whoever_did_not_send_to_a_gateway_is_compared_with_nobody():
    seen = evidence(transfer(to=STRANGER), served(3, LATER))
    assert seen.compare(seen.withdrawals[0], SAME_ASSET) == Comparison()


def test_the_sum_of_a_trace_is_used_once():
    found = compared(
        SAME_ASSET,
        transfer("3", LATER, by=reader(1), n=20),
        transfer("3.001", LATER, by=reader(2), n=21),
        burn("2.9999", LATER + SOON),
    )
    assert found.settled == 1
