"""The answers in the README are those that the product gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from diag.api.app import create_app
from diag.config.settings import Settings

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
QUESTION = {"account": "zhao-ming", "last": "12h", "tz": "Asia/Shanghai", "format": "text"}


def bare(text):
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize(("lang", "place"), [("en", 0), ("zh", 1)])
def test_the_answers_shown_are_those_given(lang, place):
    block = re.findall(r"```text\n(.*?)```", README, re.DOTALL)[place]
    given = (
        create_app(Settings())
        .test_client()
        .get("/v1/diagnoses", query_string={**QUESTION, "lang": lang})
    )
    shown = [bare(piece) for piece in block.split("…") if bare(piece)]

    assert shown and [piece for piece in shown if piece not in bare(given.text)] == []
