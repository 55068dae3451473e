"""Facts about sending again, as far as the evidence proves them. Pure.

Each function tests one condition; `resend_proof` lists the conditions with their words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from diag.domain.asset import Amount, Asset, alike
from diag.domain.changed_keys import changed_keys, recent_changes
from diag.domain.evidence import Evidence
from diag.domain.finding import Finding
from diag.domain.gateway import Status
from diag.domain.history import Gap
from diag.domain.operations import (
    Created,
    Operation,
    TimeLock,
    TimeLockRefunded,
    Transfer,
    unfolded,
)
from diag.domain.outflows import gained, outflows, taken
from diag.domain.withdrawal import Withdrawal

PAID_SHARE = Decimal("0.9")
"""From this share of the amount on, what left since counts as a payment made in another way."""
PAID_THERE = Decimal("0.5")
"""The same share of what went to the same recipient or gateway."""
JUST_BEFORE = timedelta(minutes=15)
"""A payment made this shortly before the window, or before the attempt, may be the one meant."""
OTHER_READINGS = frozenset(
    (
        "ambiguous",
        "issue_or_deposit",
        "return_or_deposit",
        "unlike_fee",
        "settled_and_returned",
        "second_account",
        "fits_others_too",
        "incomplete",
        "recent",
    )
)
"""Reasons in the basis of a finding that leave open whether the coins came back, or the attempt
lapsed.
"""


@dataclass(frozen=True, slots=True)
class Question:
    """The question whether what a finding is about may be sent again."""

    evidence: Evidence
    finding: Finding
    withdrawal: Withdrawal | None
    final: bool
    """All decisive operations are irreversible."""

    @property
    def asset(self) -> Asset | None:
        if self.withdrawal is not None:
            return self.withdrawal.amount.asset
        return self.evidence.history.claimed_asset

    @property
    def base_units(self) -> int | None:
        """The base units that would be sent again; None if nobody said."""
        if self.withdrawal is not None:
            return self.returned or self.withdrawal.amount.base_units
        claimed, asset = self.evidence.case.amount, self.asset
        return None if claimed is None or asset is None else asset.base_units(claimed)

    @property
    def value(self) -> Decimal | None:
        """The amount that would be sent again, as a decimal number."""
        units, asset = self.base_units, self.asset
        return None if units is None or asset is None else Amount(units, asset).value

    @property
    def returned(self) -> int:
        """The base units that came back, from a gateway or out of a time-lock."""
        made = self.withdrawal
        if made is None:
            return 0
        if isinstance(made.sent, TimeLock) and made.sent.lock:
            log = self.evidence.history.log.operations
            ends = {o.lock for o in log if isinstance(o, TimeLockRefunded)}
            return made.amount.base_units if made.sent.lock in ends else 0
        return sum(a.part.base_units for a in made.returns)

    @property
    def start(self) -> datetime:
        """From when on a movement may be the payment itself, made another way."""
        first = self.evidence.case.start
        if self.withdrawal is not None:
            first = min(first, self.withdrawal.at)
        return first - JUST_BEFORE


def fresh(q: Question) -> bool:
    as_of = q.evidence.as_of
    return not q.evidence.gap(Gap.HEAD) and as_of.irreversible_block <= as_of.block


def final(q: Question) -> bool:
    return q.final


def agreed(q: Question) -> bool:
    history = q.evidence.history
    alone = history.known_nodes < 2
    return not history.disagreement and (alone or len(history.confirmed_by) > 1)


def whole(q: Question) -> bool:
    """Return True if the account's history is complete from before the first attempt until now."""
    return q.evidence.complete and q.evidence.history.log.complete(q.start, q.evidence.now)


def readable(q: Question) -> bool:
    return not q.evidence.unreadable(q.start, q.evidence.now)


def existed(q: Question) -> bool:
    account = q.evidence.history.account
    start = q.evidence.case.start
    created = account.created if account and not account.genesis else None
    born = [o.at for o in q.evidence.history.log.operations if isinstance(o, Created)]
    return all(at <= start for at in (*born, *([created] if created else [])))


def named(q: Question) -> bool:
    return q.asset is not None


def single_reading(q: Question) -> bool:
    return not OTHER_READINGS & set(q.finding.basis)


def nothing_arrived(q: Question) -> bool:
    """Return False if the user says that a payment arrived, other than what came back."""
    case = q.evidence.case
    came_back = q.value if q.returned else None
    return case.external_transaction is None and case.received in (None, 0, came_back)


def not_paid_since(q: Question) -> bool:
    return _far_less(q, list(_left_since(q)))


def _far_less(q: Question, moved: Sequence[tuple[Operation, Amount]]) -> bool:
    """True if these movements together are no payment of the amount made another way."""
    if q.value is None:
        return not moved
    there = sum((amount.value for o, amount in moved if _same_place(q, o)), Decimal(0))
    total = sum((amount.value for _, amount in moved), Decimal(0))
    return total < q.value * PAID_SHARE and there < q.value * PAID_THERE


def _same_place(q: Question, operation: Operation) -> bool:
    """True for what was sent where the withdrawal went, or would go: its recipient, or a gateway."""
    if not isinstance(operation, Transfer | TimeLock):
        return False
    name = q.evidence.name(operation.recipient)
    if q.withdrawal is not None and name == q.withdrawal.recipient:
        return True
    gateway = q.evidence.register.by_account(name)
    return gateway is not None and (
        q.withdrawal is None or q.withdrawal.gateway in (None, gateway)
    )


def _left_since(q: Question) -> Iterator[tuple[Operation, Amount]]:
    """Yield what left the account in the asset, and what was sent of the same coin of other
    gateways.
    """
    own = q.withdrawal.id if q.withdrawal else None
    for asset in _same_coin(q, q.evidence.history.log.operations):
        for out in outflows(q.evidence, asset.id, q.start):
            sent = isinstance(out.operation, Transfer | TimeLock)
            if out.operation.id != own and (sent or asset == q.asset):
                yield out.operation, Amount(out.base_units, asset)


def _same_coin(q: Question, operations: Iterable[Operation]) -> list[Asset]:
    """Return the asset in question, and the assets of the same coin that these operations send."""
    if q.asset is None:
        return []
    sent = (
        q.evidence.history.amount(o.amount).asset
        for o in operations
        if isinstance(o, Transfer | TimeLock)
    )
    every = {asset.id: asset for asset in (q.asset, *sent)}
    return [asset for asset in every.values() if alike(asset.symbol, q.asset.symbol)]


def nothing_underway(q: Question) -> bool:
    """Return True if no open proposal or pending transaction would take about as much of the asset,
    together with what left since.

    It may send, sell or lock it; an operation that cannot be read counts as one that would.
    """
    history, own = q.evidence.history, q.withdrawal.sent if q.withdrawal else None
    account, asset = history.account, q.asset
    if asset is None or account is None:
        return True
    proposed = (
        o
        for live in history.proposals.values()
        if live is not None and live.id != getattr(own, "proposal", None)
        for o in unfolded(live.inner)
    )
    coming = (*proposed, *history.pending)
    if any(taken(o, account.id, asset.id) is None for o in coming):
        return False
    underway = [
        (o, Amount(units, of))
        for of in _same_coin(q, coming)
        for o in coming
        if (of == asset or isinstance(o, Transfer | TimeLock))
        and (units := taken(o, account.id, of.id))
    ]
    return not underway or _far_less(q, [*underway, *_left_since(q)])


def own_keys(q: Question) -> bool:
    evidence, withdrawal = q.evidence, q.withdrawal
    if withdrawal is None:
        return not recent_changes(evidence, evidence.case.start, evidence.now)
    since = [
        o for o in recent_changes(evidence, withdrawal.at, evidence.now) if o.at > withdrawal.at
    ]
    return not since and changed_keys(evidence, withdrawal) is None


def gateway_open(q: Question) -> bool:
    """The gateway is not known to be closed or in maintenance, unless it was seen to serve since."""
    evidence, withdrawal, asset = q.evidence, q.withdrawal, q.asset
    gateway = withdrawal.gateway if withdrawal else None
    if withdrawal is None and asset is not None:
        gateway = evidence.register.by_asset(asset.symbol)
    stage = gateway.status_at(evidence.now) if gateway else None
    if stage is None or stage.status not in (Status.CLOSED, Status.MAINTENANCE):
        return True
    found = withdrawal.statistics if withdrawal else None
    return found is not None and found.served_later > 0


def covered(q: Question) -> bool:
    """Return True if the account's balance at that time covers the amount.

    That balance is the present one, corrected by what moved since. What came back has to be there
    still.
    """
    balances, asset, account = q.evidence.history.balances, q.asset, q.evidence.history.account
    if q.withdrawal is not None and q.returned:
        # the account's history shows it come back: it is enough that it is still there
        return balances is None or balances.get(q.withdrawal.amount.asset.id, 0) >= q.returned
    if balances is None or asset is None or account is None:
        return False
    held: int = balances.get(asset.id, 0)
    if q.base_units is None:
        return held > 0
    since = q.withdrawal.at if q.withdrawal else q.evidence.case.start
    own = q.withdrawal.id if q.withdrawal else None
    left = sum(
        taken(o, account.id, asset.id) or 0
        for o in q.evidence.operations(since, q.evidence.now)
        if o.id != own
    )
    after = q.evidence.case.end if q.withdrawal is None else q.evidence.now
    came = sum(
        gained(o, account.id, asset.id)
        for o in q.evidence.operations(since, q.evidence.now)
        if o.at > after
    )
    return held + left - came >= q.base_units
