"""What is said beside the amount, and what was not read: memos, payments that arrived, credits.

Nothing that the user says may make the answer surer than the chain does, and what contradicts it
has to be said.
"""

from __future__ import annotations

import pytest
from builders import (
    BTC,
    FRIEND,
    USER,
    ago,
    amount,
    back,
    burn,
    case,
    claim,
    issue,
    lock,
    memo,
    override,
    place,
    refunded,
    time_lock,
    transfer,
)
from overclaims import COLUMNS, NEVER, THEN, row, says_no_more

from diag.domain.custody_operations import Custody, VestingCreated

EARLY, LATE = ago(hours=5), ago(hours=4)
THERE, ELSEWHERE = "btc:12c6DSiU4Rq3P4ZxziKx", "btc:1BoatSLRHtKNngkdXEeo"
READABLE = transfer(at=EARLY, note=memo(THERE))
FIRST, SECOND = transfer(at=EARLY), transfer("3", at=EARLY, n=4)
FIRST_PAID, SECOND_PAID = burn(at=LATE), burn("3", at=LATE, n=5)
TWIN = transfer(at=ago(hours=4, minutes=50), n=4)
VESTED = VestingCreated(
    owner=USER.id,
    amount=amount("1"),
    beneficiary=FRIEND.id,
    location=place(LATE, 5),
    kind="vesting_balance_create",
)
UNREAD = (ago(hours=4, minutes=40), ago(hours=1))
PARTS = [
    time_lock(value, ago(days=3, hours=2), name=f"1.16.{n}", expires=ago(days=3), n=n)
    for n, value in ((8, "0.6"), (9, "0.4"))
]
BOTH = (FIRST, SECOND, FIRST_PAID, SECOND_PAID)

MAY_BE_SAID = [
    # --- a memo that can be read ---
    row(
        "settled, and the memo names another address than the user",
        "gateway_settled", READABLE, FIRST_PAID, asked=case(memo=ELSEWHERE), most="medium",
        says="it doesn't match the memo you gave us", notes="btc:1Boa",
    ),
    row(
        "returned, and the memo names another address than the user",
        "gateway_returned", READABLE, back(at=LATE), asked=case(memo=ELSEWHERE), most="medium",
        says="it doesn't match the memo you gave us",
    ),
    row(
        "the memo is as the user says, but for spaces and capitals",
        "gateway_settled", READABLE, FIRST_PAID, asked=case(memo=f" {THERE.upper()} "),
    ),
    row(
        "the user gives the address alone",
        "gateway_returned", READABLE, back(at=LATE), asked=case(memo=THERE[4:]),
        most="certain", resend="yes",
    ),
    row(
        "a memo that cannot be read may be the one",
        "gateway_settled", FIRST, FIRST_PAID, asked=case(memo=ELSEWHERE),
    ),
    # --- an answer of a gateway whose records were not all read ---
    row(
        "an equal one of somebody else may stand in what was not read",
        "gateway_settled", FIRST, FIRST_PAID, gateway_hole=(ago(hours=4, minutes=40), LATE),
        most="medium", says="couldn't read all of the gateway's records",
    ),
    row(
        "what was not read came later",
        "gateway_settled", FIRST, FIRST_PAID, gateway_hole=(ago(hours=3), ago(hours=2)),
    ),
    row(
        "the rest may have been processed in what was not read",
        "gateway_returned_partial", FIRST, back("0.5", at=LATE), gateway_hole=UNREAD,
        most="medium", says="couldn't read all of the gateway's records",
    ),
    row(
        "the rest was neither returned nor processed",
        "gateway_returned_partial", FIRST, back("0.5", at=LATE),
    ),
    row(
        "equal ones, and what was not read may hold their burns",
        "duplicate_submission", FIRST, TWIN, gateway_hole=UNREAD,
        most="medium", says="couldn't read all of the gateway's records",
    ),
    # --- one payment received, several withdrawals ---
    row(
        "two equal ones, of which one arrived, and one burn",
        "gateway_overdue duplicate_submission", FIRST, TWIN, FIRST_PAID,
        asked=case(received="0.9997"), most="certain",
    ),
    row(
        "two equal ones, of which one arrived, and no burn",
        "gateway_overdue duplicate_submission", FIRST, TWIN,
        asked=case(received="0.9997"), most="certain",
    ),
    row(
        "both processed: of which the user says nothing, that one is answered",
        "gateway_settled", *BOTH, asked=case(amount="4", received="0.9997"),
        says="processed the 3 BROOK.BTC",
    ),
    row(
        "both processed, and both arrived",
        "gateway_settled", *BOTH, asked=case(received="3.9994"), says="none of them shows a problem",
    ),
    row(
        "one, and it arrived less the fee",
        "amount_fee_explained", FIRST, FIRST_PAID, asked=case(received="0.9997"),
    ),
    # --- a credit, and something that left in another way ---
    row(
        "a deposit, and somebody drew as much by a permission",
        "funds_locked", back(at=EARLY), claim(at=LATE),
        asked=case(asset=BTC.symbol, amount="1"),
    ),
    row(
        "a deposit, and as much went into a pool",
        "funds_locked", back(at=EARLY), lock(Custody.POOL, at=LATE),
        asked=case(asset=BTC.symbol, amount="1"),
    ),
    row(
        "a time lock for the user, and it is claimed as sent",
        "never_included", time_lock("1", THEN, by=FRIEND, to=USER), asked=NEVER,
        says="another transfer nearby",
    ),
    row(
        "a time lock for the user that ran out",
        "never_included", time_lock("1", THEN, by=FRIEND, to=USER, expires=ago(days=2)),
        asked=NEVER, resend="yes",
    ),
    row(
        "two time locks of the user that together are the amount, and came back",
        "never_included", *PARTS, *(refunded(part, ago(days=3), n) for n, part in enumerate(PARTS, 20)),
        asked=NEVER, resend="yes",
    ),
    row(
        "a time lock of another amount for the user",
        "never_included", time_lock("2", THEN, by=FRIEND, to=USER), asked=NEVER, resend="yes",
    ),
    # --- gone without a transfer, and nothing is claimed ---
    row("made blind", "funds_locked", lock(Custody.BLIND, at=LATE), says="a blinded balance"),
    row(
        "vested for a friend", "funds_locked", VESTED,
        says=f"a vesting balance of the account {FRIEND.name}",
    ),
    row("vested for the user", "nothing_in_window", lock(Custody.VESTING, at=LATE)),
    # --- taken by the issuer: one credit gives back one ---
    row(
        "taken twice, given back once",
        "issuer_override", override(at=EARLY), override(at=EARLY, n=6), issue(at=LATE),
        most="certain", says="only the issuer knows why. Please send operation number 1.11.",
    ),
    row(
        "taken, given back and taken again",
        "issuer_override", override(at=EARLY), issue(at=ago(hours=4, minutes=30)),
        override(at=LATE), most="certain", says="only the issuer knows why",
    ),
    row(
        "taken twice, given back twice",
        "issuer_override", override(at=EARLY), override(at=EARLY, n=6), issue(at=LATE),
        issue(at=LATE, n=8), most="medium", says="most likely its return",
    ),
    row(
        "a deposit alone",
        "deposit_received", back(at=EARLY), asked=case(asset=BTC.symbol, amount="1"),
        says="we see no transfer out of",
    ),
]  # fmt: skip


@pytest.mark.parametrize(COLUMNS, MAY_BE_SAID)
def test_no_more_is_said_than_is_shown(operations, facts, code, most, resend, says, notes):
    says_no_more(operations, facts, code, most, resend, says, notes)
