"""Decodes a text file of tickets: UTF-8, the encodings of Excel (UTF-16, GB18030), or damaged text."""

from __future__ import annotations

import codecs
from itertools import islice

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 2_000
"""Lines that are examined to distinguish damaged UTF-8 from GB18030."""
REPLACED = "\ufffd"


def decode(content: bytes) -> str:
    """The text of a file.

    A byte order mark decides. Otherwise the text is UTF-8, or GB18030 if it decodes and more lines
    are invalid UTF-8 than valid non-ASCII UTF-8. Undecodable bytes become surrogates or U+FFFD: see
    `is_damaged`.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            errors = "surrogateescape" if encoding == "utf-8" else "replace"
            return content.decode(encoding, errors).removeprefix("\ufeff")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if _is_mostly_foreign(content):
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError:
            pass
    return content.decode("utf-8", "surrogateescape")


def is_damaged(text: str) -> bool:
    """True for a text in which bytes could not be decoded."""
    return any("\ud800" <= letter <= "\udfff" or letter == REPLACED for letter in text)


def _is_mostly_foreign(content: bytes) -> bool:
    good = bad = 0
    lines = (line for line in content.split(b"\n") if not line.isascii())
    for line in islice(lines, _SAMPLE):
        try:
            line.decode("utf-8")
            good += 1
        except UnicodeDecodeError:
            bad += 1
    return bad > good
