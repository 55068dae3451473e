"""A desk on the recorded chain whose head can be moved, with clocks that are told what time it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

from recorded import RECORDED, ledger, register
from waiting import FOREVER

from diag.bootstrap import build_services
from diag.cases.database import Database
from diag.cases.desk import Desk
from diag.cases.record import VerdictSummary
from diag.cases.watcher import Watcher
from diag.chain.collect.collector import Collector
from diag.config.settings import Settings
from diag.domain.case import Case
from diag.domain.history import History
from diag.errors import ChainError, Unreachable
from diag.ledger.node import Ledger, LedgerSource
from diag.ledger.view import View
from diag.schemas.case import parse
from diag.schemas.kept_case import NewCase
from diag.services import Services

END = ledger().clock
"""The head of the recorded chain."""


@cache
def _services() -> Services:
    return build_services(Settings(deadline=FOREVER, ledger=RECORDED))


@cache
def _read(case: Case, now: datetime, shown: Ledger | None) -> History:
    """What a chain shows at a time, read once: tests of cases ask the same again and again."""
    seen = shown or ledger().with_view(View(behind=(END - now).total_seconds()))
    return Collector(
        [LedgerSource(seen, "ledger")],
        register(),
        clock=lambda: now,
        seconds=FOREVER,
        recorded=True,
    )(case)


@dataclass
class Chain:
    """The recorded chain with its head at `now`; it may be silent."""

    now: datetime = END
    head: datetime | None = None
    """The time of the head where the clock is wrong."""
    silent: bool = False
    shown: Ledger | None = None
    """What is read instead of the recorded chain with its head at `now`."""
    wall: datetime = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    looked: list[str] = field(default_factory=list)
    """The accounts that were asked for, in order."""

    def read(self, case: Case) -> History:
        self.looked.append(case.account)
        if self.silent:
            raise Unreachable("connection refused")
        return _read(case, self.now, self.shown)

    def health(self, _: float) -> Any:
        if self.silent:
            raise ChainError
        return SimpleNamespace(time=self.head or self.now)

    def services(self, **changes: Any) -> Services:
        return replace(
            _services(),
            collect=self.read,
            new_batch=lambda: self.read,
            now=lambda: self.now,
            health=self.health,
            **changes,
        )

    def desk(self, database: Database, channels: tuple[str, ...] = ()) -> Desk:
        return Desk(
            database,
            self.services(),
            channels=lambda: channels,
            wall=lambda: self.wall,
            keep=timedelta(days=90),
        )

    def watcher(self, database: Database, **changes: Any) -> Watcher:
        return Watcher(database, self.services(), lambda: self.wall, **changes)


def question(account: str = "lin-yue", **fields: Any) -> Case:
    """The question of a recorded story, by its account."""
    window = {"from": "2026-11-21T20:30:00Z", "to": "2026-11-21T21:30:00Z"}
    return parse({"account": account, **window, **fields}, END)


def new_case(account: str = "lin-yue", **fields: Any) -> NewCase:
    desk = {"reference": "T-1", "channel": "helpdesk", "lang": "zh", "tell": ()}
    own = {name: fields.pop(name, value) for name, value in desk.items()}
    return NewCase(question(account, **fields), **own)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def verdict(**changes: Any) -> VerdictSummary:
    """A verdict of a withdrawal that a gateway is processing."""
    fields: dict[str, Any] = {
        "diagnosis": "00112233445566aa",
        "block": 100,
        "time": at("2026-11-22T12:00:00"),
        "code": "gateway_processing",
        "title": {"zh": "网关处理中", "en": "Being processed"},
        "outcome": "in_progress",
        "stage": "at_gateway",
        "actor": "gateway",
        "advice": "wait",
        "resend_safe": "no",
        "finality": "provisional",
        "amounts": {"asset": "NORTH.BTC", "sent": "0.5", "received": None},
        "normal_until": None,
        "expected_by": None,
        "escalate_after": None,
        "eta_basis": None,
        "gateway": "NORTH",
        "asset": "NORTH.BTC",
        "operation": "1.11.5",
        "reply": {"zh": "您好", "en": "Hello"},
    }
    return VerdictSummary(**{**fields, **changes})
