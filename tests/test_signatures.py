"""Stories that the recorded chain does not hold, told in records and judged by the whole diagnosis.

Every row is what may stand on the chain, what the user claims, and what has to be said of it:
the code that leads, whether sending again is safe, and the codes that would mislead.
"""

from __future__ import annotations

import pytest
from builders import (
    BTC,
    CLIFF,
    CORE,
    ETH,
    FIRST_REVERSIBLE,
    FJORD_BTC,
    GATE,
    ISSUER,
    LOOKALIKE,
    OLD_GATE,
    OTHER_GATE,
    STRANGER,
    UNKNOWN_GATE,
    USER,
    account,
    account_update,
    ago,
    asset,
    back,
    burn,
    case,
    changed,
    coin,
    concluded,
    evidence,
    gateway,
    issue,
    live_proposal,
    memo,
    reader,
    register,
    served,
    stage,
    taker,
    terms,
    transfer,
    waiting,
)

from diag.gateways import Role, Settlement, Status
from diag.records import Memo
from diag.verdict import Confidence

# --- what the builders do not have ------------------------------------------------------------

BCH = asset(80, "BROOK.BCH", 8, issuer=ISSUER.id)
USDT = asset(81, "BROOK.USDT", 6, issuer=ISSUER.id)
EOS = asset(82, "BROOK.EOS", 4, issuer=ISSUER.id)
XRP = asset(83, "BROOK.XRP", 4, issuer=ISSUER.id)
FIAT = asset(84, "BROOK.USD", 4, issuer=ISSUER.id)
NEWCOIN = asset(85, "BROOK.NEW", 5, issuer=ISSUER.id)
PEGGED = asset(90, "PEGUSD", 4, issuer=STRANGER.id, market_issued=True)
OF_NOBODY = Memo("BTS1111111111111111111111111111111114T1Anm", GATE.memo_key, 1, b"")

GENESIS_ADDRESS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
CASH_ADDRESS = "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"
TRON_ADDRESS = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
RIPPLE_ADDRESS = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"
RIGHT, WRONG = f"btc:{GENESIS_ADDRESS}", f"btc:{GENESIS_ADDRESS[:-1]}b"

OLD_KEY = "BTSold-key-of-brook"
LONG_AGO = ago(hours=3)
"""Past the time in which a gateway answers."""
JUST_NOW = FIRST_REVERSIBLE

LIVE_SINCE_AN_HOUR = (
    stage(Status.MAINTENANCE, end=ago(hours=1)),
    stage(Status.LIVE, start=ago(hours=1)),
)
CLOSED_SINCE_AN_HOUR = (
    stage(Status.LIVE, end=ago(hours=1)),
    stage(Status.CLOSED, start=ago(hours=1)),
)
MANUAL = (stage(Status.MANUAL, start=ago(hours=48)),)
MAINTENANCE = (stage(Status.MAINTENANCE, start=ago(hours=8)),)
MOVED_HOUSE = (
    taker(),
    taker(ISSUER, Role.ISSUER),
    taker(OLD_GATE, end=ago(hours=1)),
    taker(OLD_GATE, Role.RETIRED, start=ago(hours=1)),
)


def told(text, *, key=GATE.memo_key):
    """A memo that everybody can read."""
    return memo(text, key=key)


def without_prefix(text):
    """A public memo of a tool that leaves out the four bytes before the text."""
    return changed(OF_NOBODY, message=text.encode())


def unencrypted(text):
    """A memo with real keys whose text is not encrypted."""
    return Memo(f"BTS{USER.name}", GATE.memo_key, 1, text.encode())


def named(name):
    return account(300, name)


def paid(to, **facts):
    """A transfer to an account that only this story has."""
    return {"operations": [transfer(to=to, note=None)], "facts": {"known": (to,)}, **facts}


def alive(made, **facts):
    return {"proposals": {made.proposal: live_proposal(made, **facts)}}


def gone(made):
    return {"proposals": {made.proposal: None}}


def own_desk(**facts):
    """What the register says of the gateway, with coins of this file among the others."""
    return {"coins": (coin(), coin("ETH", ETH)), **facts}


def listed(name, of, **more):
    return {"coins": (coin(), coin(name, of, **{"terms": (terms("0.001"),), **more}))}


def changed_memo_key(at, key, n=12):
    return account_update(at, who=GATE, active=None, memo_key=key, n=n)


def story(
    what,
    leads,
    *operations,
    resend="no",
    never=(),
    absent=(),
    asked=None,
    known=None,
    facts=None,
    most=Confidence.CERTAIN,
    note="",
    heard=(),
):
    """A row. never: codes that must not lead; absent: codes that must not be found at all.

    known is what the register says of the gateway, facts what else the chain shows; most is the
    highest confidence allowed, note a piece of the agent's note, heard what else has to be found.
    """
    row = {
        "operations": operations,
        "asked": asked,
        "known": known or {},
        "facts": facts or {},
    }
    expected = {
        "leads": leads,
        "resend": resend,
        "never": frozenset(never),
        "absent": frozenset(absent),
        "most": most,
        "note": note,
        "heard": frozenset(heard),
    }
    return pytest.param(row, expected, id=what)


def diagnosed(operations, asked, known, facts):
    return concluded(
        evidence(
            *operations,
            asked=asked,
            known_gateways=register(gateway(**known), CLIFF),
            **facts,
        )
    )


# --- the amount -------------------------------------------------------------------------------

ON_TOP = "1.0003"
CLAIMED = case(asset=BTC.symbol, amount="1")

AMOUNTS = [
    story(
        "the wallet put the fee on top; still in the queue",
        "gateway_processing",
        transfer(ON_TOP),
        asked=CLAIMED,
        absent=["amount_mismatch"],
    ),
    story(
        "the wallet put the fee on top; settled",
        "gateway_settled",
        transfer(ON_TOP),
        burn(ON_TOP),
        asked=CLAIMED,
        absent=["amount_mismatch"],
    ),
    story(
        "the wallet put the fee on top; exactly what was asked for arrived",
        "amount_fee_explained",
        transfer(ON_TOP),
        burn(ON_TOP),
        asked=case(asset=BTC.symbol, amount="1", received="1"),
        absent=["amount_mismatch"],
    ),
    story(
        "the balance did not reach for amount and fee: all of it was sent",
        "gateway_settled",
        transfer("1.0001"),
        burn("1.0001"),
        asked=CLAIMED,
        absent=["amount_mismatch"],
    ),
    story(
        "the balance did not reach, so less arrived",
        "amount_fee_explained",
        transfer("1.0001"),
        burn("1.0001"),
        asked=case(asset=BTC.symbol, amount="1", received="0.9998"),
        absent=["amount_mismatch"],
    ),
    story(
        "all of the balance was sent and the fee came off it",
        "amount_fee_explained",
        transfer(),
        burn(),
        asked=case(asset=BTC.symbol, amount="1", received="0.9997"),
    ),
    story(
        "more arrived than was sent",
        "amount_mismatch",
        transfer(),
        burn(),
        asked=case(asset=BTC.symbol, received="1.5"),
        never=["gateway_settled", "amount_fee_explained"],
    ),
    story(
        "nothing at all arrived, says the user",
        "gateway_settled",
        transfer(),
        burn(),
        asked=case(asset=BTC.symbol, amount="1", received="0"),
        absent=["amount_mismatch"],
    ),
    story(
        "an amount of more digits than the asset has: the wallet cut it",
        "gateway_settled",
        transfer("1.23456789"),
        burn("1.23456789"),
        asked=case(asset=BTC.symbol, amount="1.234567891"),
        absent=["amount_mismatch"],
    ),
    story(
        "an amount of more digits, and nothing was sent",
        "not_seen_yet",
        asked=case(asset=BTC.symbol, amount="1.000000001"),
    ),
    story(
        "one unit less arrived than the fee explains: rounding",
        "amount_fee_explained",
        transfer(),
        burn(),
        asked=case(asset=BTC.symbol, received="0.99969999"),
        absent=["amount_mismatch"],
    ),
    story(
        "below the minimum, but it came back",
        "gateway_returned",
        transfer("0.0005"),
        back("0.0005"),
        resend="yes",
        absent=["below_minimum"],
    ),
    story(
        "below the minimum, but it was burnt",
        "gateway_settled",
        transfer("0.0005"),
        burn("0.0005"),
        absent=["below_minimum"],
    ),
    story(
        "exactly the minimum",
        "gateway_processing",
        transfer("0.001"),
        absent=["below_minimum"],
    ),
    story(
        "the minimum was raised afterwards",
        "gateway_processing",
        transfer("0.0005", ago(minutes=20)),
        known=own_desk(
            coins=(
                coin(
                    terms=(
                        terms("0.0002", "0.0001", end=ago(minutes=15)),
                        terms("0.001", "0.0003", start=ago(minutes=15)),
                    )
                ),
            )
        ),
        absent=["below_minimum"],
    ),
    story(
        "below the minimum that held then",
        "below_minimum",
        transfer("0.0005", LONG_AGO),
        known=own_desk(
            coins=(
                coin(
                    terms=(
                        terms("0.001", "0.0003", end=ago(hours=1)),
                        terms("0.0002", "0.0001", start=ago(hours=1)),
                    )
                ),
            )
        ),
        never=["gateway_overdue"],
    ),
]

# --- it came back -----------------------------------------------------------------------------

FIRST = transfer(at=ago(hours=4))
CAME_BACK = back(at=ago(hours=3, minutes=50))
RESENT = transfer(at=ago(minutes=20), n=30)
RESENT_LONG_AGO = transfer(at=LONG_AGO, n=30)

RETURNS = [
    story(
        "came back, was sent again and settled",
        "gateway_settled",
        FIRST,
        CAME_BACK,
        RESENT,
        burn(at=ago(minutes=10)),
        never=["gateway_returned"],
    ),
    story(
        "came back, was sent again and waits",
        "gateway_processing",
        FIRST,
        CAME_BACK,
        RESENT,
        never=["gateway_returned"],
    ),
    story(
        "came back less a fee, and what came back was sent again",
        "gateway_processing",
        FIRST,
        back("0.9997", ago(hours=3, minutes=50)),
        transfer("0.9997", ago(minutes=20), n=30),
        never=["gateway_returned"],
    ),
    story(
        "came back, was sent again and stands in a block that is not final",
        "chain_confirming",
        FIRST,
        CAME_BACK,
        transfer(at=JUST_NOW, n=30),
        never=["gateway_returned"],
    ),
    story(
        "came back, was sent again and is overdue",
        "gateway_overdue",
        FIRST,
        CAME_BACK,
        RESENT_LONG_AGO,
        never=["gateway_returned"],
    ),
    story(
        "came back, was sent again and came back again",
        "gateway_returned",
        FIRST,
        CAME_BACK,
        RESENT,
        back(at=ago(minutes=10)),
        resend="yes",
    ),
    story(
        "came back; sent again after the window, and that one is out",
        "gateway_returned",
        FIRST,
        CAME_BACK,
        RESENT,
        asked=case(end=ago(hours=1)),
    ),
    story(
        "came back; the user names the first by its id while the second is out",
        "gateway_returned",
        FIRST,
        CAME_BACK,
        RESENT,
        asked=case(operation=FIRST.id),
    ),
    story(
        "came back in a block that is not final",
        "gateway_returned",
        transfer(),
        back(at=JUST_NOW),
    ),
    story(
        "came back in two parts that make the whole",
        "gateway_returned",
        transfer(),
        back("0.6", ago(minutes=6)),
        back("0.4", ago(minutes=5)),
        resend="yes",
        absent=["gateway_returned_partial"],
    ),
    story(
        "the gateway serves nobody, but this one came back",
        "gateway_returned",
        *served(12, ago(hours=20)),
        waiting(6, ago(hours=5)),
        transfer(at=ago(hours=4)),
        back(at=ago(hours=1)),
        resend="yes",
        absent=["gateway_stalled", "gateway_overdue"],
    ),
    story(
        "came back inside the window, sent before it",
        "outside_window",
        transfer(at=ago(hours=7)),
        issue(at=ago(hours=5)),
        asked=case(asset=BTC.symbol),
        absent=["deposit_received"],
    ),
]

# --- burns, and whose they are ----------------------------------------------------------------

OTHERS = transfer(at=ago(minutes=11), by=reader(1))
OTHERS_LATER = transfer(at=ago(minutes=9), by=reader(1))

BURNS = [
    story(
        "another user sent as much before, and there is one burn",
        "gateway_processing",
        OTHERS,
        transfer(),
        burn(),
        absent=["gateway_settled"],
        most=Confidence.LOW,
    ),
    story(
        "another user sent as much afterwards, and there is one burn",
        "gateway_processing",
        transfer(),
        OTHERS_LATER,
        burn(),
        absent=["gateway_settled"],
        most=Confidence.LOW,
    ),
    story(
        "another user sent as much before, one burn, and hours passed",
        "gateway_overdue",
        transfer(at=ago(hours=4), by=reader(1)),
        transfer(at=LONG_AGO),
        burn(at=ago(hours=2, minutes=50)),
        absent=["gateway_settled"],
        most=Confidence.LOW,
    ),
    story(
        "two users sent as much and both were burnt",
        "gateway_settled",
        OTHERS,
        transfer(),
        burn(at=ago(minutes=6)),
        burn(at=ago(minutes=5)),
        absent=["gateway_processing"],
    ),
    story(
        "two users sent as much; one burn, and the other one's came back",
        "gateway_settled",
        OTHERS,
        transfer(),
        burn(),
        back(at=ago(minutes=4), to=reader(1)),
    ),
    story(
        "two users sent as much; one burn, and this one came back",
        "gateway_returned",
        OTHERS,
        transfer(),
        burn(),
        back(at=ago(minutes=4)),
        resend="yes",
        absent=["gateway_settled"],
    ),
    story(
        "the burn is smaller than the withdrawal",
        "gateway_overdue",
        transfer(at=LONG_AGO),
        burn("0.5", ago(hours=2)),
        absent=["gateway_settled"],
    ),
    story(
        "the issuer burnt it, not the wallet",
        "gateway_settled",
        transfer(),
        burn(by=ISSUER),
    ),
    story(
        "a stranger burnt as much",
        "gateway_overdue",
        transfer(at=LONG_AGO),
        burn(by=STRANGER, at=ago(hours=2)),
        absent=["gateway_settled"],
    ),
    story(
        "burnt before it was sent",
        "gateway_overdue",
        burn(at=ago(hours=4)),
        transfer(at=LONG_AGO),
        absent=["gateway_settled"],
    ),
    story(
        "in a batch, of which another came back",
        "gateway_settled",
        transfer("1", ago(minutes=20)),
        transfer("2", ago(minutes=19), by=reader(1)),
        transfer("5", ago(minutes=18), by=reader(2)),
        back("5", ago(minutes=16), to=reader(2)),
        burn("3", ago(minutes=5)),
        known={"settlement": Settlement.BURN_BATCH},
    ),
    story(
        "came back, while the others were burnt in a batch",
        "gateway_returned",
        transfer("1", ago(minutes=20)),
        transfer("2", ago(minutes=19), by=reader(1)),
        transfer("5", ago(minutes=18), by=reader(2)),
        back("1", ago(minutes=16)),
        burn("7", ago(minutes=5)),
        known={"settlement": Settlement.BURN_BATCH},
        resend="yes",
        absent=["gateway_settled"],
    ),
    story(
        "a coin that the register does not list, burnt by its gateway",
        "gateway_settled",
        transfer(of=NEWCOIN),
        burn(of=NEWCOIN),
    ),
    story(
        "an unknown gateway's coin sent to its issuer and burnt",
        "gateway_settled",
        transfer(to=UNKNOWN_GATE, of=FJORD_BTC),
        burn(by=UNKNOWN_GATE, of=FJORD_BTC),
        absent=["delivered_on_chain"],
    ),
    story(
        "an unknown gateway's coin sent to its issuer, no answer for hours",
        "gateway_unconfirmed",
        transfer(at=LONG_AGO, to=UNKNOWN_GATE, of=FJORD_BTC),
        absent=["delivered_on_chain", "gateway_overdue"],
    ),
    story(
        "an unknown gateway's coin sent to its issuer a moment ago",
        "gateway_processing",
        transfer(to=UNKNOWN_GATE, of=FJORD_BTC),
        absent=["delivered_on_chain"],
    ),
]

# --- where it went ----------------------------------------------------------------------------

COMMITTEE = named("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")
COSMOS = named("cosmos1vqpjljwsynsn58dugz0w8ut7kun7t8ls2qkmsq")

PLACES = [
    story(
        "to an account that the gateway has retired",
        "wrong_gateway_account",
        transfer(to=OLD_GATE, at=LONG_AGO),
        never=["gateway_overdue"],
    ),
    story(
        "to an account that was retired afterwards, and settled there",
        "gateway_settled",
        transfer(to=OLD_GATE, at=LONG_AGO),
        burn(by=OLD_GATE, at=ago(hours=2)),
        known={"accounts": MOVED_HOUSE},
        absent=["wrong_gateway_account"],
    ),
    story(
        "to an account that was retired afterwards, unanswered",
        "gateway_overdue",
        transfer(to=OLD_GATE, at=LONG_AGO),
        known={"accounts": MOVED_HOUSE},
        absent=["wrong_gateway_account"],
    ),
    story(
        "to another gateway's wallet",
        "wrong_gateway_account",
        transfer(to=OTHER_GATE, at=LONG_AGO),
        never=["gateway_overdue", "gateway_unconfirmed"],
    ),
    story(
        "to another gateway's wallet, which sent it back",
        "gateway_returned",
        transfer(to=OTHER_GATE, at=LONG_AGO),
        back(by=OTHER_GATE),
        resend="yes",
        absent=["wrong_gateway_account"],
    ),
    story(
        "the core coin to a gateway",
        "wrong_asset",
        transfer(of=CORE, at=LONG_AGO),
        never=["gateway_overdue"],
    ),
    story(
        "a pegged asset to a gateway",
        "wrong_asset",
        transfer(of=PEGGED, at=LONG_AGO),
        never=["gateway_overdue"],
    ),
    story(
        "a pegged asset to its issuer, who is no gateway",
        "delivered_on_chain",
        transfer(of=PEGGED, to=STRANGER, at=LONG_AGO),
        absent=["gateway_unconfirmed", "gateway_overdue", "gateway_processing"],
    ),
    story(
        "the core coin without a memo to an exchange that no register knows",
        "delivered_on_chain",
        transfer(of=CORE, to=STRANGER, note=None),
        absent=["memo_missing"],
    ),
    story(
        "to a name with a digit for a letter",
        "lookalike_account",
        transfer(to=LOOKALIKE, note=None),
        never=["delivered_on_chain"],
    ),
    *(
        story(what, "lookalike_account", **paid(named(name)), never=["delivered_on_chain"])
        for what, name in (
            ("to a name with a word hung on to it", "brook-gateway-support"),
            ("to a name with a word hung on to it by a dot", "brook-gateway.upgrade"),
            ("to a name with a word before it", "my-brook-gateway"),
            ("to a name with a dot for a hyphen", "brook.gateway"),
            ("to a name without the hyphen", "brookgateway"),
            ("to a name with two letters swapped", "borok-gateway"),
        )
        for paid in [lambda who: {"operations_": who}]
    ),
]
