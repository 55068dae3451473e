"""Reads numbers in Arabic or Chinese numerals or as short English words."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import cache

from diag.intake.cues import facts

HAN = "〇零一二三四五六七八九十百千万亿两廿半点"
_LONGEST = 24


@cache
def small_numbers() -> dict[str, Decimal]:
    """Numbers in English words."""
    return {word: Decimal(str(many)) for word, many in facts("money.numbers").items()}


@cache
def scales() -> dict[str, int]:
    """Word → the factor by which it multiplies a number."""
    return dict(facts("money.scales"))


def number(text: str) -> Decimal | None:
    """The number in a text, or None; thousands separators are allowed."""
    text = text.strip().lower()
    if not text or len(text) > _LONGEST:
        return None
    if text in small_numbers():
        return small_numbers()[text]
    if re.fullmatch(r"0,[0-9]+", text):
        return Decimal(text.replace(",", "."))
    if re.fullmatch(r"[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+", text):
        return Decimal(text.replace(",", ""))
    if set(text) <= {*HAN, *"0123456789."}:
        return _chinese(text)
    return None


def english_words() -> str:
    """A pattern for a number of several words, or of one word from "two" on."""
    word = f"(?:{'|'.join(sorted(facts('money.english'), key=len, reverse=True))})"
    return rf"\b(?:half an?|(?!one(?! (?:hundred|thousand|million))){word}(?:(?: and |[ -]){word})*)\b"


def in_english(text: str) -> Decimal | None:
    """The number in English words: "two hundred and fifty" is 250."""
    if text.startswith("half"):
        return Decimal("0.5")
    whole_, group = Decimal(0), Decimal(0)
    for word in re.findall("[a-z]+", text):
        many = Decimal(facts("money.english").get(word, 0))
        if many < 100:
            group += many
        elif many == 100:
            group = max(group, Decimal(1)) * 100
        else:
            whole_, group = whole_ + max(group, Decimal(1)) * many, Decimal(0)
    return whole_ + group or None


RUN = r"(?:\.?[0-9]+(?:(?:[.,']| ?\. ?| (?=[0-9]{3}(?![0-9])))[0-9]+)*(?:e[+-]?[0-9]{1,2}(?![0-9a-z]))?)"
"""Digits with the separators that one number may contain; `readings` returns its possible values."""


def readings(run: str, decimal_comma: bool = False) -> tuple[Decimal, ...]:
    """The numbers that a run of digits may mean; empty if its separators make no sense.

    decimal_comma: in the language of the text, `1,234` may mean 1.234.
    """
    figure, _, exponent = run.partition("e")
    if len(figure) > _LONGEST:
        return ()
    read = _figure(figure, decimal_comma)
    if exponent:
        read = tuple(many.scaleb(int(exponent)) for many in read[:1] if len(read) == 1)
    return tuple(dict.fromkeys(read))


def _figure(text: str, decimal_comma: bool) -> tuple[Decimal, ...]:
    if re.fullmatch(r"(?:0|[1-9][0-9]*)?(?:\.[0-9]+)?", text):
        return (Decimal(text),)
    if gap := re.fullmatch(
        r"(0|[1-9][0-9]*) ?\. ?([0-9]+)", text
    ):  # as text recognition (OCR) leaves it
        whole_, rest = gap.groups()
        alone = () if whole_ == "0" else _figure(rest, decimal_comma)
        return (Decimal(f"{whole_}.{rest}"), *alone)
    if re.fullmatch(r"[1-9][0-9]{0,2}(?: [0-9]{3})+(?:[.,][0-9]+)?", text):
        rest = text.partition(" ")[2]
        return (Decimal(text.replace(" ", "").replace(",", ".")), *_figure(rest, decimal_comma))
    if re.fullmatch(r"[1-9][0-9]{0,2}(?:'[0-9]{3})+(?:[.,][0-9]+)?", text):
        return (Decimal(text.replace("'", "").replace(",", ".")),)
    if re.fullmatch(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?", text):
        grouped = Decimal(text.replace(",", ""))
        other = text.count(",") == 1 and "." not in text and decimal_comma
        return (grouped, Decimal(text.replace(",", "."))) if other else (grouped,)
    if re.fullmatch(
        r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+,[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}", text
    ):
        return (Decimal(text.replace(".", "").replace(",", ".")),)
    if re.fullmatch(r"(?:0|[1-9][0-9]*),[0-9]+", text):
        return (Decimal(text.replace(",", ".")),)
    return ()


def whole(text: str) -> int | None:
    """The integer in a text, or None."""
    found = number(text)
    return int(found) if found is not None and found == int(found) else None


def _chinese(text: str) -> Decimal | None:
    """Reads Chinese numerals; 半 is a half, alone or after a number."""
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
