from __future__ import annotations

from datetime import timedelta

import pytest
from builders import (
    BTC,
    ETH,
    FIRST_REVERSIBLE,
    FRIEND,
    GATE,
    ISSUER,
    STRANGER,
    ago,
    back,
    burn,
    codes,
    evidence,
    found,
    gateway,
    issue,
    others,
    reader,
    register,
    served,
    silent,
    stage,
    told,
    transfer,
    waiting,
    with_gateway,
)

import diag.checks.gateway
from diag.domain.gateway import Deposits, Status
from diag.domain.gateway_live import LiveCoin, LiveState
from diag.domain.settlement import Settlement
from diag.i18n import Text

SENT = transfer(at=ago(hours=1))
EARLY = ago(hours=5)
"""Ten served then, in five minutes each: after ten minutes a wait is overdue."""
QUIET = [*served(10, EARLY), *waiting(2, ago(hours=2))]
LAST = EARLY + timedelta(seconds=27, minutes=5)
OPENED, SHUT = ago(days=300), ago(minutes=30)


OFF = {
    "BROOK": LiveState(
        "BROOK",
        {BTC.symbol: LiveCoin(BTC.symbol, available=False, reason="wallet upgrade")},
        fetched_at=ago(seconds=2),
    )
}


def in_stage(*stages, sent=SENT, also=()):
    return with_gateway(sent, *also, lifecycle=stages)


def since(status, start=SHUT, end=None):
    return in_stage(stage(Status.LIVE, OPENED, start), stage(status, start, end))


SILENT = [
    silent(
        "two overdue are not everybody",
        "gateway_stalled",
        evidence(served(10, EARLY), waiting(1, ago(hours=2)), SENT),
    ),
    silent(
        "the third has waited exactly as long as is allowed",
        "gateway_stalled",
        evidence(QUIET, transfer(at=ago(minutes=10))),
    ),
    silent(
        "somebody was served after this one was sent",
        "gateway_stalled",
        evidence(QUIET, served(1, ago(minutes=50), value=4), SENT),
    ),
    silent(
        "nobody ever was served, as far as was read",
        "gateway_stalled",
        evidence(waiting(9, ago(hours=3)), SENT),
    ),
    silent(
        "nobody serves, but what was read has a hole",
        "gateway_stalled",
        evidence(QUIET, SENT, gateway_hole=(ago(minutes=5), ago(minutes=4))),
    ),
    silent(
        "a gateway that leaves no trace",
        "gateway_stalled",
        with_gateway(QUIET, SENT, settlement=Settlement.NONE),
    ),
    silent("served itself", "gateway_stalled", evidence(QUIET, SENT, burn())),
    silent("sent back", "gateway_stalled", evidence(QUIET, SENT, back())),
    silent(
        "the withdrawal is not yet final, and no gateway acts before that",
        "gateway_stalled",
        evidence(QUIET, waiting(1, ago(hours=3), value=9), transfer(at=FIRST_REVERSIBLE)),
    ),
    silent(
        "the last burn may be its own",
        "gateway_stalled",
        evidence(
            QUIET, transfer(at=ago(minutes=70), by=reader(1)), SENT, burn(at=ago(minutes=59))
        ),
    ),
    *(
        silent(what, "gateway_stalled", evidence(QUIET, SENT, *seen))
        for what, *seen in (
            ("something was burnt that fits no withdrawal", burn("0.5", ago(minutes=4))),
            ("the amount of another less the fee was burnt", burn("6.9997", ago(minutes=4))),
            ("another came back", back("7", ago(minutes=4), to=reader(50))),
            ("another was issued back", issue("7", ago(minutes=4), to=reader(50))),
            ("another was sent on", transfer("7", ago(minutes=4), by=GATE, to=STRANGER)),
        )
    ),
    silent(
        "its issuer burns",
        "gateway_stalled",
        evidence(QUIET, SENT, burn("0.5", ago(minutes=4), by=ISSUER)),
    ),
    silent(
        "coins that are not deposits, since those are issued, were sent on in one sum",
        "gateway_stalled",
        with_gateway(
            QUIET,
            SENT,
            transfer("15", ago(minutes=4), by=GATE, to=STRANGER),
            deposits=Deposits.ISSUE,
        ),
    ),
    silent(
        "all that wait are the user's own",
        "gateway_stalled",
        evidence(
            served(10, EARLY), [transfer(f"7.{n}", ago(hours=2), n=n) for n in (1, 2, 3)], SENT
        ),
    ),
    silent(
        "one other account waits, with many",
        "gateway_stalled",
        evidence(
            served(10, EARLY),
            [transfer(f"7.{n}", ago(hours=2), by=reader(7), n=n) for n in range(1, 9)],
            SENT,
        ),
    ),
    silent("open for business", "gateway_closed", evidence(SENT)),
    silent("nothing known of its life", "gateway_closed", in_stage()),
    silent(
        "closed, but burnt before that",
        "gateway_closed",
        in_stage(stage(Status.CLOSED), also=[burn()]),
    ),
    silent(
        "closed, but sent back", "gateway_closed", in_stage(stage(Status.CLOSED), also=[back()])
    ),
    silent(
        "closed, and sent to a friend",
        "gateway_closed",
        in_stage(stage(Status.CLOSED), sent=transfer(to=FRIEND)),
    ),
    silent("closes tomorrow", "gateway_closed", since(Status.CLOSED, start=ago(days=-1))),
    silent(
        "another gateway is closed",
        "gateway_closed",
        evidence(
            SENT,
            known_gateways=register(
                gateway(),
                gateway(
                    key="X",
                    prefixes=("X",),
                    accounts=(),
                    coins=(),
                    lifecycle=(stage(Status.CLOSED),),
                ),
            ),
        ),
    ),
    *(
        silent(
            f"over when asked, in force when sent: {status}",
            f"gateway_{status}",
            in_stage(stage(status, OPENED, SHUT)),
        )
        for status in (Status.CLOSED, Status.MANUAL, Status.MAINTENANCE)
    ),
    *(
        silent(
            f"others were served since: {status}",
            f"gateway_{status}",
            in_stage(stage(status, ago(days=30)), sent=transfer(at=ago(hours=3)), also=[*seen]),
        )
        for status in (Status.CLOSED, Status.MANUAL, Status.MAINTENANCE)
        for seen in (
            others(4, ago(hours=2)),
            others(4, ago(hours=4)),
            others(4, ago(hours=2), of=ETH),
        )
    ),
    silent("only worn out", "gateway_manual", since(Status.DEGRADED)),
    silent(
        "closed after all",
        "gateway_manual",
        in_stage(stage(Status.MANUAL, OPENED, SHUT), stage(Status.CLOSED, SHUT)),
        also=["gateway_closed"],
    ),
    silent(
        "back to automatic work",
        "gateway_manual",
        in_stage(stage(Status.MANUAL, OPENED, SHUT), stage(Status.LIVE, SHUT)),
    ),
    silent("live", "gateway_maintenance", since(Status.LIVE)),
    silent(
        "the maintenance is over",
        "gateway_maintenance",
        in_stage(stage(Status.MAINTENANCE, OPENED, SHUT), stage(Status.LIVE, SHUT)),
    ),
    silent(
        "in maintenance, but burnt",
        "gateway_maintenance",
        in_stage(stage(Status.MAINTENANCE), also=[burn()]),
    ),
]

FOUND = [
    found(
        "three overdue and nobody served since before it",
        "gateway_stalled",
        evidence(QUIET, SENT),
        withdrawal_id=SENT.id,
        shows=[SENT.id],
        last=LAST,
        waiting=3,
        late=3,
        eta=(
            SENT.at + timedelta(minutes=5),
            SENT.at + timedelta(minutes=10),
            SENT.at + timedelta(hours=24),
            "observed",
        ),
    ),
    found(
        "the third is overdue by a second",
        "gateway_stalled",
        evidence(QUIET, transfer(at=ago(minutes=10, seconds=1))),
        late=3,
    ),
    found(
        "others sent since do not count as late",
        "gateway_stalled",
        evidence(QUIET, SENT, waiting(4, ago(minutes=5), value=9)),
        waiting=7,
        late=3,
    ),
    found(
        "closed half an hour after it was sent",
        "gateway_closed",
        since(Status.CLOSED),
        withdrawal_id=SENT.id,
        shows=[SENT.id],
        says=f"{SHUT:%Y-%m-%d}",
        source="brook.example",
    ),
    found(
        "closed at the very second it was sent",
        "gateway_closed",
        since(Status.CLOSED, start=SENT.at),
    ),
    found("closed this very second", "gateway_closed", since(Status.CLOSED, start=ago())),
    found(
        "closed, since when is not known",
        "gateway_closed",
        in_stage(stage(Status.CLOSED)),
        unsaid="closed on -",
    ),
    found(
        "deposits are credited while nobody is served",
        "gateway_stalled",
        with_gateway(
            QUIET,
            SENT,
            transfer("0.4", ago(minutes=4), by=GATE, to=STRANGER),
            issue("0.3", ago(minutes=3), to=FRIEND),
            deposits=Deposits.TRANSFER,
        ),
    ),
    found(
        "closed long ago, and nobody served since",
        "gateway_closed",
        in_stage(
            stage(Status.CLOSED, ago(days=30)),
            sent=transfer(at=ago(hours=3)),
            also=waiting(4, ago(hours=4)),
        ),
        confidence="high",
        basis=["convention"],
    ),
    found(
        "closed, and those who were served were served before",
        "gateway_closed",
        in_stage(
            stage(Status.CLOSED, ago(hours=4)),
            sent=transfer(at=ago(hours=3)),
            also=others(9, ago(hours=5)),
        ),
        confidence="high",
    ),
    found(
        "closed, and everything comes back",
        "gateway_closed",
        in_stage(
            stage(Status.CLOSED, ago(hours=4)),
            sent=transfer(at=ago(hours=3)),
            also=others(4, ago(hours=2), fate="returned"),
        ),
        confidence="high",
        basis=["others_observed"],
    ),
    found(
        "closed, sent two minutes ago",
        "gateway_closed",
        in_stage(stage(Status.CLOSED, ago(days=30)), sent=transfer(at=ago(minutes=2))),
        confidence="medium",
        basis=["early"],
    ),
    found(
        "closed, but two were served since",
        "gateway_closed",
        in_stage(
            stage(Status.CLOSED, ago(days=30)),
            sent=transfer(at=ago(hours=3)),
            also=others(2, ago(hours=4)),
        ),
        confidence="medium",
        basis=["others_served"],
    ),
    found(
        "by hand only",
        "gateway_manual",
        since(Status.MANUAL),
        withdrawal_id=SENT.id,
        shows=[SENT.id],
    ),
    found(
        "in maintenance",
        "gateway_maintenance",
        since(Status.MAINTENANCE),
        withdrawal_id=SENT.id,
        shows=[SENT.id],
    ),
    found(
        "switched off by the gateway's own list, which is newer than what was served",
        "gateway_maintenance",
        evidence(SENT, others(5, ago(minutes=40)), live=OFF),
        confidence="high",
        source=Text.literal("网关公布：wallet upgrade", "the gateway says: wallet upgrade"),
    ),
    found(
        "in maintenance, and everything stands still",
        "gateway_maintenance",
        in_stage(stage(Status.MAINTENANCE, SHUT), also=QUIET),
        also=["gateway_stalled"],
    ),
]


@pytest.mark.parametrize(("code", "seen", "expected"), SILENT)
def test_silent(code, seen, expected):
    assert codes(diag.checks.gateway, seen) == expected


@pytest.mark.parametrize(("code", "seen", "expected", "fields"), FOUND)
def test_found(code, seen, expected, fields):
    assert codes(diag.checks.gateway, seen) == expected
    assert told(diag.checks.gateway, code, seen, fields) == fields
