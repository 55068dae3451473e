"""The word lists of seed phrases: BIP-39, SLIP-39, Monero, brain keys; read when first needed.

Words are folded like texts (`deobfuscation.fold`). Lists are stored as long strings, which need a
tenth of the memory of sets.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

from diag.redaction.deobfuscation import fold

_BIP39 = "mnemonic", "wordlist"
_MONERO = "diag", "data", "monero_words"
_SLIP39 = "diag", "data", "slip39_words"
_LISTS = {
    "A": (*_BIP39, "english"),
    "B": (*_BIP39, "spanish"),
    "C": (*_BIP39, "french"),
    "D": (*_BIP39, "italian"),
    "E": (*_BIP39, "portuguese"),
    "F": (*_BIP39, "czech"),
    "G": (*_BIP39, "turkish"),
    "H": (*_BIP39, "russian"),
    "I": (*_BIP39, "korean"),
    "J": (*_BIP39, "japanese"),
    "K": (*_SLIP39, "english"),
    "a": (*_MONERO, "english"),
    "b": (*_MONERO, "spanish"),
    "c": (*_MONERO, "french"),
    "d": (*_MONERO, "italian"),
    "e": (*_MONERO, "portuguese"),
    "f": (*_MONERO, "german"),
    "g": (*_MONERO, "dutch"),
    "h": (*_MONERO, "russian"),
    "j": (*_MONERO, "japanese"),
}
"""A letter for each list → the package that ships it, and where in it. Capitals are of BIP-39 and SLIP-39."""
ALL = "".join(_LISTS)
ENGLISH = "A"
ENGLISH_LISTS = "AK"
PREFIX = 4
"""The letters that identify a word of BIP-39 or SLIP-39; many wallets show or stamp only these."""


@lru_cache(2048)
def lists_with(word: str) -> str:
    """The letters of the lists that contain a word (folded, lower case)."""
    shelf, entry = _shelves().get(word[:2], ""), f",{word}:"
    found, at = "", shelf.find(entry)
    while at >= 0:
        at += len(entry)
        found += shelf[at]
        at = shelf.find(entry, at)
    return found


@lru_cache(2048)
def lists_known_by(word: str) -> str:
    """As `lists_with`; for a word of four letters also the capital-letter lists with a word that
    begins with it.
    """
    found = lists_with(word)
    if len(word) != PREFIX:
        return found
    shelf, start = _shelves().get(word[:2], ""), f",{word}"
    at = shelf.find(start)
    while at >= 0:
        at = shelf.index(":", at) + 1
        found += shelf[at] if shelf[at].isupper() and shelf[at] not in found else ""
        at = shelf.find(start, at)
    return found


@cache
def _shelves() -> dict[str, str]:
    """The words by their first two letters, each followed by the letter of its list: ",abandon:A,"."""
    shelves: defaultdict[str, str] = defaultdict(lambda: ",")
    for letter, place in _LISTS.items():
        by_start = groupby(sorted(_read(*place)), key=lambda word: word[:2])
        for start, words in by_start:
            shelves[start] += "".join(f"{word}:{letter}," for word in words)
    return dict(shelves)


@cache
def english() -> dict[str, int]:
    """Word → index in the English list of BIP-39."""
    return {word: place for place, word in enumerate(_read(*_BIP39, "english"))}


@cache
def chinese() -> dict[str, int]:
    """Character → index in the BIP-39 lists, which are parallel for simplified and traditional
    Chinese.
    """
    lists = (_read(*_BIP39, f"chinese_{script}") for script in ("traditional", "simplified"))
    return {word: place for words in lists for place, word in enumerate(words)}


def in_dictionary(word: str) -> bool:
    """True for a word (lower case) of the dictionary that brain keys are made of."""
    return f",{word}," in _dictionary().get(word[:2], "")


@cache
def _dictionary() -> dict[str, str]:
    """The 49,744 words by their first two letters, as one string each."""
    source = _path("graphenebase", "dictionary.py").read_text(encoding="utf-8")
    words = sorted(re.findall(r"[a-z]+(?=[,\"])", source))
    shelves = groupby(words, key=lambda word: word[:2])
    return {start: f",{','.join(shelf)}," for start, shelf in shelves}


def _read(*place: str) -> list[str]:
    """A list of words from a text file of a package."""
    return fold(_path(*place).with_suffix(".txt").read_text(encoding="utf-8")).lower().split()


def _path(package: str, *place: str) -> Path:
    """The path of a package's file, found without importing the package, because some take several
    MiB.
    """
    spec = find_spec(package)
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]).joinpath(*place)
