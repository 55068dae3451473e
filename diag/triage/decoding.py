"""Decodes a file of tickets: UTF-8, what Excel writes (UTF-16, GB18030), and what is no text."""

from __future__ import annotations

import codecs
from itertools import islice

from diag.errors import BadInput

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""How .xlsx and .ods, and .xls files begin."""
_SAMPLE = 2_000
"""Lines that are looked at to tell UTF-8 with faults from GB18030."""
REPLACED = "\ufffd"


def decode(content: bytes) -> str:
    """The text of a file; raises BadInput where it is a workbook, and says how to save it.

    A byte order mark decides. Else the text is UTF-8; GB18030, where more lines are faulty UTF-8
    than are good UTF-8 beyond ASCII and all of it decodes. Bytes that are no text remain as
    surrogates or U+FFFD: see `is_damaged`.
    """
    if content.startswith(_WORKBOOKS):
        raise BadInput.of(
            "body",
            "这是 Excel 工作簿，不能直接读取；请在 Excel 中另存为“CSV UTF-8（逗号分隔）”后再发送。",
            "This is a workbook and cannot be read: save it in Excel as “CSV UTF-8 (comma "
            "delimited)”, and send that file.",
        )
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
