"""`make bench-triage`: a thousand tickets of the recorded chain, in memory and over a replayed node.

Prints wall and processor time, the calls, and the time to the first answer. The latency is per
call; the node runs in a process of its own on 127.0.0.1.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from recorded import RECORDED, ledger, register
from tickets import tickets

from diag.bootstrap import BATCH_CONCURRENCY
from diag.chain.client import BatchClient
from diag.chain.collect.collector import Collector
from diag.chain.pool.pool import Pool
from diag.chain.rpc.call import Call, Deadline, Reply, Source
from diag.chain.rpc.http import HttpNode
from diag.chain.rpc.nodes import MAX_CALLS, MAX_REPLY_BYTES
from diag.checks import CHECKS
from diag.cli.main import GC_THRESHOLDS
from diag.ledger.node import LedgerSource
from diag.matching.match_cache import MAX_OPERATIONS_IN_BATCH
from diag.triage.batch import Batch
from diag.triage.groups import summarize
from diag.triage.tickets import read


class Counted:
    """A source that counts its calls."""

    def __init__(self, source: Source) -> None:
        self._source, self.name, self.calls = source, source.name, 0

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        self.calls += len(calls)
        return self._source.ask(calls, deadline)


@contextmanager
def node(latency_ms: int) -> Iterator[str]:
    """The recorded chain as a node on real sockets; yields its URL."""
    command = [sys.executable, "-m", "diag.cli.main", "replay", "--port", "0"]
    command += ["--ledger", str(RECORDED), "--latency-ms", str(latency_ms)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found, "the replayed node did not start"
        yield found[0]
    finally:
        process.terminate()
        process.wait()


def measure(name: str, source: Source, content: bytes, shared: bool, at_once: int = 1) -> None:
    counted, clock = Counted(source), ledger().clock
    alone = Collector([counted], register(), clock=lambda: clock)
    collect = alone
    start, spent = time.perf_counter(), time.process_time()
    if shared:
        collect = BatchClient(Pool.of([counted]), register(), alone, clock=lambda: clock)
    batch = Batch(collect, register(), CHECKS, (), clock, at_once, MAX_OPERATIONS_IN_BATCH)
    rows = read(content, "jsonl", {})
    first, done = 0.0, []
    for one in batch.answers(rows, lambda: 1.0):
        first = first or time.perf_counter() - start
        done.append(one)
    wall = time.perf_counter() - start
    found = summarize(done)
    how = "together" if shared else "alone"
    print(
        f"{name:10} {how:8} {found.rows:>5} rows {len(found.groups):>3} groups {wall:>6.1f} s "
        f"cpu {time.process_time() - spent:>6.1f} s first {first:>5.2f} s {counted.calls:>7} calls",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--latency-ms", type=int, default=50)
    parser.add_argument("--alone", type=int, default=100, help="rows asked without sharing")
    given = parser.parse_args()
    gc.set_threshold(*GC_THRESHOLDS)  # as the service has it
    content, few = (
        "\n".join(json.dumps(ticket) for ticket in tickets(count, bad=count // 50)).encode()
        for count in (given.rows, given.alone)
    )
    memory = LedgerSource(ledger(), "ledger")
    measure("in memory", memory, content, shared=True)
    measure("in memory", memory, few, shared=False)
    with node(given.latency_ms) as url:
        remote = HttpNode(url, workers=MAX_CALLS, max_body=MAX_REPLY_BYTES)
        measure(f"{given.latency_ms} ms", remote, content, True, BATCH_CONCURRENCY)
        measure(f"{given.latency_ms} ms", remote, few, False, BATCH_CONCURRENCY)
    return 0


if __name__ == "__main__":
    sys.exit(main())
