"""Removes differences between texts that look the same: invisible characters and letter widths."""

from __future__ import annotations

import re
import unicodedata

_FILLERS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]"
)
"""Characters without a glyph whose Unicode category does not say so."""
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")


def fold(text: str) -> str:
    """Return the text in plain letters, without surrounding spaces.

    Full-width and other compatibility forms become the plain characters (NFKC), all dashes a
    hyphen. Zero-width characters, direction marks and fillers are removed.
    """
    visible = "".join(c for c in _FILLERS.sub("", text) if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFKC", visible).translate(_DASHES).strip()
