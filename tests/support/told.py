"""What a source makes of the JSON that a node sends: fakes of nodes answer in JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Reply
from diag.errors import ChainError, NodeError
from diag.ledger.node import Ledger


def told(call: Call, said: Any) -> Reply:
    """The reply to a call, of the JSON of its result; an error stays what it is."""
    return said if isinstance(said, ChainError) else methods.decode(call, json.dumps(said))


def said_by(ledger: Ledger, call: Call) -> Any:
    """What a recorded node says to a call, in JSON, or its error."""
    try:
        return ledger.answer(call.api, call.method, call.args)
    except NodeError as error:
        return error


def bent(
    ledger: Ledger, calls: Sequence[Call], bend: Callable[[Call, Any], Any]
) -> list[Reply]:
    """The replies of a recorded node to a wave, each bent on its way: bend(call, JSON or error)."""
    return [told(call, bend(call, said_by(ledger, call))) for call in calls]
