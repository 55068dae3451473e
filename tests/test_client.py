"""The Python client: what it sends, what it makes of the answers, and the real service behind it."""

from __future__ import annotations

import json

import pytest
import requests
import responses
from responses import matchers
from wire import running

from diag.api.app import create_app
from diag.client import Client, DiagError, Problem
from diag.config.settings import Settings

URL = "http://diag.example:8000"
BUSY = {"status": 429, "headers": {"Retry-After": "0"}}
PROBLEM = {
    "code": "bad_input",
    "text": {"zh": "请求有误。", "en": "The request needs a correction."},
    "errors": [{"field": "from", "text": {"zh": "需要时区。", "en": "Give an offset."}}],
}


@pytest.fixture
def wire():
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture(scope="module")
def server():
    app = create_app(Settings())
    with running(app) as found:
        yield f"http://127.0.0.1:{found.port}"


SENT = [
    ("the window as last", {"last": "12h"}, {"account": "a-b", "last": "12h"}),
    ("a window with a zone", {"start": "2026-11-22 08:00", "end": "2026-11-22 09:00", "tz": "Asia/Shanghai"},
     {"account": "a-b", "from": "2026-11-22 08:00", "to": "2026-11-22 09:00", "tz": "Asia/Shanghai"}),
    ("claims", {"last": "1d", "asset": "NORTH.BTC", "amount": "1.5"}, {"account": "a-b", "last": "1d", "asset": "NORTH.BTC", "amount": "1.5"}),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "sent"), [pytest.param(*c[1:], id=c[0]) for c in SENT])
def test_a_question_is_sent_as_json_with_what_was_given(wire, asked, sent):
    wire.post(
        f"{URL}/v1/diagnoses", json={"id": "1"}, match=[matchers.json_params_matcher(sent)]
    )

    assert Client(URL + "/").diagnose("a-b", **asked) == {"id": "1"}


def test_key_and_language_are_sent_as_headers(wire):
    headers = {"Authorization": "Bearer not-a-real-key", "Accept-Language": "en"}
    wire.get(f"{URL}/v1/network", json={}, match=[matchers.header_matcher(headers)])

    assert Client(URL, key="not-a-real-key", lang="en").network() == {}


def test_a_name_in_a_path_is_quoted(wire):
    wire.get(f"{URL}/v1/gateways/a%2Fb%3F", json={"key": "a/b?"})

    assert Client(URL).gateway("a/b?") == {"key": "a/b?"}


AGAIN = [
    ("too many requests", [BUSY]),
    ("unavailable", [{"status": 503, "headers": {"Retry-After": "0"}}]),
    ("twice", [BUSY, BUSY]),
]


@pytest.mark.parametrize("first", [pytest.param(c[1], id=c[0]) for c in AGAIN])
def test_a_busy_service_is_asked_again(wire, first):
    for answer in first:
        wire.post(f"{URL}/v1/diagnoses", **answer)
    wire.post(f"{URL}/v1/diagnoses", json={"id": "1"})

    assert Client(URL).diagnose("a-b", last="1h") == {"id": "1"}


def test_in_the_end_the_refusal_is_told(wire):
    wire.post(f"{URL}/v1/diagnoses", **BUSY, json={**PROBLEM, "code": "rate_limited"})

    with pytest.raises(Problem) as caught:
        Client(URL, retries=0).diagnose("a-b", last="1h")
    assert (caught.value.status, caught.value.code) == (429, "rate_limited")


def test_a_refusal_names_the_field_and_is_not_repeated(wire):
    wire.post(f"{URL}/v1/diagnoses", status=400, json=PROBLEM)

    with pytest.raises(Problem) as caught:
        Client(URL).diagnose("a-b", start="2026-11-22")
    assert caught.value.errors[0]["field"] == "from"
    assert str(caught.value) == "The request needs a correction. from: Give an offset."


NO_SERVICE = [
    ("refused", {"body": requests.ConnectionError("refused")}, "could not be reached"),
    ("a page", {"body": "<html>"}, "something else than JSON"),
    ("a list", {"body": "[]"}, "something else than a JSON object"),
    ("a proxy's error", {"status": 502, "body": "<html>"}, "HTTP status 502"),
    ("a redirect", {"status": 302, "headers": {"Location": "http://elsewhere.example"}}, "something else"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "why"), [pytest.param(*c[1:], id=c[0]) for c in NO_SERVICE])
def test_what_is_no_service_is_one_error(wire, answer, why):
    wire.get(f"{URL}/v1/network", **answer)

    with pytest.raises(DiagError, match=why):
        Client(URL, retries=0).network()


def test_a_batch_comes_row_by_row(wire):
    rows = [{"ticket": "1"}, {"summary": {}}]
    sent = [{"ticket": "1", "account": "a-b", "remark": "到账"}]
    wire.post(
        f"{URL}/v1/triage",
        body="\n".join(map(json.dumps, rows)) + "\n\n",
        match=[
            matchers.query_param_matcher({"last": "24h"}),
            matchers.header_matcher({"Content-Type": "application/x-ndjson"}),
        ],
    )

    assert list(Client(URL).triage(sent, last="24h")) == rows
    assert json.loads(wire.calls[0].request.body) == sent[0]


def test_a_batch_that_breaks_off_is_an_error(wire):
    wire.post(f"{URL}/v1/triage", body='{"ticket": "1"}\n{"tick')
    answers = Client(URL).triage([{"account": "a-b"}], last="24h")

    assert next(answers) == {"ticket": "1"}
    with pytest.raises(DiagError, match="broke off"):
        next(answers)


READY = [("ready", 200, True), ("not ready, asked once", 503, False)]


@pytest.mark.parametrize(("status", "ready"), [pytest.param(*c[1:], id=c[0]) for c in READY])
def test_readiness_is_asked_once(wire, status, ready):
    wire.get(f"{URL}/readyz", status=status, json={})

    assert Client(URL).ready() is ready


def test_the_real_service_answers_it(server):
    with Client(server, lang="en") as client:
        answer = client.diagnose(
            "lin-yue", start="2026-11-22T04:30:00+08:00", end="2026-11-22T05:30:00+08:00"
        )
        text = client.text("lin-yue", last="24h", lang="en")
        rows = list(client.triage([{"ticket": "T-1", "account": "lin-yue"}], last="24h"))
        with pytest.raises(Problem) as refused:
            client.diagnose("lin-yue")

        assert answer["verdict"]["code"] == "gateway_settled"
        assert answer["reply"]["en"] and len(text.splitlines()) <= 15
        assert [row.get("ticket") for row in rows] == ["T-1", None]
        assert client.intake("My account is lin-yue.")["fields"]
        assert client.gateway("NORTH")["key"] == "NORTH"
        assert client.gateways()["gateways"] and client.checks()["checks"] and client.network()
        assert client.ready()
        assert refused.value.code == "bad_input"
