"""Removes request fields that contain a secret, before anything else reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from diag.redaction import redact

_NAME = re.compile(r"[a-z_]{1,32}\Z")
UNNAMED = "…"
"""The name that is reported for a field whose own name is not one of ours, or is a secret."""


@dataclass(frozen=True, slots=True, order=True)
class Exposure:
    """A secret that was removed: the name of its field and its kind, never the secret itself."""

    field: str
    kind: str


@dataclass(frozen=True, slots=True)
class RequestFields:
    """The fields of a request without secrets, and a record of the secrets in the other fields."""

    fields: dict[str, Any]
    exposed: tuple[Exposure, ...] = ()


def remove_secrets(fields: Mapping[str, Any]) -> RequestFields:
    """Searches names and values at any depth, and leaves out each field that contains a secret."""
    kept: dict[str, Any] = {}
    exposed: set[Exposure] = set()
    for name, value in fields.items():
        kinds = secret_kinds("\n".join(_texts({name: value})))
        if kinds:
            exposed |= {Exposure(_reportable(name), kind) for kind in kinds}
        else:
            kept[name] = value
    return RequestFields(kept, tuple(sorted(exposed)))


def secret_kinds(text: str) -> tuple[str, ...]:
    """The kinds of the secrets in a text; empty if there are none."""
    return redact(text).kinds


def _texts(value: object) -> Iterator[str]:
    """Every string and number in a JSON value, including names, in document order."""
    left = [value]
    while left:
        match left.pop():
            case str() as text:
                yield text
            case bool() | None:
                pass
            case int() | float() as number:
                yield str(number)
            case Mapping() as mapping:
                left += reversed([part for pair in mapping.items() for part in pair])
            case list() as parts:
                left += reversed(parts)


def _reportable(name: object) -> str:
    known = isinstance(name, str) and _NAME.match(name) and not secret_kinds(name)
    return str(name) if known else UNNAMED
