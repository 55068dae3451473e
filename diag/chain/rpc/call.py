"""What a source of chain data is: calls in, replies out, in the same order."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from diag.chain.rpc.values import UNREADABLE
from diag.errors import ChainError, OutOfTime, Unreachable


@dataclass(frozen=True, slots=True)
class Call:
    """One question to a node: `call(api, method, args)` of the JSON-RPC interface."""

    api: str
    method: str
    args: tuple[Any, ...] = ()


def awaits_inclusion(call: Call) -> bool:
    """True if it asks for what one node holds and no block does: objects 2.7.x."""
    ids = call.args[0] if call.method == "get_objects" else ()
    return any(str(found).startswith("2.7.") for found in ids)


BROKEN_OFF = "connection broken off"
CROWDED = "too many calls in flight"
"""Why there is no answer: the latter is our own doing, and no fault of the node."""

Reply = Any | ChainError  # the decoded JSON result, or the error that came instead


class Deadline:
    """The moment after which nobody may wait any longer."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Seconds that remain, never negative."""
        return max(0.0, self._end - self._clock())


class Source(Protocol):
    """A node, or a recorded chain behind the same interface."""

    @property
    def name(self) -> str:
        """What to call it in evidence: the host of a node, or the ledger's name. Never a credential."""
        ...

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """One wave: all calls at once, a reply for each, in order.

        Never raises for a failed call: the reply is then a NodeError or an Unreachable.
        Returns before the deadline has passed by more than a moment.
        """
        ...


def wait_for_reply(pending: Future[Reply], deadline: Deadline) -> Reply:
    """What comes of a call that may be somebody else's: nobody waits past the own deadline."""
    try:
        return pending.result(timeout=deadline.left())
    except TimeoutError:
        return OutOfTime()


def in_order(source: Source) -> bool:
    """True if a source says that it answers the calls of a wave one after the other, as asked:
    what follows the head in a wave is then at least as new as that. Attribute `in_order`.
    """
    return bool(getattr(source, "in_order", False))


class SourceWrapper:
    """What stands before a source, and is called and orders its answers as that does."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def name(self) -> str:
        """What to call it: as the source behind it."""
        return self._source.name

    @property
    def in_order(self) -> bool:
        """As the source behind it."""
        return in_order(self._source)


Read = TypeVar("Read")


def understood(reply: Reply, read: Callable[[Any], Read]) -> Read | ChainError:
    """What `read` makes of a reply; an answer of an unexpected shape is no usable answer."""
    if isinstance(reply, ChainError):
        return reply
    try:
        return read(reply)
    except UNREADABLE:
        return Unreachable("an answer of unexpected shape")
