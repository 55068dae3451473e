"""JSON-RPC as BitShares nodes speak it over every transport: requests and responses."""

from __future__ import annotations

from typing import Any

from diag.chain.rpc.call import Call
from diag.chain.rpc.values import decoded, encoded, words
from diag.errors import ChainError, NodeError, Unreachable

NOT_AN_OBJECT = "not a JSON object"


def params(call: Call) -> str:
    """The `params` member of a request as JSON text; equal calls have equal texts."""
    return encoded([call.api, call.method, call.args])


def request(number: int, params: str) -> str:
    """The text of a request; its response carries the same id."""
    return f'{{"jsonrpc":"2.0","id":{number},"method":"call","params":{params}}}'


def parse_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in a body; None for anything else, also for values JSON cannot represent."""
    found = decoded(body)
    return found if isinstance(found, dict) else None


def request_id(response: dict[str, Any]) -> int | None:
    """The id of the request that a response belongs to; None if it is not an integer."""
    number = response.get("id")
    return number if type(number) is int else None


def result(response: dict[str, Any]) -> Any:
    """The result of a response; raises NodeError for an error, Unreachable if it has neither."""
    if response.get("error") is not None:
        raise _node_error(response["error"])
    if "result" not in response:
        raise Unreachable("neither result nor error")
    return response["result"]


def _node_error(error: Any) -> ChainError:
    """The error of a response; nodes before 3.2 always send code 1 and the real code in the data."""
    if not isinstance(error, dict) or type(code := error.get("code")) is not int:
        return Unreachable("error of an unknown shape")
    data = error["data"] if isinstance(error.get("data"), dict) else {}
    if code == 1 and type(data.get("code")) is int:
        code = data["code"]
    return NodeError(code, words(data.get("name", "")), words(error.get("message", "")))
