"""How a gateway treats everybody's withdrawals of one asset. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from diag.domain.asset import Asset
from diag.domain.gateway import Deposits, Gateway, Settlement, Terms
from diag.domain.operations import Burn, Issue, Operation, Transfer
from diag.domain.withdrawal import (
    ENOUGH_SETTLED,
    ESCALATE,
    LEAST_PATIENCE,
    OVERDUE,
    USUAL,
    AnswerKind,
    GatewayStatistics,
    Patience,
)
from diag.matching.settlements import Match, match


@dataclass(frozen=True, slots=True)
class Traffic:
    """Everybody's withdrawals of one asset at one gateway, matched with their answers."""

    gateway: Gateway
    sent: tuple[Transfer, ...]
    match: Match
    settled: tuple[tuple[datetime, datetime], ...]
    """When each that a burn settled was sent and burnt, in the order in which they were sent."""
    waiting: tuple[datetime, ...]
    """When each that nothing has answered was sent."""

    @classmethod
    def of(cls, gateway: Gateway, sent: tuple[Transfer, ...], match: Match) -> Traffic:
        """The same with what became of each."""
        settled, waiting = [], []
        for move in sent:
            answers = match.answers[move.id]
            burn = next((a.operation for a in answers if a.kind is not AnswerKind.RETURN), None)
            if burn is not None:
                settled.append((move.at, burn.at))
            elif not answers:
                waiting.append(move.at)
        return cls(gateway, sent, match, tuple(sorted(settled)), tuple(waiting))

    def since(self, start: datetime) -> Traffic:
        """Only what was sent from a moment on."""
        sent = tuple(move for move in self.sent if move.at >= start)
        return Traffic.of(self.gateway, sent, self.match)


_TRAFFIC = (Transfer, Issue, Burn)


def traffic(
    gateway: Gateway,
    wallets: frozenset[str],
    own: frozenset[str],
    operations: Iterable[Operation],
    asset: Asset,
    terms: Terms | None,
) -> Traffic:
    """What was sent to the wallets and what answered it; an operation may be given more than once.

    wallets and own are account ids: those that take withdrawals, and all of the gateway's.
    """
    here = {
        o.location.number: o
        for o in operations
        if isinstance(o, _TRAFFIC) and o.amount.asset.id == asset.id
    }.values()
    moved = [o for o in here if isinstance(o, Transfer)]
    sent = tuple(o for o in moved if o.recipient in wallets and o.sender not in own)
    backs: list[Transfer | Issue] = [
        o for o in moved if o.sender in own and o.recipient not in own
    ]
    backs += [o for o in here if isinstance(o, Issue) and o.recipient not in own]
    fee = terms.fee if terms and terms.fee else Decimal(0)
    matched = match(
        sent,
        [o for o in here if isinstance(o, Burn) and o.payer in own],
        backs,
        fee_units=asset.base_units(fee) or 0,
        partial_returns=_credits_by_issue(gateway),
    )
    return Traffic.of(gateway, sent, matched)


def _credits_by_issue(gateway: Gateway) -> bool:
    """True if a transfer from the gateway's wallet is not how it credits deposits."""
    if gateway.deposits is not None:
        return gateway.deposits is Deposits.ISSUE
    return gateway.settlement in (Settlement.BURN_EACH, Settlement.BURN_BATCH)


def gateway_statistics(
    found: Traffic, after: datetime, now: datetime
) -> tuple[GatewayStatistics, Patience]:
    """How the withdrawals fared, and how long this gateway may therefore take.

    after is when the withdrawal in question was sent: settlements of later ones are counted.
    """
    times = sorted(burnt - sent for sent, burnt in found.settled)
    allowed = patience(found.gateway, times)
    return (
        GatewayStatistics(
            settled=len(times),
            returned=len(found.sent) - len(found.settled) - len(found.waiting),
            usual=percentile(times, 50),
            slow=percentile(times, 95),
            last_settlement=max((burnt for _, burnt in found.settled), default=None),
            waiting=len(found.waiting),
            overdue=sum(now - sent > allowed.overdue for sent in found.waiting),
            oldest_waiting=min(found.waiting, default=None),
            served_later=sum(sent > after for sent, _ in found.settled),
        ),
        allowed,
    )


def percentile(ordered: Sequence[timedelta], percent: int) -> timedelta | None:
    """The nearest-rank percentile of ordered times."""
    if not ordered:
        return None
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def patience(gateway: Gateway, times: Sequence[timedelta]) -> Patience:
    """Observed times if there are enough, else the register's, else the defaults."""
    escalate = gateway.escalate or ESCALATE
    slow = percentile(times, 95)
    if slow is not None and len(times) >= ENOUGH_SETTLED:
        return Patience(slow, max(2 * slow, LEAST_PATIENCE), escalate, "observed")
    if gateway.usual:
        overdue = gateway.overdue or max(OVERDUE, 2 * gateway.usual)
        return Patience(gateway.usual, overdue, escalate, "register")
    return Patience(USUAL, gateway.overdue or OVERDUE, escalate, "default")
