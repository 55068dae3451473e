"""Detects the language of a text: Chinese, English, or another one by its code."""

from __future__ import annotations

import re
from functools import cache
from unicodedata import category

from diag.i18n import LANGUAGES
from diag.intake.classify.language_model import most_likely
from diag.intake.cues import words

_NOISE = re.compile(r"[0-9.@_/\\\[-][A-Za-z0-9]|[0-9]")
"""Characters that occur in names, ids, amounts and addresses but not in words."""
_PIECE = re.compile(r"[A-Za-z0-9.@_/\\:\[\]-]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_RUSSIAN = re.compile(r"[ыэё]")
"""Letters that hardly occur in other Cyrillic languages."""
_SHORT, _SURE, _SURE_IF_SHORT = 20, 0.4, 0.8
"""Texts with fewer letters than the first are short. The others: the least probability of a language
other than the expected one, in a long and in a short text.
"""
_UNDETERMINED = "und"
_KANA_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")


def language(text: str) -> str | None:
    """`zh`, `en`, another ISO 639-1 or 639-3 code, `und`, or None if there are no words.

    A text is Chinese if its Chinese characters are at least a third as many as its Latin words,
    because coins, accounts and addresses are Latin in every language.
    """
    han = len(_HAN.findall(text))
    spoken = _PIECE.sub(lambda m: " " if _NOISE.search(m[0]) else m[0], text)
    latin = len(re.findall(r"[A-Za-z]{2,}", spoken))
    if han and not _KANA_HANGUL.search(text) and han * 3 >= latin:
        return "zh"
    letters = "".join(c if c in "' " or category(c)[0] in "LM" else " " for c in spoken)
    if not letters.strip():
        return None
    return _detected(letters)


@cache
def _common() -> frozenset[str]:
    """Common English words that do not exist in other languages."""
    return frozenset(words("language.common_english"))


def _detected(letters: str) -> str:
    """The language of words in Latin or another alphabet; plain English is recognised without the
    model.
    """
    if _english(letters):
        return "en"
    cyrillic = len(_CYRILLIC.findall(letters)) * 2 > len(letters.replace(" ", ""))
    if cyrillic and _RUSSIAN.search(letters.lower()):
        return "ru"
    code, probability = most_likely(letters.lower())
    size = sum(map(str.isalpha, letters))
    if not cyrillic and len(_LATIN.findall(letters)) * 2 < size:
        return _UNDETERMINED if code == "en" else code
    sure = probability >= (_SURE if size >= _SHORT else _SURE_IF_SHORT)
    likely = "ru" if cyrillic else "en"  # a short text is more likely English than Dutch
    return code if sure else likely


def _english(letters: str) -> bool:
    """Whether enough of the words are among the most common English ones; the model misjudges short
    texts.
    """
    said = letters.lower().split()
    return len(said) > 2 and sum(word in _common() for word in said) * 5 >= len(said)


def reply_language(code: str | None, default: str) -> str:
    """The language of the reply: one of our two languages."""
    if code is None:
        return default
    return code if code in LANGUAGES else "en"
