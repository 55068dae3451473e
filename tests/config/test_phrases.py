"""The operator's phrases: what may be replaced, with which blanks, and what a reply says then."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from recorded import CASES, diagnoses

from diag.api.app import create_app
from diag.checks import CHECKS
from diag.config.phrases import MAX_LENGTH, read_phrases
from diag.config.settings import Settings
from diag.diagnosis.engine import Diagnosis, conclude
from diag.errors import BadSetting
from diag.i18n import LANGUAGES
from diag.render.json_document import dumps
from diag.render.options import View
from diag.render.user_reply import LONGEST, reply
from diag.triage import messages
from diag.triage.groups import summarize
from diag.triage.result import RowDiagnosis, RowResult
from diag.triage.tickets import Row
from diag.words import OURS, blanks, keys, text

SETTLED, OVERDUE, STALLED = "settled-by-burn", "gateway-overdue-alone", "gateway-stalled"
SAFETY = text("frame.safety")
GOOD = """
[frame]
greeting = { zh = "亲，您好，", en = "Hi there." }
signature = { zh = "灯塔钱包客服", en = "Your Lighthouse Wallet team." }
reference = { zh = "工单编号：{ref}。", en = "Ticket: {ref}." }

[frame.opening]
waiting = { zh = "", en = "" }

[frame.certainty]
high = { zh = "已经核实：", en = "We have checked:" }

[replies.gateway_settled]
reply.zh = "{gateway} 网关已处理您 {sent_at} 提的 {amount}（{settled_at}，操作编号 {operation}），请查收。"
reply.en = "{gateway} has processed the {amount} you sent at {sent_at} ({settled_at}, operation number {operation})."
"""


def written(folder: Path, content: str, name: str = "phrases.toml") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def told(name: str, path: Path) -> Diagnosis:
    return conclude(diagnoses("Asia/Shanghai")[name].evidence, CHECKS, (), read_phrases(path))


# --- what is said --------------------------------------------------------------------------------


def test_phrases_are_said_instead_of_ours(tmp_path: Path) -> None:
    said = told(SETTLED, written(tmp_path, GOOD))

    zh, en = reply(said, "zh"), reply(said, "en")
    assert zh.startswith(
        "亲，您好，已经核实：NORTH 网关已处理您 11-22 05:00 提的 0.05205 NORTH.BTC"
    )
    assert en.startswith("Hi there. We have checked: NORTH has processed the 0.05205 NORTH.BTC")
    assert zh.endswith(f"工单编号：{said.reference}。灯塔钱包客服{SAFETY.zh}")
    assert en.endswith(f"Ticket: {said.reference}. Your Lighthouse Wallet team. {SAFETY.en}")


def test_what_is_not_replaced_stays_ours(tmp_path: Path) -> None:
    said = reply(told(OVERDUE, written(tmp_path, GOOD)), "zh")

    assert "抱歉让您久等了" not in said
    assert "超出了通常时间，需要网关核查。" in said


def test_a_reply_of_the_operators_is_told_with_its_certainty(tmp_path: Path) -> None:
    """Ours states its grade itself; whether theirs does, nobody knows."""
    path = written(
        tmp_path,
        '[replies.lookalike_account.reply]\nzh = "{recipient}：{why}（{amount}，{sent_at}）。"\n'
        'en = "{recipient}: {why} ({amount}, {sent_at})."\n',
    )
    said = reply(told("sent-to-lookalike", path), "zh")

    assert "情况很可能是这样：north-wa1let：" in said


def test_a_mass_reply_has_them_too(tmp_path: Path) -> None:
    done = RowResult(Row(1, {}), RowDiagnosis.of(told(STALLED, written(tmp_path, GOOD))))
    [group] = summarize([done]).groups
    said = messages.mass_reply(group)

    assert said is not None
    assert said["zh"].startswith("亲，您好，")
    assert said["zh"].endswith(f"灯塔钱包客服{SAFETY.zh}")


def test_no_phrase_makes_another_diagnosis_but_another_id(tmp_path: Path) -> None:
    before, after = diagnoses("Asia/Shanghai")[SETTLED], told(SETTLED, written(tmp_path, GOOD))

    assert replace(after, phrases=OURS) == replace(before, phrases=OURS)
    assert after.id != before.id
    assert dumps(after, View("zh")) == dumps(told(SETTLED, written(tmp_path, GOOD)), View("zh"))


def test_no_phrase_makes_a_reply_too_long_or_leaves_out_the_safety_line(
    tmp_path: Path,
) -> None:
    """Even with everything as long as it may be, in every recorded case."""
    content = "[frame]\n"
    for key in ("greeting", "signature"):
        zh, en = MAX_LENGTH.get(f"frame.{key}", MAX_LENGTH["frame"])
        content += f'{key} = {{ zh = "{"好" * zh}", en = "{"hello " * en}" }}\n'
    phrases = written(tmp_path, content)
    for name, lang in product(CASES, LANGUAGES):
        said = reply(told(name, phrases), lang)
        assert (len(said) if lang == "zh" else len(said.split())) <= LONGEST[lang], name
        assert said.endswith(SAFETY.say(lang)), name


# --- what is refused ------------------------------------------------------------------------------

BOTH = '{{ zh = "{zh}", en = "{en}" }}'
REFUSED = [
    pytest.param(
        '[frame]\nsafety = { zh = "安全", en = "Safe." }', "frame.safety",
        "安全提示不能更改", "safety line can't be changed", id="the safety line",
    ),
    pytest.param(
        '[frame]\ngreting = { zh = "好", en = "Hi." }', "frame.greting",
        "相近的有：frame.greeting", "close to it: frame.greeting", id="a key that is mistyped",
    ),
    pytest.param(
        '[replies.gateway_settled]\nnote = { zh = "好", en = "Hi." }', "replies.gateway_settled.note",
        "没有这个短语", "no such phrase", id="what no user reads",
    ),
    pytest.param(
        '[replies.gateway_lost]\nreply = { zh = "好", en = "Hi." }', "replies.gateway_lost.reply",
        "没有这个短语", "no such phrase", id="a code that is not ours",
    ),
    pytest.param(
        '[frame]\ngreeting = { zh = "好" }', "frame.greeting", "两种语言都要写",
        "write both languages", id="one language only",
    ),
    pytest.param(
        '[frame]\ngreeting = { zh = "好", en = "Hi.", de = "Hallo." }', "frame.greeting",
        "只写 zh 和 en", "nothing else", id="a third language",
    ),
    pytest.param(
        '[frame]\ngreeting = "好"', "frame.greeting", "两种语言的文本", "both languages",
        id="a plain text",
    ),
    pytest.param(
        '[frame]\nreference = { zh = "编号。", en = "Reference." }', "frame.reference.zh",
        "空位必须与原文相同（ref）", "blanks must be those of our text (ref)", id="a blank is missing",
    ),
    pytest.param(
        '[frame]\ngreeting = { zh = "{name}，您好", en = "Hello {name}." }', "frame.greeting.zh",
        "（无）", "(none)", id="a blank that is not there",
    ),
    pytest.param(
        '[frame]\nreference = { zh = "{ref}。", en = "{reference}." }', "frame.reference.en",
        "（ref）", "(ref)", id="another blank in one language",
    ),
    pytest.param(
        '[frame]\nreference = { zh = "{ref:>40}。", en = "{ref}." }', "frame.reference.zh",
        "（ref）", "(ref)", id="a blank with a form",
    ),
    pytest.param(
        '[frame]\nreference = { zh = "{ref.__class__}", en = "{ref}." }', "frame.reference.zh",
        "（ref）", "(ref)", id="more than a blank",
    ),
    pytest.param(
        '[frame]\nreference = { zh = "{ref", en = "{ref}." }', "frame.reference.zh",
        "（ref）", "(ref)", id="a brace that is not closed",
    ),
    pytest.param(
        '[frame.certainty]\nmedium = { zh = "", en = "" }', "frame.certainty.medium",
        "不能为空", "must not be empty", id="a doubt that is not said",
    ),
    pytest.param(
        '[frame]\ngreeting = { zh = "", en = "Hi." }', "frame.greeting", "不能为空",
        "must not be empty", id="empty in one language",
    ),
    pytest.param(
        f'[frame]\ngreeting = {BOTH.format(zh="好" * 21, en="Hi.")}', "frame.greeting.zh",
        "最多 20 字", "at most 20 characters", id="too long",
    ),
    pytest.param(
        '[frame]\ngreeting = { zh = "您\\n好", en = "Hi." }', "frame.greeting.zh", "一行",
        "one line", id="two lines",
    ),
    pytest.param("[frame\n", "line 1", "TOML 语法错误", "TOML syntax", id="no TOML"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "key", "zh", "en"), REFUSED)
def test_a_wrong_phrase_is_named_with_its_remedy(
    content: str, key: str, zh: str, en: str, tmp_path: Path
) -> None:
    with pytest.raises(BadSetting) as caught:
        read_phrases(written(tmp_path, content))

    said = caught.value.text
    assert zh in said.say("zh") and en in said.say("en")
    assert key in said.say("en")
    assert re.search(r"phrases\.toml 第 \d+ 行", said.say("zh"))


OPEN = re.compile(
    r"frame\.(?!safety|claims|zone_names)(?!.*requires)|replies\..*\.(reply|short|resend|aside|mass)$"
)
"""What may be replaced."""


def test_our_own_texts_would_be_taken(tmp_path: Path) -> None:
    """None of what we say ourselves is too long or otherwise wrong."""
    wrong = []
    for key in [key for key, ours in keys() if OPEN.match(key) and ours.zh]:
        nested: Any = text(key).as_dict({name: f"{{{name}}}" for name in blanks(text(key).zh)})
        for part in reversed(key.split(".")):
            nested = {part: nested}
        found = read_phrases(written(tmp_path, json.dumps(nested), "phrases.json"))
        if found.replaced != {key: text(key)}:
            wrong.append(key)
    assert wrong == []


# --- the service ----------------------------------------------------------------------------------


def test_the_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    client = create_app(Settings(phrases=path)).test_client()
    asked: dict[str, Any] = {"account": "lin-yue", "last": "24h", "format": "json"}

    def said() -> str:
        found = client.get("/v1/diagnoses", query_string=asked).get_json()["reply"]["zh"]
        assert isinstance(found, str)
        return found

    assert said().startswith("亲，您好，")
    written(tmp_path, GOOD.replace("亲，您好，", "您好呀，"))
    assert said().startswith("您好呀，")
    written(tmp_path, '[frame]\nsafety = { zh = "", en = "" }')
    assert said().startswith("您好呀，")  # the last good ones stay in force
    assert said().endswith(SAFETY.zh)


def test_a_wrong_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(BadSetting):
        create_app(Settings(phrases=written(tmp_path, "[frame]\nhello = 1\n")))
