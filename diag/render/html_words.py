"""The words of the pages, from `diag/words/pages.toml`: a table of texts for each part of a page."""

from __future__ import annotations

from collections.abc import Mapping

from diag.i18n import Text
from diag.words import tables, texts

WORDS: Mapping[str, Mapping[str, Text]] = {
    part: texts(f"pages.{part}") for part in tables("pages")
}
"""Part of a page → name → text."""
