"""Finds the cases about a range of withdrawals: one asset, one gateway, from one operation to
another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, case, cast, func, select

from diag.cases.record import ACTIVE
from diag.cases.tables import cases

_OPERATION = re.compile(r"1\.11\.([0-9]{1,15})\Z")
"""The id of an operation; on the chain its number rises."""


@dataclass(frozen=True, slots=True)
class Span:
    """A range of withdrawals; first and last: the numbers of its outer operations."""

    gateway: str
    asset: str
    first: int
    last: int

    @classmethod
    def between(cls, gateway: str, asset: str, first: str, last: str) -> Span | None:
        """The span between two operation ids; None if one of them is not valid."""
        found = [_OPERATION.match(one) for one in (first, last)]
        numbers = [int(one[1]) for one in found if one]
        return cls(gateway, asset, *numbers) if len(numbers) == 2 else None

    def condition(self) -> ColumnElement[bool]:
        """The SQL condition for cases whose verdict is about one of these withdrawals."""
        operation = cases.c.verdict["operation"].as_string()
        number = cast(func.substr(operation, len("1.11.") + 1), BigInteger)
        return and_(
            cases.c.gateway == self.gateway,
            cases.c.asset == self.asset,
            operation.like("1.11.%"),
            number.between(self.first, self.last),
        )


def count(connection: Connection, span: Span) -> tuple[int, int]:
    """The number of cases about these withdrawals, and how many of those are still active."""
    active = func.sum(case((cases.c.state.in_(ACTIVE), 1), else_=0))
    query = select(func.count(), active).select_from(cases).where(span.condition())
    found, open_ = connection.execute(query).one()
    return int(found), int(open_ or 0)
