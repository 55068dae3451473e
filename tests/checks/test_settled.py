from __future__ import annotations

from datetime import timedelta

import pytest
from builders import (
    BTC,
    ETH,
    FIRST_REVERSIBLE,
    FRIEND,
    GATE,
    INTERVAL,
    ISSUER,
    OLD_GATE,
    PRUNED,
    STRANGER,
    USER,
    ago,
    back,
    burn,
    case,
    claim,
    codes,
    evidence,
    found,
    issue,
    lock,
    override,
    reader,
    shown,
    silent,
    sold,
    told,
    transfer,
    with_gateway,
)

from diag.checks import settled
from diag.domain.custody_operations import Custody
from diag.domain.settlement import Settlement
from diag.words import filler

SENT, PAID = transfer(), burn()
TWIN = transfer(at=ago(minutes=9))
LAST_FINAL = FIRST_REVERSIBLE - INTERVAL
TO_FRIEND = transfer(to=FRIEND, at=LAST_FINAL)
BATCH = [
    transfer("2", ago(minutes=12), by=reader(1)),
    transfer("4", ago(minutes=11), by=reader(2)),
    SENT,
    burn("7"),
]
EITHER = [
    SENT,
    transfer("2", ago(minutes=9), by=reader(1)),
    transfer("2", ago(minutes=8), by=reader(2)),
    transfer("1", ago(minutes=7), by=reader(3)),
    burn("3"),
]
PASSED_ON = [
    back("1", ago(minutes=5), to=STRANGER),
    *(transfer(2 + n, ago(minutes=20 - n), by=reader(n)) for n in range(3)),
    *(back(2 + n, ago(minutes=15 - n), to=STRANGER) for n in range(3)),
]
"""What four users sent the gateway, it passed on to one account."""
LESS_FEES = [
    *(transfer(2 + n, ago(minutes=20 - n), by=reader(n)) for n in range(3)),
    *(burn(f"{1 + n}.9997", ago(minutes=15 - n)) for n in range(3)),
]
CREDIT, OTHER_CREDIT = issue(at=ago(hours=1)), issue("2", at=ago(minutes=50))
LATER = ago(minutes=40)
DRAWN = claim("2", giver=FRIEND, taker=USER, at=LATER)
PRESENT = transfer("3", by=FRIEND, to=reader(0), note=None)
FROM_FRIEND = back("3", by=FRIEND)

SILENT = [
    silent("nothing burnt", "gateway_settled", evidence(SENT)),
    silent("one unit less", "gateway_settled", evidence(SENT, burn("0.99999999"))),
    silent("one unit more", "gateway_settled", evidence(SENT, burn("1.00000001"))),
    silent(
        "burnt before it was sent", "gateway_settled", evidence(SENT, burn(at=ago(hours=1)))
    ),
    silent("burnt by a stranger", "gateway_settled", evidence(SENT, burn(by=FRIEND))),
    silent("another asset burnt", "gateway_settled", evidence(SENT, burn(of=ETH))),
    silent(
        "the burn belongs to the first of two equal ones",
        "gateway_settled",
        evidence(SENT, TWIN, PAID, asked=case(operation=TWIN.id)),
    ),
    silent(
        "an equal one of somebody else waits: whose burn it is nobody can tell",
        "gateway_settled",
        evidence(SENT, transfer(at=ago(minutes=9), by=reader(1)), PAID),
    ),
    silent("two sets of withdrawals make the same batch", "gateway_settled", evidence(EITHER)),
    silent("sent back", "gateway_settled", evidence(SENT, back())),
    silent(
        "the burn less another fee",
        "gateway_settled",
        evidence(SENT, burn("0.9996")),
    ),
    silent(
        "passed on to somebody, once",
        "gateway_settled",
        evidence(SENT, back(to=STRANGER)),
    ),
    silent(
        "coins go to another purse of a gateway that keeps what it is sent",
        "gateway_settled",
        with_gateway(SENT, PASSED_ON, settlement=Settlement.NONE),
    ),
    silent(
        "two sets that are no runs of the queue make the same batch",
        "gateway_settled",
        with_gateway(
            SENT,
            transfer("3", ago(minutes=9), by=reader(1)),
            transfer("2", ago(minutes=8), by=reader(2)),
            transfer("4", ago(minutes=7), by=reader(3)),
            burn("5"),
            settlement=Settlement.BURN_BATCH,
        ),
    ),
    silent(
        "one burn, and the other was sent to another account of the gateway",
        "gateway_settled",
        evidence(transfer(to=OLD_GATE), TWIN, PAID, asked=case(operation=transfer().id)),
    ),
    silent(
        "the withdrawal itself may still be undone",
        "gateway_settled",
        evidence(transfer(at=FIRST_REVERSIBLE), burn(at=FIRST_REVERSIBLE + INTERVAL)),
    ),
    silent(
        "a withdrawal beside it",
        "deposit_received",
        evidence(CREDIT, TO_FRIEND),
    ),
    silent(
        "before the window", "deposit_received", evidence(issue(at=ago(hours=6, seconds=1)))
    ),
    silent(
        "something else of that asset was claimed",
        "deposit_received",
        evidence(CREDIT, asked=case(asset="BROOK.BTC")),
    ),
    silent(
        "another amount was claimed",
        "deposit_received",
        evidence(CREDIT, asked=case(asset="BROOK.BTC", amount="1.00000001")),
    ),
    silent(
        "another asset was claimed",
        "deposit_received",
        evidence(CREDIT, asked=case(asset="BROOK.ETH", amount="1")),
    ),
    silent(
        "another operation was claimed",
        "deposit_received",
        evidence(CREDIT, asked=case(operation="1.11.1")),
    ),
    silent("coins from a friend, nothing claimed", "deposit_received", evidence(FROM_FRIEND)),
    silent("the window has a hole", "deposit_received", evidence(CREDIT, **PRUNED)),
    *(
        silent(f"beside it, and nothing is claimed: {left.kind}", "deposit_received", seen)
        for left in (
            claim(at=LATER),
            burn(at=LATER, by=USER),
            override(at=LATER),
            lock(Custody.POOL, at=LATER),
            lock(Custody.BLIND, at=LATER),
        )
        for seen in [evidence(CREDIT, left)]
    ),
    *(
        silent(f"as much left as is claimed: {left.kind}", "deposit_received", seen)
        for left in (
            claim(at=LATER),
            burn(at=LATER, by=USER),
            lock(Custody.POOL, at=LATER),
            lock(Custody.EXCHANGE, at=LATER),
            sold("0.95", LATER),
        )
        for seen in [evidence(CREDIT, left, asked=case(asset=BTC.symbol, amount="1"))]
    ),
]

FOUND = [
    found(
        "burnt by the gateway",
        "gateway_settled",
        evidence(SENT, PAID),
        withdrawal_id=SENT.id,
        shows=[SENT.id, PAID.id],
        settlement=PAID.id,
        settled_at=PAID.at,
        took=timedelta(minutes=5),
        how=filler("how_settled", "burn"),
    ),
    found("burnt by its issuer", "gateway_settled", evidence(SENT, burn(by=ISSUER))),
    found(
        "the same amount was issued to a user after the burn",
        "gateway_settled",
        evidence(SENT, PAID, issue(at=ago(minutes=4), to=STRANGER)),
        basis=[],
    ),
    found(
        "another amount was issued to the gateway after the burn",
        "gateway_settled",
        evidence(SENT, PAID, issue("2", at=ago(minutes=4), to=GATE)),
        basis=[],
    ),
    found(
        "the same amount was issued to the gateway before the burn",
        "gateway_settled",
        evidence(SENT, PAID, issue(at=ago(minutes=6), to=GATE)),
        basis=[],
    ),
    found(
        "the same amount was issued to the gateway after the burn",
        "gateway_settled",
        evidence(SENT, PAID, issue(at=ago(minutes=4), to=GATE)),
        basis=["issued_again"],
    ),
    found(
        "the issuer issued the same amount to itself after the burn",
        "gateway_settled",
        evidence(SENT, PAID, issue(at=ago(minutes=4), to=ISSUER)),
        basis=["issued_again"],
    ),
    found(
        "burnt in a batch of three",
        "gateway_settled",
        evidence(BATCH),
        withdrawal_id=SENT.id,
        shows=[SENT.id, BATCH[-1].id],
        how=filler("how_settled", "batch"),
    ),
    found(
        "one of two equal ones: nobody can tell which",
        "gateway_settled",
        evidence(SENT, TWIN, PAID, asked=case(operation=SENT.id)),
        withdrawal_id=SENT.id,
        shows=[SENT.id, PAID.id, TWIN.id],
        basis=["ambiguous"],
        count=2,
        twins=f"{SENT.id} {TWIN.id}",
        says="It processed one of them",
    ),
    found(
        "both of two equal ones",
        "gateway_settled",
        evidence(SENT, TWIN, PAID, burn(at=ago(minutes=4)), asked=case(operation=SENT.id)),
        basis=[],
    ),
    found(
        "the other of two equal ones came back",
        "gateway_settled",
        evidence(SENT, TWIN, PAID, back(at=ago(minutes=4)), asked=case(operation=SENT.id)),
        basis=[],
    ),
    found(
        "sent back after it was burnt: the return leads",
        "gateway_settled",
        evidence(SENT, PAID, back(at=ago(minutes=4))),
        shows=[SENT.id, PAID.id, back(at=ago(minutes=4)).id],
        basis=["settled_and_returned"],
        returned=shown(1),
        says="also credited",
    ),
    found(
        "issued back after it was burnt: a refund or a deposit",
        "gateway_settled",
        evidence(SENT, PAID, issue(at=ago(minutes=4))),
        shows=[SENT.id, PAID.id, issue(at=ago(minutes=4)).id],
        basis=["settled_and_returned", "issue_or_deposit"],
        answer=issue(at=ago(minutes=4)).id,
        returned=shown(1),
        says="also credited",
    ),
    found(
        "issued before it was burnt: a deposit, or a refund of which the original was burnt",
        "gateway_settled",
        evidence(SENT, issue(at=ago(minutes=8)), PAID),
        shows=[SENT.id, issue(at=ago(minutes=8)).id, PAID.id],
        basis=["issue_or_deposit"],
        answer=issue(at=ago(minutes=8)).id,
        returned=shown(1),
        says="also credited",
    ),
    found(
        "a part came back and the rest was burnt",
        "gateway_settled",
        evidence(SENT, back("0.375"), burn("0.625", ago(minutes=4))),
        shows=[SENT.id, back("0.375").id, burn("0.625", ago(minutes=4)).id],
        returned=shown("0.375"),
        rest=shown("0.625"),
        basis=[],
        says="processed the other",
    ),
    found(
        "burnt less the fee, once",
        "gateway_settled",
        evidence(SENT, burn("0.9997")),
        how=filler("how_settled", "less_fee"),
        basis=["burnt_less_fee"],
    ),
    found(
        "burnt less the fee, as everybody's",
        "gateway_settled",
        evidence(SENT, burn("0.9997"), LESS_FEES),
        how=filler("how_settled", "less_fee"),
        basis=[],
    ),
    found(
        "passed on to where the gateway passes everybody's",
        "gateway_settled",
        evidence(SENT, PASSED_ON),
        how=filler("how_settled", "forward"),
        basis=["forwarded"],
    ),
    found(
        "burnt, and two others that wait make as much",
        "gateway_settled",
        evidence(
            SENT,
            transfer("0.25", ago(minutes=9), by=reader(1)),
            transfer("0.75", ago(minutes=8), by=reader(2)),
            PAID,
        ),
        basis=["fits_others_too"],
    ),
    found(
        "burnt, and two others made as much but were burnt themselves",
        "gateway_settled",
        evidence(
            SENT,
            transfer("0.25", ago(minutes=9), by=reader(1)),
            transfer("0.75", ago(minutes=8), by=reader(2)),
            PAID,
            burn("0.25", ago(minutes=4)),
            burn("0.75", ago(minutes=3)),
        ),
        basis=[],
    ),
    found(
        "in the last irreversible block",
        "gateway_settled",
        evidence(transfer(at=LAST_FINAL), burn(at=LAST_FINAL + INTERVAL)),
    ),
    found(
        "only a deposit, and nothing claimed",
        "deposit_received",
        evidence(CREDIT),
        withdrawal_id=None,
        shows=[CREDIT.id],
        amount=shown(1),
        received_at=CREDIT.at,
    ),
    found(
        "at the very start of the window",
        "deposit_received",
        evidence(issue(at=ago(hours=6))),
    ),
    found(
        "the claimed amount came in",
        "deposit_received",
        evidence(FROM_FRIEND, asked=case(asset="BROOK.BTC", amount="3")),
        shows=[FROM_FRIEND.id],
    ),
    found(
        "drawn by a withdraw permission, and claimed",
        "deposit_received",
        evidence(DRAWN, asked=case(asset="BROOK.BTC", amount="2")),
        shows=[DRAWN.id],
    ),
    found(
        "a trade beside it, and nothing claimed",
        "deposit_received",
        evidence(CREDIT, sold("1", LATER), lock(at=LATER)),
        says="we see no transfer out of",
        unsaid="nothing left",
    ),
    found(
        "less left than is claimed",
        "deposit_received",
        evidence(CREDIT, claim("0.2", at=LATER), asked=case(asset="BROOK.BTC", amount="1")),
    ),
    found(
        "the claimed operation is a deposit",
        "deposit_received",
        evidence(CREDIT, OTHER_CREDIT, asked=case(operation=OTHER_CREDIT.id)),
        shows=[OTHER_CREDIT.id],
    ),
    found(
        "two deposits are not one only",
        "deposit_received",
        evidence(CREDIT, OTHER_CREDIT),
        shows=[CREDIT.id],
        unsaid="There is only",
    ),
]


@pytest.mark.parametrize(("code", "seen", "expected"), SILENT)
def test_silent(code, seen, expected):
    assert codes(settled, seen) == expected


@pytest.mark.parametrize(("code", "seen", "expected", "fields"), FOUND)
def test_found(code, seen, expected, fields):
    assert codes(settled, seen) == expected
    assert told(settled, code, seen, fields) == fields
