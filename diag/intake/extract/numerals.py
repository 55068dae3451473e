"""Numbers as people write them, in Arabic or Chinese numerals or as small English words."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

HAN = "〇零一二三四五六七八九十百千万亿两廿半点"
WORDS: dict[str, int | Decimal] = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "half": Decimal("0.5"), "half a": Decimal("0.5"), "half an": Decimal("0.5"),
}  # fmt: skip
SCALES = {
    "k": 1000, "千": 1000, "w": 10_000, "万": 10_000, "m": 1_000_000, "百": 100, "亿": 100_000_000,
}  # fmt: skip
_LONGEST = 24


def number(text: str) -> Decimal | None:
    """The number that a text writes, or None; thousands separators are allowed."""
    text = text.strip().lower()
    if not text or len(text) > _LONGEST:
        return None
    if text in WORDS:
        return Decimal(WORDS[text])
    if re.fullmatch(r"0,[0-9]+", text):
        return Decimal(text.replace(",", "."))
    if re.fullmatch(r"[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+", text):
        return Decimal(text.replace(",", ""))
    if set(text) <= {*HAN, *"0123456789."}:
        return _chinese(text)
    return None


def whole(text: str) -> int | None:
    """The whole number that a text writes, or None."""
    found = number(text)
    return int(found) if found is not None and found == int(found) else None


def _chinese(text: str) -> Decimal | None:
    """Chinese numerals; 半 is a half, alone or behind a number."""
    from cn2an import cn2an

    if re.fullmatch("[一二三四五六七八九两]{2}", text):
        return None  # 三四个 is three or four
    if text == "半":
        return Decimal("0.5")
    half = Decimal("0.5") if text.endswith("半") else Decimal(0)
    text = text.removesuffix("半")
    try:
        return Decimal(str(cn2an(text, "smart"))) + half
    except (ValueError, InvalidOperation, KeyError, IndexError):
        return None
