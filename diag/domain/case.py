"""A case: what the user says and asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Reading:
    """How a field was read whose value was not in its canonical form.

    given: the value as given, shortened, with invisible characters escaped. read_as: what it
    means.
    """

    field: str
    given: str
    read_as: str


@dataclass(frozen=True, slots=True)
class Case:
    """A question: an account, a window [start, end] (aware UTC), and what the user claims."""

    account: str
    start: datetime
    end: datetime
    asset: str | None = None
    amount: Decimal | None = None
    received: Decimal | None = None
    destination: str | None = None
    operation: str | None = None
    transaction: str | None = None
    memo: str | None = None
    external_transaction: str | None = None
    zone: str | None = None
    """The user's time zone (IANA name), in which the reply states times."""
    exposed: tuple[str, ...] = ()
    """Kinds of secrets in the question; the secrets themselves were removed and are not stored."""
    exposed_in: tuple[str, ...] = ()
    """The fields that contained the secrets; each counts as not given."""
    read_as: tuple[Reading, ...] = field(default=(), compare=False)
    """How fields were read that were given in another form. Not part of the question: the same
    question in two spellings is one case, and has one diagnosis id.
    """

    @property
    def identified(self) -> bool:
        """True if the user gave the id of an operation or a transaction."""
        return self.operation is not None or self.transaction is not None

    @property
    def claims(self) -> bool:
        """True if the user says that something particular was sent: an asset, an amount, a
        destination or an id.
        """
        return any(
            (self.asset, self.amount, self.destination, self.operation, self.transaction)
        )
