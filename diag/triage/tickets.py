"""A file of tickets as rows; what is wrong with one row is said of that row. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from diag.errors import BadInput, FieldError, TooLarge
from diag.i18n import LANGUAGES, Text
from diag.redaction.request_fields import Exposure, search
from diag.triage.readers import LANG, TICKET, RawRow, jsonl, spreadsheet

MOST_BYTES = 4 * 1024 * 1024
LONGEST_TICKET = 128


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket: its place in the file (from 1), and its fields, or what is wrong with it."""

    number: int
    ticket: str | None = None
    lang: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    exposed: tuple[Exposure, ...] = ()
    """The secrets that stood in it; the fields that held them are left out."""
    wrong: BadInput | None = None


Rows = list[Row]


def read(content: bytes, kind: str, defaults: Mapping[str, str]) -> Rows:
    """The rows of a file; kind is csv or jsonl, defaults fills tz, last and lang where a row has none.

    Raises TooLarge for more rows than are taken, BadInput where the file as a whole is no such
    file: without a row, or a CSV file whose header does not name the account.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge(text=TOO_LARGE)
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    given = list((spreadsheet if kind == "csv" else jsonl)(text))
    if not given:
        raise BadInput.of("body", "没有任何一行工单。", "There is not a single row.")
    return [_row(n, found, defaults) for n, found in enumerate(given, 1)]


def _row(number: int, found: RawRow, defaults: Mapping[str, str]) -> Row:
    if isinstance(found, BadInput):
        return Row(number, wrong=found)
    searched = search(found)
    fields, exposed = searched.fields, searched.exposed
    ticket, lang = fields.pop(TICKET, fields.pop("id", None)), fields.pop(LANG, None)
    for name in ("tz", "last"):
        timed = name == "last" and (fields.get("from") or fields.get("to"))
        if name in defaults and fields.get(name) is None and not timed:
            fields[name] = defaults[name]
    errors = []
    if not isinstance(ticket, str | int | None) or isinstance(ticket, bool):
        errors.append(FieldError(TICKET, _TICKET))
        ticket = None
    shown = None if ticket is None else str(ticket)
    if shown is not None and (len(shown) > LONGEST_TICKET or not shown.isprintable()):
        errors.append(FieldError(TICKET, _TICKET))
        shown = None
    if lang is not None and lang not in LANGUAGES:
        errors.append(FieldError(LANG, _LANG))
        lang = None
    wrong = BadInput(*errors) if errors else None
    return Row(number, shown, lang or defaults.get(LANG), fields, exposed, wrong)


TOO_LARGE = Text(
    zh="文件超过 4 MiB，请分成几份。", en="The file is over 4 MiB; split it into several."
)
_TICKET = Text(
    zh="工单号应为不超过 128 个字符的一行文字或整数。",
    en="Give the ticket as one line of at most 128 characters, or as a whole number.",
)
_LANG = Text(zh="可用的语言：zh、en。", en="Use zh or en.")
