"""A limit stops who asks too often, says how long to wait, and never stops anybody else."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from limits.storage import MemoryStorage
from prometheus_client.parser import text_string_to_metric_families
from recorded import RECORDED
from waiting import FOREVER

from diag.access.access_control import AccessControl, client_network
from diag.access.api_keys import ApiKey, digest
from diag.access.memory_storage import Memory
from diag.access.rate_limiter import RateLimiter, open_store
from diag.api import app
from diag.api.app import create_app
from diag.bootstrap import build_services
from diag.config.settings import Settings
from diag.errors import BadSetting
from diag.services import Services

KEYS = {name: f"diag_{letter * 52}" for name, letter in {"one": "a", "two": "b"}.items()}


@pytest.fixture(scope="module")
def made() -> Services:
    return build_services(Settings(deadline=FOREVER, ledger=RECORDED))


class Clock:
    """A wall clock that moves when told."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(time, "time", found)
    return found


def test_the_wait_is_exactly_as_long_as_it_takes(clock: Clock) -> None:
    rates = RateLimiter("3/minute", open_store(None))
    told = []
    for at in (0, 10, 20, 30, 59.5):
        clock.now = 1_800_000_000 + at
        told.append(rates.hit("a"))
    assert told == [None, None, None, 30, 1]
    clock.now = 1_800_000_060.5
    assert [rates.hit("a"), rates.hit("a")] == [None, 10]


def test_callers_do_not_count_for_each_other() -> None:
    rates = RateLimiter("1/hour", open_store(None))
    assert [rates.hit(caller) is None for caller in "abab"] == [True, True, False, False]


def test_replicas_with_one_store_count_as_one() -> None:
    shared = MemoryStorage()
    one, two = RateLimiter("2/hour", shared), RateLimiter("2/hour", shared)
    assert [r.hit("a") is None for r in (one, two, one, two)] == [True, True, False, False]


class Broken(MemoryStorage):
    """A store that cannot be reached."""

    asked = 0

    def __init__(self) -> None:
        super().__init__(wrap_exceptions=True)

    @property
    def base_exceptions(self) -> type[Exception]:
        return ConnectionError

    def acquire_entry(self, *_: Any, **__: Any) -> bool:
        Broken.asked += 1
        raise ConnectionError("redis://user:password@r.example refused")


def test_a_store_that_fails_stops_nobody_and_is_told_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    rates = RateLimiter("1/hour", Broken(), clock)
    start = clock.now
    with caplog.at_level(logging.WARNING):
        for second in range(61):
            clock.now = start + second
            assert rates.hit("a") is None
    assert Broken.asked == 7  # it is left alone for ten seconds each time
    assert len(caplog.records) == 2
    assert "ConnectionError" in caplog.text
    assert "password" not in caplog.text


def test_a_store_that_cannot_be_used_is_a_wrong_setting() -> None:
    with pytest.raises(BadSetting, match="DIAG_RATE_STORE"):
        open_store("nonsense://r.example")


ADDRESSES = [
    ("198.51.100.7", "198.51.100.7"),
    ("::ffff:198.51.100.7", "198.51.100.7"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
    ("2001:db8:1:2::", "2001:db8:1:2::"),
    ("198.51.100.7:41234", "198.51.100.7"),
    ("[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::"),
    ("[2001:db8:1:2:3:4:5:6]", "2001:db8:1:2::"),
    ('"[2001:db8:1:2:3::]"', "2001:db8:1:2::"),
    ("fe80::1:2:3:4%eth0", "fe80::"),
    ("[::ffff:198.51.100.7]:80", "198.51.100.7"),
]


@pytest.mark.parametrize(("address", "known_as"), ADDRESSES)
def test_an_address_stands_for_who_has_it(address: str, known_as: str) -> None:
    assert client_network(address) == known_as


UNREADABLE = [
    "",
    "unknown",
    "_hidden",
    "somewhere",
    "198.51.100.7:x",
    "[2001:db8::1",
    "999.1.1.1",
]


def test_what_is_no_address_stands_for_itself_and_is_not_repeated() -> None:
    known_as = {client_network(text) for text in UNREADABLE}
    assert len(known_as) == len(UNREADABLE)
    assert not [name for name in known_as for text in UNREADABLE if text and text in name]


# --- what is remembered ----------------------------------------------------------------------


def test_callers_are_forgotten_when_their_window_is_over(clock: Clock) -> None:
    held = Memory()
    rates = RateLimiter("2/minute", held)
    for number in range(100):
        assert rates.hit(f"address {number}") is None
    assert len(held) == 100
    clock.now += 61
    assert rates.hit("address 7") is None
    assert len(held) == 1


@pytest.mark.parametrize("bound", [{"most_callers": 10}, {"most_times": 10}])
def test_too_many_callers_push_out_those_not_heard_of_for_longest(bound: Any) -> None:
    held = Memory(**bound)
    rates = RateLimiter("1/hour", held)
    assert rates.hit("steady") is None
    for number in range(200):
        assert rates.hit(f"address {number}") is None
        assert len(held) <= 10
        assert rates.hit("steady") is not None  # it is limited all the while


def test_one_caller_alone_keeps_its_limit() -> None:
    rates = RateLimiter("50/hour", Memory(most_times=10))
    assert [rates.hit("a") is None for _ in range(60)] == [True] * 50 + [False] * 10


# --- over HTTP -------------------------------------------------------------------------------


def limited(
    made: Services, limit: str = "2/hour", *, keys: bool = False, proxies: int = 0
) -> FlaskClient:
    held = tuple(ApiKey(name, digest(key)) for name, key in KEYS.items())
    guard = AccessControl(
        (lambda: held) if keys else None, RateLimiter(limit, open_store(None)).hit
    )
    settings = replace(made.settings, proxies=proxies)
    return app.build_app(replace(made, settings=settings), guard).test_client()


def statuses(client: FlaskClient, *requests: dict[str, Any]) -> Iterator[int]:
    for request in requests:
        yield client.get("/v1/checks", **request).status_code


def by(address: str, forwarded: str = "") -> dict[str, Any]:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return {"environ_base": {"REMOTE_ADDR": address}, "headers": headers}


def test_too_many_requests_are_told_when_to_come_again(made: Services) -> None:
    client = limited(made)
    answers = [client.get("/v1/diagnoses?account=lin-yue&last=24h") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert ["Retry-After" in answer.headers for answer in answers] == [False, False, True]
    body = answers[2].get_json()
    assert answers[2].content_type == "application/problem+json"
    assert 3590 <= int(answers[2].headers["Retry-After"]) <= 3600
    assert body["code"] == "rate_limited"
    assert answers[2].headers["Retry-After"] in body["text"]["zh"]
    assert answers[2].headers["Retry-After"] in body["text"]["en"]
    page = client.get("/panel?account=lin-yue")
    assert (page.status_code, page.mimetype) == (429, "text/html")
    assert page.headers["Retry-After"].isdecimal()
    assert "请求过于频繁" in page.text
    families = text_string_to_metric_families(client.get("/metrics").text)
    refused = [s for f in families for s in f.samples if s.name == "diag_http_refused_total"]
    assert [(s.labels, s.value) for s in refused] == [({"reason": "rate_limited"}, 2)]


def test_probes_and_the_files_of_the_page_are_never_limited(made: Services) -> None:
    client = limited(made, "1/day")
    for _ in range(3):
        for path in ("/healthz", "/readyz", "/metrics", "/openapi.yaml", "/panel/panel.js"):
            assert client.get(path).status_code == 200


def test_a_batch_counts_as_one(made: Services) -> None:
    client = limited(made)
    rows = '{"account": "lin-yue", "last": "6h"}\n' * 5
    asked = {"data": rows, "content_type": "application/jsonl", "buffered": True}
    answers = [client.post("/v1/triage", **asked).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_with_keys_each_name_has_its_own_limit_and_strangers_spend_none(made: Services) -> None:
    client = limited(made, keys=True)
    sent = [{"headers": {"Authorization": f"Bearer {key}"}} for key in KEYS.values()]
    asked = [*[{}] * 5, *[sent[0]] * 3, sent[1]]
    assert [*statuses(client, *asked)] == [*[401] * 5, 200, 200, 429, 200]


FORWARDED = [
    # proxies, who connects and whom he names, statuses at a limit of two
    (0, [by("10.0.0.1", f"198.51.100.{n}") for n in range(3)], [200, 200, 429]),
    (1, [by("10.0.0.1", f"198.51.100.{n}") for n in range(3)], [200, 200, 200]),
    (1, [by("10.0.0.1", f"203.0.113.{n}, 198.51.100.7") for n in range(3)], [200, 200, 429]),
    (2, [by("10.0.0.1", f"198.51.100.{n}, 10.0.0.2") for n in range(3)], [200, 200, 200]),
]


@pytest.mark.parametrize(("proxies", "requests", "expected"), FORWARDED)
def test_only_trusted_proxies_say_who_asks(
    made: Services, proxies: int, requests: list[dict[str, Any]], expected: list[int]
) -> None:
    assert [*statuses(limited(made, proxies=proxies), *requests)] == expected


def test_by_default_nobody_is_limited() -> None:
    client = create_app(Settings(deadline=FOREVER, ledger=RECORDED)).test_client()
    assert {*statuses(client, *[{}] * 50)} == {200}


def test_the_limit_of_the_settings_is_kept() -> None:
    client = create_app(
        Settings(deadline=FOREVER, ledger=RECORDED, rate_limit="3/day")
    ).test_client()
    assert [*statuses(client, *[{}] * 4)] == [200, 200, 200, 429]
