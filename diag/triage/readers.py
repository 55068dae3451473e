"""Reads the rows of a ticket file: JSON lines, a JSON array, or CSV. Pure."""

from __future__ import annotations

import csv
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from diag.errors import BadInput, SecretExposed, TooLarge
from diag.json_limits import few_values
from diag.redaction.request_fields import secret_kinds
from diag.triage.columns import Cell, count_fields
from diag.words import problem

MOST_ROWS = 5000
LONGEST_ROW = 16 * 1024
"""The most characters of one row."""
MOST_LINES = 50
"""The most lines of one CSV row; an unclosed quote ends there."""
HEADER_WITHIN = 20
"""The header must be within this many non-blank lines."""
DELIMITERS = ",;\t|"
_SPACES = " \r\n"
_SEPARATOR = re.compile(r"sep=(.)\Z")
"""The line that tells Excel the delimiter."""

RawRow = list[Cell] | BadInput
"""The cells of a row, or its error."""


def bounded(rows: Iterable[RawRow | None]) -> Iterator[RawRow]:
    """The rows that are not empty; raises TooLarge as soon as too many have been read."""
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            raise TooLarge(text=problem("tickets.too_many"))
        if row is not None:
            yield row


def _checked(raw: str, found: RawRow) -> RawRow:
    """The row, or an error if it is too long; SecretExposed for an unreadable row with a secret."""
    if len(raw) > LONGEST_ROW:
        return BadInput.about("row", "tickets.row_too_long")
    if isinstance(found, BadInput) and secret_kinds(raw):
        return SecretExposed.instead_of(found, ["row"])
    return found


def _lines(text: str) -> Iterator[str]:
    """The lines of a text with their line breaks; most empty lines are left out."""
    text = re.sub("\n\n+", "\n", text)
    at = 0
    while at < len(text):
        end = text.find("\n", at) + 1 or len(text)
        yield text[at:end]
        at = end


# --- JSON -------------------------------------------------------------------------------------


class _Object(dict[str, Any]):
    """A JSON object as pairs, because a name may occur twice in it."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


_JSON = json.JSONDecoder(object_pairs_hook=_Object, parse_float=str, parse_constant=str)
"""Numbers with a fraction are kept as text, because a float would change their digits."""
_BETWEEN = re.compile(r"[\s,]*")


def is_json(text: str) -> bool:
    """True for a text that begins like JSON objects or an array of them."""
    return bool(re.match(r"\s*(?:\{|\[\s*[{\]])", text))


def json_rows(text: str) -> Iterator[RawRow]:
    """The JSON objects of a text: one per line, in an array, or in sequence.

    Raises TooLarge for a text that would need far more memory than tickets do.
    """
    if not few_values(text.encode("utf-8", "replace")):
        raise TooLarge(text=problem("tickets.too_many_values"))
    start = len(text) - len(text.lstrip())
    if text.startswith("[", start):
        return bounded(_stream(text, start + 1))
    first = text[start:].partition("\n")[0]
    if isinstance(_object(first), BadInput) and _begins_with_object(text, start):
        return bounded(_stream(text, start))
    lines = (line for line in _lines(text) if line.strip())
    return bounded(_checked(line, _object(line)) for line in lines)


def _begins_with_object(text: str, start: int) -> bool:
    try:
        return isinstance(_JSON.raw_decode(text, start)[0], dict)
    except (ValueError, RecursionError):
        return False


def _stream(text: str, at: int) -> Iterator[RawRow]:
    """The values from a place on; if the text breaks off, the last row is an error."""
    while (at := _end(_BETWEEN, text, at)) < len(text) and text[at] != "]":
        try:
            value, end = _JSON.raw_decode(text, at)
        except (ValueError, RecursionError):
            yield _checked(
                text[at : at + LONGEST_ROW], BadInput.about("row", "tickets.breaks_off")
            )
            return
        yield _checked(text[at:end], _cells(value))
        at = end


def _end(form: re.Pattern[str], text: str, at: int) -> int:
    match = form.match(text, at)
    return match.end() if match else at


def _object(line: str) -> RawRow:
    try:
        return _cells(_JSON.decode(line))
    except (ValueError, RecursionError):
        return BadInput.about("row", "tickets.row_not_json")


def _cells(value: object) -> RawRow:
    if not isinstance(value, _Object):
        return BadInput.about("row", "tickets.row_no_object")
    return [Cell(title, cell) for title, cell in value.pairs]


# --- CSV --------------------------------------------------------------------------------------


class _Lines:
    """The lines of a text, with lookahead."""

    def __init__(self, text: str) -> None:
        self._source = _lines(text.replace("\r\n", "\n").replace("\r", "\n"))
        self._ahead: deque[str] = deque()

    def peek(self, count: int) -> list[str]:
        """The next lines, at most this many, without consuming them."""
        self._ahead.extend(islice(self._source, max(0, count - len(self._ahead))))
        return list(islice(self._ahead, count))

    def take(self, count: int) -> str:
        """Consume the next lines, and return them as one text."""
        self.peek(count)
        return "".join(self._ahead.popleft() for _ in range(min(count, len(self._ahead))))

    def skip_blank(self, blank: str) -> bool:
        """Consume lines that contain only these characters; True if there is another line."""
        while self._ahead:
            if not _is_blank(self._ahead[0], blank):
                return True
            self._ahead.popleft()
        for line in self._source:
            if not _is_blank(line, blank):
                self._ahead.append(line)
                return True
        return False


def _is_blank(line: str, blank: str) -> bool:
    """True if all cells are empty; an odd number of quotes means that a cell continues on the next
    line.
    """
    return not line.strip(blank + '"') and line.count('"') % 2 == 0


def csv_rows(text: str) -> Iterator[RawRow]:
    """The rows below the header; raises BadInput if no line names the account column."""
    lines = _Lines(text)
    delimiter, titles = _take_header(lines)
    return bounded(_records(lines, delimiter, titles))


def _take_header(lines: _Lines) -> tuple[str, list[str]]:
    """Consume the lines up to the header; return the delimiter and the titles of the columns.

    Exports may have titles above the header, so the header is the line that names the account and the
    most fields.
    """
    lines.skip_blank(_SPACES)
    head = lines.peek(HEADER_WITHIN * 4)
    best, most = None, 0
    delimiters = DELIMITERS
    filled = [n for n, line in enumerate(head) if line.strip()]
    for number in filled[:HEADER_WITHIN]:
        if named := _SEPARATOR.match(head[number].strip()):
            delimiters = named[1]
            continue
        for delimiter in delimiters:
            record, used = _record(head[number:], delimiter)
            if record and (count := count_fields(record)) > most:
                best, most = (delimiter, record, number + used), count
    if best is None:
        raise BadInput.about("header", "tickets.no_header")
    delimiter, titles, used = best
    lines.take(used)
    return delimiter, titles


def _records(lines: _Lines, delimiter: str, titles: list[str]) -> Iterator[RawRow | None]:
    """The records below the header; None for a record that is empty or repeats the header."""
    while lines.skip_blank(_SPACES + delimiter):
        record, used = _record(lines.peek(MOST_LINES), delimiter)
        raw = lines.take(used)
        if record is None:
            yield _checked(raw, BadInput.about("row", "tickets.quotes"))
        elif record == titles or not any(map(str.strip, record)):
            yield None
        else:
            yield _checked(raw, _row(titles, record))


def _record(lines: list[str], delimiter: str) -> tuple[list[str] | None, int]:
    """The record that begins on the first line, and its number of lines; None if unreadable."""
    if not lines or len(lines[0]) > LONGEST_ROW:
        return None, 1
    reader = csv.reader(lines[:MOST_LINES], delimiter=delimiter, strict=True)
    try:
        return next(reader), reader.line_num
    except (csv.Error, StopIteration):
        return None, 1


def _row(titles: list[str], record: list[str]) -> RawRow:
    if any(cell.strip() for cell in record[len(titles) :]):
        return BadInput.about("row", "tickets.more_cells")
    pairs = zip(titles, record, strict=False)
    return [Cell(title.strip(), cell.strip()) for title, cell in pairs if cell.strip()]


# --- words ------------------------------------------------------------------------------------
