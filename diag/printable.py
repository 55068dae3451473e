"""Text from outside, as far as it may be shown on a terminal, in a log, in Markdown or in a table. Pure."""

from __future__ import annotations

import re

_UNSEEN = (
    r"\x00-\x1f\x7f-\x9f"  # control characters; terminals obey sequences that ESC or CSI begins
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # what turns the direction of writing
    r"\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200d\u2060-\u2065\u206a-\u206f"
    r"\u3164\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # not seen
    r"\u2028\u2029\ud800-\udfff\ufffe\uffff"  # line breaks, half characters, none at all
)
_LINE = re.compile(f"[{_UNSEEN}]")
_LINES = re.compile(rf"(?!\n)[{_UNSEEN}]")


def printable(text: str) -> str:
    """The text on one line; characters that are not seen, or steer what shows them, are written as \\uXXXX."""
    return text if text.isprintable() else _LINE.sub(_escaped, text)


def printable_lines(text: str) -> str:
    """The same for a text of several lines, which stay lines. JSON stays the same JSON."""
    return _LINES.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    """As in JSON: two halves for a character beyond U+FFFF."""
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
