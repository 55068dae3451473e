"""The same window as users of python-bitshares read it: page by page, back from the newest.

Its `Account.history` cannot go past the first page (0.7.1 with graphenelib 1.6.1 asks for
operation "1.11.True"), so that one line is mended here; all else is the library's.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bitshares import BitShares
from bitshares.account import Account
from bitshares.amount import Amount
from bitshares.instance import set_shared_blockchain_instance
from bitsharesbase.chains import known_chains
from graphenecommon.blockchainobject import Caching
from graphenestorage import InRamConfigurationStore

from diag.domain.case import Case

PAGE = 100


class Mended(Account):
    """The library's account with its paging mended."""

    def history(self) -> Iterator[dict[str, Any]]:
        """All operations, newest first."""
        first = 0
        while True:
            newest = f"1.11.{first - 1 if first else 0}"  # was: (first - 1) >= 0 or 0
            page = self.blockchain.rpc.get_account_history(
                self["id"], "1.11.0", PAGE, newest, api="history"
            )
            yield from page
            if len(page) < PAGE:
                return
            first = int(page[-1]["id"].split(".")[2])


class Paging:
    """A connected instance of the library; it reads no configuration and dials only this node."""

    def __init__(self, url: str, chain_id: str) -> None:
        known_chains["made"] = {"chain_id": chain_id, "core_symbol": "BTS", "prefix": "BTS"}
        self._home = tempfile.TemporaryDirectory()
        self._chain = BitShares(
            node=url,
            skip_wallet_init=True,
            config_store=InRamConfigurationStore(),
            data_dir=self._home.name,
        )

    def transfers(self, case: Case) -> frozenset[str]:
        """The ids of the account's transfers in the window, their amounts made out.

        What the library remembers for a minute is forgotten first: each run is a first one.
        """
        set_shared_blockchain_instance(self._chain)
        Caching._cache.clear()
        found: dict[str, Amount] = {}
        for row in Mended(case.account, blockchain_instance=self._chain).history():
            at = datetime.fromisoformat(row["block_time"]).replace(tzinfo=UTC)
            if at < case.start:
                break
            kind, body = row["op"]
            if at <= case.end and kind == 0:
                found[row["id"]] = Amount(body["amount"], blockchain_instance=self._chain)
        return frozenset(found)

    def close(self) -> None:
        """Let go of the connection and of what the library put on disk."""
        self._chain.rpc.connection.disconnect()
        self._home.cleanup()
