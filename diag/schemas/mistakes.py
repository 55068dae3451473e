"""Validation errors in both languages, with the key path of the wrong value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marshmallow import ValidationError
from marshmallow.exceptions import SCHEMA

from diag.i18n import LANGUAGES, Text
from diag.words import problem

KeyPath = tuple[str | int, ...]
"""Such as ("gateways", 3, "coins", 0, "minimum")."""


class Mistake(ValidationError):
    """An invalid value, with the reason and the remedy in the words of `problems.toml`.

    at: keys and indexes from the validated table to the value; empty for the table itself.
    """

    def __init__(self, name: str, /, *at: str | int, **facts: object) -> None:
        self.text = problem(name, **facts)
        messages: Any = [self.text.as_dict()]
        for part in reversed(at):
            messages = {part: messages}
        super().__init__(messages)


def message(name: str, /, **facts: object) -> Any:
    """An error message in the form that marshmallow expects."""
    return problem(name, **facts).as_dict()


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
