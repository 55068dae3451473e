"""What monitoring sees of the kept cases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from desks import Chain, at, new_case

from diag.cases.database import Database
from diag.errors import StoreUnavailable
from diag.telemetry.metrics import Metrics

LOOKS = {"unchanged": 3, "changed": 1}


def lines(figures: Any, waiting: Any) -> list[str]:
    metrics = Metrics(dict, {"version": "1"})
    metrics.add_cases(figures, waiting, lambda: LOOKS)
    text, _ = metrics.text("")
    return [line for line in text.decode().splitlines() if not line.startswith("#")]


def test_the_store_is_seen_in_numbers(database: Database) -> None:
    chain = Chain(at("2026-11-21T21:01:00"))
    window = {"to": "2026-11-21T21:00:30Z", "asset": "NORTH.BTC"}
    desk = chain.desk(database)
    desk.open(new_case(**window), None)
    case, _, _ = desk.open(new_case(**window), None)
    desk.edit(case, None, {"state": "closed"}, None)
    chain.now += timedelta(minutes=21)
    found = lines(desk.figures, lambda: 4)
    assert {
        'diag_cases{state="waiting"} 1.0',
        'diag_cases{state="closed"} 1.0',
        "diag_cases_due 1.0",
        "diag_cases_oldest_due_seconds 1200.0",
        "diag_jobs_waiting 4.0",
        "diag_store_up 1.0",
        "diag_queue_up 1.0",
        'diag_case_looks_total{result="unchanged"} 3.0',
        'diag_messages{state="parked"} 0.0',
    } <= set(found)


@pytest.mark.parametrize("away", [StoreUnavailable(), ConnectionError("redis")])
def test_what_is_away_hides_nothing_else(away: Exception) -> None:
    def fail() -> Any:
        raise away

    found = lines(fail, lambda: 4)
    assert {"diag_store_up 0.0", "diag_queue_up 1.0", "diag_jobs_waiting 4.0"} <= set(found)
    assert not [line for line in found if line.startswith("diag_cases")]
    assert 'diag_case_looks_total{result="changed"} 1.0' in found
    assert {"diag_store_up 0.0", "diag_queue_up 0.0"} <= set(lines(fail, fail))
