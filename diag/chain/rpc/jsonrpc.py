"""JSON-RPC as BitShares nodes speak it over every transport: requests and responses."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct

from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Reply
from diag.chain.rpc.values import encoded, words
from diag.errors import ChainError, NodeError, Unreachable
from diag.json_limits import within_limits

NOT_AN_OBJECT = "not a JSON object"
NOTHING = Raw()
_METHOD_NOT_FOUND = -32601


def request(number: int, call: Call) -> str:
    """Return the text of a request; its response carries the same id."""
    params = encoded([call.api, call.method, call.args])
    return f'{{"jsonrpc":"2.0","id":{number},"method":"call","params":{params}}}'


class Response(Struct, frozen=True):
    """A response, or a notice, of which the result is not decoded yet."""

    id: Any = UNSET
    method: Any = None
    """The name of a notice; a response has none."""
    error: Any = None
    result: Raw = NOTHING

    @property
    def number(self) -> int | None:
        """The id of the request that it belongs to; None if it is not an integer."""
        return self.id if type(self.id) is int else None

    def reply(self, call: Call) -> Reply:
        """Return the answer to the call; a NodeError if the response is an error, an
        Unreachable if it is neither.
        """
        if self.error is not None:
            return _node_error(self.error)
        if self.result is NOTHING:
            return Unreachable("neither result nor error")
        return methods.decode(call, self.result)


_RESPONSE = msgspec.json.Decoder(Response)


def decode_response(body: bytes) -> Response | None:
    """Return the response in a body; None unless it is a JSON object of acceptable size."""
    if not within_limits(body):
        return None
    try:
        return _RESPONSE.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None


def unknown_method(reply: object) -> bool:
    """Return True if the node lacks the method: it is an older version, or the API is not enabled."""
    return isinstance(reply, NodeError) and (
        reply.code_number == _METHOD_NOT_FOUND or "method" in reply.name
    )


def _node_error(error: Any) -> ChainError:
    """Return the error of a response; nodes before 3.2 always send code 1 and the real code in
    the data.
    """
    if not isinstance(error, dict) or type(code := error.get("code")) is not int:
        return Unreachable("error of an unknown shape")
    data = error["data"] if isinstance(error.get("data"), dict) else {}
    if code == 1 and type(data.get("code")) is int:
        code = data["code"]
    return NodeError(code, words(data.get("name", "")), words(error.get("message", "")))
