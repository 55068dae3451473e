"""The id of something on the chain, and the case that it opens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from diag.domain.case import Case

AROUND = timedelta(hours=12)
"""How much of the history on both sides of an operation belongs to its case."""


class IdentifierKind(StrEnum):
    """What an id is of; the field of a case that holds it."""

    OPERATION = "operation"
    TRANSACTION = "transaction"


@dataclass(frozen=True, slots=True)
class Identifier:
    """The id of an operation (1.11.x) or of a transaction (40 hex digits)."""

    kind: IdentifierKind
    value: str


@dataclass(frozen=True, slots=True)
class Located:
    """Whose account an id belongs to, and the time of what it names (aware UTC)."""

    identifier: Identifier
    account: str
    """Name, or id (1.2.x) where the name could not be read."""
    time: datetime

    def case(self, now: datetime, zone: str | None = None) -> Case:
        """The case of what the id names, in a window that does not go beyond now."""
        at = min(self.time, now)
        case = Case(self.account, at - AROUND, min(at + AROUND, now), zone=zone)
        if self.identifier.kind is IdentifierKind.OPERATION:
            return replace(case, operation=self.identifier.value)
        return replace(case, transaction=self.identifier.value)
