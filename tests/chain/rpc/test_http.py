"""What a node over HTTP promises: replies in order, errors told apart, never a late answer."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.client import HTTPConnection, HTTPSConnection, RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from peers import drip
from urllib3.exceptions import ProtocolError
from waiting import FOREVER, PATIENCE, PATIENT, beside, growing, promptly, soon

from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Deadline, Source
from diag.chain.rpc.http import HttpNode
from diag.errors import BadSetting, ChainError, Malformed, NodeError, OutOfTime, Unreachable

URL = "http://node.example:8090/rpc"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
Answer = tuple[int, dict[str, str], str | bytes]


def patient(url: str, **options: Any) -> HttpNode:
    """A node that no machine is too slow for, unless the options say otherwise."""
    return HttpNode(url, **{**PATIENT, **options})


def numbered(count: int) -> list[Call]:
    return [Call("database", "get_it", ([f"1.2.{i}"],)) for i in range(count)]


def ask_one(node: HttpNode, seconds: float = PATIENCE) -> Any:
    [reply] = node.ask(numbered(1), Deadline(seconds))
    return reply


def is_no_answer(reply: Any, reason: str) -> bool:
    assert type(reply) in (Unreachable, Malformed), reply
    assert reply.reason == reason
    return True


# --- answers, from a mocked node ---------------------------------------------------------


@pytest.fixture
def mocked() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def answering(mock: responses.RequestsMock, answer: Callable[[dict[str, Any]], Answer]) -> None:
    mock.add_callback("POST", URL, lambda request: answer(json.loads(request.body or b"")))


def reply_to(
    mock: responses.RequestsMock, status: int, body: str | bytes, **options: Any
) -> Any:
    """The reply for a body; ID in it stands for the id of the question."""

    def answer(question: dict[str, Any]) -> Answer:
        filled = body.replace("ID", str(question["id"])) if isinstance(body, str) else body
        return status, {}, filled

    answering(mock, answer)
    return ask_one(patient(URL, **options))


def test_a_node_is_a_source() -> None:
    source: Source = HttpNode(URL)
    assert source.name == "node.example:8090"


def test_the_request_is_a_call_with_api_method_and_arguments(
    mocked: responses.RequestsMock,
) -> None:
    answering(mocked, lambda question: (200, {}, json.dumps({**question, "result": question})))
    node = patient(URL)
    first: Any = node.ask([Call("history", "get_it", ("1.2.3", None, 5))], Deadline(PATIENCE))[
        0
    ]
    second: Any = node.ask([Call("history", "get_it")], Deadline(PATIENCE))[0]
    number = first.pop("id")
    params = ["history", "get_it", ["1.2.3", None, 5]]
    assert first == {"jsonrpc": "2.0", "method": "call", "params": params}
    assert second["params"] == ["history", "get_it", []]
    assert second["id"] != number
    headers = mocked.calls[0].request.headers
    assert headers["Connection"] == "close"
    assert headers["Content-Type"] == "application/json"
    assert headers["Accept-Encoding"] == "identity"
    assert int(headers["Content-Length"]) == len(mocked.calls[0].request.body or b"")


def test_an_answer_is_what_its_method_is_answered_with(mocked: responses.RequestsMock) -> None:
    row = {"id": "1.11.7", "block_num": 7, "block_time": "2026-11-22T11:00:00", "op": [0, {}]}
    answering(mocked, lambda q: (200, {}, json.dumps({"id": q["id"], "result": [row]})))
    node = patient(URL)
    calls = [methods.HISTORY_BY_TIME.call("a"), methods.BALANCES.call("a", []), *numbered(1)]
    [operation], balances, plain = node.ask(calls, Deadline(PATIENCE))
    assert (operation.id, operation.location.block) == ("1.11.7", 7)
    assert isinstance(balances, Malformed)
    assert plain == [row]


def test_replies_come_in_the_order_of_the_calls(mocked: responses.RequestsMock) -> None:
    others, answered = threading.Event(), []

    def first_last(question: dict[str, Any]) -> Answer:
        [[wanted]] = question["params"][2]
        if wanted == "1.2.0":
            others.wait(FOREVER)
        answered.append(wanted)
        if len(answered) == 11:
            others.set()
        return 200, {}, json.dumps({"id": question["id"], "result": wanted})

    answering(mocked, first_last)
    replies = patient(URL, workers=3).ask(numbered(12), Deadline(PATIENCE))
    assert replies == [f"1.2.{i}" for i in range(12)]


def test_one_bad_reply_does_not_touch_the_others(mocked: responses.RequestsMock) -> None:
    def one_fails(question: dict[str, Any]) -> Answer:
        [[wanted]] = question["params"][2]
        key, value = ("error", {"code": 10}) if wanted == "1.2.1" else ("result", wanted)
        return 200, {}, json.dumps({"id": question["id"], key: value})

    answering(mocked, one_fails)
    first, second, third = patient(URL).ask(numbered(3), Deadline(PATIENCE))
    assert (first, third) == ("1.2.0", "1.2.2")
    assert isinstance(second, NodeError)


def test_no_timeout_is_longer_than_what_the_deadline_leaves(
    mocked: responses.RequestsMock,
) -> None:
    answering(mocked, lambda q: (200, {}, json.dumps({"id": q["id"], "result": 1})))
    node = HttpNode(URL, connect_timeout=0.3, read_timeout=4)
    for seconds in (0.1, 2.0, 60.0):
        node.ask(numbered(1), Deadline(seconds, clock=lambda: 1000.0))
    used: list[Any] = [call.request.req_kwargs["timeout"] for call in mocked.calls]  # type: ignore[attr-defined]
    assert [tuple(round(limit, 9) for limit in limits) for limits in used] == [
        (0.1, 0.1),
        (0.3, 2.0),
        (0.3, 4.0),
    ]


def test_no_calls_no_replies() -> None:
    assert HttpNode(URL).ask([], Deadline(1)) == []


def test_ids_stay_unique_between_threads(mocked: responses.RequestsMock) -> None:
    answering(mocked, lambda q: (200, {}, json.dumps({"id": q["id"], "result": q["id"]})))
    node, seen = patient(URL), []

    def ask() -> None:
        seen.extend(node.ask(numbered(10), Deadline(PATIENCE)))

    with beside(*[ask] * 4):
        pass
    assert len(set(seen)) == 40


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("null", None),
        ("[]", []),
        ("false", False),
        ("0", 0),
        ('"9007199254740993"', "9007199254740993"),
        ("9007199254740993", 9007199254740993),
        ("1.5", 1.5),
        ('"\\u94b1 钱 \\ud83d\\ude00"', "钱 钱 😀"),
    ],
)
@pytest.mark.parametrize("error", ["", ', "error": null'])
def test_a_result_is_any_json(
    mocked: responses.RequestsMock, result: str, expected: Any, error: str
) -> None:
    reply = reply_to(mocked, 200, f'{{"id": ID, "jsonrpc": "2.0", "result": {result}{error}}}')
    assert reply == expected
    assert type(reply) is type(expected)


@pytest.mark.parametrize("status", [200, 400, 500])
def test_an_error_is_told_by_the_body_whatever_the_status(
    mocked: responses.RequestsMock, status: int
) -> None:
    data = {"code": 10, "name": "assert_exception", "message": "Assert Exception"}
    error = {"code": 10, "message": "Execution error: no such account", "data": data}
    reply = reply_to(mocked, status, f'{{"id": ID, "error": {json.dumps(error)}}}')
    assert isinstance(reply, NodeError)
    assert reply.code_number == 10
    assert reply.name == "assert_exception"
    assert reply.message == "Execution error: no such account"


@pytest.mark.parametrize(
    ("error", "code", "name", "message"),
    [
        ('{"code": -32601, "message": "Method not found"}', -32601, "", "Method not found"),
        ('{"code": 1, "message": "m", "data": {"code": 22, "name": "n"}}', 22, "n", "m"),
        ('{"code": 1, "message": "m", "data": {"name": "n"}}', 1, "n", "m"),
        ('{"code": 1, "message": "m"}', 1, "", "m"),
        ('{"code": 0, "message": "m", "data": {"code": 7}}', 0, "", "m"),
        ('{"code": 13, "message": "m", "data": "text"}', 13, "", "m"),
        ('{"code": 13}', 13, "", ""),
    ],
)
def test_error_shapes_of_every_age(
    mocked: responses.RequestsMock, error: str, code: int, name: str, message: str
) -> None:
    reply = reply_to(mocked, 200, f'{{"id": ID, "error": {error}}}')
    assert isinstance(reply, NodeError)
    assert (reply.code_number, reply.name, reply.message) == (code, name, message)


def test_a_nodes_words_are_kept_short(mocked: responses.RequestsMock) -> None:
    error = json.dumps({"code": 1, "message": "m" * 50_000, "data": {"name": "n" * 50_000}})
    reply = reply_to(mocked, 200, f'{{"id": ID, "error": {error}}}')
    assert isinstance(reply, NodeError)
    assert len(reply.message) == len(reply.name) == 1000


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, "", "not a JSON object"),
        (200, "garbage", "not a JSON object"),
        (200, b"\xff\xfe\x00garbage", "not a JSON object"),
        (200, "<html>hello</html>", "not a JSON object"),
        (200, "[]", "not a JSON object"),
        (200, '[{"id": ID, "result": 1}]', "not a JSON object"),
        (200, '"text"', "not a JSON object"),
        (200, '{"id": ID, "result": 1} trailing', "not a JSON object"),
        (200, '{"id": ID, "result": NaN}', "not a JSON object"),
        (200, '{"id": ID, "result": -Infinity}', "not a JSON object"),
        (200, '{"id": ID, "result": 1e999}', "an answer of unexpected shape"),
        (200, '{"id": ID, "result": ' + "9" * 5000 + "}", "an answer of unexpected shape"),
        (200, '{"id": ID, "result": "\\ud83d"}', "not a JSON object"),
        (200, '{"id": ID, "result": "\\uD83D"}', "not a JSON object"),
        (200, '{"id": ID, "result": ' + "[" * 100_000, "not a JSON object"),
        (200, '{"id": ID, "result": ' + "[" * 9_000 + "]" * 9_000 + "}", "not a JSON object"),
        (200, '{"id": ID, "result": ' + "[" * 400 + "]" * 400 + "}", "not a JSON object"),
        (200, '{"id": ID, "result": [' + "[]," * 200_000 + "0]}", "not a JSON object"),
        (200, '{"id": ID, "result": [' + '{"a":0},' * 200_000 + "0]}", "not a JSON object"),
        (200, '{"id": ID, "result": [' + "7," * 600_000 + "7]}", "not a JSON object"),
        (200, gzip.compress(b"{}", mtime=0), "not a JSON object"),
        (200, '{"result": 1}', "answer to another question"),
        (200, '{"id": null, "result": 1}', "answer to another question"),
        (200, '{"id": "ID", "result": 1}', "answer to another question"),
        (200, '{"id": ID.0, "result": 1}', "answer to another question"),
        (200, '{"id": true, "result": 1}', "answer to another question"),
        (200, '{"id": 424242, "result": 1}', "answer to another question"),
        (200, '{"id": 424242, "error": {"code": 10}}', "answer to another question"),
        (400, '{"id": null, "error": {"code": -32700}}', "answer to another question"),
        (200, '{"id": ID}', "neither result nor error"),
        (200, '{"id": ID, "error": null}', "neither result nor error"),
        (200, '{"method": "notice", "id": ID}', "neither result nor error"),
        (200, '{"id": ID, "error": "text"}', "error of an unknown shape"),
        (200, '{"id": ID, "error": {}}', "error of an unknown shape"),
        (200, '{"id": ID, "error": {"code": "10"}}', "error of an unknown shape"),
        (200, '{"id": ID, "error": {"code": true}}', "error of an unknown shape"),
        (204, "", "HTTP 204"),
        (404, "Not Found", "HTTP 404"),
        (429, '{"message": "rate limit exceeded"}', "HTTP 429"),
        (502, "[]", "HTTP 502"),
        (503, "<html>Service Unavailable</html>", "HTTP 503"),
    ],
)
def test_what_is_not_an_answer(
    mocked: responses.RequestsMock, status: int, body: str | bytes, reason: str
) -> None:
    assert is_no_answer(reply_to(mocked, status, body), reason)
    assert len(mocked.calls) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["http://elsewhere.example/", "nonsense://[", "/rpc"])
def test_a_redirect_is_not_followed(
    mocked: responses.RequestsMock, status: int, target: str
) -> None:
    answering(
        mocked,
        lambda q: (status, {"Location": target}, json.dumps({"id": q["id"], "result": 1})),
    )
    assert is_no_answer(ask_one(patient(URL)), f"HTTP {status}")
    assert len(mocked.calls) == 1


def test_the_body_is_bounded(mocked: responses.RequestsMock) -> None:
    body = '{"id": ID, "result": "' + "x" * 1000 + '"}'
    assert is_no_answer(reply_to(mocked, 200, body, max_body=1000), "answer over 1000 bytes")
    assert reply_to(mocked, 200, body, max_body=1100) == "x" * 1000


def test_an_argument_that_is_not_json_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError):
        HttpNode(URL).ask([Call("database", "get_it", (object(),))], Deadline(1))


# --- connections that break --------------------------------------------------------------

BREAKS = [
    requests.ConnectionError(ProtocolError("aborted", ConnectionResetError(104, "reset"))),
    requests.ConnectionError(ProtocolError("aborted", RemoteDisconnected("closed"))),
    ConnectionResetError(104, "reset"),
]
FAILURES = [
    (requests.ConnectTimeout("slow"), "connecting timed out"),
    (requests.ReadTimeout("slow"), "reading timed out"),
    (requests.exceptions.SSLError(ssl.SSLError(1, "bad")), "TLS failed"),
    (
        requests.exceptions.SSLError(ssl.SSLCertVerificationError(1, "bad")),
        "certificate not trusted",
    ),
    (requests.ConnectionError(ConnectionRefusedError(111, "no")), "connection refused"),
    (requests.ConnectionError(socket.gaierror(-2, "unknown")), "host name not found"),
    (requests.ConnectionError("whatever"), "no connection"),
    (requests.exceptions.InvalidHeader("odd"), "not HTTP"),
]


@pytest.mark.parametrize("broken", BREAKS, ids=repr)
def test_a_break_is_tried_once_more(mocked: responses.RequestsMock, broken: Exception) -> None:
    mocked.add("POST", URL, body=broken)
    answering(mocked, lambda q: (200, {}, json.dumps({"id": q["id"], "result": "second"})))
    assert ask_one(patient(URL)) == "second"
    assert len(mocked.calls) == 2


@pytest.mark.parametrize("broken", BREAKS, ids=repr)
def test_two_breaks_are_enough(mocked: responses.RequestsMock, broken: Exception) -> None:
    for _ in range(2):
        mocked.add("POST", URL, body=broken)
    answering(mocked, lambda q: (200, {}, json.dumps({"id": q["id"], "result": "third"})))
    assert is_no_answer(ask_one(patient(URL)), "connection broken off")
    assert len(mocked.calls) == 2


@pytest.mark.parametrize(("failure", "reason"), FAILURES, ids=[r for _, r in FAILURES])
def test_other_failures_are_not_tried_again(
    mocked: responses.RequestsMock, failure: Exception, reason: str
) -> None:
    mocked.add("POST", URL, body=failure)
    reply = ask_one(patient(URL))
    assert is_no_answer(reply, reason)
    assert reply.__cause__ is failure
    assert len(mocked.calls) == 1


# --- addresses and credentials -----------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://node.example", "node.example"),
        ("https://Node.Example:443/ws?key=hidden#part", "node.example:443"),
        ("http://me:hidden@node.example:8090/hidden", "node.example:8090"),
        ("http://me:hid@den@node.example/", "node.example"),
        ("http://[::1]:8090/", "[::1]:8090"),
        (" http://node.example ", "node.example"),
    ],
)
def test_the_name_is_the_host_only(url: str, name: str) -> None:
    assert HttpNode(url).name == name


@pytest.mark.parametrize(
    "url",
    [
        "",
        "node.example",
        "node.example:8090",
        "ws://node.example",
        "wss://me:hidden@node.example",
        "file:///etc/passwd",
        "http://",
        "http://me:hidden@",
        "http://me:hid/den@node.example",
        "http://node.example:99999",
        "http://node.example:0",
        "http://[::1",
        "http://me:hidden@*.example",
    ],
)
def test_an_address_that_cannot_be_used_is_a_bad_setting(url: str) -> None:
    with pytest.raises(BadSetting) as caught:
        HttpNode(url)
    for words in (caught.value.text.zh, caught.value.text.en, str(caught.value)):
        assert "DIAG_NODES" in words
        assert "https://" in words
        assert "hid" not in words
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    ("url", "kind", "host", "port"),
    [
        ("http://node.example", HTTPConnection, "node.example", 80),
        ("http://node.example:8090/rpc", HTTPConnection, "node.example", 8090),
        ("https://node.example/rpc", HTTPSConnection, "node.example", 443),
        ("http://[::1]", HTTPConnection, "::1", 80),
        ("https://[2001:db8::7]:8091", HTTPSConnection, "2001:db8::7", 8091),
    ],
)
def test_where_a_call_is_sent(url: str, kind: type, host: str, port: int) -> None:
    made = HttpNode(url)._endpoint.connection()
    assert (type(made), made.host, made.port) == (kind, host, port)


def test_credentials_go_to_the_node_and_nowhere_else() -> None:
    with responses.RequestsMock() as mock:
        mock.add("POST", "http://node.example/", body=BREAKS[0])
        mock.add("POST", "http://node.example/", status=503)
        node = patient("http://m%65:pa%3Ass%E9%92%B1@node.example/")
        reply = ask_one(node)
        sent = mock.calls[0].request.headers["Authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")).decode() == "me:pa:ss钱"
    assert is_no_answer(reply, "HTTP 503")


def test_credentials_are_in_no_error() -> None:
    node = patient(f"http://me:hidden@127.0.0.1:{free_port()}/")
    error: BaseException | None = ask_one(node)
    assert is_no_answer(error, "connection refused")
    while error is not None:
        assert "hidden" not in f"{error!r} {error}"
        error = error.__cause__ or error.__context__


# --- real sockets ------------------------------------------------------------------------

Behaviour = Callable[[socket.socket, dict[str, Any]], None]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def read_question(peer: socket.socket) -> dict[str, Any]:
    received = b""
    while b"\r\n\r\n" not in received:
        more = peer.recv(65536)
        if not more or more[0] == 0x16:  # gone, or a TLS greeting
            return {}
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    lines = [line.partition(b":") for line in head.lower().split(b"\r\n")]
    length = next((int(value) for key, _, value in lines if key == b"content-length"), 0)
    while len(body) < length:
        body += peer.recv(65536)
    return dict(json.loads(body))


@contextmanager
def serving(behave: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A node on a real socket that closes each connection after behaving once."""
    server = socket.create_server(("127.0.0.1", 0), backlog=64)

    def attend(peer: socket.socket) -> None:
        with suppress(OSError), peer:
            talking = tls.wrap_socket(peer, server_side=True) if tls else peer
            with talking:
                behave(talking, read_question(talking))

    def accept() -> None:
        with suppress(OSError):
            while True:
                peer, _ = server.accept()
                threading.Thread(target=attend, args=(peer,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.getsockname()[1]}/"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def answer_for(question: dict[str, Any]) -> bytes:
    result = question["params"][2][0][0]
    return json.dumps({"id": question["id"], "result": result}).encode()


def well(peer: socket.socket, question: dict[str, Any]) -> None:
    answer = answer_for(question)
    peer.sendall(HEAD % len(answer) + answer)


def chunked(peer: socket.socket, question: dict[str, Any]) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for byte in answer_for(question):
        peer.sendall(b"1\r\n%c\r\n" % byte)
    peer.sendall(b"0\r\n\r\n")


def without_length(peer: socket.socket, question: dict[str, Any]) -> None:
    peer.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + answer_for(question))


def in_silence(peer: socket.socket, question: dict[str, Any]) -> None:
    peer.recv(1)


def dripping_status(peer: socket.socket, question: dict[str, Any]) -> None:
    drip(peer, b"H")


def dripping_headers(peer: socket.socket, question: dict[str, Any]) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\n")
    drip(peer, b"X")


def dripping_body(peer: socket.socket, question: dict[str, Any]) -> None:
    peer.sendall(HEAD % 1_000_000)
    drip(peer, b" ")


def dripping_chunks(peer: socket.socket, question: dict[str, Any]) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")
    drip(peer, b"x")


def endless_body(peer: socket.socket, question: dict[str, Any]) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        peer.sendall(b" " * 65536)


def cut_short(peer: socket.socket, question: dict[str, Any]) -> None:
    answer = answer_for(question)
    peer.sendall(HEAD % len(answer) + answer[:-5])


def at_once_gone(peer: socket.socket, question: dict[str, Any]) -> None:
    peer.close()


def another_protocol(peer: socket.socket, question: dict[str, Any]) -> None:
    peer.sendall(b"220 mail.example ready\r\n")


@pytest.mark.parametrize("behave", [well, chunked, without_length])
def test_every_framing_is_read(behave: Behaviour) -> None:
    with serving(behave) as url:
        assert patient(url).ask(numbered(4), Deadline(PATIENCE)) == [
            f"1.2.{i}" for i in range(4)
        ]


def test_the_calls_of_a_wave_run_in_parallel() -> None:
    all_have_come = threading.Barrier(8, timeout=PATIENCE)

    def once_all_have_come(peer: socket.socket, question: dict[str, Any]) -> None:
        all_have_come.wait()
        well(peer, question)

    with serving(once_all_have_come) as url:
        replies = patient(url).ask(numbered(8), Deadline(PATIENCE))
    assert replies == [f"1.2.{i}" for i in range(8)]


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, f"http://127.0.0.1:{free_port()}")
    with serving(well) as url:
        assert ask_one(patient(url)) == "1.2.0"


LATE = [in_silence, dripping_status, dripping_headers, dripping_body, dripping_chunks]


def all_workers_are_free(node: HttpNode, workers: int = 16) -> bool:
    return bool(node._workers._free._value == workers)


@pytest.mark.parametrize("behave", [*LATE, endless_body])
def test_a_wave_ends_with_its_deadline(behave: Behaviour) -> None:
    with serving(behave) as url:
        node = patient(url, max_body=1 << 40)
        with promptly():
            replies = node.ask(numbered(4), Deadline(0.2))
        assert [type(reply) for reply in replies] == [OutOfTime] * 4
        assert soon(partial(all_workers_are_free, node))


def test_a_deadline_is_kept_when_answers_and_silence_mix() -> None:
    def mixed(peer: socket.socket, question: dict[str, Any]) -> None:
        behaviours: list[Behaviour] = [well, in_silence, dripping_headers, cut_short]
        behaviours[int(question["params"][2][0][0][-1]) % 4](peer, question)

    expected = ["1.2.0", OutOfTime, OutOfTime, Unreachable]
    expected += ["1.2.4", OutOfTime, OutOfTime, Unreachable]
    with serving(mixed) as url:
        for seconds in growing():
            with promptly():
                replies = patient(url).ask(numbered(8), Deadline(seconds))
            found = [r if isinstance(r, str) else type(r) for r in replies]
            if found == expected:
                break
    assert found == expected


def test_the_read_timeout_is_shorter_than_a_long_deadline() -> None:
    with serving(in_silence) as url, promptly():
        reply = ask_one(patient(url, read_timeout=0.2), seconds=FOREVER)
    assert is_no_answer(reply, "reading timed out")


def test_a_deadline_that_has_passed_asks_nobody() -> None:
    asked: list[Any] = []
    with serving(lambda peer, question: asked.append(question)) as url, promptly():
        replies = patient(url).ask(numbered(2), Deadline(0))
    assert [type(reply) for reply in replies] == [OutOfTime, OutOfTime]
    assert asked == []


def test_an_endless_body_ends_at_the_limit() -> None:
    with serving(endless_body) as url:
        reply = ask_one(patient(url, max_body=1_000_000))
    assert is_no_answer(reply, "answer over 1000000 bytes")


@pytest.mark.parametrize(
    ("behave", "reason", "attempts"),
    [
        (cut_short, "connection broken off", 2),
        (at_once_gone, "connection broken off", 2),
        (another_protocol, "not HTTP", 1),
    ],
)
def test_broken_connections(behave: Behaviour, reason: str, attempts: int) -> None:
    seen = []

    def counted(peer: socket.socket, question: dict[str, Any]) -> None:
        seen.append(question["id"])
        behave(peer, question)

    with serving(counted) as url:
        assert is_no_answer(ask_one(patient(url)), reason)
    assert len(seen) == attempts, seen


@pytest.mark.parametrize("behave", [cut_short, at_once_gone])
def test_a_broken_connection_is_replaced_once(behave: Behaviour) -> None:
    turns = iter([behave, well])
    with serving(lambda peer, question: next(turns)(peer, question)) as url:
        assert ask_one(patient(url)) == "1.2.0"


def test_nobody_listens() -> None:
    reply = ask_one(patient(f"http://127.0.0.1:{free_port()}/"))
    assert is_no_answer(reply, "connection refused")


# --- workers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "seconds"),
    [
        pytest.param(FOREVER, 0.1, id="no longer than the deadline"),
        pytest.param(0.1, FOREVER, id="no longer than for a connection"),
    ],
)
def test_who_finds_no_worker_free_is_refused(
    mocked: responses.RequestsMock, limit: float, seconds: float
) -> None:
    began, go_on = threading.Semaphore(0), threading.Event()

    def held(question: dict[str, Any]) -> Answer:
        began.release()
        go_on.wait(FOREVER)
        return 503, {}, ""

    answering(mocked, held)
    node = patient(URL, workers=2, connect_timeout=limit)
    with beside(lambda: node.ask(numbered(2), Deadline(FOREVER))):
        for _ in range(2):
            assert began.acquire(timeout=PATIENCE)
        with promptly():
            replies = node.ask(numbered(3), Deadline(seconds))
        go_on.set()
    assert all(is_no_answer(reply, "too many calls in flight") for reply in replies)


def test_a_node_that_recovers_is_served_again() -> None:
    behaviour: list[Behaviour] = [dripping_headers]
    with serving(lambda peer, question: behaviour[0](peer, question)) as url:
        node = patient(url, workers=2)
        assert type(ask_one(node, seconds=0.2)) is OutOfTime
        behaviour[0] = well
        assert node.ask(numbered(6), Deadline(PATIENCE)) == [f"1.2.{i}" for i in range(6)]


def test_a_system_without_threads_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    node = patient(URL, workers=2)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        replies = node.ask(numbered(2), Deadline(1))
    assert all(is_no_answer(reply, "too many calls in flight") for reply in replies)
    assert all_workers_are_free(node, workers=2)


def test_a_worker_left_behind_does_not_delay_the_exit() -> None:
    program = (
        "import sys; from diag.chain.rpc.http import HttpNode\n"
        "from diag.chain.rpc.call import Call, Deadline\n"
        f"HttpNode.__init__.__kwdefaults__['read_timeout'] = {10 * FOREVER}\n"
        "from diag.chain.rpc import http; http.socket.socket.shutdown = lambda *_: None\n"
        "print(HttpNode(sys.argv[1]).ask([Call('a', 'b')], Deadline(0.2)))"
    )
    with serving(dripping_headers) as url:
        done = subprocess.run(
            [sys.executable, "-c", program, url],
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            timeout=FOREVER,
            check=True,
        )
    assert "deadline passed" in done.stdout


# --- TLS ---------------------------------------------------------------------------------


def test_a_certificate_is_verified(identity: ssl.SSLContext) -> None:
    with serving(well, identity) as url:
        assert is_no_answer(ask_one(patient(url)), "certificate not trusted")


def test_a_trusted_certificate_must_name_the_host(
    identity: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    with serving(well, identity) as url:
        assert patient(url, tls=trusting).ask(numbered(3), Deadline(PATIENCE)) == [
            "1.2.0",
            "1.2.1",
            "1.2.2",
        ]
        other_name = patient(url.replace("127.0.0.1", "localhost"), tls=trusting)
        assert is_no_answer(ask_one(other_name), "certificate not trusted")


def test_tls_that_hangs_or_drips_ends_with_the_deadline(
    identity: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    for behave in (in_silence, dripping_headers, dripping_body):
        with serving(behave, identity) as url:
            node = patient(url, tls=trusting)
            with promptly():
                assert type(ask_one(node, seconds=0.4)) is OutOfTime
            assert soon(partial(all_workers_are_free, node))


def test_tls_asked_of_a_plain_node() -> None:
    with serving(another_protocol) as url:
        assert is_no_answer(ask_one(patient(url.replace("http", "https"))), "TLS failed")


def test_every_reply_speaks_both_languages() -> None:
    reply = ask_one(patient(f"http://127.0.0.1:{free_port()}/"))
    assert isinstance(reply, ChainError)
    assert all(reply.text.as_dict().values())
