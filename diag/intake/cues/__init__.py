"""Reads the words and phrases that the intake searches for, from TOML files beside this module.

A group of phrases is a list, or a table of lists by language (`zh`, `en`, `other`) and perhaps a
`weight`. A phrase is a regular expression for lower-case text; `{name}` in it stands for the
group `name` of the same file. A table of facts holds words and what they mean. The key of a group
is the file's name and its place in the file: `danger.stolen`.

A file is read and checked when one of its groups is first needed, and a group is compiled when it
is first searched for. A mistake is ours: ValueError names the key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

LANGUAGES = ("zh", "en", "other")
_NAMED = re.compile(r"\{([a-z_]+)\}")
_END = 2**31


class Cue:
    """A pattern with phrases from the files, compiled when it is first searched for.

    source: makes the pattern; name: names the pattern in error messages.
    """

    def __init__(self, source: Callable[[], str], name: str, flags: int = 0) -> None:
        self._source, self._name, self._flags = source, name, flags

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The compiled pattern; raises ValueError with the name if it is not a valid regular
        expression.
        """
        try:
            return re.compile(self._source(), self._flags)
        except re.error as error:
            raise ValueError(f"{self._name}: {error}") from None

    def search(self, text: str, pos: int = 0, endpos: int = _END) -> re.Match[str] | None:
        return self.pattern.search(text, pos, endpos)

    def match(self, text: str, pos: int = 0, endpos: int = _END) -> re.Match[str] | None:
        return self.pattern.match(text, pos, endpos)

    def fullmatch(self, text: str, pos: int = 0, endpos: int = _END) -> re.Match[str] | None:
        return self.pattern.fullmatch(text, pos, endpos)

    def finditer(self, text: str, pos: int = 0, endpos: int = _END) -> Iterator[re.Match[str]]:
        return self.pattern.finditer(text, pos, endpos)


@dataclass(frozen=True, slots=True)
class Group:
    """The phrases of a group in all languages, with the groups that they refer to filled in."""

    phrases: tuple[str, ...]
    weight: int | None = None

    @property
    def pattern(self) -> str:
        """The phrases as one regular expression."""
        return "|".join(self.phrases)


def cue(key: str, flags: int = 0) -> Cue:
    """A cue that searches for the phrases of a group, or the words of a table."""
    return Cue(lambda: _group(key).pattern, key, flags)


def any_of(key: str) -> str:
    """As `cue`, as a part of a longer pattern."""
    return f"(?:{_group(key).pattern})"


def words(key: str) -> tuple[str, ...]:
    """The words of a group as the file has them, for comparison instead of search."""
    return _group(key).phrases


def weighted(key: str) -> tuple[tuple[int, Cue], ...]:
    """The groups of a table, each with its weight."""
    found = []
    for name in facts(key):
        weight = _group(f"{key}.{name}").weight
        if weight is None:
            raise ValueError(f"{key}.{name}: a weight is needed")
        found.append((weight, cue(f"{key}.{name}")))
    return tuple(found)


def facts(key: str) -> Mapping[str, Any]:
    """A table of words and what they mean."""
    found = _node(key)
    if not isinstance(found, Mapping):
        raise ValueError(f"{key}: a table is needed")
    return found


def books() -> Iterator[str]:
    """The names of the files."""
    names = sorted(path.name for path in files(__name__).iterdir())
    return (name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def groups(book: str) -> Iterator[str]:
    """The keys of all groups of phrases in a file."""
    return _keys(_file(book), book)


# --- reading -----------------------------------------------------------------------------------


@cache
def _file(book: str) -> Mapping[str, Any]:
    return parsed(book, (files(__name__) / f"{book}.toml").read_text(encoding="utf-8"))


def parsed(book: str, source: str) -> dict[str, Any]:
    """A file as nested tables, with a Group for every group of phrases.

    book is the file's name, without its ending. Raises ValueError for the first mistake.
    """
    try:
        raw = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{book}: {error}") from None
    return _parsed(raw, raw, book)


def _parsed(table: Mapping[str, Any], whole: Mapping[str, Any], place: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in table.items():
        key = f"{place}.{name}"
        if _is_group(value):
            weight = value.get("weight") if isinstance(value, Mapping) else None
            phrases = (_filled(phrase, whole, key) for phrase in _phrases(value, key))
            found[name] = Group(tuple(phrases), weight)
        else:
            nested = isinstance(value, Mapping)
            found[name] = _parsed(value, whole, key) if nested else value
    return found


def _is_group(value: object) -> bool:
    if isinstance(value, list):
        return not all(isinstance(part, int) for part in value)
    return isinstance(value, Mapping) and not {"weight", *LANGUAGES}.isdisjoint(value)


def _phrases(group: Any, key: str) -> list[str]:
    """The phrases of a group in the file, one language after the other."""
    if isinstance(group, Mapping):
        if unknown := set(group) - {"weight", *LANGUAGES}:
            raise ValueError(f"{key}: {sorted(unknown)} not known")
        if not isinstance(group.get("weight", 1), int):
            raise ValueError(f"{key}.weight: a whole number is needed")
        group = [phrase for language in LANGUAGES for phrase in group.get(language, [])]
    if not group or not all(isinstance(phrase, str) and phrase for phrase in group):
        raise ValueError(f"{key}: a list of phrases is needed")
    return list(group)


def _filled(phrase: str, whole: Mapping[str, Any], key: str, depth: int = 0) -> str:
    """A phrase with the groups that it refers to filled in."""

    def named(part: re.Match[str]) -> str:
        group = whole.get(part[1])
        if not _is_group(group) or depth > len(whole):
            raise ValueError(f"{key}: {{{part[1]}}} is no group of this file")
        inner = _phrases(group, f"{key} {{{part[1]}}}")
        return f"(?:{'|'.join(_filled(one, whole, key, depth + 1) for one in inner)})"

    return _NAMED.sub(named, phrase)


def _node(key: str) -> Any:
    """The value at a key."""
    book, *path = key.split(".")
    found: Any = _file(book)
    for name in path:
        if not isinstance(found, Mapping) or name not in found:
            raise ValueError(f"{key}: there is no such group")
        found = found[name]
    return found


def _group(key: str) -> Group:
    """The group at a key; for a table its words, longest first."""
    found = _node(key)
    if isinstance(found, Mapping):
        return Group(tuple(map(re.escape, sorted(found, key=len, reverse=True))))
    if not isinstance(found, Group):
        raise ValueError(f"{key}: a list of phrases is needed")
    return found


def _keys(table: Mapping[str, Any], place: str) -> Iterator[str]:
    for name, value in table.items():
        key = f"{place}.{name}"
        if isinstance(value, Group):
            yield key
        elif isinstance(value, Mapping):
            yield from _keys(value, key)
