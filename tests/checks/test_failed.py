from __future__ import annotations

from datetime import timedelta

import pytest
from builders import (
    BTC,
    FRIEND,
    ISSUER,
    NOW,
    PRUNED,
    SECOND,
    STALE,
    USER,
    ago,
    amount,
    as_of,
    asset,
    case,
    changed,
    claim,
    codes,
    evidence,
    found,
    lock,
    override,
    silent,
    told,
    transfer,
    unreadable,
)

from diag.checks import failed
from diag.domain.asset import AssetFlag
from diag.domain.custody_operations import Custody

DAY = timedelta(hours=24)
FINAL = NOW - timedelta(seconds=57)
"""The time of the last irreversible block."""
LONG_AGO = {"start": ago(days=3), "end": FINAL - DAY - SECOND}
JUST_AGO = {"start": ago(days=3), "end": FINAL - DAY}
WANTED = {"asset": "BROOK.BTC", "amount": "1"}
MORNING = {"start": ago(hours=6), "end": ago(hours=2)}
YET = ["not_seen_yet"]


def restricted(**facts):
    """The chain where BROOK.BTC has these flags and lists."""
    return {"claimed_asset": changed(BTC, **facts)}


def listed(*, white=(), black=()):
    lists = {"whitelisted_by": frozenset(white), "blacklisted_by": frozenset(black)}
    return {"account": changed(USER, **lists)}


LISTS = {
    "flags": AssetFlag.WHITE_LIST,
    "whitelist_authorities": frozenset({ISSUER.id}),
    "blacklist_authorities": frozenset({ISSUER.id}),
}
BLACKLIST = {**LISTS, "whitelist_authorities": frozenset()}
ONLY_WITH_ISSUER = restricted(flags=AssetFlag.TRANSFER_RESTRICTED)


def asked_with(balance, *operations, **facts):
    """Claimed 1 BROOK.BTC this morning, with so much in the account now."""
    base_units = {BTC.id: amount(balance).base_units}
    question = case(**MORNING, **WANTED)
    return evidence(*operations, asked=question, **{"balances": base_units, **facts})


SILENT = [
    silent("nothing claimed", "never_included", evidence(asked=case(**LONG_AGO))),
    silent(
        "no such account",
        "never_included",
        evidence(asked=case(**LONG_AGO, **WANTED), account=None),
    ),
    silent(
        "it was sent",
        "never_included",
        evidence(transfer(at=ago(days=2)), asked=case(**LONG_AGO, **WANTED)),
    ),
    silent(
        "the window has a hole",
        "never_included",
        evidence(
            asked=case(**LONG_AGO, **WANTED), **{**PRUNED, "hole": (ago(days=2), ago(days=2))}
        ),
    ),
    silent(
        "an id may belong to another day",
        "never_included",
        evidence(asked=case(**LONG_AGO, operation="1.11.5")),
    ),
    silent(
        "the last irreversible block is exactly as old as the last chance",
        "never_included",
        evidence(asked=case(**JUST_AGO, **WANTED)),
        also=YET,
    ),
    silent(
        "when the last irreversible block was made is not known",
        "never_included",
        evidence(asked=case(**LONG_AGO, **WANTED), as_of=as_of(irreversible_time=None)),
        also=YET,
    ),
    silent(
        "any transaction has expired",
        "not_seen_yet",
        evidence(asked=case(**LONG_AGO, **WANTED)),
        also=["never_included"],
    ),
    silent("it is there", "not_seen_yet", evidence(transfer(), asked=case(**WANTED))),
    silent("nothing claimed, today", "not_seen_yet", evidence()),
    silent(
        "the node is behind and the window is not over for it",
        "not_seen_yet",
        evidence(asked=case(end=NOW + timedelta(hours=1), **WANTED), **STALE),
    ),
    silent(
        "an asset that anybody may hold",
        "transfer_blocked",
        evidence(asked=case(**WANTED)),
        also=YET,
    ),
    silent(
        "on a blacklist that the asset does not heed",
        "transfer_blocked",
        evidence(
            asked=case(**WANTED),
            **restricted(**{**LISTS, "flags": 0}),
            **listed(black=[ISSUER.id]),
        ),
        also=YET,
    ),
    silent(
        "on a stranger's blacklist",
        "transfer_blocked",
        evidence(asked=case(**WANTED), **restricted(**BLACKLIST), **listed(black=[FRIEND.id])),
        also=YET,
    ),
    silent(
        "on the whitelist",
        "transfer_blocked",
        evidence(asked=case(**WANTED), **restricted(**LISTS), **listed(white=[ISSUER.id])),
        also=YET,
    ),
    silent(
        "on the issuer's blacklist, but nothing is there to be refused",
        "transfer_blocked",
        evidence(
            asked=case(**WANTED),
            balances={},
            **restricted(**BLACKLIST),
            **listed(black=[ISSUER.id]),
        ),
        also=YET,
    ),
    silent(
        "no whitelist is kept",
        "transfer_blocked",
        evidence(asked=case(**WANTED), **restricted(**BLACKLIST)),
        also=YET,
    ),
    silent(
        "the issuer itself sends",
        "transfer_blocked",
        evidence(
            asked=case(**WANTED),
            **restricted(flags=AssetFlag.TRANSFER_RESTRICTED, issuer=USER.id),
        ),
        also=YET,
    ),
    silent(
        "it was meant for the issuer, who may always take it",
        "transfer_blocked",
        evidence(asked=case(destination=ISSUER.name, **WANTED), **ONLY_WITH_ISSUER),
        also=YET,
    ),
    silent("exactly enough", "insufficient_balance", asked_with("1"), also=YET),
    silent(
        "exactly enough, with what has gone into an order since",
        "insufficient_balance",
        asked_with("0.4", lock(value="0.6", at=ago(hours=1))),
        also=YET,
    ),
    silent(
        "exactly enough, with what was sent since",
        "insufficient_balance",
        asked_with("0.4", transfer("0.6", ago(hours=1), to=FRIEND)),
        also=YET,
    ),
    silent(
        "exactly enough, with what the issuer took and a fee",
        "insufficient_balance",
        asked_with(
            "0.4",
            override("0.5", ago(hours=1)),
            transfer("0.05", ago(minutes=50), to=FRIEND, fee=amount("0.05")),
        ),
        also=YET,
    ),
    silent(
        "who held none at all means something else",
        "insufficient_balance",
        asked_with("0"),
        also=YET,
    ),
    silent(
        "the balance could not be read",
        "insufficient_balance",
        asked_with("0.5", balances=None),
        also=YET,
    ),
    silent(
        "something since then could not be read",
        "insufficient_balance",
        asked_with("0.5", unreadable(ago(hours=1))),
        also=YET,
    ),
    silent(
        "what has happened since is not all known",
        "insufficient_balance",
        asked_with("0.5", hole=(ago(hours=1), ago(minutes=59))),
        also=YET,
    ),
    silent(
        "no amount claimed",
        "insufficient_balance",
        evidence(asked=case(asset="BROOK.BTC"), balances={BTC.id: 1}),
        also=YET,
    ),
    silent(
        "no asset claimed", "insufficient_balance", evidence(asked=case(amount="1")), also=YET
    ),
]

SHARED = {"withdrawal_id": None, "account": USER.name, "shows": []}
FOUND = [
    found(
        "the last irreversible block is a second later than the last chance",
        "never_included",
        evidence(asked=case(**LONG_AGO, **WANTED)),
        **SHARED,
        last_chance=FINAL - SECOND,
        irreversible=FINAL,
        eta=None,
        says="1 BROOK.BTC",
    ),
    found(
        "something else was sent, but not this",
        "never_included",
        evidence(
            transfer(at=ago(days=2), to=FRIEND),
            asked=case(**LONG_AGO, asset="BROOK.ETH", amount="2"),
        ),
        says="made no transfer of 2 BROOK.ETH",
    ),
    found(
        "a claim of a destination alone",
        "never_included",
        evidence(asked=case(**LONG_AGO, destination=FRIEND.name)),
        says="made no transfer that fits what you told us",
    ),
    found(
        "a round amount is said in digits",
        "never_included",
        evidence(asked=case(**LONG_AGO, asset="BROOK.BTC", amount="1E+3")),
        says="made no transfer of 1000 BROOK.BTC",
    ),
    found(
        "may be included for another instant",
        "not_seen_yet",
        evidence(asked=case(**JUST_AGO, **WANTED)),
        **SHARED,
        last_chance=FINAL,
        eta=(None, FINAL, FINAL, "protocol"),
    ),
    found(
        "the window is not over",
        "not_seen_yet",
        evidence(asked=case(end=NOW + timedelta(hours=3), **WANTED)),
        last_chance=NOW + DAY,
        eta=(None, NOW + DAY, NOW + DAY, "protocol"),
    ),
    found(
        "on the issuer's blacklist",
        "transfer_blocked",
        evidence(asked=case(**WANTED), **restricted(**BLACKLIST), **listed(black=[ISSUER.id])),
        also=YET,
        withdrawal_id=None,
        asset="BROOK.BTC",
        says="blacklist",
    ),
    found(
        "on the whitelist and on the blacklist",
        "transfer_blocked",
        evidence(
            asked=case(**WANTED),
            **restricted(**LISTS),
            **listed(white=[ISSUER.id], black=[ISSUER.id]),
        ),
        also=YET,
        says="blacklist",
    ),
    found(
        "on nobody's list, where there must be one",
        "transfer_blocked",
        evidence(asked=case(**WANTED), **restricted(**LISTS), **listed(white=[FRIEND.id])),
        also=YET,
        says="whitelist",
    ),
    found(
        "an asset that moves only to and from its issuer, meant for a friend",
        "transfer_blocked",
        evidence(asked=case(destination=FRIEND.name, **WANTED), **ONLY_WITH_ISSUER),
        also=YET,
        says="only move to and from the issuer",
    ),
    found(
        "one unit short",
        "insufficient_balance",
        asked_with("0.99999999"),
        also=YET,
        withdrawal_id=None,
        most="0.99999999 BROOK.BTC",
        claimed="1 BROOK.BTC",
    ),
    found(
        "one unit short with all that has left since",
        "insufficient_balance",
        asked_with(
            "0.4",
            lock(Custody.POOL, "0.5", ago(hours=1)),
            claim("0.09999999", ago(minutes=50)),
        ),
        also=YET,
        most="0.99999999 BROOK.BTC",
    ),
    found(
        "what left before the window does not count",
        "insufficient_balance",
        asked_with("0.5", lock(value="5", at=ago(hours=6, seconds=1))),
        also=YET,
        most="0.5 BROOK.BTC",
    ),
    found(
        "another asset does not count",
        "insufficient_balance",
        asked_with("0.5", lock(value="5", at=ago(hours=1), of=asset(0, "BTS", 5))),
        also=YET,
        most="0.5 BROOK.BTC",
    ),
]


@pytest.mark.parametrize(("code", "seen", "expected"), SILENT)
def test_silent(code, seen, expected):
    assert codes(failed, seen) == expected


@pytest.mark.parametrize(("code", "seen", "expected", "fields"), FOUND)
def test_found(code, seen, expected, fields):
    assert codes(failed, seen) == expected
    assert told(failed, code, seen, fields) == fields
