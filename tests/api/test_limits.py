"""Whatever is sent, however much of it: a short answer that says what to change."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from recorded import RECORDED
from waiting import FOREVER

from diag.api.app import create_app
from diag.api.request_parsing import MAX_FIELDS
from diag.config.settings import Settings

WINDOW = {"from": "2026-11-21T20:30:00Z", "to": "2026-11-21T21:30:00Z"}
ASKED = {"account": "shi-tou7", **WINDOW}
MANY = {f"f{n}": "1" for n in range(4000)}
WIF = "5K" + "a" * 49
JSON = "application/json"


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings(deadline=FOREVER, ledger=RECORDED)).test_client()


def get(query: Any, path: str = "/v1/diagnoses") -> dict[str, Any]:
    return {"path": path, "query_string": query}


def post(body: Any, path: str = "/v1/diagnoses", kind: str = JSON) -> dict[str, Any]:
    data = body if isinstance(body, str) else json.dumps(body)
    return {"path": path, "method": "POST", "data": data, "content_type": kind}


TOO_MUCH = {
    # what is sent, the status, the code, and the first field that is named
    "fields in a query": (get({**ASKED, **MANY}), 400, "bad_input", "query"),
    "fields in a body": (post({**ASKED, **MANY}), 400, "bad_input", "body"),
    "fields of the panel": (get(MANY, "/panel"), 400, None, None),
    "fields of notices": (get(MANY, "/v1/notices"), 400, "bad_input", "query"),
    "fields of a batch": (
        {**post("", "/v1/triage", "text/csv"), "query_string": MANY},
        400,
        "bad_input",
        "query",
    ),
    "fields of an intake": (
        post({"text": "x", **MANY}, "/v1/intake"),
        400,
        "bad_input",
        "body",
    ),
    "fields and a secret": (post({**MANY, "memo": WIF}), 400, "secret_exposed", "body"),
    "one field many times": (
        get([*ASKED.items(), *[("amount", "1")] * 4000]),
        400,
        "bad_input",
        "amount",
    ),
    "arrays": (
        post('{"account":' + "[" * 30_000 + "]" * 30_000 + "}"),
        400,
        "bad_input",
        "body",
    ),
    "objects": (post('{"a":' * 9000 + "1" + "}" * 9000), 400, "bad_input", "body"),
    "the year 10000": (get({**ASKED, "to": "10000-01-01T00:00:00Z"}), 400, "bad_input", "to"),
    "the year 9999": (get({**ASKED, "to": "9999-12-31T23:59:59Z"}), 400, "bad_input", "to"),
    "ten years": (get({**ASKED, "from": "2016-11-21T20:30:00Z"}), 400, "bad_input", "to"),
    "99999 days": (get({"account": "a", "last": "99999d"}), 400, "bad_input", "last"),
    "letters in a name": (get({**ASKED, "account": "a" * 60_000}), 400, "bad_input", "account"),
    "letters in an address": ({"path": "/" + "a" * 60_000}, 404, "not_found", None),
    "types in Accept": (
        {**get(ASKED), "headers": {"Accept": ",".join(f"a/b{n}" for n in range(800))}},
        406,
        "not_acceptable",
        None,
    ),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_too_much_gets_a_short_answer(client: FlaskClient, name: str) -> None:
    sent, status, code, field = TOO_MUCH[name]
    response = client.open(**sent)
    assert response.status_code == status
    if code is None:
        assert response.mimetype == "text/html"
        return
    body = response.get_json()
    assert body["code"] == code
    assert [error["field"] for error in body["errors"]][:1] == ([field] if field else [])
    assert len(response.data) < 4000
    assert body["text"]["zh"] != body["text"]["en"]
    assert WIF[:8] not in response.text


HEADERS = {
    "X-Request-ID": "a" * 8000,
    "Accept-Language": ",".join(f"xx-{n};q=0.5" for n in range(800)),
    "Authorization": "Basic " + "a" * 8000,
    "traceparent": "0" * 8000,
    "X-Forwarded-For": ", ".join(["198.51.100.7"] * 500),
    "Cookie": "a=b; " * 1500,
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_long_header_changes_nothing(client: FlaskClient, name: str) -> None:
    response = client.get("/v1/diagnoses", query_string=ASKED, headers={name: HEADERS[name]})
    assert response.status_code == 200
    assert len(str(response.headers)) < 2000


def test_as_many_fields_as_are_allowed_are_each_told(client: FlaskClient) -> None:
    given = {**ASKED, **dict(list(MANY.items())[: MAX_FIELDS - len(ASKED)])}
    body = client.post("/v1/diagnoses", json=given).get_json()
    assert len(body["errors"]) == MAX_FIELDS - len(ASKED)
