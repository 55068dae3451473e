"""A recorded chain that answers like a node: the same calls, the same values, the same errors.

The service runs on it where there is no network, and tests use it as the node whose truth is
known. The calls themselves are in `database` and `history`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from diag.chain.rpc.call import Call, Deadline, Reply
from diag.errors import NodeError, OutOfTime
from diag.ledger import database, history
from diag.ledger.arguments import METHOD_NOT_FOUND, Method, refuse
from diag.ledger.recording import Json, Recording
from diag.ledger.view import SeenRecording, View

_METHODS = database.METHODS | history.METHODS
_API_NUMBERS = ("database", "login")
_CLOSED_APIS = ("asset", "block", "crypto", "debug", "network_node")


class Ledger(SeenRecording):
    """A recording that can be asked what a node can be asked."""

    @classmethod
    def load(
        cls,
        path: Path,
        keep: int | None = None,
        behind: float = 0,
        legacy: bool = False,
        chain_id: str | None = None,
    ) -> Ledger:
        """Read a directory and look at it in one way (`View`); `seen` gives others for free."""
        return cls(Recording.load(path), View(keep, behind, legacy, chain_id))

    @property
    def name(self) -> str:
        """What to call it: the name of its directory."""
        return self.recording.name

    def seen(self, view: View) -> Ledger:
        """The same recording through another view, without reading it again."""
        return Ledger(self.recording, view)

    def answer(self, api: str | int, method: str, args: Sequence[Json]) -> Json:
        """What the node answers, free to be changed; NodeError where it answers an error."""
        known = self._method(api, method)
        if not isinstance(args, list | tuple):
            refuse("args.size() == 3 && args[2].is_array(): ")
        if len(args) < known.mandatory:
            refuse("a0 != e || optional_args: too few arguments passed to method")
        return known.function(self, *args[: known.most])

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
    """A ledger as one of the sources a diagnosis may ask."""

    ledger: Ledger
    name: str = "ledger"
    in_order: ClassVar[bool] = True
    """It answers the calls of a wave one after the other."""

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        """Answer every call in order; answers are at hand, so the deadline hardly matters.

        Nobody may change an answer: what stands in several of them is the same object.
        """
        ledger = self.ledger.sharing()
        return [_reply(ledger, call, deadline) for call in calls]


def _reply(ledger: Ledger, call: Call, deadline: Deadline) -> Reply:
    if not deadline.left():
        return OutOfTime()
    try:
        return ledger.answer(call.api, call.method, call.args)
    except NodeError as error:
        return error
