"""Reads pasted tickets into rows: a table, one account or id per line, or whole texts.

A table is read like a file. Whole texts are separated by empty lines; without empty lines, each line
is a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from diag.domain import account_names
from diag.errors import BadInput, DiagError, FieldError
from diag.intake.parser import Intake
from diag.redaction.request_fields import Exposure
from diag.schemas.case import KNOWN
from diag.triage.columns import field_of
from diag.triage.readers import is_json
from diag.triage.tickets import LONGEST_TICKET, Row, Rows

MOST = 500
"""The most tickets that may be pasted at once."""
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_TITLED = re.compile(
    r"(?:#|ticket|工单)[ :：#]*([A-Za-z0-9-]{2,32})\s*[:：]?\s*\n", re.IGNORECASE
)
_CLAIMS = tuple(name for name in KNOWN if name not in ("account", "from", "to", "last", "tz"))

ReadText = Callable[[str], Intake]
Locate = Callable[[str], Mapping[str, str] | None]
"""Returns the fields of an id's case; None if the text is no id. Raises DiagError if the id is not
found.
"""


def is_table(text: str) -> bool:
    """Whether a text is JSON, or has a first line that names the column of the account."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    cells = re.split(r"[,;\t]", first.lstrip("\ufeff"))
    return is_json(text) or any(field_of(cell.strip(' "')) == "account" for cell in cells)


def read(text: str, defaults: Mapping[str, str], locate: Locate, read_text: ReadText) -> Rows:
    """The rows of pasted text that is not a table; raises BadInput if there are none or too many."""
    pieces = list(_pieces(text.replace("\r\n", "\n")))
    if not pieces:
        raise BadInput.about("text", "tickets.nothing_pasted")
    if len(pieces) > MOST:
        raise BadInput.about("text", "tickets.too_many_pasted", most=MOST)
    return [
        _row(number, piece, defaults, locate, read_text)
        for number, piece in enumerate(pieces, 1)
    ]


def _pieces(text: str) -> Iterator[str]:
    blocks = [block.strip() for block in _BLANK_LINE.split(text) if block.strip()]
    for block in blocks:
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        if len(blocks) == 1 or all(not re.search(r"\s", line) for line in lines):
            yield from lines
        else:
            yield block


def _row(
    number: int,
    piece: str,
    defaults: Mapping[str, str],
    locate: Locate,
    read_text: ReadText,
) -> Row:
    lang = defaults.get("lang")
    given = {name: value for name, value in defaults.items() if name != "lang"}
    if not re.search(r"\s|[^\x00-\x7f]", piece):
        try:
            found = locate(piece)
        except BadInput as error:
            return Row(number, lang=lang, wrong=error)
        except DiagError as error:
            return Row(number, lang=lang, wrong=BadInput(FieldError("account", error.text)))
        if found is not None:
            zone = {"tz": given["tz"]} if "tz" in given else {}
            return Row(number, lang=lang, fields={**found, **zone})
        if account_names.read(piece) is not None:
            return Row(number, lang=lang, fields={**given, "account": piece})
    return _of_text(number, piece, given, lang, read_text)


def _of_text(
    number: int, piece: str, defaults: Mapping[str, str], lang: str | None, read_text: ReadText
) -> Row:
    """The row of a whole ticket; a ticket number is only recognised on a first line of its own."""
    titled = _TITLED.match(piece)
    ticket = titled[1][:LONGEST_TICKET] if titled else None
    intake = read_text(piece[titled.end() :] if titled else piece)
    exposed = tuple(Exposure("ticket", kind) for kind in intake.exposed)
    fields = {
        name: field.value
        for name in ("account", *_CLAIMS)
        if (field := intake.fields.get(name)) and field.value is not None
    }
    if "account" not in fields:
        wrong = BadInput.about("account", "tickets.no_account")
        return Row(number, ticket, lang, exposed=exposed, wrong=wrong)
    window = dict(defaults)
    if intake.window:
        start, end = intake.window
        window.pop("last", None)
        window |= {"from": f"{start:%Y-%m-%dT%H:%M:%SZ}", "to": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
    return Row(number, ticket, lang, {**window, **fields}, exposed)
