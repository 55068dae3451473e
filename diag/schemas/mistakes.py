"""What is wrong with a value, in both languages, and the key path at which it stands."""

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
    """A value that cannot be used; says why, and the remedy.

    at: the keys and indexes from the table that is validated to the value; the table itself
    without.
    """

    def __init__(self, zh: str, en: str, *at: str | int) -> None:
        messages: Any = [message(zh, en)]
        for part in reversed(at):
            messages = {part: messages}
        super().__init__(messages)
        self.text = Text.literal(zh, en)


def message(zh: str, en: str) -> Any:
    """An error message in the form that schemas and fields take."""
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
    """Such as `gateways[3].coins[0].minimum`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).removeprefix(".")


def unreadable() -> Mistake:
    """For what is no time."""
    return Mistake(
        f"时间格式应为 RFC 3339，例如 {EXAMPLE}。",
        f"Write the time as RFC 3339, such as {EXAMPLE}.",
    )


def impossible() -> Mistake:
    """For a date or time that no calendar or clock has."""
    return Mistake("没有这样的日期或时刻，请核对。", "There is no such date or time; check it.")
