"""What is refused before objects are made of it, and that everything honest passes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from diag.chain.rpc.values import decoded
from diag.json_limits import (
    MAX_CONTAINERS,
    MAX_DEPTH,
    MAX_VALUES,
    few_values,
    within_limits,
)

MIB = 1024 * 1024
FULL = 4 * MIB
"""Bytes: the longest answer that is read at all."""


def filled(unit: bytes, size: int = FULL) -> bytes:
    """A response of a node whose result repeats a value up to a size."""
    front, back = b'{"id":1,"jsonrpc":"2.0","result":[', b"]}"
    count = (size - len(front) - len(back)) // (len(unit) + 1)
    return front + b",".join([unit] * count) + back


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


TOO_MUCH: dict[str, Callable[[], bytes]] = {
    "empty lists": lambda: filled(b"[]"),
    "empty objects": lambda: filled(b"{}"),
    "lists of one number": lambda: filled(b"[0]"),
    "objects of one number": lambda: filled(b'{"a":0}'),
    "numbers": lambda: filled(b"7"),
    "short texts": lambda: filled(b'"ab"'),
    "lists in lists": lambda: filled(nested(90)),
    "one list in another": lambda: nested(MAX_DEPTH + 1),
    "objects in lists": lambda: b'[{"a":' * MAX_DEPTH + b"0" + b"}]" * MAX_DEPTH,
    "lists without an end": lambda: b"[" * FULL,
    "texts that look as if they hid it": lambda: filled(b'"\\"[",[]'),
    "a text that never ends behind it": lambda: filled(nested(120)) + b'"' + b'\\"' * MIB,
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_would_take_much_memory_is_not_parsed(name: str) -> None:
    text = TOO_MUCH[name]()
    assert not within_limits(text)
    assert decoded(text) is None


def transfer(number: int) -> list[Any]:
    """A transfer as it stands in a proposal, with ids as long as those of the main network."""
    return [
        0,
        {
            "fee": {"amount": 86869, "asset_id": "1.3.0"},
            "from": f"1.2.{1_000_000 + number}",
            "to": "1.2.96393",
            "amount": {"amount": 1_000_000 + number, "asset_id": "1.3.3926"},
            "extensions": [],
        },
    ]


def row(number: int, op: list[Any]) -> dict[str, Any]:
    return {
        "id": f"1.11.{1_000_000_000 + number}",
        "op": op,
        "result": [0, {}],
        "block_num": 70_000_000 + number,
        "trx_in_block": 0,
        "op_in_trx": 0,
        "virtual_op": 0,
        "is_virtual": False,
        "block_time": "2026-11-22T12:00:00",
    }


def proposal(number: int, inner: int) -> dict[str, Any]:
    ops = [{"op": transfer(n)} for n in range(inner)]
    body = {"fee": {"amount": 1, "asset_id": "1.3.0"}, "proposed_ops": ops}
    return row(number, [22, body])


def with_memo(number: int, size: int) -> dict[str, Any]:
    kind, body = transfer(number)
    key = "BTS" + "7" * 50
    memo = {"from": key, "to": key, "nonce": "394832443", "message": "af" * size}
    return row(number, [kind, body | {"memo": memo}])


def described(number: int, text: str) -> dict[str, Any]:
    """An asset or a worker that somebody describes in words of his own."""
    return row(number, [10, {"common_options": {"description": text}}])


HONEST: dict[str, Callable[[], list[Any]]] = {
    "proposals of transfers, 4 MiB": lambda: [proposal(n, 262) for n in range(100)],
    "memos of 20 KiB": lambda: [with_memo(n, 20_000) for n in range(100)],
    "descriptions full of brackets": lambda: [described(n, "[{" * 20_000) for n in range(100)],
    "descriptions full of commas": lambda: [described(n, ",\\" * 12_000) for n in range(100)],
    "proposals in proposals": lambda: [
        proposal(1, 1) | {"op": [22, {"ops": [proposal(2, 1)]}]}
    ],
}
"""A hundred rows each, but for the last."""


@pytest.mark.parametrize("name", HONEST)
def test_the_largest_honest_answers_are_parsed(name: str) -> None:
    answer = {"id": 1, "jsonrpc": "2.0", "result": HONEST[name]()}
    body = json.dumps(answer, separators=(",", ":")).encode()
    assert len(body) <= FULL
    assert decoded(body) == answer


def test_the_limits_are_what_is_counted() -> None:
    assert within_limits(filled(b"[]", 3 * MAX_CONTAINERS - 10))
    assert not within_limits(filled(b"[]", 3 * MAX_CONTAINERS + 100))
    assert within_limits(filled(b"7", 2 * MAX_VALUES - 10))
    assert not within_limits(filled(b"7", 2 * MAX_VALUES + 100))
    assert within_limits(nested(MAX_DEPTH))


def test_where_strings_are_parsed_as_well_they_count() -> None:
    text = json.dumps(["[[],[]]" * 60_000]).encode()
    assert within_limits(text)
    assert not within_limits(text, json_in_strings=True)


def test_depth_alone_is_no_matter_of_how_many() -> None:
    assert few_values(nested(100_000))
    assert not few_values(nested(MAX_CONTAINERS + 1))


def test_depth_that_strings_hide_is_found_by_the_parser() -> None:
    """Brackets are counted without a look at where strings begin."""
    for depth in (20_000, 100_000):
        hidden = b'["]",' * depth + b"0" + b"]" * depth
        assert decoded(hidden) is None


@pytest.mark.parametrize(
    "text", [b"]" * MIB, b"", b'"', b'"\\', b"]", b"\xff\xfe", b"null", b'"[[[[']
)
def test_what_is_no_json_is_left_to_the_parser(text: bytes) -> None:
    assert within_limits(text)
