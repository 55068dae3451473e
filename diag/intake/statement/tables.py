"""Converts tables in a text to lines of `label: value`, so that each value has its column's name.

Supported are rows of cells separated by `|`, tabs, semicolons, commas or wide gaps below a row of
labels; rows of a label and its value; and forms with each label on its own line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from diag.intake.cues import Cue, any_of

_LABEL = Cue(
    lambda: (
        rf"{any_of('statement.heading_prefix')}?{any_of('statement.heading')}"
        r"(?: ?\((?:utc|gmt|北京时间)[^)]{0,6}\))?"
    ),
    "statement.heading",
    re.IGNORECASE,
)
_RULE = re.compile(r"[\s|:+=_-]{3,}")
_SEPARATORS = (("|", 2), ("\t", 2), (";", 2), ("  ", 2), (",", 3))
"""Cell separator → the least number of labels in a heading."""
_MEMBER = re.compile(
    r"[{,]?\s{0,8}\"(?P<label>[^\"\n]{1,24})\"\s{0,4}:\s{0,4}(?:\"(?P<text>[^\"\n{}]{1,120})\"|(?P<number>[0-9.]{1,24}))"
)
"""A member of a JSON object."""
_LONGEST_LABEL = 24


def labelled(text: str) -> str:
    """The text with tables as lines of `label: value`; a text without tables is unchanged."""
    lines = _without_json(text).split("\n")
    for separator, least in _SEPARATORS:
        if separator in text:
            lines = list(_rows(lines, separator, least))
    return "\n".join(_stacked(lines))


def _without_json(text: str) -> str:
    """The text with the members of JSON objects that have a known label as lines of `label: value`."""
    members = list(_MEMBER.finditer(text))
    if len([member for member in members if _is_label(member["label"])]) < 2:
        return text
    return _MEMBER.sub(
        lambda m: (
            f"\n{m['label']}: {m['text'] or m['number']}" if _is_label(m["label"]) else m[0]
        ),
        text,
    )


def _rows(lines: list[str], separator: str, least: int) -> Iterator[str]:
    heading: list[str] = []
    for line in lines:
        cells = _cells(line, separator)
        labels = sum(1 for cell in cells if _is_label(cell))
        if heading and _RULE.fullmatch(line):
            continue
        if len(cells) >= least and labels >= least and labels == sum(map(bool, cells)):
            heading = cells
        elif heading and len(cells) == len(heading):
            yield from (
                f"{label}: {cell}" for label, cell in zip(heading, cells, strict=True) if cell
            )
        else:
            heading = []
            pair = separator != "," and len(cells) == 2 and _is_label(cells[0]) and cells[1]
            yield f"{cells[0].rstrip(':：')}: {cells[1]}" if pair else line


def _cells(line: str, separator: str) -> list[str]:
    inner = line.strip().strip("|") if separator == "|" else line.strip()
    parts = re.split(r" {2,}", inner) if separator == "  " else inner.split(separator)
    return [part.strip() for part in parts]


def _is_label(cell: str) -> bool:
    return len(cell) <= _LONGEST_LABEL and bool(_LABEL.fullmatch(cell.strip(" :：*")))


def _stacked(lines: list[str]) -> Iterator[str]:
    """Joins labels on lines of their own with the line below, if there are several."""
    alone = [_is_label(line.strip()) for line in lines]
    joined = {
        n
        for n, label in enumerate(alone[:-1])
        if label and lines[n + 1].strip() and not alone[n + 1]
    }
    if len(joined) < 2:
        yield from lines
        return
    skip = False
    for n, line in enumerate(lines):
        if skip:
            skip = False
            continue
        skip = n in joined
        yield f"{line.strip().rstrip(':：')}: {lines[n + 1].strip()}" if skip else line
