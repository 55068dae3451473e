"""POST /v1/triage: an answer to each row as it is there, and the groups at the end."""

from __future__ import annotations

import csv
import io
import json
from contextlib import closing
from dataclasses import replace
from threading import Event

import pytest
from builders import gap
from recorded import RECORDED, ledger
from tickets import stories, tickets
from waiting import FOREVER, PATIENCE

from diag.api import app
from diag.api.triage import MAX_BATCHES
from diag.bootstrap import build_services
from diag.config.settings import Settings
from diag.diagnosis.engine import diagnose
from diag.errors import DiagError
from diag.render.json_document import document
from diag.render.options import View
from diag.schemas.case import parse
from diag.triage.batch import Batch
from diag.triage.spreadsheet import MEDIA_TYPES
from diag.triage.tickets import read as lines
from diag.triage.workbook import as_xlsx

MADE = build_services(Settings(deadline=FOREVER, ledger=RECORDED))
CLIENT = app.build_app(MADE).test_client()
LIN_YUE = {"account": "lin-yue", "last": "24h"}


def jsonl(*rows):
    return "\n".join(json.dumps(row) for row in rows)


def post(body, client=CLIENT, kind="application/x-ndjson", **options):
    return client.post("/v1/triage", data=body, content_type=kind, **options)


def answers(response):
    *rows, end = map(json.loads, response.text.splitlines())
    return sorted(rows, key=lambda row: row["row"]), end["summary"]


def test_many_rows_are_answered_as_one_by_one():
    """Every row of the batch; a sample of them is asked on its own as well."""
    given = tickets(60, bad=6)
    rows, summary = answers(post(jsonl(*given)))

    assert [row["ticket"] for row in rows] == [ticket["ticket"] for ticket in given]
    assert (summary["rows"], summary["answered"]) == (60, 54)
    assert sum(group["tickets"] for group in summary["groups"]) == 54
    assert summary["as_of"] == {"block": 35910, "time": "2026-11-22T12:00:00Z"}
    for row, ticket in list(zip(rows, given, strict=True))[::6]:
        asked = {name: value for name, value in ticket.items() if name != "ticket"}
        try:
            case = parse(asked, ledger().clock)
            whole = document(
                diagnose(case, MADE.collect, MADE.register, MADE.checks), View("en")
            )
        except DiagError as error:
            assert row["problem"]["code"] == error.code
            continue
        assert (row["id"], row["reply"]) == (whole["id"], whole["reply"])
        assert all(whole["verdict"][name] == row["verdict"][name] for name in _SHORT)


_SHORT = ("code", "outcome", "stage", "severity", "actor", "advice", "resend_safe", "finality")


def test_every_story_gets_its_code_in_a_batch():
    expected = {
        story["id"]: story["expect"]
        for story in json.loads((RECORDED / "truth.json").read_text())["cases"]
    }
    rows, _ = answers(post(jsonl(*stories())))

    assert {row["ticket"]: row["verdict"]["code"] for row in rows} == expected


def test_csv_in_and_csv_out():
    body = "工单;账户;最近\nT-1;lin-yue;24h\n=cmd();Nobody Here;24h\n"
    response = post(
        body.encode(), kind="text/csv", query_string={"format": "csv", "lang": "en"}
    )
    text = response.get_data().decode("utf-8-sig")
    rows = sorted(csv.DictReader(io.StringIO(text)), key=lambda row: row["row"])

    assert response.mimetype == "text/csv"
    assert [row["ticket"] for row in rows] == ["T-1", "'=cmd()"]
    assert rows[0]["code"]
    assert rows[0]["reply"].endswith("seed words.")
    assert rows[1]["problem"].startswith("account: ")


ACCOUNT_FORMS = (
    "@zhao-ming",
    "Zhao-Ming",
    "zhao-ming\u200b",
    "ｚｈａｏ-ming",
    "https://blocksights.info/#/accounts/zhao-ming",
)
OVERDUE = {"account": "zhao-ming", "last": "12h", "asset": "NORTH.BTC", "amount": "0.05616"}
FILES = {
    # what a team's spreadsheet saves; every row asks the same as OVERDUE
    "Excel dates": "ticket,account,from,to,tz,asset,amount\n"
    "1,zhao-ming,2026/11/22 15:00,2026/11/22 17:00,Asia/Shanghai,NORTH.BTC,0.05616",
    "dates alone": "ticket,account,from,to,tz,asset,amount\n"
    "1,zhao-ming,22-Nov-2026,2026/11/22,北京时间,NORTH.BTC,0.05616",
    "serial numbers": "account,from,to,tz,asset,amount\n"
    "zhao-ming,46348.625,46348.7083333333,Asia/Shanghai,NORTH.BTC,0.05616",
    "remarks": "工单号,账户,最近,资产,数额,备注\n"
    "4,zhao-ming,12h,NORTH.BTC,0.05616,客户说已重启钱包; 下周一回访 13800138000",
    "buttons": "工单号,账户,最近,资产,数额,操作\n1,zhao-ming,12h,NORTH.BTC,0.05616,查看 编辑",
    "yes and no": "工单号,账户,最近,资产,数额,到账\n1,zhao-ming,12h,NORTH.BTC,0.05616,否",
    "titles": "2026年11月 工单导出,,,\n,,,\n账户,最近,资产,数额\nzhao-ming,12h,NORTH.BTC,0.05616",
    "signs for nothing": "账户,最近,资产,数额,操作,交易,到账\nzhao-ming,12h,NORTH.BTC,0.05616,-,N/A,NULL",
    "spellings": '账户,最近,资产,数额,操作\nzhao-ming,12h,north.btc,"0,05616",#1.11.24815',
    "a unit": "账户,最近,数额\nzhao-ming,12h,0.05616 NORTH.BTC",
    "capitals": "账户,最近,交易\nzhao-ming,12h,8808E7D235ED58B508BF449811EEF013B5BA16E3",
    "no such asset": "账户,最近,资产,操作\nzhao-ming,12h,NORTH.XBT,1.11.24815",
    "two names": "用户名,账户,最近,资产,数额\nwang88,zhao-ming,12h,NORTH.BTC,0.05616",
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_the_files_of_teams_are_answered(content, encoding):
    rows, _ = answers(post(content.encode(encoding), kind="text/csv"))

    assert [row["problem"] for row in rows] == [None]
    assert rows[0]["verdict"]["code"] == "gateway_overdue"
    assert rows[0]["withdrawal"]["operation"] == "1.11.24815"


def test_one_account_in_all_its_forms_is_one_question():
    forms = [OVERDUE | {"account": form} for form in ("zhao-ming", *ACCOUNT_FORMS)]
    rows, summary = answers(post(json.dumps(forms), kind="application/json"))

    assert {row["account"] for row in rows} == {"zhao-ming"}
    assert len({row["id"] for row in rows}) == 1
    assert [len(row["read_as"]) for row in rows] == [0, 1, 1, 1, 1, 1]
    assert summary["read_as"] == {"account": len(ACCOUNT_FORMS)}


def batch_that_notes_what_it_reads(spoil=lambda history: history):
    """A batch, and the cases that it reads; spoil changes the first history."""
    read, collect = [], MADE.new_batch()

    def noted(case):
        read.append(case)
        found = collect(case)
        return spoil(found) if len(read) == 1 else found

    return replace(Batch.of(MADE), collect=noted, workers=1), read


def test_rows_that_ask_the_same_are_answered_once():
    batch, read = batch_that_notes_what_it_reads()
    rows = [OVERDUE | {"ticket": "T-1"}, OVERDUE | {"account": "@zhao-ming"}, LIN_YUE]

    found = list(batch.answers(lines(jsonl(*rows).encode(), "jsonl", {}), lambda: 1.0))

    assert [case.account for case in read] == ["zhao-ming", "lin-yue"]
    assert [len(done.diagnosis.case.read_as) for done in found] == [0, 1, 0]
    assert found[0].diagnosis.id == found[1].diagnosis.id != found[2].diagnosis.id


def test_what_was_not_read_whole_is_read_again_for_the_next_row():
    batch, read = batch_that_notes_what_it_reads(lambda found: replace(found, gaps=(gap(),)))

    found = list(batch.answers(lines(jsonl(*[OVERDUE] * 3).encode(), "jsonl", {}), lambda: 1.0))

    assert len(read) == 2
    assert [gap().code in dict(d.diagnosis.verdict.not_checked) for d in found] == [
        True,
        False,
        False,
    ]


def test_what_was_left_out_is_named_in_every_format():
    body = "工单号,账户,最近,操作,到账\nT-1,@zhao-ming,12h,查看 编辑,否"
    rows, summary = answers(post(body.encode(), kind="text/csv"))

    assert [cell["field"] for cell in rows[0]["left_out"]] == ["received", "operation"]
    assert rows[0]["left_out"][1]["given"] == "查看 编辑"
    assert summary["left_out"] == {"received": 1, "operation": 1}

    for lang, words in (
        ("zh", "操作编号“查看 编辑”未采用"),
        ("en", "“查看 编辑” was not used"),
    ):
        text = post(
            body.encode(), kind="text/csv", query_string={"format": "csv", "lang": lang}
        )
        [row] = csv.DictReader(io.StringIO(text.get_data().decode("utf-8-sig")))
        assert words in row["left_out"]
        assert "zhao-ming" in row["read_as"]


def test_an_asset_that_the_chain_does_not_know_costs_no_answer():
    rows, _ = answers(post(jsonl(OVERDUE | {"asset": "NORTH.XBT"})))

    assert rows[0]["verdict"] is not None
    [cell] = rows[0]["left_out"]
    assert (cell["field"], cell["given"]) == ("asset", "NORTH.XBT")


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("text/csv", 200),
        ("text/tab-separated-values", 200),
        ("text/plain", 200),
        ("application/xml", 415),
    ],
)
def test_a_file_is_taken_as_any_of_its_media_types(kind, status):
    with post(b"account\tlast\nlin-yue\t24h\n", kind=kind) as response:
        assert response.status_code == status


@pytest.mark.parametrize("kind", [*MEDIA_TYPES, "text/csv"])
def test_a_workbook_is_read_as_it_is(kind):
    table = [["工单", "账户", "最近"], ["T-1", "lin-yue", "24h"], ["T-2", "", ""]]
    rows, summary = answers(post(as_xlsx(table), kind=kind))

    assert [row["ticket"] for row in rows] == ["T-1", "T-2"]
    assert (summary["rows"], summary["answered"]) == (2, 1)


def test_what_is_no_workbook_is_refused_with_the_remedy():
    response = post(b"PK\x03\x04", kind=MEDIA_TYPES[0])
    [error] = response.get_json()["errors"]

    assert (response.status_code, error["field"]) == (400, "body")
    assert "CSV UTF-8" in error["text"]["zh"] and "CSV UTF-8" in error["text"]["en"]


def test_a_secret_in_a_remark_is_said_though_remarks_are_not_read():
    secret = "5K" + "a" * 49
    response = post(f"账户,最近,备注\nlin-yue,24h,{secret}\n".encode(), kind="text/csv")
    rows, _ = answers(response)

    assert rows[0]["exposed"] == ["wif"]
    assert rows[0]["verdict"]["code"] == "secret_exposed"
    assert secret not in response.text


def test_a_row_may_name_its_own_language_in_csv():
    body = "account,last,lang\nlin-yue,24h,zh\n"
    response = post(body, kind="text/csv", query_string={"format": "csv", "lang": "en"})

    assert "我们绝不会索要您的私钥" in response.text


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        (None, "application/x-ndjson"),
        ("*/*", "application/x-ndjson"),
        ("application/jsonl", "application/x-ndjson"),
        ("text/csv", "text/csv"),
        ("text/csv;q=0.5, application/x-ndjson", "application/x-ndjson"),
    ],
)
def test_accept_chooses_the_format(accept, mimetype):
    headers = {"Accept": accept} if accept else {}
    with post(jsonl(LIN_YUE), headers=headers) as response:  # it holds its place until then
        assert response.mimetype == mimetype


def test_what_a_row_leaves_open_stands_in_the_address():
    query = {"tz": "Asia/Shanghai", "last": "24h"}
    rows, _ = answers(post(jsonl({"account": "lin-yue"}), query_string=query))

    assert rows[0]["problem"] is None
    assert "北京时间" in rows[0]["reply"]["zh"]


def test_a_secret_in_a_row_is_cut_out_and_said():
    secret = "5K" + "a" * 49
    response = post(jsonl({**LIN_YUE, "ticket": secret, "memo": f"my key is {secret}"}))
    rows, summary = answers(response)

    assert secret not in response.text
    assert rows[0]["exposed"] == ["wif"]
    assert [found["row"] for found in summary["exposed"]] == [1]


def gated(gate, started):
    """The service around a chain whose second answer waits for the gate."""

    def collect(case):
        started.append(case.account)
        if case.account != "lin-yue":
            assert gate.wait(PATIENCE)
        return MADE.collect(case)

    return app.build_app(replace(MADE, new_batch=lambda: collect)).test_client()


def test_the_first_answer_is_there_before_the_last_row_is_asked():
    gate, started = Event(), []
    others = [{"account": f"nobody{n}", "last": "6h"} for n in range(50)]
    with closing(
        post(jsonl(LIN_YUE, *others), gated(gate, started), buffered=False)
    ) as response:
        stream = (line for line in response.iter_encoded() if line)
        first = json.loads(next(stream))
        early = len(started)
        gate.set()
        rest = list(stream)

    assert first["row"] == 1
    assert early < 10
    assert len(rest) == 51


def test_who_goes_away_stops_the_work_and_makes_room_for_the_next():
    gate, started = Event(), []
    client = gated(gate, started)
    others = [{"account": f"nobody{n}", "last": "6h"} for n in range(200)]
    for _ in range(MAX_BATCHES + 1):
        started.clear()
        response = post(jsonl(LIN_YUE, *others), client, buffered=False)
        assert response.status_code == 200
        next(line for line in response.iter_encoded() if line)
        gate.set()
        response.close()

        assert len(started) < 100


def test_more_batches_than_allowed_are_asked_to_come_again():
    gate = Event()
    gate.set()
    client = gated(gate, [])
    open_ones = [post(jsonl(LIN_YUE), client, buffered=False) for _ in range(MAX_BATCHES)]
    refused = post(jsonl(LIN_YUE), client)
    for response in open_ones:
        response.close()

    assert (refused.status_code, refused.get_json()["code"]) == (503, "busy")
    assert refused.headers["Retry-After"]
    assert post(jsonl(LIN_YUE), client).status_code == 200
