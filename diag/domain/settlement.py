"""How a gateway settles withdrawals on BitShares, as far as the chain can show it.

A new way of settling is one member of Settlement: the facts about it are all that matching, checks
and faces ask for. What the gateway is seen to do goes before them (`diag.matching`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from diag.i18n import Text

SEEN_TO_SETTLE = 3
"""So many settled withdrawals show how a gateway settles where the register does not say."""


@dataclass(frozen=True, slots=True)
class SettlementStyle:
    """What is known of a way of settling.

    leaves_trace: whether a settled withdrawal can be told from a waiting one; None where that is
    not known until one is seen to be settled. issues_deposits: whether deposits are credited by
    issue, where the register does not say, so that a transfer from the gateway is a return.
    passing_on_settles: whether coins passed on to the gateway's next account are settled by that.
    title: what people are told.
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
        """True if the chain shows who was served; settled is how many were seen to be, waiting how
        many were not.

        Where it is not known how a gateway settles, a burn or two of the right amount may be chance.
        """
        known = self.style.leaves_trace
        seen = settled > 0 and (settled >= waiting or settled >= SEEN_TO_SETTLE)
        return seen if known is None else known
