from __future__ import annotations

from datetime import timedelta

import pytest
from builders import (
    ETH,
    FRIEND,
    GATE,
    MARGIN,
    NOW,
    PRUNED,
    SECOND,
    STALE,
    USER,
    ago,
    back,
    case,
    codes,
    evidence,
    found,
    lock,
    proposal,
    reader,
    silent,
    time_lock,
    told,
    transfer,
)

from diag.checks import lookup
from diag.i18n import Text
from diag.words import filler

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NARROW = {"start": ago(minutes=70), "end": ago(minutes=60)}
"""Ten minutes around a time that the user remembers."""
MEANT = ago(minutes=65)
NO_ACCOUNT = {"account": None}
ASKED = {"asset": "BROOK.BTC", "amount": "1"}
EARLIER = transfer(at=ago(hours=7))
TX = "ab" * 20


def away(length, **claims):
    """Sent so long before (or after) the remembered time."""
    return evidence(transfer(at=MEANT + length), asked=case(**NARROW, **{**ASKED, **claims}))


def zone(name):
    return f"local time ({name}) may have been taken for UTC"


SILENT = [
    silent("it exists", "account_not_found", evidence(), also=["nothing_in_window"]),
    silent("it exists, and something was sent", "account_not_found", evidence(transfer())),
    silent(
        "it exists, and what it did could not be read",
        "account_not_found",
        evidence(**PRUNED),
    ),
    silent("in the window", "outside_window", evidence(transfer(), asked=case(**ASKED))),
    silent(
        "at the very start of the window",
        "outside_window",
        evidence(transfer(at=ago(hours=6)), asked=case(**ASKED)),
    ),
    silent(
        "another amount before the window",
        "outside_window",
        evidence(EARLIER, asked=case(asset="BROOK.BTC", amount="2")),
    ),
    silent(
        "another asset and amount before the window",
        "outside_window",
        evidence(transfer("7", at=ago(hours=7), of=ETH), asked=case(**ASKED)),
    ),
    silent(
        "to somebody else before the window",
        "outside_window",
        evidence(EARLIER, asked=case(destination=FRIEND.name)),
    ),
    silent(
        "a deposit before the window",
        "outside_window",
        evidence(back(at=ago(hours=7)), asked=case(**ASKED)),
    ),
    silent(
        "before all that is read",
        "outside_window",
        evidence(transfer(at=ago(hours=6) - MARGIN - SECOND), asked=case(**ASKED)),
    ),
    silent("nothing claimed", "outside_window", evidence(EARLIER), also=["nothing_in_window"]),
    silent(
        "the window has a hole",
        "outside_window",
        evidence(EARLIER, asked=case(**ASKED), **PRUNED),
    ),
    silent("something was sent", "nothing_in_window", evidence(transfer(to=FRIEND))),
    silent(
        "something was claimed", "nothing_in_window", evidence(asked=case(asset="BROOK.BTC"))
    ),
    silent("the window has a hole", "nothing_in_window", evidence(**PRUNED)),
    silent(
        "the node is behind and does not see the window's end",
        "nothing_in_window",
        evidence(asked=case(end=NOW + HOUR), **STALE),
    ),
    silent(
        "no such account",
        "nothing_in_window",
        evidence(**NO_ACCOUNT),
        also=["account_not_found"],
    ),
    silent(
        "the id of a transaction was claimed, and of one transfer it is not known",
        "nothing_in_window",
        evidence(transfer(), asked=case(transaction=TX)),
    ),
    silent(
        "the claimed transaction",
        "nothing_in_window",
        evidence(transfer(), asked=case(transaction=TX), transactions={transfer().id: TX}),
    ),
]

FOUND = [
    found(
        "no such account, and two with near names",
        "account_not_found",
        evidence(
            asked=case(account="mapel-user"),
            near_names=("maple-user", "maple-uber"),
            **NO_ACCOUNT,
        ),
        withdrawal_id=None,
        shows=[],
        account="mapel-user",
        near=("maple-user", "maple-uber"),
    ),
    found(
        "no such account, nor any near it",
        "account_not_found",
        evidence(**NO_ACCOUNT),
        near=filler("near", "none"),
        basis=["single_node"],
    ),
    found(
        "no such account, as one node says",
        "account_not_found",
        evidence(confirmed_by=("one",), **NO_ACCOUNT),
        basis=["single_node"],
    ),
    found(
        "no such account on a recorded chain",
        "account_not_found",
        evidence(recorded=True, **NO_ACCOUNT),
        basis=[],
    ),
    found(
        "no such account, as two nodes say",
        "account_not_found",
        evidence(confirmed_by=("one", "two"), **NO_ACCOUNT),
        basis=[],
        confirmed=Text(zh="2 个节点一致", en="2 nodes say so"),
    ),
    found(
        "no such account, whatever is claimed",
        "account_not_found",
        evidence(asked=case(**ASKED), **NO_ACCOUNT),
    ),
    found(
        "a second before the window",
        "outside_window",
        evidence(transfer(at=ago(hours=6, seconds=1)), asked=case(**ASKED)),
        withdrawal_id=None,
        operation=transfer(at=ago(hours=6, seconds=1)).id,
        shows=[transfer(at=ago(hours=6, seconds=1)).id],
        amount="1 BROOK.BTC",
        recipient=GATE.name,
        says="about 3 hours earlier",
        unsaid="local time",
    ),
    found(
        "the nearer of two",
        "outside_window",
        evidence(
            EARLIER, transfer(at=ago(minutes=30), n=1), asked=case(end=ago(hours=1), **ASKED)
        ),
        operation=transfer(at=ago(minutes=30), n=1).id,
    ),
    found(
        "eight hours early: a clock of China",
        "outside_window",
        away(-8 * HOUR),
        says=zone("UTC+8"),
    ),
    found(
        "eight hours early and five minutes",
        "outside_window",
        away(-8 * HOUR - 5 * MINUTE),
        says=zone("UTC+8"),
    ),
    found(
        "an hour later: a clock of the Azores", "outside_window", away(HOUR), says=zone("UTC-1")
    ),
    found(
        "eight hours and 25 minutes: no clock's doing",
        "outside_window",
        away(-8 * HOUR - 25 * MINUTE),
        says="about 8 hours earlier",
        unsaid="local time",
    ),
    found(
        "twenty minutes late: no clock's doing",
        "outside_window",
        away(20 * MINUTE),
        says="about 20 minutes later",
        unsaid="local time",
    ),
    found(
        "only proposed",
        "outside_window",
        evidence(proposal(at=ago(hours=7)), asked=case(**ASKED), proposals={"1.10.7": None}),
        says=f"1 BROOK.BTC was proposed for {GATE.name}",
        unsaid="went to",
    ),
    found(
        "locked",
        "outside_window",
        evidence(time_lock(at=ago(hours=7)), asked=case(**ASKED)),
        says=f"went into a time lock for {FRIEND.name}",
    ),
    found(
        "nothing at all",
        "nothing_in_window",
        evidence(),
        withdrawal_id=None,
        shows=[],
        account=USER.name,
        start=ago(hours=6),
        end=NOW,
        outside=0,
        inside=0,
    ),
    found(
        "only what others sent",
        "nothing_in_window",
        evidence(transfer(by=reader(1))),
        outside=0,
    ),
    found(
        "a transfer an hour before the window",
        "nothing_in_window",
        evidence(EARLIER),
        outside=1,
    ),
    found(
        "an order is nothing that left",
        "nothing_in_window",
        evidence(lock()),
        says="no record of any outgoing transfer",
    ),
    found(
        "an id that nothing in the window has",
        "nothing_in_window",
        evidence(transfer(), asked=case(operation="1.11.5")),
        inside=1,
        says="with the ID 1.11.5",
    ),
    found(
        "the id of a transaction that none of those sent has",
        "nothing_in_window",
        evidence(
            transfer(), asked=case(transaction=TX), transactions={transfer().id: "cd" * 20}
        ),
        inside=1,
    ),
]


@pytest.mark.parametrize(("code", "seen", "expected"), SILENT)
def test_silent(code, seen, expected):
    assert codes(lookup, seen) == expected


@pytest.mark.parametrize(("code", "seen", "expected", "fields"), FOUND)
def test_found(code, seen, expected, fields):
    assert codes(lookup, seen) == expected
    assert told(lookup, code, seen, fields) == fields
