"""The evidence of a case, which is all that a check may look at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from diag.domain.case import Case
from diag.domain.comparable import Comparison, Respect, compare
from diag.domain.gateway_register import Register
from diag.domain.history import AsOf, Gap, History
from diag.domain.operations import AuthorityUpdate, Operation, Other, Transfer
from diag.domain.withdrawal import Withdrawal

NEWER = "operation_"
"""Prefix of the names of operations that are newer than the known protocol."""
UNFOLLOWED = frozenset(
    {
        "asset_fund_fee_pool",
        "samet_fund_create",
        "samet_fund_update",
        "samet_fund_repay",
        "credit_offer_update",
    }
)
"""Kinds of operations that may take coins from an account, but whose amounts are not read."""


def known(kind: str) -> bool:
    """Return True if it is known how much operations of a kind take from an account."""
    return not kind.startswith(NEWER) and kind not in UNFOLLOWED


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one case; checks read nothing else."""

    case: Case
    history: History
    register: Register
    """The known gateways, as dated facts."""
    withdrawals: tuple[Withdrawal, ...] = ()
    """The withdrawals that the case means."""
    candidates: tuple[Withdrawal, ...] = ()
    """Other outgoing movements of the window."""
    outside: tuple[Withdrawal, ...] = ()
    """Movements near the window, but not in it, that fit the claim."""
    later: tuple[Withdrawal, ...] = ()
    """All movements of the first hours after the window, whatever the claim."""
    in_parts: bool = False
    """True if the withdrawals together make the claimed amount: one withdrawal, sent in parts."""
    complete: bool = True
    """True if the history of the window itself is proven complete."""
    authority_changes: tuple[AuthorityUpdate, ...] = ()
    """The updates that changed the account's owner or active authority, oldest first."""

    @property
    def as_of(self) -> AsOf:
        return self.history.as_of

    @property
    def now(self) -> datetime:
        return self.history.as_of.time

    @property
    def window(self) -> tuple[Operation, ...]:
        """The account's own operations inside the window."""
        return self.operations(self.case.start, self.case.end)

    def operations(self, start: datetime, end: datetime) -> tuple[Operation, ...]:
        """The account's own operations in [start, end], in chain order."""
        every = self.history.log.operations
        first = bisect_left(every, start, key=attrgetter("at"))
        return every[first : bisect_right(every, end, key=attrgetter("at"))]

    def unreadable(self, start: datetime, end: datetime) -> tuple[Operation, ...]:
        """Return the account's operations that are unreadable or of an unknown kind, and may
        have moved coins.
        """
        return tuple(
            o
            for o in self.operations(start, end)
            if isinstance(o, Other) and not (o.readable and known(o.kind))
        )

    def final(self, operations: Iterable[Operation]) -> bool:
        """Return True if every operation is in an irreversible block."""
        return all(o.location.block <= self.as_of.irreversible_block for o in operations)

    def name(self, account_id: str) -> str:
        """Return an account's name, or its id if the name is unknown."""
        found = self.history.accounts.get(account_id)
        return found.name if found else account_id

    def memo_text(self, withdrawal: Withdrawal) -> str | None:
        """Return the text of a transfer's memo, if it is public or could be decrypted."""
        sent = withdrawal.sent
        if not isinstance(sent, Transfer) or sent.memo is None:
            return None
        return self.history.memo_texts.get(sent.id) or sent.memo.text

    def compare(
        self, withdrawal: Withdrawal, respect: Respect, since: datetime | None = None
    ) -> Comparison:
        """Count what the gateway did with everybody's withdrawals to the same account that are
        like this one.

        since: count only peers answered, or sent without an answer, from this time on.
        """
        found, patience = withdrawal.statistics, withdrawal.patience
        if found is None or patience is None or not isinstance(withdrawal.sent, Transfer):
            return Comparison()
        return compare(
            withdrawal.sent,
            found.peers(respect.every_asset),
            respect,
            overdue_before=self.now - patience.overdue,
            since=since,
        )

    def gap(self, *codes: str) -> Gap | None:
        return next((gap for gap in self.history.gaps if gap.code in codes), None)
