"""What the methods of a ledger share: their register, checked arguments, ways to refuse.

Arguments come from strangers; whatever they are, the outcome is a value or a NodeError.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from diag.errors import NodeError
from diag.ledger.recording import Json, seconds_of, type_of
from diag.ledger.view import SeenRecording

METHOD_NOT_FOUND = -32601
ASSERTION = 10
BAD_CAST = 7
STANDARD_EXCEPTION = 13

OBJECT_ID = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,15})", re.ASCII)
_DIGITS = re.compile(r"\d{1,20}", re.ASCII)


def refuse(text: str) -> NoReturn:
    """The node's answer to an argument it does not accept."""
    raise NodeError(ASSERTION, "assert_exception", f"Execution error: Assert Exception: {text}")


def miscast() -> NoReturn:
    """The node's answer to an argument of the wrong kind."""
    raise NodeError(
        BAD_CAST, "bad_cast_exception", "Execution error: Bad Cast: Invalid cast of an argument"
    )


def as_text(value: Json) -> str:
    """A string."""
    return value if isinstance(value, str) else miscast()


def as_list(value: Json) -> list[Json]:
    """An array."""
    return list(value) if isinstance(value, list | tuple) else miscast()


def as_number(value: Json, bits: int = 32) -> int:
    """An unsigned integer of so many bits; the node takes digits in a string too."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        miscast()
    if not 0 <= value < 1 << bits:
        refuse("is within range: number out of range")
    return int(value)


def as_seconds(value: Json) -> int:
    """A time as the chain writes it, in seconds since 1970."""
    try:
        return seconds_of(as_text(value))
    except ValueError:
        raise NodeError(
            STANDARD_EXCEPTION,
            "bad_lexical_cast",
            "Execution error: bad lexical cast: not the form of a time",
        ) from None


def as_identifier(value: Json, kind: str | None = None) -> str:
    """An object id in its plain form, of one type if `kind` names it."""
    match = OBJECT_ID.fullmatch(as_text(value))
    if match is None:
        refuse("is_valid_object_id: not an object id")
    identifier = ".".join(str(int(part)) for part in match.groups())
    if kind is not None and type_of(identifier) != kind:
        refuse("id.space() == SpaceID && id.type() == TypeID: not an object id of this type")
    return identifier


def bounded(ledger: SeenRecording, value: Json, option: str, default: int = 100) -> int:
    """How many rows are asked for, within what the node allows."""
    limit, most = as_number(value), ledger.limit(option, default)
    if limit > most:
        refuse(f"limit <= configured_limit: limit can not be greater than {most}")
    return limit


def find_account(ledger: SeenRecording, name_or_id: Json) -> str | None:
    """The id behind a name or an id, or None."""
    wanted = as_text(name_or_id)
    if not wanted[:1].isdigit():
        return ledger.recording.accounts.get(wanted)
    if not OBJECT_ID.fullmatch(wanted) or type_of(wanted) != "1.2":
        return None
    return wanted if wanted in ledger.recording.live else None


def known_account(ledger: SeenRecording, name_or_id: Json) -> str:
    """The id behind a name or an id that must exist."""
    found = find_account(ledger, name_or_id)
    if found is None:
        word = "account" if ledger.view.legacy else "account_ptr"
        refuse(f"{word}: no such account")
    return found


@dataclass(frozen=True, slots=True)
class Method:
    """A function and how many arguments it takes; `modern` ones arrived with 6.1."""

    function: Callable[..., Json]
    mandatory: int
    most: int
    modern: bool


class MethodTable(dict[str, Method]):
    """Which function answers "api.method"."""

    def method(
        self, name: str, mandatory: int, modern: bool = False
    ) -> Callable[[Callable[..., Json]], Callable[..., Json]]:
        """Enter a function; its first argument is the ledger."""

        def register(function: Callable[..., Json]) -> Callable[..., Json]:
            most = function.__code__.co_argcount - 1
            self[name] = Method(function, mandatory, most, modern)
            return function

        return register
