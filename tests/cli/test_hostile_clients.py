"""Whoever connects, whatever comes over the wire: others are answered, and nothing is held for good.

On real sockets. Where an end is waited for, its time is short here and the patience long.
"""

from __future__ import annotations

import io
import json
import logging
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from recorded import RECORDED
from waiting import FOREVER, PATIENCE, soon
from wire import HEALTH, Answer, Wire, closed, rest, running

from diag.api.app import create_app
from diag.api.errors import HTTP_CODES
from diag.cli import connection, serve
from diag.config.settings import Settings
from diag.telemetry.logging import JsonFormatter

MARK = "zq7-nobody-may-repeat-this"
ASKED = json.dumps(
    {"account": "lin-yue", "from": "2026-11-21T20:30:00Z", "to": "2026-11-21T21:30:00Z"}
).encode()
POST = (
    b"POST /v1/diagnoses HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\n"
)
TRIAGE = POST.replace(b"/v1/diagnoses", b"/v1/triage")
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(Settings(deadline=FOREVER, ledger=RECORDED))


@pytest.fixture(scope="module")
def wire(app: Flask) -> Iterator[Wire]:
    with running(app) as found:
        yield found


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is written to the log meanwhile, in its real form."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    try:
        yield written
    finally:
        logging.getLogger().removeHandler(handler)


def lines(log: io.StringIO, logger: str) -> list[dict[str, Any]]:
    """What one logger wrote."""
    written = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in written if line["logger"] == logger]


def counted(wire: Wire, code: str) -> float:
    """How often this was refused, as the metrics tell."""
    text = wire.ask(b"GET /metrics HTTP/1.0\r\n\r\n").body.decode()
    found = re.search(rf'diag_http_refused_total{{reason="{code}"}} (\S+)', text)
    return float(found[1]) if found else 0.0


def length(size: int) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % size


def chunks(body: bytes, size: int = 4096) -> bytes:
    parts = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


# --- what is answered as ever ----------------------------------------------------------------

GOOD = {
    "a length": POST + length(len(ASKED)) + ASKED,
    "chunks": POST + CHUNKED + chunks(ASKED, 7),
    "chunks with an extension and a trailer": POST
    + CHUNKED
    + b"%x;a=b\r\n%s\r\n0\r\nA: b\r\n\r\n" % (len(ASKED), ASKED),
    "a body as large as is allowed": POST + length(64 * 1024) + ASKED.ljust(64 * 1024),
    "as large in chunks": POST + CHUNKED + chunks(ASKED.ljust(64 * 1024)),
    "a coding that is none": POST
    + b"Content-Encoding: identity\r\n"
    + length(len(ASKED))
    + ASKED,
    "an address of 8000 letters": b"GET /healthz?"
    + b"a" * 8000
    + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "blank lines before": b"\r\n\r\n" + HEALTH,
    "HTTP/1.0": b"GET /healthz HTTP/1.0\r\n\r\n",
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_well_formed_is_answered(wire: Wire, name: str) -> None:
    assert wire.ask(GOOD[name]).status == 200


def test_a_client_that_waits_to_be_told_to_go_on_is_told(wire: Wire) -> None:
    with wire.connect(POST + b"Expect: 100-continue\r\n" + length(len(ASKED))) as client:
        assert client.recv(4096).startswith(b"HTTP/1.1 100 ")
        client.sendall(ASKED)
        assert Answer(rest(client)).status == 200


def test_requests_that_are_sent_ahead_are_answered_in_turn(wire: Wire) -> None:
    ahead = HEALTH.replace(b"Connection: close\r\n", b"")
    answers = wire.ask(ahead * 2 + HEALTH).raw
    assert answers.count(b"HTTP/1.1 200 OK") == 3


# --- what is refused -------------------------------------------------------------------------

MARKED = MARK.encode()
REFUSED: dict[str, tuple[bytes, int]] = {
    # what is sent, and the status
    "a body over the limit": (POST + length(200_000) + b"x" * 200_000, 413),
    "a body of which the length alone is sent": (POST + length(10**12), 413),
    "chunks over the limit": (POST + CHUNKED + chunks(b" " * 100_000), 413),
    "one chunk over the limit": (POST + CHUNKED + b"ffffffffff\r\n" + MARKED, 413),
    "a batch over the limit": (TRIAGE + length(5 * MIB) + b"x" * 5 * MIB, 413),
    "a batch over the limit in chunks": (TRIAGE + CHUNKED + chunks(b"x" * 5 * MIB), 413),
    "much too much, to be told to go on": (
        POST + b"Expect: 100-continue\r\n" + length(10**9),
        413,
    ),
    "no number in a chunk": (POST + CHUNKED + MARKED + b"\r\n\r\n0\r\n\r\n", 400),
    "less than nothing in a chunk": (POST + CHUNKED + b"-5\r\n" + MARKED, 400),
    "a chunk without its end": (POST + CHUNKED + b"3\r\nabc" + MARKED + b"\r\n0\r\n\r\n", 400),
    "an endless number": (POST + CHUNKED + b"0" * 3000, 400),
    "an endless trailer": (POST + CHUNKED + b"0\r\n" + b"A: b\r\n" * 3000, 400),
    "a length of 5000 digits": (POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 400),
    "a length in words": (POST + b"Content-Length: " + MARKED + b"\r\n\r\n", 400),
    "two lengths": (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", 400),
    "a length and chunks": (POST + b"Content-Length: 5\r\n" + CHUNKED + chunks(ASKED), 400),
    "chunks in HTTP/1.0": (POST.replace(b"1.1", b"1.0") + CHUNKED + chunks(ASKED), 400),
    "a coding that nobody knows": (POST + b"Transfer-Encoding: gzip\r\n\r\n" + MARKED, 501),
    "a greeting of TLS": (b"\x16\x03\x01\x02\x00\x01\x00" + MARKED + b"\r\n\r\n", 400),
    "words": (MARKED + b"\r\n\r\n", 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "a header without a name": (b"GET / HTTP/1.1\r\n" + MARKED + b"\r\n\r\n", 400),
    "a bare line feed": (b"GET / HTTP/1.1\r\nA: " + MARKED + b"\nB: c\r\n\r\n", 400),
    "a method in small letters": (b"get /" + MARKED + b" HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "half a bracket": (b"GET http://[" + MARKED + b" HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "an address of 9000 letters": (
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        414,
    ),
    "headers of 100 kB": (b"GET / HTTP/1.1\r\nA: " + b"a" * 100_000 + b"\r\n\r\n", 431),
    "headers without an end": (b"GET / HTTP/1.1\r\nA: " + b"a" * 2 * MIB, 431),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_and_not_repeated(
    wire: Wire, log: io.StringIO, name: str
) -> None:
    sent, status = REFUSED[name]
    before = counted(wire, HTTP_CODES[status])
    answer = wire.ask(sent)
    said = answer.json()
    assert answer.status == said["status"] == status
    assert answer.headers["connection"] == "close"
    assert answer.headers["content-type"] == "application/problem+json"
    assert said["code"] == HTTP_CODES[status]
    assert said["text"]["zh"] != said["text"]["en"]
    [line] = lines(log, "diag.cli.request_parser")
    assert line["request_id"] == said["request_id"] == answer.headers["x-request-id"]
    assert "trace" not in line
    assert MARK not in answer.raw.decode()
    assert MARK not in log.getvalue()
    assert counted(wire, HTTP_CODES[status]) == before + 1
    assert wire.healthy()


CUT = {
    "a head": b"GET /healthz HTTP/1.1\r\nA: " + MARKED,
    "a body": POST + length(len(ASKED) + 1) + ASKED,
    "a chunk": POST + CHUNKED + b"40\r\n" + MARKED,
    "chunks without their end": POST + CHUNKED + chunks(ASKED)[:-5],
}


@pytest.mark.parametrize("name", CUT)
def test_half_a_request_is_not_taken_for_a_whole_one(
    wire: Wire, log: io.StringIO, name: str
) -> None:
    answer = wire.ask(CUT[name], end=True)
    assert (answer.status, answer.json()["code"]) == (400, "bad_request")
    assert MARK not in log.getvalue()


def test_a_whole_request_is_answered_though_the_client_sends_no_more(wire: Wire) -> None:
    assert wire.ask(POST + length(len(ASKED)) + ASKED, end=True).status == 200


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip", MARK])
@pytest.mark.parametrize("head", [POST, TRIAGE], ids=["one", "a batch"])
def test_a_packed_body_is_not_unpacked(wire: Wire, head: bytes, coding: str) -> None:
    header = f"Content-Encoding: {coding}\r\n".encode()
    answer = wire.ask(head + header + length(len(ASKED)) + ASKED)
    assert answer.status == 415
    assert "Content-Encoding" in answer.json()["text"]["en"]
    assert MARK not in answer.raw.decode()


def test_an_unreadable_request_has_nothing_of_the_one_before(
    app: Flask, log: io.StringIO
) -> None:
    named = HEALTH.replace(b"\r\n\r\n", b"\r\nX-Request-ID: the-one-before\r\n\r\n")
    with running(app, threads=1) as alone:  # so both are answered in one thread
        assert b"the-one-before" in alone.ask(named).raw
        answer = alone.ask(MARKED + b"\r\n\r\n")
    assert b"the-one-before" not in answer.raw
    [line] = lines(log, "diag.cli.request_parser")
    assert line["request_id"] == answer.json()["request_id"] != "the-one-before"


# --- who takes too long ----------------------------------------------------------------------

SLOW = {
    "nothing": b"",
    "half a head": b"GET /healthz HTTP/1.1\r\nHos",
    "half a body": POST + length(len(ASKED)) + ASKED[:9],
    "half a chunk": POST + CHUNKED + b"40\r\nabc",
    "blank lines": b"\r\n" * 20,
}


@pytest.mark.parametrize("name", SLOW)
def test_two_hundred_slow_clients_keep_nobody_waiting(app: Flask, name: str) -> None:
    with running(app, threads=1) as found, ExitStack() as opened:
        for _ in range(200):
            opened.enter_context(found.connect(SLOW[name]))
        assert all(found.healthy() for _ in range(15))


@pytest.mark.parametrize("name", ["nothing", "blank lines"])
def test_a_silent_client_is_cut_off(app: Flask, name: str) -> None:
    with running(app, connection_timeout=1) as found, found.connect(SLOW[name]) as client:
        assert closed(client)


@pytest.mark.parametrize("name", ["half a head", "half a body", "half a chunk"])
def test_half_a_request_that_does_not_go_on_is_told_so(
    app: Flask, log: io.StringIO, name: str
) -> None:
    with running(app, connection_timeout=1) as found:
        before = counted(found, "request_timeout")
        answer = found.ask(SLOW[name])
        said = answer.json()
        assert answer.status == said["status"] == 408
        assert said["code"] == "request_timeout"
        assert answer.headers["connection"] == "close"
        assert answer.headers["x-request-id"] == said["request_id"]
        assert counted(found, "request_timeout") == before + 1
        [line] = lines(log, "diag.cli.request_parser")
        assert line["request_id"] == said["request_id"]


@pytest.mark.parametrize("drop", [b"a", b"\r\n"], ids=["letters", "blank lines"])
def test_a_client_that_sends_a_little_now_and_then_is_cut_off(app: Flask, drop: bytes) -> None:
    with running(app, connection_timeout=1) as found, found.connect(b"\r\n") as client:
        client.settimeout(0.1)
        for _ in range(int(PATIENCE / 0.1)):
            try:
                client.sendall(drop)
                if client.recv(100) == b"":
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
    pytest.fail("it was not cut off")


def test_an_idle_connection_is_closed_after_its_answer(app: Flask) -> None:
    stays = HEALTH.replace(b"Connection: close\r\n", b"")
    with running(app, connection_timeout=1) as found:
        # its end comes, for all is read up to it; a busy server may cut one off before it answers
        assert soon(lambda: found.ask(stays).status == 200)


class Endless:
    """An application whose answer does not end; it knows when nobody wants more of it."""

    def __init__(self) -> None:
        self.given_up = threading.Event()

    def __call__(self, environ: Any, start_response: Any) -> Iterator[bytes]:
        if environ["PATH_INFO"] == "/healthz":
            start_response("200 OK", [("Content-Length", "0")])
            return iter(())
        start_response("200 OK", [])
        return self._parts()

    def _parts(self) -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * 65_536
        finally:
            self.given_up.set()


def test_an_answer_that_nobody_reads_is_given_up() -> None:
    """With it goes its thread, and the place of a batch."""
    app = Endless()
    with (
        running(app, threads=1, connection_timeout=1) as found,
        found.connect(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n", window=4096),
    ):
        assert app.given_up.wait(PATIENCE)
        assert soon(found.healthy)


@pytest.mark.parametrize("reads", [True, False])
def test_no_answer_lasts_longer_than_a_batch_may(
    monkeypatch: pytest.MonkeyPatch, reads: bool
) -> None:
    monkeypatch.setattr(connection, "MAX_RESPONSE_SECONDS", 1)
    app = Endless()
    with (
        running(app, threads=1) as found,
        found.connect(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n") as client,
    ):
        if reads:
            try:
                while client.recv(65_536):
                    pass
            except ConnectionError:
                pass
        assert app.given_up.wait(PATIENCE)
        assert soon(found.healthy)


ROWS = "\n".join(
    json.dumps({**json.loads(ASKED), "ticket": f"T-{number}"}) for number in range(5000)
).encode()
BATCH = TRIAGE.replace(b"json", b"x-ndjson") + length(len(ROWS)) + ROWS
SMALL_BATCH = TRIAGE.replace(b"HTTP/1.1", b"HTTP/1.0") + length(len(ASKED)) + ASKED


def test_two_batches_that_nobody_reads_end_and_a_third_client_is_served(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then it is told to come again, and all others are answered as ever."""
    monkeypatch.setattr(serve, "OUTPUT_HIGH_WATERMARK", 64 * 1024)
    with (
        running(app, threads=4, connection_timeout=FOREVER) as found,
        found.connect(BATCH, window=4096) as first,
        found.connect(BATCH, window=4096) as second,
    ):
        assert first.recv(1) == second.recv(1) == b"H"
        busy = found.ask(SMALL_BATCH)
        assert (busy.status, busy.json()["code"]) == (503, "busy")
        assert all(found.healthy() for _ in range(5))
        assert found.ask(POST + length(len(ASKED)) + ASKED).status == 200
        monkeypatch.setattr(connection, "MAX_RESPONSE_SECONDS", 1)  # now the time is over
        assert soon(lambda: found.ask(SMALL_BATCH).status == 200)
        row, end = map(json.loads, found.ask(SMALL_BATCH).body.splitlines())
        assert row["verdict"]["code"] == "gateway_settled"
        assert end["summary"]["answered"] == 1


def test_a_client_that_goes_is_not_answered_on() -> None:
    app = Endless()
    with running(app, threads=1) as found:
        with found.connect(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n") as client:
            assert client.recv(100)
        assert app.given_up.wait(PATIENCE)
        assert soon(found.healthy)


# --- who takes too much ----------------------------------------------------------------------


def test_when_full_those_that_wait_longest_go(app: Flask) -> None:
    with running(app, connections=8) as found, ExitStack() as opened:
        slow = [opened.enter_context(found.connect(SLOW["half a head"])) for _ in range(20)]
        assert found.healthy()
        assert closed(slow[0])


def test_bodies_are_held_up_to_a_bound(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "MAX_BUFFERED_BYTES", MIB)
    half = TRIAGE + length(2 * MIB) + b"x" * (MIB * 3 // 4)
    with running(app) as found, found.connect(half) as first, found.connect(half) as second:
        first.settimeout(PATIENCE)
        assert closed(first) or closed(second)
        assert found.healthy()


def test_too_many_requests_ahead_are_not_taken(wire: Wire) -> None:
    with wire.connect() as client:
        try:
            client.sendall(b"GET /panel HTTP/1.1\r\nHost: x\r\n\r\n" * 200)
            assert rest(client).count(b"HTTP/1.1 200 OK") < 200
        except ConnectionError:
            pass
    assert wire.healthy()


def test_urgent_data_ends_the_connection_and_nothing_else(wire: Wire) -> None:
    with wire.connect() as client:
        client.send(b"!", socket.MSG_OOB)
        assert closed(client)
    assert wire.healthy()
