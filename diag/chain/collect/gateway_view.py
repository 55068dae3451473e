"""Reads what a gateway's accounts did during the last day: how it serves all its users at present."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from diag.chain.collect import first_wave
from diag.chain.gateways.accounts import AccountReading, read_histories
from diag.chain.history.timeline import Pages
from diag.chain.pool.head import head_calls
from diag.chain.pool.session import Session
from diag.chain.rpc import methods
from diag.domain.account import Account
from diag.domain.asset import Asset
from diag.domain.gateway import Gateway
from diag.domain.history import Log
from diag.errors import ChainError

LOOK_BACK = timedelta(hours=24)
"""How much of a gateway's history its present statistics are computed from."""


@dataclass(frozen=True, slots=True)
class GatewayView:
    """A gateway's accounts and their operations of the last day."""

    chain_id: str
    now: datetime
    start: datetime
    accounts: dict[str, Account]
    assets: dict[str, Asset]
    logs: dict[str, Log]
    complete: bool


def read_gateway(
    session: Session, gateway: Gateway, look_back: timedelta = LOOK_BACK
) -> GatewayView:
    """Read the last day, or more, of a gateway's accounts; raises Unreachable if no source answers."""
    names = sorted(gateway.account_names)
    calls = head_calls(names)
    if gateway.coins:
        calls["assets"] = methods.ASSETS.call(sorted(coin.asset for coin in gateway.coins))
    replies = session.choose(calls)
    accounts = first_wave.accounts(replies["accounts"], names)
    assets = replies.get("assets", [])
    now = session.head.time
    start = now - look_back
    readings = [AccountReading(Pages(who), [start], now, look_back) for who in accounts]
    for reading in readings:
        reading.pages.add_account(accounts[reading.account_id])
    page_calls = {key: call for reading in readings for key, call in reading.calls().items()}
    read_histories(session, readings, session.ask(page_calls))
    return GatewayView(
        session.head.network.chain_id,
        now,
        start,
        accounts,
        {} if isinstance(assets, ChainError) else {a.id: a for a in assets if a},
        {reading.account_id: reading.pages.log(start, now) for reading in readings},
        not isinstance(assets, ChainError) and all(reading.complete for reading in readings),
    )
