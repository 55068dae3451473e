"""The id of an operation or a transaction, and the case that it leads to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from diag.domain.case import Case

AROUND = timedelta(hours=12)
"""How far the window of the case extends before and after the operation."""


class IdentifierKind(StrEnum):
    """What an id identifies; the value is the field of a case that holds it."""

    OPERATION = "operation"
    TRANSACTION = "transaction"


@dataclass(frozen=True, slots=True)
class Identifier:
    """The id of an operation (1.11.x) or of a transaction (40 hex digits)."""

    kind: IdentifierKind
    value: str


@dataclass(frozen=True, slots=True)
class Located:
    """The account that an id belongs to, and the time of its operation (aware UTC)."""

    identifier: Identifier
    account: str
    """Its name, or its id (1.2.x) if the name could not be read."""
    time: datetime

    def case(self, now: datetime, zone: str | None = None) -> Case:
        """Return the case for the id, with a window that does not go beyond now."""
        at = min(self.time, now)
        case = Case(self.account, at - AROUND, min(at + AROUND, now), zone=zone)
        if self.identifier.kind is IdentifierKind.OPERATION:
            return replace(case, operation=self.identifier.value)
        return replace(case, transaction=self.identifier.value)
