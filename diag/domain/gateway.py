"""One gateway: dated facts about where it takes withdrawals, how, and on what terms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from diag.domain.period import ALWAYS, Period
from diag.domain.settlement import Settlement
from diag.i18n import Text

ACCOUNT_NAME = re.compile(
    r"(?=.{1,63}\Z)[a-z](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z](?:[a-z0-9-]*[a-z0-9])?)*"
)


class Status(StrEnum):
    """How a gateway treats withdrawals during a stage of its life."""

    LIVE = "live"
    DEGRADED = "degraded"
    MANUAL = "manual"
    MAINTENANCE = "maintenance"
    CLOSED = "closed"


class Role(StrEnum):
    """What an account does, or did, for its gateway."""

    WITHDRAWAL = "withdrawal"
    ISSUER = "issuer"
    RETIRED = "retired"
    OTHER = "other"


class Deposits(StrEnum):
    """How a deposit is credited on the chain."""

    ISSUE = "issue"
    TRANSFER = "transfer"


class Family(StrEnum):
    """The shape in which a gateway publishes its coins."""

    SIMPLE = "simple"
    BLOCKTRADES = "blocktrades"


@dataclass(frozen=True, slots=True)
class LifecycleStage:
    """A stretch of a gateway's life."""

    period: Period
    status: Status
    note: Text | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """The smallest withdrawal and the fee of a coin, while they held; None is not known."""

    period: Period = ALWAYS
    minimum: Decimal | None = None
    fee: Decimal | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Coin:
    """One asset that a gateway takes; own when the gateway stands behind the asset."""

    coin: str
    asset: str
    terms: tuple[Terms, ...] = ()
    memo: str | None = None
    withdrawal_account: str | None = None  # instead of the gateway's
    id: str | None = None
    own: bool = True
    source: str = ""

    def terms_at(self, at: datetime) -> Terms:
        """The latest terms in force, or empty ones."""
        return next((t for t in reversed(self.terms) if t.period.covers(at)), Terms())


@dataclass(frozen=True, slots=True)
class GatewayAccount:
    """An account of a gateway; name is its id where only the id is known."""

    name: str
    role: Role
    period: Period = ALWAYS
    id: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Api:
    """Where a gateway publishes what it takes: whole addresses, for reading only."""

    family: Family
    coins: str
    wallets: str | None = None  # the wallets at work, of the blocktrades family
    pairs: str | None = None  # what may be turned into what, of the same
    source: str = ""


@dataclass(frozen=True)
class Gateway:
    """Everything known about one gateway; what is not known is None or empty."""

    key: str
    name: str
    prefixes: tuple[str, ...] = ()
    accounts: tuple[GatewayAccount, ...] = ()
    coins: tuple[Coin, ...] = ()
    settlement: Settlement = Settlement.UNKNOWN
    batch_every: timedelta | None = None
    """From one batch to the next, of a gateway that settles in batches."""
    usual: timedelta | None = None
    overdue: timedelta | None = None
    escalate: timedelta | None = None
    memo: str | None = None  # its grammar, such as {coin lower-case}:{address}[:{tag}]
    deposits: Deposits | None = None
    lifecycle: tuple[LifecycleStage, ...] = ()
    support: tuple[str, ...] = ()
    as_of: date | None = None
    source: str = ""
    notes: Text | None = None
    api: Api | None = None

    def status_at(self, at: datetime) -> LifecycleStage | None:
        """The stage in force; None before the first known one and in a gap of knowledge."""
        return next((s for s in reversed(self.lifecycle) if s.period.covers(at)), None)

    def withdrawal_accounts(self, at: datetime, asset: str | None = None) -> frozenset[str]:
        """Who takes withdrawals then: the asset's own account, else the gateway's.

        Without an asset, or where the gateway has no account for all coins: any of them.
        """
        coin = self.coin(asset) if asset else None
        if coin and coin.withdrawal_account:
            return frozenset({coin.withdrawal_account})
        general = self._with(Role.WITHDRAWAL, at)
        if asset and general:
            return general
        return frozenset(taker.name for taker in self.takers if taker.period.covers(at))

    def _with(self, role: Role, at: datetime) -> frozenset[str]:
        return frozenset(
            a.name for a in self.accounts if a.role is role and a.period.covers(at)
        )

    @cached_property
    def takers(self) -> tuple[GatewayAccount, ...]:
        """The accounts that take withdrawals, or took them once; those of single coins too."""
        listed = {account.name for account in self.accounts if account.role is not Role.ISSUER}
        single = {coin.withdrawal_account for coin in self.coins if coin.withdrawal_account}
        return (
            *(account for account in self.accounts if account.role is Role.WITHDRAWAL),
            *(GatewayAccount(name, Role.WITHDRAWAL) for name in sorted(single - listed)),
        )

    @cached_property
    def account_names(self) -> frozenset[str]:
        """Every account name ever, without the accounts of which only the id is known."""
        names = {account.name for account in (*self.accounts, *self.takers)}
        return frozenset(name for name in names if ACCOUNT_NAME.fullmatch(name))

    @cached_property
    def account_ids(self) -> frozenset[str]:
        return frozenset(account.id for account in self.accounts if account.id)

    @property
    def credits_by_issue(self) -> bool:
        """True if a transfer from the gateway's wallet is not how it credits deposits."""
        if self.deposits is not None:
            return self.deposits is Deposits.ISSUE
        return self.settlement.style.issues_deposits

    def takes(self, asset: str) -> bool:
        """Whether the asset is listed here or carries the gateway's prefix."""
        return self.coin(asset) is not None or prefix_of(asset) in self.prefixes

    def coin(self, asset: str) -> Coin | None:
        return next((coin for coin in self.coins if coin.asset == asset), None)


def prefix_of(symbol: str) -> str:
    """What stands before the dot, or "" without one."""
    prefix, dot, _ = symbol.partition(".")
    return prefix if dot else ""
