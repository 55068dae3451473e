"""Two replicas behind a proxy behave as one: nothing that a caller sees tells them apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from recorded import RECORDED
from waiting import soon
from werkzeug.test import TestResponse

from diag.access.api_keys import file_entry
from diag.api.app import create_app
from diag.bootstrap import embedded_ledger
from diag.config.settings import Settings
from diag.ledger.node import Ledger
from diag.ledger.replay.server import Replay

TRUTH = json.loads((RECORDED / "truth.json").read_text(encoding="utf-8"))["cases"]
KEY = "diag_" + "a" * 52
NOTICES = (
    'notices = [{ id = "n", kind = "incident", from = 2026-11-01, gateway = "NORTH", '
    'text = { zh = "有故障", en = "A fault" } }]'
)
WINDOW = {"from": "2026-11-21T20:30:00Z", "to": "2026-11-21T21:30:00Z"}
ASKED = [
    {"path": "/v1/checks"},
    {"path": "/v1/gateways"},
    {"path": "/v1/gateways/NORTH"},
    {"path": "/v1/gateways/NOWHERE"},
    {"path": "/v1/notices"},
    {"path": "/panel", "query_string": {"account": "lin-yue", **WINDOW}},
    {"path": "/v1/diagnoses", "query_string": {"account": "NO"}},
    {
        "path": "/v1/intake",
        "method": "POST",
        "json": {"text": "lin-yue 提币 0.05 NORTH.BTC 未到账"},
    },
    {"path": "/healthz"},
    {"path": "/panel/panel.js"},
]


def told(response: TestResponse) -> tuple[int, bytes, dict[str, str]]:
    """All that a caller sees but the id of the request."""
    headers = {k: v for k, v in response.headers.items() if k != "X-Request-ID"}
    named = response.headers["X-Request-ID"].encode()
    return response.status_code, response.data.replace(named, b""), headers


def replicas(tmp_path: Path, **source: Any) -> tuple[FlaskClient, FlaskClient]:
    """Two applications made from the same settings and files, and nothing else in common."""
    keys, notices = tmp_path / "keys.toml", tmp_path / "notices.toml"
    keys.write_text(file_entry("helpdesk", KEY), encoding="utf-8")
    notices.write_text(NOTICES, encoding="utf-8")
    settings = Settings(api_keys=keys, notices=notices, **source)
    one, two = create_app(settings).test_client(), create_app(settings).test_client()
    for client in (one, two):
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {KEY}"
    return one, two


def questions() -> Iterator[dict[str, Any]]:
    yield from ASKED
    for number, case in enumerate(TRUTH[::12]):
        window = {"from": f"{case['from']}Z", "to": f"{case['to']}Z"}
        question = {"account": case["account"], **window, **case["claim"]}
        form = {"format": ("json", "text", "markdown", "html")[number % 4]}
        yield {"path": "/v1/diagnoses", "method": "POST", "json": {**question, **form}}


def test_over_one_ledger_they_answer_the_same_bytes(tmp_path: Path) -> None:
    one, two = replicas(tmp_path, ledger=RECORDED)
    one.open(**ASKED[5])  # what the one has answered before makes no difference
    for asked in questions():
        assert told(one.open(**asked)) == told(two.open(**asked)), asked


def test_over_one_node_they_answer_the_same_bytes(tmp_path: Path) -> None:
    ledger = embedded_ledger()
    with Replay(Ledger.load(ledger)) as node:
        given = {"gateways": ledger / "gateways.json", "clock": node.ledger.clock}
        one, two = replicas(tmp_path, nodes=(node.url,), ahead=0, **given)
        for account in ("lin-yue", "zhao-ming", "wu-gang", "nobody-here"):
            query = {"account": account, **WINDOW}
            asked = {"path": "/v1/diagnoses", "query_string": query}

            def the_same(asked: dict[str, Any] = asked) -> bool:
                first, second = one.open(**asked), two.open(**asked)
                return told(first) == told(second) and bool(first.get_json().get("id"))

            assert soon(the_same), account  # what was not read in time is read again


def test_a_key_that_is_taken_back_is_taken_back_everywhere(tmp_path: Path) -> None:
    both = replicas(tmp_path, ledger=RECORDED)
    assert [client.get("/v1/checks").status_code for client in both] == [200, 200]
    (tmp_path / "keys.toml").write_text("", encoding="utf-8")
    assert [client.get("/v1/checks").status_code for client in both] == [401, 401]
