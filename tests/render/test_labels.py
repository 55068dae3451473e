"""Every value that a verdict can take has its words, in both languages."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

import pytest

from diag.domain.vocabulary import (
    Actor,
    Advice,
    Confidence,
    Finality,
    Outcome,
    ResendSafe,
    Severity,
    Stage,
)
from diag.render import labels

HAN = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("said", "values"),
    [
        pytest.param(labels.OUTCOMES, Outcome, id="outcomes"),
        pytest.param(labels.STAGES, Stage, id="stages"),
        pytest.param(labels.SEVERITIES, Severity, id="severities"),
        pytest.param(labels.ACTORS, Actor, id="actors"),
        pytest.param(labels.ADVICE, Advice, id="advice"),
        pytest.param(labels.RESEND_SAFE, ResendSafe, id="resend_safe"),
        pytest.param(labels.FINALITIES, Finality, id="finalities"),
        pytest.param(labels.CONFIDENCES, Confidence, id="confidences"),
    ],
)
def test_every_value_has_its_words(said: dict[str, Any], values: type[StrEnum]) -> None:
    assert set(said) == set(values)
    assert all(HAN.search(text.zh) and not HAN.search(text.en) for text in said.values())
