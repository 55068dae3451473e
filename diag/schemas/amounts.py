"""Reads amounts as people and spreadsheets write them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from diag.domain.folding import fold
from diag.schemas.mistakes import Mistake

CANONICAL = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,12})?\Z")
UNITS_OF_MONEY = frozenset(
    {"CNY", "EUR", "GBP", "HKD", "JPY", "KRW", "RMB", "RUB", "TWD", "USD"}
)
"""Units of ordinary currency. Some are also symbols of assets, so alone they are ambiguous."""
_UNIT = r"[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)*"
_NUMBER = r"[0-9](?:[0-9.,' ]*[0-9])?|\.[0-9]+"
_WITH_UNIT = re.compile(
    rf"(?P<number>(?:{_NUMBER})(?:[eE][+-]?[0-9]+)?)\s*(?P<after>{_UNIT}|[个枚])?\Z"
    rf"|(?P<before>{_UNIT})\s*:?\s*(?P<second>{_NUMBER})\Z"
)
_GROUPED = re.compile(
    r"[1-9][0-9]{0,2}(?P<separator>[ ',.])[0-9]{3}(?:(?P=separator)[0-9]{3})*"
    r"(?:(?P<mark>[.,])(?P<fraction>[0-9]+))?\Z"
)
_DECIMAL_COMMA = re.compile(r"[0-9]+,[0-9]+\Z")
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]{1,12})?[eE][+-]?[0-9]{1,2}\Z")
_ROUNDED = 6
"""A number in scientific notation with this many significant digits may have been rounded."""


class Sum(NamedTuple):
    """A decimal number in its canonical form, and the unit that was written beside it."""

    number: str
    unit: str | None = None


def read_amount(text: str) -> Sum:
    """Read a decimal number; raises Mistake unless the text has exactly one meaning.

    Reads decimal commas, thousands separators, a unit on either side, and scientific notation of
    fewer than six digits. `1,234` is refused, because it is 1234 or 1.234.
    """
    match = _WITH_UNIT.match(fold(text).replace("\u2019", "'"))
    number = _canonical(match["number"] or match["second"]) if match else ""
    if match is None or not CANONICAL.match(number):
        raise Mistake("value.amount")
    unit = match["after"] or match["before"]
    return Sum(number, unit if unit and unit.isascii() else None)


def _canonical(text: str) -> str:
    """The number with a decimal point and no separators; other text is returned unchanged."""
    if CANONICAL.match(text):
        return text
    if match := _GROUPED.match(text):
        separator, mark = match["separator"], match["mark"]
        if separator == "," and text.count(",") == 1 and not mark:
            plain, pointed = text.replace(",", ""), text.replace(",", ".")
            raise Mistake("value.comma", value=text, one=plain, other=pointed)
        if separator != mark:
            whole = text[: match.start("mark")] if mark else text
            return re.sub(r"[^0-9]", "", whole) + (f".{match['fraction']}" if mark else "")
    if _DECIMAL_COMMA.match(text):
        return text.replace(",", ".")
    if _SCIENTIFIC.match(text):
        if sum(map(str.isdigit, re.split("[eE]", text)[0])) >= _ROUNDED:
            raise Mistake("value.scientific", value=text)
        return f"{Decimal(text):f}"
    return f"0{text}" if text.startswith(".") else text
