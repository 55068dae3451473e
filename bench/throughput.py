"""Diagnoses per second on the recorded chain in memory, against a route that returns the same bytes."""

from __future__ import annotations

import cProfile
import io
import json
import pstats
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench import bare
from bench.served import Request, Served, served, settings
from diag.api.app import create_app
from diag.config.settings import Settings

RECORDED = Path(__file__).parents[1] / "tests" / "data" / "ledger"
SLICES, SECONDS = 5, 1.5
PROFILED = 112
LINES = 15
ONE, ALL = "one question repeated", "all stories in turn"
HTTP, INSIDE = "over HTTP", "in process"


def measure(work: Path, slices: int = SLICES, seconds: float = SECONDS) -> dict[str, Any]:
    """Rates of both, slice by slice in turns, and their ratio; the profile if it is too low."""
    queries = _queries()
    groups = {ONE: queries[:1], ALL: queries}
    with served("diag.cli.main", "serve", **settings(ledger=RECORDED)) as ours:
        bodies = {query: ours.fetch(f"{bare.ROUTE}?{query}").decode() for query in queries}
        ready = work / "bodies.json"
        ready.write_text(json.dumps(bodies), encoding="utf-8")
        with served("bench.bare", str(ready)) as theirs:
            loads: dict[tuple[str, str, str], Callable[[float], float]] = {}
            wrong: Counter[int] = Counter()
            for name, some in groups.items():
                for who, server in (("ours", ours), ("bare", theirs)):
                    loads[HTTP, name, who] = _over_http(server, some, wrong)
            apps = {
                "ours": create_app(Settings(ledger=RECORDED)),
                "bare": bare.create(bodies),
            }
            for name, some in groups.items():
                for who, app in apps.items():
                    loads[INSIDE, name, who] = _inside(app, some)
            rates = _in_turns(loads, slices, seconds)
    cells = [
        _cell(where, name, rates[where, name, "ours"], rates[where, name, "bare"])
        for where in (HTTP, INSIDE)
        for name in groups
    ]
    found: dict[str, Any] = {"cells": cells, "stories": len(queries)}
    found["bytes_each"] = round(statistics.mean(map(len, bodies.values())))
    found["not_200"] = {str(status): n for status, n in wrong.items() if status != 200}
    if min(cell["ratio"] for cell in cells) < 1 / 8:
        found["profile"] = _profile(apps["ours"], queries)
    return found


def _queries() -> list[str]:
    told = json.loads((RECORDED / "truth.json").read_bytes())["cases"]
    return [
        urlencode(
            {"account": one["account"], "from": f"{one['from']}Z", "to": f"{one['to']}Z"}
            | one["claim"]
        )
        for one in told
    ]


def _over_http(
    server: Served, queries: Sequence[str], statuses: Counter[int]
) -> Callable[[float], float]:
    requests = [Request(f"{bare.ROUTE}?{query}") for query in queries]

    def load(seconds: float) -> float:
        rate, seen = server.load(requests, seconds)
        statuses.update(seen)
        return rate

    return load


def _inside(app: Any, queries: Sequence[str]) -> Callable[[float], float]:
    def load(seconds: float) -> float:
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            _call(app, queries[done % len(queries)])
            done += 1
        return done / (time.perf_counter() - began)

    return load


def _call(app: Any, query: str) -> bytes:
    """One request by WSGI, with no server around."""
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": bare.ROUTE,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    seen: list[str] = []
    answer = app(environ, lambda status, headers, *_: seen.append(status))
    body = b"".join(answer)
    getattr(answer, "close", lambda: None)()
    assert seen[0].startswith("200"), seen
    return body


def _in_turns(
    loads: dict[tuple[str, str, str], Callable[[float], float]], slices: int, seconds: float
) -> dict[tuple[str, str, str], list[float]]:
    rates: dict[tuple[str, str, str], list[float]] = {name: [] for name in loads}
    for load in loads.values():
        load(seconds / 3)
    for _ in range(slices):
        for name, load in loads.items():
            rates[name].append(load(seconds))
    return rates


def _cell(where: str, name: str, ours: list[float], theirs: list[float]) -> dict[str, Any]:
    mine, bare_ = statistics.median(ours), statistics.median(theirs)
    return {
        "where": where,
        "asked": name,
        "ours_per_second": round(mine, 1),
        "ours_spread": [round(min(ours), 1), round(max(ours), 1)],
        "bare_per_second": round(bare_, 1),
        "bare_spread": [round(min(theirs), 1), round(max(theirs), 1)],
        "ratio": round(mine / bare_, 4),
    }


def _profile(app: Any, queries: Sequence[str]) -> dict[str, Any]:
    """Where the time of a diagnosis goes: the functions with the most time of their own."""
    profile = cProfile.Profile()
    with profile:
        for number in range(PROFILED):
            _call(app, queries[number % len(queries)])
    stats = pstats.Stats(profile, stream=io.StringIO())
    total: float = stats.total_tt  # type: ignore[attr-defined]
    rows = stats.stats.items()  # type: ignore[attr-defined]
    return {
        "diagnoses": PROFILED,
        "own_time": _top(rows, total, 2),
        "with_what_it_calls": _top(rows, total, 3),
    }


def _top(rows: Any, total: float, column: int) -> list[dict[str, Any]]:
    """The rows with the largest figure in a column of cProfile's: 2 is own time, 3 is all of it."""
    ordered = sorted(rows, key=lambda row: row[1][column], reverse=True)[:LINES]
    return [
        {
            "function": f"{_short(file)}:{line} {name}".removeprefix("~:0 "),
            "share": round(figures[column] / total, 3),
            "calls_each": round(figures[1] / PROFILED, 1),
        }
        for (file, line, name), figures in ordered
    ]


def _short(file: str) -> str:
    """A path from its package on: no machine's folders."""
    parts = Path(file).parts
    start = len(parts) - 1 - parts[::-1].index("diag") if "diag" in parts else -2
    return "/".join(parts[start:])
