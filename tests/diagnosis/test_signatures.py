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
    COSIGNER,
    ETH,
    FIRST_REVERSIBLE,
    FJORD_BTC,
    FRIEND,
    GATE,
    ISSUER,
    LOOKALIKE,
    NOW,
    OLD_GATE,
    OTHER_GATE,
    PRUNED,
    STALE,
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
    claim,
    coin,
    concluded,
    evidence,
    gateway,
    holding,
    issue,
    live_proposal,
    lock,
    memo,
    override,
    proposal,
    reader,
    redeemed,
    register,
    removed,
    served,
    stage,
    taker,
    terms,
    time_lock,
    transfer,
    waiting,
)

from diag.domain.account import Authority
from diag.domain.asset import AssetFlag
from diag.domain.custody_operations import Custody
from diag.domain.gateway import Deposits, Role, Status
from diag.domain.memo import Memo
from diag.domain.settlement import Settlement
from diag.domain.vocabulary import Confidence
from diag.render import formatting
from diag.render.agent_note import note
from diag.render.user_reply import reply

# --- what the builders do not have ------------------------------------------------------------

BCH = asset(80, "BROOK.BCH", 8, issuer=ISSUER.id)
USDT = asset(81, "BROOK.USDT", 6, issuer=ISSUER.id)
EOS = asset(82, "BROOK.EOS", 4, issuer=ISSUER.id)
XRP = asset(83, "BROOK.XRP", 4, issuer=ISSUER.id)
FIAT = asset(84, "BROOK.USD", 4, issuer=ISSUER.id)
NEWCOIN = asset(85, "BROOK.NEW", 5, issuer=ISSUER.id)
PEGGED = asset(90, "PEGUSD", 4, issuer=STRANGER.id, market_issued=True)
OF_NOBODY = Memo("BTS1111111111111111111111111111111114T1Anm", GATE.memo_key, 1, "")

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
    return changed(OF_NOBODY, hex=text.encode().hex())


def unencrypted(text):
    """A memo with real keys whose text is not encrypted."""
    return Memo(f"BTS{USER.name}", GATE.memo_key, 1, text.encode().hex())


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
        "one unit less arrived than the fee explains: only both numbers side by side tell",
        "amount_mismatch",
        transfer(),
        burn(),
        asked=case(asset=BTC.symbol, received="0.99969999"),
        absent=["amount_fee_explained"],
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
        "came back from an account that takes nothing, and was sent to the right one",
        "gateway_processing",
        transfer(at=ago(hours=4), to=OLD_GATE, note=memo(key=OLD_GATE.memo_key)),
        back(at=ago(hours=3, minutes=50), by=OLD_GATE),
        RESENT,
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


def astray(what, name, leads="lookalike_account", never=("delivered_on_chain",)):
    """To an account of this name, of which nothing else is known."""
    to = account(300, name)
    sent = transfer(to=to, note=None)
    return story(what, leads, sent, facts={"known": (to,)}, never=never)


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
        transfer(to=OLD_GATE, at=LONG_AGO, note=memo(key=OLD_GATE.memo_key)),
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
    astray("to a name with a word hung on to it", "brook-gateway-support"),
    astray("to a name with a word hung on to it by a dot", "brook-gateway.upgrade"),
    astray("to a name with a word before it", "my-brook-gateway"),
    astray("to a name with a dot for a hyphen", "brook.gateway"),
    astray("to a name without the hyphen", "brookgateway"),
    astray("to a name with two letters swapped", "borok-gateway"),
    astray("to a Bitcoin address that is a name", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    astray(
        "to a Cosmos address that is a name", "cosmos1fl48vsnmsdzcv85q5d2q4z5ajdha8yu34mf0eh"
    ),
    astray(
        "to a Stellar address in lower case",
        "gceezwkcmijwhqphsvtkchgjgkljlv4npfdqw2v2nmnbgkywjiqqzmg3",
    ),
    astray(
        "to a friend whose name is near to nobody's", "willow-fried", "delivered_on_chain", ()
    ),
    astray(
        "to a friend with a name of twelve letters", "willowfriend", "delivered_on_chain", ()
    ),
    astray("to a friend with a long name", "willow1springs2meadow3", "delivered_on_chain", ()),
    astray("to a friend whose name begins like a gateway's", "brook", "delivered_on_chain", ()),
    story(
        "to an account that others list as fraudulent",
        "lookalike_account",
        transfer(to=STRANGER, note=None),
        facts={"flagged": frozenset({STRANGER.id})},
        never=["delivered_on_chain"],
    ),
    story(
        "the gateway's own account, on that list",
        "gateway_processing",
        transfer(),
        facts={"flagged": frozenset({GATE.id})},
        absent=["lookalike_account"],
    ),
]

# --- the gateway's state ----------------------------------------------------------------------

GATEWAYS = [
    story(
        "sent while the gateway was in service, not served, and closed since",
        "gateway_closed",
        transfer(at=LONG_AGO),
        known={"lifecycle": CLOSED_SINCE_AN_HOUR},
        never=["gateway_overdue"],
    ),
    story(
        "served while it was in service, and closed since",
        "gateway_settled",
        transfer(at=LONG_AGO),
        burn(at=ago(hours=2)),
        known={"lifecycle": CLOSED_SINCE_AN_HOUR},
        absent=["gateway_closed"],
    ),
    story(
        "came back from a gateway that has closed since",
        "gateway_returned",
        transfer(at=LONG_AGO),
        back(at=ago(minutes=50)),
        known={"lifecycle": CLOSED_SINCE_AN_HOUR},
        resend="no",
        absent=["gateway_closed"],
    ),
    story(
        "handled by hand only",
        "gateway_manual",
        transfer(at=LONG_AGO),
        known={"lifecycle": MANUAL},
        never=["gateway_overdue"],
    ),
    story(
        "handled by hand only, and settled",
        "gateway_settled",
        transfer(at=LONG_AGO),
        burn(at=ago(hours=1)),
        known={"lifecycle": MANUAL},
        absent=["gateway_manual"],
    ),
    story(
        "in maintenance",
        "gateway_maintenance",
        transfer(at=LONG_AGO),
        known={"lifecycle": MAINTENANCE},
        never=["gateway_overdue"],
    ),
    story(
        "in maintenance, and the memo is missing",
        "memo_missing",
        transfer(at=LONG_AGO, note=None),
        known={"lifecycle": MAINTENANCE},
        never=["gateway_maintenance"],
    ),
    story(
        "sent during maintenance that is over",
        "gateway_processing",
        transfer(at=ago(minutes=90)),
        known={"lifecycle": LIVE_SINCE_AN_HOUR},
        absent=["gateway_maintenance"],
    ),
    story(
        "sent during maintenance that is over, and late all the same",
        "gateway_overdue",
        transfer(at=LONG_AGO),
        known={"lifecycle": LIVE_SINCE_AN_HOUR},
        absent=["gateway_maintenance"],
    ),
    story(
        "the gateway leaves no trace of what it serves",
        "gateway_unconfirmed",
        transfer(at=LONG_AGO),
        known={"settlement": Settlement.NONE},
        absent=["gateway_overdue", "gateway_stalled"],
    ),
    story(
        "a carried-out proposal that the gateway never answered",
        "gateway_overdue",
        transfer(at=LONG_AGO, virtual=True),
        note="proposal",
    ),
    story(
        "one of several operations in a transaction, never answered",
        "gateway_overdue",
        (SEVERAL := transfer(at=LONG_AGO)),
        facts={"group_sizes": {SEVERAL.id: 2}},
        note="several operations",
    ),
    story(
        "the pause after a maintenance block",
        "chain_confirming",
        transfer(at=JUST_NOW),
        absent=["network_degraded"],
    ),
]

# --- the memo ---------------------------------------------------------------------------------


def remark(what, text, leads="gateway_processing", *, of=BTC, name="", **more):
    """A withdrawal whose memo everybody can read."""
    if name:
        more["known"] = listed(name, of, **more.pop("coin_facts", {}))
    note = text if isinstance(text, Memo) else told(text)
    if leads == "gateway_processing":
        more["absent"] = ["memo_malformed", "memo_unreadable"]
    return story(what, leads, transfer(of=of, note=note), **more)


FOR_OLD_KEY = memo(key=OLD_KEY)
MEMOS = [
    story(
        "for the key that the gateway had then and changed since",
        "gateway_processing",
        changed_memo_key(ago(hours=4), OLD_KEY),
        transfer(note=FOR_OLD_KEY),
        changed_memo_key(ago(minutes=5), GATE.memo_key),
        absent=["memo_unreadable"],
    ),
    story(
        "for a key that the gateway had given up before",
        "memo_unreadable",
        changed_memo_key(ago(hours=5), OLD_KEY),
        changed_memo_key(ago(hours=4), GATE.memo_key),
        transfer(at=LONG_AGO, note=FOR_OLD_KEY),
        never=["gateway_overdue"],
    ),
    story(
        "for the key of today, which the gateway took only afterwards",
        "memo_unreadable",
        changed_memo_key(ago(hours=4), OLD_KEY),
        transfer(),
        changed_memo_key(ago(minutes=5), GATE.memo_key),
        never=["gateway_processing"],
    ),
    story(
        "for another key, but burnt",
        "gateway_settled",
        transfer(note=FOR_OLD_KEY),
        burn(),
        absent=["memo_unreadable"],
    ),
    story(
        "for another key, and returned",
        "gateway_returned",
        transfer(note=FOR_OLD_KEY),
        back(),
        resend="yes",
        absent=["memo_unreadable"],
    ),
    remark("as the gateway wants it", RIGHT),
    remark("the coin in capitals", RIGHT.replace("btc", "BTC")),
    remark("with a tag behind the address", f"{RIGHT}:2217"),
    remark("the wrong checksum", WRONG, "memo_malformed"),
    remark("written for deposits", "dex:maple-user", "memo_malformed"),
    remark("another coin's", f"eth:{GENESIS_ADDRESS}", "memo_malformed"),
    remark("no coin before the address", GENESIS_ADDRESS, "memo_malformed"),
    remark("no address behind the coin", "btc:", "memo_malformed"),
    remark("public, without the four bytes before the text", without_prefix(RIGHT)),
    remark("real keys, but not encrypted", unencrypted(RIGHT)),
    remark(
        "real keys, not encrypted, and nonsense", unencrypted("as agreed"), "memo_malformed"
    ),
    remark("an address with a colon of its own", f"bch:{CASH_ADDRESS}", of=BCH, name="BCH"),
    remark("the same without its scheme", f"bch:{CASH_ADDRESS[12:]}", of=BCH, name="BCH"),
    remark(
        "a coin of many chains, to one of them", f"usdt:{TRON_ADDRESS}", of=USDT, name="USDT"
    ),
    remark(
        "a tag after the word tag",
        f"xrp:{RIPPLE_ADDRESS}:tag:104",
        of=XRP,
        name="XRP",
        coin_facts={"memo": "{coin lower-case}:{address}[:tag:{tag}][:{memo}]"},
    ),
    remark(
        "without the tag that an exchange may want",
        f"xrp:{RIPPLE_ADDRESS}",
        of=XRP,
        name="XRP",
    ),
    remark(
        "to a payment service, as it wants it",
        "payeer:usd:P1000123",
        of=FIAT,
        name="USD",
        coin_facts={"memo": "payeer:usd:{address}"},
    ),
    remark(
        "to a payment service, without the currency",
        "payeer:P1000123",
        "memo_malformed",
        of=FIAT,
        name="USD",
        coin_facts={"memo": "payeer:usd:{address}"},
    ),
    story(
        "one cipher block holds a short name, and this coin's addresses are names",
        "gateway_processing",
        transfer(of=EOS, note=memo(size=16)),
        known=listed("EOS", EOS),
        absent=["memo_malformed"],
    ),
    story(
        "encrypted; the user pastes one that is right",
        "gateway_processing",
        transfer(),
        asked=case(memo=RIGHT),
        absent=["memo_malformed"],
    ),
    story(
        "encrypted; the user pastes one with a wrong checksum",
        "memo_malformed",
        transfer(),
        asked=case(memo=WRONG),
        never=["gateway_processing"],
        most=Confidence.MEDIUM,
    ),
    story(
        "encrypted; the user pastes a wrong one, but it was burnt",
        "gateway_settled",
        transfer(),
        burn(),
        asked=case(memo=WRONG),
        absent=["memo_malformed"],
    ),
    story(
        "readable and right, whatever the user pastes",
        "gateway_processing",
        transfer(note=told(RIGHT)),
        asked=case(memo=WRONG),
        absent=["memo_malformed"],
    ),
    story(
        "encrypted, and the operator's key reads a wrong one",
        "memo_malformed",
        (SEALED := transfer()),
        facts={"memo_texts": {SEALED.id: WRONG}},
        never=["gateway_processing"],
    ),
    story(
        "none, and burnt all the same",
        "gateway_settled",
        transfer(note=None),
        burn(),
        absent=["memo_missing"],
    ),
    story(
        "none, and hours passed",
        "memo_missing",
        transfer(at=LONG_AGO, note=None),
        never=["gateway_overdue"],
    ),
]

# --- proposals, time-locks, and what others took ------------------------------------------------

TO_TWO = proposal(
    inner=(transfer("3", ago(hours=1), to=FRIEND, n=50), transfer("2", ago(hours=1), n=51))
)
VETOED = proposal(at=ago(hours=3))
LAPSED = proposal(at=ago(hours=5), expires=ago(hours=4))
TAKEOVER = proposal(
    at=ago(hours=2), by=STRANGER, inner=(account_update(ago(hours=2), n=52),), name="1.10.9"
)
REDEEMED = time_lock()

OTHER_WAYS = [
    story(
        "a proposal that a signer removed",
        "proposal_expired",
        VETOED,
        removed(VETOED),
        facts=gone(VETOED),
        resend="yes",
        absent=["not_seen_yet", "never_included"],
    ),
    story(
        "a proposal of two transfers, of which the second is the withdrawal",
        "proposal_pending",
        TO_TWO,
        facts=alive(TO_TWO, approved=[COSIGNER]),
        asked=case(destination=GATE.name),
        never=["not_seen_yet"],
    ),
    story(
        "a proposal of two transfers, and no claim",
        "proposal_pending",
        TO_TWO,
        facts=alive(TO_TWO, approved=[COSIGNER]),
    ),
    story(
        "a proposal of two transfers, carried out and both served",
        "gateway_settled",
        (
            BOTH := proposal(
                at=LONG_AGO, inner=(transfer("1", LONG_AGO), transfer("2", LONG_AGO))
            )
        ),
        transfer("1", ago(hours=2), virtual=True, n=50),
        transfer("2", ago(hours=2), virtual=True, n=51),
        burn("1", ago(minutes=100)),
        burn("2", ago(minutes=99)),
        facts=gone(BOTH),
        absent=["proposal_expired", "gateway_overdue"],
    ),
    story(
        "a proposal lapsed, and the same was sent directly and waits",
        "gateway_processing",
        LAPSED,
        transfer(),
        facts=gone(LAPSED),
        never=["proposal_expired"],
    ),
    story(
        "a time-lock whose recipient took the coins",
        "delivered_on_chain",
        REDEEMED,
        redeemed(REDEEMED),
        facts={"time_locks": {REDEEMED.lock: None}},
        absent=["htlc_open", "htlc_refunded"],
    ),
    story("the issuer took the coins, and nothing was claimed", "issuer_override", override()),
    story(
        "the issuer took another asset than the one asked about",
        "gateway_processing",
        override("3", of=ETH),
        transfer(),
        asked=case(asset=BTC.symbol),
        absent=["issuer_override"],
    ),
    story(
        "somebody used a withdraw permission",
        "funds_locked",
        claim(),
        asked=case(asset=BTC.symbol),
        never=["not_seen_yet", "nothing_in_window"],
    ),
    story(
        "somebody used a withdraw permission, and nothing was claimed",
        "funds_locked",
        claim(),
        never=["nothing_in_window"],
        resend="no",
    ),
    story(
        "the coins went into a vesting balance",
        "funds_locked",
        lock(Custody.VESTING, holder="1.13.5"),
        asked=case(asset=BTC.symbol, amount="1"),
        facts={"balances": {}},
        never=["not_seen_yet"],
    ),
    story(
        "the coins sit in an order",
        "funds_in_order",
        lock(),
        asked=case(asset=BTC.symbol, amount="1"),
        facts={"holdings": (holding(),), "balances": {}},
        never=["not_seen_yet"],
    ),
    story(
        "only orders, and nothing was claimed", "nothing_in_window", lock(), resend="unknown"
    ),
    story("only a deposit by issue", "deposit_received", issue(), never=["nothing_in_window"]),
    story(
        "only a deposit from the wallet of a gateway that credits by transfer",
        "deposit_received",
        back(),
        known={"deposits": Deposits.TRANSFER, "settlement": Settlement.UNKNOWN},
        never=["nothing_in_window"],
    ),
    story(
        "the asset moves only to and from its issuer",
        "transfer_blocked",
        asked=case(asset=BTC.symbol, destination=FRIEND.name),
        facts={"claimed_asset": changed(BTC, flags=AssetFlag.TRANSFER_RESTRICTED)},
        never=["not_seen_yet"],
    ),
    story(
        "the account is on no white list of the issuer",
        "transfer_blocked",
        asked=case(asset=BTC.symbol),
        facts={
            "claimed_asset": changed(
                BTC, flags=AssetFlag.WHITE_LIST, whitelist_authorities=frozenset({ISSUER.id})
            )
        },
        never=["not_seen_yet"],
    ),
]

# --- whose account is it ------------------------------------------------------------------------

LEFT = transfer(to=STRANGER, note=None)

SAFETY = [
    story(
        "only the memo key was changed before coins left to a stranger",
        "delivered_on_chain",
        account_update(active=None, memo_key="BTSnew-memo-key"),
        LEFT,
        absent=["authority_changed"],
    ),
    story(
        "the owner was changed before coins left to a stranger",
        "authority_changed",
        account_update(active=None, owner=Authority(1, keys=(("BTSnew", 1),))),
        LEFT,
        never=["delivered_on_chain"],
    ),
    story(
        "keys were changed before an ordinary withdrawal",
        "gateway_processing",
        account_update(),
        transfer(),
        absent=["authority_changed"],
    ),
    story(
        "a stranger proposes to take the account over, and nothing was sent",
        "authority_proposed",
        TAKEOVER,
        facts=alive(TAKEOVER),
        never=["nothing_in_window"],
    ),
    story(
        "a stranger proposes to take the account over; the withdrawal settled",
        "gateway_settled",
        TAKEOVER,
        transfer(),
        burn(),
        facts=alive(TAKEOVER),
        heard=["authority_proposed"],
    ),
    story(
        "a co-signer proposes new keys",
        "gateway_settled",
        (HANDED := changed(TAKEOVER, proposer=COSIGNER.id)),
        transfer(),
        burn(),
        facts={
            **alive(HANDED),
            "account": changed(USER, active=Authority(2, ((USER.id, 1), (COSIGNER.id, 1)))),
        },
        absent=["authority_proposed"],
    ),
    story(
        "a proposal to take the account over is gone",
        "gateway_settled",
        TAKEOVER,
        transfer(),
        burn(),
        facts=gone(TAKEOVER),
        absent=["authority_proposed"],
    ),
]

# --- which one is meant -------------------------------------------------------------------------

SERVED = (transfer("4", LONG_AGO), burn("4", ago(hours=2, minutes=50)))
EARLY = transfer("1", ago(hours=8))
BEFORE_EVERYTHING = transfer("1", ago(hours=90))

MEANT = [
    story(
        "one was served and one has no memo",
        "memo_missing",
        *SERVED,
        transfer("5", LONG_AGO, note=None, n=30),
        never=["gateway_settled"],
    ),
    story(
        "one was served, one came back, one is overdue",
        "gateway_overdue",
        *SERVED,
        transfer("5", LONG_AGO, n=30),
        transfer("6", LONG_AGO, n=31),
        back("6", ago(hours=2), n=32),
        never=["gateway_settled", "gateway_returned"],
    ),
    story(
        "all were served",
        "gateway_settled",
        *SERVED,
        transfer("5", LONG_AGO, n=30),
        burn("5", ago(hours=2), n=31),
    ),
    story(
        "one waits, one went to a look-alike; the user names its asset and amount",
        "gateway_processing",
        transfer("4"),
        transfer("5", to=LOOKALIKE, note=None, n=30),
        asked=case(asset=BTC.symbol, amount="4"),
    ),
    story(
        "the user names the recipient, a friend",
        "delivered_on_chain",
        transfer("4"),
        transfer("5", to=FRIEND, note=None, n=30),
        asked=case(destination=FRIEND.name),
        never=["gateway_processing"],
    ),
    story(
        "the user names the recipient, the gateway",
        "gateway_processing",
        transfer("4"),
        transfer("5", to=LOOKALIKE, note=None, n=30),
        asked=case(destination=GATE.name),
        never=["lookalike_account"],
    ),
    story(
        "the user names an id that stands outside the window",
        "outside_window",
        EARLY,
        asked=case(operation=EARLY.id),
        never=["not_seen_yet", "never_included", "nothing_in_window", "gateway_overdue"],
    ),
    story(
        "the user names an id that stands days before the window",
        "outside_window",
        asked=case(operation=BEFORE_EVERYTHING.id),
        facts={"claimed_operation": BEFORE_EVERYTHING},
        never=["not_seen_yet", "never_included", "nothing_in_window"],
    ),
    story(
        "the user names another asset than was sent",
        "not_seen_yet",
        transfer(),
        asked=case(asset=ETH.symbol),
        never=["gateway_processing"],
    ),
    story(
        "sent before the window, and nothing in it",
        "outside_window",
        EARLY,
        asked=case(asset=BTC.symbol, amount="1"),
        never=["not_seen_yet", "never_included"],
    ),
    story(
        "claimed long ago, nothing found",
        "never_included",
        asked=case(ago(hours=60), ago(hours=54), asset=BTC.symbol, amount="1"),
        resend="yes",
    ),
    story(
        "claimed long ago, nothing found, but a transfer waits at the node",
        "not_seen_yet",
        asked=case(ago(hours=60), ago(hours=54), asset=BTC.symbol, amount="1"),
        facts={"pending": (transfer(at=NOW),)},
        never=["never_included"],
    ),
    story(
        "claimed long ago, nothing found, and the history has a hole",
        "history_incomplete",
        asked=case(asset=BTC.symbol, amount="1"),
        facts=PRUNED,
        resend="unknown",
        never=["never_included", "not_seen_yet", "nothing_in_window"],
    ),
    story(
        "the only node is behind",
        "node_stale",
        transfer(at=LONG_AGO),
        facts=STALE,
        resend="unknown",
        never=["gateway_overdue"],
    ),
    story(
        "the nodes disagree",
        "sources_disagree",
        transfer(at=LONG_AGO),
        facts={"disagreement": ("1.11.77",)},
        resend="unknown",
        never=["gateway_overdue"],
    ),
    story(
        "no such account",
        "account_not_found",
        facts={"account": None, "near_names": ("maple-user1",)},
        resend="unknown",
    ),
]

STORIES = [
    *AMOUNTS,
    *RETURNS,
    *BURNS,
    *PLACES,
    *GATEWAYS,
    *MEMOS,
    *OTHER_WAYS,
    *SAFETY,
    *MEANT,
]


@pytest.mark.parametrize(("row", "expected"), STORIES)
def test_story(row, expected):
    diagnosis = diagnosed(**row)
    verdict, said = diagnosis.verdict, {f.code for f in diagnosis.findings}

    assert verdict.code not in expected["never"]
    assert not said & expected["absent"]
    assert (verdict.code, verdict.resend_safe) == (expected["leads"], expected["resend"])
    assert said >= expected["heard"]
    assert GRADES.index(verdict.confidence) >= GRADES.index(expected["most"])
    assert expected["note"] in formatting.fill(verdict.rule.note, verdict.finding, "en", None)


@pytest.mark.parametrize(("row", "expected"), STORIES)
def test_every_story_can_be_told(row, expected):
    diagnosis = diagnosed(**row)

    for lang in ("zh", "en"):
        assert reply(diagnosis, lang)
        assert note(diagnosis, lang)


def test_no_story_is_told_twice():
    assert len({param.id for param in STORIES}) == len(STORIES) >= 45


GRADES = tuple(Confidence)
