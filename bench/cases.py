"""`make bench-cases`: what it costs to watch open cases.

Opens cases of the recorded chain (50 questions over and over, so many of them share an account), makes
all of them due, and looks at them once as `diag serve` and `diag worker` do. Prints, per open case,
the processor time, the calls and the time of a look; how many cases one worker can look at in an
hour; the memory of the process and the size of the database.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
sys.path.insert(0, str(Path(__file__).parents[1]))

from recorded import RECORDED, ledger
from sqlalchemy import update

from bench.triage import node
from diag.bootstrap import build_services
from diag.cases import store
from diag.cases.database import Database
from diag.cases.desk import Desk
from diag.cases.schema import upgrade
from diag.cases.tables import cases
from diag.cases.watcher import BATCH, Watcher
from diag.cli.main import GC_THRESHOLDS
from diag.config.settings import Settings
from diag.schemas.case import parse
from diag.schemas.kept_case import NewCase
from diag.services import Services

NOW = ledger().clock


def questions() -> list[NewCase]:
    told = json.loads((RECORDED / "truth.json").read_text(encoding="utf-8"))["cases"]
    found = []
    for case in told:
        window = {"from": f"{case['from']}Z", "to": f"{case['to']}Z"}
        asked = parse({"account": case["account"], **window, **case["claim"]}, NOW)
        found.append(NewCase(asked, None, "bench", "zh", ("hook",)))
    return found


def fill(desk: Desk, number: int) -> None:
    """Opens one case of each kind, and copies of them until there are so many."""
    kinds = [desk.open(new, None)[0] for new in questions()]
    kinds = [case for case in kinds if case.next_look]
    with desk.database.writing() as connection:
        store.remove(connection, cases.c.next_look.is_(None))
        for count in range(number - len(kinds)):
            case = kinds[count % len(kinds)]
            copy = replace(case, id=store.new_id(), reference=f"T-{count}")
            store.add(connection, copy)


def look(desk: Desk, services: Services, batch: int) -> dict[str, Any]:
    """Looks at every case once."""
    with desk.database.writing() as connection:
        connection.execute(update(cases).values(next_look=NOW - timedelta(seconds=1)))
    before = calls(services)
    watcher = Watcher(desk.database, services, desk.wall, batch=batch)
    start, spent = time.perf_counter(), time.process_time()
    done = watcher.run(seconds=3600)
    wall, cpu = time.perf_counter() - start, time.process_time() - spent
    return {
        "looks": done.total,
        "changed": done.changed,
        "wall": wall,
        "cpu": cpu,
        "calls": calls(services) - before,
    }


def calls(services: Services) -> float:
    return sum(n for (name, _, _), n in services.counters.read().items() if name == "calls")


def resident() -> float:
    """MiB of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def services_on(latency_ms: int | None) -> Iterator[Services]:
    if latency_ms is None:
        yield build_services(Settings(ledger=RECORDED))
        return
    with node(latency_ms) as url:
        register = RECORDED / "gateways.json"
        yield build_services(
            Settings(nodes=(url,), clock=NOW, gateways=register, ahead=0, deadline=60)
        )


def main(argv: Sequence[str] | None = None) -> None:
    import gc

    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument(
        "--latency-ms", type=int, help="over a replayed node instead of in memory"
    )
    parser.add_argument("--batch", type=int, default=BATCH)
    given = parser.parse_args(argv)
    gc.set_threshold(*GC_THRESHOLDS)
    with (
        services_on(given.latency_ms) as services,
        TemporaryDirectory() as directory,
    ):
        path = Path(directory) / "cases.db"
        database = Database.open(f"sqlite:///{path}")
        upgrade(database)
        services = replace(services, now=lambda: NOW)
        desk = Desk(database, services, tuple, lambda: NOW, timedelta(days=90))
        fill(desk, given.cases)
        before = resident()
        found = look(desk, services, given.batch)
        each = found["looks"]
        where = "in memory" if given.latency_ms is None else f"{given.latency_ms} ms per call"
        print(
            f"{each} open cases, {where}, batches of {given.batch}: {found['changed']} changed"
        )
        print(
            f"  a look: {found['cpu'] / each * 1000:.1f} ms of processor, "
            f"{found['wall'] / each * 1000:.1f} ms, {found['calls'] / each:.1f} calls"
        )
        print(f"  an hour of one worker: {each / found['wall'] * 3600:,.0f} looks")
        print(
            f"  memory {before:.0f} MiB before, {resident():.0f} MiB after; "
            f"database {path.stat().st_size / 2**20:.1f} MiB"
        )


if __name__ == "__main__":
    main()
