"""The intake over HTTP and on the command line: what goes in, what comes out, what is refused."""

from __future__ import annotations

import io
import json

import pytest
from recorded import RECORDED
from waiting import FOREVER

from diag.api.app import create_app
from diag.cli import main
from diag.config.settings import Settings

PATH = "/v1/intake"
TEXT = "我的账户 lin-yue，今天凌晨四点半提了0.05205个NORTH.BTC，还没到账"


@pytest.fixture(scope="module")
def client():
    return create_app(Settings(deadline=FOREVER, ledger=RECORDED)).test_client()


def test_a_ticket_becomes_a_case_that_a_diagnosis_takes_as_it_is(client):
    said = client.post(PATH, json={"text": TEXT, "tz": "Asia/Shanghai"}).get_json()

    answer = client.post("/v1/diagnoses", json=said["case"])
    assert answer.status_code == 200
    assert answer.get_json()["verdict"]["code"] == "gateway_settled"


def test_without_a_zone_there_is_no_case_but_the_question_for_it(client):
    said = client.post(PATH, json={"text": TEXT}).get_json()

    assert (said["case"], said["window"], said["missing"]) == (None, None, ["zone"])
    assert "“今天凌晨四点半”是哪个时区" in said["question"]["zh"]
    assert "Which time zone is “今天凌晨四点半” in" in said["question"]["en"]


def test_a_plain_text_is_the_same_as_json(client):
    plain = client.post(PATH, data=TEXT, content_type="text/plain; charset=utf-8")
    assert plain.get_json() == client.post(PATH, json={"text": TEXT}).get_json()


@pytest.mark.parametrize(("tz", "lang"), [("Asia/Shanghai", "en"), (None, None)])
def test_zone_and_language_may_stand_in_the_query_too(client, tz, lang):
    view = {"tz": tz, "lang": lang}
    asked = client.post(PATH, json={"text": "1", **view})
    query = {name: value for name, value in view.items() if value}
    assert (
        asked.get_json() == client.post(PATH, json={"text": "1"}, query_string=query).get_json()
    )
    assert asked.get_json()["reply_language"] == (lang or "zh")


REFUSED = {
    "no text": ({"json": {}}, "text"),
    "an empty text": ({"json": {"text": " \n"}}, "text"),
    "a text that is none": ({"json": {"text": 5}}, "text"),
    "a zone that is none": ({"json": {"text": "a", "tz": "Beijing"}}, "tz"),
    "a language that is none": ({"json": {"text": "a", "lang": "fr"}}, "lang"),
    "a zone that is none, beside one that is": (
        {"json": {"text": "a", "tz": ["x"]}, "query_string": {"tz": "Asia/Shanghai"}},
        "tz",
    ),
    "an unknown field": ({"json": {"text": "a", "account": "b"}}, "account"),
    "the text in the address": ({"json": {}, "query_string": {"text": "a"}}, "text"),
    "a list": ({"json": ["a"]}, "body"),
    "not UTF-8": ({"data": b"\xff\xfe", "content_type": "text/plain"}, "body"),
}


@pytest.mark.parametrize(("asked", "field"), REFUSED.values(), ids=REFUSED)
def test_a_bad_request_names_the_field_and_the_remedy(client, asked, field):
    response = client.post(PATH, **asked)

    assert response.status_code == 400
    [error] = response.get_json()["errors"]
    assert error["field"] == field
    assert all(error["text"].values())


def test_a_body_over_the_limit_is_refused(client):
    response = client.post(PATH, data="提" * 22_000, content_type="text/plain")
    assert (response.status_code, response.get_json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("text", "language", "reply"),
    [
        ("提币未到账", "zh", "zh"),
        ("提幣未到帳，請幫忙", "zh", "zh"),
        ("我的 XBTSX.BTC 没到，txid abc，account alice-7", "zh", "zh"),
        ("my withdrawal has not arrived", "en", "en"),
        ("BTC pending", "en", "en"),
        ("не могу вывести BTC, деньги не пришли", "ru", "en"),
        ("He enviado 20 unidades y no llegan desde ayer", "es", "en"),
        ("出金が届きません", "ja", "en"),
        ("출금이 안됩니다 도와주세요", "ko", "en"),
        ("para çekme işlemim gelmedi", "tr", "en"),
        ("Tôi rút tiền nhưng chưa nhận được", "vi", "en"),
        ("penarikan saya belum masuk ke dompet", "id", "en"),
        ("hindi pa dumating ang pera ko kahapon pa", "tl", "en"),
        ("не можу вивести кошти, допоможіть", "uk", "en"),
        ("لم يصل السحب الخاص بي", "ar", "en"),
        ("मेरा पैसा अभी तक नहीं आया", "hi", "en"),
        ("ถอนเงินแล้วยังไม่ได้รับ", "th", "en"),
        ("Sent coins, no arrival", "en", "en"),
        ("USDT withdraw failed", "en", "en"),
        ("memo wrong", "en", "en"),
        ("𐎀𐎁𐎂 𐎃𐎄", "und", "en"),
        ("1.11.12345 0.5", None, "zh"),
    ],
)
def test_the_language_of_a_text_decides_the_language_of_the_reply(
    client, text, language, reply
):
    said = client.post(PATH, json={"text": text}).get_json()
    assert (said["language"], said["reply_language"]) == (language, reply)


def test_nothing_of_the_text_is_logged(client, caplog):
    caplog.set_level(0)
    client.post(PATH, json={"text": TEXT})
    client.post(PATH, data=TEXT.encode("gbk"), content_type="text/plain")
    assert "lin-yue" not in caplog.text


def test_the_command_reads_a_file_or_standard_input(tmp_path, monkeypatch, capsys):
    file = tmp_path / "ticket.txt"
    file.write_text(TEXT, encoding="utf-8")

    assert main.main(["intake", str(file), "--tz", "Asia/Shanghai"]) == 0
    from_file = json.loads(capsys.readouterr().out)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert main.main(["intake", "--tz", "Asia/Shanghai"]) == 0
    assert json.loads(capsys.readouterr().out) == from_file
    assert from_file["case"]["account"] == "lin-yue"


@pytest.mark.parametrize(
    ("arguments", "field"),
    [(["/nowhere/ticket.txt"], "file"), (["--tz", "Nowhere"], "tz")],
)
def test_the_command_says_what_is_wrong(arguments, field, capsys):
    assert main.main(["intake", *arguments]) == main.EXIT_USAGE
    assert f"  {field}: " in capsys.readouterr().err
