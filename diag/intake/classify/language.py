"""Which language a text is in: Chinese, English, or another by its code."""

from __future__ import annotations

import re

from diag.i18n import LANGUAGES

_NOISE = re.compile(r"[0-9.@_/\\\[-][A-Za-z0-9]|[0-9]")
"""What names, ids, amounts and addresses hold and words do not."""
_PIECE = re.compile(r"[A-Za-z0-9.@_/\\:\[\]-]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_RUSSIAN = re.compile(r"[ыэё]")
"""Letters that other languages in Cyrillic hardly write."""
_KANA_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")


def language(text: str) -> str | None:
    """`zh`, `en`, another ISO 639-1 code, or None where there are no words.

    A text with as many Chinese characters as a third of its Latin words is Chinese: coins,
    accounts and addresses are Latin in every language.
    """
    han = len(_HAN.findall(text))
    words = _PIECE.sub(lambda m: " " if _NOISE.search(m[0]) else m[0], text)
    latin = len(re.findall(r"[A-Za-z]{2,}", words))
    if han and not _KANA_HANGUL.search(text) and han * 3 >= latin:
        return "zh"
    letters = "".join(c if c.isalpha() or c in "' " else " " for c in words)
    if not letters.strip():
        return None
    return _detected(letters)


_COMMON = frozenset(
    [
        "the",
        "my",
        "it",
        "was",
        "of",
        "and",
        "not",
        "from",
        "on",
        "has",
        "have",
        "did",
        "but",
        "with",
        "this",
        "that",
        "you",
        "your",
        "we",
        "they",
        "been",
        "were",
        "will",
        "would",
        "could",
        "what",
        "when",
        "how",
        "why",
        "after",
        "still",
        "there",
        "which",
        "who",
        "does",
    ]
)
"""Common English words that are none in other languages."""


def _detected(letters: str) -> str:
    """The language of words in Latin or another alphabet; what is plainly English needs no detector."""
    if _english(letters):
        return "en"
    cyrillic = len(_CYRILLIC.findall(letters)) * 2 > len(letters.replace(" ", ""))
    if cyrillic and _RUSSIAN.search(letters.lower()):
        return "ru"
    import pycld2

    hint = "ru" if cyrillic else "en"  # a short text is English sooner than Dutch
    try:
        reliable, _, guesses = pycld2.detect(letters, bestEffort=True, hintLanguage=hint)
    except pycld2.error:
        return hint
    code = str(guesses[0][1]).partition("-")[0]
    return code if reliable and len(code) == 2 and code != "un" else hint


def _english(letters: str) -> bool:
    """Whether enough of the words are the commonest English ones: short texts are guessed wrong."""
    words = letters.lower().split()
    return len(words) > 2 and sum(word in _COMMON for word in words) * 5 >= len(words)


def reply_language(code: str | None, default: str) -> str:
    """The one of our languages in which to answer."""
    if code is None:
        return default
    return code if code in LANGUAGES else "en"
