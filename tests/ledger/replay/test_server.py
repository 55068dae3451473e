"""A replayed node behaves on the wire like the real one, and breaks in the ways it is told."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from waiting import FOREVER, PATIENCE, beside, growing, soon, took
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from diag.ledger.node import Ledger
from diag.ledger.replay.faults import Faults
from diag.ledger.replay.server import Replay, serve_forever
from diag.ledger.view import View

DEMO = Path(__file__).parents[3] / "diag" / "data" / "ledger"
CHAIN_ID = {
    "jsonrpc": "2.0",
    "id": 7,
    "method": "call",
    "params": ["database", "get_chain_id", []],
}


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return Ledger.load(DEMO)


@pytest.fixture(scope="module")
def node(ledger: Ledger) -> Iterator[Replay]:
    with Replay(ledger) as replay:
        yield replay


def post(node: Replay, body: Any, timeout: float = PATIENCE) -> requests.Response:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return requests.post(node.url, data=data, headers={"Connection": "close"}, timeout=timeout)


def raw(node: Replay, request: bytes) -> bytes:
    """Everything the node sends until it ends the connection by itself."""
    said = b""
    with dialled(node) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(request)
        while more := connection.recv(65_536):
            said += more
    return said


def dialled(node: Replay) -> socket.socket:
    host, port = node.address.split(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)


def websocket(node: Replay, **options: Any) -> ClientConnection:
    return connect(node.ws_url, open_timeout=PATIENCE, **options)


def request_for(body: bytes, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return b"POST / HTTP/1.1\r\nHost: node\r\nContent-Length: %d\r\n\r\n%b" % (size, body)


# --- HTTP -----------------------------------------------------------------------------------


def call(**changes: Any) -> dict[str, Any]:
    """A good request with changes; an ellipsis takes a member away."""
    return {key: value for key, value in (CHAIN_ID | changes).items() if value is not ...}


@pytest.mark.parametrize(
    ("body", "status", "code", "message"),
    [
        (b"{", 400, -32700, "Invalid JSON message"),
        (b"", 400, -32700, "Invalid JSON message"),
        (b"[" * 100_000, 400, -32700, "Invalid JSON message"),
        ([CHAIN_ID], 400, -32600, "Batch requests not supported"),
        ("text", 400, -32600, "Invalid JSON request"),
        (call(id=[1]), 400, -32600, "Invalid id"),
        (call(method=...), 400, -32600, "Missing or invalid method"),
        (call(jsonrpc="1.0"), 400, -32600, "Unsupported JSON-RPC version"),
        (call(params={"a": 1}), 400, -32602, "Named parameters not supported"),
        (call(params=5), 400, -32600, "Invalid parameters"),
        (call(params=["nowhere", "x", []]), 400, -32601, "Method not found"),
        (call(params=["history", "nope", []]), 400, -32601, "Method not found"),
        (call(params=["database", "get_chain_id"]), 200, 10, "Execution error"),
        (call(params=[9, "get_chain_id", []]), 200, 10, "Execution error"),
        (call(params=["database", "get_objects", [["9.9.9"]]]), 200, 10, "Execution error"),
    ],
)
def test_http_errors(node: Replay, body: Any, status: int, code: int, message: str) -> None:
    reply = post(node, body)
    error = reply.json()["error"]
    assert (reply.status_code, error["code"]) == (status, code)
    assert error["message"].partition(":")[0] == message


@pytest.mark.parametrize(
    ("changes", "document"),
    [
        ({}, {"id": 7, "jsonrpc": "2.0"}),
        ({"jsonrpc": ...}, {"id": 7}),
        ({"id": "seven"}, {"id": "seven", "jsonrpc": "2.0"}),
        ({"id": None}, {"id": None, "jsonrpc": "2.0"}),
        ({"params": [0, "get_chain_id", []]}, {"id": 7, "jsonrpc": "2.0"}),
        ({"method": "get_chain_id", "params": ...}, {"id": 7, "jsonrpc": "2.0"}),
    ],
)
def test_http_results(
    node: Replay, ledger: Ledger, changes: dict[str, Any], document: dict[str, Any]
) -> None:
    reply = post(node, call(**changes))
    assert reply.status_code == 200
    assert reply.json() == document | {"result": ledger.chain_id}


@pytest.mark.parametrize("changes", [{"id": ...}, {"id": None, "jsonrpc": ...}])
def test_http_notification(node: Replay, changes: dict[str, Any]) -> None:
    reply = post(node, call(**changes))
    assert (reply.status_code, reply.content) == (204, b"")


def test_http_connection_is_closed_without_saying_so(node: Replay) -> None:
    body = json.dumps(CHAIN_ID).encode()
    head, _, rest = raw(node, request_for(body) + request_for(body)).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 200 OK"
    assert {line.split(":")[0] for line in lines[1:]} == {"Content-Length", "Server"}
    assert "Server: WebSocket++/0.7.0" in lines
    assert json.loads(rest)["id"] == 7  # one answer, although two were asked for


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (request_for(b"", length=32_000_001), b"413"),
        (b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"400"),
        (b"GET /anything HTTP/1.1\r\nHost: node\r\n\r\n", b"400"),
    ],
)
def test_http_requests_out_of_order(node: Replay, request_bytes: bytes, status: bytes) -> None:
    assert raw(node, request_bytes).split()[1] == status


def test_http_request_must_come_in_time(node: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diag.ledger.replay.server.REQUEST_TIMEOUT", 0.1)
    assert raw(node, b"POST / HTTP/1.1\r\n") == b""
    assert raw(node, request_for(b"half", length=8)) == b""


def test_error_envelope_carries_the_stack(node: Replay) -> None:
    args = ["no-such-account", 101, None]
    reply = post(node, call(params=["history", "get_account_history_by_time", args]))
    error = reply.json()["error"]
    assert error["message"].endswith("limit can not be greater than 100")
    assert (error["data"]["code"], error["data"]["name"]) == (10, "assert_exception")
    assert error["data"]["message"] == "Assert Exception"
    frame = error["data"]["stack"][0]
    assert frame["data"] == {"configured_limit": 100}
    assert frame["format"].endswith("${configured_limit}")


def test_clock_is_the_recorded_head_even_when_behind(ledger: Ledger) -> None:
    with Replay(ledger.with_view(View(behind=1800))) as late:
        head = post(late, call(method="get_dynamic_global_properties", params=[])).json()
    assert late.ledger.clock == ledger.clock
    assert head["result"]["time"] < ledger.head()["time"]


# --- WebSocket ------------------------------------------------------------------------------


def ask_forty_times(client: ClientConnection) -> None:
    for number in range(40):
        client.send(json.dumps(call(id=f"n{number}")))


def test_websocket_takes_calls_without_waiting_for_their_answers(ledger: Ledger) -> None:
    faults = Faults(latency=FOREVER)
    with Replay(ledger, faults) as slow, websocket(slow, close_timeout=0.1) as client:
        ask_forty_times(client)
        assert soon(lambda: len(slow.calls) == 40)
        assert {method for _, method in slow.calls} == {"get_chain_id"}


def test_websocket_answers_what_comes_together_together_and_in_order(ledger: Ledger) -> None:
    def ask_and_listen() -> None:
        ask_forty_times(client)
        replies[:] = [json.loads(client.recv(timeout=PATIENCE)) for _ in range(40)]

    replies: list[dict[str, Any]] = []
    for latency in growing():
        with Replay(ledger, Faults(latency=latency)) as slow, websocket(slow) as client:
            seconds = took(ask_and_listen)
        assert [reply["id"] for reply in replies] == [f"n{number}" for number in range(40)]
        assert {reply["result"] for reply in replies} == {ledger.chain_id}
        assert latency <= seconds
        if seconds < 3 * latency:
            break
    assert seconds < 3 * latency  # one wave, not forty


def test_websocket_api_numbers_live_with_the_connection(node: Replay) -> None:
    def ask(client: Any, api: Any, method: str, args: list[Any]) -> dict[str, Any]:
        client.send(json.dumps(call(params=[api, method, args])))
        reply: dict[str, Any] = json.loads(client.recv(timeout=PATIENCE))
        return reply

    with websocket(node) as client:
        assert ask(client, 2, "get_account_history_by_time", ["x"])["error"]["code"] == 10
        assert ask(client, 1, "database", [])["result"] == 0
        history = ask(client, 1, "history", [])["result"]
        assert history == ask(client, "login", "history", [])["result"] >= 2
        assert ask(client, history, "get_account_history_by_time", ["x"])["result"] == []
        assert ask(client, 0, "get_chain_id", [])["result"]
    with websocket(node) as client:
        assert ask(client, 2, "get_account_history_by_time", ["x"])["error"]["code"] == 10


def test_websocket_ignores_notifications_and_survives_nonsense(node: Replay) -> None:
    with websocket(node) as client:
        client.send(json.dumps(call(id=...)))
        client.send("nonsense")
        client.send([json.dumps(CHAIN_ID)[:9], json.dumps(CHAIN_ID)[9:]])  # two fragments
        client.ping().wait(timeout=PATIENCE)
        assert json.loads(client.recv(timeout=PATIENCE))["error"]["code"] == -32700
        assert json.loads(client.recv(timeout=PATIENCE))["id"] == 7


# --- faults ---------------------------------------------------------------------------------


def over_http(node: Replay, patience: float = PATIENCE) -> Any:
    return post(node, CHAIN_ID, timeout=patience)


def over_websocket(node: Replay) -> Any:
    with websocket(node) as client:
        client.send(json.dumps(CHAIN_ID))
        return client.recv(timeout=PATIENCE)


@pytest.mark.parametrize(
    ("faults", "patience", "error", "words"),
    [
        (Faults(drop=1), PATIENCE, requests.ConnectionError, "reset"),
        (
            Faults(die_mid_answer=True),
            PATIENCE,
            requests.exceptions.ChunkedEncodingError,
            "Incomplete",
        ),
        (Faults(hang=True), 0.2, requests.Timeout, "timed out"),
        (Faults(latency=FOREVER), 0.2, requests.Timeout, "timed out"),
    ],
)
def test_http_faults_that_end_without_an_answer(
    ledger: Ledger, faults: Faults, patience: float, error: type[Exception], words: str
) -> None:
    with Replay(ledger, faults) as broken, pytest.raises(error, match=words):
        over_http(broken, patience)


def test_http_faults_that_answer(ledger: Ledger) -> None:
    with Replay(ledger, Faults(garbage=True)) as broken:
        assert not over_http(broken).text.startswith("{")
    with Replay(ledger, Faults(wrong_id=True)) as broken:
        assert over_http(broken).json()["id"] != 7
    with Replay(ledger, Faults(html_error=True)) as broken:
        reply = over_http(broken)
        assert (reply.status_code, reply.headers["Content-Type"]) == (503, "text/html")
        assert reply.text.startswith("<html>")


def test_http_answer_without_end(ledger: Ledger) -> None:
    with Replay(ledger, Faults(oversize=True)) as broken:
        reply = requests.post(broken.url, json=CHAIN_ID, stream=True, timeout=PATIENCE)
        assert sum(len(reply.raw.read(65_536)) for _ in range(100)) > 6_000_000
        reply.close()


def test_http_answer_drips(ledger: Ledger) -> None:
    with Replay(ledger, Faults(drip=0.002)) as broken:
        replies: list[requests.Response] = []
        assert took(lambda: replies.append(post(broken, CHAIN_ID))) > 0.2
        assert replies[0].json()["id"] == 7


def test_drops_fall_the_same_way_for_the_same_seed(ledger: Ledger) -> None:
    def fates(seed: int) -> list[bool]:
        with Replay(ledger, Faults(drop=0.5, seed=seed)) as flaky:
            return [survives(flaky) for _ in range(20)]

    def survives(flaky: Replay) -> bool:
        try:
            return over_http(flaky).ok
        except requests.ConnectionError:
            return False

    first = fates(1)
    assert first == fates(1) != fates(2)
    assert {True, False} == set(first)


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (Faults(drop=1), ConnectionClosed),
        (Faults(die_mid_answer=True), ConnectionClosed),
        (Faults(oversize=True), ConnectionClosed),
        (Faults(hang=True), TimeoutError),
        (Faults(html_error=True), InvalidStatus),
        (Faults(garbage=True), json.JSONDecodeError),
    ],
)
def test_websocket_faults(ledger: Ledger, faults: Faults, error: type[Exception]) -> None:
    with (
        Replay(ledger, faults) as broken,
        pytest.raises(error),
        websocket(broken, max_size=2**20, close_timeout=0.2) as client,
    ):
        client.send(json.dumps(CHAIN_ID))
        json.loads(client.recv(timeout=0.2 if faults.hang else PATIENCE))


def test_websocket_wrong_id_and_drip(ledger: Ledger) -> None:
    faults = Faults(wrong_id=True, drip=0.001)
    with Replay(ledger, faults) as broken, websocket(broken) as client:
        client.send(json.dumps(CHAIN_ID))
        assert json.loads(client.recv(timeout=PATIENCE))["id"] == 8


@pytest.mark.parametrize("ask", [over_http, over_websocket], ids=["HTTP", "WebSocket"])
def test_a_node_falls_ill_after_some_calls_and_recovers(
    ledger: Ledger, ask: Callable[[Replay], Any]
) -> None:
    def well(node: Replay) -> bool:
        try:
            return bool(ask(node))
        except (requests.ConnectionError, ConnectionClosed):
            return False

    with Replay(ledger, Faults(drop=1, after=2)) as node:
        assert [well(node) for _ in range(4)] == [True, True, False, False]
        node.faults = Faults()
        assert well(node)
        node.faults = Faults(drop=1, after=1)
        assert [well(node) for _ in range(2)] == [True, False]


def test_the_head_moves_on_while_it_serves(ledger: Ledger) -> None:
    dynamic = call(params=["database", "get_objects", [["2.1.0"]]])
    with Replay(ledger.with_view(View(behind=600))) as node, websocket(node) as client:
        heads = []
        for behind in (600, 300, 0):
            node.ledger = ledger.with_view(View(behind=behind))
            client.send(json.dumps(dynamic))
            heads.append(json.loads(client.recv(timeout=PATIENCE))["result"][0]["time"])
            assert post(node, dynamic).json()["result"][0]["time"] == heads[-1]
    assert heads == sorted(set(heads))


def test_stopping_ends_what_hangs(ledger: Ledger) -> None:
    replay = Replay(ledger, Faults(hang=True)).start()
    with dialled(replay) as connection:
        connection.sendall(request_for(json.dumps(CHAIN_ID).encode()))
        assert soon(lambda: len(replay.calls) == 1)
        replay.stop()
        assert connection.recv(10) == b""
    with pytest.raises(OSError):
        dialled(replay)


def test_a_mistake_in_the_node_itself_lets_nobody_wait(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(Ledger):
        def answer(self, *question: Any) -> Any:
            raise RuntimeError

    told = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda _: told.set())
    with Replay(Broken(ledger.recording, View())) as node:
        with pytest.raises(requests.ConnectionError):
            post(node, CHAIN_ID)
        assert told.wait(PATIENCE)


# --- until it is stopped ---------------------------------------------------------------------


def test_serving_ends_when_stopped(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    replay = Replay(ledger)
    with beside(lambda: serve_forever(replay)):
        assert post(replay, CHAIN_ID).status_code == 200
        replay.stop()
    assert replay.url in capsys.readouterr().out


def test_serving_ends_with_an_interrupt(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(replay: Replay) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Replay, "wait", interrupt)
    replay = Replay(ledger)
    serve_forever(replay)
    with pytest.raises(requests.ConnectionError):
        post(replay, CHAIN_ID)
