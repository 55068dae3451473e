"""Reads a configuration file field by field; errors name the position and the remedy."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from diag.config.toml_lines import KeyPath, toml_lines
from diag.errors import BadSetting
from diag.i18n import Text

Choice = TypeVar("Choice", bound=StrEnum)

_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_SHOWN = 40  # characters of a wrong value to quote
_NO_BRACES = str.maketrans("{}", "()")  # a message is a template: see Text.say


@dataclass(frozen=True, slots=True)
class Grammar:
    """The form of a word, and a description of it in both languages."""

    pattern: re.Pattern[str]
    zh: str
    en: str


class Document:
    """A configuration file, and the lines of its fields."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.toml = ""  # its text, once it is known to be valid TOML
        self.tolerant = name.endswith(".json")

    @cached_property
    def lines(self) -> Mapping[KeyPath, int]:
        """The line of each key path; empty for JSON."""
        return toml_lines(self.toml) if self.toml else {}

    def line(self, place: KeyPath) -> int | None:
        """The line of a field, or of the nearest table around it; None if unknown."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place)

    def wrong(self, place: KeyPath, zh: str, en: str, line: int | None = None) -> BadSetting:
        """Make the error to raise, with file, line, field, mistake and remedy."""
        line = line or self.line(place)
        field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
        zh_place = f"{self.name}" + (f" 第 {line} 行" if line else "")
        en_place = f"{self.name}" + (f", line {line}" if line else "")
        shown = f" {field.lstrip('.')}" if field else ""
        return BadSetting(
            Text(
                zh=f"{zh_place}{shown}：{zh}".translate(_NO_BRACES),
                en=f"{en_place}{shown}: {en}".translate(_NO_BRACES),
            )
        )


def open_table(path: Path) -> Table:
    """Open the top-level table of a .toml or .json file; raises BadSetting."""
    document = Document(path.name)
    if path.suffix not in (".toml", ".json"):
        raise document.wrong(
            (),
            "不认识的文件类型；请使用 .toml 或 .json。",
            "unknown file type; use .toml or .json.",
        )
    try:
        text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise document.wrong(
            (),
            f"无法读取文件（{error.strerror}）；请检查路径和权限。",
            f"cannot be read ({error.strerror}); check the path and the permissions.",
        ) from error
    except UnicodeDecodeError as error:
        raise document.wrong(
            (), "不是 UTF-8 文本；请另存为 UTF-8。", "is not UTF-8 text; save it as UTF-8."
        ) from error
    values = _toml(document, text) if path.suffix == ".toml" else _json(document, text)
    if not isinstance(values, dict):
        raise document.wrong((), "顶层应为一个对象。", "the top level must be an object.")
    return Table(document, (), values)


def _toml(document: Document, text: str) -> Any:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = re.search(r"line (\d+)", str(error))
        line = int(told[1]) if told else text.count("\n") + 1
        raise _syntax(document, "TOML", str(error).partition(" (at")[0], line) from error
    document.toml = text
    return values


def _json(document: Document, text: str) -> Any:
    def refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in pairs:
            if key in values:
                raise document.wrong(
                    (),
                    f"字段 {key} 重复；请只保留一个。",
                    f'field "{key}" is given twice; keep one.',
                )
            values[key] = value
        return values

    try:
        return json.loads(text, object_pairs_hook=refuse_duplicates)
    except json.JSONDecodeError as error:
        raise _syntax(document, "JSON", error.msg, error.lineno) from error


def _syntax(document: Document, language: str, message: str, line: int) -> BadSetting:
    return document.wrong(
        (),
        f"{language} 语法错误（{message}）；请修正该处。",
        f"{language} syntax: {message}; correct it there.",
        line,
    )


class Table:
    """One table of a file. Each method reads a field and raises BadSetting if it is not valid."""

    def __init__(self, document: Document, place: KeyPath, values: Mapping[str, Any]) -> None:
        self.document = document
        self.location = place
        self.values = {key: value for key, value in values.items() if value is not None}
        self.fields = tuple(values)

    def wrong(self, field: str | None, zh: str, en: str) -> BadSetting:
        place = self.location if field is None else (*self.location, field)
        return self.document.wrong(place, zh, en)

    def only(self, known: str) -> None:
        """Refuse unknown fields.

        JSON files may come from other programs and hold more fields, so in JSON only a field whose
        name resembles a known one is refused.

        known: the names of the known fields, separated by spaces.
        """
        for field in self.fields:
            if field not in known.split():
                close = get_close_matches(field, known.split(), n=1, cutoff=0.8)
                if self.document.tolerant and not close:
                    continue
                near = ", ".join(close or known.split())
                raise self.wrong(
                    field,
                    f"未知字段；请改为 {near} 或删除。",
                    f"unknown field; remove it, or use {near}.",
                )

    def require(self, *fields: str) -> None:
        for field in fields:
            if field not in self.values:
                raise self.wrong(
                    None, f"缺少字段 {field}；请补上。", f'missing field "{field}"; add it.'
                )

    def text(self, field: str) -> str | None:
        value = self.values.get(field)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        raise self.wrong(
            field, "应为非空文本（加引号）。", "must be a text in quotes, not empty."
        )

    def word(self, field: str, grammar: Grammar) -> str | None:
        value = self.text(field)
        if value is None or grammar.pattern.fullmatch(value):
            return value
        raise self._no_match(field, value, grammar)

    def words(self, field: str, grammar: Grammar | None = None) -> tuple[str, ...]:
        value = self.values.get(field, [])
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise self.wrong(
                field, "应为文本列表。", 'must be a list of texts, such as ["a", "b"].'
            )
        for word in value:
            if grammar and not grammar.pattern.fullmatch(word):
                raise self._no_match(field, word, grammar)
        return tuple(value)

    def note(self, field: str) -> Text | None:
        """A text for people: one string for both languages, or a table with zh and en."""
        value = self.values.get(field)
        if isinstance(value, dict):
            table = Table(self.document, (*self.location, field), value)
            table.only("zh en")
            table.require("zh", "en")
            note = Text(zh=table.text("zh") or "", en=table.text("en") or "")
        else:
            plain = self.text(field)
            if plain is None:
                return None
            note = Text(zh=plain, en=plain)
        if {"{", "}"} & set(note.zh + note.en):
            raise self.wrong(
                field, "不能含花括号；请改写。", "must not hold braces; reword it."
            )
        return note

    def flag(self, field: str, *, default: bool) -> bool:
        value = self.values.get(field, default)
        if isinstance(value, bool):
            return value
        raise self.wrong(field, "应为 true 或 false。", "must be true or false.")

    def choice(self, field: str, choices: type[Choice]) -> Choice | None:
        value = self.text(field)
        if value is None:
            return None
        if value in list(choices):
            return choices(value)
        known = ", ".join(choices)
        raise self.wrong(
            field,
            f"{_show(value)} 不在可选值中；请用其一：{known}。",
            f"{_show(value)} is not a choice; use one of {known}.",
        )

    def moment(self, field: str) -> datetime | None:
        """An aware time; a date means its midnight in UTC."""
        value = self.values.get(field)
        if isinstance(value, str):
            try:
                value = (
                    datetime.fromisoformat(value) if ":" in value else date.fromisoformat(value)
                )
            except ValueError:
                raise self._no_moment(field, value) from None
        if value is None or (isinstance(value, datetime) and value.tzinfo is not None):
            return value.astimezone(UTC) if value else None
        if isinstance(value, date) and not isinstance(value, datetime):
            return datetime.combine(value, time(), UTC)
        raise self._no_moment(field, value)

    def day(self, field: str) -> date | None:
        moment = self.moment(field)
        return moment.date() if moment else None

    def seconds(self, field: str) -> timedelta | None:
        value = self.values.get(field)
        if value is None:
            return None
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not 0 <= value <= 10**9:
            raise self.wrong(
                field,
                f"{_show(value)} 不是可用的时长；请填非负的秒数，如 1800。",
                f"{_show(value)} is not a usable time; give seconds from 0 up, such as 1800.",
            )
        return timedelta(seconds=value)

    def decimal(self, field: str) -> Decimal | None:
        """An exact number: digits in quotes or an integer, not negative."""
        value = self.values.get(field)
        if value is None:
            return None
        if isinstance(value, float):
            raise self.wrong(
                field,
                f'浮点数不精确；请给数字加引号："{value}"。',
                f'a float is not exact; put the digits in quotes: "{value}".',
            )
        whole = isinstance(value, int) and not isinstance(value, bool)
        if (whole or isinstance(value, str)) and _DECIMAL.fullmatch(str(value)):
            return Decimal(value)
        raise self.wrong(
            field,
            f'{_show(value)} 不是十进制数；请写成 "0.001" 这样的非负数。',
            f'{_show(value)} is not a decimal number; write it like "0.001", not negative.',
        )

    def tables(self, field: str) -> Iterator[Table]:
        value = self.values.get(field, [])
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise self.wrong(field, "应为表的列表。", "must be a list of tables.")
        for index, row in enumerate(value):
            yield Table(self.document, (*self.location, field, index), row)

    def _no_match(self, field: str, value: str, grammar: Grammar) -> BadSetting:
        return self.wrong(
            field, f"{_show(value)} 不是{grammar.zh}。", f"{_show(value)} is not {grammar.en}."
        )

    def _no_moment(self, field: str, value: object) -> BadSetting:
        return self.wrong(
            field,
            f"{_show(value)} 不是带时区的时间；请写成 2024-05-01 或 2024-05-01T00:00:00Z。",
            f"{_show(value)} is not a time with an offset; "
            "write 2024-05-01 or 2024-05-01T00:00:00Z.",
        )


def _show(value: object) -> str:
    return f'"{str(value)[:_SHOWN]}"'
