"""Simplifies a text for the search, and maps each place of the plain text back to the original.

Full-width and stylised letters become plain ones, and accents are removed (NFKD without marks);
invisible characters are dropped; escapes of URLs, JSON and HTML are decoded, and HTML tags are
replaced by the breaks they cause.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_MASK = re.compile(
    r"(?P<percent>(?:%(?:25)*[0-9A-Fa-f]{2})+)"
    r"|(?P<escape>\\u[0-9A-Fa-f]{4})"
    r"|(?P<blank>\\[nrt]|</?(?i:b|br|code|div|em|i|li|ol|p|pre|span|strong|td|tr|ul)"
    r"(?:\s{1,3}[A-Za-z-]{1,20}=(?:\"[^\"<>]{0,40}\"|'[^'<>]{0,40}'))*\s{0,3}/?>)"
    r"|(?P<entity>&(?:nbsp|quot|amp|#[0-9]{1,6}|#[xX][0-9A-Fa-f]{1,5});)"
    r"|[^\t-\r -~\u3400-\u4dbf\u4e00-\u9fff]+"
)
"""Matches what is not plain: escapes, tags, and letters other than ASCII and common Chinese
characters.
"""
_ESCAPED_PERCENT = re.compile(r"(?<=%)(?:25)+(?=[0-9A-Fa-f]{2})")
_INVISIBLE = frozenset("\u034f\u115f\u1160\u3164\uffa0")
"""Invisible characters that Unicode classifies as letters."""
_LIKE = {"\u2800": " ", "\u0131": "i", "\u0142": "l", "\u00f8": "o"}
"""Letters that NFKD does not change → the plain letters that they resemble."""


@dataclass(frozen=True, slots=True)
class PlainText:
    """A plain text, and for each of its characters the place in the original."""

    text: str
    starts: list[int] | None = None
    """None where the original was plain already."""
    ends: list[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span in the original that text[start:end] comes from."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def deobfuscate(text: str) -> PlainText:
    """The plain form of a text. Pure."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for match in _MASK.finditer(text):
        start, end = match.span()
        plain = _unescaped(match)
        starts += range(done, start)
        ends += range(done + 1, start + 1)
        if plain is None:
            letters = [_fold_letter(letter) for letter in match[0]]
            for at, folded in enumerate(letters, start):
                starts += [at] * len(folded)
                ends += [at + 1] * len(folded)
            plain = "".join(letters)
        else:
            starts += [start] * len(plain)
            ends += [end] * len(plain)
        parts += [text[done:start], plain]
        done = end
    if not done:
        return PlainText(text)
    parts.append(text[done:])
    starts += range(done, len(text))
    ends += range(done + 1, len(text) + 1)
    return PlainText("".join(parts), starts, ends)


def fold(text: str) -> str:
    """A text folded letter by letter as `deobfuscate` does; used for the words to compare with."""
    return "".join(map(_fold_letter, text))


def _unescaped(match: re.Match[str]) -> str | None:
    """The characters that an escape or a tag represents; None for other characters."""
    found = match[0]
    match match.lastgroup:
        case "percent":
            once = _ESCAPED_PERCENT.sub("", found).replace("%", "")
            return fold(bytes.fromhex(once).decode(errors="replace"))
        case "escape":
            return fold(chr(int(found[2:], 16)))
        case "entity":
            return fold(html.unescape(found))
        case "blank":
            return " "
        case _:
            return None


@lru_cache(2048)
def _fold_letter(letter: str) -> str:
    if letter in " \t\n\r\v\f":
        return letter
    if letter in _INVISIBLE or unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Mn", "Me"):
        return ""
    parts = unicodedata.normalize("NFKD", letter)
    return "".join(
        _LIKE.get(part, part)
        for part in parts
        if unicodedata.category(part) not in ("Mn", "Me")
    )
