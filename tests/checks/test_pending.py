from __future__ import annotations

from datetime import timedelta

import pytest
from builders import (
    CLIFF_BTC,
    FIRST_REVERSIBLE,
    FJORD_BTC,
    FRIEND,
    GATE,
    INTERVAL,
    OLD_GATE,
    OTHER_GATE,
    SECOND,
    STRANGER,
    UNKNOWN_GATE,
    ago,
    back,
    burn,
    case,
    codes,
    evidence,
    found,
    live_proposal,
    others,
    proposal,
    reader,
    served,
    silent,
    stage,
    told,
    transfer,
    waiting,
    with_gateway,
)

from diag.checks import pending
from diag.domain.gateway import Status
from diag.domain.settlement import Settlement
from diag.i18n import Text

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
JUST = transfer(at=FIRST_REVERSIBLE)
RECENT = transfer(at=ago(minutes=10))
LONG_AGO = ago(hours=2, seconds=1)
LATE = transfer(at=LONG_AGO)
TRACELESS = transfer(at=LONG_AGO, to=OTHER_GATE, of=CLIFF_BTC)
UNREGISTERED = transfer(at=LONG_AGO, to=UNKNOWN_GATE, of=FJORD_BTC)
PROPOSED = proposal(at=FIRST_REVERSIBLE)
RIVAL = transfer(at=ago(minutes=11), by=reader(1))
YOUNGER_RIVAL = transfer(at=ago(minutes=9), by=reader(1))
PAID = burn()
TIMES = {"usual": 10 * MINUTE, "overdue": HOUR}

SILENT = [
    silent(
        "the block has just become irreversible",
        "chain_confirming",
        evidence(transfer(at=FIRST_REVERSIBLE - INTERVAL)),
        also=["gateway_processing"],
    ),
    silent(
        "sent and sent back within a minute",
        "chain_confirming",
        evidence(JUST, back(at=FIRST_REVERSIBLE + 3 * INTERVAL)),
    ),
    silent(
        "a proposal moves nothing, so nothing waits for finality",
        "chain_confirming",
        evidence(PROPOSED, proposals={PROPOSED.proposal: live_proposal(PROPOSED)}),
    ),
    silent("burnt", "gateway_processing", evidence(RECENT, burn())),
    silent("sent back", "gateway_processing", evidence(RECENT, back())),
    silent("sent back in part", "gateway_processing", evidence(RECENT, back("0.5"))),
    silent("to a friend", "gateway_processing", evidence(transfer(to=FRIEND))),
    silent("nothing sent", "gateway_processing", evidence()),
    silent(
        "to an account of the gateway that takes no withdrawals",
        "gateway_processing",
        evidence(transfer(to=OLD_GATE)),
    ),
    silent(
        "in the queue exactly as long as is allowed",
        "gateway_overdue",
        evidence(transfer(at=ago(hours=2))),
        also=["gateway_processing"],
    ),
    silent("late, but burnt at last", "gateway_overdue", evidence(LATE, burn())),
    silent("late, but sent back at last", "gateway_overdue", evidence(LATE, back())),
    silent(
        "late at a gateway that leaves no trace",
        "gateway_overdue",
        evidence(TRACELESS),
        also=["gateway_unconfirmed"],
    ),
    silent(
        "nine served quickly are too few to call a wait of a quarter hour late",
        "gateway_overdue",
        evidence(served(9, ago(hours=3)), transfer(at=ago(minutes=15))),
        also=["gateway_processing"],
    ),
    silent(
        "however fast the others were, ten minutes are allowed",
        "gateway_overdue",
        evidence(served(10, ago(hours=3), took=SECOND), transfer(at=ago(minutes=10))),
        also=["gateway_processing"],
    ),
    silent(
        "at a gateway without traces, inside the usual time",
        "gateway_unconfirmed",
        evidence(transfer(at=ago(hours=2), to=OTHER_GATE, of=CLIFF_BTC)),
        also=["gateway_processing"],
    ),
    silent(
        "nobody said how it settles, but others were burnt there",
        "gateway_unconfirmed",
        with_gateway(served(1, ago(hours=3)), LATE, settlement=Settlement.UNKNOWN),
        also=["gateway_overdue"],
    ),
]

FOUND = [
    found(
        "inside the usual time",
        "gateway_processing",
        evidence(transfer(at=ago(minutes=30))),
        says="the wait is still normal",
    ),
    found(
        "past the usual time, and not overdue",
        "gateway_processing",
        evidence(transfer(at=ago(minutes=31))),
        says="for longer than usual, but isn't overdue yet",
        unsaid="still normal",
    ),
    found(
        "in the first block that may still be undone",
        "chain_confirming",
        evidence(JUST),
        withdrawal_id=JUST.id,
        shows=[JUST.id],
        blocks=1,
        eta=(
            JUST.at + timedelta(seconds=162),
            JUST.at + 30 * MINUTE,
            JUST.at + 2 * HOUR,
            "protocol",
        ),
    ),
    found(
        "to a friend a minute ago",
        "chain_confirming",
        evidence(transfer(at=FIRST_REVERSIBLE, to=FRIEND)),
        recipient=FRIEND.name,
        eta=(
            JUST.at + timedelta(seconds=162),
            JUST.at + timedelta(seconds=162),
            JUST.at + timedelta(seconds=162) + HOUR,
            "protocol",
        ),
    ),
    found(
        "ten minutes in the queue, of a gateway whose times nobody knows",
        "gateway_processing",
        evidence(RECENT),
        withdrawal_id=RECENT.id,
        shows=[RECENT.id],
        eta=(RECENT.at + 30 * MINUTE, RECENT.at + 2 * HOUR, RECENT.at + 24 * HOUR, "default"),
        basis=["default_times"],
        age=10 * MINUTE,
        expected_by=RECENT.at + 2 * HOUR,
    ),
    found(
        "exactly at the register's limit",
        "gateway_processing",
        with_gateway(transfer(at=ago(hours=1)), **TIMES),
        basis=[],
        usual=10 * MINUTE,
        overdue=HOUR,
    ),
    found(
        "an older equal one of somebody else may have been the one that was burnt",
        "gateway_processing",
        evidence(RIVAL, RECENT, PAID),
        basis=["ambiguous", "default_times"],
        shows=[RECENT.id],
    ),
    found(
        "burnt, or a younger equal one of somebody else was",
        "gateway_processing",
        evidence(RECENT, YOUNGER_RIVAL, PAID),
        basis=["ambiguous", "default_times"],
        shows=[RECENT.id, PAID.id],
    ),
    found(
        "a burn that fits no withdrawal may hold it",
        "gateway_processing",
        evidence(RECENT, burn("5")),
        basis=["unexplained_burn", "default_times"],
    ),
    found(
        "a burn too small to hold it means nothing",
        "gateway_processing",
        evidence(RECENT, burn("0.9")),
        basis=["default_times"],
    ),
    found(
        "late, but what was burnt may be it, less a fee",
        "gateway_overdue",
        evidence(LATE, burn("0.9996")),
        basis=["perhaps_served", "default_times"],
        confidence="medium",
    ),
    found(
        "late, but what was sent on may be it, less the fee",
        "gateway_overdue",
        evidence(LATE, transfer("0.9997", ago(hours=1), by=GATE, to=STRANGER)),
        basis=["perhaps_served", "default_times"],
    ),
    found(
        "two minutes in the queue, without a memo",
        "gateway_processing",
        evidence(transfer(at=ago(minutes=2), note=None)),
        confidence="medium",
        hint=Text(
            zh="转账没有备注；如未按时处理，这可能是原因",
            en="No memo; if it isn't served in time, that may be why",
        ),
    ),
    found(
        "late without a memo, as were others, who were served",
        "gateway_overdue",
        evidence(
            transfer(at=LONG_AGO, note=None),
            others(14, LONG_AGO + 10 * MINUTE, note=None),
        ),
        confidence="high",
        hint=Text(
            zh="按登记或惯例：转账没有备注；但没有备注的其他提币已处理 14 笔",
            en="By the register or by convention: No memo; but 14 other withdrawals without a memo "
            "were served",
        ),
    ),
    found(
        "late at an account that the gateway retired, where others were served",
        "gateway_overdue",
        evidence(
            transfer(at=LONG_AGO, to=OLD_GATE),
            others(4, LONG_AGO + 10 * MINUTE, to=OLD_GATE),
        ),
        hint=Text(
            zh="按登记或惯例：转到了不受理的账户；但把同一资产转到该账户的其他提币已处理 4 笔",
            en="By the register or by convention: Account doesn't take this withdrawal; but 4 other "
            "withdrawals of this asset to this account were served",
        ),
    ),
    found(
        "late at a gateway that is said to be closed, and small: others were served",
        "gateway_overdue",
        with_gateway(
            transfer("0.0005", LONG_AGO),
            others(4, LONG_AGO + 10 * MINUTE, value="0.0001", step="0.0001"),
            lifecycle=(stage(Status.CLOSED),),
        ),
        hint=Text(
            zh="按登记或惯例：提币数额太小；但数额不大于本笔的其他提币已处理 4 笔；"
            "按登记或惯例：网关已关闭；但转到该账户的其他提币已处理 4 笔",
            en="By the register or by convention: Too small for the gateway; but 4 other "
            "withdrawals of no larger an amount were served; By the register or by convention: "
            "The gateway has closed; but 4 other withdrawals to this account were served",
        ),
    ),
    found(
        "the gateway's history has a hole",
        "gateway_processing",
        evidence(RECENT, gateway_hole=(ago(minutes=4), ago(minutes=3))),
        basis=["incomplete", "default_times"],
    ),
    found(
        "one second past the limit",
        "gateway_overdue",
        evidence(LATE),
        withdrawal_id=LATE.id,
        shows=[LATE.id],
        age=2 * HOUR + SECOND,
        eta=(LATE.at + 30 * MINUTE, LATE.at + 2 * HOUR, LATE.at + 24 * HOUR, "default"),
        basis=["default_times"],
        served=0,
        waiting=1,
    ),
    found(
        "one second past the register's limit",
        "gateway_overdue",
        with_gateway(transfer(at=ago(hours=1, seconds=1)), **TIMES),
        basis=[],
        overdue=HOUR,
    ),
    found(
        "one second past twice what the ten before it took, while later ones are served",
        "gateway_overdue",
        evidence(
            served(8, ago(hours=3)),
            served(2, ago(minutes=9), value=4),
            waiting(1, ago(hours=5)),
            transfer(at=ago(minutes=10, seconds=1)),
        ),
        served=2,
        waiting=2,
        basis=[],
        eta=(
            ago(minutes=5, seconds=1),
            ago(seconds=1),
            ago(minutes=10, seconds=1) + 24 * HOUR,
            "observed",
        ),
    ),
    found(
        "one of two is late: each is judged for itself",
        "gateway_overdue",
        evidence(LATE, RECENT, asked=case(operation=LATE.id)),
        withdrawal_id=LATE.id,
    ),
    found(
        "late at a gateway that keeps what it takes",
        "gateway_unconfirmed",
        evidence(TRACELESS),
        withdrawal_id=TRACELESS.id,
        shows=[TRACELESS.id],
        says="can't tell from the blockchain",
    ),
    found(
        "late at a gateway that no register knows: what it leaves is not known either",
        "gateway_unconfirmed",
        evidence(UNREGISTERED),
        gateway=UNKNOWN_GATE.name,
        unsaid="This gateway leaves no trace on the chain when it pays",
    ),
]


@pytest.mark.parametrize(("code", "seen", "expected"), SILENT)
def test_silent(code, seen, expected):
    assert codes(pending, seen) == expected


@pytest.mark.parametrize(("code", "seen", "expected", "fields"), FOUND)
def test_found(code, seen, expected, fields):
    assert codes(pending, seen) == expected
    assert told(pending, code, seen, fields) == fields
