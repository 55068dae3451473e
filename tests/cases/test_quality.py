"""Whether verdicts were right and users satisfied: added to cases, kept, reported. On every database."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from contract import SPEC
from desks import END, Chain, at, new_case
from flask.testing import FlaskClient
from sqlalchemy import text

from diag.cases import report_rows
from diag.cases.database import Database
from diag.cases.desk import Desk
from diag.cases.schema import require_current
from diag.schemas import report as report_schema

ZHAO = {
    "account": "zhao-ming",
    "from": "2026-11-22T07:30:00Z",
    "to": "2026-11-22T08:30:00Z",
    "asset": "NORTH.BTC",
}
LIN = {
    "account": "lin-yue",
    "from": "2026-11-21T20:30:00Z",
    "to": "2026-11-21T21:30:00Z",
    "lang": "en",
}


@pytest.fixture
def desk(database: Database, chain: Chain) -> Desk:
    return chain.desk(database)


def opened(client: FlaskClient, **fields: Any) -> str:
    response = client.post("/v1/cases", json=fields or ZHAO)
    assert response.status_code == 201, response.text
    found: str = response.get_json()["id"]
    return found


def added(client: FlaskClient, case: str, **body: Any) -> Any:
    return client.post(f"/v1/cases/{case}/events", json=body)


def test_a_case_says_nothing_about_its_quality_before_somebody_did(client: FlaskClient) -> None:
    found = client.get(f"/v1/cases/{opened(client)}").get_json()
    assert (found["assessment"], found["score"], found["answered"]) == (None, None, None)
    assert client.get("/v1/cases?right=false").get_json() == {"cases": []}


def test_whether_a_verdict_was_right_is_kept_with_its_code(client: FlaskClient) -> None:
    case = opened(client)
    response = added(client, case, kind="assessment", right=False, really="memo_missing")
    assert response.status_code == 201
    found = client.get(f"/v1/cases/{case}").get_json()
    assert found["assessment"] == response.get_json()["body"]
    assert found["assessment"] == {
        "diagnosis": found["diagnosis"]["id"],
        "code": "gateway_overdue",
        "right": False,
        "really": "memo_missing",
    }
    assert found["version"] == 2


def test_the_last_assessment_and_rating_count(client: FlaskClient) -> None:
    case = opened(client)
    added(client, case, kind="assessment", right=False, really="memo_missing")
    added(client, case, kind="assessment", right=True)
    for score in (2, 5):
        added(client, case, kind="rating", score=score)
    found = client.get(f"/v1/cases/{case}").get_json()
    assert (found["assessment"]["right"], found["assessment"]["really"]) == (True, None)
    assert found["score"] == 5
    kinds = [e["kind"] for e in client.get(f"/v1/cases/{case}/events").get_json()["events"]]
    assert kinds == ["rating", "rating", "assessment", "assessment", "opened"]


def test_an_earlier_diagnosis_can_be_assessed(client: FlaskClient, chain: Chain) -> None:
    chain.now = at("2026-11-21T21:01:00")
    first = client.post("/v1/cases", json={**LIN, "to": "2026-11-21T21:00:30Z"}).get_json()
    chain.now = at("2026-11-21T21:04:00")
    client.post(f"/v1/cases/{first['id']}/check")
    reference = first["diagnosis"]["id"][:10]
    added(client, first["id"], kind="assessment", right=True, diagnosis=reference)
    found = client.get(f"/v1/cases/{first['id']}").get_json()
    assert found["verdict"]["code"] == "gateway_settled"
    assert found["assessment"]["code"] == first["verdict"]["code"] != "gateway_settled"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "assessment"}, "right"),
        ({"kind": "assessment", "right": None}, "right"),
        ({"kind": "assessment", "right": 1}, "right"),
        ({"kind": "assessment", "right": "no"}, "right"),
        ({"kind": "assessment", "right": []}, "right"),
        ({"kind": "assessment", "right": True, "really": "memo_missing"}, "really"),
        ({"kind": "assessment", "right": False, "really": "no_such_code"}, "really"),
        ({"kind": "assessment", "right": False, "really": "gateway_overdue"}, "really"),
        ({"kind": "assessment", "right": False, "really": "A B"}, "really"),
        ({"kind": "assessment", "right": True, "diagnosis": "0123456789"}, "diagnosis"),
        ({"kind": "assessment", "right": True, "score": 3}, "score"),
        ({"kind": "assessment", "right": True, "text": "why"}, "text"),
        ({"kind": "rating"}, "score"),
        ({"kind": "rating", "score": 0}, "score"),
        ({"kind": "rating", "score": 6}, "score"),
        ({"kind": "rating", "score": 4.5}, "score"),
        ({"kind": "rating", "score": "5"}, "score"),
        ({"kind": "rating", "score": True}, "score"),
        ({"kind": "rating", "score": 5, "right": True}, "right"),
        ({"kind": "note", "text": "a", "score": 5}, "score"),
    ],
)
def test_what_cannot_be_is_refused(
    client: FlaskClient, body: dict[str, Any], field: str
) -> None:
    case = opened(client)
    response = client.post(f"/v1/cases/{case}/events", json=body)
    assert response.status_code == 400
    [error] = response.get_json()["errors"]
    assert error["field"] == field
    assert {lang: bool(said) for lang, said in error["text"].items()} == {
        "zh": True,
        "en": True,
    }
    assert client.get(f"/v1/cases/{case}").get_json()["version"] == 1


def test_wrong_verdicts_are_found(client: FlaskClient) -> None:
    right, wrong, _ = opened(client), opened(client), opened(client)
    added(client, right, kind="assessment", right=True)
    added(client, wrong, kind="assessment", right=False)
    for query, expected in (("false", [wrong]), ("true", [right])):
        found = client.get(f"/v1/cases?right={query}").get_json()["cases"]
        assert [case["id"] for case in found] == expected
    assert client.get("/v1/cases?right=no").status_code == 400


def test_it_is_exported_and_erased_with_the_case(client: FlaskClient) -> None:
    case = opened(client)
    added(client, case, kind="assessment", right=False)
    added(client, case, kind="rating", score=4)
    [found] = client.get("/v1/accounts/zhao-ming/cases").get_json()["cases"]
    assert (found["assessment"]["right"], found["score"]) == (False, 4)
    assert [event["kind"] for event in found["events"]] == ["opened", "assessment", "rating"]
    client.delete("/v1/accounts/zhao-ming/cases")
    assert client.get("/v1/reports").get_json()["total"]["satisfaction"]["count"] == 0


def test_it_is_purged_with_the_case(database: Database, chain: Chain) -> None:
    desk = chain.desk(database)
    case, _, _ = desk.open(new_case(), None)
    desk.add(case, {"kind": "rating", "score": 4}, None)
    chain.now = END + timedelta(days=91)
    assert desk.purge() == 1
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM events")).scalar() == 0


COLUMNS = (
    "answered_at",
    "judged_diagnosis",
    "judged_code",
    "judged_right",
    "right_code",
    "score",
)


def test_a_database_of_the_version_before_knows_when_cases_were_answered(
    database: Database, chain: Chain
) -> None:
    """The migration fills in what the events say."""
    from alembic import command
    from alembic.config import Config

    from diag.cases.schema import _script_location, upgrade

    desk = chain.desk(database)
    case, _, _ = desk.open(new_case(), None)
    desk.open(new_case(), None)
    desk.add(case, {"kind": "reply", "lang": "zh"}, None)
    answered = desk.find(case.id).answered_at
    with database.writing() as connection, _script_location() as location:
        for column in COLUMNS:
            connection.execute(text(f"ALTER TABLE cases DROP COLUMN {column}"))
        connection.execute(text("DROP INDEX ix_cases_opened_at"))
        config = Config()
        config.set_main_option("script_location", location)
        config.attributes["connection"] = connection
        command.stamp(config, "0002")
    upgrade(database)
    require_current(database)
    assert answered is not None
    assert desk.find(case.id).answered_at == answered


# --- the report -----------------------------------------------------------------------------


@pytest.fixture
def worked(client: FlaskClient, chain: Chain) -> FlaskClient:
    """Three cases: one answered, overdue and wrong; one resolved at once and rated; one untouched."""
    chain.now = at("2026-11-22T11:58:00")
    overdue = opened(client)
    chain.now = at("2026-11-22T11:59:00")
    added(client, overdue, kind="reply", lang="zh")
    chain.now = END
    added(client, overdue, kind="reply", lang="zh")  # not the first one
    added(client, overdue, kind="assessment", right=False, really="memo_missing")
    added(client, opened(client, **LIN), kind="rating", score=5)
    window = {"from": "2026-11-22T09:00:00Z", "to": "2026-11-22T10:00:00Z"}
    opened(client, account="zhou-fang", asset="HARBOR.USDT", **window)
    return client


def reported(client: FlaskClient, **query: str) -> dict[str, Any]:
    response = client.get("/v1/reports", query_string=query)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.get_json()
    return found


def test_a_report_counts_what_happened(worked: FlaskClient) -> None:
    found = reported(worked)
    total = found["total"]
    assert (total["cases"], total["open"]) == (3, 2)
    assert total["overdue"] >= 1
    assert total["first_answer"] == {"count": 1, "p50_seconds": 60.0, "p95_seconds": 60.0}
    assert total["resolution"] == {"count": 1, "p50_seconds": 0.0, "p95_seconds": 0.0}
    assert (total["verdicts"]["right"], total["verdicts"]["count"]) == (0, 1)
    assert total["satisfaction"] == {"count": 1, "mean": 5.0, "scores": [0, 0, 0, 0, 1]}
    [judged] = found["verdicts"]
    assert (judged["code"], judged["really"]) == ("gateway_overdue", {"memo_missing": 1})
    assert (found["from"], found["to"]) == ("2026-10-26T00:00:00Z", "2026-11-23T00:00:00Z")
    assert (len(found["trend"]), found["trend"][-1]["cases"]) == (28, 3)
    assert found["complete"]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ({}, ["NORTH", "HARBOR"]),
        ({"by": "lang"}, ["zh", "en"]),
        ({"by": "agent"}, [None]),
        ({"by": "gateway", "lang": "en"}, ["NORTH"]),
        ({"by": "code", "gateway": "NORTH", "code": "gateway_settled"}, ["gateway_settled"]),
        ({"by": "code", "agent": "somebody"}, []),
    ],
)
def test_a_report_is_grouped_and_filtered(
    worked: FlaskClient, query: dict[str, str], keys: list[str | None]
) -> None:
    found = reported(worked, **query)
    assert [group["key"] for group in found["groups"]][: len(keys)] == keys
    assert found["total"]["cases"] == sum(group["cases"] for group in found["groups"])


@pytest.mark.parametrize(
    ("query", "period", "cases"),
    [
        ({"from": "2026-11-22", "to": "2026-11-22"}, ("22T00:00", "23T00:00"), 3),
        (
            {"from": "2026-11-22", "to": "2026-11-22", "tz": "Asia/Shanghai"},
            ("21T16:00", "22T16:00"),
            3,
        ),
        ({"from": "2026-11-22T12:00:00Z", "to": "2026-11-23"}, ("22T12:00", "24T00:00"), 2),
        (
            {"from": "2026-11-22", "to": "2026-11-22T20:00:00", "tz": "Asia/Shanghai"},
            ("21T16:00", "22T12:00"),
            1,
        ),
    ],
)
def test_a_period_is_of_days_or_times(
    worked: FlaskClient, query: dict[str, str], period: tuple[str, str], cases: int
) -> None:
    found = reported(worked, **query)
    assert (found["from"], found["to"]) == tuple(f"2026-11-{edge}:00Z" for edge in period)
    assert found["total"]["cases"] == cases


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-11-22", "to": "2026-11-21"}, "to"),
        ({"from": "2024-01-01", "to": "2026-11-21"}, "to"),
        ({"from": "2026-02-30"}, "from"),
        ({"from": "0001-01-01"}, "from"),
        ({"to": "9999-12-31"}, "to"),
        ({"to": "last week"}, "to"),
        ({"tz": "Mars/Olympus"}, "tz"),
        ({"by": "channel"}, "by"),
        ({"every": "month"}, "every"),
        ({"format": "xlsx"}, "format"),
        ({"code": "A B"}, "code"),
        ({"lang": "fr"}, "lang"),
        ({"order": "asc"}, "order"),
    ],
)
def test_a_report_that_cannot_be_is_refused(
    client: FlaskClient, query: dict[str, str], field: str
) -> None:
    response = client.get("/v1/reports", query_string=query)
    assert response.status_code == 400
    assert [e["field"] for e in response.get_json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        ({}, None, "application/json"),
        ({}, "text/csv", "text/csv"),
        ({}, "text/html, */*", "application/json"),
        ({"format": "csv"}, "application/json", "text/csv"),
        ({"format": "json"}, "text/csv", "application/json"),
    ],
)
def test_the_format_is_what_was_asked_for(
    client: FlaskClient, query: dict[str, str], accept: str | None, kind: str
) -> None:
    headers = {"Accept": accept} if accept else {}
    assert client.get("/v1/reports", query_string=query, headers=headers).mimetype == kind


def test_a_format_that_is_not_offered_is_refused(client: FlaskClient) -> None:
    response = client.get("/v1/reports", headers={"Accept": "image/png"})
    assert (response.status_code, response.get_json()["code"]) == (406, "not_acceptable")


def test_the_table_says_what_the_document_says(worked: FlaskClient) -> None:
    response = worked.get("/v1/reports?format=csv&tz=Asia/Shanghai")
    rows = list(csv.DictReader(io.StringIO(response.get_data(as_text=True).lstrip("\ufeff"))))
    total, found = rows[0], reported(worked)["total"]
    assert (total["part"], total["cases"]) == ("total", str(found["cases"]))
    assert float(total["first_answer_p50_seconds"]) == found["first_answer"]["p50_seconds"]
    assert float(total["verdicts_high"]) == found["verdicts"]["high"]
    periods = [row for row in rows if row["part"] == "period"]
    assert [row["key"] for row in periods[-2:]] == ["2026-11-21", "2026-11-22"]


def test_a_report_reads_so_many_cases_and_says_if_there_are_more(
    worked: FlaskClient, database: Database
) -> None:
    period = at("2026-11-22T00:00:00"), at("2026-11-23T00:00:00")
    with database.reading() as connection:
        some, all_of_some = report_rows.read(connection, *period, {}, most=2)
        every, all_of_every = report_rows.read(connection, *period, {}, most=3)
    assert (len(some), all_of_some) == (2, False)
    assert (len(every), all_of_every) == (3, True)
    assert some == every[:2]


def test_the_words_of_the_contract_are_those_that_are_read() -> None:
    schemas = SPEC["components"]["schemas"]
    assert schemas["ReportBy"]["enum"] == list(report_schema.BY) == list(report_rows.COLUMNS)
    assert schemas["ReportEvery"]["enum"] == list(report_schema.EVERY)
