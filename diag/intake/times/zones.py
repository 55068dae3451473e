"""The time zone that a text names."""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_NAMED: dict[str, tuple[str, ...]] = {
    # zone: how people call it (an ambiguous name such as CST is not here, and is asked for)
    "Asia/Shanghai": ("北京时间", "中国时间", "国内时间", "东八区", "beijing time", "china time",
                      "shanghai time", "china standard time", "bjt", "asia/shanghai"),
    "Asia/Hong_Kong": ("香港时间", "hkt", "hong kong time", "asia/hong_kong"),
    "Asia/Taipei": ("台北时间", "台湾时间", "taipei time", "taiwan time", "asia/taipei"),
    "Asia/Singapore": ("新加坡时间", "sgt", "singapore time", "asia/singapore"),
    "Asia/Tokyo": ("东京时间", "日本时间", "jst", "tokyo time", "asia/tokyo"),
    "Asia/Seoul": ("首尔时间", "韩国时间", "kst", "seoul time", "korea time", "asia/seoul"),
    "Europe/Moscow": ("莫斯科时间", "msk", "moscow time", "europe/moscow"),
    "Europe/London": ("伦敦时间", "英国时间", "london time", "uk time", "europe/london"),
    "Europe/Berlin": ("柏林时间", "德国时间", "berlin time", "german time", "europe/berlin"),
    "Europe/Paris": ("巴黎时间", "paris time", "europe/paris"),
    "America/New_York": ("美东时间", "纽约时间", "eastern time", "new york time", "america/new_york"),
    "America/Chicago": ("美中时间", "central time", "america/chicago"),
    "America/Los_Angeles": ("美西时间", "太平洋时间", "pacific time", "america/los_angeles"),
    "UTC": ("世界时", "格林威治时间", "格林尼治时间", "utc", "gmt", "zulu"),
}  # fmt: skip
_FIXED = {
    "est": -5, "edt": -4, "pst": -8, "pdt": -7, "mst": -7, "mdt": -6, "cdt": -5, "bst": 1,
    "cet": 1, "cest": 2, "eet": 2, "eest": 3, "aest": 10, "aedt": 11,
}  # fmt: skip
_BY_NAME = {name: zone for zone, names in _NAMED.items() for name in names}

_OFFSET = r"(?<![0-9:])[+-](?:0[0-9]|1[0-4]):[0-5]0(?![0-9:])|(?:utc|gmt)\s?[+-]\s?[0-9]{1,2}(?::?[0-9]{2})?|(?<=[0-9])\s?[+-][0-9]{2}:?[0-9]{2}"
_LATIN = [name for name in _BY_NAME if name.isascii()] + list(_FIXED)
_HAN = [name for name in _BY_NAME if not name.isascii()]
PLAIN = rf"(?:{'|'.join(sorted(map(re.escape, _BY_NAME), key=len, reverse=True))})"
"""A zone by a name that means nothing else."""
ZONE = (
    rf"(?:{_OFFSET}|(?<=[0-9])z\b"
    rf"|\b(?:{'|'.join(sorted(map(re.escape, _LATIN), key=len, reverse=True))})\b(?![+-]?[0-9/])"
    rf"|{'|'.join(_HAN)})"
)
"""A zone, as it stands in a text of small letters."""


def zone(text: str) -> tzinfo | None:
    """The zone that a text stands for."""
    text = text.strip().lower()
    if text == "z":
        return ZoneInfo("UTC")
    if text in _BY_NAME:
        return ZoneInfo(_BY_NAME[text])
    if text in _FIXED:
        return timezone(timedelta(hours=_FIXED[text]))
    match = re.search(r"([+-])\s?([0-9]{1,2}):?([0-9]{2})?\Z", text)
    if not match:
        return None
    length = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if length > timedelta(hours=14):
        return None
    return timezone(-length if match[1] == "-" else length)


def name(of: tzinfo) -> str:
    """The IANA name, or the offset such as UTC+08:00."""
    return of.key if isinstance(of, ZoneInfo) else str(of)
