"""What a caller gives, before anything else looks at it: fields without those that hold a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from diag.redaction import redact

_NAME = re.compile(r"[a-z_]{1,32}\Z")
UNNAMED = "…"
"""Stands for a field whose name is not one of ours, or is a secret itself."""


@dataclass(frozen=True, slots=True, order=True)
class Exposure:
    """A secret that was cut out: in which field it stood, and its kind. Never what it was."""

    field: str
    kind: str


@dataclass(frozen=True, slots=True)
class Given:
    """The fields in which nothing secret stood, and what stood in the others."""

    fields: dict[str, Any]
    exposed: tuple[Exposure, ...] = ()


def search(fields: Mapping[str, Any]) -> Given:
    """Names and values, however deep, are searched; a field that holds a secret is left out."""
    kept: dict[str, Any] = {}
    exposed: set[Exposure] = set()
    for name, value in fields.items():
        kinds = exposures("\n".join(_strings({name: value})))
        if kinds:
            exposed |= {Exposure(_shown(name), kind) for kind in kinds}
        else:
            kept[name] = value
    return Given(kept, tuple(sorted(exposed)))


def exposures(text: str) -> tuple[str, ...]:
    """The kinds of secrets in a text."""
    return redact(text).kinds


def _strings(value: object) -> Iterator[str]:
    """Every string in a value of JSON, names included, in the order in which they stand."""
    left = [value]
    while left:
        match left.pop():
            case str() as text:
                yield text
            case Mapping() as object_:
                left += reversed([part for pair in object_.items() for part in pair])
            case list() as parts:
                left += reversed(parts)


def _shown(name: object) -> str:
    known = isinstance(name, str) and _NAME.match(name) and not exposures(name)
    return str(name) if known else UNNAMED
