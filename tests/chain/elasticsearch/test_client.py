"""The client of the index: where it asks, what it asks, and what it takes for no answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import responses

from diag.chain.elasticsearch.client import MAX_REPLY_BYTES, Elasticsearch
from diag.chain.elasticsearch.index import search
from diag.chain.rpc.call import Deadline
from diag.errors import BadSetting, OutOfTime, Unreachable

URL = "https://es.example:9200/bitshares-*"
POSTED = f"{URL}/_search?ignore_unavailable=true&allow_no_indices=true"
HITS = [{"_source": {"operation_type": 0}, "sort": [7, 41]}]
FOUND = {
    "took": 3,
    "timed_out": False,
    "_shards": {"total": 5, "successful": 5, "skipped": 0, "failed": 0},
    "hits": {"max_score": None, "hits": HITS},
}


@pytest.fixture
def mocked() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def ask(url: str = URL, seconds: float = 2.0) -> Any:
    [reply] = Elasticsearch(url).ask([search({"size": 5})], Deadline(seconds))
    return reply


@pytest.mark.parametrize(
    ("url", "posted"),
    [
        pytest.param(URL, URL, id="a pattern"),
        pytest.param("http://es.example", "http://es.example/bitshares-*", id="no index"),
        pytest.param("http://es.example/", "http://es.example/bitshares-*", id="a slash only"),
        pytest.param("http://es.example/bts-", "http://es.example/bts-*", id="a prefix"),
        pytest.param(" http://es.example/bts \n", "http://es.example/bts", id="one index"),
        pytest.param(
            "http://es.example/old-*,new-*", "http://es.example/old-*,new-*", id="two patterns"
        ),
        pytest.param(
            "https://example/es/", "https://example/es/bitshares-*", id="behind a path"
        ),
        pytest.param("https://example/es/b-*", "https://example/es/b-*", id="path and pattern"),
    ],
)
def test_the_search_is_posted_to_the_indexes(
    mocked: responses.RequestsMock, url: str, posted: str
) -> None:
    mocked.post(f"{posted}/_search", json=FOUND)
    assert ask(url) == HITS
    [call] = mocked.calls
    assert call.request.params == {"ignore_unavailable": "true", "allow_no_indices": "true"}  # type: ignore[attr-defined]


def test_the_question_is_bounded_and_carries_its_login(mocked: responses.RequestsMock) -> None:
    mocked.post(POSTED, json=FOUND)
    elastic = Elasticsearch("https://reader:s%40cret@es.example:9200/bitshares-*")
    assert elastic.ask([search({"size": 5})], Deadline(2, clock=lambda: 1000.0)) == [HITS]
    [call] = mocked.calls
    asked = json.loads(call.request.body or b"")
    assert asked["size"] == 5
    assert asked["timeout"] == "2000ms"
    login = base64.b64encode(b"reader:s@cret").decode()
    assert call.request.headers["Authorization"] == f"Basic {login}"
    assert call.request.headers["Content-Type"] == "application/json"
    assert elastic.name == "es.example:9200"


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="nothing"),
        pytest.param("es.example/bitshares-*", id="no scheme"),
        pytest.param("ftp://es.example/bitshares-*", id="another scheme"),
        pytest.param("https:///bitshares-*", id="no host"),
        pytest.param("https://es.example:0/", id="no port"),
        pytest.param("https://es.example:99999/", id="too high a port"),
        pytest.param("https://u:hidden@[es.example/", id="a broken host"),
        pytest.param("https://u:hidden@es.example/Bits", id="capitals in the index"),
        pytest.param("https://u:hidden@es.example/_search", id="a search for an index"),
        pytest.param("https://u:hidden@es.example/-b", id="an index left out"),
        pytest.param("https://u:hidden@es.example/b?pretty", id="a query"),
        pytest.param("https://u:hidden@es.example/b#top", id="a fragment"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_with_its_remedy(url: str) -> None:
    with pytest.raises(BadSetting) as caught:
        Elasticsearch(url)
    for lang in ("zh", "en"):
        said = caught.value.text.say(lang)
        assert "DIAG_ELASTICSEARCH" in said and "https://es.example:9200/bitshares-*" in said
        assert "hidden" not in said
    assert "DIAG_NODES" not in caught.value.text.en


def shards(failed: int) -> dict[str, Any]:
    return FOUND | {"_shards": {"total": 5, "successful": 5 - failed, "failed": failed}}


def error(kind: str, status: int) -> dict[str, Any]:
    return {"error": {"type": kind, "reason": "…", "root_cause": []}, "status": status}


FAULTS = [
    pytest.param(200, shards(1), "1 shards did not answer", id="a shard failed"),
    pytest.param(
        200, FOUND | {"_shards": {"total": 0, "failed": 0}}, "no index", id="no such index"
    ),
    pytest.param(200, FOUND | {"timed_out": True}, "the search timed out", id="timed out"),
    pytest.param(
        401, error("security_exception", 401), "HTTP 401 security_exception", id="401"
    ),
    pytest.param(403, "<html>no</html>", "HTTP 403", id="a proxy says no"),
    pytest.param(
        404,
        error("index_not_found_exception", 404),
        "HTTP 404 index_not_found_exception",
        id="404",
    ),
    pytest.param(429, error("es_rejected_execution_exception", 429), "HTTP 429", id="429"),
    pytest.param(503, error("<b>\u0000", 503), "HTTP 503", id="503 with a strange name"),
    pytest.param(503, "", "HTTP 503", id="503 and nothing"),
    pytest.param(500, FOUND, "HTTP 500", id="hits with an error's status"),
    pytest.param(301, "", "HTTP 301", id="moved"),
    pytest.param(200, "<html>log in</html>", "not the answer", id="a page"),
    pytest.param(200, "[" * 100_000, "not the answer", id="nested without end"),
    pytest.param(200, "[" * 120 + "]" * 120, "not the answer", id="nested deep"),
    pytest.param(200, FOUND | {"x": [[]] * 180_000}, "not the answer", id="too many lists"),
    pytest.param(
        200, FOUND | {"x": ["[[]]"] * 90_000}, "not the answer", id="too many in texts"
    ),
    pytest.param(200, "", "not the answer", id="an empty body"),
    pytest.param(200, [], "not the answer", id="a list"),
    pytest.param(200, {"hits": {"hits": []}}, "not the answer", id="no count of shards"),
    pytest.param(200, FOUND | {"hits": {}}, "not the answer", id="no hits"),
    pytest.param(200, FOUND | {"hits": {"hits": {}}}, "not the answer", id="hits no list"),
    pytest.param(200, {"detail": "Not Found"}, "not the answer", id="another service"),
    pytest.param(200, " " * (MAX_REPLY_BYTES + 1), "answer over", id="too long"),
]


@pytest.mark.parametrize(("status", "body", "reason"), FAULTS)
def test_what_is_no_whole_answer_is_none(
    mocked: responses.RequestsMock, status: int, body: Any, reason: str
) -> None:
    content = {"body": body} if isinstance(body, str) else {"json": body}
    mocked.post(
        POSTED, status=status, headers={"Location": "https://other.example/"}, **content
    )
    reply = ask()
    assert type(reply) is Unreachable
    assert reply.reason.startswith(reason)
    assert len(mocked.calls) == 1, "neither asked again nor elsewhere"


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (requests.ConnectTimeout(), "connecting timed out"),
        (requests.ReadTimeout(), "reading timed out"),
        (ConnectionRefusedError(), "connection refused"),
        (requests.exceptions.SSLError(), "no connection"),
    ],
)
def test_a_cluster_that_cannot_be_reached(
    mocked: responses.RequestsMock, raised: Exception, reason: str
) -> None:
    mocked.post(POSTED, body=raised)
    assert ask().reason == reason


def test_nothing_is_asked_after_the_deadline(mocked: responses.RequestsMock) -> None:
    assert type(ask(seconds=0)) is OutOfTime
    assert len(mocked.calls) == 0
