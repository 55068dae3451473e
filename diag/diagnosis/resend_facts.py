"""Facts about sending again, as far as the evidence proves them. Pure.

Each function tests one condition; `resend_proof` lists the conditions with their words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from diag.domain.asset import Amount, Asset
from diag.domain.changed_keys import changed_keys, recent_changes
from diag.domain.evidence import Evidence
from diag.domain.finding import Finding
from diag.domain.history import Gap
from diag.domain.operations import (
    Created,
    ProposalCreated,
    TimeLock,
    TimeLockRefunded,
    Transfer,
)
from diag.domain.outflows import gained, outflows, taken
from diag.domain.withdrawal import Withdrawal
from diag.matching.claims import differing_claims

PAID_SHARE = Decimal("0.9")
"""From this share of the amount on, what left since counts as a payment made in another way."""
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


def no_other_candidate(q: Question) -> bool:
    if q.withdrawal is not None:
        evidence = q.evidence
        return not differing_claims(evidence.case, q.withdrawal, in_parts=evidence.in_parts)
    return not (q.evidence.withdrawals or q.evidence.outside or _proposed_for_another(q))


def _proposed_for_another(q: Question) -> bool:
    """Return True if the account proposed in the window to send about as much from another account."""
    account, asset = q.evidence.history.account, q.asset
    if account is None or asset is None:
        return False
    least = 0 if q.base_units is None else q.base_units * PAID_SHARE
    return any(
        account.id not in (o.sender, o.recipient) and o.amount.base_units >= least
        for made in q.evidence.window
        if isinstance(made, ProposalCreated) and made.proposer == account.id
        for o in made.inner
        if isinstance(o, Transfer) and o.amount.asset_id == asset.id
    )


def single_reading(q: Question) -> bool:
    return not OTHER_READINGS & set(q.finding.basis)


def not_paid_since(q: Question) -> bool:
    left = sum((amount.value for amount in _left_since(q)), Decimal(0))
    return (q.value is None and left == 0) or (
        q.value is not None and left < q.value * PAID_SHARE
    )


def _left_since(q: Question) -> Iterator[Amount]:
    """Yield what left the account in the asset, and what was sent of the same coin of other
    gateways.
    """
    own = q.withdrawal.id if q.withdrawal else None
    for asset in _same_coin(q):
        for out in outflows(q.evidence, asset.id, q.start):
            sent = isinstance(out.operation, Transfer | TimeLock)
            if out.operation.id != own and (sent or asset == q.asset):
                yield Amount(out.base_units, asset)


def _same_coin(q: Question) -> list[Asset]:
    """Return the asset in question, and the assets of the same coin that the account sent."""
    if q.asset is None:
        return []
    sent = (
        q.evidence.history.amount(o.amount).asset
        for o in q.evidence.history.log.operations
        if isinstance(o, Transfer | TimeLock)
    )
    every = {asset.id: asset for asset in (q.asset, *sent)}
    return [asset for asset in every.values() if _coin(asset) == _coin(q.asset)]


def _coin(asset: Asset) -> str:
    """Return the coin behind a gateway's asset: BTC for GATEWAY.BTC."""
    return asset.symbol.rpartition(".")[2]


def nothing_underway(q: Question) -> bool:
    """Return True if no open proposal or pending transaction would take about as much of the asset.

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
        for o in live.inner
    )
    least = Decimal(1) if q.base_units is None else q.base_units * PAID_SHARE
    amounts = [taken(o, account.id, asset.id) for o in (*proposed, *history.pending)]
    return all(units is not None and units < least for units in amounts)


def own_keys(q: Question) -> bool:
    if q.withdrawal is not None:
        return changed_keys(q.evidence, q.withdrawal) is None
    return not recent_changes(q.evidence, q.evidence.case.start, q.evidence.case.end)


def covered(q: Question) -> bool:
    """Return True if the account's balance at that time covers the amount.

    That balance is the present one, corrected by what moved since.
    """
    if q.withdrawal is not None and q.returned:
        return True  # it is in the history that it came back; `not_paid_since` checks the rest
    balances, asset, account = q.evidence.history.balances, q.asset, q.evidence.history.account
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
