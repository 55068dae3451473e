"""The way of the money as the page draws it: which stations, and what each is to the money."""

from __future__ import annotations

import pytest
from builders import (
    CORE,
    FRIEND,
    account,
    ago,
    back,
    burn,
    case,
    concluded,
    evidence,
    issue,
    live_lock,
    redeemed,
    refunded,
    time_lock,
    transfer,
)

from diag.domain.evidence import Evidence
from diag.render.json_document import document
from diag.render.money_path import stations
from diag.render.options import View

SENT = transfer()
TO_FRIEND = transfer("5", ago(hours=3), to=FRIEND, of=CORE)
LOCK = time_lock()
NULL = account(3, "null-account")


@pytest.mark.parametrize(
    ("seen", "way"),
    [
        pytest.param(
            evidence(SENT),
            "account passed, chain passed, gateway here, other_chain ahead",
            id="at the gateway",
        ),
        pytest.param(
            evidence(SENT, burn()),
            "account passed, chain passed, gateway passed, other_chain onward",
            id="settled",
        ),
        pytest.param(
            evidence(SENT, back()),
            "account here, chain passed, gateway back, other_chain ahead",
            id="returned",
        ),
        pytest.param(
            evidence(SENT, issue()),
            "account unclear, chain unclear, gateway unclear, other_chain unclear",
            id="returned or a deposit",
        ),
        pytest.param(
            evidence(TO_FRIEND),
            "account passed, chain passed, recipient here",
            id="delivered",
        ),
        pytest.param(
            evidence(TO_FRIEND, back("5", ago(hours=2), by=FRIEND, of=CORE)),
            "account here, chain passed, recipient back",
            id="delivered and sent back",
        ),
        pytest.param(
            evidence(transfer("5", to=NULL, of=CORE), known=(NULL,)),
            "account passed, chain passed, recipient here",
            id="destroyed",
        ),
        pytest.param(
            evidence(LOCK, time_locks={LOCK.lock: live_lock(LOCK)}),
            "account passed, chain here, recipient ahead",
            id="locked",
        ),
        pytest.param(
            evidence(LOCK, redeemed(LOCK), time_locks={LOCK.lock: None}),
            "account passed, chain passed, recipient here",
            id="a lock that was opened",
        ),
        pytest.param(
            evidence(
                LOCK,
                refunded(LOCK),
                time_locks={LOCK.lock: None},
                asked=case(),
                balances={LOCK.amount.asset_id: LOCK.amount.base_units},
            ),
            "account here, chain passed, recipient ahead",
            id="a lock that ran out",
        ),
    ],
)
def test_where_the_money_is(seen: Evidence, way: str) -> None:
    drawn = stations(document(concluded(seen), View("en")))
    assert ", ".join(f"{station.kind} {station.state}" for station in drawn) == way
