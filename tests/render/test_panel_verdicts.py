"""What the panel says of each verdict: its colour, whether to send again, the next step, no codes."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from recorded import CASES, diagnoses

from diag.checks import CHECKS
from diag.diagnosis.engine import Diagnosis
from diag.domain.vocabulary import Actor, Outcome, Severity
from diag.i18n import LANGUAGES
from diag.render import html_result
from diag.render.html_words import WORDS
from diag.render.labels import next_step
from diag.render.options import View

ZONE = "Asia/Shanghai"
NAMES = sorted(CASES)


@cache
def shown(name: str, lang: str) -> dict[str, Any]:
    return html_result.result(found(name), View(lang))


def found(name: str) -> Diagnosis:
    return diagnoses(ZONE)[name]


@pytest.mark.parametrize("name", NAMES)
def test_red_stands_only_for_danger(name: str) -> None:
    """Alarm only where somebody may be harmed, or where the gateway has gone."""
    rule = found(name).verdict.rule
    dangerous = rule.severity is Severity.CRITICAL or rule.outcome is Outcome.AT_RISK
    assert (shown(name, "en")["lead"].tone == "danger") is dangerous


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_an_alarm_where_nothing_is_wrong(name: str) -> None:
    rule = found(name).verdict.rule
    if rule.outcome in (Outcome.DELIVERED, Outcome.RETURNED):
        assert shown(name, "en")["lead"].tone == "done"
        assert shown(name, "en")["lead"].resend["look"] != "hurts"


@pytest.mark.parametrize("name", NAMES)
def test_a_red_sign_stands_only_where_sending_again_would_hurt(name: str) -> None:
    verdict = found(name).verdict
    look = shown(name, "en")["lead"].resend["look"]
    left = verdict.rule.outcome in (Outcome.IN_PROGRESS, Outcome.STUCK, Outcome.AT_RISK)
    unclear = verdict.rule.outcome in (Outcome.NOTHING_FOUND, Outcome.UNDETERMINED)
    assert (look == "hurts") is (left or (unclear and verdict.resend_safe == "no"))
    assert (look == "fine") is (verdict.resend_safe == "yes")


@pytest.mark.parametrize("name", NAMES)
def test_the_next_step_asks_for_what_the_reply_asks_for(name: str) -> None:
    """Nobody acts on what is done; whoever waits is not sent to the gateway at the same time."""
    one, verdict = shown(name, "en"), found(name).verdict
    who, words = one["steps"][0]["who"], " ".join(s.get("words", "") for s in one["steps"][1:])
    if verdict.code == "gateway_settled":
        assert who == "The user checks the receiving side"
        assert "receiving address" in words
    if verdict.code == "gateway_stalled":
        assert "The user waits for the gateway to resume" in words
        assert "when it goes on" in words
        assert "Please wait" in one["d"]["reply"]["en"]
    if verdict.rule.actor is Actor.SECURITY:
        assert "security" in who and "security" in words.lower()


@pytest.mark.parametrize("name", NAMES)
def test_no_time_that_is_past_is_promised(name: str) -> None:
    diagnosis = found(name)
    eta = diagnosis.verdict.finding.eta
    for lang in LANGUAGES:
        said = " ".join(s.get("words", "") for s in shown(name, lang)["steps"][1:])
        expected = WORDS["next"]["expected_by"].say(lang, {"time": "", "left": ""})[:4]
        if eta is None or eta.expected_by is None or eta.expected_by <= diagnosis.evidence.now:
            assert expected not in said


def test_how_long_it_is_overdue_stands_first() -> None:
    overdue = [n for n in NAMES if found(n).verdict.code == "gateway_overdue"]
    stalled = [n for n in NAMES if found(n).verdict.code == "gateway_stalled"]
    heads = [
        shown(name, lang)["lead"].headline for name in overdue + stalled for lang in LANGUAGES
    ]
    assert overdue and stalled
    assert [h for h in heads if not re.match(r"\d|在 \w+ 已超时 \d", h)] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_code_stands_in_what_people_read(name: str) -> None:
    assert [word for lang in LANGUAGES for word in machine_words(shown(name, lang))] == []


def machine_words(one: dict[str, Any]) -> set[str]:
    said = [one["lead"].headline, one["lead"].badge, one["lead"].resend["words"]]
    said += one["head"]["lines"]
    said += [step.get("words", "") for step in one["steps"][1:]] + [one["steps"][0]["who"]]
    said += [f"{stop['name']} {stop['meta']}" for stop in one["stops"]]
    said += [e["claim"] for e in one["evidence"]]
    said += [e["observed"] or "" for e in one["evidence"] if not e["operation"]]
    return set(re.findall(r"[a-z]+(?:_[a-z]+)+", " ".join(said)))


def test_every_code_has_a_step_of_its_own() -> None:
    rules = [rule for check in CHECKS for rule in check.RULES]
    assert [rule.code for rule in rules if rule.next_step is None] == []


def test_what_is_not_proven_safe_is_never_a_step() -> None:
    verdict = found("nothing-sent-long-ago").verdict
    assert verdict.resend_safe == "no" and verdict.rule.next_step
    assert next_step(verdict) != verdict.rule.next_step
