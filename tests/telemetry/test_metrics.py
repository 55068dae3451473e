"""What Prometheus reads: every diagnosis, stage and node is counted, and no caller's words are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from recorded import RECORDED
from secret_texts import wif
from waiting import FOREVER

from diag import __version__
from diag.api import app
from diag.bootstrap import build_services
from diag.chain.metrics import Counters
from diag.config.settings import Settings
from diag.errors import Unreachable
from diag.services import Services

LIN_YUE = {"account": "lin-yue", "last": "24h", "asset": "NORTH.BTC", "memo": "btc:1Boat"}
KEY = wif(Random(5))


@pytest.fixture(scope="module")
def made() -> Services:
    return build_services(Settings(deadline=FOREVER, ledger=RECORDED))


@pytest.fixture
def client(made: Services) -> FlaskClient:
    return app.build_app(made).test_client()


def samples(client: FlaskClient) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    response = client.get("/metrics")
    assert response.status_code == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def value(client: FlaskClient, name: str, **labels: str) -> float | None:
    return samples(client).get((name, frozenset(labels.items())))


def asked(client: FlaskClient) -> Iterator[Any]:
    """One request of each sort."""
    yield client.get("/v1/diagnoses", query_string={**LIN_YUE, "memo": KEY})
    yield client.post("/v1/diagnoses", json=LIN_YUE)
    yield client.get("/v1/diagnoses", query_string={"account": "NO"})
    yield client.get("/panel", query_string=LIN_YUE)
    yield client.get("/v1/gateways/wu-gang")
    yield client.get("/wu-gang?memo=lin-yue")
    yield client.open("/v1/checks", method="WU-GANG")
    rows = {"account": "lin-yue", "last": "24h"}, {"account": "lin-yue", "memo": KEY}
    body = "\n".join(map(json.dumps, rows))
    yield client.post("/v1/triage", data=body, content_type="application/jsonl", buffered=True)


def test_every_request_verdict_and_stage_is_counted(client: FlaskClient) -> None:
    statuses = [response.status_code for response in asked(client)]
    assert statuses == [200, 200, 400, 200, 404, 404, 405, 200]
    found = samples(client)
    requests = {
        tuple(dict(labels)[name] for name in ("route", "method", "status")): count
        for (name, labels), count in found.items()
        if name == "diag_http_request_duration_seconds_count"
    }
    assert requests == {
        ("/v1/diagnoses", "GET", "200"): 1,
        ("/v1/diagnoses", "POST", "200"): 1,
        ("/v1/diagnoses", "GET", "400"): 1,
        ("/panel", "GET", "200"): 1,
        ("/v1/gateways/<key>", "GET", "404"): 1,
        ("none", "GET", "404"): 1,
        ("none", "OTHER", "405"): 1,
        ("/v1/triage", "POST", "200"): 1,
    }
    verdicts = {
        dict(labels)["code"]: count
        for (name, labels), count in found.items()
        if name == "diag_verdicts_total" and count
    }
    assert sum(verdicts.values()) == 4
    assert verdicts["secret_exposed"] == 1
    for stage, times in {"collect": 4, "conclude": 4, "render": 3}.items():
        assert value(client, "diag_stage_duration_seconds_count", stage=stage) == times
    assert value(client, "diag_secrets_removed_total", kind="wif") == 2
    assert value(client, "diag_http_requests_in_flight") == 1  # the one that reads it


def test_no_label_and_no_value_holds_what_a_caller_wrote(client: FlaskClient) -> None:
    assert [response.text for response in asked(client)]
    told = client.get("/metrics").text
    for word in ("lin-yue", "wu-gang", "WU-GANG", "1Boat", "24h", KEY):
        assert word not in told


def test_what_nodes_and_caches_did_is_read_when_it_is_asked_for(made: Services) -> None:
    counters = Counters()
    client = app.build_app(replace(made, counters=counters)).test_client()
    assert value(client, "diag_node_calls_total", node="a") is None
    counters.add("calls", "a", amount=7)
    counters.add("waves", "a")
    counters.add("wave_seconds", "a", amount=0.25)
    counters.add("failures", "a", "connection refused")
    counters.add("failures", 'b"\\\n', "reading timed out", 2)
    counters.add("hits", detail="objects")
    counters.add("some thing", "a", "new")
    expected = {
        ("diag_node_calls_total", ("node", "a")): 7,
        ("diag_node_waves_total", ("node", "a")): 1,
        ("diag_node_wave_seconds_total", ("node", "a")): 0.25,
        ("diag_node_failures_total", ("node", "a"), ("reason", "connection refused")): 1,
        ("diag_node_failures_total", ("node", 'b"\\\n'), ("reason", "reading timed out")): 2,
        ("diag_cache_hits_total", ("kind", "objects"), ("node", "")): 1,
        ("diag_some_thing_total", ("detail", "new"), ("node", "a")): 1,
    }
    found = samples(client)
    assert {key: found[key[0], frozenset(key[1:])] for key in expected} == expected


def test_a_failed_request_ends_as_well(made: Services) -> None:
    def fail(*_: object) -> Any:
        raise Unreachable("connection refused")

    client = app.build_app(replace(made, collect=fail)).test_client()
    assert client.get("/v1/diagnoses", query_string=LIN_YUE).status_code == 503
    assert value(client, "diag_http_requests_in_flight") == 1
    assert value(client, "diag_stage_duration_seconds_count", stage="collect") == 1
    assert value(client, "diag_stage_duration_seconds_count", stage="conclude") == 0


def test_each_application_counts_for_itself_and_says_what_it_is(
    made: Services, client: FlaskClient
) -> None:
    client.get("/v1/diagnoses", query_string=LIN_YUE)
    other = app.build_app(made).test_client()
    route = {"route": "/v1/diagnoses", "method": "GET", "status": "200"}
    assert value(client, "diag_http_request_duration_seconds_count", **route) == 1
    assert value(other, "diag_http_request_duration_seconds_count", **route) is None
    [build] = [dict(labels) for name, labels in samples(other) if name == "diag_build_info"]
    asked = other.get("/v1/diagnoses", query_string=LIN_YUE).get_json()
    assert build == {"version": __version__, "ruleset": asked["ruleset"]}


def test_open_metrics_is_told_on_request(client: FlaskClient) -> None:
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    response = client.get("/metrics", headers=accept)
    assert response.mimetype == "application/openmetrics-text"
    assert response.text.endswith("# EOF\n")


def test_the_operators_page_names_only_what_there_is(made: Services) -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "operations.md").read_text(encoding="utf-8")
    alerts = (root / "deploy" / "alerts.yml").read_text(encoding="utf-8")
    counters = Counters()
    for what in ("calls", "waves", "wave_seconds", "failures", "rests", "hits", "misses"):
        counters.add(what, "a")
    client = app.build_app(replace(made, counters=counters)).test_client()
    client.get("/v1/diagnoses", query_string=LIN_YUE)
    there = {name for name, _ in samples(client)} | {"diag_http_refused_total"}
    named = set(re.findall(r"\bdiag_(?:[a-z]+_)+[a-z]+\b", page))
    assert named
    assert named <= there
    settings = {f"DIAG_{field.name.upper()}" for field in fields(Settings)}
    assert set(re.findall(r"\bDIAG_[A-Z_]+\b", page)) <= settings
    codes = {rule.code for check in made.checks for rule in check.RULES}
    [pattern] = re.findall(r'code=~"([^"]+)"', alerts)
    assert {code for code in codes if re.fullmatch(pattern, code)} == {
        "sources_disagree",
        "sources_unavailable",
        "node_stale",
        "history_incomplete",
    }
