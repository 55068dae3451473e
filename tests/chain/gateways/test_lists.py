"""What asking gateways promises: one look for all who ask, never late, never an exception."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests
import responses
from peers import drip
from waiting import FOREVER, PATIENCE, Clock, beside, promptly, soon, waits

from diag.chain.gateways.lists import GatewayLists
from diag.domain.gateway import Api, Family, Gateway
from diag.domain.gateway_live import LiveCoin, LiveState
from diag.domain.gateway_register import Register
from diag.gateways.register_file import builtin

MAPLE = "https://api.maple.example/coin"
BIRCH = "https://birch.example/v2"
NOW = datetime(2026, 10, 1, tzinfo=UTC)
ROW = {"symbol": "MAPLE.BTC", "precision": 8, "minAmount": 21000, "withdrawFee": 20000}
BTC = LiveCoin("MAPLE.BTC", Decimal("0.00021"), Decimal("0.0002"))
LTC = LiveCoin("BIRCH.LTC", Decimal("0.006"), Decimal("0.003"), True, "birch-gate")
BIRCH_COINS = [
    {"coinType": "birch.ltc", "backingCoinType": "ltc", "walletSymbol": "BIRCH.LTC"},
    {
        "coinType": "ltc",
        "walletType": "litecoin",
        "gateFee": 0.003,
        "intermediateAccount": "birch-gate",
    },
]
BIRCH_PAIRS = [{"inputCoinType": "birch.ltc", "outputCoinType": "ltc"}]


def simple(url: str = MAPLE, key: str = "MAPLE") -> Gateway:
    return Gateway(key=key, name=key, prefixes=("MAPLE",), api=Api(Family.SIMPLE, url))


def birch() -> Gateway:
    api = Api(Family.BLOCKTRADES, f"{BIRCH}/coins", f"{BIRCH}/wallets", f"{BIRCH}/pairs")
    return Gateway(key="BIRCH", name="Birch", prefixes=("BIRCH",), api=api)


def lists(*gateways: Gateway, **options: Any) -> GatewayLists:
    register = Register(gateways or (simple(), birch()), chain_id=None, source="")
    return GatewayLists(register, now=lambda: NOW, **{"seconds": FOREVER, **options})


@pytest.fixture
def mocked() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def answer_birch(mock: responses.RequestsMock) -> None:
    mock.get(f"{BIRCH}/coins", json=BIRCH_COINS)
    mock.get(f"{BIRCH}/wallets", json=["litecoin"])
    mock.get(f"{BIRCH}/pairs", json=BIRCH_PAIRS)


# --- answers ----------------------------------------------------------------------------


def test_both_families_are_asked_and_read(mocked: responses.RequestsMock) -> None:
    mocked.get(MAPLE, json=[ROW])
    answer_birch(mocked)
    found = lists().ask(["MAPLE", "BIRCH"])
    assert list(found) == ["MAPLE", "BIRCH"]
    assert found["MAPLE"].coins == {"MAPLE.BTC": BTC}
    assert found["BIRCH"].coins == {"BIRCH.LTC": LTC}
    for key, state in found.items():
        assert (state.key, state.error, state.fetched_at) == (key, None, NOW)
        assert (state.enabled, state.comment) == (None, None), "the switch is on the chain"


def test_the_question_is_a_plain_get(mocked: responses.RequestsMock) -> None:
    mocked.get(MAPLE, json=[ROW])
    lists(seconds=PATIENCE).ask(["MAPLE"])
    [call] = mocked.calls
    assert (call.request.method, call.request.url, call.request.body) == ("GET", MAPLE, None)
    assert call.request.headers["Accept"] == "application/json"
    assert call.request.headers["Connection"] == "close"
    assert call.request.headers["Accept-Encoding"] == "identity"
    assert {"Cookie", "Authorization"}.isdisjoint(call.request.headers)
    assert 0 < call.request.req_kwargs["timeout"] <= PATIENCE  # type: ignore[attr-defined]


def test_who_publishes_nothing_is_not_asked(mocked: responses.RequestsMock) -> None:
    silent = Gateway(key="ALDER", name="Alder")
    assert lists(silent, simple()).ask(["ALDER", "nobody", ""]) == {}
    assert lists().ask([]) == {}
    assert len(mocked.calls) == 0


def test_the_shipped_register_is_asked_at_its_addresses(
    mocked: responses.RequestsMock,
) -> None:
    found = GatewayLists(builtin()).ask(gateway.key for gateway in builtin().gateways)
    assert list(found) == ["XBTSX", "IOB", "PIRATE", "TRADE"]
    assert all(state.error for state in found.values())
    assert len(mocked.calls) == 6
    assert {call.request.method for call in mocked.calls} == {"GET"}


def test_one_dead_gateway_does_not_touch_the_other(mocked: responses.RequestsMock) -> None:
    mocked.get(MAPLE, status=503)
    answer_birch(mocked)
    found = lists().ask(["MAPLE", "BIRCH"])
    assert found["MAPLE"].error == "api.maple.example: HTTP 503"
    assert (found["MAPLE"].coins, found["MAPLE"].fetched_at) == ({}, None)
    assert found["BIRCH"].error is None


def test_what_the_other_lists_told_is_kept(mocked: responses.RequestsMock) -> None:
    mocked.get(f"{BIRCH}/coins", json=BIRCH_COINS)
    mocked.get(f"{BIRCH}/wallets", status=404)
    mocked.get(f"{BIRCH}/pairs", json=BIRCH_PAIRS)
    state = lists().ask(["BIRCH"])["BIRCH"]
    assert state.error == "birch.example: HTTP 404"
    assert state.coins["BIRCH.LTC"].fee == Decimal("0.003")
    assert state.coins["BIRCH.LTC"].available is None
    assert state.fetched_at == NOW


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param("<html>", "not JSON", id="a page"),
        pytest.param("", "not JSON", id="empty"),
        pytest.param(json.dumps([ROW])[:-1], "not JSON", id="cut off"),
        pytest.param(b"\xff\xfe[]", "not JSON", id="not text"),
        pytest.param("[" * 100_000, "not JSON", id="deep"),
        pytest.param(gzip.compress(b"[]"), "not JSON", id="packed unasked"),
        pytest.param("[" + " " * 2 * 1024 * 1024 + "]", "answer over 2097152 bytes", id="big"),
        pytest.param("[" + "0," * 100_001 + "0]", "answer over 100000 values", id="many"),
        pytest.param("null", "none of its coins in the list", id="nothing"),
        pytest.param("{}", "none of its coins in the list", id="no list"),
        pytest.param("[1, null, []]", "none of its coins in the list", id="no rows"),
        pytest.param('[{"symbol": "OTHER.BTC"}]', "none of its coins in the list", id="others"),
    ],
)
def test_an_answer_that_is_none(
    mocked: responses.RequestsMock, body: str | bytes, error: str
) -> None:
    mocked.get(MAPLE, body=body)
    state = lists().ask(["MAPLE"])["MAPLE"]
    assert state.error == f"api.maple.example: {error}"
    assert state.coins == {}


@pytest.mark.parametrize("digits", ["NaN", "Infinity", "1e999999999", "9" * 5000, "-1", "[]"])
def test_an_amount_that_is_none_is_left_out(
    mocked: responses.RequestsMock, digits: str
) -> None:
    mocked.get(MAPLE, body=json.dumps([ROW]).replace("21000", digits))
    state = lists().ask(["MAPLE"])["MAPLE"]
    assert (state.error, state.coins["MAPLE.BTC"].fee) == (None, Decimal("0.0002"))
    assert state.coins["MAPLE.BTC"].minimum is None


def test_digits_stay_exact(mocked: responses.RequestsMock) -> None:
    row = '[{"symbol": "MAPLE.BTC", "gateFee": 0.100000000000000001}]'
    mocked.get(MAPLE, body=row)
    coin = lists().ask(["MAPLE"])["MAPLE"].coins["MAPLE.BTC"]
    assert coin.fee == Decimal("0.100000000000000001")


@pytest.mark.parametrize("status", [204, 301, 302, 401, 404, 429, 500])
def test_only_200_is_an_answer(mocked: responses.RequestsMock, status: int) -> None:
    elsewhere = mocked.get("https://elsewhere.example/", json=[ROW])
    mocked.get(
        MAPLE, status=status, json=[ROW], headers={"Location": "https://elsewhere.example/"}
    )
    state = lists().ask(["MAPLE"])["MAPLE"]
    assert state.error == f"api.maple.example: HTTP {status}"
    assert elsewhere.call_count == 0


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (requests.ConnectTimeout(), "connecting timed out"),
        (requests.ReadTimeout(), "reading timed out"),
        (requests.ConnectionError(ConnectionRefusedError()), "connection refused"),
        (requests.exceptions.InvalidURL("https://me:hidden@x"), "not HTTP"),
        (ZeroDivisionError("hidden"), "no usable answer"),
    ],
)
def test_a_failure_is_told_without_the_address(
    mocked: responses.RequestsMock, failure: Exception, reason: str
) -> None:
    url = "https://me:hidden@api.maple.example/hidden?key=hidden"
    mocked.get(re.compile(".*hidden"), body=failure)
    state = lists(simple(url)).ask(["MAPLE"])["MAPLE"]
    assert state.error == f"api.maple.example: {reason}"


@pytest.mark.parametrize("url", ["https://[::1", "nonsense", "https://", "https://a:99999/"])
def test_an_impossible_address_is_an_error_too(
    mocked: responses.RequestsMock, url: str
) -> None:
    state = lists(simple(url)).ask(["MAPLE"])["MAPLE"]
    assert state.error
    assert state.coins == {}


# --- once for all -----------------------------------------------------------------------


def test_an_answer_is_kept_for_a_while(mocked: responses.RequestsMock) -> None:
    clock = Clock()
    asked = mocked.get(MAPLE, json=[ROW])
    live = lists(clock=clock)
    first = live.ask(["MAPLE"])["MAPLE"]
    clock.now += 59
    assert live.ask(["MAPLE", "MAPLE"])["MAPLE"] is first
    assert asked.call_count == 1
    clock.now += 2
    assert live.ask(["MAPLE"])["MAPLE"] == first
    assert asked.call_count == 2


def test_a_failure_is_kept_for_a_shorter_while(mocked: responses.RequestsMock) -> None:
    clock = Clock()
    asked = mocked.get(MAPLE, status=500)
    live = lists(clock=clock)
    for passed, times in ((0, 1), (9, 1), (2, 2)):
        clock.now += passed
        assert live.ask(["MAPLE"])["MAPLE"].error
        assert asked.call_count == times


def test_what_is_kept_is_one_state_per_gateway(mocked: responses.RequestsMock) -> None:
    mocked.get(MAPLE, json=[ROW])
    live = lists(keep=timedelta(0))
    for _ in range(20):
        live.ask(["MAPLE", "nobody"])
    assert len(live._fetched) == 1
    assert live._fetched["MAPLE"]._requests == {}


def test_many_who_ask_at_once_cost_one_look(mocked: responses.RequestsMock) -> None:
    all_wait = threading.Event()

    def held(_: Any) -> tuple[int, dict[str, str], str]:
        all_wait.wait(FOREVER)
        return 200, {}, json.dumps([ROW])

    mocked.add_callback("GET", MAPLE, callback=held)
    answer_birch(mocked)
    live = lists(keep=timedelta(0))
    found: list[dict[str, LiveState]] = []
    with beside(*[lambda: found.append(live.ask(["MAPLE", "BIRCH"]))] * 16) as asking:
        assert soon(lambda: all(map(waits, asking)))
        all_wait.set()
    assert len(mocked.calls) == 4
    assert all(states["MAPLE"] is found[0]["MAPLE"] for states in found)
    assert found[0]["MAPLE"].coins == {"MAPLE.BTC": BTC}


def test_too_many_lists_are_not_asked_at_once(mocked: responses.RequestsMock) -> None:
    hold = threading.Event()

    def wait(_: Any) -> tuple[int, dict[str, str], str]:
        hold.wait(FOREVER)
        return 200, {}, json.dumps([ROW])

    mocked.add_callback("GET", MAPLE, callback=wait)
    gateways = [simple(key=f"MAPLE{number}") for number in range(20)]
    found = lists(*gateways, seconds=0.2).ask(gateway.key for gateway in gateways)
    hold.set()
    errors = [str(state.error).partition(": ")[2] for state in found.values()]
    assert errors == ["deadline passed"] * 16 + ["too many lists under way"] * 4


def test_no_thread_no_answer(
    mocked: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    state = lists().ask(["MAPLE"])["MAPLE"]
    assert state.error == "api.maple.example: too many lists under way"


# --- real sockets -----------------------------------------------------------------------

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"


@contextmanager
def served(behaviour: Callable[[socket.socket], None]) -> Iterator[list[socket.socket]]:
    """A listening socket, then whoever has called; all callers are treated like this."""
    threads: list[threading.Thread] = []

    def treat(caller: socket.socket) -> None:
        with suppress(OSError), caller:
            caller.recv(65536)
            behaviour(caller)

    def accept(server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                sockets.append(server.accept()[0])
                threads.append(threading.Thread(target=treat, args=sockets[-1:], daemon=True))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        sockets = [server]
        acceptor = threading.Thread(target=accept, args=(server,), daemon=True)
        acceptor.start()
        try:
            yield sockets
        finally:
            for end in sockets:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            for thread in (acceptor, *threads):
                thread.join(PATIENCE)


def url_of(sockets: list[socket.socket]) -> str:
    return f"http://127.0.0.1:{sockets[0].getsockname()[1]}/coins?key=hidden"


def hang(caller: socket.socket) -> None:
    caller.recv(1)


def hang_in_the_head(caller: socket.socket) -> None:
    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-")
    caller.recv(1)


def hang_in_the_body(caller: socket.socket) -> None:
    caller.sendall(HEAD % 100 + b"[")
    caller.recv(1)


def drip_the_head(caller: socket.socket) -> None:
    caller.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    drip(caller, b"x")


def drip_the_body(caller: socket.socket) -> None:
    caller.sendall(HEAD % 10_000)
    drip(caller, b" ")


@pytest.mark.parametrize(
    "behaviour", [hang, hang_in_the_head, hang_in_the_body, drip_the_head, drip_the_body]
)
def test_nobody_waits_for_a_server_that_does_not_end(
    behaviour: Callable[[socket.socket], None],
) -> None:
    before = threading.active_count()
    with served(behaviour) as sockets:
        url = url_of(sockets)
        live = lists(simple(url), simple(url, "MAPLE2"), seconds=0.3, clock=Clock())
        with promptly():
            found = live.ask(["MAPLE", "MAPLE2"])
        assert {state.key for state in found.values()} == {"MAPLE", "MAPLE2"}
        assert all("127.0.0.1: " in str(state.error) for state in found.values())
        assert all("hidden" not in str(state.error) for state in found.values())
        assert live.ask(["MAPLE"])["MAPLE"] is found["MAPLE"], "the failure is remembered"
    assert soon(lambda: threading.active_count() <= before), "no thread is left behind"


def test_who_joins_late_waits_no_longer_than_the_first() -> None:
    found: list[dict[str, LiveState]] = []
    with served(hang) as sockets:
        live = lists(simple(url_of(sockets)), seconds=0.5, clock=Clock())

        def ask() -> None:
            found.append(live.ask(["MAPLE"]))

        with beside(ask):
            assert soon(lambda: len(sockets) == 2)
            ask()
        assert len(sockets) == 2
    assert found[0]["MAPLE"].error
    assert found[0]["MAPLE"] is found[1]["MAPLE"]  # they have waited for the same


def test_a_real_answer_is_read_and_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    body = json.dumps([ROW]).encode()
    with served(lambda caller: caller.sendall(HEAD % len(body) + body)) as sockets:
        state = lists(simple(url_of(sockets))).ask(["MAPLE"])["MAPLE"]
    assert (state.error, state.coins) == (None, {"MAPLE.BTC": BTC})


def test_a_closed_port_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    state = lists(simple(f"http://127.0.0.1:{port}/")).ask(["MAPLE"])["MAPLE"]
    assert state.error == "127.0.0.1: connection refused"
