"""Validation errors in both languages, with the key path of the wrong value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marshmallow import ValidationError
from marshmallow.exceptions import SCHEMA

from diag.i18n import LANGUAGES, Text

EXAMPLE = "2026-11-22T20:00:00+08:00"
KeyPath = tuple[str | int, ...]
"""Such as ("gateways", 3, "coins", 0, "minimum")."""


class Mistake(ValidationError):
    """An invalid value, with the reason and the remedy.

    at: keys and indexes from the validated table to the value; empty for the table itself.
    """

    def __init__(self, zh: str, en: str, *at: str | int) -> None:
        messages: Any = [message(zh, en)]
        for part in reversed(at):
            messages = {part: messages}
        super().__init__(messages)
        self.text = Text.literal(zh, en)


def message(zh: str, en: str) -> Any:
    """An error message in the form that marshmallow expects."""
    return {"zh": zh, "en": en}


def mistakes(error: ValidationError) -> Iterator[tuple[KeyPath, Text]]:
    """The key path and the text of each mistake in the messages of a schema."""
    return _walk(error.messages, ())


def _walk(messages: Any, place: KeyPath) -> Iterator[tuple[KeyPath, Text]]:
    if not isinstance(messages, dict):
        for each in messages:
            yield from _walk(each, place)
    elif set(messages) == set(LANGUAGES) and isinstance(messages["zh"], str):
        yield place, Text.literal(**messages)
    else:
        for part, inside in messages.items():
            yield from _walk(inside, place if part == SCHEMA else (*place, part))


def key_path(place: KeyPath) -> str:
    """A path as text, such as `gateways[3].coins[0].minimum`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).removeprefix(".")


def unreadable() -> Mistake:
    """The mistake for a text that is not a time."""
    return Mistake(
        f"时间格式应为 RFC 3339，例如 {EXAMPLE}。",
        f"Write the time as RFC 3339, such as {EXAMPLE}.",
    )


def impossible() -> Mistake:
    """The mistake for a date or time that does not exist."""
    return Mistake("没有这样的日期或时刻，请核对。", "There is no such date or time; check it.")
