"""Reads and writes times and JSON as nodes do."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw

from diag.domain.object_ids import checked
from diag.json_limits import within_limits
from diag.printable import printable

LONGEST_WORDS = 1000
Decode = Callable[[bytes | Raw], Any]
"""Makes a value from JSON; raises ValueError if it is not of its type."""
NodeTime = Annotated[datetime, Meta(tz=False)]
"""A time as nodes write it: UTC without a zone. `chain_time` makes it aware."""
FIRST_TIME = datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)
LAST_TIME = datetime(2106, 2, 7, 6, 28, 15, tzinfo=UTC)
"""The first and last time that the chain can write: 32 bits of seconds, the last of which some
nodes write as -1.
"""


@lru_cache(maxsize=1 << 12)  # many rows have the same few times
def chain_time(written: datetime) -> datetime:
    """Return the aware time; raises ValueError if the chain cannot write it."""
    at = written.replace(tzinfo=UTC)
    if not FIRST_TIME <= at <= LAST_TIME:
        raise ValueError("not a time of the chain")
    return at


def node_time(at: datetime) -> str:
    """Format a time as nodes expect it: UTC, whole seconds, no zone."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def time_of(written: str) -> datetime:
    """Return the time that `node_time` wrote."""
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


def decoder(kind: Any) -> Decode:
    """Return a function that decodes JSON as a type; raises ValueError for anything else."""
    return msgspec.json.Decoder(kind, strict=False, dec_hook=checked).decode


def as_kind(raw: Any, kind: Any) -> Any:
    """Convert decoded JSON to a type; raises ValueError if it does not fit."""
    return msgspec.convert(raw, kind, strict=False, dec_hook=checked)  # type: ignore[arg-type]


def decoded(body: bytes, *, json_in_strings: bool = False) -> Any:
    """Parse JSON; None if the text is not JSON, or holds more than `within_limits` allows."""
    if not within_limits(body, json_in_strings=json_in_strings):
        return None
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None


def words(text: object) -> str:
    """Return a node's words on one line: at most 1000 characters, all of them visible."""
    return printable(" ".join(str(text)[:LONGEST_WORDS].split()))


def encoded(value: object) -> str:
    """Write a value as JSON; equal values give equal texts."""
    try:
        return msgspec.json.encode(value, enc_hook=_plain).decode()
    except OverflowError:  # an integer of more than 64 bits in a node's reply
        return json.dumps(value)


def _plain(value: object) -> str:
    """Convert a `Checked` string to a plain one; raises TypeError for what JSON does not know."""
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"not JSON: {type(value).__name__}")
