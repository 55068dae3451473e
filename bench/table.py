"""The figures as tables, for terminals and for Markdown alike. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import Any

Document = dict[str, Any]

OVERS = {"http": "HTTP", "ws": "WebSocket"}
SHORT = {"http": "HTTP", "ws": "WS"}
WIDTH = 118
"""Characters of a line of the page."""
START, END = "<!-- figures: written by make bench -->", "<!-- end of figures -->"


def markdown(document: Document) -> str:
    """Everything, under small headings; no line is longer than `WIDTH`."""
    tables = (f"### {title}\n\n{table}" for title, table in _tables(document))
    return "\n\n".join([_circumstances(document), *tables])


def between_marks(page: str, figures: str) -> str:
    """The page with the figures in their place."""
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{figures}\n\n{END}{after}"


def _circumstances(document: Document) -> str:
    machine, versions = document["machine"], document["versions"]
    busy = ", ".join(
        f"{machine[key]} at the {key.removeprefix('load_at_')}"
        for key in ("load_at_start", "load_at_end")
        if machine[key] is not None
    )
    named = ", ".join(f"{name} {number}" for name, number in versions.items())
    return _wrapped(
        f"Measured {document['measured_at']} in {document['seconds']} s on {machine['processor']}, "
        f"{machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}; "
        f"load average {busy}. {named}."
    )


def _tables(document: Document) -> Iterator[tuple[str, str]]:
    yield "One diagnosis at a time", _windows(document["windows"])
    if document.get("crowd"):
        yield "Many at once, 50 ms a call", _crowd(document["crowd"])
    if document.get("throughput"):
        yield (
            "Diagnoses per second, recorded chain in memory",
            _throughput(document["throughput"]),
        )
    if document.get("memory"):
        yield "Memory", _memory(document["memory"])
    yield "Promises", _promises(document["promises"])


def _windows(cells: Sequence[Document]) -> str:
    head = ["a call", "operations", "in window", "back", "over"]
    head += ["cold", "× hand", "warm", "× hand", "paging", "× cold", "× warm"]
    rows = []
    for cell in cells:
        for over, name in SHORT.items():
            times = {way: figures["median_ms"] for way, figures in cell["ways"].items()}
            row = [f"{cell['latency_ms']} ms", f"{cell['operations']:,}"]
            row += [str(cell["in_window"]), f"{cell['back']:,}", name]
            for state in ("cold", "warm"):
                ours, bare = times[f"ours {over} {state}"], times[f"by hand {over} {state}"]
                row += [_time(ours), f"{ours / bare:.2f}"]
            paged = times.get(f"paging {over}")
            row += [_time(paged) if paged else "–"]
            row += [
                f"{paged / times[f'ours {over} {state}']:.0f}" if paged else "–"
                for state in ("cold", "warm")
            ]
            rows.append(row)
    return _table(head, rows)


def _crowd(cells: Sequence[Document]) -> str:
    head = ["over", "at once", "per second", "p50", "p95", "processor each", "codes"]
    rows = [
        [
            OVERS[cell["over"]],
            str(cell["at_once"]),
            f"{cell['per_second']:.1f}",
            _time(cell["p50_ms"]),
            _time(cell["p95_ms"]),
            _time(cell["cpu_ms_each"]),
            ", ".join(f"{count} {code}" for code, count in cell["codes"].items()),
        ]
        for cell in cells
    ]
    return _table(head, rows)


def _throughput(found: Document) -> str:
    head = ["where", "asked", "ours", "bare route", "ratio"]
    rows = [
        [
            cell["where"],
            cell["asked"],
            f"{cell['ours_per_second']:,.0f} /s",
            f"{cell['bare_per_second']:,.0f} /s",
            f"1/{1 / cell['ratio']:.0f}",
        ]
        for cell in found["cells"]
    ]
    return _table(head, rows)


def _memory(found: Document) -> str:
    named = {
        "demo mode, nothing asked yet": found["demo"]["idle"],
        f"demo mode after {found['demo']['requests']} mixed requests": found["demo"][
            "after_load"
        ],
        "on a node, after windows of 10⁴ operations": found["large"]["after_10^4"],
        "on a node, after the same of 10⁶": found["large"]["after_10^6"],
    }
    rows = [[name, f"{held['worker']:.0f} MiB"] for name, held in named.items() if held]
    return _table(["when", "resident"], rows)


def _promises(found: Sequence[Document]) -> str:
    words = {True: "met", False: "**not met**", None: "–"}
    return "\n".join(
        _wrapped(
            f"- **{one['promise']}**: wanted {one['wanted']}; found {one['found']}: "
            f"{words[one['met']]}.",
            indent="  ",
        )
        for one in found
    )


def _wrapped(text: str, indent: str = "") -> str:
    return fill(text, WIDTH, subsequent_indent=indent, break_long_words=False)


def _time(milliseconds: float) -> str:
    if milliseconds >= 10_000:
        return f"{milliseconds / 1000:.1f} s"
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.2f} s"
    return f"{milliseconds:.0f} ms"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown whose columns also line up on a terminal; figures stand right."""
    columns = list(zip(head, *rows, strict=True))
    widths = [max(3, *map(len, column)) for column in columns]
    right = [
        all(cell[:1].isdigit() or cell == "–" for cell in column[1:]) for column in columns
    ]
    shown = [_line(row, widths, right) for row in (head, *rows)]
    rule = "|".join(
        "-" * (width + 1) + (":" if is_right else "-")
        for width, is_right in zip(widths, right, strict=True)
    )
    return "\n".join([shown[0], f"|{rule}|", *shown[1:]])


def _is_figure(cell: str) -> bool:
    return cell == "–" or (cell[:1].isdigit() and cell.count(" ") < 2)


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    cells = (
        cell.rjust(width) if is_right else cell.ljust(width)
        for cell, width, is_right in zip(row, widths, right, strict=True)
    )
    return f"| {' | '.join(cells)} |"
