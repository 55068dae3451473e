"""Describes how a value in a non-canonical form was read."""

from __future__ import annotations

from diag.domain.case import Reading
from diag.words import text, texts


def reading(found: Reading, lang: str) -> str:
    """A text with a field, the given value, and the value that was read."""
    facts = {"given": found.given, "read_as": found.read_as}
    return _READING.say(lang, {"field": field_label(found.field, lang), **facts})


def field_label(name: str, lang: str) -> str:
    """The label of a field of a question; any other name is returned unchanged."""
    label = _FIELDS.get(name)
    return label.say(lang) if label else name


_READING = text("labels.note.reading")
_FIELDS = texts("labels.fields")
