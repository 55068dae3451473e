"""The words for how a value was read that was not given in its canonical form."""

from __future__ import annotations

from diag.domain.case import Reading
from diag.i18n import Text
from diag.render.html_labels import FIELDS


def reading(found: Reading, lang: str) -> str:
    """A field, what was given, and what it was read as."""
    facts = {"given": found.given, "read_as": found.read_as}
    return _READING.say(lang, {"field": field_label(found.field, lang), **facts})


def field_label(name: str, lang: str) -> str:
    """The label of a field of a question; any other name stands for itself."""
    label = FIELDS.get(name)
    return label.say(lang) if label else name


READINGS = Text(zh="输入的读法", en="How the input was read")
_READING = Text(zh="{field}“{given}”读作 {read_as}", en="{field} “{given}” as {read_as}")
