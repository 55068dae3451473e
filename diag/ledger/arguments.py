"""Argument checks, errors and the method table shared by the methods of a ledger.

Arguments may come from anybody: whatever they are, the result is a value or a NodeError.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from diag.errors import NodeError
from diag.ledger.recording import Json, seconds_of, type_of
from diag.ledger.view import VisibleRecording

METHOD_NOT_FOUND = -32601
ASSERTION = 10
BAD_CAST = 7
STANDARD_EXCEPTION = 13

OBJECT_ID = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,15})", re.ASCII)
_DIGITS = re.compile(r"\d{1,20}", re.ASCII)


def refuse(text: str) -> NoReturn:
    """Raise the error of a node for an argument that it does not accept."""
    raise NodeError(ASSERTION, "assert_exception", f"Execution error: Assert Exception: {text}")


def bad_cast() -> NoReturn:
    """Raise the error of a node for an argument of the wrong type."""
    raise NodeError(
        BAD_CAST, "bad_cast_exception", "Execution error: Bad Cast: Invalid cast of an argument"
    )


def as_text(value: Json) -> str:
    """Return the argument if it is a string; raises NodeError if not."""
    return value if isinstance(value, str) else bad_cast()


def as_list(value: Json) -> list[Json]:
    """Return the argument if it is an array; raises NodeError if not."""
    return list(value) if isinstance(value, list | tuple) else bad_cast()


def as_number(value: Json, bits: int = 32) -> int:
    """Return an unsigned integer of so many bits; digits in a string are accepted, as by nodes."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        bad_cast()
    if not 0 <= value < 1 << bits:
        refuse("is within range: number out of range")
    return int(value)


def as_seconds(value: Json) -> int:
    """Return a time as nodes write it in seconds since 1970."""
    try:
        return seconds_of(as_text(value))
    except ValueError:
        raise NodeError(
            STANDARD_EXCEPTION,
            "bad_lexical_cast",
            "Execution error: bad lexical cast: not the form of a time",
        ) from None


def as_identifier(value: Json, kind: str | None = None) -> str:
    """Return an object id in its canonical form; kind: the type that it must have, if given."""
    match = OBJECT_ID.fullmatch(as_text(value))
    if match is None:
        refuse("is_valid_object_id: not an object id")
    identifier = ".".join(str(int(part)) for part in match.groups())
    if kind is not None and type_of(identifier) != kind:
        refuse("id.space() == SpaceID && id.type() == TypeID: not an object id of this type")
    return identifier


def read_limit(ledger: VisibleRecording, value: Json, option: str, default: int = 100) -> int:
    """Return the requested number of rows, up to the node's limit for an `api_limit_…` option."""
    limit, most = as_number(value), ledger.limit(option, default)
    if limit > most:
        refuse(f"limit <= configured_limit: limit can not be greater than {most}")
    return limit


def find_account(ledger: VisibleRecording, name_or_id: Json) -> str | None:
    """Return the id of the account with a name or an id; None if there is none."""
    wanted = as_text(name_or_id)
    if not wanted[:1].isdigit():
        return ledger.recording.accounts.get(wanted)
    if not OBJECT_ID.fullmatch(wanted) or type_of(wanted) != "1.2":
        return None
    return wanted if wanted in ledger.recording.live else None


def known_account(ledger: VisibleRecording, name_or_id: Json) -> str:
    """Return the id of the account with a name or an id; raises NodeError if there is none."""
    found = find_account(ledger, name_or_id)
    if found is None:
        word = "account" if ledger.view.legacy else "account_ptr"
        refuse(f"{word}: no such account")
    return found


@dataclass(frozen=True, slots=True)
class Method:
    """A function and the number of its arguments; `modern` ones exist since version 6.1."""

    function: Callable[..., Json]
    required: int
    max_arguments: int
    modern: bool


class MethodTable(dict[str, Method]):
    """The methods of a ledger by "api.method"."""

    def method(
        self, name: str, required: int, modern: bool = False
    ) -> Callable[[Callable[..., Json]], Callable[..., Json]]:
        """Decorator: add a function, whose first argument is the ledger."""

        def register(function: Callable[..., Json]) -> Callable[..., Json]:
            most = function.__code__.co_argcount - 1
            self[name] = Method(function, required, most, modern)
            return function

        return register
