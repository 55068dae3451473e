"""The bare minimum: given calls in given waves, with nothing around them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from typing import Any

from websockets.sync.client import ClientConnection, connect

from diag.chain.rpc.call import Call
from diag.chain.rpc.nodes import MAX_CALLS

Waves = Sequence[Sequence[Call]]


def _message(number: int, call: Call) -> str:
    params = [call.api, call.method, list(call.args)]
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": "call", "params": params})


class OverHttp:
    """A thread and a connection for each call, as a node without a proxy wants it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._pool: ThreadPoolExecutor | None = None

    def run(self, waves: Waves) -> None:
        """All waves, one after another; starts the threads that are not there yet."""
        self._pool = self._pool or ThreadPoolExecutor(MAX_CALLS)
        for wave in waves:
            list(self._pool.map(self._one, wave))

    def close(self) -> None:
        """Let go of the threads; the next run starts others."""
        if self._pool:
            self._pool.shutdown()
        self._pool = None

    def _one(self, call: Call) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=30)
        connection.request("POST", "/", _message(1, call))
        json.loads(connection.getresponse().read())
        connection.close()


class OverWebSocket:
    """One connection; a wave is sent whole, then its answers are read."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._numbers = count(1)
        self._open: ClientConnection | None = None
        self._until_closed = ExitStack()

    def run(self, waves: Waves) -> None:
        """All waves, one after another; dials first where no connection is open."""
        connection = self._connected()
        for wave in waves:
            for call in wave:
                connection.send(_message(next(self._numbers), call))
            for _ in wave:
                json.loads(connection.recv(timeout=30))

    def ask(self, api: str, method: str, args: tuple[Any, ...]) -> Any:
        """The result of one call."""
        connection = self._connected()
        connection.send(_message(next(self._numbers), Call(api, method, args)))
        return json.loads(connection.recv(timeout=30))["result"]

    def close(self) -> None:
        """End the connection; the next run dials."""
        self._until_closed.close()
        self._open = None

    def _connected(self) -> ClientConnection:
        if self._open is None:
            plain = {"compression": None, "proxy": None, "max_size": None, "max_queue": None}
            dialled = connect(f"ws://{self._address}", **plain)
            self._open = self._until_closed.enter_context(dialled)
        return self._open
