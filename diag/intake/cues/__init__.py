"""What the intake listens for: words and phrases of users, in TOML files beside this module.

A file is read when one of its groups is first needed, and a group is compiled when it is first
searched for. A group of phrases is a list, or a table with lists by language (`zh`, `en`, `other`)
and perhaps a `weight`. A phrase is a regular expression for text in small letters; `{name}` in it
stands for the phrases of the group `name` of the same file. A group of facts is a table of words
and what they mean. The key of a group is the file's name and its place in the file: `danger.stolen`.

A file that does not keep to that is a mistake of ours: ValueError names the key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

LANGUAGES = ("zh", "en", "other")
_LANGUAGES = frozenset(LANGUAGES)
_PART = re.compile(r"\{([a-z_]+)\}")
_END = 2**31


class Cue:
    """A pattern with words from the files, compiled when it is first searched for.

    source makes the pattern, name is what a mistake in it is reported under.
    """

    def __init__(self, source: Callable[[], str], name: str, flags: int = 0) -> None:
        self._source, self._name, self._flags = source, name, flags

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The compiled pattern; raises ValueError with the name if it is none."""
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


def cue(key: str, flags: int = 0) -> Cue:
    """The phrases of a group."""
    return Cue(lambda: _source(key), key, flags)


def any_of(key: str) -> str:
    """The phrases of a group as a part of a longer pattern."""
    return f"(?:{_source(key)})"


def weighted(key: str) -> tuple[tuple[int, Cue], ...]:
    """The groups of a table, each with its weight."""
    return tuple((_weight(f"{key}.{name}"), cue(f"{key}.{name}")) for name in facts(key))


def words(key: str) -> tuple[str, ...]:
    """The words of a group as they stand in the file, for what is compared and not searched for."""
    return tuple(_phrases(key))


def facts(key: str) -> Mapping[str, Any]:
    """A table of words and what they mean."""
    found = _node(key)
    if not isinstance(found, Mapping):
        raise ValueError(f"{key}: a table is needed")
    return found


def check() -> int:
    """Compiles every phrase of every file, and counts them; raises ValueError for the first mistake."""
    count = 0
    for path in sorted(files(__name__).iterdir(), key=lambda path: path.name):
        name, _, ending = path.name.rpartition(".")
        if ending == "toml":
            for key in _groups(_file(name), name):
                count += len([_checked(phrase, key) for phrase in _phrases(key)])
    return count


# --- reading -----------------------------------------------------------------------------------


@cache
def _file(name: str) -> Mapping[str, Any]:
    source = (files(__name__) / f"{name}.toml").read_text(encoding="utf-8")
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name}: {error}") from None


def _node(key: str) -> Any:
    """What stands at a key."""
    name, *path = key.split(".")
    found: Any = _file(name)
    for part in path:
        if not isinstance(found, Mapping) or part not in found:
            raise ValueError(f"{key}: there is no such group")
        found = found[part]
    return found


def _weight(key: str) -> int:
    weight = facts(key).get("weight")
    if not isinstance(weight, int):
        raise ValueError(f"{key}: a weight is needed")
    return weight


def _phrases(key: str) -> list[str]:
    """The phrases of a group, those of each language in turn; of a table of facts its words, the longest first."""
    node = _node(key)
    if isinstance(node, Mapping) and not _LANGUAGES & set(node):
        return [re.escape(word) for word in sorted(node, key=len, reverse=True)]
    lists = [node.get(name, []) for name in LANGUAGES] if isinstance(node, Mapping) else [node]
    if isinstance(node, Mapping) and (unknown := set(node) - _LANGUAGES - {"weight"}):
        raise ValueError(f"{key}: {sorted(unknown)} not known")
    found = [phrase for of_language in lists for phrase in of_language]
    if not found or not all(isinstance(phrase, str) and phrase for phrase in found):
        raise ValueError(f"{key}: a list of phrases is needed")
    return found


def _source(key: str) -> str:
    """The phrases of a group as one regular expression."""
    return "|".join(_expanded(phrase, key) for phrase in _phrases(key))


def _expanded(phrase: str, key: str) -> str:
    """A phrase with the groups that it names."""
    name = key.partition(".")[0]
    return _PART.sub(lambda part: f"(?:{_source(f'{name}.{part[1]}')})", phrase)


def _checked(phrase: str, key: str) -> re.Pattern[str]:
    return Cue(lambda: _expanded(phrase, key), f"{key}: {phrase}").pattern


def _groups(node: Mapping[str, Any], place: str) -> Iterator[str]:
    """The keys of the groups of phrases in a table."""
    for name, value in node.items():
        key = f"{place}.{name}"
        if isinstance(value, list) and any(isinstance(phrase, str) for phrase in value):
            yield key
        elif isinstance(value, Mapping):
            yield from [key] if _LANGUAGES & set(value) else _groups(value, key)
