"""Twenty thousand diagnoses in one process: none wrong, and nothing that grows.

    make soak                         # or, for less: python tests/chaos/soak.py --diagnoses 2000

Thirty-two threads ask the service by its WSGI interface: most over a recorded chain, the rest over
replayed nodes (processes of their own) that lose a call now and then, lag or forget. Stories,
formats and languages are mixed, and every tenth request is a bad one. Exit 1 if a verdict is wrong,
a status is another than expected, or memory, files or threads grew beyond their bounds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaos import CAUTIOUS
from flask.testing import FlaskClient
from recorded import RECORDED, ledger, stories

from diag.api.app import create_app
from diag.chain.rpc.worker_pool import MAX_IDLE
from diag.checks import CHECKS
from diag.config.settings import MAX_DEADLINE, Settings
from diag.domain.vocabulary import Outcome
from diag.render import FORMATS

THREADS = 32
NODES = (
    ("http", "--fault", "drop", "--drop", "0.01", "--latency-ms", "2"),
    ("ws", "--latency-ms", "5"),
    ("http", "--fault", "drop", "--drop", "0.02", "--behind", "120", "--keep", "50"),
)
"""The scheme and the options of `diag replay`."""
MOST_GROWTH = 8.0  # MiB, from the second quarter of the run to the last
SOON = 3.0  # seconds after the last question for which the head is asked ahead
MORE_FILES = MORE_THREADS = 8  # when all is over, against what there was before
UNDETERMINED = {
    rule.code
    for check in CHECKS
    for rule in check.RULES
    if rule.outcome == Outcome.UNDETERMINED
}
BAD: tuple[dict[str, str], ...] = (
    {"account": "Not An Account", "last": "6h"},
    {"account": "lin-yue"},
    {"account": "lin-yue", "from": "2026-11-21", "to": "2026-11-22"},
    {"account": "lin-yue", "last": "6h", "asset": "NO.SUCH"},
    {"account": "lin-yue", "last": "6h", "format": "xml"},
    {"account": "lin-yue", "last": "6h", "memo": "5K" + "a" * 49, "amount": "x"},
)


@dataclass
class Count:
    """What came of all requests; shared by the threads."""

    statuses: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    done: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Sample:
    """What the process held at a moment."""

    done: int
    resident: float
    files: int
    threads: int

    @classmethod
    def now(cls, done: int) -> Sample:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        resident = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
        files = sum(1 for _ in Path("/proc/self/fd").iterdir())
        return cls(done, resident, files, threading.active_count())


@contextmanager
def replayed(scheme: str, *options: str) -> Iterator[str]:
    """A node in a process of its own."""
    start = "import sys; from diag.cli.main import main; sys.exit(main(sys.argv[1:]))"
    ledger_of = ("--ledger", str(RECORDED), "--port", "0")
    command = [sys.executable, "-c", start, "replay", *ledger_of]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        found = re.search(r"127\.0\.0\.1:\d+", process.stdout.readline())
        assert found
        try:
            yield f"{scheme}://{found[0]}"
        finally:
            process.terminate()


def ask(client: FlaskClient, number: int, count: Count, over_nodes: bool) -> None:
    """One request, and what is to be said of the answer."""
    chance = random.Random(number)
    bad = chance.random() < 0.1
    told = chance.choice(TOLD)
    asked: dict[str, Any] = dict(chance.choice(BAD)) if bad else question(told)
    asked.setdefault("format", chance.choice(tuple(FORMATS)))
    asked["lang"] = chance.choice(("zh", "en"))
    if chance.random() < 0.5:
        response = client.get("/v1/diagnoses", query_string=asked)
    else:
        view = {name: asked.pop(name) for name in ("format", "lang")}
        response = client.post("/v1/diagnoses", json=asked, query_string=view)
    body, code = response.get_data(), response.headers.get("X-Diag-Verdict", "")
    response.close()
    expected = {400} if bad else {200}
    if over_nodes:
        expected.add(503)  # nobody could be asked
    true = {told["expect"], CAUTIOUS.get(told["expect"])}
    with count.lock:
        count.done += 1
        count.statuses[f"{response.status_code}"] += 1
        if response.status_code not in expected or not body:
            count.wrong.append(f"{number}: {response.status_code}, {asked}")
        elif code:
            kind = "true" if code in true else "open" if code in UNDETERMINED else "wrong"
            count.said[kind] += 1
            if kind == "wrong" or (kind == "open" and not over_nodes):
                count.wrong.append(f"{number}: {code} of {told['id']}")


TOLD = stories("")


def question(told: dict[str, Any]) -> dict[str, Any]:
    window = {"from": f"{told['from']}Z", "to": f"{told['to']}Z"}
    return {"account": told["account"], **window, **told["claim"]}


def run(name: str, settings: Settings, numbers: range) -> tuple[Count, list[Sample]]:
    """Ask as often as there are numbers; what came of it, and what was held meanwhile."""
    app = create_app(settings)
    clients = [FlaskClient(app, app.response_class) for _ in range(THREADS)]
    count, samples = Count(), []
    over = threading.Event()

    def work(thread: int) -> None:
        for number in numbers[thread::THREADS]:
            ask(clients[thread], number, count, bool(settings.nodes))

    def sample() -> None:
        while not over.wait(0.5):
            samples.append(Sample.now(count.done))

    sampler = threading.Thread(target=sample, daemon=True)
    sampler.start()
    began = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(work, thread) for thread in range(THREADS)]:
            future.result()
    took = time.monotonic() - began
    over.set()
    sampler.join()
    print(f"{name}: {count.done} in {took:.0f} s, {count.done / took:.0f} a second")
    print(f"  statuses {dict(count.statuses)}, verdicts {dict(count.said)}")
    return count, samples


def growth(samples: list[Sample], what: str) -> tuple[float, float]:
    """The medians of the second quarter and of the last: before it all is being warmed up."""
    last = samples[-1].done
    quarters: list[list[float]] = [[], []]
    for sample in samples:
        if last * 0.25 <= sample.done < last * 0.5:
            quarters[0].append(getattr(sample, what))
        elif sample.done >= last * 0.75:
            quarters[1].append(getattr(sample, what))
    early, late = (statistics.median(part or [getattr(samples[-1], what)]) for part in quarters)
    return early, late


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--diagnoses", type=int, default=20_000)
    parser.add_argument("--over-nodes", type=float, default=0.1, help="share of them")
    args = parser.parse_args()
    split = round(args.diagnoses * (1 - args.over_nodes))
    complaints = []
    before = Sample.now(0)
    with ExitStack() as stack:
        urls = tuple(stack.enter_context(replayed(*node)) for node in NODES)
        patient = {"deadline": MAX_DEADLINE}  # a busy machine is no fault of the service
        beside = {"gateways": RECORDED / "gateways.json", "chain_id": ledger().chain_id}
        for name, settings, numbers in (
            ("over the recorded chain", Settings(ledger=RECORDED, **patient), range(split)),
            (
                "over nodes",
                Settings(nodes=urls, clock=ledger().clock, ahead=SOON, **beside, **patient),
                range(split, args.diagnoses),
            ),
        ):
            count, samples = run(name, settings, numbers)
            complaints += count.wrong
            for what in ("resident", "files", "threads"):
                early, late = growth(samples, what)
                peak = max(getattr(sample, what) for sample in samples)
                print(f"  {what:9}{early:8.1f} → {late:8.1f}, at most {peak:.1f}")
                if what == "resident" and late - early > MOST_GROWTH:
                    complaints.append(f"{name}: memory grew by {late - early:.1f} MiB")
    time.sleep(SOON + MAX_IDLE + 2)  # nobody asks ahead any more, and idle threads have gone
    after = Sample.now(args.diagnoses)
    print(json.dumps({"before": vars_of(before), "after": vars_of(after)}))
    if after.files > before.files + MORE_FILES:
        complaints.append(f"files: {before.files} before, {after.files} after")
    if after.threads > before.threads + MORE_THREADS:
        complaints.append(f"threads: {before.threads} before, {after.threads} after")
    print("\n".join(complaints[:20]) or "nothing wrong")
    return 1 if complaints else 0


def vars_of(sample: Sample) -> dict[str, float]:
    return {"MiB": round(sample.resident, 1), "files": sample.files, "threads": sample.threads}


if __name__ == "__main__":
    sys.exit(main())
