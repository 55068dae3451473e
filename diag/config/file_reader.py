"""Loads a configuration file with a schema; an error names file, line, key path and remedy."""

from __future__ import annotations

import json
import re
import tomllib
from bisect import bisect_left
from collections.abc import Callable
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError

from diag.config.fields import JsonObject
from diag.errors import BadSetting
from diag.i18n import Text
from diag.schemas.mistakes import KeyPath, key_path, mistakes
from diag.words import problem

_CLOSERS = ("", "]", "]]", "]}]", "]}]}]")
"""Closing brackets for arrays and inline tables that may be open before a line of a TOML document."""


def read_file(path: Path, schema: Schema) -> Any:
    """Load a .toml or .json file with a schema; raises BadSetting.

    The error describes the first mistake, and states how many others there are.
    """
    parsers: dict[str, Callable[[str, str], Any]] = {".toml": _toml, ".json": _json}
    if path.suffix not in parsers:
        raise _error(path.name, problem("file.type"))
    text = _text(path)
    values = parsers[path.suffix](path.name, text)
    try:
        return schema.load(values)
    except ValidationError as error:
        toml = text if path.suffix == ".toml" else None
        raise _first_of(path.name, error, toml) from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise _error(path.name, problem("file.unreadable", why=error.strerror)) from error
    except UnicodeDecodeError as error:
        raise _error(path.name, problem("file.not_utf8")) from error


def _toml(name: str, text: str) -> Any:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = re.search(r"line (\d+)", str(error))
        line = int(told[1]) if told else text.count("\n") + 1
        raise _syntax(name, "TOML", str(error).partition(" (at")[0], line) from error


def _json(name: str, text: str) -> Any:
    """JSON objects as `JsonObject`, without the fields that are null."""

    def unique(pairs: list[tuple[str, Any]]) -> JsonObject:
        values = JsonObject()
        for key, value in pairs:
            if key in values:
                raise _error(name, problem("file.repeated", name=key))
            values[key] = value
        return JsonObject({k: v for k, v in values.items() if v is not None})

    try:
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise _syntax(name, "JSON", error.msg, error.lineno) from error


def _syntax(name: str, language: str, why: str, line: int) -> BadSetting:
    return _error(name, problem("file.syntax", language=language, why=why), line)


def _error(name: str, text: Text, line: int | None = None, place: KeyPath = ()) -> BadSetting:
    return BadSetting.of(
        "file.at",
        name=name,
        line=problem("file.line", line=line) if line else "",
        place=f" {key_path(place)}" if place else "",
        text=text,
    )


def _first_of(name: str, error: ValidationError, toml: str | None) -> BadSetting:
    found = [
        (line_of(toml, place) if toml is not None else None, place, text)
        for place, text in mistakes(error)
    ]
    line, place, text = min(found, key=lambda one: one[0] or 0)
    if others := len(found) - 1:
        more = "file.and_others" if others > 1 else "file.and_another"
        text = problem(more, text=text, count=others)
    return _error(name, text, line, place)


def line_of(text: str, place: KeyPath) -> int:
    """The line of a valid TOML document on which a key path begins.

    This is the first line up to which the document contains the path. If the path is missing, its
    longest existing part counts.
    """
    lines = text.splitlines(keepends=True)
    whole = tomllib.loads(text)
    while not _holds(whole, place):
        place = place[:-1]
    if not place:
        return 1

    def known(count: int) -> bool:
        """Whether the lines up to this one, and the rest of a value begun there, contain the path."""
        prefixes = (_parse(lines[:end]) for end in range(count, len(lines) + 1))
        return _holds(next(values for values in prefixes if values is not None), place)

    return bisect_left(range(1, len(lines) + 1), True, key=known) + 1


def _parse(lines: list[str]) -> Any:
    """The first lines of a document; None if they end within a value."""
    for closer in _CLOSERS:
        try:
            return tomllib.loads("".join(lines) + closer)
        except tomllib.TOMLDecodeError:
            continue
    return None


def _holds(values: Any, place: KeyPath) -> bool:
    for part in place:
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True
