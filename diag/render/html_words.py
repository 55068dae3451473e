"""The words of the pages, read from `data/pages.toml`: a table of texts for each part of a page."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files

from diag.i18n import Text


def _read() -> dict[str, dict[str, Text]]:
    content = (files("diag") / "data" / "pages.toml").read_text(encoding="utf-8")
    return {
        table: {name: Text(**pair) for name, pair in texts.items()}
        for table, texts in tomllib.loads(content).items()
    }


WORDS: Mapping[str, Mapping[str, Text]] = _read()
"""Part of a page → name → text."""
