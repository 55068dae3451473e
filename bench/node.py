"""The made chain as replayed nodes on real sockets, one for each latency, in a process of its own.

What a node answers is encoded once and kept: its own work must not be what is measured.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from bench.made_chain import made
from diag.chain.rpc.values import encoded
from diag.ledger.node import Ledger
from diag.ledger.replay.faults import FaultInjector, Faults
from diag.ledger.replay.jsonrpc import Response
from diag.ledger.replay.server import Replay


@dataclass(frozen=True, slots=True)
class Encoded:
    """A result as the bytes that it is sent as."""

    json: bytes


class Prepared(Ledger):
    """A ledger that encodes each answer once."""

    _known: dict[str, Encoded] | None = None

    def answer(self, api: str | int, method: str, args: Sequence[Any]) -> Any:
        """The result of a call, encoded; NodeError where the node answers an error."""
        known = self._known = self._known if self._known is not None else {}
        question = json.dumps((api, method, args))
        if question not in known:
            result = super().answer(api, method, args)
            known[question] = Encoded(encoded(result).encode())
        return known[question]


class _PreparedAnswers(FaultInjector):
    def body(self, answered: Response) -> bytes:
        document = answered.document or {}
        result = document.get("result")
        if not isinstance(result, Encoded):
            return super().body(answered)
        head = {key: value for key, value in document.items() if key != "result"}
        return encoded(head).encode()[:-1] + b',"result":' + result.json + b"}"


class Node(Replay):
    """A replayed node that answers with what is prepared."""

    def __init__(self, ledger: Prepared, latency: float) -> None:
        super().__init__(ledger)
        self._injector = _PreparedAnswers(ledger, Faults(latency=latency))


@contextmanager
def nodes(latencies_ms: Sequence[int]) -> Iterator[dict[int, str]]:
    """The address (host:port) of a node for each latency, over one chain."""
    command = [sys.executable, "-m", "bench.node", *map(str, latencies_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline() for _ in latencies_ms]
            found = [re.search(r"[\d.]+:\d+", line) for line in lines]
            assert all(found), "the replayed node did not start"
            yield {ms: one[0] for ms, one in zip(latencies_ms, found, strict=True) if one}
        finally:
            process.terminate()


def main(latencies_ms: Sequence[str]) -> int:
    """Serve until the process is ended."""
    ledger = Prepared(made())
    with ExitStack() as open_nodes:
        served = [open_nodes.enter_context(Node(ledger, int(ms) / 1000)) for ms in latencies_ms]
        for node in served:
            sys.stdout.write(f"{node.address}\n")
        sys.stdout.flush()
        served[0].wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
