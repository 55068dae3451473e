"""The accounts, assets and other objects known so far in one diagnosis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from diag.chain.rpc.call import Reply
from diag.domain.account import Account
from diag.domain.asset import Asset
from diag.domain.history import Gap
from diag.domain.operations import Operation
from diag.errors import ChainError, Malformed, Unreachable
from diag.words import text

Object = TypeVar("Object")
MOST_ACCOUNTS = 300
MOST_OBJECTS = 100
_TEMPORARY = ("1.10.", "1.16.")  # proposals and time-locks are deleted when they are done


class KnownObjects:
    """Accounts, assets and objects known so far; every id is asked for once."""

    def __init__(self, accounts: Mapping[str, Account], assets: Mapping[str, Asset]) -> None:
        self.accounts, self.assets = dict(accounts), dict(assets)
        self._objects: dict[str, Any] = {}
        self._stores: dict[str, tuple[type, dict[str, Any]]] = {
            "1.2.": (Account, self.accounts),
            "1.3.": (Asset, self.assets),
        }
        self._complete = True

    def unknown(
        self, accounts: Iterable[str], assets: Iterable[str], made: Sequence[str]
    ) -> list[str]:
        """Return the ids to ask for, up to a maximum of each kind.

        made: ids of objects that operations created; these are asked for every time.
        """
        ids = [i for i in dict.fromkeys(accounts) if i not in self.accounts][:MOST_ACCOUNTS]
        ids += [i for i in assets if i not in self.assets][:MOST_OBJECTS]
        return ids + list(made[:MOST_OBJECTS])

    def learn(self, ids: Sequence[str], reply: Reply | None) -> Gap | None:
        """Store the objects of a reply under the ids that were asked for; return a gap if one
        is missing.

        An account or asset that occurs in an operation exists. If it is missing, the reply
        cannot be trusted, and no other missing object is taken for deleted.
        """
        if not ids:
            return None
        if isinstance(reply, ChainError) or reply is None:
            return self._gap(reply or Malformed())
        for identity, found in zip(ids, reply, strict=True):
            if not self._learnt(identity, found) and not identity.startswith(_TEMPORARY):
                return self._gap(Unreachable("an object that exists did not come"))
        return None

    def now(
        self, rows: Sequence[Operation], kind: str, record: type[Object]
    ) -> dict[str, Object | None]:
        """Return the present state of objects that operations of one kind created; None if deleted."""
        if not self._complete:
            return {}
        ids = [o.created for o in rows if o.kind == kind and may_be_deleted(o)]
        found = {i: self._objects.get(i) for i in ids if i}
        return {i: o for i, o in found.items() if o is None or isinstance(o, record)}

    def _learnt(self, identity: str, found: object) -> bool:
        """Store an object; return False if it does not exist, or is not the one that was asked for."""
        kind, store = self._stores.get(identity[:4], (object, self._objects))
        if found is None or getattr(found, "id", identity) != identity:
            return False
        if isinstance(found, kind):
            store[identity] = found
        return identity in store

    def _gap(self, error: ChainError) -> Gap:
        self._complete = False
        return Gap(Gap.OBJECTS, text("chain.gap.objects"), error.text)


def may_be_deleted(operation: Operation) -> bool:
    """Return True if the operation created a proposal or a time-lock."""
    return operation.created is not None and operation.created.startswith(_TEMPORARY)
