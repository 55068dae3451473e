"""What the service writes to its log: a line per event, as JSON or as text, without personal data.

A request's line names its route and never its address. Whatever goes wrong is written with its
traceback, in which the words that the request gave are covered.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

FORMS = ("json", "text")
LEVELS = ("debug", "info", "warning", "error")
COVERED = "[…]"
_FIELD = re.compile(r"[a-z_]{1,32}\Z")
_PARTS = re.compile(r"[\w.@+-]{4,}"), re.compile(r"[^\W_]{4,}")
"""Shorter parts of a value stay: they tell nothing of anybody, and stand everywhere."""


@dataclass(slots=True)
class Request:
    """What the lines of one request have in common: its id; and what it gave, to be covered."""

    id: str | None = None
    given: list[Any] = field(default_factory=list)
    """Values of JSON as they came."""


_request: ContextVar[Request | None] = ContextVar("request", default=None)


def begin(request_id: str | None) -> None:
    """From here on the lines of this thread belong to this request."""
    _request.set(Request(request_id))


def redact_in_log(*values: Any) -> None:
    """What the caller wrote, so that no line repeats it."""
    request = _request.get()
    if request is not None:
        request.given += values


@contextmanager
def covering(*values: Any) -> Iterator[None]:
    """Lines written inside repeat nothing of these values."""
    before = _request.get()
    kept = _request.set(Request(before.id if before else None, list(values)))
    try:
        yield
    finally:
        _request.reset(kept)


def install(form: str, level: str) -> None:
    """Everything that is logged in this process goes to stderr, in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == "json" else Plain())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("diag").setLevel(level.upper())


class Json(logging.Formatter):
    """One JSON object per line: time, level, logger, message, and what else is known."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(_line(record), ensure_ascii=False, separators=(",", ":"))


class Plain(logging.Formatter):
    """The same for eyes: one line, after it the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = _line(record)
        trace = line.pop("trace", None)
        head = " ".join(str(line.pop(name)) for name in ("time", "level", "logger", "message"))
        rest = [f"{name}={json.dumps(value)}" for name, value in line.items()]
        return " ".join([head, *rest]) + (f"\n{trace}" if trace else "")


def _line(record: logging.LogRecord) -> dict[str, Any]:
    at = datetime.fromtimestamp(record.created, UTC)
    request = _request.get()
    fields: Mapping[str, Any] = getattr(record, "fields", {})
    line = {
        "time": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z",
        "level": record.levelname.lower(),
        "logger": record.name.removesuffix(".error"),
        "message": record.getMessage(),
        **({"request_id": request.id} if request and request.id else {}),
        **fields,
    }
    if record.exc_info and not record.exc_text:
        record.exc_text = logging.Formatter().formatException(record.exc_info)
    if record.exc_text:
        line["trace"] = record.exc_text
    if request and request.given and record.levelno >= logging.WARNING:
        covered = _words(request.given)
        for name in ("message", "trace"):
            if name in line:
                line[name] = _cover(line[name], covered)
    return line


def _cover(text: str, words: set[str]) -> str:
    """The text without these words, wherever they stand as words."""
    if not words:
        return text
    any_of = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.sub(rf"(?<![A-Za-z0-9])(?:{any_of})(?![A-Za-z0-9])", COVERED, text, flags=re.I)


def _words(values: list[Any]) -> set[str]:
    """Every value of JSON as it stands, and its longer parts; no names of fields."""
    whole: set[str] = set()
    left = list(values)
    while left:
        match left.pop():
            case dict() as table:
                left += [*(k for k in table if not _FIELD.match(str(k))), *table.values()]
            case list() | tuple() as row:
                left += row
            case bool() | None:
                pass
            case str() | int() | float() as value:
                whole.add(str(value).strip())
    parts = {part for text in whole for look in _PARTS for part in look.findall(text)}
    return {text for text in whole if len(text) > 1} | parts
