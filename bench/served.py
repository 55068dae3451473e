"""The service as `diag serve` runs it, in processes of its own, and something to ask it with."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

CLIENTS = 4


@dataclass(frozen=True, slots=True)
class Request:
    """One request: a body makes it a POST."""

    path: str
    body: bytes | None = None
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Served:
    """A service that answers."""

    port: int
    pid: int

    def fetch(self, path: str) -> bytes:
        """The body of one answer; anything but 200 is an error of the benchmark."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        assert response.status == 200, (response.status, path, body[:300])
        return body

    def load(self, requests: Sequence[Request], seconds: float) -> tuple[float, Counter[int]]:
        """Answers per second to requests in turn from several clients, and their statuses."""
        numbers, statuses = count(), Counter[int]()
        began = time.perf_counter()

        def client(_: int) -> int:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            done = 0
            while time.perf_counter() - began < seconds:
                statuses[_ask(connection, requests[next(numbers) % len(requests)])] += 1
                done += 1
            connection.close()
            return done

        with ThreadPoolExecutor(CLIENTS) as pool:
            done = sum(pool.map(client, range(CLIENTS)))
        return done / (time.perf_counter() - began), statuses

    def once(self, requests: Sequence[Request]) -> Counter[int]:
        """Each request once, several at a time; their statuses."""

        def one(request: Request) -> int:
            return _ask(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60), request)

        with ThreadPoolExecutor(CLIENTS) as pool:
            return Counter(pool.map(one, requests))

    def resident(self) -> dict[str, float]:
        """MiB resident of the process that answers; empty where nobody tells."""
        try:
            return {"worker": _resident(self.pid)}
        except OSError:
            return {}


@contextmanager
def served(module: str, *arguments: str, **environ: str) -> Iterator[Served]:
    """A server of its own: `python -m module … --port N`, with these DIAG_* settings alone."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", module, *arguments, "--port", str(port)]
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("DIAG_")}
    with subprocess.Popen(
        command, env=inherited | {"DIAG_DRAIN": "0"} | environ, stderr=subprocess.PIPE
    ) as process:
        drain = ThreadPoolExecutor(1)
        drain.submit(process.stderr.read)  # type: ignore[union-attr]
        try:
            _wait(port, process)
            yield Served(port, process.pid)
        finally:
            process.terminate()
            process.wait()
            drain.shutdown()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the service did not start"
        try:
            _ask(http.client.HTTPConnection("127.0.0.1", port, timeout=60), Request("/healthz"))
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the service does not answer")


def _ask(connection: http.client.HTTPConnection, request: Request) -> int:
    method = "GET" if request.body is None else "POST"
    headers = {} if request.body is None else {"Content-Type": request.content_type}
    connection.request(method, request.path, request.body, headers)
    response = connection.getresponse()
    response.read()
    return response.status


def _resident(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return round(int(found[1]) / 1024, 1) if found else 0.0


def settings(**given: object) -> Mapping[str, str]:
    """DIAG_* variables."""
    return {f"DIAG_{name.upper()}": str(value) for name, value in given.items()}
