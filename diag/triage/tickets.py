"""Reads a file of tickets into rows; an error in one row does not affect the others. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from diag.errors import BadInput, TooLarge
from diag.i18n import LANGUAGES
from diag.redaction.request_fields import Exposure, remove_secrets
from diag.schemas.fields import Templates
from diag.triage.columns import COLUMNS, LANG, TICKET, Cell, LeftOut, assign, field_of
from diag.triage.decoding import decode
from diag.triage.readers import RawRow, csv_rows, is_json, json_rows
from diag.triage.spreadsheet import is_workbook, workbook_rows
from diag.words import problem

MOST_BYTES = 4 * 1024 * 1024
LONGEST_TICKET = 128


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket: its place in the file (from 1), and its fields or its error."""

    number: int
    ticket: str | None = None
    lang: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    exposed: tuple[Exposure, ...] = ()
    """The secrets in the row; the fields that contained them are left out."""
    wrong: BadInput | None = None
    left_out: tuple[LeftOut, ...] = ()
    """Cells that were not used, such as a second column with account names."""


Rows = list[Row]


def read(
    content: bytes,
    kind: str | None,
    defaults: Mapping[str, str],
    templates: Templates | None = None,
) -> Rows:
    """The rows of a file; defaults fills tz, last and lang where a row has none.

    kind: csv, jsonl (also for an array), xlsx, or None to detect it; a workbook is always recognised.
    templates are the addresses of the configured explorers by kind of page. Raises TooLarge for a
    file beyond the limits, and BadInput if the file as a whole cannot be read: without a row, a
    workbook of an old kind, or a table in which no header names the account.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge(text=problem("tickets.file_too_large"))
    given = list(_raw_rows(content, kind))
    if not given:
        raise BadInput.about("body", "tickets.no_rows")
    return [_row(n, found, defaults, templates or {}) for n, found in enumerate(given, 1)]


def _raw_rows(content: bytes, kind: str | None) -> Iterator[RawRow]:
    if kind == "xlsx" or is_workbook(content):
        return workbook_rows(content)
    text = decode(content)
    if kind is None:
        kind = "jsonl" if is_json(text) else "csv"
    return csv_rows(text) if kind == "csv" else json_rows(text)


def _row(number: int, raw: RawRow, defaults: Mapping[str, str], templates: Templates) -> Row:
    if isinstance(raw, BadInput):
        return Row(number, wrong=raw)
    cells: dict[str, list[Cell]] = {}
    for cell in raw:
        cells.setdefault(field_of(cell.title) or cell.title, []).append(cell)
    searched = remove_secrets(
        {name: [cell.value for cell in same] for name, same in cells.items()}
    )
    known = {
        name: same
        for name, same in cells.items()
        if name in COLUMNS.keys() & searched.fields.keys()
    }
    found = assign(known, templates)
    values, left_out = found.values, found.left_out
    ticket = _ticket(values.pop(TICKET, None), left_out)
    lang = _lang(values.pop(LANG, None), left_out)
    for name in ("from", "to"):
        if "@" in str(values.get(name, "")):  # mail addresses, in a helpdesk's export
            left_out.append(LeftOut.of(name, values.pop(name), problem("tickets.mail")))
    for name in ("tz", "last"):
        timed = name == "last" and ("from" in values or "to" in values)
        if name in defaults and name not in values and not timed:
            values[name] = defaults[name]
    wrong = BadInput(*found.wrong) if found.wrong else None
    return Row(
        number,
        ticket,
        lang or defaults.get(LANG),
        values,
        searched.exposed,
        wrong,
        tuple(left_out),
    )


def _ticket(value: object, left_out: list[LeftOut]) -> str | None:
    """The ticket number as it is repeated in the answer; a number is converted to text."""
    if value is None:
        return None
    if isinstance(value, str | int) and not isinstance(value, bool):
        text = str(value).strip()
        if len(text) <= LONGEST_TICKET and text.isprintable():
            return text
    left_out.append(LeftOut.of(TICKET, value, problem("tickets.ticket")))
    return None


def _lang(value: object, left_out: list[LeftOut]) -> str | None:
    if value is None or value in LANGUAGES:
        return value if isinstance(value, str) else None
    left_out.append(LeftOut.of(LANG, value, problem("request.languages")))
    return None
