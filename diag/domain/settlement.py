"""How a gateway settles withdrawals on BitShares, as far as the chain can show it.

A new way of settling is one member of Settlement; its style holds all facts that matching,
checks and output use. What a gateway is observed to do takes precedence (`diag.matching`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from diag.i18n import Text

SEEN_TO_SETTLE = 3
"""How many settled withdrawals show how a gateway settles, if the register does not say."""


@dataclass(frozen=True, slots=True)
class SettlementStyle:
    """The facts about a way of settling.

    title: its name for people.
    leaves_trace: the chain shows which withdrawals were settled; None if that is not known
    until one is observed.
    issues_deposits: deposits are credited by issue, unless the register says otherwise, so that
    a transfer from the gateway is a return.
    passing_on_settles: passing coins on to the gateway's next account settles a withdrawal.
    """

    title: Text
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

    BURN_EACH = (
        "burn_each",
        SettlementStyle(
            title=Text(zh="逐笔销毁", en="burns each withdrawal"),
            leaves_trace=True,
            issues_deposits=True,
        ),
    )
    BURN_BATCH = (
        "burn_batch",
        SettlementStyle(
            title=Text(zh="多笔合并销毁", en="burns withdrawals in batches"),
            leaves_trace=True,
            issues_deposits=True,
        ),
    )
    NONE = (
        "none",
        SettlementStyle(
            title=Text(
                zh="留存代币，链上没有处理记录", en="keeps the coins and leaves no trace"
            ),
            leaves_trace=False,
            issues_deposits=False,
            passing_on_settles=False,
        ),
    )
    UNKNOWN = (
        "unknown",
        SettlementStyle(
            title=Text(zh="处理方式未知", en="it is not known how"),
            leaves_trace=None,
            issues_deposits=False,
        ),
    )

    def traceable(self, settled: int, waiting: int = 0) -> bool:
        """Return True if the chain shows which withdrawals were served.

        settled: how many were observed to be settled. waiting: how many were not.

        If the way of settling is unknown, a burn or two of the right amount may be chance.
        """
        known = self.style.leaves_trace
        seen = settled > 0 and (settled >= waiting or settled >= SEEN_TO_SETTLE)
        return seen if known is None else known
