"""What HTTP callers send, good and bad, and what they get: the same for every caller."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from recorded import RECORDED
from waiting import FOREVER
from werkzeug.test import TestResponse

from diag.api import request_parsing
from diag.api.app import build_app
from diag.bootstrap import build_services
from diag.config.explorers import Explorer
from diag.config.settings import Settings
from diag.domain.case import Case
from diag.domain.history import Gap, History
from diag.errors import DiagError, NodeError, OutOfTime, Unreachable
from diag.i18n import LANGUAGES, Text
from diag.services import Services

LEDGER = Path(__file__).parents[2] / "diag" / "data" / "ledger"
PATH = "/v1/diagnoses"
JSON, PROBLEM, TEXT = "application/json", "application/problem+json", "text/plain"
HTML = "text/html"
MARKDOWN = "text/markdown"
WINDOW = {"from": "2026-11-21T19:45:00Z", "to": "2026-11-21T20:45:00Z"}
FRIEND = {"account": "shi-tou7", **WINDOW, "asset": "BTS", "amount": "120"}
"""A transfer to a friend: the shortest of the recorded stories."""
HAN = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def made() -> Services:
    return build_services(Settings(deadline=FOREVER, ledger=LEDGER))


def app_of(made: Services, collect: Callable[[Case], History]) -> Flask:
    """The application around another way to collect, as `create_app` builds it."""
    return build_app(replace(made, collect=collect))


@pytest.fixture(scope="module")
def client(made: Services) -> FlaskClient:
    return app_of(made, made.collect).test_client()


def get(client: FlaskClient, query: object, **headers: str) -> TestResponse:
    return client.get(PATH, query_string=query, headers=headers)  # type: ignore[arg-type]


def post(client: FlaskClient, body: object) -> TestResponse:
    """The body as JSON; text and bytes as they are."""
    data = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return client.post(PATH, data=data, content_type=JSON)


def assert_problem(response: TestResponse, status: int, *fields: str) -> dict[str, Any]:
    """A problem in both languages that names exactly these fields, and shows no insides."""
    assert response.status_code == status, response.text
    assert response.content_type == PROBLEM
    body: dict[str, Any] = response.get_json()
    assert body["status"] == status
    assert body["type"] == f"/problems/{body['code']}"
    assert body["request_id"] == response.headers["X-Request-ID"]
    assert [error["field"] for error in body["errors"]] == list(fields)
    for text in [body["text"], *(error["text"] for error in body["errors"])]:
        assert HAN.search(text["zh"])
        assert text["en"].isascii()
        assert text["en"].endswith((".", ")")) or status == 503
    assert not re.search(r"Traceback|File \"|line \d|[a-z]Error\b|0x[0-9a-f]{6}", response.text)
    return body


def remedy(response: TestResponse) -> tuple[str, str]:
    error = response.get_json()["errors"][0]["text"]
    return error["zh"], error["en"]


# --- good requests -------------------------------------------------------------------------

UNTIL_NOON = {"from": "2026-11-22T06:00:00Z", "to": "2026-11-22T12:00:00Z"}
"""The recorded chain stands still at 2026-11-22T12:00:00Z."""

GOOD: dict[str, tuple[dict[str, str], dict[str, str | None]]] = {
    "UTC": (FRIEND, {**WINDOW, "tz": None, "amount": "120"}),
    "no claim": ({"account": "shi-tou7", **WINDOW}, {**WINDOW, "asset": None, "amount": None}),
    "an account id": ({"account": "1.2.100", **WINDOW}, {"account": "1.2.100"}),
    "last hours": ({"account": "zhao-ming", "last": "6h"}, UNTIL_NOON),
    "last minutes": ({"account": "zhao-ming", "last": "360m"}, UNTIL_NOON),
    "last days": ({"account": "zhao-ming", "last": "31d"}, {"from": "2026-10-22T12:00:00Z"}),
    "last with tz": (
        {"account": "zhao-ming", "last": "6h", "tz": "Asia/Shanghai"},
        {**UNTIL_NOON, "tz": "Asia/Shanghai"},
    ),
    "an offset": (
        {**FRIEND, "from": "2026-11-22T03:45:00+08:00", "to": "2026-11-22T04:45:00+08:00"},
        {**WINDOW, "tz": None},
    ),
    "an offset west": (
        {**FRIEND, "from": "2026-11-21T14:45:00-05:00", "to": "2026-11-21T15:45:00-0500"},
        WINDOW,
    ),
    "local times": (
        {
            **FRIEND,
            "from": "2026-11-22 03:45",
            "to": "2026-11-22T04:45:00",
            "tz": "Asia/Shanghai",
        },
        {**WINDOW, "tz": "Asia/Shanghai"},
    ),
    "an offset beats tz": (
        {**FRIEND, "from": "2026-11-22T03:45:00+08:00", "tz": "America/New_York"},
        {**WINDOW, "tz": "America/New_York"},
    ),
    "lower case letters": (
        {**FRIEND, "from": "2026-11-21t19:45:00z", "to": "2026-11-21t20:45:00z"},
        WINDOW,
    ),
    "a fraction of a second": ({**FRIEND, "from": "2026-11-21T19:45:00.250Z"}, WINDOW),
    "a moment": (
        {**FRIEND, "to": WINDOW["from"]},
        {"from": WINDOW["from"], "to": WINDOW["from"]},
    ),
    "31 days": (
        {**FRIEND, "from": "2026-10-22T12:00:00Z", "to": "2026-11-22T12:00:00Z"},
        {"from": "2026-10-22T12:00:00Z", "to": "2026-11-22T12:00:00Z"},
    ),
    "an amount with idle zeros": ({**FRIEND, "amount": "120.0000000"}, {"amount": "120"}),
    "space around": (
        {**FRIEND, "account": " shi-tou7 ", "asset": " BTS "},
        {"account": "shi-tou7", "asset": "BTS"},
    ),
    "every claim": (
        {
            **FRIEND,
            "received": "0.05175",
            "destination": "north-wallet",
            "operation": "1.11.13731",
            "transaction": "413cefd199f636857f254d7d8bbae7ed24673660",
            "memo": "btc:1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
            "external_transaction": "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b",
        },
        {
            "received": "0.05175",
            "destination": "north-wallet",
            "operation": "1.11.13731",
            "transaction": "413cefd199f636857f254d7d8bbae7ed24673660",
            "memo": "btc:1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
        },
    ),
    "a memo in Chinese": ({**FRIEND, "memo": "给我的 {账户}"}, {"memo": "给我的 {账户}"}),
}


@pytest.mark.parametrize("name", GOOD)
def test_get_and_post_answer_the_same_bytes(client: FlaskClient, name: str) -> None:
    asked, understood = GOOD[name]
    by_get, by_post = get(client, asked), post(client, asked)
    assert (by_get.status_code, by_post.status_code) == (200, 200), by_get.text
    assert by_get.data == by_post.data
    assert by_get.content_type == JSON
    case = by_get.get_json()["case"]
    assert case | understood == case


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["UTC", "local times", "no claim", "last hours"])
def test_the_same_text_twice_is_the_same_bytes(
    client: FlaskClient, name: str, lang: str
) -> None:
    as_text = {**GOOD[name][0], "format": "text", "lang": lang}
    assert get(client, as_text).data == get(client, as_text).data


def test_another_process_would_give_the_same_bytes(client: FlaskClient) -> None:
    fresh = build_services(Settings(deadline=FOREVER, ledger=LEDGER))
    other = app_of(fresh, fresh.collect).test_client()
    assert get(other, FRIEND).data == get(client, FRIEND).data


def test_the_plus_of_an_offset_may_stand_bare_in_a_query(client: FlaskClient) -> None:
    """`+` is a space in a query; whoever copies a time into a URL must not be refused."""
    query = "account=shi-tou7&from=2026-11-22T03:45:00+08:00&to=2026-11-22T04:45:00+08:00"
    response = client.get(f"{PATH}?{query}")
    assert response.status_code == 200, remedy(response)
    case = response.get_json()["case"]
    assert (case["from"], case["to"]) == (WINDOW["from"], WINDOW["to"])


def test_a_whole_number_is_an_amount(client: FlaskClient) -> None:
    asked = {"account": "lv-dong", **WINDOW, "asset": "BTS", "amount": 300}
    assert post(client, asked).get_json()["case"]["amount"] == "300"


def test_null_means_not_given(client: FlaskClient) -> None:
    everything = ("last", "tz", "received", "destination", "operation", "transaction", "memo")
    nulls = dict.fromkeys((*everything, "external_transaction", "format", "lang"))
    assert post(client, {**FRIEND, **nulls}).data == post(client, FRIEND).data


def test_head_answers_without_a_body(client: FlaskClient) -> None:
    response = client.head(PATH, query_string=FRIEND)
    assert (response.status_code, response.data) == (200, b"")
    assert response.headers["X-Diag-Verdict"] == "delivered_on_chain"


def test_an_unknown_account_is_a_diagnosis_with_near_names(client: FlaskClient) -> None:
    response = get(client, {"account": "shi-tou8", **WINDOW})
    assert response.status_code == 200
    body = response.get_json()
    assert body["verdict"]["code"] == "account_not_found"
    names = [c["account"] for c in body["candidates"] if c["kind"] == "near_name"]
    assert "shi-tou7" in names


def test_an_unknown_account_without_neighbours_has_no_candidates(client: FlaskClient) -> None:
    body = get(client, {"account": "qqqqqqqqqqqq-zzzzzz", **WINDOW}).get_json()
    assert (body["verdict"]["code"], body["candidates"]) == ("account_not_found", [])


# --- format and language -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        pytest.param({}, None, JSON, id="nothing said"),
        pytest.param({}, "*/*", JSON, id="anything"),
        pytest.param({}, "application/json", JSON, id="json"),
        pytest.param({}, "application/*", JSON, id="some application"),
        pytest.param({}, "text/plain", TEXT, id="text"),
        pytest.param({}, "text/*", TEXT, id="some text"),
        pytest.param({}, "application/json;q=0.4, text/plain;q=0.9", TEXT, id="text rather"),
        pytest.param({}, "text/html,*/*;q=0.8", HTML, id="a browser"),
        pytest.param({"format": "json"}, None, JSON, id="format json"),
        pytest.param({"format": "text"}, None, TEXT, id="format text"),
        pytest.param({}, "text/markdown", MARKDOWN, id="markdown"),
        pytest.param({}, "text/markdown, */*;q=0.1", MARKDOWN, id="markdown rather"),
        pytest.param({"format": "markdown"}, None, MARKDOWN, id="format markdown"),
        pytest.param({"format": "text"}, "application/json", TEXT, id="format beats accept"),
        pytest.param({"format": "json"}, "text/plain", JSON, id="format json beats accept"),
        pytest.param({"format": "json"}, "image/png", JSON, id="format beats the impossible"),
    ],
)
def test_the_format_is_chosen(
    client: FlaskClient, query: dict[str, str], accept: str | None, expected: str
) -> None:
    headers = {"Accept": accept} if accept else {}
    response = get(client, {**FRIEND, **query}, **headers)
    assert (response.status_code, response.mimetype) == (200, expected)
    assert {part.strip() for part in response.headers["Vary"].split(",")} >= {
        "Accept",
        "Accept-Language",
    }


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_markdown_is_the_note_of_a_helpdesk(client: FlaskClient, lang: str) -> None:
    asked = {**FRIEND, "format": "markdown", "lang": lang}
    response = get(client, asked)
    body = get(client, FRIEND).get_json()
    assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert response.headers["Content-Language"] == lang
    assert response.text.startswith(f"{body['verdict']['title'][lang]}\n---")
    assert body["id"][:10] in response.text and body["id"] not in response.text


@pytest.mark.parametrize(
    ("query", "header", "expected"),
    [
        pytest.param({}, None, "zh", id="the setting"),
        pytest.param({}, "en-GB,en;q=0.9", "en", id="header en"),
        pytest.param({}, "zh-TW", "zh", id="header zh"),
        pytest.param({}, "de", "zh", id="another language"),
        pytest.param({"lang": "en"}, None, "en", id="lang en"),
        pytest.param({"lang": "zh"}, "en", "zh", id="lang beats the header"),
    ],
)
def test_the_language_is_chosen(
    client: FlaskClient, query: dict[str, str], header: str | None, expected: str
) -> None:
    headers = {"Accept-Language": header} if header else {}
    response = get(client, {**FRIEND, **query, "format": "text"}, **headers)
    assert response.headers["Content-Language"] == expected
    assert response.text.startswith("结论" if expected == "zh" else "Verdict")
    assert bool(HAN.search(response.text)) == (expected == "zh")


def test_the_language_of_the_settings_is_the_default(made: Services) -> None:
    settings = Settings(deadline=FOREVER, ledger=LEDGER, lang="en")
    app = build_app(replace(made, settings=settings))
    response = get(app.test_client(), {**FRIEND, "format": "text"})
    assert response.headers["Content-Language"] == "en"


def test_json_is_the_same_in_every_language(client: FlaskClient) -> None:
    zh, en = (get(client, {**FRIEND, "lang": lang}) for lang in ("zh", "en"))
    assert zh.data == en.data


def test_a_post_takes_format_and_lang_in_the_body_and_in_the_query(client: FlaskClient) -> None:
    view = {"format": "text", "lang": "en"}
    in_body = post(client, {**FRIEND, **view})
    in_query = client.post(PATH, json=FRIEND, query_string=view)
    assert in_body.mimetype == in_query.mimetype == TEXT
    assert in_body.data == in_query.data


def test_text_has_at_most_fifteen_lines_and_the_verdict_in_a_header(
    client: FlaskClient,
) -> None:
    response = get(client, {**FRIEND, "format": "text"})
    assert len(response.text.splitlines()) <= 15
    assert response.headers["X-Diag-Verdict"] == "delivered_on_chain"
    assert response.headers["X-Diag-Verdict"] not in response.text


# --- spellings -----------------------------------------------------------------------------

SPELLINGS = {
    # the same question in other spellings, and the fields that were read otherwise
    "an @ and capitals": ({"account": "@Zhao-Ming"}, ["account"]),
    "full-width letters": ({"account": "ｚｈａｏ－ｍｉｎｇ"}, ["account"]),
    "an invisible character": ({"account": "zhao-ming\u200b"}, ["account"]),
    "a link": ({"account": "https://blocksights.info/#/accounts/zhao-ming"}, ["account"]),
    "a link of the operator's explorer": (
        {"account": "https://our.example/who/zhao-ming"},
        ["account"],
    ),
    "an asset in small letters": ({"asset": "north.btc"}, ["asset"]),
    "both": ({"account": "Zhao-Ming", "asset": "north.btc"}, ["account", "asset"]),
}
PLAIN = {"account": "zhao-ming", "last": "12h", "asset": "NORTH.BTC", "amount": "0.05616"}


@pytest.fixture(scope="module")
def desk() -> FlaskClient:
    """A service whose operator has an explorer of his own."""
    own = Explorer("our", account="https://our.example/who/{account}")
    return build_app(
        build_services(Settings(deadline=FOREVER, ledger=LEDGER, explorers=(own,)))
    ).test_client()


@pytest.mark.parametrize("name", SPELLINGS)
def test_the_same_question_in_another_spelling_has_the_same_answer(
    desk: FlaskClient, name: str
) -> None:
    spelled, fields = SPELLINGS[name]
    expected = desk.get(PATH, query_string=PLAIN).get_json()
    assert expected["case"]["read_as"] == []

    for response in (
        desk.get(PATH, query_string={**PLAIN, **spelled}),
        post(desk, {**PLAIN, **spelled}),
    ):
        found = response.get_json()
        readings = found["case"].pop("read_as")
        assert found["id"] == expected["id"]
        assert found["case"] == {k: v for k, v in expected["case"].items() if k != "read_as"}
        assert found["verdict"] == expected["verdict"]
        assert [reading["field"] for reading in readings] == fields
        assert all(
            reading["read_as"] in found["note"][lang]
            for reading in readings
            for lang in LANGUAGES
        )


@pytest.mark.parametrize(("lang", "words"), [("zh", "读作 zhao-ming"), ("en", "as zhao-ming")])
@pytest.mark.parametrize("format_", ["text", "markdown", "html"])
def test_every_format_says_how_the_input_was_read(
    client: FlaskClient, format_: str, lang: str, words: str
) -> None:
    query = {**PLAIN, "account": "@Zhao-Ming", "format": format_, "lang": lang}
    shown = client.get(PATH, query_string=query).text

    assert words in shown.replace("\\", "")
    assert format_ != "text" or len(shown.splitlines()) <= 15


# --- bad requests --------------------------------------------------------------------------


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in FRIEND.items() if name not in names}


BAD_FIELDS: dict[str, tuple[dict[str, Any], str, str, str]] = {
    # name: the body, the field, and words of the remedy in zh and en
    "an unknown field": ({**FRIEND, "acount": "x"}, "acount", "account", "account, from, to"),
    "no account": (without("account"), "account", "必填", "required"),
    "an empty account": ({**FRIEND, "account": ""}, "account", "小写字母", "lower-case"),
    "an account with an underscore": (
        {**FRIEND, "account": "lin_yue"},
        "account",
        "小写",
        "low",
    ),
    "an account in Han": ({**FRIEND, "account": "林月"}, "account", "小写", "lower-case"),
    "an account with a space": ({**FRIEND, "account": "lin yue"}, "account", "小写", "lower"),
    "an account that is too long": ({**FRIEND, "account": "a" * 64}, "account", "63", "63"),
    "an id of another kind": ({**FRIEND, "account": "1.3.0"}, "account", "1.2.x", "1.2.345"),
    "a dot at the end": ({**FRIEND, "account": "shi-tou7."}, "account", "小写", "lower-case"),
    "a line end in the account": (
        {**FRIEND, "account": "lin\nyue"},
        "account",
        "小写",
        "lower",
    ),
    "an address as destination": (
        {**FRIEND, "destination": "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8"},
        "destination",
        "小写",
        "low",
    ),
    "no window": (without("from", "to"), "from", "last=6h", "last=6h"),
    "no end": (without("to"), "to", "last=6h", "last=6h"),
    "a reversed window": (
        {**FRIEND, "from": WINDOW["to"], "to": WINDOW["from"]},
        "to",
        "对调",
        "swap",
    ),
    "31 days and a second": (
        {**FRIEND, "from": "2026-10-22T11:59:59Z", "to": "2026-11-22T12:00:00Z"},
        "to",
        "31 天",
        "31 days",
    ),
    "a naive time": ({**FRIEND, "from": "2026-11-21T20:30:00"}, "from", "时区", "tz="),
    "a bare date": ({**FRIEND, "from": "2026-11-21"}, "from", "日期", "date"),
    "a bare date with tz": (
        {**FRIEND, "to": "2026-11-22", "tz": "Asia/Shanghai"},
        "to",
        "日期",
        "date",
    ),
    "a time in words": ({**FRIEND, "from": "yesterday"}, "from", "RFC 3339", "RFC 3339"),
    "seconds since 1970": ({**FRIEND, "from": "1795291800"}, "from", "RFC 3339", "RFC 3339"),
    "an empty time": ({**FRIEND, "from": ""}, "from", "RFC 3339", "RFC 3339"),
    "slashes": ({**FRIEND, "from": "2026/11/21 20:30Z"}, "from", "RFC 3339", "RFC 3339"),
    "30 February": (
        {**FRIEND, "from": "2026-02-30T20:30:00Z"},
        "from",
        "核对",
        "no such date",
    ),
    "hour 25": ({**FRIEND, "from": "2026-11-21T25:30:00Z"}, "from", "核对", "no such date"),
    "an offset of 25 hours": (
        {**FRIEND, "from": "2026-11-21T20:30:00+25:00"},
        "from",
        "核对",
        "no such date",
    ),
    "full-width digits": (
        {**FRIEND, "from": "２０２６-11-21T20:30:00Z"},
        "from",
        "",
        "",
    ),
    "before the chain began": (
        {**FRIEND, "from": "2014-12-31T23:59:59Z"},
        "from",
        "2015",
        "2015",
    ),
    "year 1": ({**FRIEND, "from": "0001-01-01T00:00:00+08:00"}, "from", "核对", "date"),
    "year 9999": ({**FRIEND, "to": "9999-12-31T23:59:59-08:00"}, "to", "核对", "date"),
    "the future": (
        {**FRIEND, "from": "2026-11-23T00:00:00Z", "to": "2026-11-23T01:00:00Z"},
        "from",
        "之后",
        "after the newest block",
    ),
    "a zone that is none": ({**FRIEND, "tz": "Asia/Peking"}, "tz", "IANA", "IANA"),
    "an abbreviation": ({**FRIEND, "tz": "UTC+8"}, "tz", "IANA", "IANA"),
    "a directory of zones": ({**FRIEND, "tz": "America"}, "tz", "IANA", "IANA"),
    "a path as zone": ({**FRIEND, "tz": "../../etc/passwd"}, "tz", "IANA", "IANA"),
    "an absolute path as zone": ({**FRIEND, "tz": "/etc/passwd"}, "tz", "IANA", "IANA"),
    "the zone of this machine": ({**FRIEND, "tz": "localtime"}, "tz", "IANA", "IANA"),
    "an empty zone": ({**FRIEND, "tz": ""}, "tz", "IANA", "IANA"),
    "last and from": ({**FRIEND, "last": "6h"}, "last", "二选一", "either last"),
    "last without a unit": ({"account": "shi-tou7", "last": "6"}, "last", "6h", "6h"),
    "last of nothing": ({"account": "shi-tou7", "last": "0h"}, "last", "6h", "6h"),
    "last in weeks": ({"account": "shi-tou7", "last": "1w"}, "last", "7d", "7d"),
    "last negative": ({"account": "shi-tou7", "last": "-6h"}, "last", "6h", "6h"),
    "last of 32 days": ({"account": "shi-tou7", "last": "32d"}, "last", "31d", "31d"),
    "an amount with a unit": (
        {**FRIEND, "amount": "0.05 BTC"},
        "amount",
        '"0.05"',
        'such as "0.05"',
    ),
    "a negative amount": ({**FRIEND, "amount": "-0.05"}, "amount", "符号", "sign"),
    "an amount with a plus": ({**FRIEND, "amount": "+0.05"}, "amount", "符号", "sign"),
    "an amount that is no number": (
        {**FRIEND, "amount": "NaN"},
        "amount",
        "十进制",
        "decimal",
    ),
    "infinity": ({**FRIEND, "amount": "Infinity"}, "amount", "十进制", "decimal"),
    "an exponent": ({**FRIEND, "amount": "5e-2"}, "amount", "十进制", "decimal"),
    "a comma": ({**FRIEND, "amount": "1,000"}, "amount", "千分位", "thousands"),
    "no digit before the point": ({**FRIEND, "amount": ".05"}, "amount", "十进制", "decimal"),
    "no digit after the point": ({**FRIEND, "amount": "5."}, "amount", "十进制", "decimal"),
    "an empty amount": ({**FRIEND, "amount": ""}, "amount", "十进制", "decimal"),
    "21 digits": ({**FRIEND, "amount": "1" * 21}, "amount", "十进制", "decimal"),
    "Arabic digits": ({**FRIEND, "amount": "٠.٠٥"}, "amount", "十进制", "decimal"),
    "too many digits for the asset": (
        {**FRIEND, "amount": "120.000001"},
        "amount",
        "5 位小数",
        "5 decimal places",
    ),
    "an unknown asset": ({**FRIEND, "asset": "NORTH.BTX"}, "asset", "NORTH.BTX", "NORTH.BTX"),
    "an asset by the wallet's name": (
        {**FRIEND, "asset": "bitUSD"},
        "asset",
        "USD",
        "give USD",
    ),
    "an asset with a space": ({**FRIEND, "asset": "NORTH BTC"}, "asset", "BTS", "BTS"),
    "an operation by its number": (
        {**FRIEND, "operation": "13731"},
        "operation",
        "1.11.",
        "1.11.12345",
    ),
    "an object of another kind": (
        {**FRIEND, "operation": "1.2.5"},
        "operation",
        "1.11.",
        "1.11.12345",
    ),
    "half a transaction id": (
        {**FRIEND, "transaction": "413cefd1"},
        "transaction",
        "40",
        "40",
    ),
    "a transaction of another chain": (
        {
            **FRIEND,
            "transaction": "4A5E1E4BAAB89F3A32518A88C31BC87F618F76673E2CC77AB2127B7AFDEDA33B",
        },
        "transaction",
        "external_transaction",
        "another chain",
    ),
    "a link to an account of another chain": (
        {**FRIEND, "account": "https://bloks.io/account/shitou7"},
        "account",
        "链接",
        "link",
    ),
    "a long memo": ({**FRIEND, "memo": "x" * 513}, "memo", "512", "512"),
    "an empty memo": ({**FRIEND, "memo": " "}, "memo", "512", "512"),
    "control characters": ({**FRIEND, "memo": "a\x00b"}, "memo", "控制字符", "control"),
    "an escape sequence": ({**FRIEND, "memo": "a\x1b[31mb"}, "memo", "控制字符", "control"),
    "a delete character": ({**FRIEND, "memo": "a\x7fb"}, "memo", "控制字符", "control"),
    "an unknown format": ({**FRIEND, "format": "xml"}, "format", "markdown", "markdown"),
    "an unknown language": ({**FRIEND, "lang": "fr"}, "lang", "zh", "zh"),
}

BAD_TYPES: dict[str, tuple[dict[str, Any], str]] = {
    # only a body can say these
    "a null account": ({**FRIEND, "account": None}, "account"),
    "a number as account": ({**FRIEND, "account": 12}, "account"),
    "a list as account": ({**FRIEND, "account": ["shi-tou7"]}, "account"),
    "an object as account": ({**FRIEND, "account": {"name": "shi-tou7"}}, "account"),
    "a number as time": ({**FRIEND, "from": 1795291800}, "from"),
    "a list as time": ({**FRIEND, "from": [WINDOW["from"]]}, "from"),
    "a number as last": ({"account": "shi-tou7", "last": 6}, "last"),
    "a number as zone": ({**FRIEND, "tz": 8}, "tz"),
    "a float as amount": ({**FRIEND, "amount": 0.05205}, "amount"),
    "a float that is whole": ({**FRIEND, "amount": 1.0}, "amount"),
    "truth as amount": ({**FRIEND, "amount": True}, "amount"),
    "a negative number as amount": ({**FRIEND, "amount": -1}, "amount"),
    "a huge number as amount": ({**FRIEND, "amount": 10**400}, "amount"),
    "an object as amount": ({**FRIEND, "amount": {"value": "1"}}, "amount"),
    "a number as asset": ({**FRIEND, "asset": 1}, "asset"),
    "a number as operation": ({**FRIEND, "operation": 1.11}, "operation"),
    "a list as memo": ({**FRIEND, "memo": []}, "memo"),
    "half a character as memo": ({**FRIEND, "memo": "a\ud800"}, "memo"),
    "half a character as account": ({**FRIEND, "account": "a\ud800"}, "account"),
    "half a character as zone": ({**FRIEND, "tz": "\udfff"}, "tz"),
    "a list as format": ({**FRIEND, "format": ["json"]}, "format"),
    "an object as format": ({**FRIEND, "format": {}}, "format"),
    "a number as format": ({**FRIEND, "format": 0}, "format"),
    "a list as language": ({**FRIEND, "lang": ["zh"]}, "lang"),
    "an empty name": ({**FRIEND, "": "x"}, ""),
}


@pytest.mark.parametrize("name", BAD_FIELDS)
def test_a_wrong_field_is_named_with_its_remedy(client: FlaskClient, name: str) -> None:
    body, field, zh, en = BAD_FIELDS[name]
    fields = ("from", "to") if name == "no window" else (field,)
    for response in (post(client, body), get(client, body)):
        assert_problem(response, 400, *fields)
        said_zh, said_en = remedy(response)
        assert zh in said_zh
        assert en in said_en


@pytest.mark.parametrize("name", BAD_TYPES)
def test_a_wrong_type_is_named(client: FlaskClient, name: str) -> None:
    body, field = BAD_TYPES[name]
    assert_problem(post(client, body), 400, field)


def test_half_a_character_in_the_name_of_a_field_is_refused(client: FlaskClient) -> None:
    response = post(client, {**FRIEND, "\ud800": "x"})
    assert response.status_code == 400
    assert len(response.get_json()["errors"]) == 1


def test_the_name_of_an_unknown_field_is_cut(client: FlaskClient) -> None:
    body = assert_problem(post(client, {**FRIEND, "x" * 5000: "1"}), 400, "x" * 64)
    assert len(json.dumps(body)) < 2000


def test_braces_in_a_question_stay_braces(client: FlaskClient) -> None:
    assert_problem(post(client, {**FRIEND, "{0.__class__}": "1"}), 400, "{0.__class__}")


def test_all_mistakes_are_named_at_once(client: FlaskClient) -> None:
    wrong = {"acount": "x", "from": "2026-11-21", "tz": "Mars", "amount": "1 BTC"}
    response = post(client, wrong)
    fields = {error["field"] for error in response.get_json()["errors"]}
    assert fields == {"acount", "account", "from", "to", "tz", "amount"}


# --- bodies and addresses ------------------------------------------------------------------

BAD_BODIES = {
    "nothing": b"",
    "not JSON": b"account=shi-tou7",
    "an array": b'[{"account": "shi-tou7"}]',
    "a string": b'"shi-tou7"',
    "null": b"null",
    "a number": b"1",
    "half an object": b'{"account": "shi-tou7"',
    "two objects": b"{}{}",
    "not UTF-8": b'{"account": "\xff\xfe"}',
    "deep arrays": b"[" * 60_000,
    "deep objects": b'{"a":' * 12_000,
    "deep and closed": b'{"account":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "a number of 5000 digits": b'{"amount": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_body_that_is_no_object_is_refused(client: FlaskClient, name: str) -> None:
    body = assert_problem(post(client, BAD_BODIES[name]), 400, "body")
    assert "JSON" in body["errors"][0]["text"]["en"]


def test_json_numbers_that_are_none_are_refused(client: FlaskClient) -> None:
    for word in ("NaN", "Infinity", "-Infinity"):
        text = json.dumps(FRIEND).replace('"120"', word)
        response = post(client, text)
        assert response.status_code == 400, word


def test_a_field_given_twice_in_a_query_is_refused(client: FlaskClient) -> None:
    query = [*FRIEND.items(), ("account", "wu-gang")]
    response = get(client, query)
    assert_problem(response, 400, "account")
    assert "once" in remedy(response)[1]


def test_a_field_given_twice_in_a_body_is_refused(client: FlaskClient) -> None:
    text = json.dumps(FRIEND)[:-1] + ', "account": "wu-gang"}'
    assert_problem(post(client, text), 400, "account")


def test_format_given_twice_in_the_query_of_a_post_is_refused(client: FlaskClient) -> None:
    response = client.post(f"{PATH}?format=json&format=text", json=FRIEND)
    assert_problem(response, 400, "format")


def test_a_field_in_the_query_of_a_post_is_refused(client: FlaskClient) -> None:
    """It would be ignored silently, and somebody else's case be answered."""
    response = client.post(f"{PATH}?account=wu-gang", json=FRIEND)
    assert_problem(response, 400, "account")


def test_a_body_over_the_limit_is_refused(client: FlaskClient) -> None:
    start = json.dumps(FRIEND).encode()
    just = start + b" " * (request_parsing.MAX_BODY - len(start))
    assert post(client, just).status_code == 200
    body = assert_problem(post(client, just + b" "), 413)
    assert "64 KiB" in body["text"]["zh"]
    assert "64 KiB" in body["text"]["en"]


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "nonsense"],
)
def test_another_content_type_is_refused(client: FlaskClient, content_type: str) -> None:
    response = client.post(PATH, data=json.dumps(FRIEND), content_type=content_type)
    body = assert_problem(response, 415)
    assert JSON in body["text"]["zh"]
    assert JSON in body["text"]["en"]


def test_a_charset_may_be_named(client: FlaskClient) -> None:
    response = client.post(
        PATH, data=json.dumps(FRIEND), content_type="Application/JSON; charset=utf-8"
    )
    assert response.status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("path", "takes"),
    [
        (PATH, {"GET", "POST"}),
        ("/v1/checks", {"GET"}),
        ("/v1/gateways", {"GET"}),
        ("/v1/gateways/NORTH", {"GET"}),
        ("/v1/network", {"GET"}),
        ("/v1/notices", {"GET"}),
        ("/healthz", {"GET"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(
    client: FlaskClient, path: str, takes: set[str], method: str
) -> None:
    response = client.open(path, method=method)
    assert_problem(response, 405)
    allowed = {name.strip() for name in response.headers["Allow"].split(",")}
    assert allowed - {"HEAD", "OPTIONS"} == takes


@pytest.mark.parametrize(
    "path",
    ["/v1", "/v1/diagnosis", "/v1/diagnoses/", "/v1/diagnoses/x", "/..%2f", "/\u4e2d"],
)
def test_an_unknown_address_is_told_where_to_look(client: FlaskClient, path: str) -> None:
    body = assert_problem(client.get(path), 404)
    assert "/openapi.yaml" in body["text"]["zh"]
    assert "/openapi.yaml" in body["text"]["en"]


@pytest.mark.parametrize("accept", ["image/png", "application/xml", "text/css", "x/y, a/b"])
def test_an_impossible_accept_is_refused(client: FlaskClient, accept: str) -> None:
    body = assert_problem(get(client, FRIEND, Accept=accept), 406)
    assert "text" in body["text"]["zh"]
    assert "text" in body["text"]["en"]


def test_a_body_that_breaks_off_is_the_callers_mistake(client: FlaskClient) -> None:
    response = client.post(
        PATH, data=b"{", content_type=JSON, environ_overrides={"CONTENT_LENGTH": "9"}
    )
    body = assert_problem(response, 400, *(["body"] if response.get_json()["errors"] else []))
    assert "/openapi.yaml" not in body["text"]["en"]


# --- headers of every answer ---------------------------------------------------------------


@pytest.mark.parametrize(
    "given", ["ticket-4711", "a" * 8, "Z" * 64, "1234.5678_9-0", "00000000"]
)
def test_a_well_formed_request_id_is_echoed(client: FlaskClient, given: str) -> None:
    headers = {"X-Request-ID": given}
    assert client.get("/healthz", headers=headers).headers["X-Request-ID"] == given
    problem = client.get("/nothing", headers=headers)
    assert problem.headers["X-Request-ID"] == given
    assert problem.get_json()["request_id"] == given


@pytest.mark.parametrize(
    "given",
    ["", "short", "a" * 65, "has space", "quote'quote", "<script>x", "caf\u00e9cafe", None],
)
def test_any_other_request_id_is_replaced(client: FlaskClient, given: str | None) -> None:
    headers = {} if given is None else {"X-Request-ID": given}
    echoed = client.get("/healthz", headers=headers).headers["X-Request-ID"]
    assert echoed != given
    assert re.fullmatch(r"[A-Za-z0-9._-]{8,64}", echoed)


def test_made_request_ids_differ(client: FlaskClient) -> None:
    ids = {client.get("/healthz").headers["X-Request-ID"] for _ in range(20)}
    assert len(ids) == 20


@pytest.mark.parametrize("path", [PATH, "/v1/checks", "/healthz", "/readyz", "/nothing"])
def test_no_answer_is_kept_or_guessed_at(client: FlaskClient, path: str) -> None:
    headers = client.get(path, query_string=FRIEND).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Permissions-Policy"].startswith("camera=(), geolocation=()")
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize(
    ("hsts", "proxies", "told"),
    [(True, 1, True), (True, 0, False), (False, 1, False)],
    ids=["asked for", "nobody to believe", "not asked for"],
)
def test_https_is_only_insisted_on_where_it_is_asked_for(
    made: Services, hsts: bool, proxies: int, told: bool
) -> None:
    settings = replace(made.settings, hsts=hsts, proxies=proxies)
    client = build_app(replace(made, settings=settings)).test_client()
    for proto in ("https", "http"):
        headers = client.get("/healthz", headers={"X-Forwarded-Proto": proto}).headers
        assert ("Strict-Transport-Security" in headers) is (told and proto == "https")


# --- when the chain or we fail -------------------------------------------------------------


def failing(made: Services, error: Exception) -> FlaskClient:
    def collect(case: Case) -> History:
        raise error

    return app_of(made, collect).test_client()


@pytest.mark.parametrize(
    "error",
    [Unreachable("connection refused"), OutOfTime(), NodeError(-32000, "assert", "no")],
    ids=["unreachable", "out of time", "a node's error"],
)
def test_where_no_node_can_be_asked_it_is_503(made: Services, error: DiagError) -> None:
    response = get(failing(made, error), FRIEND)
    body = assert_problem(response, 503)
    assert body["code"] == error.code
    assert response.headers["Retry-After"].isdecimal()


@pytest.mark.parametrize(
    "error",
    [RuntimeError("secret detail"), KeyError("secret detail"), RecursionError("secret detail")],
    ids=["runtime", "key", "recursion"],
)
def test_a_crash_is_500_without_details(
    made: Services, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    response = get(failing(made, error), FRIEND, **{"X-Request-ID": "ticket-4711"})
    body = assert_problem(response, 500)
    assert body["code"] == "internal_error"
    assert "secret detail" not in response.text
    assert "ticket-4711" in caplog.text
    assert "Retry-After" not in response.headers


def test_a_crash_does_not_stop_the_service(made: Services) -> None:
    client = failing(made, RuntimeError("secret detail"))
    assert get(client, FRIEND).status_code == 500
    assert client.get("/healthz").status_code == 200


def test_a_bad_question_is_refused_before_the_chain_is_asked(made: Services) -> None:
    client = failing(made, RuntimeError("asked"))
    assert get(client, {**FRIEND, "amount": "1 BTC"}).status_code == 400
    assert get(client, FRIEND, Accept="image/png").status_code == 406


# --- the other addresses -------------------------------------------------------------------


def test_the_catalogue_lists_every_rule_in_order(client: FlaskClient, made: Services) -> None:
    listed = client.get("/v1/checks").get_json()["checks"]
    assert [entry["code"] for entry in listed] == [
        rule.code for check in made.checks for rule in check.RULES
    ]


EMBEDDED = {
    "name": "ledger",
    "ok": True,
    "state": "fit",
    "why": None,
    "lacks": None,
    "chain_id": "ea224991adb56cbc418635bbf0df505508db5f4f9143806cafd2c7a1020babfd",
    "head_block": 35910,
    "head_time": "2026-11-22T12:00:00Z",
    "seconds_behind": 0,
    "seconds_ahead": 0,
    "version": "6.1 or later",
    "history": "full",
}


def test_health_asks_nobody_and_readiness_asks_the_chain(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json()["status"] == "ok"
    ready = client.get("/readyz")
    assert ready.status_code == 200
    [node] = ready.get_json()["nodes"]
    assert node.pop("latency_ms") >= 0
    assert node == EMBEDDED


# --- gateways and the chain ----------------------------------------------------------------

GATEWAYS = json.loads((RECORDED / "gateways.json").read_text(encoding="utf-8"))["gateways"]
KEYS = [gateway["key"] for gateway in GATEWAYS]
BURNING = [gateway["key"] for gateway in GATEWAYS if gateway["settlement"] == "burn_each"]


@cache
def recorded(name: str) -> tuple[dict[str, Any], ...]:
    with gzip.open(RECORDED / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return tuple(map(json.loads, lines))


def at(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["block_time"]).replace(tzinfo=UTC)


def told(time: str | None) -> datetime | None:
    return datetime.fromisoformat(time) if time else None


@dataclass
class Truth:
    """What became of everybody's withdrawals of one asset, read from the recorded operations."""

    times: list[float]
    last: datetime | None
    waiting: list[dict[str, Any]]
    returned: int


def truth(key: str, symbol: str, since: datetime) -> Truth:
    """Of the withdrawals sent since then: each burnt alone, in full, later, or returned, or open.

    Only the gateway's own way out is looked at, so it holds where each is burnt on its own.
    """
    gateway = next(gateway for gateway in GATEWAYS if gateway["key"] == key)
    ids = {row["name"]: row["id"] for row in recorded("accounts")}
    asset = next(row["id"] for row in recorded("assets") if row["symbol"] == symbol)
    wallet, issuer = ids[gateway["withdrawal_account"]], ids[gateway["issuer_account"]]
    sent, burns, back = [], [], []
    for row in recorded("operations"):
        number, body = row["op"]
        moved = body.get("amount_to_reserve" if number == 15 else "amount")
        if number not in (0, 15) or moved["asset_id"] != asset:
            continue
        row = {**row, "units": int(moved["amount"]), "at": at(row)}
        if number == 15 and body["payer"] in (wallet, issuer):
            burns.append(row)
        elif number == 0 and body["to"] == wallet and body["from"] != issuer:
            sent.append({**row, "who": body["from"]})
        elif number == 0 and body["from"] in (wallet, issuer) and body["to"] != issuer:
            back.append({**row, "who": body["to"]})
    found = Truth([], None, [], 0)
    for one in sent:
        burn = next(
            (b for b in burns if b["units"] == one["units"] and b["at"] > one["at"]), None
        )
        if burn:
            burns.remove(burn)
        returned = any(b["who"] == one["who"] and b["at"] > one["at"] for b in back)
        if one["at"] < since:
            continue
        if burn:
            found.times.append((burn["at"] - one["at"]).total_seconds())
            found.last = max(found.last or burn["at"], burn["at"])
        elif returned:
            found.returned += 1
        else:
            found.waiting.append(one)
    found.times.sort()
    return found


def ranked(times: list[float], percent: int) -> float | None:
    """The smallest time within which so many percent were served."""
    return next(
        (t for n, t in enumerate(times, 1) if n * 100 >= percent * len(times)),
        None,
    )


def live(client: FlaskClient, key: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/v1/gateways/{key}").get_json()["live"]
    return found


def test_every_gateway_of_the_register_is_listed(client: FlaskClient) -> None:
    response = client.get("/v1/gateways")
    assert (response.status_code, response.content_type) == (200, JSON)
    listed = response.get_json()["gateways"]
    assert [gateway["key"] for gateway in listed] == KEYS
    for known, shown in zip(GATEWAYS, listed, strict=True):
        assert shown["settlement"] == known["settlement"]
        assert shown["usual_seconds"] == known["usual_time_s"]
        assert shown["overdue_seconds"] == known["overdue_after_s"]
        assert shown["memo"] == known["memo"]
        assert shown["status"] == known["lifecycle"][-1]["status"]
        assert [stage["from"] for stage in shown["lifecycle"]] == [
            stage["from"] for stage in known["lifecycle"]
        ]
        names = {account["role"]: account["name"] for account in shown["accounts"]}
        assert names == {
            "withdrawal": known["withdrawal_account"],
            "issuer": known["issuer_account"],
        }
        coins = [(c["asset"], c["minimum"], c["withdrawal_fee"]) for c in shown["coins"]]
        assert coins == [
            (c["asset"], c["minimum"], c["withdrawal_fee"]) for c in known["coins"]
        ]


@pytest.mark.parametrize("key", KEYS)
def test_a_gateway_is_shown_as_it_is_listed(client: FlaskClient, key: str) -> None:
    listed = client.get("/v1/gateways").get_json()["gateways"]
    shown = client.get(f"/v1/gateways/{key}").get_json()
    assert {name: value for name, value in shown.items() if name != "live"} in listed


@pytest.mark.parametrize("key", KEYS)
def test_the_figures_of_a_gateway_agree_with_each_other(client: FlaskClient, key: str) -> None:
    found = live(client, key)
    known = next(gateway for gateway in GATEWAYS if gateway["key"] == key)
    assert [coin["asset"] for coin in found["coins"]] == sorted(
        coin["asset"] for coin in known["coins"]
    )
    assert found["complete"] is True
    assert found["as_of"] == "2026-11-22T12:00:00Z"
    for coin in found["coins"]:
        timed = coin["settled"] > 0
        for name in ("p50_seconds", "p95_seconds", "last_settlement"):
            assert (coin[name] is not None) is timed, name
        if timed:
            assert 0 < coin["p50_seconds"] <= coin["p95_seconds"]
        if known["settlement"] in ("none", "unknown") and not timed:
            unseen = ("waiting", "waiting_amount", "overdue", "oldest_waiting")
            assert [coin[name] for name in unseen] == [None] * 4
            continue
        assert 0 <= coin["overdue"] <= coin["waiting"]
        assert (coin["oldest_waiting"] is not None) is (coin["waiting"] > 0)
        assert (Decimal(coin["waiting_amount"]) > 0) is (coin["waiting"] > 0)


@pytest.mark.parametrize("key", KEYS)
def test_nothing_is_counted_that_lies_before_the_day(client: FlaskClient, key: str) -> None:
    found = live(client, key)
    for coin in found["coins"]:
        for name in ("last_settlement", "oldest_waiting"):
            assert coin[name] is None or coin[name] >= found["since"], coin["asset"]


@pytest.mark.parametrize("key", BURNING)
def test_the_figures_of_a_gateway_are_those_of_the_recorded_chain(
    client: FlaskClient, key: str
) -> None:
    found = live(client, key)
    since = told(found["since"])
    assert since is not None
    for coin in found["coins"]:
        true = truth(key, coin["asset"], since)
        assert coin["settled"] == len(true.times), coin["asset"]
        assert coin["returned"] == true.returned
        assert coin["waiting"] == len(true.waiting)
        assert told(coin["last_settlement"]) == true.last
        assert told(coin["oldest_waiting"]) == min(
            (one["at"] for one in true.waiting), default=None
        )
        assert coin["p50_seconds"] == ranked(true.times, 50)
        assert coin["p95_seconds"] == ranked(true.times, 95)
        digits = len(coin["waiting_amount"].partition(".")[2])
        base_units = sum(one["units"] for one in true.waiting)
        assert Decimal(coin["waiting_amount"]) == Decimal(base_units).scaleb(-digits)


def test_a_gateway_that_settles_without_a_trace_is_not_said_to_settle(
    client: FlaskClient,
) -> None:
    [coin] = live(client, "RIVER")["coins"]
    assert (coin["settled"], coin["p50_seconds"], coin["times_from"]) == (0, None, "register")
    assert (coin["waiting"], coin["overdue"], coin["oldest_waiting"]) == (None, None, None)


def test_a_closed_gateway_says_since_when(client: FlaskClient) -> None:
    shown = client.get("/v1/gateways/OLDPORT").get_json()
    assert (shown["status"], shown["lifecycle"][-1]["from"]) == (
        "closed",
        "2026-11-21T09:00:00Z",
    )
    assert shown["lifecycle"][0]["until"] == shown["lifecycle"][-1]["from"]
    assert shown["status_note"] == shown["lifecycle"][-1]["note"]


HOSTILE = [
    "NOWHERE",
    "north",
    "NORTH ",
    "NORTH%00",
    "NORTH%0aX-Evil:%201",
    "%2e%2e%2fgateways",
    "..",
    "NORTH%2f..%2fRIVER",
    "<script>alert(1)</script>",
    "'%20or%201=1--",
    "{0.__class__}",
    "%ff%fe",
    "\u4e2d\u6587",
    "x" * 5000,
]


@pytest.mark.parametrize("key", HOSTILE, ids=lambda key: key[:20].encode("ascii", "replace"))
def test_an_unknown_gateway_is_not_found_and_not_repeated(
    made: Services, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    def asked(*_: object) -> Any:
        raise AssertionError("the chain was asked")

    client = build_app(replace(made, gateway_view=asked)).test_client()
    response = client.get(f"/v1/gateways/{key}")
    body = assert_problem(response, 404)
    assert body["code"] == "not_found"
    assert key not in response.text + caplog.text
    assert "X-Evil" not in response.headers


@pytest.mark.parametrize("path", ["/v1/gateways/", "/v1/gateways/NORTH/", "/v1/gateways/a/b"])
def test_an_address_beside_the_gateways_is_not_found(client: FlaskClient, path: str) -> None:
    assert_problem(client.get(path), 404)


@pytest.mark.parametrize(
    ("ledger", "lag", "stands_still"),
    [
        pytest.param(".", 8, False, id="healthy"),
        pytest.param("degraded_mild", 7, False, id="some slots missed"),
        pytest.param("degraded_severe", 126, True, id="nothing confirmed"),
    ],
)
def test_the_network_is_that_of_the_recorded_chain(
    ledger: str, lag: int, stands_still: bool
) -> None:
    chain = json.loads((RECORDED / ledger / "chain.json").read_text(encoding="utf-8"))
    objects = {row["id"]: row for row in chain["objects"]}
    head, fixed = objects["2.1.0"], objects["2.0.0"]
    slots = f"{int(head['recent_slots_filled']):b}".count("1")
    app = build_app(build_services(Settings(deadline=FOREVER, ledger=RECORDED / ledger)))
    said = app.test_client().get("/v1/network").get_json()
    [node] = said.pop("nodes")
    assert (node["ok"], node["state"], node["head_block"]) == (True, "fit", said["head_block"])
    assert said == {
        "chain_id": chain["chain_id"],
        "node": (RECORDED / ledger).resolve().name,
        "stale": False,
        "seconds_behind": 0,
        "seconds_ahead": 0,
        "head_block": head["head_block_number"],
        "head_time": f"{head['time']}Z",
        "irreversible_block": head["last_irreversible_block_num"],
        "lag_blocks": lag,
        "usual_lag_blocks": 7,
        "witnesses": len(fixed["active_witnesses"]),
        "block_interval_seconds": fixed["parameters"]["block_interval"],
        "slots_filled": slots,
        "participation_percent": pytest.approx(slots / 1.28, abs=0.05),
        "next_maintenance": f"{head['next_maintenance_time']}Z",
    }
    assert said["head_block"] - said["irreversible_block"] == lag
    assert (said["participation_percent"] < 50) is stands_still


@pytest.mark.parametrize("path", ["/v1/gateways/NORTH", "/v1/network"])
@pytest.mark.parametrize(
    "error",
    [Unreachable("connection refused"), OutOfTime(), NodeError(-32000, "assert", "no")],
    ids=["unreachable", "out of time", "a node's error"],
)
def test_where_the_chain_cannot_be_asked_it_is_503_there_too(
    made: Services, path: str, error: DiagError
) -> None:
    def fail(*_: object) -> Any:
        raise error

    client = build_app(replace(made, gateway_view=fail, health=fail)).test_client()
    response = client.get(path)
    assert assert_problem(response, 503)["code"] == error.code
    assert response.headers["Retry-After"].isdecimal()


def test_with_a_dead_node_the_register_is_shown_and_nothing_else(made: Services) -> None:
    dead = build_services(Settings(nodes=("http://127.0.0.1:9",)))
    client = build_app(replace(dead, register=made.register)).test_client()
    assert client.get("/v1/gateways").status_code == 200
    assert client.get("/v1/gateways/NOWHERE").status_code == 404
    for path in ("/v1/gateways/NORTH", "/v1/network"):
        assert assert_problem(client.get(path), 503)["code"] == "unreachable"
    assert client.get("/readyz").status_code == 503


def test_a_crash_while_looking_is_500_without_details(made: Services) -> None:
    def crash(*_: object) -> Any:
        raise RuntimeError("secret detail")

    client = build_app(
        replace(made, gateway_view=crash, health=crash, node_statuses=crash)
    ).test_client()
    for path in ("/v1/gateways/NORTH", "/v1/network", "/readyz"):
        response = client.get(path)
        assert_problem(response, 500)
        assert "secret detail" not in response.text


# --- what is answered once ---------------------------------------------------------------


def test_the_same_question_on_the_same_evidence_is_answered_once() -> None:
    made = build_services(Settings(deadline=FOREVER, ledger=LEDGER))
    client = build_app(made).test_client()

    def asked(query: dict[str, str], **headers: str) -> tuple[bytes, bool]:
        before = made.counters.read().get(("hits", "", "document"), 0)
        found = get(client, query, **headers)
        assert found.status_code == 200
        assert found.headers["X-Diag-Verdict"]
        return found.data, made.counters.read().get(("hits", "", "document"), 0) > before

    first, known = asked(FRIEND)
    assert not known
    assert asked(FRIEND) == (first, True)
    for other in (
        {"format": "text"},
        {"lang": "en", "format": "text"},
        {"tz": "Asia/Shanghai"},
    ):
        body, known = asked({**FRIEND, **other})
        assert body != first
        assert not known
    more_digits, known = asked({**FRIEND, "amount": "120.00"})
    assert not known
    assert json.loads(more_digits)["id"] != json.loads(first)["id"]  # of what was written
    secret = "5" + "K" + "LrRTdJhs3CPsAhbVQ8YVQdhpGJJRnAGKcNXrqEQMuCTUcoaNs"[:49]
    told, known = asked({**FRIEND, "memo": f"key {secret}"})
    assert not known
    assert secret.encode() not in told


def test_what_the_operator_says_meanwhile_is_in_the_next_answer(tmp_path: Path) -> None:
    path = tmp_path / "notices.toml"
    path.write_text("notices = []", encoding="utf-8")
    client = build_app(
        build_services(Settings(deadline=FOREVER, ledger=LEDGER, notices=path))
    ).test_client()
    assert get(client, FRIEND).get_json()["notices"] == []
    path.write_text(
        '[[notices]]\nid = "a"\nkind = "holiday"\nfrom = 2020-01-01T00:00:00Z\n'
        'text = { zh = "休假。", en = "Closed." }\n',
        encoding="utf-8",
    )

    assert [n["id"] for n in get(client, FRIEND).get_json()["notices"]] == ["a"]


def test_an_answer_that_lacks_something_is_not_kept(made: Services) -> None:
    gaps = [Unreachable("reading timed out"), None]

    def collect(case: Case) -> History:
        found = made.collect(case)
        if gaps.pop(0):
            gap = Gap("balances", Text.literal("余额", "balances"), Text.literal("无", "none"))
            return replace(found, gaps=(gap,))
        return found

    collect.memoize = build_services(Settings(deadline=FOREVER, ledger=LEDGER)).memoize  # type: ignore[attr-defined]
    client = app_of(made, collect).test_client()
    lacking = get(client, FRIEND).get_json()
    whole = get(client, FRIEND).get_json()

    assert lacking["coverage"]["gaps"]
    assert not whole["coverage"]["gaps"]


@pytest.mark.parametrize("depth", [101, 500, 5_000, 30_000])
@pytest.mark.parametrize("path", ["/v1/diagnoses", "/v1/intake"])
def test_a_body_that_nests_too_deep_is_refused(
    desk: FlaskClient, path: str, depth: int
) -> None:
    body = f'{{"account": {"[" * depth}{"]" * depth}}}'
    response = desk.post(path, data=body, content_type="application/json")
    assert (response.status_code, response.get_json()["code"]) == (400, "bad_input")
    assert [error["field"] for error in response.get_json()["errors"]] == ["body"]
