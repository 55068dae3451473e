"""What a gateway's accounts did during the last day: how it serves all its users at present."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from diag.chain.collect import completion, first_wave
from diag.chain.collect.completion import Wanted
from diag.chain.history import pagination, timeline
from diag.chain.history.pagination import gateway_page_ends
from diag.chain.history.timeline import Pages
from diag.chain.pool.head import head_calls
from diag.chain.pool.hedging import Patience, unmeasured
from diag.chain.pool.session import Session
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Deadline, Source
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


class GatewayReader:
    """Callable: Gateway → GatewayView."""

    def __init__(
        self,
        sources: Iterable[Source],
        *,
        seconds: float = 8.0,
        chain_id: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        index: Source | None = None,
        patience: Patience = unmeasured,
    ) -> None:
        self._patience = patience
        self._index = index
        self._sources = sources
        self._seconds = seconds
        self._chain_id = chain_id
        self._clock = clock

    def __call__(self, gateway: Gateway, look_back: timedelta = LOOK_BACK) -> GatewayView:
        """Read the last day, or more, of the gateway's accounts; raises Unreachable if no source
        answers.
        """
        session = Session(
            tuple(self._sources), Deadline(self._seconds), self._index, self._patience
        )
        symbols = sorted(coin.asset for coin in gateway.coins)
        names = sorted(gateway.account_names)
        calls: dict[Any, Call] = head_calls(names)
        if symbols:
            calls["assets"] = methods.ASSETS.call(symbols)
        replies, head = first_wave.from_the_best(session, calls, self._chain_id, self._clock)
        accounts = first_wave.accounts(replies["accounts"], names)
        assets = replies.get("assets", [])
        start = head.time - look_back
        wanted = {who: Wanted(Pages(who), start, head.time) for who in accounts}
        for who, account in accounts.items():
            if account.created and not account.genesis:
                wanted[who].pages.add_nothing_before(account.created)
        ends = list(gateway_page_ends([start], head.time, look_back))
        asked = {
            (who, end): pagination.by_time(who, None if end == head.time else end)
            for who in accounts
            for end in ends
        }
        for (who, end), reply in session.ask(asked).items():
            page = timeline.page_of(reply)
            if page is not None:
                wanted[who].pages.add_until(end, page)
        completion.fill(session, wanted)
        known = {} if isinstance(assets, ChainError) else {a.id: a for a in assets if a}
        logs = {who: completion.log(w.pages, start, head.time) for who, w in wanted.items()}
        complete = all(w.complete for w in wanted.values())
        chain = head.network.chain_id
        return GatewayView(chain, head.time, start, accounts, known, logs, complete)
