"""`make bench`: a diagnosis over a replayed node, against the same calls issued by hand.

Prints, for each latency and case, the median wall time of both and their ratio. Needs nothing
but the package; the node runs in a process of its own on 127.0.0.1.
"""

from __future__ import annotations

import http.client
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

from diag.app import embedded_ledger
from diag.chain.collect import Collector
from diag.chain.ledger import Ledger
from diag.chain.nodes import WORKERS
from diag.chain.rpc import HttpNode
from diag.chain.source import Call, Deadline, Reply
from diag.checks import CHECKS
from diag.diagnose import diagnose
from diag.evidence import Case
from diag.gateways import of_ledger

LATENCIES_MS = (0, 50, 150)
ROUNDS = 9
ACCOUNTS = ("lin-yue", "zhao-ming", "sun-li3", "tao-qian")


@contextmanager
def node(latency_ms: int) -> Iterator[str]:
    """The embedded ledger as a node on real sockets; yields its URL."""
    command = [sys.executable, "-m", "diag.cli", "replay", "--port", "0"]
    command += ["--ledger", str(embedded_ledger()), "--latency-ms", str(latency_ms)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found, "the replayed node did not start"
        yield found[0]
    finally:
        process.terminate()
        process.wait()


class Recorder:
    """A node that notes the waves it is asked."""

    def __init__(self, url: str) -> None:
        self._node = HttpNode(url, workers=WORKERS)
        self.name = self._node.name
        self.waves: list[Sequence[Call]] = []

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        self.waves.append(calls)
        return self._node.ask(calls, deadline)


def by_hand(url: str, waves: Sequence[Sequence[Call]]) -> Callable[[], None]:
    """The same waves with nothing around them: a thread and a connection per call."""
    address = url.removeprefix("http://").rstrip("/")

    def one(call: Call) -> None:
        connection = http.client.HTTPConnection(address, timeout=5)
        params = [call.api, call.method, list(call.args)]
        body = {"jsonrpc": "2.0", "id": 1, "method": "call", "params": params}
        connection.request("POST", "/", json.dumps(body))
        json.loads(connection.getresponse().read())
        connection.close()

    def run() -> None:
        for wave in waves:
            list(pool.map(one, wave))

    pool = ThreadPoolExecutor(WORKERS)
    return run


def median_ms(work: Callable[[], object]) -> float:
    """The median wall time of several runs, in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def main() -> int:
    directory = embedded_ledger()
    register, now = of_ledger(directory), Ledger.load(directory).clock
    assert register is not None
    print(
        f"{'latency':>8} {'account':12} {'waves':>5} {'calls':>5} {'diag':>9} {'by hand':>9} ratio"
    )
    for latency in LATENCIES_MS:
        with node(latency) as url:
            for account in ACCOUNTS:
                recorder = Recorder(url)
                collect = Collector([recorder], register)
                case = Case(account, now - timedelta(hours=24), now)

                def ours(case: Case = case, collect: Collector = collect) -> object:
                    return diagnose(case, collect, register, CHECKS)

                ours()
                waves = list(recorder.waves)
                mine, bare = median_ms(ours), median_ms(by_hand(url, waves))
                calls = sum(map(len, waves))
                print(
                    f"{latency:>5} ms {account:12} {len(waves):>5} {calls:>5} {mine:>6.0f} ms "
                    f"{bare:>6.0f} ms {mine / bare:5.2f}"
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
