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
    """The present or former function of an account for its gateway."""

    WITHDRAWAL = "withdrawal"
    ISSUER = "issuer"
    RETIRED = "retired"
    OTHER = "other"


class Deposits(StrEnum):
    """How a gateway credits deposits on the chain."""

    ISSUE = "issue"
    TRANSFER = "transfer"


class Family(StrEnum):
    """The format in which a gateway publishes its coins."""

    SIMPLE = "simple"
    BLOCKTRADES = "blocktrades"


@dataclass(frozen=True, slots=True)
class LifecycleStage:
    """A period of a gateway's life, and its status during it."""

    period: Period
    status: Status
    note: Text | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """The minimum and the fee of a coin's withdrawals during a period; None means not known."""

    period: Period = ALWAYS
    minimum: Decimal | None = None
    fee: Decimal | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Coin:
    """An asset that a gateway takes; `own` is True if the gateway stands behind the asset."""

    coin: str
    asset: str
    terms: tuple[Terms, ...] = ()
    memo: str | None = None
    withdrawal_account: str | None = None  # in place of the gateway's
    id: str | None = None
    own: bool = True
    source: str = ""

    def terms_at(self, at: datetime) -> Terms:
        """Return the latest terms in force at a time, or empty ones."""
        return next((t for t in reversed(self.terms) if t.period.covers(at)), Terms())


@dataclass(frozen=True, slots=True)
class GatewayAccount:
    """An account of a gateway; `name` is the id if only the id is known."""

    name: str
    role: Role
    period: Period = ALWAYS
    id: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Api:
    """The URLs at which a gateway publishes its coins; they are only read."""

    family: Family
    coins: str
    wallets: str | None = None  # the working wallets; blocktrades family only
    pairs: str | None = None  # the pairs that can be exchanged; blocktrades family only
    source: str = ""


@dataclass(frozen=True)
class Gateway:
    """All that is known of one gateway; what is not known is None or empty."""

    key: str
    name: str
    prefixes: tuple[str, ...] = ()
    accounts: tuple[GatewayAccount, ...] = ()
    coins: tuple[Coin, ...] = ()
    settlement: Settlement = Settlement.UNKNOWN
    batch_every: timedelta | None = None
    """The time between batches, for a gateway that settles in batches."""
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
        """Return the stage in force at a time; None if no stage is known for it."""
        return next((s for s in reversed(self.lifecycle) if s.period.covers(at)), None)

    def withdrawal_accounts(self, at: datetime, asset: str | None = None) -> frozenset[str]:
        """Return the names of the accounts that take withdrawals at a time.

        This is the asset's own account, else the gateway's. Without an asset, or if no account
        takes all coins, it is every account that takes any.
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
        """The accounts that take withdrawals or did so once, including those of single coins."""
        listed = {account.name for account in self.accounts if account.role is not Role.ISSUER}
        single = {coin.withdrawal_account for coin in self.coins if coin.withdrawal_account}
        return (
            *(account for account in self.accounts if account.role is Role.WITHDRAWAL),
            *(GatewayAccount(name, Role.WITHDRAWAL) for name in sorted(single - listed)),
        )

    @cached_property
    def account_names(self) -> frozenset[str]:
        """All present and former account names; accounts known by id only are left out."""
        names = {account.name for account in (*self.accounts, *self.takers)}
        return frozenset(name for name in names if ACCOUNT_NAME.fullmatch(name))

    @cached_property
    def account_ids(self) -> frozenset[str]:
        return frozenset(account.id for account in self.accounts if account.id)

    @property
    def credits_by_issue(self) -> bool:
        """True if the gateway does not credit deposits by transfer from its wallet."""
        if self.deposits is not None:
            return self.deposits is Deposits.ISSUE
        return self.settlement.style.issues_deposits

    def takes(self, asset: str) -> bool:
        """Return True if the asset is listed here or carries the gateway's prefix."""
        return self.coin(asset) is not None or prefix_of(asset) in self.prefixes

    def coin(self, asset: str) -> Coin | None:
        return next((coin for coin in self.coins if coin.asset == asset), None)


def prefix_of(symbol: str) -> str:
    """Return the part of a symbol before the dot; empty without a dot."""
    prefix, dot, _ = symbol.partition(".")
    return prefix if dot else ""
