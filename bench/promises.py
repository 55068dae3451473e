"""The promises that figures can keep or break, each with what was found. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

Document = dict[str, Any]

AT_MS = 50
PAGE = 100
MOST_TIMES_BARE = 1.3
LEAST_TIMES_PAGING = 50
MOST_OVERHEAD_MS = 15
FLAT = 1.2
LEAST_SHARE_OF_BARE = 1 / 8
MOST_DEMO_MIB = 90
MOST_GROWTH_MIB = 8
CROWD = 32
UNMEASURED = "not measured"
OVERS, STATES = ("http", "ws"), ("cold", "warm")


@dataclass(frozen=True, slots=True)
class Promise:
    """met is None where the run did not measure it."""

    promise: str
    wanted: str
    found: str
    met: bool | None


def promises(document: Document) -> list[dict[str, Any]]:
    """All of them, for JSON."""
    told = (promise(document) for promise in _PROMISES)
    return [asdict(one) for one in told]


def _waves(document: Document) -> Promise:
    found: dict[tuple[str, bool], int] = {}
    for cell in document["windows"]:
        for way, calls in cell["waves"].items():
            kind = way.split()[1], cell["in_window"] > PAGE
            found[kind] = max(found.get(kind, 0), len(calls))
    limits = {("cold", False): 2, ("warm", False): 1, ("cold", True): 3, ("warm", True): 3}
    named = ", ".join(
        f"{state} {count}{' (more than a page)' if wide else ''}"
        for (state, wide), count in sorted(
            found.items(), key=lambda one: (one[0][1], one[0][0])
        )
    )
    met = all(count <= limits[kind] for kind, count in found.items())
    wanted = "cold ≤ 2, warm 1; ≤ 3 over a page"
    return Promise("waves of calls", wanted, named or UNMEASURED, met if found else None)


def _times_bare(document: Document) -> Promise:
    ratios = [
        (
            _median(cell, f"ours {over} {state}") / _median(cell, f"by hand {over} {state}"),
            cell,
            over,
            state,
        )
        for cell, over, state in _measured(document)
    ]
    return _worst(
        f"time over the same calls by hand at {AT_MS} ms",
        f"≤ {MOST_TIMES_BARE} ×",
        [(ratio, _name(cell, over, state)) for ratio, cell, over, state in ratios],
        lambda worst: worst <= MOST_TIMES_BARE,
        "{:.2f} ×",
    )


def _overhead(state: str, document: Document) -> Promise:
    extra = [
        (
            _median(cell, f"ours {over} {state}") - _median(cell, f"by hand {over} {state}"),
            _name(cell, over, state),
        )
        for cell, over, which in _measured(document)
        if which == state
    ]
    return _worst(
        f"time beyond the same calls by hand at {AT_MS} ms, {state}",
        f"≤ {MOST_OVERHEAD_MS} ms",
        extra,
        lambda worst: worst <= MOST_OVERHEAD_MS,
        "{:.0f} ms",
    )


def _times_paging(document: Document) -> Promise:
    gains = [
        (
            _median(cell, f"paging {over}") / _median(cell, f"ours {over} {state}"),
            _name(cell, over, state),
        )
        for cell, over, state in _measured(document)
        if cell["back"] and f"paging {over}" in cell["ways"]
    ]
    return _worst(
        f"python-bitshares, 15,000 operations back at {AT_MS} ms",
        f"≥ {LEAST_TIMES_PAGING} × slower",
        gains,
        lambda least: least >= LEAST_TIMES_PAGING,
        "{:.0f} ×",
        worst=min,
    )


def _flat(document: Document) -> Promise:
    ratios = []
    for over in OVERS:
        for state in STATES:
            times = [
                _median(cell, f"ours {over} {state}")
                for cell, *which in _measured(document)
                if which == [over, state] and not cell["back"]
            ]
            if len(times) > 1:
                ratios.append((max(times) / min(times), f"{over} {state}"))
    return _worst(
        "slowest account size over the fastest, 10² to 10⁶ operations",
        f"≤ {FLAT} ×",
        ratios,
        lambda worst: worst <= FLAT,
        "{:.2f} ×",
    )


def _throughput(document: Document) -> Promise:
    shares = [
        (cell["ratio"], cell["asked"])
        for cell in (document.get("throughput") or {}).get("cells", ())
        if cell["where"] == "over HTTP"
    ]
    return _worst(
        "warm diagnoses per second over a bare route's answers",
        "≥ 1/8 (0.125)",
        shares,
        lambda least: least >= LEAST_SHARE_OF_BARE,
        "{:.3f}",
        worst=min,
    )


def _crowd(document: Document) -> Promise:
    cells = [cell for cell in document.get("crowd", ()) if cell["at_once"] >= CROWD]
    wrong = sum(cell["diagnoses"] - cell["codes"].get("gateway_settled", 0) for cell in cells)
    asked = sum(cell["diagnoses"] for cell in cells)
    found = f"{asked - wrong} of {asked} answered rightly, 64 at once" if cells else UNMEASURED
    return Promise(
        f"{CROWD} at once in one process", "no errors", found, not wrong if cells else None
    )


def _demo(document: Document) -> Promise:
    found = ((document.get("memory") or {}).get("demo") or {}).get("after_load") or {}
    return _worst(
        "resident in demo mode after mixed use",
        f"≤ {MOST_DEMO_MIB} MiB",
        [(found["worker"], "worker")] if found else [],
        lambda worst: worst <= MOST_DEMO_MIB,
        "{:.0f} MiB",
    )


def _growth(document: Document) -> Promise:
    large = (document.get("memory") or {}).get("large") or {}
    known = large.get("after_10^6") and large.get("after_10^4")
    grown = large["after_10^6"]["worker"] - large["after_10^4"]["worker"] if known else 0.0
    return _worst(
        "10⁶ operations after the same windows of 10⁴",
        f"≤ {MOST_GROWTH_MIB} MiB more",
        [(grown, "worker")] if known else [],
        lambda worst: worst <= MOST_GROWTH_MIB,
        "{:+.1f} MiB",
    )


def _same(document: Document) -> Promise:
    cells = document["windows"]
    agree = sum(cell["agree"] for cell in cells)
    right = sum(cell["codes"] == ["gateway_settled"] for cell in cells)
    found = f"{agree} of {len(cells)} cells agree, {right} settled as they were"
    return Promise(
        "all find the same transfers, and the right verdict",
        "always",
        found,
        agree == right == len(cells) if cells else None,
    )


_PROMISES: tuple[Callable[[Document], Promise], ...] = (
    _same,
    _waves,
    _times_bare,
    partial(_overhead, "warm"),
    partial(_overhead, "cold"),
    _times_paging,
    _flat,
    _crowd,
    _throughput,
    _demo,
    _growth,
)


def _worst(
    promise: str,
    wanted: str,
    figures: list[tuple[float, str]],
    holds: Callable[[float], bool],
    form: str,
    worst: Callable[[Iterable[tuple[float, str]]], tuple[float, str]] = max,
) -> Promise:
    if not figures:
        return Promise(promise, wanted, UNMEASURED, None)
    figure, where = worst(figures)
    return Promise(promise, wanted, f"{form.format(figure)} ({where})", holds(figure))


def _measured(document: Document) -> list[tuple[Document, str, str]]:
    """The cells at the latency that the promises name, with every transport and state."""
    return [
        (cell, over, state)
        for cell in document["windows"]
        if cell["latency_ms"] == AT_MS
        for over in OVERS
        for state in STATES
    ]


def _median(cell: Document, way: str) -> float:
    return float(cell["ways"][way]["median_ms"])


def _name(cell: Document, over: str, state: str) -> str:
    size = f"{cell['operations']:,} operations, {cell['in_window']} in the window"
    back = f", {cell['back']:,} back" if cell["back"] else ""
    return f"{over} {state}, {size}{back}"
