"""The marshmallow fields and schemas that configuration files are made of."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load, validates_schema

from diag.domain.period import Period
from diag.i18n import Text
from diag.schemas.mistakes import Mistake, message
from diag.words import problem

_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_SHOWN = 40
"""Characters of a wrong value that are quoted."""
MESSAGES: dict[str, Any] = {
    "required": message("setting.missing"),
    "null": message("setting.null"),
    "invalid": message("setting.list"),
    "type": message("setting.table"),
}
"""The texts for marshmallow's own error messages."""


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a word, and its description."""

    pattern: re.Pattern[str]
    text: Text


NAME = Form(re.compile(r"[a-z0-9][a-z0-9._-]{0,62}"), problem("form.name"))
ASSET = Form(
    re.compile(r"(?=.{3,16}\Z)(?=[^.]*\.?[^.]*\Z)[A-Z][A-Z0-9.]*[A-Z0-9]"),
    problem("form.asset"),
)

CHAIN_ID = Form(re.compile(r"[0-9a-f]{64}"), problem("form.chain_id"))


def quote(value: object) -> str:
    """A wrong value, shortened for error messages."""
    return f'"{str(value)[:_SHOWN]}"'


class TextField(fields.Field[str]):
    """A non-empty text, of a given form if there is one."""

    default_error_messages = MESSAGES

    def __init__(self, form: Form | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.form = form

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise Mistake("setting.text")
        if self.form and not self.form.pattern.fullmatch(value):
            raise Mistake("setting.form", value=quote(value), form=self.form.text)
        return value


class ListField(fields.List[Any]):
    """A list of texts or tables, loaded as a tuple; empty by default."""

    default_error_messages = MESSAGES

    def __init__(self, inner: Any, **options: Any) -> None:
        if not options.get("required"):
            options["load_default"] = ()
        super().__init__(inner, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> Any:
        return tuple(super()._deserialize(value, attr, data, **options))


class ChoiceField(fields.Field[StrEnum]):
    """A member of an enumeration."""

    default_error_messages = MESSAGES

    def __init__(self, choices: type[StrEnum], **options: Any) -> None:
        super().__init__(**options)
        self.choices = choices

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> StrEnum:
        if isinstance(value, str) and value in list(self.choices):
            return self.choices(value)
        known = ", ".join(self.choices)
        raise Mistake("setting.choice", value=quote(value), names=known)


class FlagField(fields.Field[bool]):
    """True or false."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise Mistake("setting.true_or_false")
        return value


class MomentField(fields.Field[datetime]):
    """An aware time, in UTC; a date means its midnight in UTC."""

    default_error_messages = MESSAGES

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        found = _read_iso(value) if isinstance(value, str) else value
        if isinstance(found, datetime):
            if found.tzinfo is not None:
                return found.astimezone(UTC)
        elif isinstance(found, date):
            return datetime.combine(found, time(), UTC)
        raise Mistake("setting.time", value=quote(value))


def _read_iso(text: str) -> datetime | date | None:
    try:
        return datetime.fromisoformat(text) if ":" in text else date.fromisoformat(text)
    except ValueError:
        return None


class DurationField(fields.Field[timedelta]):
    """A length of time, given in seconds."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> timedelta:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not 0 <= value <= 10**9:
            raise Mistake("setting.seconds", value=quote(value))
        return timedelta(seconds=value)


class AmountField(fields.Field[Decimal]):
    """An exact non-negative number: digits in quotes, or an integer."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Decimal:
        if isinstance(value, float):
            raise Mistake("setting.float", value=value)
        whole = isinstance(value, int) and not isinstance(value, bool)
        if (whole or isinstance(value, str)) and _DECIMAL.fullmatch(str(value)):
            return Decimal(value)
        raise Mistake("setting.decimal", value=quote(value))


class JsonObject(dict[str, Any]):
    """An object of a JSON file, which another program may have written with fields of its own."""


class FileSchema(Schema):
    """A table of a configuration file.

    Unknown fields are refused; in JSON they are ignored, unless the name resembles a known one.
    """

    class Meta:
        unknown = RAISE

    error_messages = MESSAGES

    @pre_load
    def _known_fields(self, values: Any, **_: Any) -> Any:
        if not isinstance(values, Mapping):
            return values  # refused by its type
        names = [field.data_key or name for name, field in self.fields.items()]
        unknown = {}
        for name in values.keys() - set(names):
            near = get_close_matches(name, names, n=1, cutoff=0.8)
            if near or not isinstance(values, JsonObject):
                use = ", ".join(near or names)
                unknown[name] = message("setting.unknown_field", names=use)
        if unknown:
            raise ValidationError(unknown)
        return {name: value for name, value in values.items() if name in names}


class DatedSchema(FileSchema):
    """A table that is valid from one time until another; both are optional."""

    start = MomentField(data_key="from")
    end = MomentField(data_key="until")

    @validates_schema
    def _ends_after_it_begins(self, data: dict[str, Any], **_: Any) -> None:
        start, end = data.get("start"), data.get("end")
        if start and end and end <= start:
            raise Mistake("setting.ends_early", "until")


def take_period(data: dict[str, Any]) -> Period:
    """Move the period of a `DatedSchema` out of its fields."""
    return Period(data.pop("start", None), data.pop("end", None))


class TableField(fields.Nested):
    """A table of a schema."""

    default_error_messages = MESSAGES


def rows(schema: type[FileSchema], **options: Any) -> ListField:
    """A list of tables."""
    return ListField(TableField(schema), **options)


def refuse_duplicates(rows: Sequence[object], table: str, field: str) -> None:
    """Raise Mistake if two rows of a table have the same value in a field."""
    values = [getattr(row, field) for row in rows]
    for index, value in enumerate(values):
        if value in values[:index]:
            named = Text.literal(f"{value}", f"{field} {value}")
            raise Mistake("setting.duplicate", table, index, field, value=named)


class NoteSchema(FileSchema):
    """A text in both languages."""

    zh = TextField(required=True)
    en = TextField(required=True)


class NoteField(TableField):
    """A text for people: a table with zh and en, or one string for both languages.

    both: whether both languages are required.
    """

    def __init__(self, *, both: bool = False, **options: Any) -> None:
        super().__init__(NoteSchema, **options)
        self.both = both

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Text:
        if isinstance(value, str) and not self.both:
            value = {"zh": value, "en": value}
        elif not isinstance(value, dict):
            raise Mistake("setting.both_languages")
        note = Text(**self._load(value))
        if {"{", "}"} & set(note.zh + note.en):
            raise Mistake("setting.braces")
        return note
