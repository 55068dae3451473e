from __future__ import annotations

from datetime import timedelta

import pytest
from builders import (
    ETH,
    FIRST_REVERSIBLE,
    FJORD_BTC,
    FRIEND,
    INTERVAL,
    ISSUER,
    PRUNED,
    UNKNOWN_GATE,
    ago,
    amount,
    back,
    burn,
    case,
    codes,
    evidence,
    found,
    issue,
    live_lock,
    proposal,
    reader,
    redeemed,
    silent,
    time_lock,
    told,
    transfer,
)

from diag.checks import settled
from diag.domain.withdrawal import AnswerKind

SENT, PAID = transfer(), burn()
TWIN = transfer(at=ago(minutes=9))
LAST_FINAL = FIRST_REVERSIBLE - INTERVAL
TO_FRIEND = transfer(to=FRIEND, at=LAST_FINAL)
LOCK = time_lock()
TAKEN = redeemed(LOCK)
TAKEN_JUST_NOW = redeemed(LOCK, at=FIRST_REVERSIBLE)
PROPOSED = proposal(inner=(transfer(to=FRIEND),))
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
CREDIT, OTHER_CREDIT = issue(at=ago(hours=1)), issue("2", at=ago(minutes=50))
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
        "the withdrawal itself may still be undone",
        "gateway_settled",
        evidence(transfer(at=FIRST_REVERSIBLE), burn(at=FIRST_REVERSIBLE + INTERVAL)),
    ),
    silent(
        "to a friend, in a block that may still be undone",
        "delivered_on_chain",
        evidence(transfer(to=FRIEND, at=FIRST_REVERSIBLE)),
    ),
    silent("to a gateway", "delivered_on_chain", evidence(SENT)),
    silent(
        "to who issues the coin: a gateway, though no register knows it",
        "delivered_on_chain",
        evidence(transfer(to=UNKNOWN_GATE, of=FJORD_BTC)),
    ),
    silent("to oneself", "delivered_on_chain", evidence(transfer(to=reader(0), by=FRIEND))),
    silent(
        "a time-lock that nobody opened",
        "delivered_on_chain",
        evidence(LOCK, time_locks={LOCK.lock: live_lock(LOCK)}),
    ),
    silent(
        "a time-lock opened in a block that may still be undone",
        "delivered_on_chain",
        evidence(LOCK, TAKEN_JUST_NOW, time_locks={LOCK.lock: None}),
    ),
    silent(
        "only proposed",
        "delivered_on_chain",
        evidence(PROPOSED, proposals={PROPOSED.proposal: None}),
    ),
    silent(
        "a withdrawal beside it",
        "deposit_received",
        evidence(CREDIT, TO_FRIEND),
        also=["delivered_on_chain"],
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
        how=settled.HOW[AnswerKind.BURN],
    ),
    found("burnt by its issuer", "gateway_settled", evidence(SENT, burn(by=ISSUER))),
    found(
        "burnt in a batch of three",
        "gateway_settled",
        evidence(BATCH),
        withdrawal_id=SENT.id,
        shows=[SENT.id, BATCH[-1].id],
        how=settled.HOW[AnswerKind.BATCH],
    ),
    found(
        "the first of two equal ones",
        "gateway_settled",
        evidence(SENT, TWIN, PAID, asked=case(operation=SENT.id)),
        withdrawal_id=SENT.id,
    ),
    found(
        "in the last irreversible block",
        "gateway_settled",
        evidence(transfer(at=LAST_FINAL), burn(at=LAST_FINAL + INTERVAL)),
    ),
    found(
        "to a friend, in the last irreversible block",
        "delivered_on_chain",
        evidence(TO_FRIEND),
        withdrawal_id=TO_FRIEND.id,
        shows=[TO_FRIEND.id],
        recipient=FRIEND.name,
    ),
    found(
        "a time-lock that the recipient opened",
        "delivered_on_chain",
        evidence(LOCK, TAKEN, time_locks={LOCK.lock: None}),
        withdrawal_id=LOCK.id,
        shows=[LOCK.id, TAKEN.id],
    ),
    found(
        "only a deposit, and nothing claimed",
        "deposit_received",
        evidence(CREDIT),
        withdrawal_id=None,
        shows=[CREDIT.id],
        amount=str(amount(1)),
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
