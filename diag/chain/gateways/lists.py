"""Fetches the coin lists that gateways publish: in parallel, with a short timeout, cached."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import requests

from diag.chain.rpc.address import tls_context
from diag.chain.rpc.call import Call, Deadline, Reply
from diag.chain.rpc.errors import NETWORK_ERRORS, explain
from diag.chain.rpc.http import MIN_SECONDS, Endpoint, HttpCall
from diag.chain.rpc.worker_pool import WorkerPool
from diag.domain.gateway import Gateway
from diag.domain.gateway_live import LiveState
from diag.domain.gateway_register import Register
from diag.errors import ChainError, Unreachable
from diag.gateways.coin_lists import blocktrades_coins, simple_coins

FAILURE_TTL = timedelta(seconds=10)
"""How long a failure is cached."""

MAX_BYTES = 2 * 1024 * 1024
MAX_COMMAS = 100_000  # bounds the memory that a list needs
MAX_DIGITS = 64  # digits
WORKERS = 16
HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": "diag",
}


class ListRequest(HttpCall):
    """A request for one list, on a connection of its own that another thread can shut down."""

    def __init__(self, url: str, deadline: Deadline, tls: ssl.SSLContext) -> None:
        super().__init__(0, Call("gateway", url), deadline)
        self.url, self._tls = url, tls

    def run(self) -> None:
        """Fetch the list and set the reply; never raises."""
        reply: Reply
        try:
            with closing(self):
                reply = self._document()
        except ChainError as error:
            reply = error.with_traceback(None)
        except NETWORK_ERRORS as error:
            reply = Unreachable(explain(error)[0])
        except Exception:  # a gateway may send anything
            reply = Unreachable("no usable answer")
        self.reply.set_result(reply)

    def _document(self) -> Any:
        request = requests.Request("GET", self.url, headers=HEADERS).prepare()
        self.endpoint = Endpoint(request, self._tls)
        patience = max(MIN_SECONDS, self.deadline.left())
        with self.send(request, stream=True, timeout=patience) as response:
            if response.status_code != 200:
                raise Unreachable(f"HTTP {response.status_code}")
            return _parse_json(self.read_body(response, MAX_BYTES))


class FetchedLists:
    """The lists of one gateway, fetched once for all callers until they expire."""

    def __init__(self, gateway: Gateway, sent: dict[str, ListRequest], started: float) -> None:
        self.started = started
        self._gateway = gateway
        self._requests = sent
        self._lock = Lock()
        self._state: LiveState | None = None

    def state(self, now: Callable[[], datetime]) -> LiveState:
        """Return the gateway's state; waits for all lists, up to their deadline."""
        sent = self._requests
        replies = {name: request.wait() for name, request in sent.items()}
        with self._lock:
            if self._state is None:
                urls = {name: request.url for name, request in sent.items()}
                self._state = _state(self._gateway, urls, replies, now())
                self._requests = {}  # frees the documents
            return self._state

    def ttl(self, keep: timedelta) -> float:
        """Seconds for which the lists are valid."""
        if self._state is None:
            return FAILURE_TTL.total_seconds()
        return (min(keep, FAILURE_TTL) if self._state.error else keep).total_seconds()


class GatewayLists:
    """The coin lists of the gateways of a register; thread-safe.

    seconds: timeout of one fetch.
    keep: how long fetched lists are valid.
    """

    def __init__(
        self,
        register: Register,
        seconds: float = 1.5,
        keep: timedelta = timedelta(seconds=60),
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._gateways = {gateway.key: gateway for gateway in register.gateways if gateway.api}
        self._seconds, self._keep = seconds, keep
        self._clock, self._now = clock, now
        self._workers = WorkerPool(WORKERS)
        self._tls = tls_context(cafile=requests.adapters.DEFAULT_CA_BUNDLE_PATH)
        self._lock = Lock()
        self._fetched: dict[str, FetchedLists] = {}  # at most one per gateway of the register

    def ask(self, keys: Iterable[str]) -> dict[str, LiveState]:
        """Return the state of each given gateway that publishes lists; never raises."""
        with self._lock:
            wanted = [key for key in dict.fromkeys(keys) if key in self._gateways]
            fetched = {key: self._fetch(self._gateways[key]) for key in wanted}
        return {key: lists.state(self._now) for key, lists in fetched.items()}

    def _fetch(self, gateway: Gateway) -> FetchedLists:
        known, at = self._fetched.get(gateway.key), self._clock()
        if known and 0 <= at - known.started < known.ttl(self._keep):
            return known
        deadline = Deadline(self._seconds)
        urls = _urls(gateway)
        sent = {name: ListRequest(url, deadline, self._tls) for name, url in urls.items()}
        for request in sent.values():
            self._start(request)
        self._fetched[gateway.key] = FetchedLists(gateway, sent, at)
        return self._fetched[gateway.key]

    def _start(self, request: ListRequest) -> None:
        if not self._workers.start(request.run):
            request.reply.set_result(Unreachable("too many lists under way"))


def _urls(gateway: Gateway) -> dict[str, str]:
    """Return the URL of each list that a gateway publishes."""
    api = gateway.api
    lists = {"coins": api.coins, "wallets": api.wallets, "pairs": api.pairs} if api else {}
    return {name: url for name, url in lists.items() if url}


def _parse_json(body: bytes) -> Any:
    if body.count(b",") > MAX_COMMAS:
        raise Unreachable(f"answer over {MAX_COMMAS} values")
    try:
        return json.loads(
            body, parse_constant=str, parse_float=_parse_number, parse_int=_parse_number
        )
    except (ValueError, RecursionError):
        raise Unreachable("not JSON") from None


def _parse_number(digits: str) -> Decimal | str:
    """Return the number, or "?" if it has too many digits."""
    return Decimal(digits) if len(digits) <= MAX_DIGITS else "?"


def _state(
    gateway: Gateway, urls: dict[str, str], replies: dict[str, Reply], at: datetime
) -> LiveState:
    failed = {name: r for name, r in replies.items() if isinstance(r, ChainError)}
    lists = {name: r for name, r in replies.items() if name not in failed}
    if len(urls) > 1:
        others = lists.get("wallets"), lists.get("pairs")
        coins = blocktrades_coins(lists.get("coins"), *others, gateway)
    else:
        coins = simple_coins(lists.get("coins"), gateway)
    error = next((_failure_text(urls[name], reply) for name, reply in failed.items()), None)
    if "coins" in lists and not coins:
        error = f"{_host(urls['coins'])}: none of its coins in the list"
    return LiveState(
        gateway.key, coins, error=error, fetched_at=at if "coins" in lists else None
    )


def _failure_text(url: str, error: ChainError) -> str:
    """Return the host of a URL and the reason of a failure, in a few English words."""
    reason = error.reason if isinstance(error, Unreachable) else error.code
    return f"{_host(url)}: {reason}"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "gateway"
    except ValueError:
        return "gateway"
