"""Questions are ready to paste: polite, short, the same in both languages, and safe."""

from __future__ import annotations

import re
from itertools import product

import pytest

from diag.intake.classify.complaint_kind import LABELS, Kind
from diag.intake.classify.urgency import REASONS, Reason
from diag.intake.extract.identifiers import REMARKS
from diag.intake.followup.questions import Need, ready_to_paste
from diag.words import texts

QUESTIONS = texts("questions")
GREETING, SAFE = QUESTIONS.pop("greeting"), QUESTIONS.pop("safe")

BLANKS = {"said": "昨天 15:30", "candidates": ["alice-7", "bob-8"]}
LATIN_BESIDE_HAN = re.compile(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]")


def test_every_need_has_a_question_and_every_word_its_label():
    assert set(QUESTIONS) == set(Need)
    assert set(LABELS) == set(Kind)
    assert set(REASONS) == set(Reason)


@pytest.mark.parametrize("need", Need)
def test_a_question_is_ready_to_paste(need):
    said = ready_to_paste([need], "21/11", BLANKS["candidates"])

    assert said.zh.startswith("您好，")
    assert said.en.startswith("Hello. ")
    assert said.zh.endswith(SAFE.zh)
    assert said.en.endswith(SAFE.en)
    assert len(said.zh) <= 200
    assert len(said.en.split()) <= 120
    assert re.search("您|请|麻烦", QUESTIONS[need].zh)
    assert not re.search("你|帐|[,;?!]", said.zh.replace(", ", ""))
    assert not LATIN_BESIDE_HAN.search(QUESTIONS[need].zh)
    assert QUESTIONS[need].placeholders["zh"] == QUESTIONS[need].placeholders["en"]


@pytest.mark.parametrize(
    "text",
    [*LABELS.values(), *REMARKS.values(), *(text for _, text in REASONS.values())],
    ids=lambda text: text.en[:30],
)
def test_words_for_agents_keep_the_typography(text):
    assert text.en.isascii()
    assert not LATIN_BESIDE_HAN.search(text.zh)
    assert not re.search("帐|你", text.zh)


def test_braces_in_a_text_that_is_quoted_stay_braces():
    said = ready_to_paste([Need.ZONE], "{account} {0}", ())
    assert all("{account} {0}" in said.say(lang) for lang in ("zh", "en"))


def test_who_and_when_are_asked_for_together():
    first, second = (QUESTIONS[need] for need in (Need.ACCOUNT, Need.TIME))
    said = ready_to_paste([Need.ACCOUNT, Need.TIME])
    for lang, part in product(("zh", "en"), (first, second)):
        assert part.say(lang) in said.say(lang)
