"""What people and programs read: the words, the text for curl, the keys of the document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from recorded import diagnoses, stories

from diag.checks import CHECKS
from diag.diagnosis.engine import Diagnosis
from diag.domain.vocabulary import (
    Actor,
    Advice,
    Finality,
    Outcome,
    ResendSafe,
    Severity,
    Stage,
)
from diag.i18n import LANGUAGES, Text
from diag.render import FORMATS, formatting, json_document, labels, markdown, text
from diag.render.options import View
from diag.render.user_reply import reply

TRUTH = stories("")
HAN = "[\u4e00-\u9fff]"
ZONES = (None, "Asia/Shanghai")
SAFETY = {
    "zh": "我们绝不会索要您的私钥、密码或助记词。",
    "en": "We never ask for private keys, passwords or seed words.",
}


MACHINE_WORDS = {
    *(rule.code for check in CHECKS for rule in check.RULES),
    *(
        value
        for values in (Outcome, Stage, Actor, Advice, ResendSafe, Severity, Finality)
        for value in values
        if "_" in value
    ),
}


def machine_words(shown: str) -> set[str]:
    """Words with an underscore that stand in the contract; what a node said is quoted as it is."""
    ours = re.sub(r"Assert Exception: [^\n|]*", "", shown)
    return MACHINE_WORDS & set(re.findall(r"[a-z]+(?:_[a-z]+)+", ours))


def diagnosis_of(case: dict[str, Any], zone: str | None) -> Diagnosis:
    """A recorded case, concluded in the user's zone."""
    return diagnoses(zone)[case["id"]]


every_case = pytest.mark.parametrize("case", TRUTH, ids=lambda case: case["id"])
in_every_zone = pytest.mark.parametrize("zone", ZONES, ids=["UTC", "Shanghai"])
in_every_language = pytest.mark.parametrize("lang", LANGUAGES)


# --- text for curl -------------------------------------------------------------------------


@every_case
@in_every_zone
def test_text_has_fifteen_lines_at_most_and_says_what_matters(
    case: dict[str, Any], zone: str | None
) -> None:
    for lang in LANGUAGES:
        says_what_matters(diagnosis_of(case, zone), lang)


@in_every_zone
@in_every_language
@pytest.mark.parametrize("render", [text.render, markdown.render], ids=["text", "Markdown"])
def test_the_times_of_the_evidence_are_in_the_zone_of_the_case(
    zone: str | None, lang: str, render: Any
) -> None:
    """Only what is meant for the gateway states its time in UTC as well."""
    lines = [
        line
        for case in TRUTH
        for line in render(diagnosis_of(case, zone), View(lang)).splitlines()
        if line.startswith("- ") and " = " not in line
    ]
    assert any(re.search(r"\d\d:\d\d(:\d\d)? UTC", line) for line in lines) == (zone is None)


def says_what_matters(diagnosis: Diagnosis, lang: str) -> None:
    shown = text.render(diagnosis, View(lang))
    lines = shown.splitlines()
    assert 4 <= len(lines) <= 15
    assert shown.endswith("\n")
    assert all(line.strip() for line in lines)
    verdict = diagnosis.verdict
    for said in (
        verdict.rule.title.say(lang),
        labels.STAGES[verdict.stage].say(lang),
        labels.next_step(verdict).say(lang),
        labels.RESEND_SAFE[verdict.resend_safe].say(lang),
        reply(diagnosis, lang),
        SAFETY[lang],
        diagnosis.reference,
        str(diagnosis.evidence.as_of.block),
    ):
        assert said in shown
    assert machine_words(shown) == set()
    assert not re.search(r"\{\w+\}|None|datetime|Text\(|<[A-Z]\w+", shown)
    if lang == "en":
        assert not re.search(HAN, shown)


@every_case
def test_text_gives_the_time_by_which_it_should_be_done(case: dict[str, Any]) -> None:
    diagnosis = diagnosis_of(case, "Asia/Shanghai")
    eta = diagnosis.verdict.finding.eta
    shown = text.render(diagnosis, View("en"))
    now = diagnosis.evidence.now
    late = eta and eta.expected_by and eta.expected_by <= now
    assert ("Expected by" in shown) == bool(eta and eta.expected_by and not late)
    assert ("Overdue by" in shown) == bool(late)
    if eta and eta.expected_by and not late:
        assert formatting.moment(eta.expected_by, "en", "Asia/Shanghai") in shown


def test_text_lists_every_withdrawal_where_there_are_several() -> None:
    case = next(case for case in TRUTH if case["id"] == "three-in-the-window")
    diagnosis = diagnosis_of(case, None)
    shown = text.render(diagnosis, View("en"))
    assert len(diagnosis.withdrawals) == 3
    for withdrawal, verdict in diagnosis.withdrawals:
        assert f"{withdrawal.id} {verdict.rule.title.en}" in shown


@every_case
def test_no_format_for_people_holds_a_word_of_machines(case: dict[str, Any]) -> None:
    """Codes, values of the contract and the internal id are for programs."""
    diagnosis = diagnosis_of(case, "Asia/Shanghai")
    for render, lang in product((text.render, markdown.render), LANGUAGES):
        shown = render(diagnosis, View(lang))
        assert machine_words(shown) == set()
        assert diagnosis.id not in shown


# --- words for times and durations ---------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "0 秒", "0 s"),
        (1, "1 秒", "1 s"),
        (59, "59 秒", "59 s"),
        (60, "1 分钟", "1 min"),
        (61, "1 分钟", "1 min"),
        (41 * 60 + 59, "41 分钟", "41 min"),
        (3600, "1 小时", "1 h"),
        (3659, "1 小时", "1 h"),
        (2 * 3600 + 300, "2 小时 5 分钟", "2 h 5 min"),
        (86400, "1 天", "1 d"),
        (86400 + 59, "1 天", "1 d"),
        (86400 + 120, "1 天 2 分钟", "1 d 2 min"),
        (3 * 86400 + 4 * 3600 + 5 * 60, "3 天 4 小时", "3 d 4 h"),
        (400 * 86400, "400 天", "400 d"),
        (-5, "0 秒", "0 s"),
    ],
)
def test_durations_are_said_in_two_units_at_most(seconds: int, zh: str, en: str) -> None:
    length = timedelta(seconds=seconds)
    assert (formatting.duration(length, "zh"), formatting.duration(length, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("at", "zone", "clock"),
    [
        pytest.param("2026-11-22T12:00:12", None, "2026-11-22 12:00:12", id="UTC"),
        pytest.param("2026-11-22T12:00:12", "Asia/Shanghai", "2026-11-22 20:00:12", id="China"),
        pytest.param(
            "2026-12-31T20:00:00", "Asia/Shanghai", "2027-01-01 04:00:00", id="new year"
        ),
        pytest.param(
            "2026-07-01T12:00:00", "America/New_York", "2026-07-01 08:00:00", id="summer"
        ),
        pytest.param(
            "2026-12-01T12:00:00", "America/New_York", "2026-12-01 07:00:00", id="winter"
        ),
    ],
)
@in_every_language
def test_moments_are_said_in_the_zone_of_the_user(
    at: str, zone: str | None, clock: str, lang: str
) -> None:
    said = formatting.moment(datetime.fromisoformat(at).replace(tzinfo=UTC), lang, zone)
    assert said.startswith(clock)
    place = {
        None: ("UTC", "UTC"),
        "Asia/Shanghai": ("北京时间", "Beijing time"),
        "America/New_York": ("纽约时间", "New York time"),
    }[zone]
    assert said.removeprefix(clock) == {"zh": f"（{place[0]}）", "en": f" ({place[1]})"}[lang]


@in_every_language
def test_every_kind_of_fact_has_words(lang: str) -> None:
    facts = {
        "at": datetime(2026, 11, 22, 12, tzinfo=UTC),
        "took": timedelta(minutes=5),
        "how": Text(zh="销毁", en="a burn"),
        "count": 3,
        "name": "north-wallet",
    }
    said = formatting.spoken(facts, lang, None)
    assert said == {
        "at": {"zh": "2026-11-22 12:00:00（UTC）", "en": "2026-11-22 12:00:00 (UTC)"}[lang],
        "took": {"zh": "5 分钟", "en": "5 min"}[lang],
        "how": {"zh": "销毁", "en": "a burn"}[lang],
        "count": 3,
        "name": "north-wallet",
    }


# --- the document --------------------------------------------------------------------------

TOP = [
    "schema",
    "id",
    "case",
    "as_of",
    "coverage",
    "verdict",
    "withdrawals",
    "candidates",
    "findings",
    "reply",
    "note",
    "notices",
    "ruleset",
]
VERDICT = [
    "code",
    "title",
    "outcome",
    "stage",
    "severity",
    "actor",
    "advice",
    "resend_safe",
    "resend_unmet",
    "finality",
    "confidence",
    "basis",
    "eta",
    "evidence",
    "ruled_out",
    "not_checked",
    "ask_user_for",
    "amounts",
    "timeline",
    "standard",
]
MOVEMENT = [
    "operation",
    "transaction",
    "block",
    "time",
    "from",
    "to",
    "gateway",
    "amount",
    "asset",
]


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from objects(part)
    elif isinstance(value, list):
        for part in value:
            yield from objects(part)


def no_floats(text: str) -> float:
    raise AssertionError(f"a float in the document: {text}")


@every_case
@in_every_zone
def test_the_document_has_its_keys_in_their_order(
    case: dict[str, Any], zone: str | None
) -> None:
    text = json_document.dumps(diagnosis_of(case, zone), View("zh"))
    body = json.loads(text, parse_float=no_floats, parse_constant=no_floats)
    assert list(body) == TOP
    assert list(body["as_of"])[:3] == ["block", "time", "irreversible_block"]
    assert list(body["coverage"]) == ["complete", "proof", "gaps"]
    for verdict in [body["verdict"], *(w["verdict"] for w in body["withdrawals"])]:
        assert list(verdict) == VERDICT
    for withdrawal in body["withdrawals"]:
        assert list(withdrawal) == [*MOVEMENT, "answers", "verdict"]
    for candidate in body["candidates"]:
        assert list(candidate) == ["kind", "account", *MOVEMENT]
    for texts in (body["reply"], body["note"]):
        assert list(texts) == ["zh", "en"]


@every_case
def test_every_time_of_the_document_is_utc_in_whole_seconds(case: dict[str, Any]) -> None:
    body = json_document.document(diagnosis_of(case, "Asia/Shanghai"), View("zh"))
    names = ("time", "from", "to", "head_time", "normal_until", "expected_by", "escalate_after")
    times = [
        part[name]
        for part in objects(body)
        for name in names
        if isinstance(part.get(name), str) and (name not in ("from", "to") or "tz" in part)
    ]
    assert times
    for at in times:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", at)


@every_case
def test_the_leading_verdict_is_that_of_one_withdrawal_or_of_the_case(
    case: dict[str, Any],
) -> None:
    body = json_document.document(diagnosis_of(case, None), View("zh"))
    verdicts = [w["verdict"] for w in body["withdrawals"]]
    if verdicts:
        assert body["verdict"]["code"] in {v["code"] for v in verdicts}
    assert body["verdict"]["code"] in {found["code"] for found in body["findings"]}


@every_case
def test_evidence_can_be_looked_up(case: dict[str, Any]) -> None:
    """An operation is never shown without its block and its time."""
    body = json_document.document(diagnosis_of(case, None), View("zh"))
    for shown in body["verdict"]["evidence"]:
        if shown["operation"] and shown["operation"].startswith("1.11."):
            assert shown["block"] and shown["time"] and shown["source"]


@every_case
def test_the_same_diagnosis_is_the_same_bytes_in_every_format(case: dict[str, Any]) -> None:
    diagnosis = diagnosis_of(case, None)
    for _, render in FORMATS.values():
        for lang in LANGUAGES:
            assert render(diagnosis, View(lang)) == render(diagnosis, View(lang))


def test_the_recorded_cases_reach_most_of_the_codes() -> None:
    """The tables above are worth something only while they show many verdicts."""
    shown = {diagnosis_of(case, None).verdict.code for case in TRUTH}
    codes = {rule.code for check in CHECKS for rule in check.RULES}
    assert len(shown & codes) >= 30
