"""A recorded chain that answers like a node: the same calls, values and errors.

The service uses it where there is no network, and tests use it as a node whose contents are known.
The methods are in `database` and `history`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import msgspec

from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Deadline, Reply
from diag.errors import NodeError, OutOfTime
from diag.ledger import database, history
from diag.ledger.arguments import METHOD_NOT_FOUND, Method, refuse
from diag.ledger.recording import Json, Recording
from diag.ledger.view import View, VisibleRecording

_METHODS = database.METHODS | history.METHODS
_API_NUMBERS = ("database", "login")
_CLOSED_APIS = ("asset", "block", "crypto", "debug", "network_node")


class Ledger(VisibleRecording):
    """A recording that answers the calls of a node."""

    @classmethod
    def load(
        cls,
        path: Path,
        keep: int | None = None,
        behind: float = 0,
        legacy: bool = False,
        chain_id: str | None = None,
    ) -> Ledger:
        """Read a directory, seen through a `View`; `with_view` gives others without reading again."""
        return cls(Recording.load(path), View(keep, behind, legacy, chain_id))

    @property
    def name(self) -> str:
        """The name of the recording's directory."""
        return self.recording.name

    def with_view(self, view: View) -> Ledger:
        """Return the same recording, seen through another view."""
        return Ledger(self.recording, view)

    def answer(self, api: str | int, method: str, args: Sequence[Json]) -> Json:
        """Return the result of a call, which the caller may modify; raises NodeError."""
        known = self._method(api, method)
        if not isinstance(args, list | tuple):
            refuse("args.size() == 3 && args[2].is_array(): ")
        if len(args) < known.required:
            refuse("a0 != e || optional_args: too few arguments passed to method")
        return known.function(self, *args[: known.max_arguments])

    def _method(self, api: str | int, method: str) -> Method:
        if isinstance(api, int) and not isinstance(api, bool):
            if not 0 <= api < len(_API_NUMBERS):
                refuse("_local_apis.size() > api_id: ")
            api = _API_NUMBERS[api]
        elif api == "login" and self.view.legacy:
            api = ""
        if api in _CLOSED_APIS or (api == "history" and self.view.history == "denied"):
            refuse("is_allowed: Access denied")
        if api == "history" and self.view.history == "missing":
            refuse("tmp: ")
        known = _METHODS.get(f"{api}.{method}")
        if known is None or (self.view.legacy and known.modern):
            raise NodeError(METHOD_NOT_FOUND, "method_not_found_exception", "Method not found")
        return known


@dataclass(frozen=True, slots=True)
class LedgerSource:
    """A ledger as a source of a diagnosis: replies are decoded as those of a node are."""

    ledger: Ledger
    name: str = "ledger"
    in_order: ClassVar[bool] = True
    """The calls of a wave are answered one after the other."""

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """Answer one wave, call by call."""
        ledger = self.ledger.with_shared_operations()
        return [_reply(ledger, call, deadline) for call in calls]


def _reply(ledger: Ledger, call: Call, deadline: Deadline) -> Reply:
    if not deadline.left():
        return OutOfTime()
    try:
        answer = ledger.answer(call.api, call.method, call.args)
        return methods.decode(call, msgspec.json.encode(answer))
    except NodeError as error:
        return error
