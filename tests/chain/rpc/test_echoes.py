"""A text that came before says what it said before; everything else is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diag.chain.history.timeline import Page
from diag.chain.rpc import jsonrpc
from diag.chain.rpc.call import Call
from diag.chain.rpc.echoes import LARGEST, Echoes, number_in

ME, OTHER = '["history","a",[]]', '["history","b",[]]'


def body(number: object, result: Any = (), front: str = '"id":{},"jsonrpc":"2.0",') -> bytes:
    """As bitshares-core writes it."""
    return f'{{{front.format(number)}"result":{json.dumps(result)}}}'.encode()


def test_the_same_text_is_the_same_object_under_the_number_of_its_question() -> None:
    echoes = Echoes()
    first = echoes.document(ME, body(1, [{"a": 1}]))
    again = echoes.document(ME, body(234, [{"a": 1}]))
    assert first and again
    assert again["result"] is first["result"]
    assert again == {"id": 234, "jsonrpc": "2.0", "result": [{"a": 1}]}


def test_another_text_or_another_call_is_read() -> None:
    echoes = Echoes()
    first = echoes.document(ME, body(1, [1]))
    other = echoes.document(OTHER, body(2, [1]))
    assert first and other
    assert first["result"] is not other["result"]
    for number, result in ((3, [1, 2]), (4, [1]), (5, [12]), (6, [])):
        assert echoes.document(ME, body(number, result)) == {
            "id": number,
            "jsonrpc": "2.0",
            "result": result,
        }


TEXTS = [
    body(7, [{"id": "1.11.1"}]),
    body(8, [{"id": "1.11.1"}]),
    body(8, [{"id": "1.11.1"}])[:-1],
    body(8, [{"id": "1.11.1"}]) + b" ",
    body("08", [{"id": "1.11.1"}]),
    body(8.0, [{"id": "1.11.1"}]),
    body('"8"', [{"id": "1.11.1"}]),
    body(9, [{"id": "1.11.1"}], '"jsonrpc":"2.0","id":{},'),
    body(9, "x", '"id":{},"jsonrpc":"2.0","error":null,'),
    b'{"id":9,"jsonrpc":"2.0","result":null}',
    b'{"id":9,"jsonrpc":"2.0","result":}',
    b'{"id":9,"jsonrpc":"2.0","result":1,"error":{"code":10}}',
    b'{"id":8,"jsonrpc":"2.0","result":1,"id":8}',
    b'{"id":9,"jsonrpc":"2.0","result":1,"id":8}',
    b'{"id":8,"jsonrpc":"2.0","result":1,"result":2}',
    b'{"id":9,"jsonrpc":"2.0","error":{"code":10}}',
    b'{"id":9,"jsonrpc":"2.0","result":',
    b'{"id":9,"jsonrpc":"2.0","result":NaN}',
    b'{"id":9,"jsonrpc":"2.0","result":' + b"[" * 400 + b"]" * 400 + b"}",
    b"",
    b"garbage",
]


@given(st.lists(st.sampled_from(TEXTS), max_size=12))
def test_whatever_came_before_every_text_is_read_as_it_stands(texts: list[bytes]) -> None:
    echoes = Echoes()
    for text in texts:
        assert echoes.document(ME, text) == jsonrpc.parse_object(text)


def row(number: int) -> dict[str, Any]:
    return {
        "id": f"1.11.{number}",
        "block_num": number,
        "block_time": "2026-11-22T11:00:00",
        "op": [0, {}],
    }


HISTORY = jsonrpc.params(Call("history", "get_account_history_by_time", ("alice", None, None)))
OBJECTS = jsonrpc.params(Call("database", "get_objects", (["1.11.1"],)))
OTHERS_ORDER = '"jsonrpc":"2.0","id":{},'


@pytest.mark.parametrize("front", ['"id":{},"jsonrpc":"2.0",', OTHERS_ORDER])
def test_a_history_is_told_as_a_page_of_rows_that_are_held(front: str) -> None:
    echoes = Echoes()

    def told(number: int, rows: list[Any], params: str = HISTORY) -> Any:
        found = echoes.document(params, body(number, rows, front))
        assert found
        return echoes.told(params, found["result"])

    first = told(1, [row(3), row(2)])
    again = told(2, [row(3), row(2)])
    longer = told(3, [row(4), row(3), row(2)])

    assert [type(page) for page in (first, again, longer)] == [Page] * 3
    assert (first, longer) == ([row(3), row(2)], [row(4), row(3), row(2)])
    assert [page.new_rows for page in (first, again, longer)] == [2, 0, 1]
    assert all(a is b for a, b in zip(first, again, strict=True))
    assert all(a is b for a, b in zip(first, longer[1:], strict=True))
    assert again.positions == Page([row(3), row(2)]).positions
    assert type(told(4, [row(3)], OBJECTS)) is list
    assert told(5, [{"id": "1.11.1"}]) == [{"id": "1.11.1"}]
    assert told(6, [row(3), row(2)]).positions == first.positions


def test_what_is_kept_is_bounded() -> None:
    echoes = Echoes(most_bytes=1000)
    first = echoes.document(ME, body(1, ["x" * 400]))
    kept = echoes.document(ME, body(2, ["x" * 400]))
    echoes.document(OTHER, body(3, ["y" * 700]))
    gone = echoes.document(ME, body(4, ["x" * 400]))
    assert first and kept and gone
    assert first["result"] is kept["result"] is not gone["result"]

    huge = ["z" * LARGEST]
    [one, two] = (echoes.document(ME, body(n, huge)) for n in (1, 2))
    assert one and two
    assert one["result"] == two["result"] == huge
    assert one["result"] is not two["result"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (body(0), 0),
        (body(4711), 4711),
        (body(9, [], '"jsonrpc":"2.0","id":{},'), None),
        (body(-1), None),
        (body("01"), None),
        (b"", None),
        (b"[" + body(1) + b"]", None),
    ],
)
def test_the_number_of_a_question_is_seen_where_nodes_write_it(
    text: bytes, number: int
) -> None:
    assert number_in(text) == number
