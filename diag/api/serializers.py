"""Gateways and the network as JSON documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from diag.chain.client import Health
from diag.chain.collect.gateway_view import GatewayView
from diag.chain.pool.status import NodeStatus
from diag.domain.asset import Amount, Asset
from diag.domain.gateway import Coin as RegisteredCoin
from diag.domain.gateway import Gateway
from diag.matching.gateway_statistics import gateway_statistics, traffic
from diag.matching.movements import Movements
from diag.render.formatting import stamp
from diag.render.gateway_state import Coin


def gateway(found: Gateway, now: datetime) -> dict[str, Any]:
    """A gateway as the register describes it, and its status at a time."""
    stage = found.status_at(now)
    return {
        "key": found.key,
        "name": found.name,
        "status": stage.status if stage else None,
        "status_note": stage.note.as_dict() if stage and stage.note else None,
        "settlement": found.settlement,
        "usual_seconds": _seconds(found.usual),
        "overdue_seconds": _seconds(found.overdue),
        "escalate_seconds": _seconds(found.escalate),
        "memo": found.memo,
        "accounts": [
            {
                "name": account.name,
                "role": account.role,
                "id": account.id,
                "from": stamp(account.period.start),
                "until": stamp(account.period.end),
                "source": account.source or None,
            }
            for account in found.accounts
        ],
        "coins": [_registered_coin(coin, now) for coin in found.coins],
        "lifecycle": [
            {
                "status": stage.status,
                "from": stamp(stage.period.start),
                "until": stamp(stage.period.end),
                "note": stage.note.as_dict() if stage.note else None,
                "source": stage.source or None,
            }
            for stage in found.lifecycle
        ],
        "support": list(found.support),
        "as_of": found.as_of.isoformat() if found.as_of else None,
        "source": found.source or None,
    }


def _registered_coin(coin: RegisteredCoin, now: datetime) -> dict[str, Any]:
    terms = coin.terms_at(now)
    return {
        "coin": coin.coin,
        "asset": coin.asset,
        "minimum": None if terms.minimum is None else f"{terms.minimum:f}",
        "withdrawal_fee": None if terms.fee is None else f"{terms.fee:f}",
        "withdrawal_account": coin.withdrawal_account,
        "memo": coin.memo,
        "source": terms.source or coin.source or None,
    }


def _seconds(length: timedelta | None) -> int | None:
    return int(length.total_seconds()) if length is not None else None


def live(found: Gateway, view: GatewayView) -> dict[str, Any]:
    """How a gateway served all its users during the last day, for each coin."""
    return {
        "live": {
            "as_of": stamp(view.now),
            "since": stamp(view.start),
            "complete": view.complete,
            "coins": [_coin_figures(found, coin) for coin in coins(found, view)],
        }
    }


def coins(found: Gateway, view: GatewayView) -> list[Coin]:
    """The withdrawals of all users for each coin, counted in the history that was read."""
    ids = {account.name: account.id for account in view.accounts.values()}
    wallets = frozenset(ids[a.name] for a in found.takers if a.name in ids)
    own = frozenset(view.accounts)
    movements = Movements(view.logs.values())
    taken = [a for a in view.assets.values() if found.takes(a.symbol)]
    return [
        _coin(found, wallets, own, movements, asset, view)
        for asset in sorted(taken, key=lambda a: a.symbol)
    ]


def _coin(
    found: Gateway,
    wallets: frozenset[str],
    own: frozenset[str],
    movements: Movements,
    asset: Asset,
    view: GatewayView,
) -> Coin:
    listed = found.coin(asset.symbol)
    terms = listed.terms_at(view.now) if listed else None
    seen = traffic(found, wallets, own, movements, asset, terms, view.assets).since(view.start)
    return Coin(asset, seen, *gateway_statistics(seen, view.now))


def _coin_figures(found: Gateway, coin: Coin) -> dict[str, Any]:
    counted, seen, asset = coin.statistics, coin.traffic, coin.asset
    figures = {
        "asset": asset.symbol,
        "settled": counted.settled,
        "returned": counted.returned,
        "p50_seconds": _seconds(counted.usual),
        "p95_seconds": _seconds(counted.slow),
        "last_settlement": stamp(counted.last_settlement),
        "waiting": counted.waiting,
        "waiting_amount": Amount(
            sum(move.amount.base_units for move in seen.waiting), asset
        ).exact,
        "overdue": counted.overdue,
        "oldest_waiting": stamp(counted.oldest_waiting),
        "times_from": coin.patience.basis,
    }
    if found.settlement.traceable(counted.settled, counted.waiting):
        return figures
    return figures | dict.fromkeys(_UNSEEN)


_UNSEEN = ("waiting", "waiting_amount", "overdue", "oldest_waiting")
"""Members that are unknown for a gateway whose payouts leave no trace on the chain."""


def node(status: NodeStatus) -> dict[str, Any]:
    """The status of one node."""
    report, record = status.report, status.record
    head = report.head
    latency = record.latency
    return {
        "name": report.name,
        "ok": status.ok,
        "state": record.state,
        "why": status.why,
        "lacks": record.lack,
        "chain_id": report.chain_id,
        "head_block": head.block if head else None,
        "head_time": stamp(head.time) if head else None,
        "seconds_behind": (_seconds(head.node.behind) or 0) if head else None,
        "seconds_ahead": (_seconds(head.node.ahead) or 0) if head else None,
        "version": report.version,
        "history": report.kind,
        "latency_ms": None if latency is None else round(latency * 1000, 1),
    }


def network(health: Health, nodes: Sequence[NodeStatus]) -> dict[str, Any]:
    """The chain's parameters and counters, and the status of the nodes."""
    found = health.network
    return {
        "chain_id": found.chain_id,
        "node": health.node.name,
        "stale": health.node.behind is not None,
        "seconds_behind": _seconds(health.node.behind) or 0,
        "seconds_ahead": _seconds(health.node.ahead) or 0,
        "head_block": found.head_block,
        "head_time": stamp(health.time),
        "irreversible_block": found.irreversible_block,
        "lag_blocks": found.lag,
        "usual_lag_blocks": found.witnesses * 7 // 10,
        "witnesses": found.witnesses,
        "block_interval_seconds": _seconds(found.interval),
        "slots_filled": found.slots_filled,
        "participation_percent": round(found.participation * 100, 1),
        "next_maintenance": stamp(found.next_maintenance),
        "nodes": [node(status) for status in nodes],
    }
