from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from builders import (
    BTC,
    FRIEND,
    SECOND,
    ago,
    back,
    burn,
    case,
    codes,
    coin,
    evidence,
    found,
    gap,
    memo,
    others,
    proposal,
    reader,
    served,
    shown,
    silent,
    terms,
    time_lock,
    told,
    transfer,
    waiting,
    with_gateway,
)

import diag.checks.amount_mismatch
from diag.checks.amount_mismatch import RECEIVED
from diag.domain.gateway_live import LiveCoin, LiveState
from diag.domain.history import Gap
from diag.domain.withdrawal import TWINS_WITHIN
from diag.words import filler

SENT, PAID = transfer(), burn()
LATE = ago(hours=3)
SMALL, TINY = transfer("0.001", LATE), transfer("0.00099999", LATE)
BEFORE, AFTER = LATE - timedelta(minutes=10), LATE + timedelta(minutes=10)
FIRST = transfer(at=LATE)
TWIN = transfer(at=LATE + TWINS_WITHIN)
STRAY = transfer(at=LATE + TWINS_WITHIN + SECOND)
SAME_BLOCK = transfer(at=LATE, n=1)
AS_SMALL = {"value": "0.002", "step": "0.0001"}
RAISED = {
    "BROOK": LiveState("BROOK", {BTC.symbol: LiveCoin(BTC.symbol, minimum=Decimal("0.5"))})
}
FEELESS = {"coins": (coin(terms=()),)}
OTHER = transfer("3", ago(minutes=20))


def received(value, *operations, **facts):
    """One BROOK.BTC sent, and this is what arrived, as the user says."""
    claims = {"operation": SENT.id, **facts.pop("claims", {})}
    return evidence(SENT, *operations, asked=case(received=value, **claims), **facts)


def claimed(value, *operations, **facts):
    return evidence(*(operations or [SENT]), asked=case(amount=value), **facts)


SILENT = [
    silent("all of it arrived", "amount_fee_explained", received("1", PAID)),
    silent("nothing said of what arrived", "amount_fee_explained", evidence(SENT, PAID)),
    silent(
        "one unit less than the fee explains",
        "amount_fee_explained",
        received("0.99969999", PAID),
        also=["amount_mismatch"],
    ),
    silent(
        "one unit more than the fee explains",
        "amount_fee_explained",
        received("0.99970001", PAID),
        also=["amount_mismatch"],
    ),
    silent(
        "sent back less the fee", "amount_fee_explained", received("0.9997", back("0.9997"))
    ),
    silent(
        "to a friend less the fee of a gateway",
        "amount_fee_explained",
        evidence(transfer(to=FRIEND), asked=case(received="0.9997")),
    ),
    silent(
        "the fee of another time",
        "amount_fee_explained",
        with_gateway(
            SENT,
            PAID,
            asked=case(received="0.9997"),
            coins=(coin(terms=(terms(fee="0.0003", end=SENT.at), terms(fee="0.0005"))),),
        ),
        also=["amount_mismatch"],
    ),
    silent("exactly as claimed", "amount_mismatch", claimed("1")),
    silent("as claimed, with idle zeros", "amount_mismatch", claimed("1.00000000")),
    silent("the wallet took the fee off", "amount_mismatch", claimed("1.0003")),
    silent("the wallet put the fee on top", "amount_mismatch", claimed("0.9997")),
    silent("nothing arrived yet and nothing is settled", "amount_mismatch", received("0")),
    silent(
        "nothing arrived although it is settled: that is no other amount",
        "amount_mismatch",
        received("0", PAID),
    ),
    silent(
        "the fee explains it",
        "amount_mismatch",
        received("0.9997", PAID),
        also=["amount_fee_explained"],
    ),
    silent("sent back in part", "amount_mismatch", received("0.5", back("0.5"))),
    silent("only proposed", "amount_mismatch", evidence(proposal(), asked=case(amount="2"))),
    silent("in a time-lock", "amount_mismatch", evidence(time_lock(), asked=case(amount="2"))),
    silent(
        "one of two has the claimed amount",
        "amount_mismatch",
        claimed("1", SENT, OTHER),
    ),
    silent(
        "what arrived is another withdrawal of the window, less its fee",
        "amount_mismatch",
        evidence(SENT, PAID, OTHER, burn("3", ago(minutes=15)), asked=case(received="2.9997")),
        also=["amount_fee_explained"],
    ),
    silent(
        "both arrived, less two fees",
        "amount_mismatch",
        evidence(SENT, PAID, OTHER, burn("3", ago(minutes=15)), asked=case(received="3.9994")),
    ),
    silent(
        "both arrived, less two fees, and the sum was claimed",
        "amount_mismatch",
        evidence(SENT, PAID, OTHER, asked=case(amount="4", received="3.9994")),
    ),
    silent("exactly the minimum", "below_minimum", evidence(SMALL)),
    silent("under it, but burnt", "below_minimum", evidence(TINY, burn("0.00099999"))),
    silent("under it, but sent back", "below_minimum", evidence(TINY, back("0.00099999"))),
    silent("to a friend", "below_minimum", evidence(transfer("0.00000001", to=FRIEND))),
    silent("no minimum known", "below_minimum", with_gateway(TINY, **FEELESS)),
    silent(
        "the minimum was raised afterwards",
        "below_minimum",
        with_gateway(
            TINY,
            coins=(
                coin(
                    terms=(
                        terms("0.0001", end=ago(minutes=1)),
                        terms("0.001", start=ago(minutes=1)),
                    )
                ),
            ),
        ),
    ),
    silent(
        "under it, and burnt or not: an equal one of somebody else was sent too",
        "below_minimum",
        evidence(transfer("0.00099999", LATE - SECOND, by=reader(1)), TINY, burn("0.00099999")),
    ),
    silent(
        "sent two minutes ago",
        "below_minimum",
        evidence(transfer("0.00099999", ago(minutes=2))),
    ),
    silent(
        "later ones as small were served",
        "below_minimum",
        evidence(TINY, others(4, AFTER, value="0.0002", step="0.00001")),
    ),
    silent(
        "earlier ones as small were served",
        "below_minimum",
        evidence(TINY, others(4, BEFORE, value="0.0002", step="0.00001")),
    ),
    silent(
        "the fee would use it up, but others as small were served",
        "below_minimum",
        with_gateway(
            transfer("0.0003", LATE),
            others(4, BEFORE, value="0.0001", step="0.00001"),
            coins=(coin(terms=(terms(fee="0.0003"),)),),
        ),
    ),
    silent(
        "one unit more than the fee, and no minimum on record",
        "below_minimum",
        with_gateway(transfer("0.00030001", LATE), coins=(coin(terms=(terms(fee="0.0003"),)),)),
    ),
    silent("only one", "duplicate_submission", evidence(FIRST)),
    silent("a second too far apart", "duplicate_submission", evidence(FIRST, STRAY)),
    silent(
        "a unit apart",
        "duplicate_submission",
        evidence(FIRST, transfer("1.00000001", LATE, n=1)),
    ),
    silent(
        "which of them was served could not be read",
        "duplicate_submission",
        evidence(
            FIRST,
            TWIN,
            gaps=(gap(Gap.GATEWAY),),
            gateway_hole=(ago(minutes=5), ago(minutes=4)),
        ),
    ),
    silent("both served", "duplicate_submission", evidence(FIRST, TWIN, PAID, burn(n=2))),
    silent(
        "twice to a friend",
        "duplicate_submission",
        evidence(transfer(at=LATE, to=FRIEND), transfer(at=LATE, to=FRIEND, n=1)),
    ),
    silent(
        "of somebody else",
        "duplicate_submission",
        evidence(FIRST, transfer(at=LATE, by=reader(1), n=1)),
    ),
    silent(
        "two just sent, and the gateway is in time for both",
        "duplicate_submission",
        evidence(transfer(at=ago(minutes=5)), transfer(at=ago(minutes=4))),
    ),
    silent(
        "the first was served, and the gateway is in time for the second",
        "duplicate_submission",
        evidence(transfer(at=ago(minutes=9)), transfer(at=ago(minutes=8)), burn()),
    ),
    silent(
        "the whole gateway stands still",
        "duplicate_submission",
        evidence(FIRST, TWIN, served(9, ago(hours=5)), waiting(3, LATE)),
    ),
    silent(
        "the first was served, and nobody since",
        "duplicate_submission",
        evidence(FIRST, TWIN, burn(at=LATE + SECOND), waiting(3, BEFORE)),
    ),
    silent(
        "one has a memo, the other has none",
        "duplicate_submission",
        evidence(FIRST, transfer(at=LATE, note=None, n=1)),
    ),
    silent(
        "memos for everybody that name two addresses",
        "duplicate_submission",
        evidence(
            transfer(at=LATE, note=memo("btc:one")),
            transfer(at=LATE, note=memo("btc:another"), n=1),
        ),
    ),
    silent(
        "memos of different length",
        "duplicate_submission",
        evidence(FIRST, transfer(at=LATE, note=memo(size=64), n=1)),
    ),
    silent(
        "memos that the operator can read, and they differ",
        "duplicate_submission",
        evidence(
            FIRST, SAME_BLOCK, memo_texts={FIRST.id: "btc:one", SAME_BLOCK.id: "btc:another"}
        ),
    ),
]

FOUND = [
    found(
        "an amount of the other gateway's coin",
        "amount_mismatch",
        evidence(SENT, asked=case(asset="CLIFF.BTC", amount="0.95")),
        claimed="0.95 CLIFF.BTC",
        difference="0.05 BROOK.BTC",
    ),
    found(
        "what is missing is the fee",
        "amount_fee_explained",
        received("0.9997", PAID),
        withdrawal_id=SENT.id,
        shows=[SENT.id, PAID.id],
        received="0.9997 BROOK.BTC",
        difference="0.0003 BROOK.BTC",
        fee="0.0003 BROOK.BTC",
    ),
    found(
        "the fee of that time",
        "amount_fee_explained",
        with_gateway(
            SENT,
            PAID,
            asked=case(received="0.9997"),
            coins=(
                coin(terms=(terms(fee="0.0003"), terms(fee="0.0005", start=ago(minutes=1)))),
            ),
        ),
    ),
    found(
        "the settled one of two equal ones, of which one arrived",
        "amount_fee_explained",
        evidence(FIRST, TWIN, burn(at=AFTER), asked=case(received="0.9997")),
        also=["duplicate_submission"],
        withdrawal_id=FIRST.id,
    ),
    found(
        "one of two equal ones arrived; neither is burnt",
        "amount_fee_explained",
        evidence(FIRST, TWIN, asked=case(received="0.9997")),
        also=["duplicate_submission", "duplicate_submission"],
        withdrawal_id=FIRST.id,
    ),
    found(
        "arrived, though not burnt yet",
        "amount_fee_explained",
        received("0.9997"),
        shows=[SENT.id],
    ),
    found(
        "one unit more missing than the fee",
        "amount_mismatch",
        received("0.99969999", PAID),
        withdrawal_id=SENT.id,
        shows=[SENT.id, PAID.id],
        what=RECEIVED,
        claimed="0.99969999 BROOK.BTC",
        difference="0.00030001 BROOK.BTC",
        fee="0.0003 BROOK.BTC",
    ),
    found(
        "more arrived than was sent",
        "amount_mismatch",
        received("1.5", PAID),
        difference="0.5 BROOK.BTC",
    ),
    found(
        "claims twice what was sent",
        "amount_mismatch",
        claimed("2"),
        withdrawal_id=SENT.id,
        shows=[SENT.id],
        what=diag.checks.amount_mismatch.SENT,
        claimed="2 BROOK.BTC",
        difference="1 BROOK.BTC",
    ),
    found("claims one unit more than sent and fee", "amount_mismatch", claimed("1.00030001")),
    found(
        "to a friend, of another amount",
        "amount_mismatch",
        claimed("2", transfer(to=FRIEND)),
        gateway=FRIEND.name,
        unsaid="the fee",
    ),
    found(
        "less arrived, and no fee is known that could explain it or not",
        "amount_mismatch",
        with_gateway(SENT, PAID, asked=case(received="0.5"), **FEELESS),
        fee=filler("fee", "unknown"),
        unsaid="not explained by the fee",
    ),
    found(
        "one unit under the minimum",
        "below_minimum",
        evidence(TINY),
        withdrawal_id=TINY.id,
        shows=[TINY.id],
        minimum="0.001 BROOK.BTC",
        amount=shown("0.00099999"),
    ),
    found(
        "under the minimum of that very moment",
        "below_minimum",
        with_gateway(
            TINY, coins=(coin(terms=(terms("0.0001"), terms("0.001", start=TINY.at))),)
        ),
    ),
    found(
        "nobody as small was seen",
        "below_minimum",
        evidence(TINY, others(5, BEFORE), others(5, AFTER, first=20)),
        says="is below its minimum of 0.001 BROOK.BTC",
        confidence="high",
        basis=["others_observed"],
    ),
    found(
        "others as small were sent back",
        "below_minimum",
        evidence(TINY, others(3, BEFORE, value="0.0002", step="0.00001", fate="returned")),
        basis=["others_observed"],
    ),
    found(
        "under what the gateway's own list says now, which is newer than what was served",
        "below_minimum",
        evidence(transfer("0.01", ago(minutes=3)), others(5, BEFORE, **AS_SMALL), live=RAISED),
        minimum="0.5 BROOK.BTC",
        basis=["early"],
    ),
    found(
        "the same, but later ones as small were served",
        "below_minimum",
        evidence(transfer("0.01", LATE), others(5, AFTER, **AS_SMALL), live=RAISED),
        confidence="medium",
    ),
    found(
        "two as small were served",
        "below_minimum",
        evidence(TINY, others(2, BEFORE, value="0.0002", step="0.00001")),
        confidence="medium",
        basis=["others_served"],
    ),
    found(
        "those as small were served before the minimum was raised",
        "below_minimum",
        with_gateway(
            TINY,
            others(5, LATE - timedelta(minutes=30), value="0.0002", step="0.00001"),
            coins=(coin(terms=(terms("0.0001"), terms("0.001", start=BEFORE))),),
        ),
        confidence="high",
    ),
    found(
        "the fee would use it up, and no minimum is on record",
        "below_minimum",
        with_gateway(transfer("0.0003", LATE), coins=(coin(terms=(terms(fee="0.0003"),)),)),
        says="can't cover its withdrawal fee of 0.0003 BROOK.BTC",
    ),
    found(
        "above the minimum on record, and the fee would use it up",
        "below_minimum",
        with_gateway(
            transfer("0.0002", LATE), coins=(coin(terms=(terms("0.0001", "0.0003"),)),)
        ),
        says="can't cover its withdrawal fee",
    ),
    found(
        "twice, neither served, and later ones of others were",
        "duplicate_submission",
        evidence(FIRST, SAME_BLOCK, others(3, AFTER), waiting(3, BEFORE)),
        also=["duplicate_submission"],
    ),
    found(
        "memos that the operator can read, and they say the same",
        "duplicate_submission",
        evidence(FIRST, SAME_BLOCK, memo_texts={FIRST.id: "btc:one", SAME_BLOCK.id: "btc:one"}),
        also=["duplicate_submission"],
    ),
    found(
        "twice within exactly a quarter of an hour, neither served",
        "duplicate_submission",
        evidence(FIRST, TWIN),
        also=["duplicate_submission"],
        withdrawal_id=FIRST.id,
        shows=[FIRST.id, TWIN.id],
        count=2,
        settled=0,
        waiting=2,
    ),
    found(
        "twice, the first served",
        "duplicate_submission",
        evidence(FIRST, TWIN, PAID),
        withdrawal_id=TWIN.id,
        shows=[FIRST.id, TWIN.id],
        settled=1,
        waiting=1,
        twins=f"{FIRST.id} {TWIN.id}",
    ),
    found(
        "three in one block: one served, one returned, one waits",
        "duplicate_submission",
        evidence(FIRST, SAME_BLOCK, transfer(at=LATE, n=20), PAID, back()),
        count=3,
        settled=1,
        waiting=1,
    ),
    found(
        "in one block, and the question means only one of them",
        "duplicate_submission",
        evidence(FIRST, SAME_BLOCK, asked=case(operation=SAME_BLOCK.id)),
        withdrawal_id=SAME_BLOCK.id,
        shows=[SAME_BLOCK.id, FIRST.id],
    ),
]


@pytest.mark.parametrize(("code", "seen", "expected"), SILENT)
def test_silent(code, seen, expected):
    assert codes(diag.checks.amount_mismatch, seen) == expected


@pytest.mark.parametrize(("code", "seen", "expected", "fields"), FOUND)
def test_found(code, seen, expected, fields):
    assert codes(diag.checks.amount_mismatch, seen) == expected
    assert told(diag.checks.amount_mismatch, code, seen, fields) == fields
