"""Reads the operator's phrases: texts that replace ours in replies to users.

The file uses the tables and keys of `diag/words/frame.toml` (in `[frame…]`) and of
`diag/words/replies.toml` (in `[replies.…]`, only what a user may read), each text with `zh` and `en`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from marshmallow import fields

from diag.config.fields import FileSchema
from diag.config.file_reader import read_file
from diag.i18n import LANGUAGES, Text
from diag.schemas.mistakes import Mistake
from diag.words import LEFT_OUT, Phrases, blanks, keys

SAFETY = "frame.safety"
_OF_A_REPLY = ("reply", "short", "resend", "aside", "mass")
_NOT_SAID = ("frame.claims.", "frame.zone_names.")
_MAY_BE_EMPTY = ("frame.greeting", "frame.signature", "frame.opening.", "frame.certainty.")
_NEVER_EMPTY = ("frame.certainty.medium", "frame.certainty.low")
"""Texts that must not be empty, because without them a reply would claim more than its verdict."""
MAX_LENGTH = {"frame.greeting": (20, 8), "frame": (60, 40), "replies": (160, 90)}
"""The most Chinese characters and English words of a text, not counting its facts."""


def read_phrases(path: Path) -> Phrases:
    """Read the phrases of a .toml or .json file; raises BadSetting with line, key and remedy."""
    tables: dict[str, dict[str, Text]] = read_file(path, PhrasesSchema())
    return Phrases({key: text for table in tables.values() for key, text in table.items()})


class PhrasesField(fields.Field[Any]):
    """The texts of one of our files; loads as key → text."""

    def __init__(self, book: str) -> None:
        super().__init__()
        self.book = book

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, Text]:
        known = {key: text for key, text in keys() if _may_be_replaced(key)}
        found = {}
        for place, table in _texts(value, ()):
            key = ".".join((self.book, *place))
            if key not in known:
                raise _unknown(place, key, known)
            found[key] = _text(place, table, key, known[key])
        return found


class PhrasesSchema(FileSchema):
    """The operator's file of phrases."""

    frame = PhrasesField("frame")
    replies = PhrasesField("replies")


def _may_be_replaced(key: str) -> bool:
    book, _, name = key.partition(".")
    if book == "frame":
        said = not key.startswith(_NOT_SAID) and not key.endswith(".requires")
        return said and key != SAFETY
    return book == "replies" and name.rpartition(".")[2] in _OF_A_REPLY


_Place = tuple[str, ...]


def _texts(table: Any, place: _Place) -> Iterator[tuple[_Place, Mapping[str, Any]]]:
    """Every table with zh or en, and its key path."""
    if not isinstance(table, dict) or not table:
        raise Mistake("phrase.no_text", *place)
    if set(table) & set(LANGUAGES):
        yield place, table
        return
    for name, value in table.items():
        yield from _texts(value, (*place, name))


def _unknown(place: _Place, key: str, known: Mapping[str, Text]) -> Mistake:
    if key == SAFETY:
        return Mistake("phrase.safety", *place)
    if near := get_close_matches(key, known, n=3, cutoff=0.5):
        return Mistake("phrase.unknown_near", *place, names=", ".join(near))
    return Mistake("phrase.unknown", *place)


def _text(place: _Place, value: Mapping[str, Any], key: str, ours: Text) -> Text:
    """The operator's text, if it can replace ours."""
    if set(value) != set(LANGUAGES) or not all(isinstance(t, str) for t in value.values()):
        raise Mistake("phrase.languages", *place)
    text = Text(zh=value["zh"].strip(), en=value["en"].strip())
    if not (text.zh and text.en) and not (text == Text("", "") and _may_be_empty(key)):
        raise Mistake("phrase.empty", *place)
    for lang in LANGUAGES:
        _validate((*place, lang), getattr(text, lang), lang, key, ours)
    return text


def _may_be_empty(key: str) -> bool:
    return key not in _NEVER_EMPTY and (key.startswith(_MAY_BE_EMPTY) or key.endswith(".aside"))


def _validate(place: _Place, words: str, lang: str, key: str, ours: Text) -> None:
    """Validate one language of a text: one line, not too long, with the same blanks as ours."""
    most = MAX_LENGTH.get(key) or MAX_LENGTH[key.partition(".")[0]]
    limit = most[LANGUAGES.index(lang)]
    length = len(words) if lang == "zh" else len(words.split())
    if "\n" in words or length > limit:
        counted = "characters" if lang == "zh" else "words"
        raise Mistake(f"phrase.{counted}", *place, most=limit)
    wanted = blanks(getattr(ours, lang)) if words else frozenset()
    try:
        given = blanks(words)
    except ValueError:
        given = None
    if given is None or given | LEFT_OUT != wanted | LEFT_OUT:
        names = Text.listing(sorted(wanted)) if wanted else Text("无", "none")
        raise Mistake("phrase.blanks", *place, names=names)
