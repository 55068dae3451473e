from __future__ import annotations

import pytest
from builders import (
    CORE,
    FIRST_REVERSIBLE,
    FJORD_BTC,
    FRIEND,
    GATE,
    INTERVAL,
    STRANGER,
    UNKNOWN_GATE,
    account,
    ago,
    asset,
    back,
    codes,
    evidence,
    found,
    live_lock,
    memo,
    proposal,
    reader,
    redeemed,
    shown,
    silent,
    time_lock,
    told,
    transfer,
)

from diag.checks import delivered
from diag.i18n import Text
from diag.words import filler

LAST_FINAL = FIRST_REVERSIBLE - INTERVAL
TO_FRIEND = transfer(to=FRIEND, at=LAST_FINAL)
PAID_FRIEND = transfer("500", ago(hours=3), to=FRIEND, of=CORE)
LOCK = time_lock()
TAKEN = redeemed(LOCK)
TAKEN_JUST_NOW = redeemed(LOCK, at=FIRST_REVERSIBLE)
TO_GATE = time_lock(to=GATE)
TAKEN_BY_GATE = redeemed(TO_GATE)
PROPOSED = proposal(inner=(transfer(to=FRIEND),))
NULL, TEMP, PROXY = (
    account(3, "null-account"),
    account(4, "temp-account"),
    account(5, "proxy-to-self"),
)
COMMITTEE = account(0, "committee-account")
TO_NULL = transfer(to=NULL, at=ago(hours=1))
GIVEN_UP = asset(90, "GIVEN.UP", 4, issuer=NULL.id)
"""A coin whose issuer gave it up."""


def paid_back(value="500", at=None, n=2):
    return back(value, at or ago(hours=2), by=FRIEND, of=CORE, n=n)


def to_nobody(who, **more):
    return evidence(transfer(to=who, at=ago(hours=1), **more), known=(who,))


SILENT = [
    silent(
        "to a friend, in a block that may still be undone",
        "delivered_on_chain",
        evidence(transfer(to=FRIEND, at=FIRST_REVERSIBLE)),
    ),
    silent("to a gateway", "delivered_on_chain", evidence(transfer())),
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
        "to an account that is nobody's",
        "delivered_on_chain",
        to_nobody(NULL),
        also=["sent_to_nobody"],
    ),
    silent("to a friend", "sent_to_nobody", evidence(TO_FRIEND), also=["delivered_on_chain"]),
    silent(
        "in a block that may still be undone",
        "sent_to_nobody",
        evidence(transfer(to=NULL, at=FIRST_REVERSIBLE), known=(NULL,)),
    ),
    silent("to a gateway", "sent_to_nobody", evidence(transfer())),
    silent(
        "a name that only looks like one",
        "sent_to_nobody",
        to_nobody(account(300, "null-accounts")),
        also=["delivered_on_chain"],
    ),
]

FOUND = [
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
        "a time-lock that a gateway's account opened: arrived when it was opened",
        "delivered_on_chain",
        evidence(TO_GATE, TAKEN_BY_GATE, time_locks={TO_GATE.lock: None}),
        shows=[TO_GATE.id, TAKEN_BY_GATE.id],
        received_at=TAKEN_BY_GATE.at,
        recipient=GATE.name,
        who=Text.literal(
            f"{GATE.name} 是 Brook 网关的账户，但网关不以时间锁受理提币",
            f"{GATE.name} belongs to Brook, which takes no withdrawals by time lock",
        ),
    ),
    found(
        "without a memo",
        "delivered_on_chain",
        evidence(transfer("500", ago(hours=3), to=FRIEND, of=CORE, note=None)),
        says="It came without a memo",
    ),
    found(
        "with a public memo",
        "delivered_on_chain",
        evidence(transfer("500", ago(hours=3), to=FRIEND, of=CORE, note=memo("12345"))),
        unsaid="without a memo",
    ),
    found(
        "a time-lock has no memo to miss",
        "delivered_on_chain",
        evidence(LOCK, TAKEN, time_locks={LOCK.lock: None}),
        unsaid="without a memo",
    ),
    found(
        "the recipient sent it all back",
        "delivered_on_chain",
        evidence(PAID_FRIEND, paid_back()),
        shows=[PAID_FRIEND.id, paid_back().id],
        returned=shown(500, CORE),
        returned_at=paid_back().at,
        says="back to you",
    ),
    found(
        "the recipient sent it back in two parts",
        "delivered_on_chain",
        evidence(PAID_FRIEND, paid_back("200"), paid_back("300", n=3)),
        returned=shown(500, CORE),
    ),
    found(
        "the recipient sent nearly all of it back",
        "delivered_on_chain",
        evidence(PAID_FRIEND, paid_back("499.9")),
        returned=shown("499.9", CORE),
    ),
    found(
        "the recipient took it from the lock and sent it back",
        "delivered_on_chain",
        evidence(LOCK, TAKEN, back(at=ago(minutes=5), by=FRIEND), time_locks={LOCK.lock: None}),
        says="back to you",
    ),
    found(
        "the recipient paid something else",
        "delivered_on_chain",
        evidence(PAID_FRIEND, paid_back("100"), paid_back("700", n=3)),
        unsaid="back to you",
    ),
    found(
        "the recipient had paid as much before",
        "delivered_on_chain",
        evidence(PAID_FRIEND, paid_back(at=ago(hours=5))),
        unsaid="back to you",
    ),
    found(
        "the recipient pays as much every hour",
        "delivered_on_chain",
        evidence(PAID_FRIEND, [paid_back(at=ago(minutes=10 + 60 * n)) for n in range(5)]),
        unsaid="back to you",
    ),
    found(
        "somebody else paid as much",
        "delivered_on_chain",
        evidence(PAID_FRIEND, back("500", ago(hours=2), by=STRANGER, of=CORE)),
        unsaid="back to you",
    ),
    found(
        "destroyed",
        "sent_to_nobody",
        to_nobody(NULL),
        withdrawal_id=TO_NULL.id,
        shows=[TO_NULL.id],
        recipient="null-account",
        why=filler("why_nobody", "destroyed"),
    ),
    found(
        "where anybody can take it",
        "sent_to_nobody",
        to_nobody(TEMP, of=CORE),
        why=filler("why_nobody", "anybody"),
    ),
    found(
        "nobody has its keys",
        "sent_to_nobody",
        to_nobody(PROXY),
        why=filler("why_nobody", "no_keys"),
    ),
    found(
        "the committee's",
        "sent_to_nobody",
        to_nobody(COMMITTEE),
        why=filler("why_nobody", "no_keys"),
    ),
    found(
        "to the issuer of a coin, who is nobody",
        "sent_to_nobody",
        to_nobody(NULL, of=GIVEN_UP),
    ),
]


@pytest.mark.parametrize(("code", "seen", "expected"), SILENT)
def test_silent(code, seen, expected):
    assert codes(delivered, seen) == expected


@pytest.mark.parametrize(("code", "seen", "expected", "fields"), FOUND)
def test_found(code, seen, expected, fields):
    assert codes(delivered, seen) == expected
    assert told(delivered, code, seen, fields) == fields
