from __future__ import annotations

from datetime import timedelta

import pytest
from builders import (
    BTC,
    ETH,
    FRIEND,
    GATE,
    ISSUER,
    OLD_GATE,
    account_update,
    ago,
    back,
    burn,
    case,
    codes,
    coin,
    evidence,
    found,
    memo,
    others,
    reader,
    silent,
    told,
    transfer,
    with_gateway,
)

import diag.checks.memo
from diag.checks.memo import TOO_SHORT
from diag.domain.memo_format import BAD_ADDRESS, NO_ADDRESS, NO_COIN, OTHER_COIN

ADDRESS = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"  # the example of BIP 173
MISTYPED = ADDRESS[:-1] + "x"
AT = ago(hours=2, minutes=30)
"""Sent then, it is overdue: nobody else was served, and what is usual is not known."""
BARE = transfer(at=AT, note=None)
MINUTE = timedelta(minutes=1)
OLD_KEY = "BTSold-key-of-brook"
FOR_OLD_KEY = transfer(at=AT, note=memo(key=OLD_KEY))
FOR_NEW_KEY = transfer(at=AT)
SHORT = transfer(at=AT, note=memo(size=16))
FIRST_KEY = account_update(ago(hours=4), who=GATE, active=None, memo_key=OLD_KEY)
NEW_KEY = account_update(ago(minutes=5), who=GATE, active=None, memo_key=GATE.memo_key)
EARLIER_NEW_KEY = account_update(ago(hours=3), who=GATE, active=None, memo_key=GATE.memo_key)
BEFORE, AFTER = AT - 10 * MINUTE, AT + 10 * MINUTE
MEMOS = [*others(5, BEFORE, first=80), *others(5, AFTER, first=90)]
"""Others with a memo as the gateway wants it, served."""
FEW = others(2, BEFORE, note=None)


def changed_time(sent):
    return transfer(at=ago(minutes=2), note=sent.memo)


def readable(text, **facts):
    return with_gateway(transfer(at=AT, note=memo(text)), **facts)


SILENT = [
    silent("there is one", "memo_missing", evidence(transfer())),
    silent("without one, but burnt", "memo_missing", evidence(BARE, burn())),
    silent("without one, but sent back", "memo_missing", evidence(BARE, back())),
    silent(
        "without one, to a friend",
        "memo_missing",
        evidence(transfer(at=AT, to=FRIEND, note=None)),
    ),
    silent("the gateway wants none", "memo_missing", with_gateway(BARE, memo=None)),
    silent(
        "to an account that takes no withdrawals",
        "memo_missing",
        evidence(transfer(at=AT, to=OLD_GATE, note=None)),
    ),
    silent(
        "burnt, or an equal one of somebody else was",
        "memo_missing",
        evidence(transfer(at=AT - MINUTE, by=reader(1)), BARE, burn()),
    ),
    silent("for the key of today", "memo_unreadable", evidence(transfer())),
    silent("for everybody", "memo_unreadable", evidence(transfer(note=memo(f"btc:{ADDRESS}")))),
    silent(
        "for the key of that time",
        "memo_unreadable",
        evidence(FIRST_KEY, FOR_OLD_KEY, NEW_KEY),
    ),
    silent(
        "the key was changed since, and what it was before is not known",
        "memo_unreadable",
        evidence(FOR_OLD_KEY, NEW_KEY),
    ),
    silent(
        "the gateway's history has a hole in which the key may have changed",
        "memo_unreadable",
        evidence(FOR_OLD_KEY, gateway_hole=(ago(minutes=3), ago(minutes=2))),
    ),
    silent("for a former key, but burnt", "memo_unreadable", evidence(FOR_OLD_KEY, burn())),
    silent(
        "two cipher blocks may hold an address",
        "memo_malformed",
        evidence(transfer(at=AT, note=memo(size=32))),
    ),
    silent("names coin and address", "memo_malformed", readable(f"btc:{ADDRESS}")),
    silent(
        "encrypted, and what the user pastes is right",
        "memo_malformed",
        evidence(transfer(at=AT, note=memo(size=64)), asked=case(memo=f"btc:{ADDRESS}")),
    ),
    silent(
        "what the user pastes is wrong, but too long to be what was sent",
        "memo_malformed",
        evidence(transfer(at=AT, note=memo(size=32)), asked=case(memo=f"btc:{MISTYPED}")),
    ),
    silent("in capitals", "memo_malformed", readable(f"BTC:{ADDRESS}")),
    silent(
        "a grammar without a coin",
        "memo_malformed",
        readable(ADDRESS, memo="{address}"),
    ),
    silent(
        "the grammar has a word before the coin",
        "memo_malformed",
        readable(f"payer:btc:{ADDRESS}", coins=(coin(memo="payer:btc:{address}"),)),
    ),
    silent(
        "the grammar has a word joined to the coin",
        "memo_malformed",
        readable(f"bridge.btc:{ADDRESS}", memo="bridge.{coin lower-case}:{address}"),
    ),
    silent(
        "the gateway asks for a code that it gave",
        "memo_malformed",
        readable("Q7X4", memo="{code}[:{memo}]"),
    ),
    silent(
        "a code that it gave is shorter than an address",
        "memo_malformed",
        with_gateway(SHORT, memo="{code}[:{memo}]"),
    ),
    silent("short, but burnt", "memo_malformed", evidence(SHORT, burn())),
    silent(
        "an account name is an address, and a short one",
        "memo_malformed",
        with_gateway(SHORT, coins=(coin("HBD"),)),
    ),
    silent(
        "what addresses the coin has is not known",
        "memo_malformed",
        with_gateway(SHORT, coins=(coin("RUB", memo="payeer:rub:{address}"),)),
    ),
    silent(
        "the coin lives on more chains than are known",
        "memo_malformed",
        with_gateway(SHORT, coins=(coin("USDT"),)),
    ),
    *(
        silent(f"sent two minutes ago: {code}", code, evidence(changed_time(sent)))
        for code, sent in (
            ("memo_missing", BARE),
            ("memo_unreadable", FOR_OLD_KEY),
            ("memo_malformed", SHORT),
            ("memo_malformed", transfer(note=memo(ADDRESS))),
        )
    ),
    *(
        silent(f"{what}: {code}", code, evidence(sent, seen))
        for code, sent in (
            ("memo_missing", BARE),
            ("memo_unreadable", FOR_OLD_KEY),
            ("memo_malformed", SHORT),
            ("memo_malformed", transfer(at=AT, note=memo(ADDRESS))),
        )
        for what, seen in (
            ("later ones like it were served", others(5, AFTER, note=sent.memo)),
            ("earlier ones like it were served", others(5, BEFORE, note=sent.memo)),
            (
                "most of those like it were served",
                [
                    *others(7, BEFORE, note=sent.memo),
                    *others(2, BEFORE, note=sent.memo, fate=None, first=20),
                    *others(8, AFTER, note=sent.memo, first=40),
                ],
            ),
        )
    ),
    silent(
        "the key of a second account of the gateway's, which serves those in every asset",
        "memo_unreadable",
        evidence(FOR_OLD_KEY, others(30, BEFORE, note=FOR_OLD_KEY.memo, of=ETH)),
    ),
    silent(
        "the gateway changed its key, and serves those who use the former one",
        "memo_unreadable",
        evidence(
            FIRST_KEY, EARLIER_NEW_KEY, FOR_OLD_KEY, others(4, AFTER, note=FOR_OLD_KEY.memo)
        ),
    ),
    silent(
        "the likes are burnt less the fee",
        "memo_missing",
        evidence(
            BARE,
            [transfer(f"{n}", BEFORE, by=reader(n), note=None, n=n) for n in (3, 4, 5)],
            [burn(f"{n - 1}.9997", AT, n=n) for n in (3, 4, 5)],
        ),
    ),
]

FOUND = [
    found(
        "nothing written",
        "memo_missing",
        evidence(BARE),
        withdrawal_id=BARE.id,
        shows=[BARE.id],
        gateway="Brook",
        operation=BARE.id,
    ),
    found(
        "the gateway's grammar is unknown, the coin's is not",
        "memo_missing",
        with_gateway(BARE, memo=None, coins=(coin(memo="btc:{address}"),)),
    ),
    found(
        "for a key that never was the gateway's",
        "memo_unreadable",
        evidence(FOR_OLD_KEY),
        withdrawal_id=FOR_OLD_KEY.id,
        shows=[FOR_OLD_KEY.id],
        key=OLD_KEY,
        expected=GATE.memo_key,
    ),
    found(
        "for a key that the gateway gave up before",
        "memo_unreadable",
        evidence(FIRST_KEY, EARLIER_NEW_KEY, FOR_OLD_KEY),
        expected=GATE.memo_key,
    ),
    found(
        "for the key of today, which the gateway took only afterwards",
        "memo_unreadable",
        evidence(FIRST_KEY, FOR_NEW_KEY, NEW_KEY),
        key=GATE.memo_key,
        expected=OLD_KEY,
    ),
    found(
        "one cipher block holds no address",
        "memo_malformed",
        evidence(SHORT),
        withdrawal_id=SHORT.id,
        shows=[SHORT.id],
        reason=TOO_SHORT,
    ),
    found("an address without its coin", "memo_malformed", readable(ADDRESS), reason=NO_COIN),
    found("a coin without an address", "memo_malformed", readable("btc: "), reason=NO_ADDRESS),
    found("another coin's", "memo_malformed", readable(f"eth:{ADDRESS}"), reason=OTHER_COIN),
    found(
        "another coin's, where the coin is only in the asset's name",
        "memo_malformed",
        with_gateway(
            transfer(at=AT, of=ETH, note=memo(f"btc:{ADDRESS}")), coins=(coin(of=BTC),)
        ),
        reason=OTHER_COIN,
    ),
    found(
        "an address with a mistake in it",
        "memo_malformed",
        readable(f"btc:{MISTYPED}"),
        reason=BAD_ADDRESS,
    ),
    found(
        "encrypted, and what the user pastes has a mistake in it",
        "memo_malformed",
        evidence(transfer(at=AT, note=memo(size=64)), asked=case(memo=f"btc:{MISTYPED}")),
        reason=BAD_ADDRESS,
        basis=["user_statement", "convention"],
    ),
    *(
        found(what, "memo_missing", evidence(BARE, *seen), basis=[basis], confidence=limit)
        for what, limit, basis, *seen in (
            ("nobody else was seen", "high", "convention"),
            ("others with a memo were served, before it", "high", "convention", MEMOS[:10]),
            ("others with a memo were served, later", "high", "others_observed", MEMOS),
            (
                "others without one were passed over",
                "certain",
                "others_observed",
                [*others(2, BEFORE, note=None, fate=None), *MEMOS],
            ),
            (
                "others without one were sent back",
                "certain",
                "others_observed",
                others(2, BEFORE, note=None, fate="returned"),
            ),
            ("a few without one were served", "medium", "others_served", FEW),
            (
                "a few were served, more were passed over",
                "medium",
                "others_served",
                [*FEW, *others(9, BEFORE, note=None, fate=None, first=20), *MEMOS],
            ),
            (
                "many were served once, and none of those who came later",
                "medium",
                "others_served",
                [
                    *others(20, BEFORE, note=None),
                    *others(3, AFTER, note=None, fate=None, first=40),
                    *others(1, ago(hours=1), first=60),
                ],
            ),
            (
                "a burn of less than its amount may be its own",
                "medium",
                "perhaps_served",
                [burn("0.9996")],
            ),
        )
    ),
    found(
        "its key was given up, and those who used it before were served, which shows nothing",
        "memo_unreadable",
        evidence(
            FIRST_KEY,
            others(9, FIRST_KEY.at + MINUTE, note=FOR_OLD_KEY.memo),
            EARLIER_NEW_KEY,
            FOR_OLD_KEY,
            MEMOS,
        ),
        confidence="medium",
    ),
    found(
        "the key of another account of the gateway, which may hold it",
        "memo_unreadable",
        evidence(transfer(at=AT, note=memo(key=ISSUER.memo_key)), MEMOS),
        confidence="medium",
    ),
    found(
        "a foreign key, and nobody else used it",
        "memo_unreadable",
        evidence(FOR_OLD_KEY, MEMOS),
        confidence="high",
    ),
    found(
        "the gateway's history has a hole",
        "memo_missing",
        evidence(BARE, gateway_hole=(ago(minutes=9), ago(minutes=8))),
        confidence="medium",
        basis=["incomplete"],
    ),
    found(
        "sent days ago, and how it went on is read for two days only",
        "memo_missing",
        evidence(
            transfer(at=ago(days=4), note=None),
            asked=case(ago(days=5), ago(days=3)),
            gateway_hole=(ago(days=2), ago(days=1)),
        ),
        confidence="high",
        basis=["convention"],
    ),
    found(
        "sent twenty minutes ago, but others like it were passed over",
        "memo_missing",
        evidence(
            transfer(at=ago(minutes=20), note=None),
            others(3, BEFORE, note=None, fate=None),
            others(3, AFTER, first=20),
        ),
        confidence="medium",
        basis=["early"],
    ),
]


@pytest.mark.parametrize(("code", "seen", "expected"), SILENT)
def test_silent(code, seen, expected):
    assert codes(diag.checks.memo, seen) == expected


@pytest.mark.parametrize(("code", "seen", "expected", "fields"), FOUND)
def test_found(code, seen, expected, fields):
    assert codes(diag.checks.memo, seen) == expected
    assert told(diag.checks.memo, code, seen, fields) == fields
