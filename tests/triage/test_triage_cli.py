"""`diag triage`: exit status, what goes where, and what is left of an interrupted batch."""

from __future__ import annotations

import csv
import io
import json
import sys
from contextlib import contextmanager

import pytest
from tickets import stories

from diag.bootstrap import embedded_ledger
from diag.cli import main, terminal
from diag.triage.workbook import as_xlsx

EMBEDDED = {story["ticket"]: story for story in stories()}
SETTLED, OVERDUE, MISSING = (
    EMBEDDED[name] for name in ("settled-by-burn", "gateway-overdue-alone", "no-such-account")
)
REVERSIBLE, OLD = EMBEDDED["gateway-normal"], EMBEDDED["no-trace-old"]
BAD = {"ticket": "bad", "account": "No Name"}


@pytest.fixture(autouse=True)
def recorded(monkeypatch):
    monkeypatch.setenv("DIAG_LEDGER", str(embedded_ledger()))


@pytest.fixture
def tickets(tmp_path):
    def written(*rows, name="tickets.jsonl"):
        path = tmp_path / name
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        return str(path)

    return written


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        pytest.param([SETTLED], 0, id="nothing to do"),
        pytest.param([SETTLED, REVERSIBLE], 1, id="in progress"),
        pytest.param([SETTLED, OVERDUE, REVERSIBLE], 2, id="a problem"),
        pytest.param([OVERDUE, OLD], 3, id="undetermined"),
        pytest.param([SETTLED, BAD], 3, id="a row without an answer"),
    ],
)
def test_the_status_is_that_of_the_worst_row(tickets, rows, status, capsys):
    assert main.main(["triage", tickets(*rows)]) == status
    assert capsys.readouterr().err == ""


def test_the_table_names_each_cause_and_each_row_without_an_answer(tickets, capsys):
    main.main(["triage", tickets(SETTLED, OVERDUE, BAD), "--lang", "en"])
    out = capsys.readouterr().out

    assert out.index("Overdue at") < out.index("Processed by")
    assert "bad has no answer: account: " in out
    assert "3 rows, 2 answered." in out
    assert "\x1b" not in out


def test_the_table_says_what_was_read_otherwise_and_what_was_left_out(tickets, capsys):
    form = {**OVERDUE, "ticket": "T-9", "account": "@Zhao-Ming", "operation": "查看"}
    main.main(["triage", tickets(form, form), "--lang", "en"])
    out = capsys.readouterr().out

    assert "T-9: Account “@Zhao-Ming” as zhao-ming (and 1 more like it)" in out
    assert "T-9: Operation number “查看” was not used: An operation id looks like" in out
    assert "2 rows, 2 answered." in out


@pytest.mark.parametrize("name", ["tickets.txt", "tickets.json", "tickets.jsonl", "-"])
def test_an_array_is_read_whatever_the_file_is_called(name, tmp_path, monkeypatch, capsys):
    content = json.dumps([SETTLED, OVERDUE]).encode()
    (tmp_path / "tickets.txt").with_name(name.replace("-", "stdin")).write_bytes(content)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    main.main(["triage", name if name == "-" else str(tmp_path / name), "--lang", "en"])

    assert "2 rows, 2 answered." in capsys.readouterr().out


def test_a_workbook_is_read_as_it_is(tmp_path, capsys):
    path = tmp_path / "tickets.xlsx"
    asked = {name: OVERDUE[name] for name in ("ticket", "account", "from", "to")}
    path.write_bytes(as_xlsx([list(asked), list(asked.values())]))

    assert main.main(["triage", str(path), "--lang", "en"]) == 2
    assert OVERDUE["ticket"] in capsys.readouterr().out


def test_json_is_a_line_per_row_and_the_summary(tickets, capsys):
    main.main(["triage", tickets(SETTLED, OVERDUE), "--format", "json"])
    *rows, end = map(json.loads, capsys.readouterr().out.splitlines())

    assert {row["ticket"] for row in rows} == {SETTLED["ticket"], OVERDUE["ticket"]}
    assert end["summary"]["rows"] == 2


def test_rows_go_to_a_file_and_the_table_to_the_screen(tickets, tmp_path, capsys):
    target = tmp_path / "answers.csv"
    main.main(["triage", tickets(SETTLED), "--output", str(target), "--lang", "zh"])
    [row] = csv.DictReader(io.StringIO(target.read_text(encoding="utf-8-sig")))

    assert (row["ticket"], row["code"]) == (SETTLED["ticket"], "gateway_settled")
    assert "网关已处理" in capsys.readouterr().out


def test_the_standard_input_is_read_and_told_apart(monkeypatch, capsys):
    content = b"account,last\nlin-yue,24h\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    main.main(["triage", "-", "--format", "csv"])
    assert capsys.readouterr().out.count("lin-yue") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["nowhere.csv"], "nowhere.csv", id="no such file"),
        pytest.param(["{empty}"], "body", id="an empty file"),
        pytest.param(["{file}", "--output", "/nowhere/out.csv"], "output", id="no such place"),
    ],
)
def test_what_cannot_be_used_is_said_with_the_status_of_a_mistake(
    tickets, tmp_path, arguments, words, capsys
):
    (tmp_path / "empty.jsonl").write_text("")
    places = {"file": tickets(SETTLED), "empty": str(tmp_path / "empty.jsonl")}

    assert main.main(["triage", *(a.format(**places) for a in arguments)]) == main.EXIT_USAGE
    assert words in capsys.readouterr().err


def test_an_interrupted_batch_shows_what_is_done(tickets, monkeypatch, capsys):
    @contextmanager
    def interrupted(lang, total):
        def advance():
            raise KeyboardInterrupt

        yield advance

    monkeypatch.setattr(terminal, "progress", interrupted)

    assert main.main(["triage", tickets(SETTLED, SETTLED, SETTLED), "--lang", "en"]) == 130
    assert "1 rows, 1 answered." in capsys.readouterr().out


HARM = "\x1b[2J\u202e{account}\x9b"


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_nothing_in_a_file_steers_the_terminal(tickets, capsys, form):
    harmed = SETTLED | {"ticket": HARM, "asset": HARM}
    other = {"ticket": "T-2", "account": HARM, HARM: HARM, "from": HARM}
    main.main(["triage", tickets(harmed, other, SETTLED), "--lang", "en", "--format", form])
    out = (
        "".join(capsys.readouterr().out.split("\r\n")).replace("\n", "").removeprefix("\ufeff")
    )
    assert out.isprintable()
    assert "{account}" in out
