"""Bounds what a JSON text may hold, before objects are made of it. Pure.

Each list or object costs a hundred bytes and more, however short its text is, so a text of a few MiB
can take hundreds of MiB. Counting brackets and commas takes milliseconds and no memory.
"""

from __future__ import annotations

import re
from io import BytesIO

MAX_CONTAINERS = 175_000
"""Lists and objects. A node's largest honest answer, 4 MiB of proposed transfers, has 158,000."""
MAX_VALUES = 500_000
MAX_DEPTH = 100
"""Lists and objects inside each other."""
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.?+)*+"?', re.DOTALL)
"""A string; one without an end goes on to the end of the text. Never backtracks."""
_NO_MARK = bytes(set(range(256)) - set(b"[]{},"))
_AS_LISTS = bytes.maketrans(b"{}", b"[]")


def within_limits(text: bytes, *, json_in_strings: bool = False) -> bool:
    """True if the text holds no more values, and no deeper ones, than the limits allow.

    json_in_strings: strings may hold JSON that will be parsed as well, so it counts too. Otherwise
    brackets and commas in strings, which anybody may write into a name or a description, do not.
    The text need not be valid JSON. How many values there are is never underestimated; how deep they
    are is, where strings hold closing brackets, so a parser must have a limit of its own.
    """
    if _fits(text):
        return True
    if json_in_strings or text.count(b'"') > 2 * MAX_VALUES:
        return False
    return _fits(_without_strings(text))


def few_values(text: bytes) -> bool:
    """True if the text holds no more values than the limit allows, however deep they are."""
    return _few(text) or (text.count(b'"') <= 2 * MAX_VALUES and _few(_without_strings(text)))


def _few(text: bytes) -> bool:
    return _bounded(_marks(text))


def _fits(text: bytes) -> bool:
    marks = _marks(text)
    return _bounded(marks) and _shallow(marks.translate(None, b","))


def _marks(text: bytes) -> bytes:
    """Its brackets and commas; objects count as lists."""
    return text.translate(_AS_LISTS, _NO_MARK)


def _bounded(marks: bytes) -> bool:
    containers = marks.count(b"[")
    return containers <= MAX_CONTAINERS and containers + marks.count(b",") <= MAX_VALUES


def _shallow(brackets: bytes) -> bool:
    """True if they nest no deeper than the limit: the innermost pairs go, again and again."""
    for depth in range(MAX_DEPTH + 1):
        outer = brackets.replace(b"[]", b"")
        if len(outer) == len(brackets):
            return depth + outer.count(b"[") <= MAX_DEPTH  # some have no end
        brackets = outer
    return False


def _without_strings(text: bytes) -> bytes:
    """The text without its strings, made piece by piece: all pieces together would take 100 MiB."""
    kept, end = BytesIO(), 0
    for string in _STRINGS.finditer(text):
        kept.write(text[end : string.start()])
        end = string.end()
    return kept.getvalue() + text[end:]
