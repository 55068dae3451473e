"""The real server: what never becomes a request is answered too, and being stopped loses nothing."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
import requests
from commands import EMBEDDED, free_port, started, until
from recorded import RECORDED
from waiting import FOREVER, PATIENCE

from diag.api.app import create_app
from diag.api.errors import HTTP_TEXTS
from diag.api.security_headers import ALWAYS
from diag.cli.connection import MAX_RESPONSE_SECONDS
from diag.cli.request_parser import refusal
from diag.cli.serve import Server, panel_address
from diag.config.settings import Settings
from diag.ledger.node import Ledger
from diag.ledger.replay.server import Replay


class Held(Ledger):
    """A recorded chain that answers while it may."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.answers = threading.Event()
        self.answers.set()

    def answer(self, *question: Any) -> Any:
        self.answers.wait(FOREVER)
        return super().answer(*question)


ASKED = {"account": "lin-yue", "from": "2026-11-21T20:30:00Z", "to": "2026-11-21T21:30:00Z"}
ALONE = {"Connection": "close"}
UNDER_WAY = "diag_http_requests_in_flight 2.0"  # the one that asks is one of them


@pytest.mark.parametrize("status", [400, 413, 414, 431, 501])
def test_what_never_becomes_a_request_is_a_problem_as_all_others(status: int) -> None:
    headers, body = refusal(status, "ab" * 16)
    assert headers["Content-Type"] == "application/problem+json"
    assert ALWAYS.items() <= headers.items()
    said = json.loads(body)
    assert said["status"] == status
    assert said["text"] == HTTP_TEXTS[status].as_dict()
    assert said["request_id"] == headers["X-Request-ID"] == "ab" * 16


def test_the_server_is_told_everything_here() -> None:
    settings = Settings(threads=7, connections=50)
    server = Server(lambda *_: [], threading.Event(), settings, "127.0.0.1", free_port())
    told = server.adj
    server.close()
    server.task_dispatcher.shutdown()
    assert (told.threads, told.connection_limit) == (7, 50)
    assert told.trusted_proxy is None
    assert not told.clear_untrusted_proxy_headers  # DIAG_PROXIES decides, not the server
    assert not told.expose_tracebacks
    assert not told.ident
    assert MAX_RESPONSE_SECONDS >= 300


def test_a_service_that_stops_is_not_ready_and_ends_its_batches() -> None:
    app = create_app(Settings(deadline=FOREVER, ledger=RECORDED))
    client = app.test_client()
    rows = "\n".join(json.dumps({**ASKED, "ticket": str(n)}) for n in range(9))
    response = client.post("/v1/triage", data=rows, content_type="application/jsonl")
    stream = response.iter_encoded()
    lines = [next(stream)]
    app.extensions["diag_stopping"].set()
    lines += list(stream)
    answers = [json.loads(line) for line in b"".join(lines).splitlines()]
    problems = [(row["problem"] or {}).get("code") for row in answers[:-1]]
    assert len(problems) == 9
    assert problems[0] is None
    assert problems[-1] == "out_of_time"
    assert "groups" in answers[-1]["summary"]
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()) == (503, {"status": "unready", "nodes": []})
    assert client.get("/healthz").status_code == 200


def test_a_stopped_server_says_so_first_and_answers_what_is_under_way(tmp_path: Path) -> None:
    """SIGTERM amid a slow diagnosis: not ready, still answering, then gone, with status 0."""
    log, port = tmp_path / "serve.log", free_port()
    root = f"http://127.0.0.1:{port}"
    said: list[Any] = []
    held = Held.load(EMBEDDED)

    def ask() -> None:
        said.append(
            requests.get(f"{root}/v1/diagnoses", params=ASKED, headers=ALONE, timeout=PATIENCE)
        )

    def ready() -> Any:
        return requests.get(f"{root}/readyz", timeout=PATIENCE).json()

    def lines() -> list[dict[str, Any]]:
        return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]

    with (
        Replay(held) as node,
        started(
            *("serve", "--port", str(port)),
            log=log,
            DIAG_NODES=node.url,
            DIAG_CLOCK="2026-11-22T12:00:00Z",
            DIAG_GATEWAYS=str(EMBEDDED / "gateways.json"),
            DIAG_DRAIN="60",
            DIAG_DEADLINE="60",
        ) as service,
    ):
        until(lambda: requests.get(f"{root}/healthz", timeout=PATIENCE), service, log)
        assert ready()["nodes"]
        service.send_signal(signal.SIGTERM)
        until(lambda: ready() == {"status": "unready", "nodes": []}, service, log)
        held.answers.clear()
        slow = threading.Thread(target=ask)
        slow.start()
        until(
            lambda: UNDER_WAY in requests.get(f"{root}/metrics", timeout=PATIENCE).text,
            service,
            log,
        )
        service.send_signal(signal.SIGTERM)  # enough waited
        held.answers.set()
        slow.join(PATIENCE)
        assert service.wait(PATIENCE) == 0
    [status] = [answer.status_code for answer in said]
    assert status in (200, 503)  # the latter if the machine let the node wait too long
    answered = [line for line in lines() if line.get("route") == "/v1/diagnoses"]
    assert [line["status"] for line in answered] == [status]
    assert {line["logger"] for line in lines()} == {"diag.cli.serve", "diag.request"}
    assert "lin-yue" not in log.read_text(encoding="utf-8")


def test_a_port_that_is_taken_is_said_at_once_and_the_address_when_it_is_not(
    tmp_path: Path,
) -> None:
    log, port = tmp_path / "serve.log", free_port()
    with started("serve", "--port", str(port), log=log) as service:
        until(
            lambda: f"http://127.0.0.1:{port}/panel" in log.read_text(encoding="utf-8"),
            service,
            log,
        )
        second = tmp_path / "second.log"
        with started("serve", "--port", str(port), log=second, DIAG_LANG="en") as refused:
            assert refused.wait(PATIENCE) != 0
    assert f"Port {port} on 127.0.0.1 is taken" in second.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/panel"),
        ("0.0.0.0", "http://127.0.0.1:8000/panel"),
        ("::", "http://[::1]:8000/panel"),
        ("fd00::7", "http://[fd00::7]:8000/panel"),
        ("diag.example", "http://diag.example:8000/panel"),
    ],
)
def test_the_address_of_the_panel_is_one_that_a_browser_takes(host: str, address: str) -> None:
    assert panel_address(host, 8000) == address
