"""Describes what changed between two diagnoses of a case, in both languages. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from diag import words
from diag.cases.record import VerdictSummary
from diag.domain.vocabulary import Advice, Outcome, ResendSafe
from diag.i18n import LANGUAGES, Text
from diag.render.formatting import brief, stamp, typeset
from diag.render.labels import AMOUNTS, OUTCOMES, STAGES

_UNFINISHED = (Outcome.IN_PROGRESS, Outcome.STUCK, Outcome.AT_RISK, Outcome.NOTHING_FOUND)
"""Outcomes for which a promised time that has passed is reported."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changed: the names of the changed parts, and a text; `after` holds the new reply."""

    what: tuple[str, ...]
    text: dict[str, str]
    before: VerdictSummary
    after: VerdictSummary

    def as_json(self) -> dict[str, Any]:
        return {
            "what": list(self.what),
            "text": self.text,
            "before": outline(self.before),
            "after": outline(self.after),
            "reply": dict(self.after.reply),
        }


def outline(verdict: VerdictSummary) -> dict[str, Any]:
    """The axes of a verdict (code, outcome, stage and so on), for documents."""
    return {
        "diagnosis": verdict.diagnosis,
        "time": stamp(verdict.time),
        "code": verdict.code,
        "title": dict(verdict.title),
        "outcome": verdict.outcome,
        "stage": verdict.stage,
        "actor": verdict.actor,
        "advice": verdict.advice,
        "resend_safe": verdict.resend_safe,
        "finality": verdict.finality,
    }


def compare(before: VerdictSummary, after: VerdictSummary, zone: str | None) -> Change | None:
    """What the later verdict says that the earlier one did not; None if nothing.

    A verdict that only says that the sources could not answer is not a change of the withdrawal.
    Neither is a verdict from a node that lags behind. before: the verdict that was reported last; its
    promised times are checked. zone: the user's time zone.
    """
    if undecided(after) or after.time < before.time:
        return None  # it is based on less data, or on an earlier block, than the last one
    found = list(_differences(before, after, zone))
    if not found:
        return None
    text = {
        lang: typeset(_joined(lang).join(said[lang] for _, said in found if said), lang)
        for lang in LANGUAGES
    }
    return Change(tuple(dict.fromkeys(name for name, _ in found)), text, before, after)


def undecided(verdict: VerdictSummary) -> bool:
    """Whether a verdict only says that the chain could not be read well enough."""
    return verdict.outcome == Outcome.UNDETERMINED and verdict.advice == Advice.RETRY_LATER


def _joined(lang: str) -> str:
    return "" if lang == "zh" else " "


_Said = tuple[str, dict[str, str] | None]
"""The name of what changed, and a sentence in both languages; None if another sentence covers it."""


def _differences(
    before: VerdictSummary, after: VerdictSummary, zone: str | None
) -> Iterator[_Said]:
    if before.code != after.code:
        titles = {"before": Text.literal(**before.title), "after": Text.literal(**after.title)}
        yield "code", words.text("cases.changed.code").as_dict(titles)
    if before.outcome != after.outcome:
        labels = {"before": OUTCOMES[before.outcome], "after": OUTCOMES[after.outcome]}
        same_code = before.code == after.code
        yield (
            "outcome",
            words.text("cases.changed.outcome").as_dict(labels) if same_code else None,
        )
    if before.stage != after.stage:
        labels = {"before": STAGES[before.stage], "after": STAGES[after.stage]}
        yield "stage", words.text("cases.changed.stage").as_dict(labels)
    yield from _amounts(before, after)
    safe = before.resend_safe, after.resend_safe
    if safe[0] != safe[1] and ResendSafe.YES in safe:
        yield "resend_safe", words.text(f"cases.resend.{after.resend_safe}").as_dict()
    yield from _passed(before, after, zone)


def _amounts(before: VerdictSummary, after: VerdictSummary) -> Iterator[_Said]:
    for name in dict.fromkeys((*before.amounts, *after.amounts)):
        old, new = before.amounts.get(name), after.amounts.get(name)
        label = AMOUNTS.get(name)
        if old == new or label is None:
            continue
        kind = "known" if old is None else "changed" if old and new else "gone"
        text = words.text(f"cases.changed.amount_{kind}")
        yield "amounts", text.as_dict({"name": label, "before": old, "after": new})


def _passed(before: VerdictSummary, after: VerdictSummary, zone: str | None) -> Iterator[_Said]:
    """The promised times of the earlier verdict that have passed since, each once."""
    if after.outcome not in _UNFINISHED:
        return
    promised: dict[datetime, tuple[str, Text]] = {}
    for name in ("normal_until", "expected_by", "escalate_after"):
        time = getattr(before, name)
        if time and before.time < time <= after.time:
            key = "deadline" if before.eta_basis == "protocol" else name
            promised[time] = name, words.text(f"cases.passed.{key}")
    for time, (name, text) in promised.items():
        at = {lang: brief(time, lang, zone, after.time) for lang in LANGUAGES}
        yield name, text.as_dict({"time": Text.literal(**at)})
