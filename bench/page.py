"""The figures on paper: JSON, a drawing, and the tables in their page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.drawing import Bar, Group, draw
from bench.promises import AT_MS
from bench.table import between_marks, markdown

Document = dict[str, Any]

DRAWN = (
    "paging http",
    "paging ws",
    "ours http cold",
    "ours http warm",
    "ours ws cold",
    "ours ws warm",
    "by hand ws warm",
)
LABELS = {"paging": "python-bitshares", "ours": "diag", "by hand": "by hand"}


def write(document: Document, out: Path) -> None:
    """performance.json and .svg, and the figures in performance.md where there is one."""
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    (out / "performance.json").write_text(text, encoding="utf-8")
    if document["windows"]:
        (out / "performance.svg").write_text(drawing(document), encoding="utf-8")
    page = out / "performance.md"
    if page.exists():
        written = between_marks(page.read_text(encoding="utf-8"), markdown(document))
        page.write_text(written, encoding="utf-8")


def drawing(document: Document) -> str:
    """The windows of the largest account that python-bitshares was timed on, at one latency."""
    groups = []
    for cell in document["windows"]:
        if cell["latency_ms"] != AT_MS or "paging http" not in cell["ways"]:
            continue
        where = f"{cell['back']:,} operations back" if cell["back"] else "the newest"
        bars = [
            Bar(_label(way), cell["ways"][way]["median_ms"], _kind(way))
            for way in DRAWN
            if way in cell["ways"]
        ]
        groups.append(Group(f"{cell['in_window']} operations, {where}", bars))
    return draw(f"A window of an account of 10⁶ operations, {AT_MS} ms a call", groups)


def _label(way: str) -> str:
    who = next(name for name in LABELS if way.startswith(name))
    how = way.removeprefix(who).replace("http", "HTTP").replace("ws", "WebSocket")
    return f"{LABELS[who]}," + how.replace(" cold", ", cold").replace(" warm", ", warm")


def _kind(way: str) -> str:
    return {"paging": "paging", "ours": "ours"}.get(way.split()[0], "bare")
