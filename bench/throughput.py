"""How many diagnoses a second the service gives on a ledger in memory, against a bare route.

The bare route is Flask's, under the same server, and returns the same bytes. Both are measured in
turns in one run, in-process and over HTTP, with one question again and again and with all stories
of a recorded chain in turn. Both are answered from what was made of the same head before; for
comparison, in-process, questions of which no two are alike, so that each is collected, traced and
judged anew.
"""

from __future__ import annotations

import http.client
import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import count, cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response

from diag.app import create_app
from diag.server import Server
from diag.settings import Settings

LEDGER = Path(__file__).parents[1] / "tests" / "data" / "ledger"
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Throughput:
    """Answers a second, and how many bare ones come upon one of ours; at most 8 are promised."""

    where: str
    questions: str
    ours: float
    bare: float

    @property
    def ratio(self) -> float:
        return self.bare / self.ours


def measure(
    ledger: Path = LEDGER, seconds: float = 1.0, clients: int = 4, rounds: int = ROUNDS
) -> list[Throughput]:
    """Each of the ways, from the medians of some rounds of so many seconds.

    ledger is a recorded chain with the stories in its truth.json; clients is how many connections
    ask over HTTP at once.
    """
    ours = create_app(Settings(ledger=ledger))
    paths = [
        path for path in _questions(ledger) if ours.test_client().get(path).status_code == 200
    ]
    bodies = [ours.test_client().get(path).data for path in paths]
    plain = bare(bodies)
    bare_paths = [f"/bare/{n}" for n in range(len(bodies))]
    found = []
    for name, most in (("the same", 1), ("all in turn", len(paths))):
        mine, theirs = paths[:most], bare_paths[:most]
        rates = _in_turns(
            lambda mine=mine: _in_process(ours, cycle(mine), seconds),
            lambda theirs=theirs: _in_process(plain, cycle(theirs), seconds),
            rounds,
        )
        found.append(Throughput("in-process", name, *rates))
    unlike = (path for n in count(1) for path in _questions(ledger, n))
    rates = _in_turns(
        lambda: _in_process(ours, unlike, seconds),
        lambda: _in_process(plain, cycle(bare_paths), seconds),
        rounds,
    )
    found.append(Throughput("in-process", "no two alike", *rates))
    with _served("ours", ledger) as one, _served("bare", ledger) as other:
        for name, most in (("the same", 1), ("all in turn", len(paths))):
            mine, theirs = paths[:most], bare_paths[:most]
            _over_http(one, mine, 0.0, 1, all_of_them=True)
            rates = _in_turns(
                lambda mine=mine: _over_http(one, mine, seconds, clients),
                lambda theirs=theirs: _over_http(other, theirs, seconds, clients),
                rounds,
            )
            found.append(Throughput("HTTP", name, *rates))
    return found


def bare(bodies: Sequence[bytes]) -> Flask:
    """A Flask application that returns what it was given, and does nothing else."""
    app = Flask("bare")

    @app.get("/bare/<int:n>")
    def answer(n: int) -> Response:
        return Response(bodies[n], content_type="application/json")

    return app


def _questions(ledger: Path, later: int = 0) -> Iterator[str]:
    """The stories as addresses; later is by how many seconds their windows begin later."""
    told = json.loads((ledger / "truth.json").read_text(encoding="utf-8"))
    for case in told["cases"]:
        start = datetime.fromisoformat(case["from"]) + timedelta(seconds=later)
        window = {"from": f"{start.isoformat()}Z", "to": f"{case['to']}Z"}
        yield "/v1/diagnoses?" + urlencode(
            {"account": case["account"], **window, **case["claim"]}
        )


def _in_turns(
    ours: Callable[[], float], theirs: Callable[[], float], rounds: int
) -> tuple[float, float]:
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def _in_process(app: Flask, paths: Iterable[str], seconds: float) -> float:
    """By the time of the processor: others who use the machine do not count."""
    client, began = app.test_client(), time.process_time()
    for done, path in enumerate(paths, 1):
        client.get(path)
        passed = time.process_time() - began
        if passed >= seconds:
            return done / passed
    return 0.0


def _over_http(
    port: int, paths: Sequence[str], seconds: float, clients: int, all_of_them: bool = False
) -> float:
    numbers, began = count(), time.perf_counter()

    def ask(_: int) -> int:
        done = 0
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            while time.perf_counter() - began < seconds or (all_of_them and done < len(paths)):
                connection.request("GET", paths[next(numbers) % len(paths)])
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200, answer.status
                done += 1
        return done

    with ThreadPoolExecutor(clients) as pool:
        total = sum(pool.map(ask, range(clients)))
    return total / (time.perf_counter() - began)


@contextmanager
def _served(what: str, ledger: Path) -> Iterator[int]:
    """One of the two under gunicorn in a process of its own; yields its port."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, __file__, what, str(ledger), str(port)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


class _Bare(Server):
    """The product's server settings around the bare application."""

    def load(self) -> Any:
        ours = create_app(self.settings).test_client()
        answers = [ours.get(path) for path in _questions(self.settings.ledger or LEDGER)]
        return bare([answer.data for answer in answers if answer.status_code == 200])


def main(arguments: Sequence[str]) -> int:
    if arguments:
        what, ledger, port = arguments
        server = Server if what == "ours" else _Bare
        server(Settings(ledger=Path(ledger)), "127.0.0.1", int(port)).run()
        return 0
    for found in measure():
        print(json.dumps(asdict(found) | {"ratio": round(found.ratio, 2)}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
