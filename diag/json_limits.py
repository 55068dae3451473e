"""Bounds what a JSON text may hold, before objects are made of it. Pure.

Each list or object costs a hundred bytes and more, however short its text is, so a text of a few MiB
can take hundreds of MiB. Counting brackets and commas takes milliseconds and no memory.
"""

from __future__ import annotations

import re
from io import BytesIO
from itertools import accumulate

MAX_CONTAINERS = 175_000
"""Lists and objects. A node's largest honest answer, 4 MiB of proposed transfers, has 158,000."""
MAX_VALUES = 500_000
MAX_DEPTH = 100
"""Lists and objects inside each other."""
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.?+)*+"?', re.DOTALL)
"""A string; one without an end goes on to the end of the text. Never backtracks."""
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def within_limits(text: bytes, *, json_in_strings: bool = False) -> bool:
    """True if the text holds no more values, and no deeper ones, than the limits allow.

    json_in_strings: strings may hold JSON that will be parsed as well, so it counts too. Otherwise
    brackets and commas in strings, which anybody may write into a name or a description, do not.
    The text need not be valid JSON.
    """
    if _few(text) and _shallow(text):
        return True
    if json_in_strings or text.count(b'"') > 2 * MAX_VALUES:
        return False
    bare = _without_strings(text)
    return _few(bare) and _shallow(bare)


def few_values(text: bytes) -> bool:
    """True if the text holds no more values than the limit allows, however deep they are."""
    return _few(text) or (text.count(b'"') <= 2 * MAX_VALUES and _few(_without_strings(text)))


def _few(text: bytes) -> bool:
    containers = text.count(b"[") + text.count(b"{")
    return containers <= MAX_CONTAINERS and containers + text.count(b",") <= MAX_VALUES


def _shallow(text: bytes) -> bool:
    brackets = text.translate(None, _NO_BRACKET)
    if len(brackets) > 2 * MAX_CONTAINERS:
        return False
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) <= MAX_DEPTH


def _without_strings(text: bytes) -> bytes:
    """The text without its strings, made piece by piece: all pieces together would take 100 MiB."""
    kept, end = BytesIO(), 0
    for string in _STRINGS.finditer(text):
        kept.write(text[end : string.start()])
        end = string.end()
    return kept.getvalue() + text[end:]
