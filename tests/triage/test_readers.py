"""Every file of tickets that people have: JSON lines and CSV, as Excel writes it, broken rows and all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diag.errors import BadInput, TooLarge
from diag.schemas.case import KNOWN
from diag.triage import tickets
from diag.triage.readers import COLUMNS, LANG, TICKET
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
    ],
)
def test_a_json_line_is_read_as_it_is(line, fields):
    assert dict(one(line.encode(), "jsonl").fields) == fields


@pytest.mark.parametrize(
    ("kind", "lines", "field"),
    [
        pytest.param("jsonl", b'{"account": "a"', "row", id="not JSON"),
        pytest.param("jsonl", b"[1]", "row", id="no object"),
        pytest.param("jsonl", b"[" * 5000, "row", id="deep"),
        pytest.param("jsonl", b'{"account": "\xff\xfe"}', "row", id="no UTF-8"),
        pytest.param("jsonl", b"\x00\x01\x02\xff\x80", "row", id="binary"),
        pytest.param("jsonl", b'{"memo": "' + b"a" * 20_000 + b'"}', "row", id="too long"),
        pytest.param("jsonl", b'{"memo": "a", "memo": "b"}', "memo", id="a field twice"),
        pytest.param("jsonl", b'{"ticket": "%s"}' % (b"a" * 129), "ticket", id="long ticket"),
        pytest.param("jsonl", b'{"ticket": ["a"]}', "ticket", id="a list for a ticket"),
        pytest.param("jsonl", b'{"lang": "fr"}', "lang", id="another language"),
        pytest.param("csv", b'"a,b', "row", id="a quote that is never closed"),
        pytest.param("csv", b'"a"b,c', "row", id="text behind a quote"),
        pytest.param("csv", b"a,b,c,d", "row", id="more cells than columns"),
        pytest.param("csv", b"a\xff,b", "row", id="CSV, no UTF-8"),
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
        pytest.param("csv", "账户,账户名\na,b".encode("gbk"), BadInput, "header", id="GBK"),
        pytest.param(
            "csv", "账户,account\na,b".encode(), BadInput, "account", id="named twice"
        ),
        pytest.param("jsonl", b" \n \n", BadInput, "body", id="blank lines"),
        pytest.param("jsonl", b"{}\n" * 5001, TooLarge, None, id="too many rows"),
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
