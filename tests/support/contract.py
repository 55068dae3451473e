"""Every response that a test gets from the service is held against openapi.yaml.

`pytest_configure` puts `Client` in the place of Flask's, so no test has to ask for it. A test that
breaks the contract on purpose says `with unchecked():`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator, Registry
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map
from werkzeug.test import TestResponse
from werkzeug.wsgi import ClosingIterator

TEXT = (Path(__file__).parents[2] / "openapi.yaml").read_text(encoding="utf-8")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The quickest that there is."""
SPEC: dict[str, Any] = yaml.load(TEXT, LOADER)
URI = "urn:diag:openapi"
ALWAYS = frozenset(
    [
        "cache-control",
        "content-length",
        "content-security-policy",
        "content-type",
        "cross-origin-resource-policy",
        "date",
        "last-modified",
        "permissions-policy",
        "referrer-policy",
        "server",
        "strict-transport-security",
        "x-content-type-options",
    ]
)
"""Headers that need no word in the contract."""
NOWHERE = {
    "400": "BadInput",
    "401": "Unauthorized",
    "404": "NotFound",
    "405": "MethodNotAllowed",
    "429": "RateLimited",
    "500": "InternalError",
}
"""What may come from an address or by a method that the contract does not have."""
LINES = "application/x-ndjson"

_checked: ContextVar[bool] = ContextVar("checked", default=True)


@contextmanager
def unchecked() -> Iterator[None]:
    """Inside, responses may break the contract."""
    token = _checked.set(False)
    try:
        yield
    finally:
        _checked.reset(token)


class Client(FlaskClient):
    """A test client that accepts only what the contract promises."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        response = super().open(*args, **options)
        if not _checked.get():
            return response
        request = response.request
        documented = promise(self.application.url_map, request.path, request.method, response)
        if isinstance(documented, str):
            raise AssertionError(f"{_asked(response)}: {documented}")
        _hold(response, _outside(documented, response))
        if request.method != "HEAD" and response.status_code != 304:
            _check_body(documented, response)
        return response


def promise(
    addresses: Map, path: str, method: str, response: TestResponse
) -> dict[str, Any] | str:
    """What is documented of a response, by its place; or why nothing is."""
    status = str(response.status_code)
    template = _template(addresses, path)
    if template and template not in SPEC["paths"]:
        return f"{template} is not in the contract"
    item = SPEC["paths"].get(template, {})
    operation = item.get("get" if method == "HEAD" else method.lower())
    if operation is None:
        name = NOWHERE.get(status)
        nothing = f"status {status} where the contract has nothing"
        return resolved(SPEC["components"]["responses"][name]) if name else nothing
    documented = operation["responses"].get(status)
    return resolved(documented) if documented else f"status {status} is not documented"


def _template(addresses: Map, path: str) -> str | None:
    """The path as the contract writes it; None where the service has none such."""
    adapter = addresses.bind("localhost")
    for method in ("GET", "POST"):
        try:
            rule, _ = adapter.match(path, method=method, return_rule=True)
        except HTTPException:
            continue
        return re.sub("<(?:[^<>:]+:)?([^<>]+)>", r"{\1}", rule.rule)
    return None


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """What a reference stands for; anything else is itself."""
    if "$ref" not in node:
        return node
    found: Any = SPEC
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return resolved({**found, **{k: v for k, v in node.items() if k != "$ref"}})


def _outside(documented: dict[str, Any], response: TestResponse) -> list[str]:
    """What is wrong with the headers and the type."""
    promised = documented.get("headers", {})
    wrong = []
    for name, header in promised.items():
        value, header = response.headers.get(name), resolved(header)
        if value is None and header.get("required"):
            wrong.append(f"header {name} is missing")
        elif value is not None:
            wrong += [f"{name}: {m}" for m in mistakes(header["schema"], value)]
    told = {name.lower() for name in promised} | ALWAYS
    wrong += [
        f"header {n} is not documented" for n, _ in response.headers if n.lower() not in told
    ]
    types = documented.get("content", {})
    if types and response.mimetype not in types:
        wrong.append(f"type {response.mimetype} is not documented")
    if not types and response.data:
        wrong.append("a body is not documented")
    return wrong


def _check_body(documented: dict[str, Any], response: TestResponse) -> None:
    """Now, or of an answer that comes in pieces, when its last piece has been read."""
    schema = documented.get("content", {}).get(response.mimetype, {}).get("schema")
    if schema is None or not response.mimetype.endswith("json"):
        return
    if response.mimetype == LINES:
        pieces = response.response
        lines = _read_through(response, schema, pieces)
        response.response = ClosingIterator(lines, [getattr(pieces, "close", int)])
    else:
        _hold(response, _wrong(schema, response.data))


def _read_through(
    response: TestResponse, schema: dict[str, Any], pieces: Iterable[Any]
) -> Iterator[Any]:
    read = b""
    for piece in pieces:
        read += piece if isinstance(piece, bytes) else piece.encode()
        yield piece
    _hold(response, [m for line in read.splitlines() for m in _wrong(schema, line)])


def _wrong(schema: dict[str, Any], text: bytes) -> list[str]:
    try:
        body = json.loads(text)
    except ValueError as error:
        return [f"not JSON: {error}"]
    return mistakes(schema, body)


def _hold(response: TestResponse, wrong: list[str]) -> None:
    __tracebackhide__ = True
    assert wrong == [], f"{_asked(response)} → {response.status_code}: {'; '.join(wrong)}"


def _asked(response: TestResponse) -> str:
    return f"{response.request.method} {response.request.path}"


def mistakes(schema: dict[str, Any], value: object) -> list[str]:
    """What is wrong with a value; empty where it validates."""
    validator = _validator(json.dumps(schema, sort_keys=True))
    if validator.is_valid(value):
        return []
    return [
        f"{'.'.join(map(str, error.instance_path)) or '$'}: {error.message}"
        for error in validator.iter_errors(value)
    ]


@cache
def _registry() -> Registry:
    return Registry([(URI, SPEC)])


@cache
def _validator(schema: str) -> Draft202012Validator:
    absolute = json.loads(schema.replace('"$ref": "#', f'"$ref": "{URI}#'))
    return Draft202012Validator(absolute, registry=_registry(), validate_formats=True)
