"""What a node over WebSocket promises: each answer to its question, in time, whatever it sends."""

from __future__ import annotations

import base64
import contextlib
import gc
import json
import logging
import random
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from peers import drip, hangs
from waiting import FOREVER, PATIENCE, PATIENT, Clock, beside, promptly, soon, waits
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.sync.server import ServerConnection, serve

from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Deadline, Reply, Source
from diag.chain.rpc.http import HttpNode
from diag.chain.rpc.nodes import open_nodes
from diag.chain.rpc.websocket import WebSocketNode
from diag.errors import BadSetting, Malformed, NodeError, OutOfTime, Unreachable

ROOT = Path(__file__).parents[3]
Question = dict[str, Any]
Answers = Callable[[Question], Sequence[Any]]


def numbered(count: int, prefix: str = "1.2.") -> list[Call]:
    return [Call("database", "get_it", ([f"{prefix}{i}"],)) for i in range(count)]


def right(question: Question) -> dict[str, Any]:
    """The answer of a sound node: the id that was asked for."""
    return {"id": question["id"], "jsonrpc": "2.0", "result": question["params"][2][0][0]}


def well(question: Question) -> list[Any]:
    return [right(question)]


def silent(question: Question) -> list[Any]:
    return []


def is_no_answer(reply: Reply, reason: str) -> bool:
    assert type(reply) in (Unreachable, Malformed), reply
    assert reply.reason == reason
    return True


# --- a node that follows a script -----------------------------------------------------------


@dataclass
class Scripted:
    """A WebSocket server; each connection takes the next script, and the last one stays."""

    scripts: list[Answers]
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def attend(self, peer: ServerConnection) -> None:
        assert peer.request
        script = self.scripts[min(len(self.requests), len(self.scripts) - 1)]
        self.requests.append(peer.request)
        with contextlib.suppress(ConnectionClosed):
            for message in peer:
                self.questions.append(json.loads(message))
                for answer in script(self.questions[-1]):
                    if answer is CLOSE:
                        peer.close()
                        return
                    peer.send(answer if isinstance(answer, str | bytes) else json.dumps(answer))


CLOSE = object()


@contextmanager
def scripted(
    *scripts: Answers, tls: ssl.SSLContext | None = None, kind: type[Scripted] = Scripted
) -> Iterator[Scripted]:
    server = kind(list(scripts))
    with serve(server.attend, "127.0.0.1", 0, ssl=tls, close_timeout=0.1) as listening:
        server.url = f"ws{'s' if tls else ''}://127.0.0.1:{listening.socket.getsockname()[1]}"
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield server


@contextmanager
def connected(url: str, **options: Any) -> Iterator[WebSocketNode]:
    """A node that no machine is too slow for, unless the options say otherwise."""
    node = WebSocketNode(url, **{**PATIENT, "close_timeout": 0.1, **options})
    try:
        yield node
    finally:
        node.close()


@contextmanager
def asking(*scripts: Answers, **options: Any) -> Iterator[tuple[WebSocketNode, Scripted]]:
    with scripted(*scripts) as server, connected(server.url, **options) as node:
        yield node, server


def ask_one(node: WebSocketNode, seconds: float = PATIENCE, wanted: str = "1.2.0") -> Any:
    [reply] = node.ask([Call("database", "get_it", ([wanted],))], Deadline(seconds))
    return reply


# --- a sound node ---------------------------------------------------------------------------


def test_a_node_is_a_source() -> None:
    source: Source = WebSocketNode("ws://node.example:8090/ws")
    assert source.name == "node.example:8090"
    assert source.ask([], Deadline(1)) == []


def test_a_question_is_the_same_as_over_http() -> None:
    with asking(well) as (node, server):
        node.ask([Call("history", "get_it", (["1.2.3"], None, 5))], Deadline(PATIENCE))
    [question] = server.questions
    assert 0 < question.pop("id") < 2**31
    params = ["history", "get_it", [["1.2.3"], None, 5]]
    assert question == {"jsonrpc": "2.0", "method": "call", "params": params}


def test_one_connection_serves_every_wave() -> None:
    with asking(well) as (node, server):
        for _ in range(3):
            assert node.ask(numbered(5), Deadline(PATIENCE)) == [f"1.2.{i}" for i in range(5)]
    assert len(server.requests) == 1
    ids = [question["id"] for question in server.questions]
    assert len(set(ids)) == 15
    assert not {number + 1 for number in ids} & set(ids)


def test_nothing_is_dialled_before_the_first_question() -> None:
    with asking(well) as (node, server):
        assert threads_of(node) == []
    assert server.requests == []


def test_replies_come_in_the_order_of_the_calls_whatever_the_order_of_the_answers() -> None:
    held: list[Question] = []

    def backwards(question: Question) -> list[Any]:
        held.append(question)
        return [right(q) for q in reversed(held)] if len(held) == 8 else []

    with asking(backwards) as (node, _):
        assert node.ask(numbered(8), Deadline(PATIENCE)) == [f"1.2.{i}" for i in range(8)]


def test_a_wave_does_not_wait_for_another_also_after_a_long_silence() -> None:
    held: list[Question] = []

    def first_last(question: Question) -> list[Any]:
        if right(question)["result"] == "1.2.0":
            held.append(question)
            return []
        return [right(q) for q in (question, *held)]

    replies: list[Any] = []
    clock = Clock()
    with asking(first_last, clock=clock) as (node, server):
        assert ask_one(node, wanted="1.2.1") == "1.2.1"
        clock.now += 2 * FOREVER
        with beside(lambda: replies.append(ask_one(node))):
            assert soon(lambda: bool(held))
            assert ask_one(node, wanted="1.2.2") == "1.2.2"
    assert replies == ["1.2.0"]
    assert len(server.requests) == 1


def test_one_bad_reply_does_not_touch_the_others() -> None:
    def second_fails(question: Question) -> list[Any]:
        if right(question)["result"] != "1.2.1":
            return [right(question)]
        return [{"id": question["id"], "error": {"code": 10, "message": "no such account"}}]

    with asking(second_fails) as (node, _):
        first, second, third = node.ask(numbered(3), Deadline(PATIENCE))
    assert (first, third) == ("1.2.0", "1.2.2")
    assert isinstance(second, NodeError)
    assert (second.code_number, second.message) == (10, "no such account")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"result": None}, None),
        ({"result": []}, []),
        ({"result": 0, "error": None}, 0),
        ({}, "neither result nor error"),
        ({"error": "text"}, "error of an unknown shape"),
    ],
)
def test_what_an_answer_says(said: dict[str, Any], expected: Any) -> None:
    with asking(lambda question: [{"id": question["id"], **said}]) as (node, _):
        reply = ask_one(node)
    assert reply == expected or is_no_answer(reply, expected)


def test_an_answer_is_what_its_method_is_answered_with() -> None:
    row = {"id": "1.11.7", "block_num": 7, "block_time": "2026-11-22T11:00:00", "op": [0, {}]}
    calls = [methods.HISTORY_BY_TIME.call("a"), methods.BALANCES.call("a", []), *numbered(1)]
    with asking(lambda question: [{"id": question["id"], "result": [row]}]) as (node, _):
        [operation], balances, plain = node.ask(calls, Deadline(PATIENCE))
    assert (operation.id, operation.location.block) == ("1.11.7", 7)
    assert isinstance(balances, Malformed)
    assert plain == [row]


@dataclass
class Shuffling(Scripted):
    """Answers all that has come meanwhile, in any order."""

    def attend(self, peer: ServerConnection) -> None:
        self.requests.append(peer.request)  # type: ignore[arg-type]
        chance = random.Random(1)
        with contextlib.suppress(ConnectionClosed):
            while True:
                held = [json.loads(peer.recv())]
                with contextlib.suppress(TimeoutError):
                    while len(held) < 40:
                        held.append(json.loads(peer.recv(timeout=0)))
                chance.shuffle(held)
                for question in held:
                    peer.send(json.dumps(right(question)))


@pytest.mark.parametrize("secure", [False, True], ids=["ws", "wss"])
def test_many_waves_of_many_threads_interleave(
    secure: bool, identity: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    asked: list[tuple[list[Reply], list[str]]] = []

    def ask(thread: int) -> None:
        for wave in range(50):
            prefix = f"{thread}.{wave}."
            replies = node.ask(numbered(3, prefix), Deadline(PATIENCE))
            asked.append((replies, [f"{prefix}{i}" for i in range(3)]))

    tls = identity if secure else None
    with (
        scripted(tls=tls, kind=Shuffling) as server,
        connected(server.url, tls=trusting) as node,
    ):
        askers = [threading.Thread(target=ask, args=(n,)) for n in range(16)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
    assert [replies for replies, right_ones in asked if replies != right_ones] == []
    assert len(asked) == 16 * 50
    assert len(server.requests) == 1


# --- frames that are no answer --------------------------------------------------------------

NOTICE = {"method": "notice", "params": [1, [[{"id": "2.1.0"}]]]}
STRAY: list[Any] = [
    pytest.param(lambda number: NOTICE, id="a notice of a subscription"),
    pytest.param(lambda number: {**NOTICE, "id": number}, id="a notice with our id"),
    pytest.param(lambda number: {"id": number + 1, "result": "wrong"}, id="the id plus one"),
    pytest.param(lambda number: {"id": number - 1, "result": "wrong"}, id="the id minus one"),
    pytest.param(lambda number: {"id": str(number), "result": "wrong"}, id="the id as text"),
    pytest.param(lambda number: {"id": float(number), "result": "wrong"}, id="a fraction"),
    pytest.param(lambda number: {"id": True, "result": "wrong"}, id="true for an id"),
    pytest.param(lambda number: {"id": None, "result": "wrong"}, id="no id"),
    pytest.param(lambda number: {"id": [number], "result": "wrong"}, id="a list for an id"),
    pytest.param(lambda number: {"result": "wrong"}, id="the id is missing"),
    pytest.param(lambda number: {"id": None, "error": {"code": -32700}}, id="a parse error"),
    pytest.param(lambda number: {}, id="an empty object"),
]


@pytest.mark.parametrize("stray", STRAY)
def test_a_frame_that_answers_no_question_is_passed_over(
    stray: Callable[[int], dict[str, Any]],
) -> None:
    with asking(lambda question: [stray(question["id"]), right(question)]) as (node, server):
        assert node.ask(numbered(3), Deadline(PATIENCE)) == ["1.2.0", "1.2.1", "1.2.2"]
    assert len(server.requests) == 1


def test_a_second_answer_to_a_question_is_nobodys() -> None:
    def twice(question: Question) -> list[Any]:
        return [right(question), {"id": question["id"], "result": "changed"}]

    with asking(twice) as (node, _):
        assert [ask_one(node, wanted=f"1.2.{i}") for i in range(5)] == [
            f"1.2.{i}" for i in range(5)
        ]


def test_a_late_answer_is_nobodys() -> None:
    """The trap of the usual client: after a timeout the next question gets the old answer."""
    held: list[Question] = []

    def one_behind(question: Question) -> list[Any]:
        held.append(question)
        return [] if right(question)["result"] == "1.2.100" else [right(q) for q in held]

    def too_late() -> bool:
        assert type(ask_one(node, 0.1, wanted="1.2.100")) is OutOfTime
        return bool(held)

    with asking(one_behind) as (node, server):
        assert soon(too_late)
        assert ask_one(node, wanted="1.2.101") == "1.2.101"
        assert ask_one(node, wanted="1.3.0") == "1.3.0"
    assert len(server.requests) == 1


def test_a_node_that_answers_each_time_the_question_before_answers_nothing() -> None:
    held: list[Any] = [{"id": 0, "result": None}]
    replies: list[Any] = []

    def before(question: Question) -> list[Any]:
        if right(question)["result"] == "1.3.0":
            return [right(question)]
        held.append(right(question))
        return [{**held.pop(0), "id": question["id"] + 1}]

    def ask() -> None:
        replies.extend(node.ask(numbered(20), Deadline(FOREVER)))

    with asking(before) as (node, server), beside(ask):
        assert soon(lambda: len(server.questions) == 20)
        assert ask_one(node, wanted="1.3.0") == "1.3.0"  # what came before it has been read
        node.close()
    assert len(replies) == 20
    assert all(is_no_answer(reply, "closed") for reply in replies)


# --- frames that end the connection ---------------------------------------------------------

ENDING = [
    pytest.param("<<this is no JSON", "not a JSON object", id="no JSON"),
    pytest.param("", "not a JSON object", id="an empty frame"),
    pytest.param("[]", "not a JSON object", id="a list"),
    pytest.param('{"id": 1, "result": NaN}', "not a JSON object", id="not a number"),
    pytest.param('{"id": 1, "result": "\\ud83d"}', "not a JSON object", id="half a character"),
    pytest.param("[" * 100_000, "not a JSON object", id="nested without end"),
    pytest.param("[" * 120 + "]" * 120, "not a JSON object", id="nested deep"),
    pytest.param("[" + "[]," * 180_000 + "0]", "not a JSON object", id="too many lists"),
    pytest.param(b'{"id": 1, "result": 1}', "not a JSON object", id="binary"),
    pytest.param('{"id": 1, "result": "' + "x" * 600_000, "answer too large", id="too large"),
]


@pytest.mark.parametrize(("frame", "reason"), ENDING)
def test_a_frame_that_makes_no_sense_ends_the_connection_and_the_next_wave_has_a_new_one(
    frame: str | bytes, reason: str
) -> None:
    with asking(lambda question: [frame], well, max_body=600_000) as (node, server):
        assert all(is_no_answer(r, reason) for r in node.ask(numbered(3), Deadline(PATIENCE)))
        assert node.ask(numbered(3), Deadline(PATIENCE)) == ["1.2.0", "1.2.1", "1.2.2"]
    assert len(server.requests) == 2


def closing(question: Question) -> list[Any]:
    return [CLOSE]


def test_what_a_lost_connection_took_with_it_is_asked_once_more() -> None:
    with asking(closing, well) as (node, server):
        assert node.ask(numbered(3), Deadline(PATIENCE)) == ["1.2.0", "1.2.1", "1.2.2"]
    assert len(server.requests) == 2


def test_what_was_answered_before_the_loss_is_not_asked_again() -> None:
    def third_closes(question: Question) -> list[Any]:
        return [CLOSE] if right(question)["result"] == "1.2.2" else [right(question)]

    with asking(third_closes, well) as (node, server):
        assert node.ask(numbered(4), Deadline(PATIENCE)) == [f"1.2.{i}" for i in range(4)]
    asked = [right(question)["result"] for question in server.questions]
    assert asked.count("1.2.0") == asked.count("1.2.1") == 1


def test_two_losses_are_enough() -> None:
    with asking(closing) as (node, server):
        assert is_no_answer(ask_one(node), "connection broken off")
    assert len(server.requests) == 2


# --- raw nodes, which do what no library would -----------------------------------------------

Behaviour = Callable[[socket.socket], None]


@contextmanager
def raw(behave: Behaviour, backlog: int = 64) -> Iterator[list[socket.socket]]:
    """A listening socket, then each connection as it came; all are closed in the end."""
    server = socket.create_server(("127.0.0.1", 0), backlog=backlog)
    peers = [server]

    def attend(peer: socket.socket) -> None:
        with contextlib.suppress(OSError):
            behave(peer)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                peers.append(server.accept()[0])
                threading.Thread(target=attend, args=(peers[-1],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield peers
    finally:
        for peer in peers:
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
            peer.close()


def url_of(peers: list[socket.socket], scheme: str = "ws") -> str:
    return f"{scheme}://127.0.0.1:{peers[0].getsockname()[1]}/ws?key=hidden"


def shake_hands(peer: socket.socket) -> bytes:
    """The upgrade, and whatever the client has sent behind it already."""
    protocol = ServerProtocol()
    received = b""
    while b"\r\n\r\n" not in received:
        received += peer.recv(65_536) or b"\r\n\r\n"
    head, _, rest = received.partition(b"\r\n\r\n")
    protocol.receive_data(head + b"\r\n\r\n")
    [request] = protocol.events_received()
    assert isinstance(request, Request)
    protocol.send_response(protocol.accept(request))
    peer.sendall(b"".join(protocol.data_to_send()))
    return rest


def says(data: bytes) -> Behaviour:
    """Says it when a request has come, and no more."""

    def behave(peer: socket.socket) -> None:
        peer.recv(65_536)
        peer.sendall(data)
        peer.shutdown(socket.SHUT_WR)

    return behave


def drips_the_handshake(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 101 Switching Protocols\r\nX: ")
    drip(peer, b"x")


def reads_and_is_silent(peer: socket.socket) -> None:
    shake_hands(peer)
    while peer.recv(65_536):
        pass


def drips_a_frame(peer: socket.socket) -> None:
    shake_hands(peer)
    peer.sendall(b"\x81\x7f" + (60_000).to_bytes(8, "big"))
    drip(peer, b" ")


def stops_in_a_frame(peer: socket.socket) -> None:
    shake_hands(peer)
    peer.sendall(b'\x81\x7e\x10\x00{"id": ')
    hangs(peer)


def fragments_without_end(peer: socket.socket) -> None:
    shake_hands(peer)
    peer.sendall(b"\x01\x01{")
    drip(peer, b"\x00\x01 ")


def breaks_the_protocol(peer: socket.socket) -> None:
    shake_hands(peer)
    peer.sendall(b"\x83\x00")
    hangs(peer)


def pings_only(peer: socket.socket) -> None:
    shake_hands(peer)
    drip(peer, b"\x89\x01x")


def stops_reading(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    shake_hands(peer)
    hangs(peer)


def half_a_tls_greeting(peer: socket.socket) -> None:
    peer.recv(65_536)
    peer.sendall(b"\x16\x03\x03\x00\x7a\x02\x00")
    hangs(peer)


SLOW = [
    pytest.param(hangs, "ws", id="silent before the handshake"),
    pytest.param(hangs, "wss", id="silent before TLS"),
    pytest.param(half_a_tls_greeting, "wss", id="silent within TLS"),
    pytest.param(drips_the_handshake, "ws", id="drips the handshake"),
    pytest.param(reads_and_is_silent, "ws", id="never answers"),
    pytest.param(drips_a_frame, "ws", id="drips a frame"),
    pytest.param(stops_in_a_frame, "ws", id="stops in a frame"),
    pytest.param(fragments_without_end, "ws", id="fragments without end"),
    pytest.param(breaks_the_protocol, "ws", id="breaks the protocol and stays"),
    pytest.param(pings_only, "ws", id="pings and says nothing"),
    pytest.param(stops_reading, "ws", id="stops reading"),
]
LONG = [Call("database", "get_it", (["1.2.3" * 50_000],))] * 30  # fills every buffer


@pytest.mark.parametrize(("behave", "scheme"), SLOW)
def test_a_wave_ends_with_its_deadline(behave: Behaviour, scheme: str) -> None:
    with raw(behave) as peers, connected(url_of(peers, scheme)) as node:
        for calls in (numbered(4), LONG):
            with promptly():
                replies = node.ask(calls, Deadline(0.1))
            assert all(isinstance(reply, Unreachable) for reply in replies)


@pytest.mark.parametrize(("behave", "scheme"), SLOW)
def test_a_closed_node_leaves_no_thread(behave: Behaviour, scheme: str) -> None:
    with raw(behave) as peers:
        with connected(url_of(peers, scheme), connect_timeout=0.2) as node:
            for calls in (numbered(4), LONG):
                node.ask(calls, Deadline(0.1))
        assert soon(lambda: not threads_of(node))


def threads_of(node: WebSocketNode) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if node.name in thread.name]


@pytest.mark.parametrize(
    ("limit", "seconds", "reason"),
    [(FOREVER, 0.1, "deadline passed"), (0.1, FOREVER, "connecting timed out")],
)
def test_a_node_that_accepts_nobody(limit: float, seconds: float, reason: str) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        where = server.getsockname()
        with socket.create_connection(where), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(where)
            url = f"ws://127.0.0.1:{where[1]}"
            with connected(url, connect_timeout=limit) as node, promptly():
                assert ask_one(node, seconds).reason == reason


def test_a_dialling_without_end_is_the_only_one_and_costs_the_next_waves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As where no name server answers."""
    attempts: list[Any] = []
    given_up = threading.Event()

    def hanging(*where: Any, **options: Any) -> socket.socket:
        attempts.append(where)
        given_up.wait(FOREVER)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", hanging)
    clock = Clock()
    with connected("ws://node.example", clock=clock) as node:
        assert type(ask_one(node, 0.1)) is OutOfTime
        clock.now += 3 * FOREVER
        with promptly():
            for _ in range(10):
                assert is_no_answer(ask_one(node, FOREVER), "connecting timed out")
        assert len(attempts) == 1
        given_up.set()
        assert soon(lambda: not threads_of(node))


def test_what_was_given_up_before_the_connection_stood_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dial, go_on = socket.create_connection, threading.Event()

    def slowly(*where: Any, **options: Any) -> socket.socket:
        go_on.wait(FOREVER)
        return dial(*where, **options)

    monkeypatch.setattr(socket, "create_connection", slowly)
    with asking(well) as (node, server):
        assert type(ask_one(node, 0.1, wanted="1.2.0")) is OutOfTime
        go_on.set()
        assert ask_one(node, wanted="1.2.1") == "1.2.1"
    assert [right(question)["result"] for question in server.questions] == ["1.2.1"]


def test_a_deadline_that_has_passed_asks_nobody() -> None:
    with asking(well) as (node, server):
        assert [type(r) for r in node.ask(numbered(2), Deadline(0))] == [OutOfTime] * 2
    assert server.questions == []


def test_a_sound_answer_is_read_however_it_is_cut() -> None:
    def in_pieces(peer: socket.socket) -> None:
        rest = shake_hands(peer) or peer.recv(65_536)
        protocol = ServerProtocol(state=1)  # type: ignore[arg-type]
        protocol.receive_data(rest)
        [frame] = protocol.events_received()
        answer = json.dumps(right(json.loads(frame.data))).encode()  # type: ignore[union-attr]
        opcodes = [1] + [0] * (len(answer) - 1)
        for place, (opcode, byte) in enumerate(zip(opcodes, answer, strict=True)):
            last = 0x80 if place == len(answer) - 1 else 0
            peer.sendall(bytes([opcode | last, 1, byte]))
        hangs(peer)

    with raw(in_pieces) as peers, connected(url_of(peers)) as node:
        assert ask_one(node) == "1.2.0"


UPGRADE = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
REFUSING = [
    pytest.param(says(b""), "connection broken off", id="closes"),
    pytest.param(says(b"HTTP/1.1 101"), "connection broken off", id="closes within a line"),
    pytest.param(says(b"220 mail.example ready\r\n"), "not HTTP", id="another protocol"),
    pytest.param(says(b"HTTP/1.1 200 OK\r\n\r\nhello"), "HTTP 200", id="a web page"),
    pytest.param(says(b"HTTP/1.1 401 No\r\n\r\n"), "HTTP 401", id="wants a password"),
    pytest.param(says(b"HTTP/1.1 503 Busy\r\n\r\n"), "HTTP 503", id="a proxy's error page"),
    pytest.param(
        says(b"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/?key=hidden\r\n\r\n"),
        "HTTP 302",
        id="a redirect",
    ),
    pytest.param(
        says(b"HTTP/1.1 302 Found\r\nLocation: nonsense://[\r\n\r\n"),
        "HTTP 302",
        id="a redirect to nonsense",
    ),
    pytest.param(
        says(UPGRADE + b"Sec-WebSocket-Accept: d3Jvbmc=\r\n\r\n"),
        "not a WebSocket",
        id="the wrong key",
    ),
    pytest.param(says(UPGRADE + b"\r\n"), "not a WebSocket", id="no key"),
]


@pytest.mark.parametrize(("behave", "reason"), REFUSING)
def test_a_handshake_that_fails_says_why_and_quotes_nothing(
    behave: Behaviour, reason: str
) -> None:
    with raw(behave) as peers:
        url = url_of(peers).replace("://", "://me:hidden@")
        with connected(url) as node:
            error: BaseException | None = ask_one(node)
    assert is_no_answer(error, reason)
    while error is not None:
        assert "hidden" not in f"{error!r} {error}"
        error = error.__cause__ or error.__context__


BROKEN_FRAMES = [
    pytest.param(b"\x83\x00", "not a WebSocket", id="an opcode that does not exist"),
    pytest.param(b"\xf1\x00", "not a WebSocket", id="reserved bits, as if compressed"),
    pytest.param(b"\x81\x80\x00\x00\x00\x00", "not a WebSocket", id="masked by a server"),
    pytest.param(b"\x80\x01x", "not a WebSocket", id="a continuation of nothing"),
    pytest.param(b"\x81\x02\xff\xfe", "not a JSON object", id="no UTF-8"),
    pytest.param(b"\x81\x7f\x7f" + b"\xff" * 7, "answer too large", id="an endless length"),
]


@pytest.mark.parametrize(("frame", "reason"), BROKEN_FRAMES)
def test_a_frame_that_breaks_the_protocol_ends_the_connection(
    frame: bytes, reason: str
) -> None:
    def behave(peer: socket.socket) -> None:
        if not shake_hands(peer):
            peer.recv(65_536)
        peer.sendall(frame)
        while peer.recv(65_536):
            peer.shutdown(socket.SHUT_WR)

    with raw(behave) as peers, connected(url_of(peers)) as node:
        assert is_no_answer(ask_one(node), reason)


# --- dialling again -------------------------------------------------------------------------


def asked_of(server: Scripted) -> list[str]:
    return [right(question)["result"] for question in server.questions]


def all_but_the_first(question: Question) -> list[Any]:
    return [] if right(question)["result"] == "1.2.0" else [right(question)]


def test_reading_takes_no_longer_than_it_may() -> None:
    with asking(all_but_the_first, read_timeout=0.2) as (node, _):
        assert soon(lambda: bool(ask_one(node, wanted="1.2.1") == "1.2.1"))
        with promptly():
            assert is_no_answer(ask_one(node, FOREVER), "reading timed out")


def test_a_connection_that_has_long_been_silent_is_given_up() -> None:
    clock = Clock()
    with asking(all_but_the_first, well, clock=clock) as (node, server):
        assert ask_one(node, wanted="1.2.1") == "1.2.1"

        def in_vain() -> bool:
            assert type(ask_one(node, 0.1)) is OutOfTime
            return "1.2.0" in asked_of(server)

        assert soon(in_vain)
        clock.now += 2 * FOREVER
        assert ask_one(node) == "1.2.0"
    assert len(server.requests) == 2


def test_a_connection_that_answers_others_is_kept() -> None:
    clock = Clock()
    with asking(all_but_the_first, clock=clock) as (node, server):
        assert soon(lambda: bool(ask_one(node, 0.1)) and "1.2.0" in asked_of(server))
        for _ in range(6):
            assert ask_one(node, wanted="1.2.1") == "1.2.1"
            clock.now += 0.9 * FOREVER
    assert len(server.requests) == 1


def test_a_silent_peer_is_found_by_its_missing_heartbeat() -> None:
    def answers_once(peer: socket.socket) -> None:
        shake_hands(peer)
        hangs(peer)

    limits = {"heartbeat": 0.02, "pong_timeout": 0.02}
    with raw(answers_once) as peers, connected(url_of(peers), **limits) as node, promptly():
        assert is_no_answer(ask_one(node, FOREVER), "connection broken off")
        assert soon(lambda: not threads_of(node))


def test_a_heartbeat_keeps_an_idle_connection() -> None:
    pings: list[bytes] = []

    def notes_the_pings(peer: socket.socket) -> None:
        protocol, received = ServerProtocol(state=State.OPEN), shake_hands(peer)
        while True:
            protocol.receive_data(received)
            frames = [event for event in protocol.events_received() if isinstance(event, Frame)]
            pings.extend(frame.data for frame in frames if frame.opcode is Opcode.PING)
            for frame in frames:
                if frame.opcode is Opcode.TEXT:
                    protocol.send_text(json.dumps(right(json.loads(frame.data))).encode())
            for data in protocol.data_to_send():  # the pongs are among it
                peer.sendall(data)
            if not (received := peer.recv(65_536)):
                return

    limits = {"heartbeat": 0.02, "pong_timeout": FOREVER}
    with raw(notes_the_pings) as peers, connected(url_of(peers), **limits) as node:
        for _ in range(3):
            assert ask_one(node) == "1.2.0"
            pings.clear()
            assert soon(lambda: len(pings) > 1)
        assert len(peers) == 2  # the listening socket, and the connection


def test_nobody_listens_and_nobody_is_dialled_without_a_pause() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with connected(f"ws://127.0.0.1:{port}") as node, promptly():
        for _ in range(10):
            assert is_no_answer(ask_one(node, FOREVER), "connection refused")


def test_a_failing_node_is_not_stormed() -> None:
    clock = Clock()
    with raw(says(b"")) as peers, connected(url_of(peers), clock=clock) as node:

        def ask() -> None:
            for _ in range(50):
                assert is_no_answer(ask_one(node), "connection broken off")

        with beside(*[ask] * 8):
            pass
        assert len(peers) == 1 + 2  # the listening socket, and the attempts
        for passed, attempts in ((0.2, 2), (0.1, 3), (0.4, 3), (0.2, 4), (0.9, 4), (0.2, 5)):
            clock.now += passed
            assert is_no_answer(ask_one(node), "connection broken off")
            assert len(peers) == 1 + attempts


def test_who_asks_during_the_dialling_waits_for_it() -> None:
    all_are_waiting = threading.Event()
    replies: list[Any] = []

    def slow(peer: socket.socket) -> None:
        all_are_waiting.wait(FOREVER)
        says(b"HTTP/1.1 503 Busy\r\n\r\n")(peer)

    with raw(slow) as peers, connected(url_of(peers)) as node:
        with beside(*[lambda: replies.append(ask_one(node))] * 16) as askers:
            assert soon(lambda: all(map(waits, askers)))
            all_are_waiting.set()
        assert len(peers) == 2
    assert len(replies) == 16
    assert all(is_no_answer(reply, "HTTP 503") for reply in replies)


def test_a_node_that_recovers_is_served_again() -> None:
    with asking(closing, closing, closing, well) as (node, server):
        assert soon(lambda: bool(ask_one(node) == "1.2.0"))
    assert len(server.requests) == 4


# --- not too much at once -------------------------------------------------------------------


def test_a_node_that_owes_too_much_is_asked_no_more() -> None:
    def known_by_heart(question: Question) -> list[Any]:
        return [right(question)] if right(question)["result"] == "1.3.0" else []

    with asking(known_by_heart, most_owed=4, connect_timeout=0.2) as (node, server):
        assert soon(lambda: bool(ask_one(node, wanted="1.3.0") == "1.3.0"))
        with beside(lambda: node.ask(numbered(4), Deadline(FOREVER))):
            assert soon(lambda: {f"1.2.{i}" for i in range(4)} <= set(asked_of(server)))
            with promptly():
                replies = node.ask(numbered(2), Deadline(FOREVER))
            node.close()
    assert all(is_no_answer(reply, "too many calls in flight") for reply in replies)


def test_who_waits_for_room_is_let_in_when_answers_come() -> None:
    release = threading.Event()

    def held(question: Question) -> list[Any]:
        release.wait(FOREVER)
        return [right(question)]

    replies: list[Any] = []
    with asking(held, most_owed=4) as (node, _):

        def ask() -> None:
            replies.extend(node.ask(numbered(3), Deadline(PATIENCE)))

        with beside(*[ask] * 4) as askers:
            assert soon(lambda: all(map(waits, askers)))
            release.set()
    assert sorted(replies) == sorted(["1.2.0", "1.2.1", "1.2.2"] * 4)


def test_a_wave_wider_than_the_limit_goes_alone() -> None:
    with asking(well, most_owed=4) as (node, _):
        assert node.ask(numbered(20), Deadline(PATIENCE)) == [f"1.2.{i}" for i in range(20)]


def test_answers_that_never_come_do_not_fill_the_line() -> None:
    def odd_ones_never(question: Question) -> list[Any]:
        return [right(question)] if right(question)["result"] == "1.2.0" else []

    with asking(odd_ones_never, most_owed=8) as (node, server):
        for _ in range(12):
            _, second = node.ask(numbered(2), Deadline(0.05))
            assert type(second) is OutOfTime
            assert ask_one(node) == "1.2.0"  # what was asked before has been sent by now
    assert len(server.requests) == 1


def test_a_system_without_threads_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    node = WebSocketNode("ws://127.0.0.1:9")
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        assert is_no_answer(ask_one(node), "too many calls in flight")


def test_an_argument_that_is_not_json_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError):
        WebSocketNode("ws://127.0.0.1:9").ask([Call("a", "b", (object(),))], Deadline(1))


# --- the end --------------------------------------------------------------------------------


def test_closing_tells_those_who_wait_and_leaves_nothing_behind() -> None:
    replies: list[Any] = []
    with asking(silent) as (node, server):
        with beside(lambda: replies.append(ask_one(node))):
            assert soon(lambda: len(server.questions) == 1)
            node.close()
        assert soon(lambda: not threads_of(node))
        assert is_no_answer(replies[0], "closed")
        assert is_no_answer(ask_one(node), "closed")
        gc.collect()  # a socket that is not closed would warn here


def run(program: str, *args: str) -> str:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error::ResourceWarning", "-c", program, *args],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=FOREVER,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


PROGRAM = """
import os, sys, warnings
from diag.chain.rpc.websocket import WebSocketNode
from diag.chain.rpc.call import Call, Deadline
warnings.simplefilter("ignore", DeprecationWarning)
node = WebSocketNode(sys.argv[1], connect_timeout=60, read_timeout=60)
def ask(): return node.ask([Call("database", "get_it", (["1.2.%d" % i],)) for i in range(3)], Deadline(60))
"""


def test_an_open_connection_does_not_delay_the_exit() -> None:
    with scripted(well) as server:
        out = run(PROGRAM + "print(ask())", server.url)
    assert out == "['1.2.0', '1.2.1', '1.2.2']\n"


def test_a_fork_dials_its_own_connection() -> None:
    program = PROGRAM + (
        "first = ask(); child = os.fork(); second = ask() + ask()\n"
        "assert first + first == second, second\n"
        "os._exit(0) if child == 0 else print(os.waitpid(child, 0)[1], ask() == first)"
    )
    with scripted(well) as server:
        assert run(program, server.url) == "0 True\n"
    assert len(server.requests) == 2


# --- addresses, credentials, TLS ------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("ws://node.example", "node.example"),
        ("wss://Node.Example:443/ws?key=hidden#part", "node.example:443"),
        ("ws://me:hidden@node.example:8090/hidden", "node.example:8090"),
        ("WSS://me:hid@den@node.example/", "node.example"),
        ("ws://[::1]:8090/", "[::1]:8090"),
        ("wss://节点.example/", "节点.example"),
    ],
)
def test_the_name_is_the_host_only(url: str, name: str) -> None:
    assert WebSocketNode(url).name == name


@pytest.mark.parametrize(
    "url",
    [
        "",
        "node.example",
        "http://node.example",
        "wss://",
        "ws://me:hidden@",
        "ws://me:hid/den@node.example",
        "ws://node.example:99999",
        "ws://node.example:0",
        "ws://[::1",
        "ws://me:hidden@*.example",
        "ws://me:hidden@node..example.节点",
    ],
)
def test_an_address_that_cannot_be_used_is_a_bad_setting(url: str) -> None:
    with pytest.raises(BadSetting) as caught:
        WebSocketNode(url)
    for words in (caught.value.text.zh, caught.value.text.en, str(caught.value)):
        assert "DIAG_NODES" in words
        assert "wss://" in words
        assert "hid" not in words
    assert caught.value.__cause__ is None


def test_the_scheme_of_an_address_decides_the_transport() -> None:
    urls = ("ws://a.example", "https://b.example", "WSS://c.example", "http://d.example")
    sources = open_nodes(urls)
    assert [type(s) for s in sources] == [WebSocketNode, HttpNode, WebSocketNode, HttpNode]
    assert [s.name for s in sources] == ["a.example", "b.example", "c.example", "d.example"]


@pytest.mark.parametrize("wrong", ["ftp://me:hidden@b.example", "wss://", "b.example"])
def test_a_wrong_address_among_several_is_named_by_its_place(wrong: str) -> None:
    with pytest.raises(BadSetting) as caught:
        open_nodes(("ws://a.example", wrong))
    for words in caught.value.text.as_dict().values():
        assert "2" in words
        assert "DIAG_NODES" in words
        assert "hidden" not in words


def test_credentials_go_to_the_node_and_nowhere_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with scripted(well) as server:
        url = server.url.replace("://", "://m%65:pa%3Ass%E9%92%B1@") + "/ws?key=1"
        with connected(url) as node:
            assert ask_one(node) == "1.2.0"
    [request] = server.requests
    login = request.headers["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(login).decode() == "me:pa:ss钱"
    assert request.path == "/ws?key=1"
    assert "Sec-WebSocket-Extensions" not in request.headers  # no bombs
    assert request.headers["Host"] == node.name
    assert {record.name for record in caplog.records} == {"websockets.server"}


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("ws_proxy", "http_proxy", "HTTP_PROXY", "all_proxy", "socks_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    with asking(well) as (node, _):
        assert ask_one(node) == "1.2.0"


def test_a_certificate_is_verified_and_must_name_the_host(
    identity: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    with scripted(well, tls=identity) as server:
        with connected(server.url, tls=trusting) as node:
            assert node.ask(numbered(3), Deadline(PATIENCE)) == ["1.2.0", "1.2.1", "1.2.2"]
        elsewhere = server.url.replace("127.0.0.1", "localhost")
        for url, tls in ((server.url, None), (elsewhere, trusting)):
            with connected(url, tls=tls) as node:
                assert is_no_answer(ask_one(node), "certificate not trusted")


def test_tls_asked_of_a_plain_node() -> None:
    with (
        raw(says(b"220 mail.example ready\r\n")) as peers,
        connected(url_of(peers, "wss")) as node,
    ):
        assert is_no_answer(ask_one(node), "TLS failed")


def test_half_a_tls_record_holds_nobody_for_ever(
    identity: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    """Who reads it waits for the rest, and is not woken by the closing of a socket alone."""

    def stops_within_a_record(peer: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        talk = identity.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            try:
                talk.do_handshake()
                break
            except ssl.SSLWantReadError:
                peer.sendall(outgoing.read())
                incoming.write(peer.recv(65_536))
        talk.write(b"HTTP/1.1 101 Switching Protocols\r\n")
        peer.sendall(outgoing.read()[:-5])
        hangs(peer)

    before = threading.active_count()
    with raw(stops_within_a_record) as peers:
        with connected(url_of(peers, "wss"), tls=trusting, connect_timeout=0.2) as node:
            assert is_no_answer(ask_one(node), "connecting timed out")
        assert soon(lambda: not threads_of(node))
        assert soon(lambda: threading.active_count() <= before + 2)  # the raw node's own


def test_every_reply_speaks_both_languages() -> None:
    with connected("ws://127.0.0.1:9") as node:
        assert all(ask_one(node).text.as_dict().values())
