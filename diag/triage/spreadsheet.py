"""Reads the tickets of an Excel workbook (.xlsx, .xlsm): saved values only, formulas are not
computed.

Only the parts that hold cells are read, a row at a time, and only after `workbook_limits` has found
that what they hold is not too much.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Iterator
from datetime import MAXYEAR, date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from diag.errors import BadInput, FieldError, TooLarge
from diag.i18n import Text
from diag.schemas.request import shortened
from diag.triage import workbook_limits
from diag.triage.columns import Cell, count_fields
from diag.triage.readers import HEADER_WITHIN, LONGEST_ROW, RawRow, bounded
from diag.words import problem

MEDIA_TYPES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel.sheet.macroenabled.12",
)
ARCHIVE, OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The first bytes of a workbook; and of one in Excel 97 format or with a password."""
MOST_SHEETS = 20
MOST_COLUMNS = 200
LAST_ROW = 1_048_576
"""The largest row number in Excel."""
LONGEST_NAME = 31
"""Characters of the name of a sheet."""
_ERRORS = re.compile(r"#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|SPILL!|CALC!)\Z")
"""The values of cells whose formula failed; #N/A counts as empty, as in CSV."""


def is_workbook(content: bytes) -> bool:
    """True for a file that begins like a workbook, even an unsupported one."""
    return content.startswith((ARCHIVE, OLD))


def workbook_rows(content: bytes) -> Iterator[RawRow]:
    """The rows below the header of the first visible sheet that has one.

    Raises BadInput if the file is not a workbook or no sheet names the account column, and TooLarge
    if it would unpack to more than the limit.
    """
    if not content.startswith(ARCHIVE):
        why = "old_workbook" if content.startswith(OLD) else "no_workbook"
        raise BadInput.about("body", f"tickets.{why}")
    values = _open(content)
    formulas = _open(content, formulas=True)
    visible = [n for n, sheet in enumerate(values) if sheet.sheet_state == "visible"]
    for number in visible[:MOST_SHEETS]:
        header = _header(values[number])
        if header is not None:
            return bounded(_rows(values[number], formulas[number], header))
    names = [shortened(values[n].title, LONGEST_NAME) for n in visible[:MOST_SHEETS]]
    raise BadInput(FieldError("header", _no_header(names)))


# --- the archive ------------------------------------------------------------------------------


def _open(content: bytes, *, formulas: bool = False) -> list[Any]:
    """The sheets of a workbook, with saved values or with formulas."""
    from openpyxl.reader.excel import ExcelReader  # needed for this alone

    # What the library cannot keep when it saves a workbook does not matter here.
    warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
    try:
        workbook_limits.check(content)
        reader = ExcelReader(
            io.BytesIO(content), read_only=True, data_only=not formulas, keep_links=False
        )
        _read_each_once(reader)
        reader.read()
    except TooLarge:
        raise
    except Exception:  # forged or damaged file: the library raises all kinds of errors
        raise BadInput.about("body", "tickets.no_workbook") from None
    sheets: list[Any] = reader.wb.worksheets
    return sheets


def _read_each_once(reader: Any) -> None:
    """Let a reader open each worksheet once, however often the workbook lists it, and no charts."""
    read_worksheets = reader.read_worksheets

    def read_distinct() -> None:
        parts: dict[str, Any] = {}
        for sheet, relation in reader.parser.find_sheets():
            if "chartsheet" not in relation.Type:
                parts.setdefault(relation.target, sheet)
        reader.parser.sheets = list(parts.values())
        read_worksheets()

    reader.read_worksheets = read_distinct


def _numbered(sheet: Any, columns: int = MOST_COLUMNS) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The rows of a sheet with their numbers; raises BadInput if the sheet is damaged.

    The library yields the same empty row for each row that the file leaves out, up to a million
    times; these are skipped.
    """
    rows = sheet.iter_rows(max_row=LAST_ROW, max_col=columns)
    number, last = 0, None
    try:
        for number, row in enumerate(rows, 1):
            if row is not last:
                yield number, row
            last = row
    except Exception:  # as above
        raise BadInput(FieldError("body", _damaged(sheet.title, number + 1))) from None


# --- rows -------------------------------------------------------------------------------------


def _header(sheet: Any) -> tuple[int, list[str]] | None:
    """The number of the header row and its titles: as in CSV, the row among the first ones that names
    the account and the most fields.
    """
    found = ((number, [_text(cell) for cell in row]) for number, row in _numbered(sheet))
    filled = ((number, titles) for number, titles in found if any(titles))
    best, most = None, 0
    for number, titles in islice(filled, HEADER_WITHIN):
        if (count := count_fields(titles)) > most:
            best, most = (number, titles), count
    return best


def _rows(sheet: Any, formulas: Any, header: tuple[int, list[str]]) -> Iterator[RawRow | None]:
    """The rows below the header; None for a row that repeats it. Empty rows are left out."""
    below, titles = header
    named = [(place, title) for place, title in enumerate(titles) if title]
    width = named[-1][0] + 1
    pairs = zip(_numbered(sheet, width), _numbered(formulas, width), strict=False)
    for (number, row), (_, sources) in pairs:
        if number <= below:
            continue
        cells = (_cell(sheet.title, title, row[at], sources[at]) for at, title in named)
        filled = [cell for cell in cells if cell is not None]
        if not filled:
            continue
        if [cell.value for cell in filled] == [title for _, title in named]:
            yield None
        elif sum(len(cell.value) for cell in filled) > LONGEST_ROW:
            yield BadInput.about("row", "tickets.row_too_long")
        else:
            yield filled


def _cell(sheet: str, title: str, cell: Any, source: Any) -> Cell | None:
    """A cell with its title; None for an empty one."""
    text = _text(cell)
    if source.data_type == "f" and not text:
        return Cell(title, "=", _problem("not_computed", sheet, source, "="))
    if _ERRORS.match(text):
        return Cell(title, text, _problem("cell_error", sheet, cell, text))
    return Cell(title, text) if text else None


def _text(cell: Any) -> str:
    """The value of a cell as in a CSV file: times with the year first, numbers with Excel's
    precision.
    """
    value = cell.value
    match value:
        case None:
            return ""
        case str():
            return value.strip()
        case bool():
            return str(value).upper()
        case float():
            return _number(value)
        case datetime():
            return _moment(value, cell)
        case date() | time() | timedelta() | int():
            return str(value)
    return ""


def _moment(value: datetime, cell: Any) -> str:
    """A time to the nearest second; only the date where the cell shows no more."""
    rounded = value if value.year == MAXYEAR else value + timedelta(seconds=0.5)
    at = rounded.replace(microsecond=0)
    try:
        shows_time = "h" in str(cell.number_format).lower()
    except IndexError:  # the file lacks the format that the cell names
        shows_time = False
    return str(at) if shows_time or at.time() != time() else str(at.date())


def _number(value: float) -> str:
    """A number with the fifteen digits that Excel stores, without an exponent."""
    plain = f"{Decimal(f'{value:.15g}'):f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


# --- words ------------------------------------------------------------------------------------


def _problem(name: str, sheet: str, cell: Any, value: str) -> Text:
    return problem(
        f"tickets.{name}",
        cell=f"{shortened(sheet, LONGEST_NAME)}!{cell.coordinate}",
        value=shortened(value, LONGEST_NAME),
    )


def _damaged(sheet: str, row: int) -> Text:
    name = shortened(sheet, LONGEST_NAME)
    return problem("tickets.sheet_damaged", name=name, row=row)


def _no_header(sheets: Iterable[str]) -> Text:
    zh, en = "、".join(f"“{name}”" for name in sheets), ", ".join(f"“{n}”" for n in sheets)
    return problem(
        "tickets.no_header_in_sheets", names=Text.literal(zh, en), most=HEADER_WITHIN
    )
