"""Converts values of files written by people to the forms that `CaseSchema` reads.

Covers times, time zones and amounts as spreadsheets write them. An unambiguous value is replaced by
its canonical form; an ambiguous one is a mistake that names both readings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from diag.domain.asset import SYMBOL, coin_of
from diag.domain.folding import fold
from diag.i18n import Text
from diag.schemas.amounts import UNITS_OF_MONEY, read_amount
from diag.schemas.mistakes import Mistake
from diag.schemas.times import is_canonical
from diag.schemas.written_times import read_time

LONGEST = 64
"""The most characters of a time or an amount."""
_ZONES = {
    **dict.fromkeys(("北京时间", "北京", "上海", "中国时间", "东八区"), "Asia/Shanghai"),
    **dict.fromkeys(("utc+8", "utc+08:00", "gmt+8", "gmt+08:00", "+08:00"), "Asia/Shanghai"),
    **dict.fromkeys(("utc", "gmt", "utc+0", "gmt+0", "z"), "UTC"),
}
"""Common names of zones, in lower case, that can mean only one offset."""
_UNITS = {"min": "m", "分钟": "m", "小时": "h", "天": "d"}
"""Units of `last` as people write them."""


def canonical(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Text]]:
    """The converted values, and the mistakes by field. A value with a mistake stays unchanged, and
    the schema refuses it.
    """
    found: dict[str, Any] = dict(values)
    wrong: dict[str, Text] = {}
    for name, read in _READERS.items():
        value = values.get(name)
        if not isinstance(value, str) or len(value) > LONGEST:
            continue
        try:
            found |= dict(read(name, value.strip(), found))
        except Mistake as mistake:
            wrong[name] = mistake.text
    return found, wrong


Pairs = Iterator[tuple[str, str]]


def _zone(name: str, text: str, _: Mapping[str, Any]) -> Pairs:
    yield name, _ZONES.get(fold(text).lower().replace(" ", ""), text)


def _last(name: str, text: str, _: Mapping[str, Any]) -> Pairs:
    short = fold(text).lower().replace(" ", "")
    for word, unit in _UNITS.items():
        short = short.replace(word, unit)
    yield name, short


def _time(name: str, text: str, values: Mapping[str, Any]) -> Pairs:
    """A time; a date becomes the first or last second of that day, in the time zone tz."""
    if is_canonical(text):
        return
    found = read_time(text)
    if isinstance(found, datetime):
        yield name, found.isoformat()
    elif values.get("tz") is None:
        raise Mistake("value.date_without_zone")
    else:
        yield name, f"{found}T{'00:00:00' if name == 'from' else '23:59:59'}"


def _amount(name: str, text: str, values: Mapping[str, Any]) -> Pairs:
    """An amount; a full symbol beside the sent amount sets the asset."""
    number, unit = read_amount(text)
    asset = values.get("asset")
    if unit and asset is not None and not _agree(unit, str(asset)):
        raise Mistake("value.other_unit", unit=unit, asset=asset)
    if unit and asset is None and not _names_asset(unit):
        if unit in UNITS_OF_MONEY or not unit.isupper():
            raise Mistake("value.unit", unit=unit)
    elif unit and asset is None and name == "amount":
        yield "asset", unit.upper()
    yield name, number


def _agree(unit: str, asset: str) -> bool:
    """True if the unit is the asset, or the coin that a gateway's asset represents."""
    symbol = fold(asset).upper()
    return unit.upper() in (symbol, coin_of(symbol))


def _names_asset(unit: str) -> bool:
    """True if a unit identifies one asset; BTC, for example, may mean any gateway's coin."""
    return bool(SYMBOL.match(unit.upper())) and ("." in unit or unit.upper() == "BTS")


_READERS: dict[str, Callable[[str, str, Mapping[str, Any]], Pairs]] = {
    "tz": _zone,
    "last": _last,
    "from": _time,
    "to": _time,
    "amount": _amount,
    "received": _amount,
}
