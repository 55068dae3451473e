"""Every file of tickets that teams have: JSON and CSV, as Excel writes it, broken rows and all."""

from __future__ import annotations

import codecs
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diag.errors import BadInput, TooLarge
from diag.i18n import LANGUAGES
from diag.schemas.case import KNOWN
from diag.triage import tickets
from diag.triage.columns import COLUMNS, LANG, TICKET
from diag.triage.tickets import read

LIN_YUE = {"account": "lin-yue", "last": "6h"}
SECRET = "5J" + "x" * 49  # of the form of a private key


def texts(*lines):
    return "\n".join(lines).encode()


def one(content, kind="csv", **defaults):
    [row] = read(content, kind, defaults)
    return row


def wrong(row):
    return [error.field for error in row.wrong.errors] if row.wrong else []


def left_out(row):
    """The fields of the cells that were not used; each says why in both languages."""
    assert all(cell.text.say(lang) for cell in row.left_out for lang in LANGUAGES)
    return [cell.field for cell in row.left_out]


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        pytest.param(texts("account,last", "lin-yue,6h"), LIN_YUE, id="plain"),
        pytest.param(b"\xef\xbb\xbf" + texts("account,last", "lin-yue,6h"), LIN_YUE, id="BOM"),
        pytest.param(texts("account;last", "lin-yue;6h"), LIN_YUE, id="semicolons"),
        pytest.param(texts("account\tlast", "lin-yue\t6h"), LIN_YUE, id="tabs"),
        pytest.param(texts("sep=;", "account;last", "lin-yue;6h"), LIN_YUE, id="Excel says ;"),
        pytest.param(b"account,last\r\nlin-yue,6h\r\n", LIN_YUE, id="Windows lines"),
        pytest.param(b"account,last\rlin-yue,6h\r", LIN_YUE, id="old Mac lines"),
        pytest.param(texts("账户,最近", "lin-yue,6h"), LIN_YUE, id="Chinese header"),
        pytest.param(
            texts(" Account , LAST ", " lin-yue , 6h "), LIN_YUE, id="spaces, capitals"
        ),
        pytest.param(texts("account,last,,,", "lin-yue,6h,,,"), LIN_YUE, id="empty columns"),
        pytest.param(
            texts("account,last", "", ",", "lin-yue,6h", ""), LIN_YUE, id="empty lines"
        ),
        pytest.param(texts("account,last,asset", "lin-yue,6h"), LIN_YUE, id="a short row"),
        pytest.param(
            texts("subject,account,last", '"a ""b""",lin-yue,6h'), LIN_YUE, id="foreign column"
        ),
        pytest.param(texts("account|last", "lin-yue|6h"), LIN_YUE, id="bars"),
        pytest.param(
            texts("2026年11月工单", "", "导出人：客服A,,", "账户,最近,备注", "lin-yue,6h,"),
            LIN_YUE,
            id="titles above the header",
        ),
        pytest.param(
            texts("账户 对账", "账户,最近", "账户,最近", "lin-yue,6h"),
            LIN_YUE,
            id="the header twice",
        ),
        pytest.param(texts("账户（必填）,最近*", "lin-yue,6h"), LIN_YUE, id="marks of forms"),
        pytest.param(
            texts("账户,最近,备注", "lin-yue,6h,客户说已重启钱包; 13800138000"),
            LIN_YUE,
            id="remarks are no memo",
        ),
        pytest.param(
            texts("账户,最近,备注（Memo）", "lin-yue,6h,btc:1"),
            LIN_YUE | {"memo": "btc:1"},
            id="a memo by its name",
        ),
        pytest.param(
            texts("账户,最近,数额,资产,操作", "lin-yue,6h,-,N/A,NULL"),
            LIN_YUE,
            id="signs for nothing",
        ),
        pytest.param(
            texts("用户名,账户,最近", "lin-yue,-,6h"),
            LIN_YUE,
            id="a login that is all there is",
        ),
        pytest.param(
            texts("账号,账户,最近", "@Lin-Yue,lin-yue,6h"),
            LIN_YUE,
            id="two names that are the same",
        ),
        pytest.param(texts("account", "lin-yue"), {"account": "lin-yue"}, id="one column"),
        pytest.param(
            texts("account,memo,last", 'lin-yue,"btc:1\n2",6h'),
            LIN_YUE | {"memo": "btc:1\n2"},
            id="a line break inside quotes",
        ),
        pytest.param(
            texts("账户,开始,结束,资产,数额,时区", "a,b,c,d,e,f"),
            dict(account="a", **{"from": "b"}, to="c", asset="d", amount="e", tz="f"),
            id="the stated Chinese names",
        ),
    ],
)
def test_a_csv_file_is_read_as_it_is_meant(content, fields):
    row = one(content)

    assert row.wrong is None
    assert dict(row.fields) == fields


def test_every_field_of_a_question_may_be_a_column_and_nothing_else():
    assert set(COLUMNS) == {*KNOWN, TICKET, LANG}


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        pytest.param('{"account": "lin-yue", "last": "6h"}', LIN_YUE, id="plain"),
        pytest.param('\ufeff{"account": "lin-yue", "last": "6h"}', LIN_YUE, id="BOM"),
        pytest.param('{"account": "lin-yue", "last": "6h"}\r', LIN_YUE, id="Windows line"),
        pytest.param(
            '{"amount": 5, "memo": "备注"}', {"amount": 5, "memo": "备注"}, id="as typed"
        ),
        pytest.param(
            '{"amount": 0.00000001}', {"amount": "0.00000001"}, id="a number keeps its digits"
        ),
        pytest.param(
            '{"account": "lin-yue", "last": "6h", "subject": {"x": [1]}, "tags": null}',
            LIN_YUE,
            id="fields that are not ours",
        ),
        pytest.param('{"账户": "lin-yue", "最近": "6h"}', LIN_YUE, id="Chinese names"),
        pytest.param('[{"account": "lin-yue", "last": "6h"}]', LIN_YUE, id="an array"),
        pytest.param(
            '[\n  {\n    "account": "lin-yue",\n    "last": "6h"\n  }\n]\n',
            LIN_YUE,
            id="an array over many lines",
        ),
        pytest.param(
            '{\n  "account": "lin-yue",\n  "last": "6h"\n}', LIN_YUE, id="an object over lines"
        ),
        pytest.param(
            '{"account": "lin-yue", "last": "6h", "account": "lin-yue"}',
            LIN_YUE,
            id="a field twice, the same",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["jsonl", None])
def test_an_object_of_json_is_read_as_it_is(line, fields, kind):
    assert dict(one(line.encode(), kind).fields) == fields


FILE = "工单号,账户,最近,备注\nT-1,lin-yue,6h,已回访\n"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(FILE.encode(), id="UTF-8"),
        pytest.param(FILE.encode("utf-8-sig"), id="UTF-8 with BOM"),
        pytest.param(FILE.encode("gb18030"), id="GB18030"),
        pytest.param(FILE.encode("gbk"), id="GBK"),
        pytest.param(FILE.replace(",", "\t").encode("utf-16"), id="Unicode text of Excel"),
        pytest.param(
            codecs.BOM_UTF16_BE + FILE.encode("utf-16-be"), id="UTF-16, big end first"
        ),
        pytest.param(
            (
                "ticket,account,last,subject\nT-1,lin-yue,6h,已回访\nT-2,lin-yue,6h,联通\n"
            ).encode("gb18030"),
            id="an ASCII header, GB18030 below",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["csv", None])
def test_the_encodings_of_spreadsheets_are_told_apart(content, kind):
    row = read(content, kind, {})[0]

    assert (row.ticket, dict(row.fields), row.wrong) == ("T-1", LIN_YUE, None)


def test_json_in_gb18030_is_read():
    content = '{"account": "lin-yue", "最近": "6h", "subject": "未到账"}'.encode("gb18030")
    assert dict(one(content, None).fields) == LIN_YUE


@pytest.mark.parametrize(
    ("header", "cells", "account", "unused"),
    [
        pytest.param("用户名,账户", "wang88,lin-yue", "lin-yue", "用户名", id="a login"),
        pytest.param("账户,用户", "lin-yue,林月", "lin-yue", "用户", id="a person"),
        pytest.param("账户,用户名", "10086,lin-yue", "lin-yue", "账户", id="a number"),
    ],
)
def test_of_two_columns_the_answer_says_which_was_read(header, cells, account, unused):
    row = one(texts(f"{header},最近", f"{cells},6h"))

    assert row.fields["account"] == account
    assert left_out(row) == [unused]
    assert all(account not in cell.given for cell in row.left_out)


@pytest.mark.parametrize("header", ["账户,账号", "账户,account", "用户,用户名"])
def test_two_columns_of_equal_right_that_differ_are_refused_by_name(header):
    bad, good = read(
        texts(f"{header},最近", "lin-yue,shi-tou7,6h", "lin-yue,lin-yue,6h"), "csv", {}
    )

    assert wrong(bad) == ["account"]
    assert all(title in bad.wrong.errors[0].text.say("zh") for title in header.split(","))
    assert wrong(good) == []


@pytest.mark.parametrize(
    ("header", "cells", "field", "value", "unused"),
    [
        ("操作,操作编号", "查看 编辑,1.11.5", "operation", "1.11.5", "操作"),
        ("到账数额,到账", "0.5,是", "received", "0.5", "到账"),
        ("数量,金额", "0.5,¥320", "amount", "0.5", "金额"),
    ],
)
def test_of_two_columns_of_one_claim_the_one_that_can_be_read_counts(
    header, cells, field, value, unused
):
    row = one(texts(f"账户,最近,{header}", f"lin-yue,6h,{cells}"))

    assert (dict(row.fields), left_out(row)) == (LIN_YUE | {field: value}, [unused])


def test_two_columns_of_one_claim_that_differ_are_both_left_out():
    row = one(texts("账户,最近,数量,金额", "lin-yue,6h,0.5,320"))

    assert (dict(row.fields), left_out(row)) == (LIN_YUE, ["amount"])


@pytest.mark.parametrize("mail", ["wang@mail.example", "Wang <wang@mail.example>"])
def test_the_addresses_of_a_mail_are_no_window(mail):
    line = json.dumps({"account": "lin-yue", "from": mail, "to": "desk@desk.example"})
    row = one(line.encode(), "jsonl", last="6h")

    assert (dict(row.fields), left_out(row)) == (LIN_YUE, ["from", "to"])


@pytest.mark.parametrize(
    ("line", "field"),
    [
        pytest.param({"ticket": "a" * 129}, "ticket", id="a long ticket"),
        pytest.param({"ticket": ["a"]}, "ticket", id="a list for a ticket"),
        pytest.param({"lang": "fr"}, "lang", id="another language"),
    ],
)
def test_what_only_names_a_row_costs_no_answer(line, field):
    row = one(json.dumps(LIN_YUE | line).encode(), "jsonl", lang="zh")

    assert (dict(row.fields), left_out(row), row.lang) == (LIN_YUE, [field], "zh")


def test_bytes_that_are_no_text_concern_their_cell():
    content = b"\n".join(
        [
            b"account,last,asset,subject",
            b"lin-yue,6h,,caf\xe9",
            b"lin-yue,6h,N\xe9,",
            b"l\xe9n-yue,6h,,",
        ]
    )
    foreign, optional, needed = read(content, "csv", {})

    assert (dict(foreign.fields), left_out(foreign)) == (LIN_YUE, [])
    assert (dict(optional.fields), left_out(optional)) == (LIN_YUE, ["asset"])
    assert wrong(needed) == ["account"]
    for lang in LANGUAGES:
        assert "CSV UTF-8" in needed.wrong.errors[0].text.say(lang)


def test_where_an_array_breaks_off_the_last_row_says_so():
    rows = read(b'[{"account": "a"}, 5, {"account": "b"}, {"acc', "jsonl", {})

    assert [wrong(row) for row in rows] == [[], ["row"], [], ["row"]]
    assert "no ticket after it" in rows[-1].wrong.errors[0].text.say("en")


@pytest.mark.parametrize(
    ("kind", "lines", "field"),
    [
        pytest.param("jsonl", b'{"account": "a"', "row", id="not JSON"),
        pytest.param("jsonl", b"[1]", "row", id="no object"),
        pytest.param("jsonl", b"[" * 5000, "row", id="deep"),
        pytest.param("jsonl", b'{"account": "\xff\xfe"}', "account", id="no UTF-8"),
        pytest.param("jsonl", b"\x00\x01\x02\xff\x80", "row", id="binary"),
        pytest.param("jsonl", b'{"memo": "' + b"a" * 20_000 + b'"}', "row", id="too long"),
        pytest.param(
            "jsonl", b'{"account": "a", "account": "b"}', "account", id="two accounts"
        ),
        pytest.param("csv", b'"a,b', "row", id="a quote that is never closed"),
        pytest.param("csv", b'"a"b,c', "row", id="text behind a quote"),
        pytest.param("csv", b"a,b,c,d", "row", id="more cells than columns"),
        pytest.param("csv", b"a\xff,b", "account", id="CSV, no UTF-8"),
        pytest.param("csv", b"a" * 20_000 + b",b", "row", id="CSV, too long"),
    ],
)
def test_a_bad_row_is_named_and_spoils_no_other(kind, lines, field):
    good = b'{"account": "lin-yue"}' if kind == "jsonl" else b"lin-yue,6h"
    head = [] if kind == "jsonl" else [b"account,last"]
    found = read(b"\n".join([*head, good, lines, good]), kind, {})

    assert [wrong(row) for row in found] == [[], [field], []]
    assert [row.number for row in found] == [1, 2, 3]
    assert all(error.text.say(lang) for error in found[1].wrong.errors for lang in ("zh", "en"))


@pytest.mark.parametrize(
    ("kind", "content", "error", "field"),
    [
        pytest.param("csv", b"", BadInput, "header", id="nothing"),
        pytest.param("csv", b"account,last\n\n", BadInput, "body", id="a header alone"),
        pytest.param("csv", b"name,last\na,b", BadInput, "header", id="no account"),
        pytest.param("csv", "帳戶,最近\na,b".encode("big5"), BadInput, "header", id="Big5"),
        pytest.param("csv", b"x\n" * 20 + b"account\na", BadInput, "header", id="too far down"),
        pytest.param("csv", b"PK\x03\x04rest", BadInput, "body", id="a workbook"),
        pytest.param(
            None, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", BadInput, "body", id="an old one"
        ),
        pytest.param("jsonl", b" \n \n", BadInput, "body", id="blank lines"),
        pytest.param("jsonl", b"{}\n" * 5001, TooLarge, None, id="too many rows"),
        pytest.param("jsonl", b"[" + b"{}," * 5001, TooLarge, None, id="too many in an array"),
        pytest.param(
            "jsonl", b'[{"memo":[' + b"[]," * 1_000_000, TooLarge, None, id="a million lists"
        ),
        pytest.param(
            "jsonl", b'{"memo":[' + b'{"a":0},' * 500_000, TooLarge, None, id="objects in a row"
        ),
        pytest.param("csv", b"account" + b",a" * 2_000_000, BadInput, "header", id="one line"),
        pytest.param("csv", b"account\n" + b"a\n" * 5001, TooLarge, None, id="CSV, too many"),
        pytest.param(
            "jsonl", b" " * (tickets.MOST_BYTES + 1), TooLarge, None, id="too many bytes"
        ),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(kind, content, error, field):
    with pytest.raises(error) as caught:
        read(content, kind, {})

    assert [e.field for e in caught.value.errors] == ([field] if field else [])
    assert all(caught.value.text.say(lang) for lang in ("zh", "en"))


@pytest.mark.parametrize(
    "line",
    [b"", b",", b'"",""', b" , ", b'" ",'],
    ids=["empty", "comma", "quotes", "spaces", "both"],
)
def test_a_file_of_blank_lines_is_no_work(line):
    """They are skipped, and are no rows: a file of some hundred thousand is like one of a few."""
    count = 200_000 // (len(line) + 1)
    content = b"account,last\n" + (line + b"\n") * count + b"lin-yue,6h\n"

    assert dict(one(content).fields) == LIN_YUE


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        pytest.param({}, {"tz": "Asia/Shanghai", "last": "24h"}, id="nothing of its own"),
        pytest.param({"tz": "UTC", "last": "1h"}, {"tz": "UTC", "last": "1h"}, id="its own"),
        pytest.param(
            {"from": "a", "to": "b"},
            {"from": "a", "to": "b", "tz": "Asia/Shanghai"},
            id="a window of its own",
        ),
    ],
)
def test_defaults_fill_what_a_row_leaves_open(line, fields):
    row = one(json.dumps(line).encode(), "jsonl", tz="Asia/Shanghai", last="24h", lang="zh")

    assert dict(row.fields) == fields
    assert row.lang == "zh"


@pytest.mark.parametrize("name", ["ticket", "id"])
@pytest.mark.parametrize(("value", "shown"), [("T-1", "T-1"), (7, "7")])
def test_the_ticket_is_kept_apart_from_the_question(name, value, shown):
    row = one(json.dumps({name: value, "account": "a"}).encode(), "jsonl")

    assert (row.ticket, dict(row.fields)) == (shown, {"account": "a"})


@pytest.mark.parametrize("field", ["memo", "account", "ticket", "note " + SECRET])
def test_nothing_of_a_secret_remains_of_a_row(field):
    row = one(json.dumps({"account": "a", field: f"my key {SECRET}"}).encode(), "jsonl")

    assert [found.kind for found in row.exposed] == ["wif"]
    assert SECRET not in repr(row)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["csv", "jsonl"]))
def test_whatever_comes_is_rows_or_a_clear_refusal(content, kind):
    try:
        found = read(b"account\n" * (kind == "csv") + content, kind, {})
    except BadInput:
        return
    assert [row.number for row in found] == list(range(1, len(found) + 1))


def test_five_thousand_full_rows_are_few_enough():
    """Bodies as long as is allowed, with commas and brackets in the words of the users."""
    said = "提币未到账, [急] {1} " * 22
    row = json.dumps(LIN_YUE | {"memo": said[:480]}, ensure_ascii=False)
    assert len(f"[{','.join([row] * 5000)}]".encode()) <= tickets.MOST_BYTES
    lines, array = "\n".join([row] * 300).encode(), f"[{','.join([row] * 300)}]".encode()
    assert len(read(lines, "jsonl", {})) == len(read(array, "jsonl", {})) == 300


def test_five_thousand_rows_are_read():
    lines = "\n".join([json.dumps(LIN_YUE)] * 5000).encode()
    assert len(read(lines, "jsonl", {})) == 5000
