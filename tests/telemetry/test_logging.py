"""The log tells what happened and how long it took, and nothing of anybody."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from recorded import RECORDED
from waiting import FOREVER

from diag.api import app
from diag.bootstrap import build_services
from diag.config.settings import Settings
from diag.domain.case import Case
from diag.errors import NodeError
from diag.services import Services
from diag.telemetry.logging import configure_logging

CASE = {
    "account": "lin-yue",
    "from": "2026-11-21T20:30:00Z",
    "to": "2026-11-21T21:30:00Z",
    "asset": "NORTH.BTC",
    "amount": "0.05205",
    "received": "41.7319",
    "destination": "north-wallet",
    "operation": "1.11.13731",
    "transaction": "413cefd199f636857f254d7d8bbae7ed24673660",
    "memo": "btc:1BoatSLRHtKNngkdXEeobR76b53LETtpyT 张三",
    "external_transaction": "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b",
}
PERSONAL = [
    *(value for name, value in CASE.items() if name not in ("from", "to")),
    "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
    "张三",
    "zhang.san@example.com",
    "198.51.100.7",
    "2026-11-21T20:30",
]
TICKET = (
    "lin-yue (zhang.san@example.com, 张三) 提现 0.05205 到 1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
)
HEADERS = {"X-Forwarded-For": "198.51.100.7", "User-Agent": "lin-yue", "Referer": "/?x=lin-yue"}
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(scope="module")
def made() -> Services:
    return build_services(Settings(deadline=FOREVER, ledger=RECORDED))


@pytest.fixture
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, form: str) -> Iterator[io.StringIO]:
    """What everybody in the process logs, at every level, as the service writes it."""
    out, root, ours = io.StringIO(), logging.getLogger(), logging.getLogger("diag")
    handlers, level, our_level = root.handlers[:], root.level, ours.level
    monkeypatch.setattr("sys.stderr", out)
    configure_logging(form, "debug")
    root.setLevel(logging.DEBUG)
    yield out
    root.handlers[:] = handlers
    root.setLevel(level)
    ours.setLevel(our_level)


def ours(written: io.StringIO) -> list[dict[str, Any]]:
    """Our own lines: libraries log as well while they are imported."""
    lines = map(json.loads, written.getvalue().splitlines())
    return [line for line in lines if line["logger"].startswith("diag.")]


def crash(case: Case) -> Any:
    told = f"{case.account} {case.amount} {case.received} {case.memo} {case.asset}"
    try:
        raise KeyError(case.transaction, case.operation)
    except KeyError as error:
        raise RuntimeError(f"cannot read {told}") from error


def refuse(case: Case) -> Any:
    raise NodeError(-32000, "assert_exception", f"no account {case.account}")


def ask_everything(client: FlaskClient) -> None:
    """Every way in, with everything that a case can hold."""
    client.get("/v1/diagnoses", query_string=CASE, headers=HEADERS)
    client.post("/v1/diagnoses", json=CASE, headers=HEADERS)
    client.post("/v1/diagnoses", json={**CASE, "lin-yue": "x"}, headers=HEADERS)
    client.post("/v1/diagnoses", data=json.dumps(CASE)[:-1], content_type="application/json")
    client.get("/panel", query_string=CASE, headers=HEADERS)
    client.post("/v1/intake", json={"text": TICKET}, headers=HEADERS)
    client.get("/v1/gateways/lin-yue", headers=HEADERS)
    client.get("/lin-yue/北京?memo=lin-yue", headers=HEADERS)
    for account in ("lin-yue", "ｌｉｎ－ｙｕｅ"):
        rows = json.dumps({"ticket": "zhang.san@example.com", **CASE, "account": account})
        client.post("/v1/triage", data=rows, content_type="application/jsonl", buffered=True)
    client.get("/v1/diagnoses", query_string={**CASE, "account": "ｌｉｎ－ｙｕｅ"})


@pytest.mark.parametrize(
    ("form", "collect"),
    [
        pytest.param("json", None, id="answered"),
        pytest.param("json", crash, id="crashed"),
        pytest.param("text", crash, id="crashed, as text"),
        pytest.param("json", refuse, id="refused by the node"),
    ],
    indirect=["form"],
)
def test_nothing_personal_is_written(
    made: Services, written: io.StringIO, collect: Any
) -> None:
    made = (
        made if collect is None else replace(made, collect=collect, new_batch=lambda: collect)
    )
    ask_everything(app.build_app(made).test_client())
    said = written.getvalue()
    assert said.count("answered") == 11
    assert [word for word in PERSONAL if word in said] == []
    assert ("cannot read […]" in said) is (collect is crash)


@pytest.mark.parametrize("change", [str.upper, str.title, str.swapcase])
@pytest.mark.parametrize("form", ["json"], indirect=True)
def test_a_word_is_covered_in_whatever_case_it_is_logged(
    made: Services, written: io.StringIO, change: Callable[[str], str]
) -> None:
    def crash_loudly(case: Case) -> Any:
        raise RuntimeError(f"cannot read {change(case.account)} {change(case.asset or '')}")

    broken = replace(made, collect=crash_loudly)
    app.build_app(broken).test_client().get("/v1/diagnoses", query_string=CASE)
    said = written.getvalue()
    assert "cannot read […] […]" in said
    assert [word for word in (CASE["account"], CASE["asset"]) if word in said.lower()] == []


@pytest.mark.parametrize("form", ["json"], indirect=True)
def test_a_request_is_one_line_of_json(made: Services, written: io.StringIO, form: str) -> None:
    client = app.build_app(made).test_client()
    headers = {"X-Request-ID": "ticket-4711", "traceparent": TRACE}
    client.get("/v1/diagnoses", query_string=CASE, headers=headers)
    [line] = ours(written)
    assert line.pop("time").endswith("Z")
    assert line.pop("milliseconds") > 0
    assert line == {
        "level": "info",
        "logger": "diag.request",
        "message": "answered",
        "request_id": "ticket-4711",
        "method": "GET",
        "route": "/v1/diagnoses",
        "status": 200,
        "verdict": "amount_mismatch",
        "traceparent": TRACE,
    }


@pytest.mark.parametrize(
    "trace",
    [
        "lin-yue",
        TRACE.upper(),
        TRACE.replace("00-", "ff-", 1),
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01",
        TRACE + "-x",
    ],
)
@pytest.mark.parametrize("form", ["json"], indirect=True)
def test_a_trace_parent_that_is_none_is_left_out(
    made: Services, written: io.StringIO, trace: str
) -> None:
    app.build_app(made).test_client().get("/v1/checks", headers={"traceparent": trace})
    [line] = ours(written)
    assert "traceparent" not in line


@pytest.mark.parametrize("form", ["json"], indirect=True)
def test_a_crash_is_told_with_the_request_and_the_place(
    made: Services, written: io.StringIO
) -> None:
    client = app.build_app(replace(made, collect=crash)).test_client()
    client.get("/v1/diagnoses", query_string=CASE, headers={"X-Request-ID": "ticket-4711"})
    crashed, answered = map(json.loads, written.getvalue().splitlines())
    assert crashed["request_id"] == answered["request_id"] == "ticket-4711"
    assert (crashed["level"], answered["status"]) == ("error", 500)
    assert "in crash\n" in crashed["trace"]
    assert crashed["trace"].endswith("RuntimeError: cannot read […] […] […] […] […]")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize("form", ["json"], indirect=True)
def test_what_machines_ask_all_day_is_no_news(
    made: Services, written: io.StringIO, path: str
) -> None:
    app.build_app(made).test_client().get(path)
    assert json.loads(written.getvalue())["level"] == "debug"
