"""The recorded chain whose truth is known, read once for all tests of a process."""

import json
from bisect import bisect_left, bisect_right
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from waiting import FOREVER

from diag.chain.collect.collector import Collector
from diag.checks import CHECKS
from diag.diagnosis.engine import Diagnosis, conclude, diagnose
from diag.domain.gateway_register import Register
from diag.gateways.register_file import of_ledger
from diag.ledger.node import Ledger, LedgerSource
from diag.schemas.case import parse

RECORDED = Path(__file__).parents[1] / "data" / "ledger"


@cache
def ledger(name: str = "") -> Ledger:
    """What happened, whole; name is one of the recordings of a degraded network."""
    return Ledger.load(RECORDED / name)


@cache
def register(name: str = "") -> Register:
    """The gateways that the recording brings along."""
    found = of_ledger(RECORDED / name)
    assert found
    return found


def clock(name: str = "") -> datetime:
    """What time it is where the recorded chain is."""
    return ledger(name).clock


def operations_between(account_id: str, start: datetime, end: datetime) -> list[str]:
    """The ids of what happened to an account between two times, both included."""
    numbers = ledger().recording.histories[account_id].operations
    at = ledger().operation_time
    low = bisect_left(numbers, start.timestamp(), key=at)
    high = bisect_right(numbers, end.timestamp(), key=at)
    return [f"1.11.{n}" for n in numbers[low:high]]


def stories(name: str) -> list[dict[str, Any]]:
    """The cases of a recording whose truth is known."""
    told = (RECORDED / name / "truth.json").read_text(encoding="utf-8")
    return json.loads(told)["cases"]


RECORDINGS = ("", "degraded_mild", "degraded_severe")
CASES = list(dict.fromkeys(case["id"] for name in RECORDINGS for case in stories(name)))


@cache
def diagnoses(zone: str | None = None) -> dict[str, Diagnosis]:
    """Every recorded case by its id, asked by somebody in that zone."""
    if zone is not None:
        return {
            name: conclude(
                replace(d.evidence, case=replace(d.evidence.case, zone=zone)), CHECKS
            )
            for name, d in diagnoses().items()
        }
    found = {}
    for name in RECORDINGS:
        collect = Collector(
            [LedgerSource(ledger(name), "ledger")],
            register(name),
            clock=partial(clock, name),
            seconds=FOREVER,
        )
        for case in stories(name):
            window = {"from": f"{case['from']}Z", "to": f"{case['to']}Z"}
            asked = {"account": case["account"], **window, **case["claim"]}
            question = parse(asked, ledger(name).clock)
            found[case["id"]] = diagnose(question, collect, register(name), CHECKS)
    return found
