"""JSON-RPC as nodes speak it over every transport: the question to a call, and what came back."""

from __future__ import annotations

from typing import Any

from diag.chain.rpc.call import Call
from diag.chain.rpc.values import decoded, encoded
from diag.errors import ChainError, NodeError, Unreachable

NO_DOCUMENT = "not a JSON object"


def params(call: Call) -> str:
    """What tells a call from all others, as it is sent."""
    return encoded([call.api, call.method, call.args])


def question(number: int, params: str) -> str:
    """What is sent; the answer bears the same number."""
    return f'{{"jsonrpc":"2.0","id":{number},"method":"call","params":{params}}}'


def document(body: bytes) -> dict[str, Any] | None:
    """The object in a body; None for anything else, also for what no JSON can repeat."""
    found = decoded(body)
    return found if isinstance(found, dict) else None


def number_of(answer: dict[str, Any]) -> int | None:
    """The question that it answers; None if no question of ours could have that id."""
    number = answer.get("id")
    return number if type(number) is int else None


def result(answer: dict[str, Any]) -> Any:
    """The result; raises the NodeError that came instead, or Unreachable where neither did."""
    if answer.get("error") is not None:
        raise _node_error(answer["error"])
    if "result" not in answer:
        raise Unreachable("neither result nor error")
    return answer["result"]


def _node_error(error: Any) -> ChainError:
    """Nodes before 3.2 always say code 1; the real one is in the data."""
    if not isinstance(error, dict) or type(code := error.get("code")) is not int:
        return Unreachable("error of an unknown shape")
    data = error["data"] if isinstance(error.get("data"), dict) else {}
    if code == 1 and type(data.get("code")) is int:
        code = data["code"]
    name, message = str(data.get("name", "")), str(error.get("message", ""))
    return NodeError(code, name[:1000], message[:1000])
