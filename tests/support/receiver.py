"""A receiver of webhooks on loopback, which checks the signatures; also run by itself to try one out.

python tests/support/receiver.py whsec_…   prints its address, and what comes, until it is interrupted.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Keeps what comes, and answers what `answer` says: status, headers, body."""

    answer: Callable[[Arrived], tuple[int, dict[str, str], bytes]]
    url: str = ""
    arrived: list[Arrived] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [one.headers["webhook-id"] for one in self.arrived]


def accept(_: Arrived) -> tuple[int, dict[str, str], bytes]:
    return 204, {}, b""


def verifying(secret: str) -> Callable[[Arrived], tuple[int, dict[str, str], bytes]]:
    """Takes what is signed with a secret."""

    def answer(one: Arrived) -> tuple[int, dict[str, str], bytes]:
        try:
            Webhook(secret).verify(one.body, one.headers)
        except WebhookVerificationError as error:
            return 401, {}, str(error).encode()
        return 204, {}, b""

    return answer


@contextmanager
def receiving(
    answer: Callable[[Arrived], tuple[int, dict[str, str], bytes]] = accept,
) -> Iterator[Receiver]:
    """A receiver that answers until the block ends."""
    receiver = Receiver(answer)

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            one = Arrived(self.command, self.path, headers, self.rfile.read(length))
            receiver.arrived.append(one)
            status, extra, body = receiver.answer(one)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **extra}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = _take

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    check = verifying(sys.argv[1])

    def show(one: Arrived) -> tuple[int, dict[str, str], bytes]:
        status, headers, body = check(one)
        sys.stdout.write(f"{status} {one.headers.get('webhook-id')} {one.body.decode()}\n")
        sys.stdout.flush()
        return status, headers, body

    with receiving(show) as running:
        sys.stdout.write(f"{running.url}\n")
        sys.stdout.flush()
        threading.Event().wait()
