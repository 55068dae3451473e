"""`diag db`, `diag worker`, and `diag serve` with cases: from opening to what changed, as programs."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import commands
import pytest
import requests
from commands import Ran, free_port, started, until
from desks import Chain, at, new_case
from recorded import RECORDED, ledger
from stores import new_database, sqlite_url
from waiting import PATIENCE

from diag.cases.database import Database
from diag.ledger.replay.server import Faults, Replay
from diag.ledger.view import View

END = ledger().clock
BEFORE, AFTER = at("2026-11-21T21:01:00"), at("2026-11-21T21:04:00")
QUESTION = {
    "account": "lin-yue",
    "from": "2026-11-21T20:30:00Z",
    "to": "2026-11-21T21:00:30Z",
    "asset": "NORTH.BTC",
    "reference": "ZD-1",
}


def ran(*arguments: str, **settings: str) -> Ran:
    return commands.ran(*arguments, DIAG_LANG="en", **settings)


# --- diag db --------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[str]:
    """The URL of a database with a case of each of two accounts."""
    with new_database("sqlite", tmp_path) as database:
        desk = Chain().desk(database)
        desk.open(new_case(), None)
        desk.open(new_case("chu-han"), None)
        yield sqlite_url(tmp_path)


def test_an_empty_database_is_set_up_and_checked(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    status, said, _ = ran("db", "check", DIAG_DATABASE=url)
    assert (status, "diag db upgrade" in said) == (2, True)
    assert ran("db", "upgrade", DIAG_DATABASE=url)[0] == 0
    status, said, _ = ran("db", "check", DIAG_DATABASE=url)
    assert status == 0
    assert "cases: open 0, waiting 0, resolved 0, closed 0" in said


def test_the_cases_of_an_account_are_printed_and_erased(kept: str) -> None:
    status, said, _ = ran("db", "export", "LIN-YUE", DIAG_DATABASE=kept)
    [case] = json.loads(said)
    assert (status, case["question"]["account"]) == (0, "lin-yue")
    assert ran("db", "erase", "lin-yue", DIAG_DATABASE=kept)[:2] == (0, "Cases deleted: 1.\n")
    assert json.loads(ran("db", "export", "lin-yue", DIAG_DATABASE=kept)[1]) == []
    assert "resolved 1" in ran("db", "check", DIAG_DATABASE=kept)[1]


def test_what_was_kept_long_enough_is_purged(kept: str, tmp_path: Path) -> None:
    asked = {"DIAG_DATABASE": kept, "DIAG_LEDGER": str(RECORDED)}
    assert ran("db", "purge", **asked)[:2] == (0, "Cases deleted: 0.\n")
    database = Database.open(kept)
    with database.writing() as connection:
        old = f"{END - timedelta(days=91):%Y-%m-%d %H:%M:%S.000000}"
        connection.exec_driver_sql("UPDATE cases SET updated_at = ? WHERE seq = 1", (old,))
    database.close()
    assert ran("db", "purge", **asked, DIAG_RETENTION="92")[1] == "Cases deleted: 0.\n"
    assert ran("db", "purge", **asked)[1] == "Cases deleted: 1.\n"


@pytest.mark.parametrize(
    "arguments", [("db", "check"), ("db", "purge"), ("db", "upgrade"), ("worker",)]
)
def test_where_cases_are_off_the_commands_say_so(arguments: tuple[str, ...]) -> None:
    status, _, said = ran(*arguments)
    assert (status, "DIAG_CASES" in said) == (64, True)


def test_an_account_that_cannot_be_is_a_mistake(kept: str) -> None:
    status, _, said = ran("db", "erase", "N O", DIAG_DATABASE=kept)
    assert (status, "account" in said) == (64, True)


def test_a_service_does_not_start_on_a_newer_schema(kept: str) -> None:
    database = Database.open(kept)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    serve = ("serve", "--port", str(free_port()))
    served = commands.ran_as_program(*serve, DIAG_LANG="en", DIAG_DATABASE=kept)
    for status, _, said in (served, ran("worker", DIAG_DATABASE=kept)):
        assert (status, "newer schema" in said) == (64, True)


def test_the_doctor_says_what_is_wrong_with_the_database(kept: str, tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    for well in (kept, f"sqlite:///{missing}"):
        assert "DIAG_DATABASE:" not in ran("doctor", DIAG_DATABASE=well)[1]
    assert not missing.exists()
    database = Database.open(kept)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    status, said, _ = ran("doctor", DIAG_DATABASE=kept)
    assert (status, "newer schema" in said) == (2, True)
    silent = "postgresql://nobody@127.0.0.1:1/none"
    status, said, _ = ran("doctor", DIAG_DATABASE=silent)
    assert (status, "the database does not answer" in said) == (2, True)


# --- from opening to what changed -----------------------------------------------------------


@contextmanager
def served(
    node: Replay, url: str, now: datetime, directory: Path
) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    log, port = directory / "serve.log", free_port()
    with started(
        *("serve", "--port", str(port)),
        log=log,
        DIAG_NODES=node.url,
        DIAG_CLOCK=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        DIAG_GATEWAYS=str(RECORDED / "gateways.json"),
        DIAG_DATABASE=url,
        DIAG_DEADLINE="60",
    ) as program:
        root = f"http://127.0.0.1:{port}"
        until(lambda: requests.get(f"{root}/healthz", timeout=PATIENCE).ok, program, log)
        yield root, program, log
        program.send_signal(signal.SIGTERM)
        assert program.wait(PATIENCE) == 0


def test_a_service_notices_by_itself_what_changed(tmp_path: Path) -> None:
    """A case is opened; the head moves on; the service, started again, has noticed."""
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    seen = ledger().with_view(View(behind=(END - BEFORE).total_seconds()))
    with Replay(seen) as node:
        with served(node, url, BEFORE, tmp_path) as (root, _, _):
            made = requests.post(f"{root}/v1/cases", json=QUESTION, timeout=PATIENCE)
            assert made.status_code == 201, made.text
            case = made.json()
            assert case["verdict"]["code"] == "gateway_processing"

        node.ledger = ledger().with_view(View(behind=(END - AFTER).total_seconds()))
        with served(node, url, AFTER, tmp_path) as (root, program, log):

            def resolved() -> Any:
                found = requests.get(f"{root}/v1/cases/{case['id']}", timeout=PATIENCE).json()
                return found if found["state"] == "resolved" else None

            found = until(resolved, program, log)
            figures = requests.get(f"{root}/metrics", timeout=PATIENCE).text
            events = requests.get(f"{root}/v1/cases/{case['id']}/events", timeout=PATIENCE)

    assert found["resolution"] == "delivered"
    assert found["change"]["body"]["after"]["code"] == "gateway_settled"
    assert "“" in found["change"]["body"]["text"]["zh"]
    assert "is now" in found["change"]["body"]["text"]["en"]
    assert found["verdict"]["diagnosis"][:10] in found["change"]["body"]["reply"]["zh"]
    kinds = [event["kind"] for event in events.json()["events"]]
    assert kinds == ["resolved", "changed", "opened"]
    for line in (
        'diag_cases{state="resolved"} 1.0',
        'diag_case_looks_total{result="changed"} 1.0',
        "diag_cases_oldest_due_seconds 0.0",
        "diag_store_up 1.0",
        "diag_queue_up 1.0",
        "diag_jobs_waiting",
        'diag_messages{state="waiting"} 0.0',
        'diag_deliveries_total{outcome="delivered"} 0.0',
    ):
        assert line in figures


def test_a_worker_on_sqlite_that_is_killed_amid_its_looks_loses_nothing(
    tmp_path: Path,
) -> None:
    number = 24
    asked = {"to": QUESTION["to"], "asset": "NORTH.BTC", "tell": ("hook",)}
    with new_database("sqlite", tmp_path) as database:
        desk = Chain(BEFORE).desk(database)
        for count in range(number):
            desk.open(new_case(**asked, reference=f"T-{count}"), None)
    database = Database.open(sqlite_url(tmp_path))
    settled = ledger().with_view(View(behind=(END - AFTER).total_seconds()))

    def told() -> int:
        with database.reading() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one())

    def begun() -> bool:
        return 0 < told() < number

    with Replay(settled, Faults(latency=0.2)) as node:
        settings = {
            "DIAG_NODES": node.url,
            "DIAG_CLOCK": f"{AFTER:%Y-%m-%dT%H:%M:%SZ}",
            "DIAG_GATEWAYS": str(RECORDED / "gateways.json"),
            "DIAG_DATABASE": sqlite_url(tmp_path),
            "DIAG_DEADLINE": "60",
        }
        with started("worker", log=tmp_path / "1.log", **settings) as killed:
            until(begun, killed, tmp_path / "1.log")
            killed.kill()
            killed.wait(PATIENCE)
        assert told() < number
        node.faults = Faults()
        with database.writing() as connection:  # as if the time of its leases had passed
            connection.exec_driver_sql(
                "UPDATE cases SET lease_until = '2026-01-01 00:00:00.000000'"
            )
        with started("worker", log=tmp_path / "2.log", **settings) as second:
            until(lambda: told() == number, second, tmp_path / "2.log")
            second.send_signal(signal.SIGTERM)
            assert second.wait(PATIENCE) == 0
    with database.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT case_seq, count(*) FROM events WHERE kind = 'changed' GROUP BY case_seq"
        ).all()
    database.close()
    assert [count for _, count in rows] == [1] * number
    assert told() == number


# --- diag feedback --------------------------------------------------------------------------


@pytest.fixture
def judged(tmp_path: Path) -> Iterator[str]:
    """The URL of a database with a right verdict and a wrong one."""
    with new_database("sqlite", tmp_path) as database:
        desk = Chain().desk(database)
        for account, right in (("lin-yue", False), ("chu-han", True)):
            case, _, _ = desk.open(new_case(account), None)
            really = None if right else "memo_missing"
            desk.add(case, {"kind": "assessment", "right": right, "really": really}, None)
        yield sqlite_url(tmp_path)


def test_wrong_verdicts_are_listed(judged: str) -> None:
    status, said, _ = ran("feedback", DIAG_DATABASE=judged)
    assert status == 0
    assert [line.split()[2:] for line in said.splitlines()] == [
        ["gateway_settled", "→", "memo_missing", "NORTH", "NORTH.BTC"]
    ]
    _, text, _ = ran("feedback", "--format", "json", DIAG_DATABASE=judged)
    [wrong] = json.loads(text)["wrong"]
    assert (wrong["code"], wrong["really"]) == ("gateway_settled", "memo_missing")


def test_wrong_verdicts_are_recorded(judged: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    settings = {"DIAG_DATABASE": judged, "DIAG_LEDGER": str(RECORDED)}
    status, said, _ = ran("feedback", "--write", str(out), **settings)
    assert (status, "replays as it was" in said) == (0, True)
    [path] = [found for found in out.iterdir() if found.is_dir()]
    [case] = json.loads((path / "truth.json").read_text(encoding="utf-8"))["cases"]
    asked = (case["account"], "--from", f"{case['from']}Z", "--to", f"{case['to']}Z")
    status, said, _ = ran("diagnose", *asked, "--format", "json", DIAG_LEDGER=str(path))
    assert json.loads(said)["verdict"]["code"] == case["answered"] == "gateway_settled"


def test_a_wrong_verdict_that_cannot_be_recorded_is_told(judged: str, tmp_path: Path) -> None:
    settings = {"DIAG_DATABASE": judged, "DIAG_NODES": "http://127.0.0.1:1"}
    status, said, _ = ran("feedback", "--write", str(tmp_path / "out"), **settings)
    assert (status, "could not be recorded: No usable answer" in said) == (0, True)


def test_without_wrong_verdicts_it_says_so(kept: str) -> None:
    assert ran("feedback", DIAG_DATABASE=kept)[:2] == (0, "Nobody found a verdict wrong.\n")
    assert json.loads(ran("feedback", "--format", "json", DIAG_DATABASE=kept)[1]) == {
        "wrong": []
    }
    assert ran("feedback")[0] != 0
