from __future__ import annotations

import pytest
from builders import (
    BTC,
    CORE,
    ETH,
    FRIEND,
    NOW,
    PRUNED,
    USER,
    ago,
    amount,
    case,
    claim,
    codes,
    evidence,
    found,
    holding,
    lock,
    release,
    silent,
    told,
    transfer,
)

from diag.checks import custody
from diag.domain.custody_operations import Custody
from diag.words import filler

IN_POOL = lock(Custody.POOL, holder="1.19.3")
NAMELESS = lock(Custody.VESTING, holder=None)
WANTED = {"asset": "BROOK.BTC", "amount": "1"}
TAKEN = claim(at=ago(minutes=30))


def asked(*operations, free="0", claims=WANTED, **facts):
    """Claimed 1 BROOK.BTC; so much of it is free to be sent."""
    balances = None if free is None else {BTC.id: amount(free).base_units}
    return evidence(*operations, asked=case(**claims), balances=balances, **facts)


def ordered(*holdings, **facts):
    return asked(holdings=holdings, **facts)


SILENT = [
    silent("no order", "funds_in_order", asked()),
    silent("it was sent", "funds_in_order", asked(transfer(), holdings=(holding(),))),
    silent("exactly enough is free", "funds_in_order", ordered(holding(), free="1")),
    silent("nothing claimed", "funds_in_order", ordered(holding(), claims={})),
    silent("no asset claimed", "funds_in_order", ordered(holding(), claims={"amount": "1"})),
    silent("another asset", "funds_in_order", ordered(holding(of=ETH))),
    silent("one unit too little in it", "funds_in_order", ordered(holding("0.99999999"))),
    silent(
        "one unit too little in it and free",
        "funds_in_order",
        ordered(holding("0.5"), free="0.49999999"),
    ),
    silent(
        "collateral is no order", "funds_in_order", ordered(holding(custody=Custody.COLLATERAL))
    ),
    silent("no such account", "funds_in_order", ordered(holding(), account=None)),
    silent("the window has a hole", "funds_in_order", ordered(holding(), **PRUNED)),
    silent("nothing locked", "funds_locked", asked()),
    silent("an order opened and filled", "funds_locked", asked(lock())),
    silent("another asset", "funds_locked", asked(lock(Custody.POOL, of=CORE))),
    silent(
        "exactly enough is free, and another amount went in",
        "funds_locked",
        asked(lock(Custody.POOL, "0.9"), free="1"),
    ),
    silent(
        "before the window",
        "funds_locked",
        asked(lock(Custody.POOL, at=ago(hours=6, seconds=1))),
    ),
    silent("somebody else's", "funds_locked", asked(lock(Custody.POOL, by=FRIEND))),
    silent(
        "taken out again",
        "funds_locked",
        asked(IN_POOL, release(Custody.POOL, holder="1.19.3")),
    ),
    silent("only debt went in", "funds_locked", asked(lock(Custody.COLLATERAL, "-1"))),
    silent(
        "far too little to explain what is missing",
        "funds_locked",
        asked(lock(Custody.POOL, "0.01")),
    ),
    silent("nothing claimed", "funds_locked", asked(IN_POOL, claims={})),
    silent(
        "somebody with a permission took another asset", "funds_locked", asked(claim(of=ETH))
    ),
]

FOUND = [
    found(
        "all in one order",
        "funds_in_order",
        ordered(holding(until=NOW)),
        withdrawal_id=None,
        shows=[],
        account=USER.name,
        amount="1 BROOK.BTC",
        object="1.7.9",
        until=NOW,
    ),
    found(
        "in it and free, exactly enough", "funds_in_order", ordered(holding("0.5"), free="0.5")
    ),
    found(
        "one unit short of enough free", "funds_in_order", ordered(holding(), free="0.99999999")
    ),
    found("what is free could not be read", "funds_in_order", ordered(holding(), free=None)),
    found(
        "an asset claimed without an amount",
        "funds_in_order",
        ordered(holding("0.01"), claims={"asset": "BROOK.BTC"}),
    ),
    found(
        "the second of two orders is large enough",
        "funds_in_order",
        ordered(holding("0.5"), holding(name="1.7.10")),
        object="1.7.10",
    ),
    found(
        "in an order and in a pool: the order is the simpler to undo",
        "funds_in_order",
        asked(IN_POOL, holdings=(holding(),)),
    ),
    found(
        "in a pool",
        "funds_locked",
        asked(IN_POOL),
        withdrawal_id=None,
        shows=[IN_POOL.id],
        amount="1 BROOK.BTC",
        where=filler("where_custody", "pool"),
        how=filler("how_custody", "pool"),
        object="1.19.3",
        moved_at=IN_POOL.at,
    ),
    found(
        "at the very start of the window",
        "funds_locked",
        asked(lock(Custody.POOL, at=ago(hours=6))),
    ),
    found(
        "another object was opened again",
        "funds_locked",
        asked(IN_POOL, release(Custody.POOL, holder="1.19.4")),
    ),
    found(
        "what holds it is not known",
        "funds_locked",
        asked(NAMELESS),
        object=NAMELESS.id,
    ),
    *(
        found(
            f"in {filler('where_custody', kind).en}",
            "funds_locked",
            asked(lock(kind, holder="1.99.1")),
            where=filler("where_custody", kind),
            how=filler("how_custody", kind),
        )
        for kind in Custody
        if kind is not Custody.ORDER
    ),
    found(
        "somebody with a permission took it",
        "funds_locked",
        asked(TAKEN),
        shows=[TAKEN.id],
        amount="1 BROOK.BTC",
        unsaid="not sent to anybody",
    ),
]


@pytest.mark.parametrize(("code", "seen", "expected"), SILENT)
def test_silent(code, seen, expected):
    assert codes(custody, seen) == expected


@pytest.mark.parametrize(("code", "seen", "expected", "fields"), FOUND)
def test_found(code, seen, expected, fields):
    assert codes(custody, seen) == expected
    assert told(custody, code, seen, fields) == fields
