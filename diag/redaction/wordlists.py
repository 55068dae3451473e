"""The words that keys are written in, from the libraries that keep them; read when first needed."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path


@cache
def english() -> frozenset[str]:
    """The 2048 English words of BIP-39."""
    return frozenset(_listed("english"))


@cache
def chinese() -> dict[str, int]:
    """Character → place in the lists of BIP-39, which are parallel: simplified and traditional."""
    lists = map(_listed, ("chinese_traditional", "chinese_simplified"))
    return {word: place for words in lists for place, word in enumerate(words)}


def in_dictionary(word: str) -> bool:
    """True for a word (lower case) of the dictionary that brain keys are made of."""
    return f",{word}," in _dictionary().get(word[:2], "")


@cache
def _dictionary() -> dict[str, str]:
    """The 49,744 words by their first two letters, as one string each: a tenth of a set's memory."""
    from graphenebase.dictionary import words  # large, and loaded with the chain anyway

    shelves = groupby(sorted(words.split(",")), key=lambda word: word[:2])
    return {start: f",{','.join(shelf)}," for start, shelf in shelves}


def _listed(language: str) -> list[str]:
    """A list of bip-utils, read as a file: importing the library costs 22 MiB."""
    spec = find_spec("bip_utils")
    assert spec is not None and spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0]) / "bip" / "bip39" / "wordlist"
    return (folder / f"{language}.txt").read_text(encoding="utf-8").split()
