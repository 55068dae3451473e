"""Which stretches of an account's history are proven, and where an operation stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from diag.chain.rpc.values import when
from diag.domain.operations import instance

CLOSELY = timedelta(minutes=20)


PAGE = 100  # what an unconfigured node gives at most
ROOM = 1.5
"""How many more operations than expected the pages of a stretch have room for."""
SECOND = timedelta(seconds=1)

Raw = dict[str, Any]
Key = tuple[datetime, int]
"""Where an operation stands: block time, then the instance of its id. Both only ever grow."""
BEGINNING: Key = (datetime.min.replace(tzinfo=UTC), -1)
LAST_INSTANCE = 2**63


def key(row: Mapping[str, Any]) -> Key:
    """The position of a raw operation."""
    return when(row["block_time"]), instance(str(row["id"]))


def until(moment: datetime) -> Key:
    """The end of a moment: after every operation of that second."""
    return moment, LAST_INSTANCE


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one position to another, both included."""

    first: Key
    last: Key

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The seconds it covers, wholly or in part, first and last included."""
        whole = self.first[1] > LAST_INSTANCE
        return self.first[0] + (SECOND if whole else timedelta()), self.last[0]

    def touches(self, later: Stretch) -> bool:
        return later.first <= (self.last[0], self.last[1] + 1)
