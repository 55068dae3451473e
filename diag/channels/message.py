"""The message that a channel sends, the error if it cannot, and the interface of channels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

_NUMBER = re.compile(r"#?([1-9][0-9]{0,17})\Z")
MARKER_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send.

    id: the same for every attempt; payload: the document of the event (see docs/follow-up.md);
    repeated: whether it may have been sent before.
    """

    id: str
    payload: Mapping[str, Any]
    repeated: bool = False

    @property
    def marker(self) -> str:
        """The last line of a note, by which the note can be found again."""
        return marker_of(self.id)

    @property
    def case(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.payload["case"]
        return found

    def ticket(self) -> int:
        """The number of the conversation or ticket that the case's reference names; raises Failed."""
        found = _NUMBER.match(str(self.case.get("reference") or ""))
        if not found:
            raise Failed("the reference of the case is not the number of a ticket", final=True)
        return int(found[1])


def marker_of(message_id: str) -> str:
    return f"diag-{message_id[:MARKER_DIGITS]}"


MARKER = re.compile(rf"\bdiag-[0-9a-f]{{{MARKER_DIGITS}}}\b")


class Failed(Exception):
    """A message could not be sent.

    reason: short, without secrets and personal data; final: whether another attempt is useless; wait:
    seconds that the receiver asked to wait.
    """

    def __init__(self, reason: str, *, final: bool = False, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.final, self.wait = reason, final, wait


class Channel(Protocol):
    """A destination of the operator."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def address(self) -> str:
        """The address of the destination without secrets, for display."""

    def send(self, message: Outgoing) -> None:
        """Sends a message, unless it finds it sent already; raises Failed."""

    def probe(self) -> None:
        """Checks that the destination is reachable and accepts the secret, without sending a message;
        raises Failed.
        """
