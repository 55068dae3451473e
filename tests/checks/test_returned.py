from __future__ import annotations

import pytest
from builders import (
    CORE,
    FRIEND,
    ISSUER,
    ago,
    amount,
    back,
    burn,
    codes,
    evidence,
    found,
    issue,
    reader,
    silent,
    told,
    transfer,
    with_gateway,
)

from diag.checks import returned
from diag.domain.gateway import Deposits
from diag.domain.withdrawal import Completeness

SENT, SMALL = transfer(), transfer("0.005")
BACK, MINTED = back(), issue()
LESS, SHORT = back("0.95"), back("0.94999999")
FULL = returned.HOW[Completeness.FULL]
LESS_FEE = returned.HOW[Completeness.LESS_FEE]

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
]

FOUND = [
    found(
        "in full",
        "gateway_returned",
        evidence(SENT, BACK),
        withdrawal_id=SENT.id,
        shows=[SENT.id, BACK.id],
        answer=BACK.id,
        returned=str(amount(1)),
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
        "short by exactly a twentieth",
        "gateway_returned",
        evidence(SENT, LESS),
        returned=str(amount("0.95")),
        how=LESS_FEE,
    ),
    found(
        "short by exactly twice the fee of a small one",
        "gateway_returned",
        evidence(SMALL, back("0.0044")),
        how=LESS_FEE,
    ),
    found(
        "less a fee, where smaller transfers may be deposits",
        "gateway_returned",
        with_gateway(SENT, back("0.9997"), deposits=Deposits.TRANSFER),
        how=LESS_FEE,
    ),
    found(
        "one unit less than all but a twentieth",
        "gateway_returned_partial",
        evidence(SENT, SHORT),
        withdrawal_id=SENT.id,
        shows=[SENT.id, SHORT.id],
        answer=SHORT.id,
        returned=str(amount("0.94999999")),
        rest=str(amount("0.05000001")),
    ),
    found(
        "one unit more short than twice the fee of a small one",
        "gateway_returned_partial",
        evidence(SMALL, back("0.00439999")),
        rest=str(amount("0.00060001")),
    ),
]


@pytest.mark.parametrize(("code", "seen", "expected"), SILENT)
def test_silent(code, seen, expected):
    assert codes(returned, seen) == expected


@pytest.mark.parametrize(("code", "seen", "expected", "fields"), FOUND)
def test_found(code, seen, expected, fields):
    assert codes(returned, seen) == expected
    assert told(returned, code, seen, fields) == fields
