"""The movements of coins in the histories of a gateway's accounts and of the user. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from diag.domain.asset import Asset
from diag.domain.history import Log
from diag.domain.operations import Burn, Issue, Override, Transfer

Movement = Transfer | Override | Issue | Burn
_KINDS = frozenset((Transfer, Override, Issue, Burn))


class Movements:
    """The movements of coins in several histories: each operation once, in chain order."""

    def __init__(self, logs: Iterable[Log]) -> None:
        operations: Iterable[Any] = chain.from_iterable(log.operations for log in logs)
        found: dict[int, Movement] = {
            o.location.number: o for o in operations if type(o) in _KINDS
        }
        self.every = [found[number] for number in sorted(found)]
        self._by_asset: dict[str, list[Movement]] = defaultdict(list)
        for o in self.every:
            self._by_asset[o.amount.asset_id].append(o)

    def of(self, asset: Asset) -> Sequence[Movement]:
        """Return the movements of an asset."""
        return self._by_asset.get(asset.id, ())
