"""The coin lists that gateways publish: asked side by side, for a moment only, and not too often."""

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

from diag.chain.rpc.address import trusting
from diag.chain.rpc.call import Call, Deadline, Reply
from diag.chain.rpc.crew import Crew
from diag.chain.rpc.errors import FOREIGN, explain
from diag.chain.rpc.http import MOMENT, Flight, Wire
from diag.domain.gateway import Gateway
from diag.domain.gateway_live import LiveState
from diag.domain.gateway_register import Register
from diag.errors import ChainError, OutOfTime, Unreachable
from diag.gateways.coin_lists import blocktrades_coins, simple_coins

AFTER_FAILURE = timedelta(seconds=10)
"""How long a failure is remembered."""

MOST_BYTES = 2 * 1024 * 1024
MOST_COMMAS = 100_000  # a list of more values would take too much memory
LONGEST_NUMBER = 64  # digits
WORKERS = 16
HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": "diag",
}


class Fetch(Flight):
    """One list under way, on a connection of its own that another thread can cut."""

    def __init__(self, url: str, until: Deadline, tls: ssl.SSLContext) -> None:
        super().__init__(0, Call("gateway", url), until)
        self.url, self._tls = url, tls

    def run(self) -> None:
        reply: Reply
        try:
            with closing(self):
                reply = self._document()
        except ChainError as error:
            reply = error.with_traceback(None)
        except FOREIGN as error:
            reply = Unreachable(explain(error)[0])
        except Exception:  # whatever a gateway sends, nobody falls over it
            reply = Unreachable("no usable answer")
        self.reply.set_result(reply)

    def _document(self) -> Any:
        request = requests.Request("GET", self.url, headers=HEADERS).prepare()
        self.wire = Wire(request, self._tls)
        patience = max(MOMENT, self.until.left())
        with self.send(request, stream=True, timeout=patience) as response:
            if response.status_code != 200:
                raise Unreachable(f"HTTP {response.status_code}")
            return _decoded(self._body(response))

    def _body(self, response: requests.Response) -> bytes:
        body = bytearray()
        while chunk := response.raw.read1(64 * 1024, decode_content=False):
            body += chunk
            if len(body) > MOST_BYTES:
                raise Unreachable(f"answer over {MOST_BYTES} bytes")
            if self.until.left() < MOMENT:
                raise OutOfTime
        return bytes(body)


class Look:
    """One look at one gateway, for everybody who asks while it lasts."""

    def __init__(self, gateway: Gateway, fetches: dict[str, Fetch], started: float) -> None:
        self.started = started
        self._gateway = gateway
        self._fetches = fetches
        self._lock = Lock()
        self._state: LiveState | None = None

    def state(self, now: Callable[[], datetime]) -> LiveState:
        """What was found; waits until all lists are there, or their time has passed."""
        fetches = self._fetches
        replies = {name: fetch.land() for name, fetch in fetches.items()}
        with self._lock:
            if self._state is None:
                addresses = {name: fetch.url for name, fetch in fetches.items()}
                self._state = _state(self._gateway, addresses, replies, now())
                self._fetches = {}  # and with them the documents
            return self._state

    def lasts(self, keep: timedelta) -> float:
        """Seconds for which it need not be repeated."""
        if self._state is None:
            return AFTER_FAILURE.total_seconds()
        return (min(keep, AFTER_FAILURE) if self._state.error else keep).total_seconds()


class GatewayLists:
    """What the gateways of a register say of themselves; never raises, never waits long."""

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
        self._crew = Crew(WORKERS, stays=0.0)
        self._tls = trusting(cafile=requests.adapters.DEFAULT_CA_BUNDLE_PATH)
        self._lock = Lock()
        self._looks: dict[str, Look] = {}  # one per gateway of the register, never more

    def ask(self, keys: Iterable[str]) -> dict[str, LiveState]:
        """The state of each gateway that publishes lists; of the others there is none."""
        with self._lock:
            wanted = [key for key in dict.fromkeys(keys) if key in self._gateways]
            looks = {key: self._look(self._gateways[key]) for key in wanted}
        return {key: look.state(self._now) for key, look in looks.items()}

    def _look(self, gateway: Gateway) -> Look:
        known, at = self._looks.get(gateway.key), self._clock()
        if known and 0 <= at - known.started < known.lasts(self._keep):
            return known
        until = Deadline(self._seconds)
        addresses = _addresses(gateway)
        fetches = {name: Fetch(url, until, self._tls) for name, url in addresses.items()}
        for fetch in fetches.values():
            self._launch(fetch)
        self._looks[gateway.key] = Look(gateway, fetches, at)
        return self._looks[gateway.key]

    def _launch(self, fetch: Fetch) -> None:
        if not self._crew.begin(fetch.run):
            fetch.reply.set_result(Unreachable("too many lists under way"))


def _addresses(gateway: Gateway) -> dict[str, str]:
    """Which list lies where."""
    api = gateway.api
    lists = {"coins": api.coins, "wallets": api.wallets, "pairs": api.pairs} if api else {}
    return {name: url for name, url in lists.items() if url}


def _decoded(body: bytes) -> Any:
    if body.count(b",") > MOST_COMMAS:
        raise Unreachable(f"answer over {MOST_COMMAS} values")
    try:
        return json.loads(body, parse_constant=str, parse_float=_exact, parse_int=_exact)
    except (ValueError, RecursionError):
        raise Unreachable("not JSON") from None


def _exact(digits: str) -> Decimal | str:
    """A number, or what nobody takes for one."""
    return Decimal(digits) if len(digits) <= LONGEST_NUMBER else "?"


def _state(
    gateway: Gateway, addresses: dict[str, str], replies: dict[str, Reply], at: datetime
) -> LiveState:
    failed = {name: r for name, r in replies.items() if isinstance(r, ChainError)}
    lists = {name: r for name, r in replies.items() if name not in failed}
    if len(addresses) > 1:
        others = lists.get("wallets"), lists.get("pairs")
        coins = blocktrades_coins(lists.get("coins"), *others, gateway)
    else:
        coins = simple_coins(lists.get("coins"), gateway)
    error = next(
        (_failure_text(addresses[name], reply) for name, reply in failed.items()), None
    )
    if "coins" in lists and not coins:
        error = f"{_host(addresses['coins'])}: none of its coins in the list"
    return LiveState(
        gateway.key, coins, error=error, fetched_at=at if "coins" in lists else None
    )


def _failure_text(url: str, error: ChainError) -> str:
    """Where and why, in a few English words; of the address only the host."""
    reason = error.reason if isinstance(error, Unreachable) else error.code
    return f"{_host(url)}: {reason}"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "gateway"
    except ValueError:
        return "gateway"
