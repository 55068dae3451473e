"""Many diagnoses at once on the parts of one process, as the service's threads make them."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.made_chain import CYCLE
from bench.ours import Ours
from bench.question import Question
from bench.timing import Spread
from diag.errors import DiagError

FULL, QUICK = (1, 4, 16, 64), (1, 16)
FEWEST = 8
"""Diagnoses a level, if the crowd is not larger."""


def prepare(address: str, now: datetime, register: Path, levels: tuple[int, ...]) -> None:
    """Have a node without latency answer everything once, so that all answers are at hand."""
    with closing(Ours(f"http://{address}", register, now)) as ours:
        for question in _questions(max(levels)):
            ours.diagnose(question.case(now))


def measure(
    over: str, address: str, now: datetime, register: Path, levels: tuple[int, ...]
) -> list[dict[str, Any]]:
    """A cell for each level; each starts from nothing, and no two ask for the same window."""
    found = []
    for level in levels:
        with closing(Ours(f"{over}://{address}", register, now)) as ours:
            cell = {"over": over, "at_once": level}
            found.append(cell | _crowd(ours, _questions(level), level, now))
    return found


def _questions(level: int) -> list[Question]:
    """One for each of the crowd, a quarter of a day apart."""
    count = max(FEWEST, level)
    return [Question("trader-1m", CYCLE * place, 42) for place in range(count)]


def _crowd(ours: Ours, questions: list[Question], level: int, now: datetime) -> dict[str, Any]:
    codes: Counter[str] = Counter()

    def one(question: Question) -> float:
        began = time.perf_counter()
        try:
            code = ours.diagnose(question.case(now)).verdict.rule.code
        except DiagError as error:
            code = error.code
        codes[code] += 1
        return (time.perf_counter() - began) * 1000

    began, spent = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(level) as pool:
        times = Spread(tuple(pool.map(one, questions)))
    wall, cpu = time.perf_counter() - began, time.process_time() - spent
    return {
        "diagnoses": len(questions),
        "per_second": round(len(questions) / wall, 2),
        "p50_ms": round(times.median, 1),
        "p95_ms": round(times.share(0.95), 1),
        "cpu_ms_each": round(cpu * 1000 / len(questions), 1),
        "codes": dict(sorted(codes.items())),
    }
