"""Whatever is pasted: no crash, no span outside, no secret, the same answer twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
from hostile_texts import COMPLAINTS, LARGEST, long
from hypothesis import given, settings
from hypothesis import strategies as st

from diag.gateways.register_file import builtin
from diag.intake.normalized_text import clean
from diag.intake.parser import read
from diag.intake.serializer import document
from diag.intake.statement.markup import plain_text
from diag.schemas.case import parse

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def intake(text, zone=None):
    return document(read(text, NOW, zone, builtin()), "zh")


def key():
    """Something shaped like a private key, made on the spot."""
    digest = sha256(b"not a key of anybody").digest() * 2
    return "5J" + "".join(B58[byte % 58] for byte in digest)[:49]


@pytest.mark.parametrize("name", COMPLAINTS)
def test_a_long_text_is_read_in_bounded_work(name):
    """What grew with the square of the length would not end in a test's time."""
    said = intake(long(COMPLAINTS[name], LARGEST // 8))
    assert sum(len(field["candidates"]) for field in said["fields"].values() if field) < 4096
    assert len(said["times"]) <= 64


STRANGE = {
    "nothing": "",
    "marks that cannot be seen": "a\u200bl\u202ei\ufeffce-7 \u2066账户\u2069：\u200dbo\u200bb-8",
    "emoji": "😡😡 提币没到 🙏🙏 👨‍👩‍👧‍👦",
    "right to left": "حسابي alice-7 لم يصل السحب",
    "half a surrogate": "\ud83d账户 \udc00",
    "control characters": "\x00\x07账户\x1b[31m alice-7",
    "numbers of other scripts": "١٢٣ BTC ①②③ ½ Ⅻ",
    "an impossible date": "2026-13-45 25:61 2月30日 0月0日 99/99/9999 31 Feb",
    "an endless number": "1" * 400 + "." + "0" * 400 + " BTC",
    "capitals that grow": "İSTANBUL ŞİRKET ALICE-7",
}


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_strange_texts_are_answered(text):
    said = intake(text)
    assert json.loads(json.dumps(said, ensure_ascii=False)) == said


def test_marks_that_cannot_be_seen_do_not_hide_a_name():
    assert intake("账户：bo\u200bb-8")["fields"]["account"]["value"] == "bob-8"


def test_a_secret_is_gone_before_anything_is_read():
    secret = key()
    said = intake(f"账户 alice-7 私钥 {secret} 提币没到")

    assert secret[4:-4] not in json.dumps(said)
    assert said["exposed"] == ["wif"]
    assert (said["urgency"]["level"], said["missing"][0]) == ("critical", "safety")
    assert said["fields"]["account"]["value"] == "alice-7"


def test_a_secret_that_is_cut_up_with_unseen_marks_is_still_a_secret():
    secret = key()
    said = intake("\u200b".join(secret))
    assert said["exposed"] == ["wif"]
    assert not any(said["fields"].values())


PIECES = st.sampled_from(
    ["账户：", "账户", "提币", "没到", "昨天", "下午", "三点", "半", "0.5", "BTC", "XBTSX.BTC", "从", "到", "给", "alice-7",
     "1.2.34", "1.11.5", "ab" * 20, "0x" + "cd" * 32, "\n", " ", "，", ":", "：", "“", "”", "2026-11-21", "15:30", "UTC+8",
     "my account is", "not received", "3 days ago", "memo", "备注", "two", "万", "千", "点", "号", "月", "$", "k", ".", "-"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=24).map("".join))


def spans(node):
    if isinstance(node, dict):
        yield from [node["span"]] if node.get("span") else []
        for part in node.values():
            yield from spans(part)
    elif isinstance(node, list):
        for part in node:
            yield from spans(part)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from([None, ZoneInfo("Asia/Shanghai"), ZoneInfo("Pacific/Apia")]))
def test_any_text_gives_spans_inside_it_and_the_same_answer_twice(text, zone):
    said = intake(text, zone)

    assert said == intake(text, zone)
    assert said["text"] == clean(plain_text(text))
    assert said["case"] is None or parse(said["case"], NOW).account
    length = len(said["text"])
    assert all(0 <= start < end <= length for start, end in spans(said))
    for field in filter(None, said["fields"].values()):
        for found in field["candidates"]:
            assert said["text"][slice(*found["span"])] == found["text"]
        assert field["value"] is None or field["value"] in [
            c["value"] for c in field["candidates"]
        ]
