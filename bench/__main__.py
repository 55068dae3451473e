"""`make bench`: everything, then the tables; a whole run also writes docs/performance.*.

A timing never fails a build: the exit status is 0, and the last table says what was promised.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import crowd, made_chain, memory, throughput, windows
from bench.machine import load, machine, today, versions
from bench.node import nodes
from bench.page import write
from bench.promises import promises
from bench.table import markdown
from diag.bootstrap import embedded_ledger
from diag.cli.main import GC_THRESHOLDS
from diag.ledger.node import Ledger

PARTS = ("windows", "crowd", "memory", "throughput")
DOCS = Path(__file__).parents[1] / "docs"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="two minutes' look; writes no page"
    )
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--out", type=Path, help="where to write performance.json and .svg")
    given = parser.parse_args()
    logging.getLogger("grapheneapi").setLevel(logging.CRITICAL)  # it tells of each reconnect
    sys.addaudithook(_stay_here)
    document = _measured(given.quick, given.only)
    sys.stdout.write(f"{markdown(document)}\n")
    whole = not given.quick and set(given.only) == set(PARTS)
    out = given.out or (DOCS if whole else None)
    if out:
        write(document, out)
    return 0


def _measured(quick: bool, only: list[str]) -> dict[str, Any]:
    began = time.monotonic()
    document: dict[str, Any] = {
        "schema": "1",
        "measured_at": today(),
        "quick": quick,
        "machine": machine(),
        "versions": versions(),
    }
    chain = Ledger.load(embedded_ledger())
    now, chain_id = chain.clock, chain.chain_id
    gc.set_threshold(*GC_THRESHOLDS)  # as the service has it
    gc.collect()
    gc.freeze()
    rounds = windows.QUICK if quick else windows.FULL
    with ExitStack() as open_things:
        work = Path(open_things.enter_context(tempfile.TemporaryDirectory()))
        register = work / "gateways.json"
        register.write_text(json.dumps(made_chain.registered()), encoding="utf-8")
        _say(began, "making a chain of a million operations")
        at = open_things.enter_context(nodes((0, 50, 150)))
        document["windows"] = []
        if "windows" in only:
            for one in rounds:
                _say(began, f"one diagnosis at a time, {one.latency_ms} ms a call")
                address = at[one.latency_ms]
                document["windows"] += windows.measure(one, address, now, register, chain_id)
        if "crowd" in only:
            levels = crowd.QUICK if quick else crowd.FULL
            _say(began, "getting ready for the crowd")
            crowd.prepare(at[0], now, register, levels)
            document["crowd"] = []
            for over in ("http", "ws"):
                _say(began, f"{', '.join(map(str, levels))} at once over {over}")
                document["crowd"] += crowd.measure(over, at[50], now, register, levels)
        if "memory" in only:
            _say(began, "memory")
            document["memory"] = memory.measure(at[0], register, now, times=1 if quick else 3)
    if "throughput" in only:
        _say(began, "diagnoses per second")
        with tempfile.TemporaryDirectory() as folder:
            slices = {"slices": 3, "seconds": 0.5} if quick else {}
            document["throughput"] = throughput.measure(Path(folder), **slices)
    document["machine"]["load_at_end"] = load()
    document["seconds"] = round(time.monotonic() - began)
    document["promises"] = promises(document)
    return document


def _say(began: float, words: str) -> None:
    sys.stderr.write(f"{time.monotonic() - began:5.0f} s  {words}\n")


def _stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    """Nothing here may dial anywhere but this machine; python-bitshares would, unless told not to."""
    if event != "socket.connect":
        return
    address = arguments[1]
    if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
        raise PermissionError(f"the benchmark does not dial {address[0]}")


if __name__ == "__main__":
    sys.exit(main())
