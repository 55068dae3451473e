"""The interface of a source of chain data: a wave of calls in, a list of replies out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from diag.errors import ChainError, Malformed


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a node's JSON-RPC interface: `call(api, method, args)`."""

    api: str
    method: str
    args: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class RawCall(Call):
    """A call whose reply stays the JSON of its result, as `bytes`."""


CONNECTION_LOST = "connection broken off"
TOO_MANY_CALLS = "too many calls in flight"
"""Reasons of an Unreachable; the second is a limit of this service, not a fault of the node."""

Reply = Any | ChainError
"""The answer, of the type that `diag.chain.rpc.methods` declares, or the error in its place."""


class Deadline:
    """The time at which waiting must end."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Return the remaining seconds, never negative."""
        return max(0.0, self._end - self._clock())


class Source(Protocol):
    """A node, a recorded chain, or a wrapper around either."""

    @property
    def name(self) -> str:
        """The name shown in evidence: the host of a node or the name of a ledger; no credentials."""
        ...

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """Answer one wave: all calls in parallel, one reply for each, in order.

        A failed call does not raise; its reply is a NodeError or an Unreachable. Returns no later
        than shortly after the deadline.
        """
        ...


class SourceWrapper:
    """The base class of sources that wrap another one and take over its name and order."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def name(self) -> str:
        """The name of the wrapped source."""
        return self._source.name

    @property
    def in_order(self) -> bool:
        """True if the source executes the calls of a wave in the order in which they are sent.

        Replies to calls sent after the head are then at least as new as the head. A source
        states this by an attribute of the same name; without it, the order is not known.
        """
        return bool(getattr(self._source, "in_order", False))


UNREADABLE = (KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError)
"""The errors raised when a value does not have the expected shape."""
Parsed = TypeVar("Parsed")


def parse_reply(reply: Reply, parse: Callable[[Any], Parsed]) -> Parsed | ChainError:
    """Apply `parse` to a reply; errors pass through, an unexpected shape becomes an Unreachable."""
    if isinstance(reply, ChainError):
        return reply
    try:
        return parse(reply)
    except UNREADABLE:
        return Malformed()
