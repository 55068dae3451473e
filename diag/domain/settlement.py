"""How a gateway settles withdrawals on BitShares, as far as the chain can show it.

A new way of settling is one member of Settlement; its style holds all facts that matching
and checks use. What a gateway is observed to do takes precedence (`diag.matching`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

SEEN_TO_SETTLE = 3
"""How many settled withdrawals show how a gateway settles, if the register does not say."""


@dataclass(frozen=True, slots=True)
class SettlementStyle:
    """The facts about a way of settling.

    leaves_trace: the chain shows which withdrawals were settled; None if that is not known
    until one is observed.
    issues_deposits: deposits are credited by issue, unless the register says otherwise, so that
    a transfer from the gateway is a return.
    passing_on_settles: passing coins on to the gateway's next account settles a withdrawal.
    """

    leaves_trace: bool | None
    issues_deposits: bool
    passing_on_settles: bool = True


class Settlement(StrEnum):
    """A way of settling; the value is its name in the gateway register."""

    style: SettlementStyle

    def __new__(cls, value: str, style: SettlementStyle) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.style = style
        return member

    BURN_EACH = "burn_each", SettlementStyle(leaves_trace=True, issues_deposits=True)
    BURN_BATCH = "burn_batch", SettlementStyle(leaves_trace=True, issues_deposits=True)
    NONE = (
        "none",
        SettlementStyle(leaves_trace=False, issues_deposits=False, passing_on_settles=False),
    )
    UNKNOWN = "unknown", SettlementStyle(leaves_trace=None, issues_deposits=False)

    def traceable(self, settled: int, waiting: int = 0) -> bool:
        """Return True if the chain shows which withdrawals were served.

        settled: how many were observed to be settled. waiting: how many were not.

        If the way of settling is unknown, a burn or two of the right amount may be chance.
        """
        known = self.style.leaves_trace
        seen = settled > 0 and (settled >= waiting or settled >= SEEN_TO_SETTLE)
        return seen if known is None else known
