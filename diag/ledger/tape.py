"""Records the answers of a source as the rows of a recorded chain.

Only public data of the chain are kept: objects, operations, block headers and transactions.
Pending transactions are left out, because a recorded chain has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock

import msgspec

from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Deadline, RawCall, Reply, Source, SourceWrapper
from diag.errors import ChainError
from diag.ledger.recording import Json, instance_of, type_of

_HISTORIES = (
    methods.HISTORY_BY_TIME.name,
    methods.HISTORY_BY_ID.name,
    methods.HISTORY_BY_NUMBER.name,
)
_LISTS_OF_OBJECTS = (
    methods.ACCOUNTS.name,
    methods.ASSETS.name,
    methods.DESCRIPTIONS.name,
    methods.ORDERS.name,
    methods.VESTING.name,
    methods.PROPOSALS.name,
    methods.TIME_LOCKS.name,
)
_NOT_KEPT = ("2.7", "2.9")
"""Types of objects that are not kept: pending transactions, and history entries, which are made
anew.
"""


class Tape:
    """All answers recorded so far; thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.chain_id = ""
        self.login_config: dict[str, Json] = {}
        self.objects: dict[str, Json] = {}
        """Object id → object, also of accounts, assets and statistics."""
        self.names: dict[str, str] = {}
        """Account name → id, for accounts that are known from a list of names only."""
        self.operations: dict[int, Json] = {}
        """Number (the last part of the id) → operation."""
        self.histories: dict[str, set[int]] = {}
        """Account, by name or id as it was asked for → numbers of its operations."""
        self.balances: dict[str, list[Json]] = {}
        """Account, by name or id as it was asked for → its balances."""
        self.headers: dict[int, Json] = {}
        self.transactions: dict[tuple[int, int], Json] = {}
        """Block and position → transaction."""

    def add(self, call: Call, answer: Json) -> None:
        """Record the answer to a call; raises KeyError, TypeError or ValueError if its shape is
        unexpected.
        """
        name, args = call.method, call.args
        with self._lock:
            if name in _HISTORIES:
                self._add_history(str(args[0]), answer)
            elif name in _LISTS_OF_OBJECTS or name == methods.OBJECTS.name:
                for item in filter(None, answer):
                    self._add_object(item)
            elif name == methods.BALANCES.name:
                self.balances[str(args[0])] = answer
            elif name == methods.ACCOUNT_NAMES.name:
                self.names.update(answer)
            elif name == methods.HEADER.name and answer:
                self.headers[int(args[0])] = answer
            elif name == methods.HEADERS.name:
                self.headers.update({number: header for number, header in answer if header})
            elif name == methods.TRANSACTION.name:
                self.transactions[int(args[0]), int(args[1])] = answer
            elif name == methods.CHAIN_ID.name:
                self.chain_id = answer
            elif name == methods.CONFIG.name and call.api == methods.CONFIG.api:
                self.login_config = answer

    def _add_history(self, account: str, page: Json) -> None:
        numbers = self.histories.setdefault(account, set())
        for row in page:
            self._add_object(row)
            numbers.add(instance_of(row["id"]))

    def _add_object(self, item: Json) -> None:
        identifier = item["id"]
        if type_of(identifier) == "1.11":
            self.operations[instance_of(identifier)] = item
        elif type_of(identifier) not in _NOT_KEPT:
            self.objects[identifier] = item


class RecordingSource(SourceWrapper):
    """A source whose answers are recorded on a tape."""

    def __init__(self, source: Source, tape: Tape) -> None:
        super().__init__(source)
        self._tape = tape

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """Answer one wave; errors are passed on and not recorded."""
        raw = [RawCall(call.api, call.method, call.args) for call in calls]
        replies = self._source.ask(raw, deadline)
        return list(self._decoded(calls, replies))

    def _decoded(self, calls: Sequence[Call], replies: Sequence[Reply]) -> Iterator[Reply]:
        for call, reply in zip(calls, replies, strict=True):
            if not isinstance(reply, bytes):
                yield reply
                continue
            answer = methods.decode(call, reply)
            if not isinstance(answer, ChainError):
                self._tape.add(call, msgspec.json.decode(reply))
            yield answer
