"""The gateway register: dated facts about all gateways that take withdrawals."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from typing import Any

from diag.domain.asset import coin_of
from diag.domain.gateway import Gateway, prefix_of


@dataclass(frozen=True)
class Register:
    """All gateways known for one chain."""

    gateways: tuple[Gateway, ...]
    chain_id: str | None
    source: str
    extends: bool = False
    """True if it extends the register that would be used otherwise."""
    foreign: bool = False
    """True if it belongs to another chain, and is therefore empty."""
    digest: str = field(init=False)
    """Twelve characters that change whenever a fact changes, but not when the file moves."""

    def __post_init__(self) -> None:
        content = [self.chain_id, [_to_jsonable(gateway) for gateway in self.gateways]]
        canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
        digest = hashlib.sha256(canonical.encode()).hexdigest()[:12]
        object.__setattr__(self, "digest", digest)

    def by_account(self, name: str) -> Gateway | None:
        """Return the gateway that has, or ever had, the account of this name (or id)."""
        return self._by_account.get(name)

    def by_asset(self, symbol: str) -> Gateway | None:
        """Return the gateway behind an asset: the one that lists it, else the one with its prefix."""
        return self._by_asset.get(symbol) or self._by_prefix.get(prefix_of(symbol))

    def lists_coin(self, name: str) -> bool:
        """Return True if a gateway takes a coin of this name, such as LTC, under a symbol of
        its own.
        """
        return any(
            name in (coin.coin.upper(), coin_of(coin.asset))
            for gateway in self.gateways
            for coin in gateway.coins
        )

    def by_key(self, key: str) -> Gateway | None:
        return next((gateway for gateway in self.gateways if gateway.key == key), None)

    def over(self, base: Register) -> Register:
        """Return this register alone or, if it extends, merged with the base; its own gateways
        take precedence.
        """
        if not self.extends:
            return self
        own = {gateway.key for gateway in self.gateways}
        kept = tuple(gateway for gateway in base.gateways if gateway.key not in own)
        chain_id = self.chain_id or base.chain_id
        return Register((*self.gateways, *kept), chain_id, f"{self.source} over {base.source}")

    def on(self, chain_id: str) -> Register:
        """Return this register, or an empty one if it belongs to another chain, where names
        mean nothing.
        """
        if self.chain_id in (None, chain_id):
            return self
        return Register((), self.chain_id, self.source, foreign=True)

    @cached_property
    def account_names(self) -> tuple[str, ...]:
        return tuple(sorted({n for gateway in self.gateways for n in gateway.account_names}))

    @cached_property
    def _by_account(self) -> dict[str, Gateway]:
        found: dict[str, Gateway] = {}
        for gateway in self.gateways:
            for account in gateway.takers:
                found.setdefault(account.name, gateway)
        for gateway in self.gateways:
            for name in sorted(gateway.account_names | gateway.account_ids):
                found.setdefault(name, gateway)
        return found

    @cached_property
    def _by_asset(self) -> dict[str, Gateway]:
        return {c.asset: g for g in reversed(self.gateways) for c in g.coins if c.own}

    @cached_property
    def _by_prefix(self) -> dict[str, Gateway]:
        return {prefix: g for g in reversed(self.gateways) for prefix in g.prefixes}


def empty() -> Register:
    """Return a register without gateways."""
    return Register((), chain_id=None, source="")


def _to_jsonable(value: Any) -> Any:
    """Convert dataclasses to dictionaries that can be written as JSON."""
    if isinstance(value, tuple):
        return [_to_jsonable(item) for item in value]
    if not is_dataclass(value):
        return value
    return {each.name: _to_jsonable(getattr(value, each.name)) for each in fields(value)}
