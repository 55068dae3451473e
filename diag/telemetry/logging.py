"""Logging: one line per event, as JSON or as text, without personal data.

The line of a request names its route and never its path or query. Warnings and errors include their
traceback, in which the values of the request are masked.
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

from diag.printable import printable, printable_lines

FORMATS = ("json", "text")
LEVELS = ("debug", "info", "warning", "error")
MASK = "[…]"
_FIELD = re.compile(r"[a-z_]{1,32}\Z")
_PART_PATTERNS = re.compile(r"[\w.@+-]{4,}"), re.compile(r"[^\W_]{4,}")
"""Matches parts of a value to mask. Shorter parts identify nobody and occur in many lines."""


@dataclass(slots=True)
class RequestContext:
    """The id of the current request, and the values in it that must not be logged."""

    id: str | None = None
    values: list[Any] = field(default_factory=list)
    """JSON values as received."""


_request: ContextVar[RequestContext | None] = ContextVar("request", default=None)


def set_request_id(request_id: str | None) -> None:
    """Log the following lines of this thread with a request id."""
    _request.set(RequestContext(request_id))


def redact_in_log(*values: Any) -> None:
    """Mask these values in the following lines of the current request."""
    request = _request.get()
    if request is not None:
        request.values += values


@contextmanager
def masking(*values: Any) -> Iterator[None]:
    """Context manager: mask these values in all lines logged inside."""
    before = _request.get()
    kept = _request.set(RequestContext(before.id if before else None, list(values)))
    try:
        yield
    finally:
        _request.reset(kept)


def configure_logging(format_name: str, level: str) -> None:
    """Log everything in this process to stderr; format_name is one of FORMATS."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if format_name == "json" else TextFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("diag").setLevel(level.upper())


class JsonFormatter(logging.Formatter):
    """One JSON object per line: time, level, logger, message and further fields."""

    def format(self, record: logging.LogRecord) -> str:
        line = json.dumps(_line(record), ensure_ascii=False, separators=(",", ":"))
        return printable(line)


class TextFormatter(logging.Formatter):
    """The same fields as text on one line, followed by the traceback, if any."""

    def format(self, record: logging.LogRecord) -> str:
        line = _line(record)
        trace = line.pop("trace", None)
        head = " ".join(str(line.pop(name)) for name in ("time", "level", "logger", "message"))
        head = printable(head)
        rest = [f"{name}={json.dumps(value)}" for name, value in line.items()]
        return " ".join([head, *rest]) + (f"\n{printable_lines(trace)}" if trace else "")


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
    if request and request.values and record.levelno >= logging.WARNING:
        words = _words(request.values)
        for name in ("message", "trace"):
            if name in line:
                line[name] = _mask(line[name], words)
    return line


def _mask(text: str, words: set[str]) -> str:
    """Replace these words in a text by MASK."""
    if not words:
        return text
    any_of = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.sub(rf"(?<![A-Za-z0-9])(?:{any_of})(?![A-Za-z0-9])", MASK, text, flags=re.I)


def _words(values: list[Any]) -> set[str]:
    """All scalar JSON values and their longer parts, without field names."""
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
    parts = {part for text in whole for look in _PART_PATTERNS for part in look.findall(text)}
    return {text for text in whole if len(text) > 1} | parts
