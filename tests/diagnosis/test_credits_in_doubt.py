"""What a credit, a burn or a small payment does not prove; and what stays as sure as before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import (
    BTC,
    ETH,
    FRIEND,
    USER,
    account,
    ago,
    back,
    burn,
    case,
    concluded,
    evidence,
    history,
    issue,
    place,
    reader,
    register,
    transfer,
)
from overclaims import GRADES

from diag.domain.asset import Change
from diag.domain.custody_operations import DebtUpdated
from diag.domain.history import Log
from diag.domain.vocabulary import Confidence, ResendSafe
from diag.matching.withdrawals import build_evidence
from diag.render.user_reply import reply

SENT = transfer("1", ago(hours=5))
CAME = back("1", ago(hours=4))
EARLIER = transfer("1", ago(hours=9), n=21)
COLD = account(700, "quiet-cellar")


def credited(of=BTC, to=None, times=6):
    """Coins that the gateway transferred to others, who had sent it nothing."""
    return tuple(
        back(f"0.3{n}", ago(hours=8, minutes=n), to=to or reader(n), of=of, n=40 + n)
        for n in range(times)
    )


ROWS = [
    # what came back, code, least and most confidence, may it be sent again
    pytest.param((SENT, CAME), "gateway_returned", "high", "yes", id="returned"),
    pytest.param(
        (*credited(of=ETH), SENT, CAME), "gateway_returned", "medium", "no",
        id="the gateway transfers another coin to strangers: that is how it credits deposits",
    ),
    pytest.param(
        (*credited(of=ETH, to=COLD), SENT, CAME), "gateway_returned", "high", "yes",
        id="it transfers another coin to one account again and again",
    ),
    pytest.param(
        (back("3", ago(hours=9), n=31), SENT, CAME), "gateway_returned", "medium", "no",
        id="the user was credited by transfer before having sent anything",
    ),
    pytest.param(
        (transfer("3", ago(hours=10), n=32), back("3", ago(hours=9), n=31), SENT, CAME),
        "gateway_returned", "high", "yes",
        id="an earlier withdrawal of the user came back as well",
    ),
    pytest.param(
        (SENT, CAME, burn("0.9997", ago(hours=3))), "gateway_returned", "medium", "no",
        id="as much less the fee was burnt although it had come back",
    ),
    pytest.param(
        (SENT, issue("1", ago(hours=4)), burn("1", ago(hours=3))), "gateway_settled", "medium",
        "no", id="issued back, and then as much was burnt",
    ),
    pytest.param(
        (SENT, burn("0.6", ago(hours=4)), burn("0.4", ago(hours=3), n=33)),
        "gateway_overdue gateway_stalled", "low", "no", id="burnt in two parts",
    ),
    pytest.param(
        (SENT, burn("0.5", ago(hours=4)), burn("0.3", ago(hours=3), n=33),
         burn("0.1997", ago(hours=2), n=34)),
        "gateway_overdue gateway_stalled", "low", "no", id="burnt in three, less the fee",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("operations", "code", "confidence", "resend"), ROWS)
def test_what_a_credit_or_a_burn_proves(operations, code, confidence, resend):
    verdict = concluded(evidence(*operations)).verdict

    assert verdict.code in code.split()
    assert verdict.confidence == Confidence(confidence)
    assert (verdict.resend_safe is ResendSafe.YES) == (resend == "yes")


def read_from(start, *operations):
    """Evidence of a gateway so busy that its history was read only from a moment on."""
    asked = case(start=ago(hours=6))
    seen = history(asked, operations)
    logs = {
        who: Log(tuple(o for o in log.operations if o.at >= start), (), start)
        for who, log in seen.gateway_logs.items()
    }
    return build_evidence(asked, replace(seen, gateway_logs=logs), register())


@pytest.mark.parametrize(
    ("answer", "code", "confidence"),
    [
        pytest.param(burn("1", ago(hours=4)), "gateway_settled", "certain", id="its burn"),
        pytest.param(CAME, "gateway_returned", "medium", id="a return may be of either"),
        pytest.param(None, "gateway_overdue", "high", id="nothing"),
    ],
)
def test_an_equal_one_from_before_what_was_read_of_the_gateway(answer, code, confidence):
    operations = [o for o in (EARLIER, SENT, answer) if o]
    others = [
        transfer("3", ago(hours=5), by=reader(1), n=50),
        burn("3", ago(hours=4, minutes=50), n=51),
    ]
    verdict = concluded(read_from(ago(hours=6), *operations, *others)).verdict

    assert verdict.code == code
    assert GRADES.index(verdict.confidence) >= GRADES.index(Confidence(confidence))
    assert verdict.resend_safe is ResendSafe.NO


def test_digits_with_the_point_elsewhere_may_be_the_one_meant():
    paid = transfer("0.125", ago(hours=5), to=FRIEND)
    asked = case(asset=BTC.symbol, amount="1.25", destination="bc1qexample")
    diagnosis = concluded(evidence(paid, asked=asked))

    assert [w.id for w in diagnosis.evidence.withdrawals] == [paid.id]
    assert "amount" in diagnosis.verdict.differing


def test_a_debt_that_was_paid_is_no_collateral():
    amount = transfer("1").amount
    debt = Change(-amount.base_units, amount.asset_id)
    spot = {"location": place(ago(hours=5), 16), "kind": "call_order_update"}
    paid = DebtUpdated(USER.id, debt=debt, **spot)
    diagnosis = concluded(evidence(paid, asked=case(asset=BTC.symbol, amount="1")))

    assert diagnosis.verdict.code == "funds_locked"
    assert "collateral" not in reply(diagnosis, "en")
