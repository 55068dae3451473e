"""Numbers of cases and messages, and the delay of due checks, for monitoring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from diag.cases import outbox
from diag.cases.record import State
from diag.cases.tables import cases
from diag.cases.watchlist import due


@dataclass(frozen=True, slots=True)
class Figures:
    """The counters of the store at one time."""

    cases: Mapping[str, int]
    """State → number of cases."""
    due: int
    """Cases whose check is due."""
    oldest_due_seconds: float
    """How long the longest of them has waited; 0 if none has."""
    messages: Mapping[str, int]
    """State of the delivery → number of messages."""


def read(connection: Connection, now: datetime) -> Figures:
    rows = connection.execute(select(cases.c.state, func.count()).group_by(cases.c.state))
    states = {state: int(number) for state, number in rows}
    waiting = select(func.count(), func.min(cases.c.next_look)).where(due(now))
    number, oldest = connection.execute(waiting).one()
    late = (now - oldest).total_seconds() if oldest else 0.0
    return Figures(
        {str(state): states.get(str(state), 0) for state in State},
        int(number),
        max(0.0, late),
        outbox.counts(connection),
    )
