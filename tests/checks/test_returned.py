from __future__ import annotations

import pytest
from builders import (
    CORE,
    FJORD_BTC,
    FRIEND,
    ISSUER,
    OTHER_GATE,
    STRANGER,
    UNKNOWN_GATE,
    account,
    ago,
    back,
    burn,
    case,
    changed,
    codes,
    coin,
    evidence,
    found,
    issue,
    memo,
    reader,
    shown,
    silent,
    told,
    transfer,
    with_gateway,
)

from diag.checks import returned
from diag.domain.gateway import Deposits
from diag.words import filler

SENT, SMALL, LATE = transfer(), transfer("0.005"), transfer(at=ago(hours=3))
TO_FRIEND, FROM_FRIEND = transfer(to=FRIEND), back(by=FRIEND)
REFUNDS = account(540, "brook-refunds")
BACK, MINTED = back(), issue()
LESS, SHORT = back("0.95"), back("0.94999999")
FULL = filler("how_returned", "full")
LESS_FEE = filler("how_returned", "less_fee")


def by_transfer(*operations, **more):
    """At a gateway that credits deposits by transfer."""
    return with_gateway(*operations, deposits=Deposits.TRANSFER, **more)


SILENT = [
    silent("nothing came back", "gateway_returned", evidence(SENT)),
    silent("burnt", "gateway_returned", evidence(SENT, burn())),
    silent(
        "came before it was sent", "gateway_returned", evidence(SENT, back(at=ago(hours=1)))
    ),
    silent("to somebody else", "gateway_returned", evidence(SENT, back(to=reader(1)))),
    silent("another asset", "gateway_returned", evidence(SENT, back(of=CORE))),
    silent("more than was sent", "gateway_returned", evidence(SENT, back("1.00000001"))),
    silent("from a friend", "gateway_returned", evidence(SENT, back(by=FRIEND))),
    silent(
        "a smaller amount issued: a deposit", "gateway_returned", evidence(SENT, issue("0.99"))
    ),
    silent(
        "the return of an older one of the same user",
        "gateway_returned",
        evidence(transfer("1", ago(hours=7)), SENT, back("1")),
    ),
    silent(
        "all but a twentieth, as fees go",
        "gateway_returned_partial",
        evidence(SENT, LESS),
        also=["gateway_returned"],
    ),
    silent(
        "a smaller transfer from a gateway that credits deposits that way",
        "gateway_returned_partial",
        with_gateway(SENT, back("0.5"), deposits=Deposits.TRANSFER),
    ),
    silent(
        "burnt in full",
        "gateway_returned_partial",
        evidence(SENT, burn(), back("0.5", ago(minutes=4))),
    ),
    silent("nothing sent", "gateway_returned_partial", evidence(back("0.5"))),
    silent(
        "nearly all, where a deposit is credited by transfer",
        "gateway_returned",
        by_transfer(SENT, back("0.97")),
    ),
    silent(
        "issued less another amount than the fee: a deposit",
        "gateway_returned",
        evidence(SENT, issue("0.9996")),
    ),
    silent(
        "a public memo calls it a deposit",
        "gateway_returned",
        by_transfer(SENT, changed(BACK, memo=memo("deposit of 1 BTC"))),
    ),
    silent(
        "a credit as any of a row of deposits",
        "gateway_returned",
        by_transfer(
            back(at=ago(hours=3)), back("1.01", ago(hours=2)), SENT, BACK, asked=case()
        ),
    ),
    silent(
        "credited before it was burnt: a deposit",
        "gateway_returned",
        by_transfer(SENT, back(at=ago(minutes=8)), burn()),
    ),
    silent(
        "issued after it was burnt: told with the settlement",
        "gateway_returned",
        evidence(SENT, burn(), issue(at=ago(minutes=4))),
    ),
    silent("a friend sent it back", "gateway_returned", evidence(TO_FRIEND, FROM_FRIEND)),
    silent(
        "from a stranger who has nothing to do with the gateway",
        "gateway_returned",
        evidence(SENT, back(by=STRANGER)),
    ),
    silent(
        "from a stranger to whom the gateway had sent another amount",
        "gateway_returned",
        evidence(SENT, back("0.75", ago(minutes=8), to=STRANGER), back(by=STRANGER)),
    ),
    silent(
        "a small gift minutes after sending",
        "gateway_returned_partial",
        evidence(SENT, back("0.01")),
    ),
    silent(
        "less than half, while the gateway still has time",
        "gateway_returned_partial",
        evidence(SENT, back("0.375")),
    ),
    silent(
        "less than a fifth, hours later",
        "gateway_returned_partial",
        evidence(LATE, back("0.19")),
    ),
    silent(
        "the rest was burnt",
        "gateway_returned_partial",
        evidence(SENT, back("0.625"), burn("0.375", ago(minutes=4))),
    ),
    silent(
        "two parts that make the whole",
        "gateway_returned_partial",
        evidence(SENT, back("0.625"), back("0.375", ago(minutes=4))),
        also=["gateway_returned"],
    ),
]

FOUND = [
    found(
        "in full",
        "gateway_returned",
        evidence(SENT, BACK),
        withdrawal_id=SENT.id,
        shows=[SENT.id, BACK.id],
        answer=BACK.id,
        returned=shown(1),
        returned_at=BACK.at,
        how=FULL,
        basis=[],
    ),
    found("by the issuer", "gateway_returned", evidence(SENT, back(by=ISSUER)), how=FULL),
    found(
        "issued anew in full: it may also be a deposit",
        "gateway_returned",
        evidence(SENT, MINTED),
        shows=[SENT.id, MINTED.id],
        basis=["issue_or_deposit"],
    ),
    found(
        "short by exactly a twentieth, where the fee is far less",
        "gateway_returned",
        evidence(SENT, LESS),
        returned=shown("0.95"),
        difference=shown("0.05"),
        fee=shown("0.0003"),
        how=LESS_FEE,
        basis=["unlike_fee"],
        says="0.05 BROOK.BTC less",
    ),
    found(
        "short by exactly the fee",
        "gateway_returned",
        evidence(SENT, back("0.9997")),
        returned=shown("0.9997"),
        how=LESS_FEE,
        basis=[],
    ),
    found(
        "short by something, where no fee is on record",
        "gateway_returned",
        with_gateway(SENT, back("0.9997"), coins=(coin(terms=()),)),
        fee=filler("fee", "unknown"),
        basis=["unlike_fee"],
    ),
    found(
        "short by what others were short by",
        "gateway_returned",
        evidence(
            SENT,
            back("0.998"),
            *(transfer(2 + n, ago(minutes=20), by=reader(n), n=n) for n in range(2)),
            *(back(f"{1 + n}.998", ago(minutes=15), to=reader(n), n=n) for n in range(2)),
        ),
        basis=[],
    ),
    found(
        "in full, where deposits are credited by transfer",
        "gateway_returned",
        by_transfer(SENT, BACK),
        basis=["return_or_deposit"],
        how=FULL,
        says="most likely the return",
    ),
    found(
        "in full, from a gateway of which nothing is known",
        "gateway_returned",
        evidence(transfer(to=UNKNOWN_GATE, of=FJORD_BTC), back(by=UNKNOWN_GATE, of=FJORD_BTC)),
        basis=["return_or_deposit"],
    ),
    found(
        "in full, seen to credit strangers by transfer",
        "gateway_returned",
        evidence(SENT, BACK, *(back("3", ago(hours=1), to=reader(n), n=n) for n in range(3))),
        basis=["return_or_deposit"],
    ),
    found(
        "in full, where deposits are transfers, but the memo says refund",
        "gateway_returned",
        by_transfer(SENT, changed(BACK, memo=memo("refund: wrong address"))),
        basis=[],
    ),
    found(
        "another gateway's coin, in which no deposits are made here",
        "gateway_returned",
        evidence(transfer(to=OTHER_GATE), back(by=OTHER_GATE)),
        basis=[],
    ),
    found(
        "issued anew less exactly the fee",
        "gateway_returned",
        evidence(SENT, issue("0.9997")),
        basis=["issue_or_deposit"],
        how=LESS_FEE,
    ),
    found(
        "in two parts",
        "gateway_returned",
        evidence(SENT, back("0.6"), back("0.4", ago(minutes=4))),
        shows=[SENT.id, back("0.6").id, back("0.4", ago(minutes=4)).id],
        returned=shown(1),
        how=FULL,
        basis=[],
    ),
    found(
        "in two parts, less exactly the fee",
        "gateway_returned",
        evidence(SENT, back("0.6"), back("0.3997", ago(minutes=4))),
        returned=shown("0.9997"),
        how=LESS_FEE,
        basis=[],
    ),
    found(
        "issued anew in two parts",
        "gateway_returned",
        evidence(SENT, issue("0.6"), issue("0.4", ago(minutes=4))),
        basis=["issue_or_deposit"],
    ),
    found(
        "two withdrawals in one transfer",
        "gateway_returned",
        evidence(SENT, transfer("2", ago(minutes=9)), back("3")),
        also=["gateway_returned"],
        returned=shown(1),
        basis=[],
    ),
    found(
        "through an account to which the gateway had sent as much",
        "gateway_returned",
        evidence(SENT, back(at=ago(minutes=8), to=STRANGER), back(by=STRANGER)),
        basis=["second_account"],
        account=STRANGER.name,
        says=STRANGER.name,
    ),
    found(
        "from an unknown account that bears the gateway's name",
        "gateway_returned",
        evidence(SENT, back(by=REFUNDS), known=(REFUNDS,)),
        basis=["second_account"],
        account=REFUNDS.name,
    ),
    found(
        "although it had been burnt",
        "gateway_returned",
        evidence(SENT, burn(), back(at=ago(minutes=4))),
        shows=[SENT.id, burn().id, back(at=ago(minutes=4)).id],
        basis=["settled_and_returned"],
        settled_at=burn().at,
        says="processed your",
    ),
    found(
        "and burnt although it had come back",
        "gateway_returned",
        evidence(SENT, back(at=ago(minutes=8)), burn()),
        basis=["settled_and_returned"],
    ),
    found(
        "short by exactly twice the fee of a small one",
        "gateway_returned",
        evidence(SMALL, back("0.0044")),
        how=LESS_FEE,
        basis=["unlike_fee"],
    ),
    found(
        "less exactly the fee, where smaller transfers may be deposits",
        "gateway_returned",
        by_transfer(SENT, back("0.9997")),
        how=LESS_FEE,
        basis=["return_or_deposit"],
    ),
    found(
        "one unit less than all but a twentieth",
        "gateway_returned_partial",
        evidence(SENT, SHORT),
        withdrawal_id=SENT.id,
        shows=[SENT.id, SHORT.id],
        answer=SHORT.id,
        returned=shown("0.94999999"),
        rest=shown("0.05000001"),
    ),
    found(
        "one unit more short than twice the fee of a small one",
        "gateway_returned_partial",
        evidence(SMALL, back("0.00439999")),
        rest=shown("0.00060001"),
    ),
    found(
        "two fifths, hours later",
        "gateway_returned_partial",
        evidence(LATE, back("0.4")),
        rest=shown("0.6"),
    ),
    found(
        "two parts that do not make the whole",
        "gateway_returned_partial",
        evidence(SENT, back("0.25"), back("0.375", ago(minutes=4))),
        returned=shown("0.625"),
    ),
]


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        (returned.RETURNED, "refunded"),
        (returned.PARTIAL, "pending_anchor"),
        (returned.LESS_THAN_HALF, "pending_anchor"),
    ],
)
def test_refunded_means_fully_refunded(rule, status):
    """SEP-24: a case in which money is missing must not be closed by it."""
    assert rule.sep24 == status


@pytest.mark.parametrize(("code", "seen", "expected"), SILENT)
def test_silent(code, seen, expected):
    assert codes(returned, seen) == expected


@pytest.mark.parametrize(("code", "seen", "expected", "fields"), FOUND)
def test_found(code, seen, expected, fields):
    assert codes(returned, seen) == expected
    assert told(returned, code, seen, fields) == fields
