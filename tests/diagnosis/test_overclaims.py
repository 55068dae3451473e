"""Situations from public reports in which a confident answer would be false.

Each row is what stands on the chain, what the user claims, and what must not be said of it; the
controls below are their neighbours in which the definite answer is right and has to stay.
"""

from __future__ import annotations

from typing import Any

import pytest
from builders import (
    CLIFF,
    CLIFF_BTC,
    CORE,
    ETH,
    FRIEND,
    GATE,
    STRANGER,
    account,
    account_update,
    ago,
    back,
    burn,
    case,
    claim,
    coin,
    concluded,
    evidence,
    gateway,
    issue,
    lock,
    memo,
    override,
    proposal,
    reader,
    refunded,
    register,
    served,
    stage,
    terms,
    time_lock,
    transfer,
    unreadable,
    waiting,
)
from overclaims import BTC_1, GRADES, LONG_AGO, THEN

from diag.domain.custody_operations import Custody
from diag.domain.gateway import Deposits, Status
from diag.domain.settlement import Settlement
from diag.domain.vocabulary import Confidence, ResendSafe
from diag.render.agent_note import note
from diag.render.user_reply import reply

NULL = account(3, "null-account")
SENT = transfer("1", THEN)
STRANGE_KEY = memo(key="BTSstrange")


def over(what, never, *operations, asked=None, most="high", says="", registered=None, **facts):
    """A row: codes that must not lead, the most confidence allowed, and what the reply says."""
    gateways = {"known_gateways": register(gateway(**registered), CLIFF)} if registered else {}
    return pytest.param(
        operations, {"asked": asked, **gateways, **facts}, never.split(), most, says, id=what
    )


NOT_SENT = "never_included not_seen_yet"
OVERCLAIMS = [
    # --- "it never left", while something that may be it stands there ---
    over(
        "the destination is mistyped by a letter", NOT_SENT, SENT,
        asked=case(**LONG_AGO, **BTC_1, destination="brook-gatway"),
        says="doesn't match the receiving account you gave us",
    ),
    over(
        "the destination is a name on the other chain", NOT_SENT, SENT,
        asked=case(**LONG_AGO, **BTC_1, destination="eosname12345"),
    ),
    over(
        "the asset is called BTS", NOT_SENT, SENT,
        asked=case(**LONG_AGO, asset="BTS", amount="1"), most="medium",
        says="doesn't match the asset you gave us",
    ),
    over(
        "the asset is called BTS and no amount is named", NOT_SENT, SENT,
        asked=case(**LONG_AGO, asset="BTS"), most="medium",
    ),
    over(
        "the asset is called another gateway's", NOT_SENT, SENT,
        asked=case(**LONG_AGO, asset=CLIFF_BTC.symbol, amount="1"), most="medium",
    ),
    over(
        "the same amount of a wholly different asset", NOT_SENT, transfer("1", THEN, of=ETH),
        asked=case(**LONG_AGO, **BTC_1), most="medium",
    ),
    over(
        "nearly the amount, to somebody else", NOT_SENT, transfer("1.03", THEN, to=FRIEND),
        asked=case(**LONG_AGO, **BTC_1, destination=GATE.name), most="medium",
    ),
    over(
        "an unreadable operation stands in the window", NOT_SENT, unreadable(THEN),
        asked=case(**LONG_AGO, **BTC_1),
    ),
    over(
        "it stands two hours before the window", NOT_SENT, transfer("1", ago(days=3, hours=2)),
        asked=case(**LONG_AGO, **BTC_1),
    ),
    over(
        "as much of another asset stands two hours before the window", NOT_SENT,
        transfer("1", ago(days=3, hours=2), of=ETH), asked=case(**LONG_AGO, **BTC_1),
    ),
    over(
        "the id is right, the amount is not", "nothing_in_window", SENT, burn("1", THEN, n=40),
        asked=case(**LONG_AGO, operation=SENT.id, amount="10"),
    ),
    over(
        "the id is right, the asset is not", "nothing_in_window", SENT, burn("1", THEN, n=40),
        asked=case(**LONG_AGO, operation=SENT.id, asset=ETH.symbol), most="medium",
    ),
    over(
        "an id that is not there, beside the very amount", "nothing_in_window", SENT,
        asked=case(**LONG_AGO, **BTC_1, operation="1.11.5"), most="medium",
        says="operation number you gave us",
    ),
    over(
        "funds in an order, although exactly that amount left", "funds_in_order", SENT, lock(at=THEN),
        asked=case(**LONG_AGO, **BTC_1, destination="eosname12345"), balances={},
    ),
    over(
        "a proposal lapsed after the same was sent directly", "proposal_expired",
        transfer("1", ago(hours=5, minutes=20)), burn("1", ago(hours=5, minutes=10)),
        proposal(ago(hours=5), expires=ago(hours=4)), proposals={"1.10.7": None},
    ),
    over(
        "a proposal lapsed, and the same went to somebody else", "proposal_expired",
        proposal(ago(hours=5), expires=ago(hours=4)), transfer("1", ago(hours=3), to=FRIEND),
        asked=case(**BTC_1), proposals={"1.10.7": None}, most="certain",
    ),
    # --- "it came back", or "it was paid" ---
    over(
        "a deposit by transfer of the same size", "", transfer("1", ago(hours=3)),
        back("1", ago(hours=1)), most="medium",
        registered={"settlement": Settlement.NONE, "deposits": Deposits.TRANSFER},
    ),
    over(
        "a deposit by transfer, a little smaller", "", transfer("1", ago(hours=3)),
        back("0.97", ago(hours=1)), most="medium",
        registered={"settlement": Settlement.NONE, "deposits": Deposits.TRANSFER},
    ),
    over(
        "an issue of the same size", "", transfer("1", ago(hours=3)), issue("1", ago(hours=1)),
        most="medium",
    ),
    over(
        "a twentieth is missing where the fee is tiny", "", transfer("1", ago(hours=3)),
        back("0.95", ago(hours=1)), says="0.05",
    ),
    over(
        "burnt, and paid back ten minutes later", "", transfer("1", ago(hours=3)),
        burn("1", ago(hours=2, minutes=50)), back("1", ago(hours=2, minutes=40)),
        served(10, ago(hours=5)), most="medium", says="its return",
    ),
    over(
        "a small credit minutes after sending", "gateway_returned gateway_returned_partial",
        transfer("1", ago(hours=3)), back("0.0001", ago(hours=2, minutes=55)),
    ),
    over(
        "the recipient sent it all back", "", transfer("1", ago(hours=3), to=FRIEND),
        back("1", ago(hours=2), by=FRIEND), says="back",
    ),
    over(
        "sent to the account that destroys coins", "delivered_on_chain",
        transfer("1", ago(hours=3), to=NULL), known=(NULL,), most="certain",
    ),
    over(
        "two equal ones and one burn", "gateway_settled", transfer("1", ago(hours=3)),
        transfer("1", ago(hours=3), n=1), burn("1", ago(hours=2)),
    ),
    over(
        "one of two parts waits", "gateway_settled", transfer("0.4", ago(hours=5)),
        burn("0.4", ago(hours=4, minutes=55)), transfer("0.6", ago(hours=4)), asked=case(**BTC_1),
    ),
    over(
        "A sent, B sent, A returned, B settled", "", transfer("1", ago(hours=5)),
        transfer("1.2", ago(hours=4, minutes=55), n=1), back("1", ago(hours=4)),
        burn("1.2", ago(hours=4, minutes=50)), most="certain",
    ),
    # --- causes that what the gateway did speaks against ---
    over(
        "a strange memo key, and dozens with it were served", "memo_unreadable",
        transfer("1", ago(hours=4), note=STRANGE_KEY),
        *(transfer(f"2.{i:02}", ago(hours=5, minutes=59 - i), by=reader(i), note=STRANGE_KEY, n=20) for i in range(12)),
        *(burn(f"2.{i:02}", ago(hours=5, minutes=57 - i), n=40) for i in range(12)),
    ),
    over(
        "a strange memo key two minutes ago", "", transfer("1", ago(minutes=2), note=STRANGE_KEY),
        most="medium",
    ),
    over("no memo two minutes ago", "", transfer("1", ago(minutes=2), note=None), most="medium"),
    over(
        "no memo, and dozens without one were served", "memo_missing",
        transfer("1", ago(hours=4), note=None),
        *(transfer(f"2.{i:02}", ago(hours=3, minutes=59 - i), by=reader(i), note=None, n=20) for i in range(12)),
        *(burn(f"2.{i:02}", ago(hours=3, minutes=57 - i), n=40) for i in range(12)),
    ),
    over(
        "below the minimum, and smaller ones were served", "below_minimum",
        transfer("0.5", ago(hours=4)),
        *(transfer(f"0.{20 + i}", ago(hours=3, minutes=59 - i), by=reader(i), n=20) for i in range(12)),
        *(burn(f"0.{20 + i}", ago(hours=3, minutes=57 - i), n=40) for i in range(12)),
        registered={"coins": (coin(terms=(terms("1"),)),)},
    ),
    over(
        "closed on record, and everybody was served since", "gateway_closed",
        transfer("1", ago(hours=4)), served(12, ago(hours=3)),
        registered={"lifecycle": (stage(Status.CLOSED, start=ago(days=9)),)},
    ),
    over(
        "nobody is served, but something was burnt minutes ago", "", transfer("1", ago(hours=20)),
        waiting(12, ago(hours=22)), burn("99.5", ago(minutes=9)), most="medium",
        asked=case(start=ago(hours=30)),
    ),
    over(
        "twice the same, while the whole gateway stands still", "duplicate_submission",
        transfer("1", ago(hours=20)), transfer("1", ago(hours=20), n=1), waiting(12, ago(hours=22)),
        served(12, ago(hours=40)), asked=case(start=ago(hours=30)),
    ),
    # --- security ---
    over(
        "a theft beside a settled withdrawal", "gateway_settled", transfer("1", ago(hours=3)),
        burn("1", ago(hours=2)), account_update(ago(hours=1)), transfer("3", ago(minutes=50), to=STRANGER, note=None),
        asked=case(**BTC_1),
    ),
    over(
        "dust taken by the issuer beside a settled withdrawal", "issuer_override",
        transfer("1", ago(hours=3)), burn("1", ago(hours=2)), override("0.0001", ago(hours=1)),
        asked=case(**BTC_1),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("operations", "facts", "never", "most", "says"), OVERCLAIMS)
def test_no_more_is_claimed_than_is_shown(operations, facts, never, most, says):
    diagnosis = concluded(evidence(*operations, **facts))
    verdict = diagnosis.verdict

    assert verdict.code not in never
    assert GRADES.index(verdict.confidence) >= GRADES.index(Confidence(most))
    assert verdict.resend_safe is not ResendSafe.YES
    assert says in reply(diagnosis, "en")
    assert note(diagnosis, "zh")


def control(what, code, *operations, least="high", resend="no", registered=None, **facts):
    gateways = {"known_gateways": register(gateway(**registered), CLIFF)} if registered else {}
    return pytest.param(code, operations, {**gateways, **facts}, least, resend, id=what)


PROVEN_NEVER: dict[str, Any] = {"asked": case(**LONG_AGO, **BTC_1)}
CONTROLS = [
    control("nothing left and the funds are there", "never_included", resend="yes", **PROVEN_NEVER),
    control(
        "nothing left, something else went to a friend", "never_included",
        transfer("7", THEN, to=FRIEND, of=CORE), resend="yes", **PROVEN_NEVER,
    ),
    control(
        "returned in full", "gateway_returned", transfer("1", ago(hours=3)), back("1", ago(hours=1)),
        resend="yes",
    ),
    control(
        "returned less exactly the fee", "gateway_returned", transfer("1", ago(hours=3)),
        back("0.9997", ago(hours=1)), resend="yes",
    ),
    control(
        "a lock ran out", "htlc_refunded", time_lock("1", ago(hours=5), expires=ago(hours=4)),
        refunded(time_lock("1", ago(hours=5)), ago(hours=4)), resend="yes",
    ),
    control(
        "a proposal lapsed", "proposal_expired", proposal(ago(hours=5), expires=ago(hours=4)),
        resend="yes", proposals={"1.10.7": None},
    ),
    control(
        "returned in part, the rest is missing", "gateway_returned_partial",
        transfer("1", ago(hours=3)), back("0.4", ago(hours=1)), least="medium",
    ),
    control("burnt", "gateway_settled", transfer("1", ago(hours=3)), burn("1", ago(hours=2))),
    control(
        "burnt in the only batch that fits", "gateway_settled", transfer("1", ago(hours=3)),
        transfer("2.5", ago(hours=3), by=reader(1), n=1), burn("3.5", ago(hours=2)),
    ),
    control(
        "to a friend", "delivered_on_chain", transfer("1", ago(hours=3), to=FRIEND),
        least="certain",
    ),
    control(
        "no memo, and hours have passed", "memo_missing", transfer("1", ago(hours=5), note=None),
        served(12, ago(hours=5)),
    ),
    control(
        "no memo, and others without one came back", "memo_missing",
        transfer("1", ago(hours=5), note=None), transfer("3", ago(hours=5), by=reader(3), note=None, n=1),
        back("3", ago(hours=4), to=reader(3)), served(12, ago(hours=5)),
    ),
    control(
        "a strange key, and hours have passed", "memo_unreadable",
        transfer("1", ago(hours=5), note=STRANGE_KEY), served(12, ago(hours=5)), least="medium",
    ),
    control(
        "below the minimum, and hours have passed", "below_minimum",
        transfer("0.0005", ago(hours=5)), served(12, ago(hours=5)), least="medium",
    ),
    control(
        "closed, and nobody was served since", "gateway_closed", transfer("1", ago(hours=5)),
        registered={"lifecycle": (stage(Status.CLOSED, start=ago(days=9)),)}, least="medium",
    ),
    control(
        "nobody is served", "gateway_stalled", transfer("1", ago(hours=20)), waiting(12, ago(hours=22)),
        served(12, ago(hours=40)), asked=case(start=ago(hours=30)),
    ),
    control(
        "late while others are served", "gateway_overdue", transfer("1", ago(hours=5)),
        served(12, ago(hours=4)),
    ),
    control(
        "sent twice, one of them served", "duplicate_submission", transfer("1", ago(hours=5)),
        transfer("1", ago(hours=5), n=1), burn("1", ago(hours=4)), served(12, ago(hours=4)),
        least="low",
    ),
    control(
        "keys changed, then all went to a stranger", "authority_changed",
        account_update(ago(hours=2)), transfer("1", ago(hours=1), to=STRANGER, note=None),
        least="medium",
    ),
    control("the issuer took it", "issuer_override", override("1", ago(hours=1)), least="certain"),
    control(
        "somebody took it by a permission", "funds_locked", claim("1", ago(hours=1)),
        asked=case(**BTC_1), balances={},
    ),
    control(
        "it sits in a vesting balance", "funds_locked", lock(Custody.VESTING, at=ago(hours=2)),
        asked=case(**BTC_1), balances={},
    ),
    control(
        "it left hours before the window", "outside_window", transfer("1", ago(hours=14)),
        asked=case(**BTC_1),
    ),
    control(
        "the id is right and so is all else", "gateway_settled", SENT, burn("1", THEN, n=40),
        asked=case(**LONG_AGO, **BTC_1, operation=SENT.id, destination=GATE.name),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "operations", "facts", "least", "resend"), CONTROLS)
def test_what_is_shown_is_claimed(code, operations, facts, least, resend):
    diagnosis = concluded(evidence(*operations, **facts))
    verdict = diagnosis.verdict

    assert (verdict.code, verdict.resend_safe) == (code, resend)
    assert GRADES.index(verdict.confidence) <= GRADES.index(Confidence(least))
    assert reply(diagnosis, "zh")
