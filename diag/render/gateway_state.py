"""Works out the state of a gateway from the histories of its accounts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from diag.checks.gateway import ENOUGH_WAITING
from diag.domain.asset import Asset
from diag.domain.gateway import Gateway, Status
from diag.domain.withdrawal import GatewayStatistics, Patience
from diag.i18n import Text
from diag.matching.gateway_statistics import Traffic

_BY_STATUS = {
    Status.CLOSED: ("closed", "unknown"),
    Status.MAINTENANCE: ("maintenance", "act"),
    Status.MANUAL: ("manual", "act"),
    Status.DEGRADED: ("degraded", "act"),
}


@dataclass(frozen=True, slots=True)
class Coin:
    """The withdrawals of one asset by all users in the period that was read."""

    asset: Asset
    traffic: Traffic
    statistics: GatewayStatistics
    patience: Patience


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of a gateway; empty if it is closed, on another chain, or cannot be read."""

    gateway: Gateway
    now: datetime
    start: datetime
    coins: tuple[Coin, ...] = ()
    complete: bool = True
    read: bool = True
    foreign: bool = False
    error: Text | None = None

    @property
    def waiting(self) -> int:
        return sum(coin.statistics.waiting for coin in self.coins)

    @property
    def overdue(self) -> int:
        return sum(coin.statistics.overdue for coin in self.coins)

    @property
    def settled(self) -> int:
        return sum(coin.statistics.settled for coin in self.coins)

    @property
    def oldest(self) -> datetime | None:
        found = [c.statistics.oldest_waiting for c in self.coins]
        return min((at for at in found if at), default=None)

    @property
    def last(self) -> datetime | None:
        found = [c.statistics.last_settlement for c in self.coins]
        return max((at for at in found if at), default=None)

    @property
    def traceable(self) -> bool:
        return self.gateway.settlement.traceable(self.settled, self.waiting)

    @property
    def main(self) -> Coin | None:
        """The coin with the most withdrawals."""
        return max(self.coins, key=lambda c: len(c.traffic.sent), default=None)

    @property
    def stopped(self) -> tuple[Coin, ...]:
        """The coins for which no withdrawals are being served."""
        return tuple(c for c in self.coins if self.traceable and serves_nobody(c, self.now))


def serves_nobody(coin: Coin, now: datetime) -> bool:
    """Whether nobody was served for longer than the overdue time while several accounts wait."""
    found, last = coin.statistics, coin.statistics.last_sign
    if found.last_settlement is None or last is None:
        return False
    since = [move for move in coin.traffic.waiting if move.at >= last]
    late = [move for move in since if now - move.at > coin.patience.overdue]
    return (
        now - last > coin.patience.overdue
        and bool(late)
        and found.overdue_accounts >= ENOUGH_WAITING
    )


def state(seen: Seen) -> tuple[str, str]:
    """The state of a gateway: a key of its text, and a tone."""
    stage = seen.gateway.status_at(seen.now)
    if stage and stage.status in _BY_STATUS:
        return _BY_STATUS[stage.status]
    if seen.foreign:
        return "foreign", "unknown"
    if not seen.read or seen.error:
        return "unread", "unknown"
    if not any(coin.traffic.sent for coin in seen.coins):
        return "quiet", "unknown"
    if not seen.traceable:
        return "no_trace", "unknown"
    if seen.stopped:
        return "stopped", "danger"
    return ("some_overdue", "act") if seen.overdue else ("normal", "done")
