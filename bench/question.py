"""What is asked of the made chain: a withdrawal of a trading account, in a window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bench.made_chain import ASSET, SIZES, amount_of, window
from diag.domain.case import Case


@dataclass(frozen=True, slots=True)
class Question:
    """A trader, and a window of `count` operations, the newest of them `back` operations ago."""

    account: str
    back: int
    count: int

    @property
    def key(self) -> str:
        """Short, for tables and JSON."""
        return f"{self.size:,} ops, {self.count} in the window, {self.back:,} back"

    @property
    def size(self) -> int:
        """The operations of the account."""
        return SIZES[self.account]

    def case(self, now: datetime) -> Case:
        """As somebody would ask it: account, window, asset, amount."""
        start, end = window(now, self.back, self.count)
        amount = Decimal(amount_of(self.account, self.back)).scaleb(-8)
        return Case(self.account, start, end, asset=ASSET, amount=amount)
