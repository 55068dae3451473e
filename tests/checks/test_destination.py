from __future__ import annotations

from datetime import timedelta

import pytest
from builders import (
    CLIFF,
    CLIFF_BTC,
    CORE,
    ETH,
    FJORD_BTC,
    FRIEND,
    GATE,
    ISSUER,
    LOOKALIKE,
    OLD_GATE,
    OTHER_GATE,
    SECOND,
    UNKNOWN_GATE,
    USER,
    account,
    ago,
    back,
    burn,
    changed,
    codes,
    coin,
    evidence,
    found,
    gateway,
    others,
    proposal,
    reader,
    register,
    silent,
    taker,
    told,
    transfer,
    with_gateway,
)

from diag.checks import destination
from diag.domain.gateway import Role

LATE = ago(hours=3)
BEFORE, AFTER = LATE - timedelta(minutes=10), LATE + timedelta(minutes=10)
TO_ATTIC, TO_ISSUER = transfer(to=OLD_GATE), transfer(to=ISSUER)
CORE_COINS, FOREIGN = transfer(at=LATE, of=CORE), transfer(of=CLIFF_BTC)
TO_LOOKALIKE = transfer(to=LOOKALIKE)
TO_ATTIC_LATE = transfer(at=LATE, to=OLD_GATE)
WITH_ITS_LOG = {"gateways": (GATE, LOOKALIKE)}
"""The look-alike's history was read too."""
SECOND_DESK = taker(OLD_GATE)
CHANGED_OVER = ago(hours=1)
MOVED = (taker(OLD_GATE, end=CHANGED_OVER), taker(GATE, start=CHANGED_OVER))
OWN_DESK = {
    "accounts": (taker(), SECOND_DESK),
    "coins": (coin(withdrawal_account=OLD_GATE.name), coin("ETH", ETH)),
}
FOREIGN_TOO = changed(CLIFF, coins=(*CLIFF.coins, coin("BTC", own=False)))


MOVED_EARLY = (taker(OLD_GATE, end=ago(days=9)), taker(GATE, start=ago(days=9)))
ADDRESS_LIKE = account(901, "cosmos1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5lzv7xu")
JUST_NOW = evidence(transfer(at=ago(minutes=2), of=CORE))


def named(name, **more):
    """A transfer to an account of this name, in no register."""
    who = account(900, name)
    return evidence(transfer(to=who, **more), known=(who,))


SILENT = [
    silent("to the right account", "wrong_gateway_account", evidence(transfer())),
    silent(
        "to a retired one, and burnt",
        "wrong_gateway_account",
        evidence(TO_ATTIC, burn(by=OLD_GATE)),
    ),
    silent(
        "to a retired one, and sent back",
        "wrong_gateway_account",
        evidence(TO_ATTIC, back(by=OLD_GATE)),
    ),
    silent(
        "a retired one, only proposed",
        "wrong_gateway_account",
        evidence(proposal(inner=(TO_ATTIC,))),
    ),
    silent(
        "to a second desk of the gateway",
        "wrong_gateway_account",
        with_gateway(TO_ATTIC, accounts=(taker(), SECOND_DESK)),
    ),
    silent(
        "the last second before the gateway changed accounts",
        "wrong_gateway_account",
        with_gateway(transfer(at=CHANGED_OVER - SECOND, to=OLD_GATE), accounts=MOVED),
    ),
    silent(
        "to the coin's own account", "wrong_gateway_account", with_gateway(TO_ATTIC, **OWN_DESK)
    ),
    silent(
        "who takes withdrawals there is not known at all",
        "wrong_gateway_account",
        with_gateway(TO_ISSUER, accounts=(taker(ISSUER, Role.ISSUER),)),
    ),
    silent(
        "another gateway's coin, which this one takes too",
        "wrong_gateway_account",
        evidence(transfer(to=OTHER_GATE), known_gateways=register(gateway(), FOREIGN_TOO)),
    ),
    *(
        silent(
            what, "wrong_gateway_account", evidence(TO_ATTIC_LATE, others(4, at, to=OLD_GATE))
        )
        for what, at in (
            ("to a retired one, which served others later", AFTER),
            ("to a retired one, which served others just before", BEFORE),
        )
    ),
    silent(
        "an account changed over, and still served who used it afterwards",
        "wrong_gateway_account",
        with_gateway(TO_ATTIC_LATE, others(4, BEFORE, to=OLD_GATE), accounts=MOVED_EARLY),
    ),
    silent(
        "another gateway's coin, which this one serves",
        "wrong_gateway_account",
        evidence(transfer(at=LATE, of=CLIFF_BTC), others(4, AFTER, of=CLIFF_BTC)),
    ),
    silent("the very account", "lookalike_account", evidence(transfer())),
    silent(
        "a name much like a gateway's, which serves as one",
        "lookalike_account",
        evidence(TO_LOOKALIKE, others(4, BEFORE, to=LOOKALIKE), **WITH_ITS_LOG),
    ),
    silent(
        "a name much like a gateway's, paid for years",
        "lookalike_account",
        evidence(
            TO_LOOKALIKE,
            [transfer(at=ago(days=days), to=LOOKALIKE, n=1) for days in (900, 600, 300)],
            **WITH_ITS_LOG,
        ),
    ),
    silent(
        "a name much like a gateway's, paid five times over two days before",
        "lookalike_account",
        evidence(
            TO_LOOKALIKE,
            [
                transfer(at=ago(hours=hours), to=LOOKALIKE, n=1)
                for hours in (60, 50, 40, 30, 20)
            ],
            **WITH_ITS_LOG,
        ),
    ),
    silent(
        "a name like an address, paid for years",
        "lookalike_account",
        evidence(
            [transfer(at=ago(days=days), to=ADDRESS_LIKE) for days in (900, 600, 0.1)],
            known=(ADDRESS_LIKE,),
            gateways=(GATE, ADDRESS_LIKE),
        ),
    ),
    silent("a friend", "lookalike_account", evidence(transfer(to=FRIEND))),
    silent("three letters differ", "lookalike_account", named("crook-gatewals")),
    silent("the gateway's name and more", "lookalike_account", named("brook-gateway-fanclub")),
    silent("a short name is near to everything", "lookalike_account", named("brok")),
    silent(
        "an account of the gateway that only looks like another of its own",
        "lookalike_account",
        with_gateway(TO_LOOKALIKE, accounts=(taker(), taker(LOOKALIKE))),
    ),
    silent("the gateway's own coin", "wrong_asset", evidence(transfer())),
    silent(
        "a coin of its prefix that nobody listed",
        "wrong_asset",
        with_gateway(transfer(), coins=()),
    ),
    silent(
        "a foreign coin that it takes",
        "wrong_asset",
        with_gateway(CORE_COINS, coins=(coin("BTS", CORE),)),
    ),
    silent("a foreign coin, and sent back", "wrong_asset", evidence(CORE_COINS, back(of=CORE))),
    silent("a foreign coin, sent two minutes ago", "wrong_asset", JUST_NOW),
    silent(
        "a foreign coin, and others' are served",
        "wrong_asset",
        evidence(CORE_COINS, others(4, AFTER, of=CORE)),
    ),
    silent("a foreign coin to a friend", "wrong_asset", evidence(transfer(of=CORE, to=FRIEND))),
    silent(
        "the coin of a gateway that no register knows, to its issuer",
        "wrong_asset",
        evidence(transfer(to=UNKNOWN_GATE, of=FJORD_BTC)),
    ),
]

FOUND = [
    found(
        "to an account that the gateway retired",
        "wrong_gateway_account",
        evidence(TO_ATTIC),
        withdrawal_id=TO_ATTIC.id,
        shows=[TO_ATTIC.id],
        recipient=OLD_GATE.name,
        expected=GATE.name,
        gateway="Brook",
    ),
    found(
        "nobody else sent there, and it is late",
        "wrong_gateway_account",
        evidence(TO_ATTIC_LATE, others(5, AFTER)),
        confidence="high",
        basis=["convention"],
    ),
    found(
        "two minutes ago",
        "wrong_gateway_account",
        evidence(transfer(at=ago(minutes=2), to=OLD_GATE)),
        confidence="medium",
        basis=["early"],
    ),
    found(
        "a few others were served there",
        "wrong_gateway_account",
        evidence(TO_ATTIC_LATE, others(2, AFTER, to=OLD_GATE)),
        confidence="medium",
        basis=["others_served"],
    ),
    found(
        "others were served there while it still took withdrawals",
        "wrong_gateway_account",
        with_gateway(
            TO_ATTIC_LATE,
            others(9, LATE - timedelta(minutes=40), to=OLD_GATE),
            accounts=(
                taker(OLD_GATE, end=LATE - timedelta(minutes=30)),
                taker(GATE, start=LATE - timedelta(minutes=30)),
            ),
        ),
        confidence="high",
    ),
    found("to its issuer", "wrong_gateway_account", evidence(TO_ISSUER), expected=GATE.name),
    found(
        "the first second after the gateway changed accounts",
        "wrong_gateway_account",
        with_gateway(transfer(at=CHANGED_OVER, to=OLD_GATE), accounts=MOVED),
        expected=GATE.name,
    ),
    found(
        "to the gateway's account, where the coin has its own",
        "wrong_gateway_account",
        with_gateway(transfer(), **OWN_DESK),
        expected=OLD_GATE.name,
    ),
    found(
        "the same, with accounts of which the id is not known",
        "wrong_gateway_account",
        with_gateway(
            transfer(),
            **{
                **OWN_DESK,
                "accounts": (taker(known_id=False), taker(OLD_GATE, known_id=False)),
            },
        ),
        expected=OLD_GATE.name,
    ),
    found(
        "another gateway's coin",
        "wrong_gateway_account",
        evidence(FOREIGN),
        withdrawal_id=FOREIGN.id,
        shows=[FOREIGN.id],
        expected=OTHER_GATE.name,
    ),
    found(
        "a zero for an o",
        "lookalike_account",
        evidence(TO_LOOKALIKE),
        withdrawal_id=TO_LOOKALIKE.id,
        shows=[TO_LOOKALIKE.id],
        says=GATE.name,
        unsaid="has been told",
    ),
    found(
        "it sends dust",
        "lookalike_account",
        evidence(
            TO_LOOKALIKE,
            [
                transfer("0.00000001", ago(days=days), by=LOOKALIKE, to=USER, note=None)
                for days in (900, 600, 300)
            ],
            **WITH_ITS_LOG,
        ),
    ),
    found(
        "others paid it for years",
        "lookalike_account",
        evidence(
            TO_LOOKALIKE,
            [
                transfer(at=ago(days=days), by=reader(days), to=LOOKALIKE)
                for days in (900, 600, 300)
            ],
            **WITH_ITS_LOG,
        ),
    ),
    found(
        "paid again and again, all of it this week",
        "lookalike_account",
        evidence(
            TO_LOOKALIKE,
            [transfer(at=ago(days=days), to=LOOKALIKE) for days in (6, 4, 2)],
            **WITH_ITS_LOG,
        ),
    ),
    found(
        "it burns dust",
        "lookalike_account",
        evidence(
            TO_LOOKALIKE,
            others(9, BEFORE, to=LOOKALIKE, value="0.0001", step="0.0001"),
            **WITH_ITS_LOG,
        ),
    ),
    found(
        "paid for years, but on a public list",
        "lookalike_account",
        evidence(
            TO_LOOKALIKE,
            [transfer(at=ago(days=days), to=LOOKALIKE) for days in (900, 600)],
            flagged=frozenset({LOOKALIKE.id}),
            **WITH_ITS_LOG,
        ),
        says="list of suspicious accounts",
    ),
    found("without its hyphen", "lookalike_account", named("brookgateway"), says=GATE.name),
    found(
        "two letters of a long name",
        "lookalike_account",
        named("brock-gatevay"),
        says=GATE.name,
    ),
    found(
        "the gateway's name with a word of trust hung on",
        "lookalike_account",
        named("brook-gateway-support"),
        says=GATE.name,
    ),
    found(
        "an address of another chain that somebody registered",
        "lookalike_account",
        named("cosmos1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5lzv7xu"),
        says="address on another chain",
    ),
    found(
        "an account on a public list",
        "lookalike_account",
        evidence(transfer(to=FRIEND), flagged=frozenset({FRIEND.id})),
        says="list of suspicious accounts",
    ),
    found(
        "core coins to a gateway of others",
        "wrong_asset",
        evidence(CORE_COINS),
        withdrawal_id=CORE_COINS.id,
        shows=[CORE_COINS.id],
        asset="BTS",
        coins=("BROOK.BTC", "BROOK.ETH"),
    ),
    found(
        "a coin of a gateway that no register knows",
        "wrong_asset",
        evidence(transfer(at=LATE, of=FJORD_BTC)),
        asset="FJORD.BTC",
    ),
]


@pytest.mark.parametrize(("code", "seen", "expected"), SILENT)
def test_silent(code, seen, expected):
    assert codes(destination, seen) == expected


@pytest.mark.parametrize(("code", "seen", "expected", "fields"), FOUND)
def test_found(code, seen, expected, fields):
    assert codes(destination, seen) == expected
    assert told(destination, code, seen, fields) == fields
