"""The words of messages: both languages say the same, and every form holds all of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from messages import BODY, outgoing

from diag.cases.record import TOLD
from diag.channels import forms
from diag.channels.texts import compose
from diag.i18n import LANGUAGES
from diag.words import texts

TYPES = (
    *(f"case.{kind}" for kind in TOLD),
    "case.opened",
    "case.checked",
    "hook.incomplete",
    "channel.test",
)
BODIES: dict[str, dict[str, Any]] = {
    "case.watch_ended": {
        "text": BODY["text"],
        "verdict": BODY["after"],
        "reply": BODY["reply"],
    },
    "case.opened": {
        "verdict": BODY["after"],
        "note": {"zh": "依据：甲\n联系：乙", "en": "Evidence: a\nContact: b"},
        "reply": BODY["reply"],
        "exposed": ["wif"],
    },
    "hook.incomplete": {"ask": {"zh": "请问账户名？", "en": "Which account?"}, "exposed": []},
    "channel.test": {"name": "ops"},
}


def test_every_type_of_message_has_a_first_line() -> None:
    assert set(texts("channels.subject")) == {kind.replace(".", "_") for kind in TYPES}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_type_is_told_in_every_form(kind: str, lang: str) -> None:
    message = outgoing(kind=kind, lang=lang, body=BODIES.get(kind, BODY))
    letter = compose(message, None)
    for form in (forms.markdown, forms.html, forms.plain):
        text = form(letter)
        assert message.marker in text
        assert "{" not in text and "None" not in text
        for _, lines in letter.sections:
            assert all(line.split("：")[-1].split(": ")[-1] in text for line in lines)
    assert bool(re.search("[一-鿿]", letter.title)) is (lang == "zh")


def test_a_secret_that_a_user_has_posted_is_the_first_thing_said() -> None:
    letter = compose(outgoing(kind="case.opened", lang="en", body=BODIES["case.opened"]), None)
    assert letter.paragraphs[0].startswith("The user has posted a private key")
