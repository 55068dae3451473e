"""The words of the product, in Chinese and English: TOML files beside this module, one per subject.

A file is read once, when its words are first needed. The key of a text is the file's name and its
place in the file: `frame.opening.waiting`. A text is a table with `zh` and `en`; the blanks in
braces are the same in both languages, and each is explained in the table `[blanks]` of its file.
A file that does not keep to that is a mistake of ours, found when it is loaded: ValueError names
the key.

`docs/words.md` says how to change one.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from string import Formatter
from types import MappingProxyType
from typing import Any, TypedDict

from diag.i18n import LANGUAGES, Text

_TEXTS = ("title", "reply", "short", "note", "next_step", "aside", "resend", "mass")
_REQUIRED = frozenset({"title", "reply", "short", "note", "next_step"})
_OPTIONS: Mapping[str, frozenset[str]] = {
    "opening": frozenset({"plain", "waiting", "concern", "safety"}),
    "grade_said": frozenset({"", "medium", "low"}),
}
LEFT_OUT = frozenset({"channel"})
"""Blanks that a text may omit; every sentence is correct if they are empty."""


class RuleWords(TypedDict):
    """The texts of a rule in `replies.toml`, under the field names of `Rule`."""

    code: str
    phrase: str
    title: Text
    reply: Text
    short: Text
    note: Text
    next_step: Text
    aside: Text | None
    resend: Text | None
    mass: Text | None
    opening: str
    grade_said: str


def text(key: str) -> Text:
    """One text, such as `frame.greeting`."""
    return _book(key.partition(".")[0])[key]


def texts(key: str) -> dict[str, Text]:
    """All texts directly in a table, by their last name: `labels.stages` → {"at_gateway": …}."""
    book = _book(key.partition(".")[0])
    return {k.rpartition(".")[2]: t for k, t in book.items() if k.rpartition(".")[0] == key}


def tables(book: str) -> tuple[str, ...]:
    """The names of the tables of a file, except `blanks`."""
    return tuple(dict.fromkeys(key.split(".")[1] for key in _book(book)))


def filler(table: str, name: str, /, **facts: object) -> Text:
    """A phrase that fills a blank; facts fill its own blanks, a Text in each language."""
    return text(f"fillers.{table}.{name}").filled(**facts)


def problem(name: str, /, **facts: object) -> Text:
    """What is wrong, and the remedy: a text of `problems.toml`, such as `request.not_json`."""
    return text(f"problems.{name}").filled(**facts)


def evidence_claim(name: str, /, **facts: object) -> Text:
    """The claim of an evidence item: what it shows."""
    return text(f"evidence.{name}").filled(**facts)


def rule_words(code: str, variant: str = "") -> RuleWords:
    """The words of a rule, or of a variant, which inherits the texts that it does not define."""
    table = _replies()[code]
    stated = {**table, **table["variants"][variant]} if variant else table
    return RuleWords(
        code=code,
        phrase=f"{code}.variants.{variant}" if variant else code,
        title=stated["title"],
        reply=stated["reply"],
        short=stated["short"],
        note=stated["note"],
        next_step=stated["next_step"],
        aside=_unless_empty(stated.get("aside")),
        resend=_unless_empty(stated.get("resend")),
        mass=_unless_empty(stated.get("mass")),
        opening=stated.get("opening", "plain"),
        grade_said=stated.get("grade_said", ""),
    )


def codes() -> dict[str, tuple[str, ...]]:
    """Every code that has words → its variants."""
    return {code: tuple(table.get("variants", ())) for code, table in _replies().items()}


def keys() -> Iterator[tuple[str, Text]]:
    """Key → text, for every text that users may read in a reply."""
    for book in ("frame", "replies"):
        yield from _book(book).items()


def _unless_empty(found: Text | None) -> Text | None:
    return found if found and found.zh else None


@dataclass(frozen=True, slots=True)
class Phrases:
    """Our words, some of them replaced by the operator's phrases: key → text."""

    replaced: Mapping[str, Text] = field(default_factory=lambda: MappingProxyType({}))

    def text(self, key: str) -> Text:
        """One text, as `diag.words.text`."""
        return self.replaced.get(key) or text(key)

    def reply(self, phrase: str, name: str) -> Text | None:
        """The operator's text for a rule (phrase: its key, name: reply, short, …), if there is one.

        A variant inherits the operator's text for its code if it inherits ours.
        """
        own, code = f"replies.{phrase}.{name}", phrase.partition(".")[0]
        stated = own in self.replaced or own in _book("replies")
        return self.replaced.get(own if stated else f"replies.{code}.{name}")

    @property
    def digest(self) -> str:
        """A digest that identifies the set of phrases; empty if nothing is replaced."""
        if not self.replaced:
            return ""
        told = repr(sorted((key, t.zh, t.en) for key, t in self.replaced.items()))
        return hashlib.sha256(told.encode()).hexdigest()[:8]


OURS = Phrases()


# --- reading -----------------------------------------------------------------------------------


@cache
def _book(name: str) -> Mapping[str, Text]:
    """Key → text of a file."""
    return MappingProxyType(
        {
            f"{name}.{key}": found
            for key, found in _flat(_file(name))
            if isinstance(found, Text) and not key.startswith("blanks.")
        }
    )


@cache
def _file(name: str) -> Mapping[str, Any]:
    """A file as nested tables, its texts as Text; raises ValueError if one is wrong."""
    source = (files("diag.words") / f"{name}.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(source)
    known = frozenset(raw.pop("blanks", {}))
    found = _parsed(raw, name)
    for key, one in _flat(found):
        if isinstance(one, Text):
            unknown = blanks(one.zh) - known
            if unknown:
                raise ValueError(f"{name}.{key}: unknown blanks {sorted(unknown)}")
    return found


def _parsed(table: Mapping[str, Any], place: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in table.items():
        key = f"{place}.{name}"
        if isinstance(value, dict) and set(value) & set(LANGUAGES):
            found[name] = _text(value, key)
        elif isinstance(value, dict):
            found[name] = _parsed(value, key)
        else:
            found[name] = value
    return found


def _text(value: Mapping[str, Any], key: str) -> Text:
    if set(value) != set(LANGUAGES) or not all(isinstance(t, str) for t in value.values()):
        raise ValueError(f"{key}: a text has zh and en, and nothing else")
    said = Text(zh=value["zh"], en=value["en"])
    if blanks(said.zh) != blanks(said.en):
        raise ValueError(f"{key}: zh and en have different blanks")
    return said


def blanks(template: str) -> frozenset[str]:
    """The names of the blanks in a template; raises ValueError for a brace that belongs to no blank."""
    found = set()
    for _, name, form, conversion in Formatter().parse(template):
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise ValueError(f"{{{name}}}")
        found.add(name)
    return frozenset(found)


def _flat(table: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        key = f"{place}.{name}" if place else name
        if isinstance(value, Mapping):
            yield from _flat(value, key)
        else:
            yield key, value


@cache
def _replies() -> Mapping[str, Any]:
    """The tables of `replies.toml`; raises ValueError if a text is missing or a key is unknown."""
    found = _file("replies")
    for code, table in found.items():
        missing = _REQUIRED - set(table)
        if missing:
            raise ValueError(f"replies.{code}: {sorted(missing)} missing")
        _known(table, f"replies.{code}", ("variants",))
        for variant, stated in table.get("variants", {}).items():
            _known(stated, f"replies.{code}.variants.{variant}")
            if "reply" in stated and "short" not in stated:
                raise ValueError(f"replies.{code}.variants.{variant}: a reply has a short form")
    return found


def _known(table: Mapping[str, Any], key: str, more: tuple[str, ...] = ()) -> None:
    for name, value in table.items():
        right = value in _OPTIONS[name] if name in _OPTIONS else name in (*_TEXTS, *more)
        if not right:
            raise ValueError(f"{key}.{name}: not known")
