"""A text as its reader sees it: without what hides letters from a search, and the way back.

Full-width and other dressed-up letters become plain ones (NFKC); invisible characters go; escapes
of URLs, JSON and HTML become what they stand for.
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
_TWICE = re.compile(r"(?<=%)(?:25)+(?=[0-9A-Fa-f]{2})")
_UNSEEN = frozenset("\u034f\u115f\u1160\u3164\uffa0")
"""Letters by name that show nothing."""


@dataclass(frozen=True, slots=True)
class Unmasked:
    """The plain text; of each of its letters, where the original begins and ends."""

    text: str
    starts: list[int] | None = None
    """None where nothing was hidden: the text is the original."""
    ends: list[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that text[start:end] stands for."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def unmask(text: str) -> Unmasked:
    """The text without masks. Pure."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for mask in _MASK.finditer(text):
        start, end = mask.span()
        plain = _escaped(mask)
        starts += range(done, start)
        ends += range(done + 1, start + 1)
        if plain is None:
            folded = [_folded(letter) for letter in mask[0]]
            for at, piece in enumerate(folded, start):
                starts += [at] * len(piece)
                ends += [at + 1] * len(piece)
            plain = "".join(folded)
        else:
            starts += [start] * len(plain)
            ends += [end] * len(plain)
        parts += [text[done:start], plain]
        done = end
    if not done:
        return Unmasked(text)
    parts.append(text[done:])
    starts += range(done, len(text))
    ends += range(done + 1, len(text) + 1)
    return Unmasked("".join(parts), starts, ends)


def _escaped(mask: re.Match[str]) -> str | None:
    """What an escape stands for; None where it is none, but letters to be looked at one by one."""
    match mask.lastgroup:
        case "percent":
            once = _TWICE.sub("", mask[0]).replace("%", "")
            decoded = bytes.fromhex(once).decode(errors="replace")
        case "escape":
            decoded = chr(int(mask[0][2:], 16))
        case "entity":
            decoded = html.unescape(mask[0])
        case "blank":
            return " "
        case _:
            return None
    return "".join(map(_folded, decoded))


@lru_cache(4096)
def _folded(letter: str) -> str:
    """What one letter looks like."""
    if letter in " \t\n\r\v\f":
        return letter
    if letter in _UNSEEN or unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Mn", "Me"):
        return ""
    if letter == "\u2800":  # a blank by looks
        return " "
    return unicodedata.normalize("NFKC", letter)
