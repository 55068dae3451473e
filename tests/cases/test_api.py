"""/v1/cases over HTTP. Every response is held against openapi.yaml by the client of the tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any

import pytest
from contract import SPEC
from desks import Chain, at
from flask.testing import FlaskClient
from secret_texts import wif
from sqlalchemy import text
from stores import new_database, sqlite_url
from waiting import beside

from diag.access import api_keys
from diag.api.app import build_app, create_app
from diag.bootstrap import build_access_control
from diag.cases.desk import Desk
from diag.cases.record import ADDED, WAITED_FOR, EventKind, Resolution, State
from diag.config.settings import Settings
from diag.schemas import kept_case

ZHAO = {
    "account": "zhao-ming",
    "from": "2026-11-22T07:30:00Z",
    "to": "2026-11-22T08:30:00Z",
    "asset": "NORTH.BTC",
}
KEY = wif(Random("kept cases"))


def opened(client: FlaskClient, **more: Any) -> dict[str, Any]:
    response = client.post("/v1/cases", json={**ZHAO, **more})
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.get_json()
    return found


def test_a_case_is_opened_with_a_diagnosis(client: FlaskClient) -> None:
    response = client.post(
        "/v1/cases",
        json={
            **ZHAO,
            "reference": "ZD-1",
            "channel": "helpdesk",
            "lang": "en",
            "tell": ["hook"],
        },
    )
    found = response.get_json()
    assert response.status_code == 201
    assert response.headers["Location"] == f"/v1/cases/{found['id']}"
    assert response.headers["ETag"] == '"1"'
    assert found["diagnosis"]["verdict"]["code"] == "gateway_overdue"
    assert found["verdict"]["diagnosis"] == found["diagnosis"]["id"]
    assert (found["state"], found["waiting_for"]) == ("waiting", "gateway")
    assert (found["reference"], found["lang"], found["tell"]) == ("ZD-1", "en", ["hook"])
    assert client.get(response.headers["Location"]).get_json() == found


def test_the_diagnosis_is_the_one_that_anybody_gets(client: FlaskClient) -> None:
    asked = client.get("/v1/diagnoses", query_string=ZHAO).get_json()
    assert opened(client)["diagnosis"] == asked


def test_a_case_of_what_is_settled_is_resolved_at_once(client: FlaskClient) -> None:
    window = {"from": "2026-11-21T20:30:00Z", "to": "2026-11-21T21:30:00Z"}
    found = opened(client, account="lin-yue", **window)
    assert (found["state"], found["resolution"]) == ("resolved", "delivered")
    assert found["next_look"] is None
    assert found["closed"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"account": None}, "account"),
        ({"from": "yesterday"}, "from"),
        ({"reference": "x" * 129}, "reference"),
        ({"reference": "a\nb"}, "reference"),
        ({"reference": 7}, "reference"),
        ({"channel": "a b"}, "channel"),
        ({"lang": "fr"}, "lang"),
        ({"tell": "hook"}, "tell"),
        ({"tell": ["nobody"]}, "tell"),
        ({"tell": ["hook"] * 17}, "tell"),
        ({"url": "https://example.com"}, "url"),
        ({"reference": f"key {KEY}"}, "reference"),
        ({"channel": KEY}, "channel"),
    ],
)
def test_a_mistake_is_named(client: FlaskClient, body: dict[str, Any], field: str) -> None:
    response = client.post("/v1/cases", json={**ZHAO, **body})
    assert response.status_code == 400
    assert [error["field"] for error in response.get_json()["errors"]] == [field]
    assert client.get("/v1/cases").get_json() == {"cases": []}


def test_all_mistakes_are_named_at_once(client: FlaskClient) -> None:
    response = client.post("/v1/cases", json={"account": "N O", "last": "6h", "lang": "fr"})
    assert {e["field"] for e in response.get_json()["errors"]} == {"account", "lang"}


def test_a_channel_that_there_is_not_is_answered_with_those_that_there_are(
    client: FlaskClient,
) -> None:
    [error] = client.post("/v1/cases", json={**ZHAO, "tell": ["x"]}).get_json()["errors"]
    assert "hook、mail" in error["text"]["zh"]
    assert "hook, mail" in error["text"]["en"]


def test_a_secret_in_the_question_is_cut_out_and_not_kept(
    client: FlaskClient, tmp_path: Path
) -> None:
    found = opened(client, memo=f"btc:{KEY}")
    assert found["question"]["memo"] is None
    assert found["question"]["exposed"] == ["wif"]
    assert found["verdict"]["code"] == "secret_exposed"
    for file in tmp_path.iterdir():
        assert KEY.encode() not in file.read_bytes()


def test_the_fields_as_the_caller_wrote_them_are_not_kept(
    client: FlaskClient, tmp_path: Path
) -> None:
    found = opened(client, account="@ZHAO-Ming")
    assert found["question"]["account"] == "zhao-ming"
    assert found["question"]["read_as"] == []
    for file in tmp_path.iterdir():
        assert b"ZHAO-Ming" not in file.read_bytes()


# --- the same request again -----------------------------------------------------------------


def repeated(client: FlaskClient, key: str, **more: Any) -> Any:
    return client.post("/v1/cases", json={**ZHAO, **more}, headers={"Idempotency-Key": key})


def test_the_same_request_opens_one_case(client: FlaskClient) -> None:
    first, again = repeated(client, "k1"), repeated(client, "k1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert repeated(client, "k2").get_json()["id"] != first.get_json()["id"]


def test_the_same_request_at_the_same_time_opens_one_case(client: FlaskClient) -> None:
    found: list[Any] = []
    with beside(*[lambda: found.append(repeated(client.application.test_client(), "k"))] * 6):
        pass
    assert sorted(r.status_code for r in found) == [200, 200, 200, 200, 200, 201]
    assert len({r.get_json()["id"] for r in found}) == 1


def test_a_key_is_good_for_one_request(client: FlaskClient) -> None:
    repeated(client, "k1")
    response = repeated(client, "k1", reference="other")
    assert (response.status_code, response.get_json()["code"]) == (
        409,
        "idempotency_key_reused",
    )


@pytest.mark.parametrize("key", ["", " ", "a b", "ключ", "x" * 256])
def test_a_key_of_another_form_is_refused(client: FlaskClient, key: str) -> None:
    response = repeated(client, key)
    assert [e["field"] for e in response.get_json()["errors"]] == ["Idempotency-Key"]


def test_a_request_that_failed_may_be_sent_again(client: FlaskClient, chain: Chain) -> None:
    chain.silent = True
    assert repeated(client, "k1").status_code == 503
    chain.silent = False
    assert repeated(client, "k1").status_code == 201


# --- finding --------------------------------------------------------------------------------


@pytest.fixture
def three(client: FlaskClient) -> list[str]:
    return open_three(client)


def open_three(client: FlaskClient) -> list[str]:
    window = {"from": "2026-11-22T09:00:00Z", "to": "2026-11-22T10:00:00Z"}
    settled = {"from": "2026-11-21T20:30:00Z", "to": "2026-11-21T21:30:00Z"}
    return [
        opened(client, reference="ZD-100%", channel="mail")["id"],
        opened(client, account="zhou-fang", asset="HARBOR.USDT", **window)["id"],
        opened(client, account="lin-yue", reference="zd-3", **settled)["id"],
    ]


@pytest.fixture(scope="module")
def library(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[FlaskClient, list[str]]]:
    """A client that only reads, and the cases that there are."""
    chain = Chain()
    directory = tmp_path_factory.mktemp("library")
    with new_database("sqlite", directory) as database:
        services = replace(chain.services(), settings=Settings(database=sqlite_url(directory)))
        app = build_app(services, None, chain.desk(database))
        yield app.test_client(), open_three(app.test_client())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [2, 1, 0]),
        ({"state": "open"}, []),
        ({"state": "waiting"}, [1, 0]),
        ({"state": "resolved,waiting"}, [2, 1, 0]),
        ({"code": "gateway_settled"}, [2]),
        ({"gateway": "HARBOR"}, [1]),
        ({"gateway": "harbor"}, []),
        ({"account": "zhao-ming"}, [0]),
        ({"reference": "zd-3"}, [2]),
        ({"reference": "zd"}, []),
        ({"text": "ZD-"}, [2, 0]),
        ({"text": "%"}, [0]),
        ({"text": "_"}, [2, 1, 0]),
        ({"text": "usdt"}, [1]),
        ({"text": "网关"}, [2, 1, 0]),
        ({"text": "nothing of this"}, []),
        ({"state": "waiting", "text": "zd"}, [0]),
        ({"opened_by": "somebody"}, []),
    ],
)
def test_cases_are_found(
    library: tuple[FlaskClient, list[str]], query: dict[str, str], expected: list[int]
) -> None:
    client, three = library
    found = client.get("/v1/cases", query_string=query).get_json()["cases"]
    assert [case["id"] for case in found] == [three[n] for n in expected]


def test_an_account_is_found_by_its_id_too(client: FlaskClient, three: list[str]) -> None:
    known = client.get("/v1/cases", query_string={"account": "zhao-ming"}).get_json()["cases"]
    export = client.get("/v1/accounts/zhao-ming/cases").get_json()["cases"]
    assert [case["id"] for case in known] == [case["id"] for case in export] == three[:1]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "new"}, "state"),
        ({"state": ""}, "state"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"before": "-1"}, "before"),
        ({"before": "99999999999999999999"}, "before"),
        ({"code": "A B"}, "code"),
        ({"text": ""}, "text"),
        ({"order": "asc"}, "order"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(
    client: FlaskClient, query: dict[str, str], field: str
) -> None:
    response = client.get("/v1/cases", query_string=query)
    assert response.status_code == 400
    assert [e["field"] for e in response.get_json()["errors"]] == [field]


def test_pages_are_linked_and_hold_every_case_once(client: FlaskClient) -> None:
    made = [opened(client, reference=f"T {n}")["id"] for n in range(5)]
    seen: list[str] = []
    address: str | None = "/v1/cases?limit=2&text=t+"
    while address:
        response = client.get(address)
        page = [case["id"] for case in response.get_json()["cases"]]
        if not seen:
            opened(client, reference="T new")  # moves no page
        seen += page
        link = re.fullmatch('<(.+)>; rel="next"', response.headers.get("Link", ""))
        address = link[1] if link else None
    assert seen == made[::-1]


def test_the_reference_of_any_kept_diagnosis_opens_its_case(
    client: FlaskClient, chain: Chain
) -> None:
    chain.now = at("2026-11-22T11:59:00")
    first = opened(client)
    chain.now = at("2026-11-22T12:00:00")
    after = client.post(f"/v1/cases/{first['id']}/check").get_json()
    for document in (first, after):
        whole = document["diagnosis"]["id"]
        for reference in (whole, whole[:10]):
            assert client.get(f"/v1/cases/{reference}").get_json()["id"] == first["id"]
    assert first["diagnosis"]["id"] != after["diagnosis"]["id"]


@pytest.mark.parametrize(
    "case", ["c0123456789abcdef", "0123456789", "0123456789abcdef", "x", "C%20", "1.2.3"]
)
@pytest.mark.parametrize(
    ("method", "tail"),
    [("GET", ""), ("DELETE", ""), ("GET", "/events"), ("POST", "/check")],
)
def test_an_unknown_case_is_not_found(
    client: FlaskClient, method: str, tail: str, case: str
) -> None:
    response = client.open(f"/v1/cases/{case}{tail}", method=method, headers={"If-Match": "*"})
    assert (response.status_code, response.get_json()["code"]) == (404, "case_not_found")


# --- changing -------------------------------------------------------------------------------


def patched(client: FlaskClient, case: str, match: str | None, **body: Any) -> Any:
    headers = {} if match is None else {"If-Match": match}
    return client.patch(f"/v1/cases/{case}", json=body, headers=headers)


def test_a_change_needs_the_version_that_it_is_for(client: FlaskClient) -> None:
    case = opened(client)["id"]
    assert patched(client, case, None, state="closed").status_code == 428
    assert patched(client, case, '"1"', state="closed").headers["ETag"] == '"2"'
    for stale in ('"1"', 'W/"2"', "2", '"x"'):
        assert patched(client, case, stale, state="open").status_code == 412
    assert patched(client, case, "*", state="open").status_code == 200
    assert client.delete(f"/v1/cases/{case}").status_code == 428
    assert client.delete(f"/v1/cases/{case}", headers={"If-Match": '"2"'}).status_code == 412
    assert client.delete(f"/v1/cases/{case}", headers={"If-Match": '"3"'}).status_code == 204
    assert client.get(f"/v1/cases/{case}").status_code == 404


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"state": "open"}, ("open", None, None)),
        ({"state": "waiting", "waiting_for": "user"}, ("waiting", "user", None)),
        ({"waiting_for": "security"}, ("waiting", "security", None)),
        ({"state": "resolved", "resolution": "answered"}, ("resolved", None, "answered")),
        ({"state": "closed"}, ("closed", None, None)),
        ({"state": "closed", "resolution": "other"}, ("closed", None, "other")),
    ],
)
def test_the_state_is_changed(
    client: FlaskClient, body: dict[str, Any], expected: tuple[str | None, ...]
) -> None:
    case = opened(client)["id"]
    found = patched(client, case, "*", **body).get_json()
    assert (found["state"], found["waiting_for"], found["resolution"]) == expected
    active = found["state"] in ("open", "waiting")
    assert (found["next_look"] is not None) is active
    assert (found["closed"] is None) is active


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"state": "done"}, "state"),
        ({"state": "resolved"}, "resolution"),
        ({"state": "open", "resolution": "other"}, "resolution"),
        ({"state": "open", "waiting_for": "user"}, "waiting_for"),
        ({"waiting_for": None}, "waiting_for"),
        ({"waiting_for": "nobody"}, "waiting_for"),
        ({"lang": None}, "body"),
        ({"tell": ["nobody"]}, "tell"),
        ({"account": "lin-yue"}, "account"),
        ({"reference": KEY}, "reference"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    client: FlaskClient, body: dict[str, Any], field: str
) -> None:
    case = opened(client)["id"]
    response = patched(client, case, "*", **body)
    assert response.status_code == 400
    assert [e["field"] for e in response.get_json()["errors"]] == [field]


def test_a_case_that_is_opened_again_is_watched_again(client: FlaskClient) -> None:
    case = opened(client)["id"]
    patched(client, case, "*", state="resolved", resolution="answered")
    found = patched(client, case, "*", state="open").get_json()
    assert (found["resolution"], found["closed"]) == (None, None)
    assert found["next_look"] == "2026-11-22T12:00:00Z"


def test_fields_of_the_ticket_are_changed_and_emptied(client: FlaskClient) -> None:
    case = opened(client, reference="A-1", channel="mail", tell=["mail"])["id"]
    found = patched(client, case, "*", reference="B-2", channel=None, tell=["hook"]).get_json()
    assert (found["reference"], found["channel"], found["tell"]) == ("B-2", None, ["hook"])
    assert len(client.get("/v1/cases?text=b-2").get_json()["cases"]) == 1
    assert client.get("/v1/cases?text=a-1").get_json()["cases"] == []


def test_what_changes_nothing_is_no_event(client: FlaskClient) -> None:
    case = opened(client, reference="A-1")["id"]
    assert patched(client, case, "*", reference="A-1").headers["ETag"] == '"1"'


# --- events ---------------------------------------------------------------------------------


def test_everything_that_happens_is_in_the_events(client: FlaskClient) -> None:
    case = opened(client)["id"]
    client.post(f"/v1/cases/{case}/events", json={"kind": "note", "text": "Wrote\nto NORTH"})
    client.post(f"/v1/cases/{case}/events", json={"kind": "reply", "lang": "zh"})
    patched(client, case, "*", state="waiting", waiting_for="user")
    client.post(f"/v1/cases/{case}/check")
    events = client.get(f"/v1/cases/{case}/events").get_json()["events"]
    kinds = [event["kind"] for event in events]
    assert kinds == ["checked", "edited", "reply", "note", "opened"]
    assert events[3]["body"] == {"text": "Wrote\nto NORTH"}
    assert events[1]["body"]["changes"]["waiting_for"] == {"from": "gateway", "to": "user"}
    page = client.get(f"/v1/cases/{case}/events?limit=2")
    assert [e["kind"] for e in page.get_json()["events"]] == kinds[:2]
    rest = client.get(re.findall("<(.+)>", page.headers["Link"])[0])
    assert [e["kind"] for e in rest.get_json()["events"]] == kinds[2:4]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "kind"),
        ({"kind": "opened"}, "kind"),
        ({"kind": "note"}, "text"),
        ({"kind": "note", "text": " "}, "text"),
        ({"kind": "note", "text": "x" * 4001}, "text"),
        ({"kind": "note", "text": "a", "lang": "zh"}, "lang"),
        ({"kind": "note", "text": f"the user sent {KEY}"}, "text"),
        ({"kind": "reply"}, "lang"),
        ({"kind": "reply", "lang": "zh", "text": "hello"}, "text"),
        ({"kind": "reply", "lang": "zh", "diagnosis": "0123456789"}, "diagnosis"),
        ({"kind": "reply", "lang": "zh", "diagnosis": "x"}, "diagnosis"),
    ],
)
def test_an_event_that_cannot_be_is_refused(
    client: FlaskClient, body: dict[str, Any], field: str
) -> None:
    case = opened(client)["id"]
    response = client.post(f"/v1/cases/{case}/events", json=body)
    assert response.status_code == 400
    assert field in [e["field"] for e in response.get_json()["errors"]]
    assert len(client.get(f"/v1/cases/{case}/events").get_json()["events"]) == 1


def test_a_note_with_a_secret_is_stored_nowhere(client: FlaskClient, tmp_path: Path) -> None:
    case = opened(client)["id"]
    response = client.post(
        f"/v1/cases/{case}/events", json={"kind": "note", "text": f"he sent {KEY}"}
    )
    assert response.get_json()["code"] == "secret_exposed"
    for file in tmp_path.iterdir():
        assert KEY.encode() not in file.read_bytes()


def test_the_name_of_the_key_is_kept(chain: Chain, desk: Desk, tmp_path: Path) -> None:
    key = api_keys.generate_key()
    file = tmp_path / "keys.toml"
    file.write_text(api_keys.file_entry("li-na", key, None), encoding="utf-8")
    access = build_access_control(Settings(api_keys=file))
    services = replace(chain.services(), settings=Settings(database=sqlite_url(tmp_path)))
    client = build_app(services, access, desk).test_client()
    assert client.get("/v1/cases").status_code == 401
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    case = opened(client)
    assert case["opened_by"] == "li-na"
    [event] = client.get(f"/v1/cases/{case['id']}/events").get_json()["events"]
    assert event["by"] == "li-na"
    assert len(client.get("/v1/cases?opened_by=li-na").get_json()["cases"]) == 1


def test_what_changed_last_stands_in_the_case(client: FlaskClient, chain: Chain) -> None:
    chain.now = at("2026-11-21T21:01:00")
    window = {"from": "2026-11-21T20:30:00Z", "to": "2026-11-21T21:00:30Z"}
    case = opened(client, account="lin-yue", **window)
    assert case["change"] is None
    chain.now = at("2026-11-21T21:04:00")
    found = client.post(f"/v1/cases/{case['id']}/check").get_json()
    assert found["change"]["kind"] == "changed"
    assert found["change"]["body"]["after"] == found["verdict"]
    assert found["change"]["body"]["reply"] == found["diagnosis"]["reply"]
    assert found["resolution"] == "delivered"


# --- the cases of one account, and what is off ----------------------------------------------


def test_the_cases_of_an_account_are_handed_out_and_erased(
    client: FlaskClient, three: list[str], tmp_path: Path
) -> None:
    client.post(f"/v1/cases/{three[0]}/events", json={"kind": "note", "text": "a note"})
    [whole] = client.get("/v1/accounts/zhao-ming/cases").get_json()["cases"]
    assert whole["id"] == three[0]
    assert [event["kind"] for event in whole["events"]] == ["opened", "note"]
    assert [found["id"] for found in whole["diagnoses"]] == [whole["verdict"]["diagnosis"]]
    assert client.delete("/v1/accounts/Zhao-Ming/cases").get_json() == {"deleted": 1}
    assert client.get("/v1/accounts/zhao-ming/cases").get_json() == {"cases": []}
    assert client.get(f"/v1/cases/{whole['verdict']['diagnosis']}").status_code == 404
    assert [c["id"] for c in client.get("/v1/cases").get_json()["cases"]] == three[:0:-1]


def test_an_account_that_cannot_be_is_refused(client: FlaskClient) -> None:
    for method in ("GET", "DELETE"):
        assert client.open("/v1/accounts/N O/cases", method=method).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/cases"),
        ("POST", "/v1/cases"),
        ("GET", "/v1/cases/x"),
        ("PATCH", "/v1/cases/x"),
        ("DELETE", "/v1/cases/x"),
        ("GET", "/v1/cases/x/events"),
        ("POST", "/v1/cases/x/events"),
        ("POST", "/v1/cases/x/check"),
        ("GET", "/v1/accounts/lin-yue/cases"),
        ("DELETE", "/v1/accounts/lin-yue/cases"),
    ],
)
def test_without_a_database_every_address_says_so(method: str, path: str) -> None:
    body = {"json": {}} if method in ("POST", "PATCH") else {}
    response = create_app(Settings()).test_client().open(path, method=method, **body)
    assert (response.status_code, response.get_json()["code"]) == (404, "cases_off")


def test_a_database_that_is_away_is_told_and_nothing_is_lost(
    client: FlaskClient, desk: Desk
) -> None:
    case = opened(client)["id"]
    with desk.database.writing() as connection:
        connection.execute(text("ALTER TABLE events RENAME TO away"))
    response = client.post(f"/v1/cases/{case}/check")
    assert (response.status_code, response.get_json()["code"]) == (503, "store_unavailable")
    assert response.headers["Retry-After"]
    with desk.database.writing() as connection:
        connection.execute(text("ALTER TABLE outbox RENAME TO gone"))
    with desk.database.writing() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO events"))
        connection.execute(text("ALTER TABLE gone RENAME TO outbox"))
    assert client.get(f"/v1/cases/{case}").get_json()["looks"] == 1


# --- the contract ---------------------------------------------------------------------------


def enum(name: str) -> list[str]:
    found: list[str] = SPEC["components"]["schemas"][name]["enum"]
    return found


@pytest.mark.parametrize(
    ("schema", "kind"),
    [("CaseState", State), ("Resolution", Resolution), ("CaseEventKind", EventKind)],
)
def test_the_words_of_the_contract_are_those_of_the_code(
    schema: str, kind: type[StrEnum]
) -> None:
    assert enum(schema) == [str(value) for value in kind]


def test_the_words_that_are_read_are_those_that_are_kept() -> None:
    assert enum("WaitedFor") == list(WAITED_FOR) == list(kept_case.WAITED_FOR)
    assert list(State) == list(kept_case.STATES)
    assert list(Resolution) == list(kept_case.RESOLUTIONS)
    assert list(ADDED) == list(kept_case.ADDED)


def test_the_body_of_a_new_case_has_the_fields_that_are_read() -> None:
    properties = SPEC["components"]["schemas"]["CaseRequest"]["properties"]
    own = list(kept_case.DeskSchema().fields)
    assert list(properties) == [*kept_case.KNOWN, *own]
    patch = SPEC["components"]["schemas"]["CasePatch"]["properties"]
    assert set(patch) == set(kept_case.PatchSchema().fields)


def test_the_filters_of_the_contract_are_those_that_are_read() -> None:
    parameters = SPEC["paths"]["/v1/cases"]["get"]["parameters"]
    named = [part["$ref"].rpartition("/")[2] for part in parameters]
    names = [SPEC["components"]["parameters"][name]["name"] for name in named]
    assert set(names) - {"X-Request-ID"} == set(kept_case.FilterSchema().fields)
