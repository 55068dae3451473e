"""What the ids in a diagnosis stand for: accounts, assets, and the objects that operations made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from diag.chain import objects, values
from diag.chain.inquiry import understood
from diag.chain.source import Call, Reply
from diag.errors import ChainError, Unreachable
from diag.evidence import Gap
from diag.records import Account, Asset
from diag.text import Text

MOST_ACCOUNTS = 300
MOST_OBJECTS = 100
_MAY_BE_GONE = ("1.10.", "1.16.")  # proposals and time-locks: deleted when they are done

Raw = dict[str, Any]


class Known:
    """Grows by what a node's answers teach; every id is asked for once."""

    def __init__(self, accounts: Mapping[str, Account], assets: Mapping[str, Asset]) -> None:
        self.accounts = dict(accounts)
        self.assets = dict(assets)
        self._objects: dict[str, Raw] = {}
        self._complete = True

    def unknown(
        self, accounts: Iterable[str], assets: Iterable[str], made: Sequence[str]
    ) -> list[str]:
        """The ids that are to be asked for, bounded; what operations made is asked for always."""
        ids = [i for i in dict.fromkeys(accounts) if i not in self.accounts][:MOST_ACCOUNTS]
        ids += [i for i in assets if i not in self.assets][:MOST_OBJECTS]
        return ids + list(made[:MOST_OBJECTS])

    @staticmethod
    def call(ids: Sequence[str]) -> dict[Any, Call]:
        """The call for these ids, if any: under "objects"."""
        return {"objects": Call("database", "get_objects", (list(ids),))} if ids else {}

    def learn(self, ids: Sequence[str], reply: Reply | None) -> Gap | None:
        """Take in what came for the ids asked for, each under its own.

        An account or asset that occurs in an operation exists: if it does not come, the answer
        is not to be relied on, and nothing else in it is called gone.
        """
        if not ids:
            return None
        rows = understood(reply, lambda given: list(zip(ids, given, strict=True)))
        if isinstance(rows, ChainError):
            return self._gap(rows)
        for identity, row in rows:
            if not self._learnt(identity, row) and not identity.startswith(_MAY_BE_GONE):
                return self._gap(Unreachable("an object that exists did not come"))
        return None

    def now(
        self, rows: Sequence[Raw], number: int, read: Callable[[Raw], Any]
    ) -> dict[str, Any]:
        """The objects that operations of one kind made: what they are now, None if gone."""
        if not self._complete:
            return {}
        ids = [identity for row in rows if row["op"][0] == number for identity in made(row)]
        found = {
            i: understood(self._objects[i], read) if i in self._objects else None for i in ids
        }
        return {i: value for i, value in found.items() if not isinstance(value, ChainError)}

    def _learnt(self, identity: str, row: object) -> bool:
        if not isinstance(row, dict) or row.get("id") != identity:
            return False
        if identity.startswith("1.2."):
            account = understood(row, objects.account)
            if isinstance(account, Account):
                self.accounts[identity] = account
            return isinstance(account, Account)
        if identity.startswith("1.3."):
            asset = understood(row, values.asset)
            if isinstance(asset, Asset):
                self.assets[identity] = asset
            return isinstance(asset, Asset)
        self._objects[identity] = row
        return True

    def _gap(self, error: ChainError) -> Gap:
        self._complete = False
        what = Text(zh="账户名与资产信息", en="account names and assets")
        return Gap(Gap.OBJECTS, what, error.text)


def made(row: Raw) -> set[str]:
    """The proposal or time-lock that an operation made."""
    match row.get("result"):
        case [1, str(found)] if found.startswith(_MAY_BE_GONE):
            return {found}
        case _:
            return set()
