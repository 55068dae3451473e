"""What a row reads as is known as long as row and assets are the very same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from recorded import ledger, register
from waiting import FOREVER

from diag.chain.collect.collector import Collector
from diag.chain.collect.remembered import Remembered
from diag.chain.rpc import ops
from diag.domain.asset import Asset
from diag.domain.case import Case
from diag.domain.operations import Transfer
from diag.ledger.node import LedgerSource
from diag.matching.withdrawals import build_evidence

BTS, BTC = Asset("1.3.0", "BTS", 5), Asset("1.3.2", "NORTH.BTC", 8)
KNOWN = {"1.3.0": BTS, "1.3.2": BTC}
EVENING = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
SETTLED = Case(
    "lin-yue",
    EVENING,
    EVENING + timedelta(hours=1),
    asset="NORTH.BTC",
    amount=Decimal("0.05205"),
)


def row(number: int, asset: str = "1.3.2") -> dict[str, Any]:
    return {
        "id": f"1.11.{number}",
        "block_num": number,
        "block_time": "2026-11-22T11:00:00",
        "op": [
            0,
            {
                "fee": {"amount": 1, "asset_id": "1.3.0"},
                "from": "1.2.7",
                "to": "1.2.8",
                "amount": {"amount": 5, "asset_id": asset},
            },
        ],
    }


def test_all_rows_are_read_in_chain_order_as_each_alone() -> None:
    rows = [row(3), row(1), row(2, "1.3.0")]
    found = Remembered().all(rows, KNOWN)
    assert [o.id for o in found] == ["1.11.1", "1.11.2", "1.11.3"]
    assert set(found) == {ops.parse(one, KNOWN) for one in rows}


def test_the_very_same_rows_are_the_very_same_log() -> None:
    remembered, rows = Remembered(), [row(1), row(2)]
    first = remembered.all(rows, KNOWN)
    assert remembered.all(list(rows), dict(KNOWN)) is first
    assert remembered.all(rows, KNOWN | {"1.3.9": BTC}) is first
    assert remembered.all([row(1), row(2)], KNOWN) == first
    assert remembered.all(rows[:1], KNOWN) == first[:1]


@pytest.mark.parametrize(
    "known",
    [
        {"1.3.0": BTS},
        {"1.3.2": BTC},
        {},
        KNOWN | {"1.3.2": Asset("1.3.2", "NORTH.BTC", 6)},
        KNOWN | {"1.3.2": Asset("1.3.2", "NORTH.BTC", 8, flags=2)},
    ],
    ids=["unknown", "fee unknown", "nothing known", "another precision", "other flags"],
)
def test_a_log_is_read_with_the_assets_of_who_asks(known: dict[str, Asset]) -> None:
    remembered, rows = Remembered(), [row(1), row(2)]
    for assets in (KNOWN, known, KNOWN, known):
        expected = tuple(ops.parse(one, assets) for one in rows)
        assert remembered.all(rows, assets) == expected
        assert tuple(remembered.reader(assets)(one) for one in rows) == expected


def test_a_row_that_proves_nothing_is_left_out() -> None:
    broken = {name: value for name, value in row(2).items() if name != "block_time"}
    assert [o.id for o in Remembered().all([row(3), broken, row(1)], KNOWN)] == [
        "1.11.1",
        "1.11.3",
    ]


def test_what_is_kept_is_bounded() -> None:
    remembered = Remembered(most_rows=10)
    first = [row(n) for n in range(4)]
    held = remembered.all(first, KNOWN)
    for start in range(100, 200, 5):
        remembered.all([row(n) for n in range(start, start + 5)], KNOWN)
    again = remembered.all(first, KNOWN)
    assert again == held
    assert again is not held


def test_what_was_matched_before_is_never_told_of_other_operations() -> None:
    """A log that lacks the burn, or holds it later, is matched anew."""
    head = ledger().clock
    history = Collector(
        [LedgerSource(ledger())], register(), clock=lambda: head, seconds=FOREVER
    )(SETTLED)

    def answers(
        without: str = "", later: timedelta = timedelta()
    ) -> list[tuple[str, timedelta]]:
        logs = {
            who: replace(
                log,
                operations=tuple(
                    replace(o, location=o.location._replace(at=o.at + later)) if later else o
                    for o in log.operations
                    if o.id != without
                ),
            )
            for who, log in history.gateway_logs.items()
        }
        own = replace(
            history.log, operations=tuple(o for o in history.log.operations if o.id != without)
        )
        seen = replace(history, gateway_logs=logs, log=own) if without or later else history
        [withdrawal] = build_evidence(SETTLED, seen, register()).withdrawals
        assert isinstance(withdrawal.sent, Transfer)
        return [(a.operation.id, a.operation.at - withdrawal.at) for a in withdrawal.answers]

    [(burn, took)] = answers()
    for _ in range(3):
        assert answers() == [(burn, took)]
        assert answers(without=burn) == []
        assert answers(later=timedelta(seconds=30)) == [(burn, took + timedelta(seconds=30))]
