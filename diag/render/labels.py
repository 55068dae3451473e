"""The labels of a verdict's values: where the funds are, who acts, what to do, how certain."""

from __future__ import annotations

from datetime import datetime

from diag.domain.verdict import Verdict
from diag.domain.vocabulary import ResendSafe
from diag.i18n import Text
from diag.render.formatting import duration, moment
from diag.words import text, texts

OUTCOMES = texts("labels.outcomes")
STAGES = texts("labels.stages")
SEVERITIES = texts("labels.severities")
ACTORS = texts("labels.who")
ADVICE = texts("labels.what")
RESEND_SAFE = texts("labels.resend_safe")
FINALITIES = texts("labels.finality")
CONFIDENCES = texts("labels.grades")
ETA_BASES = texts("labels.eta_bases")
AMOUNTS = texts("labels.amounts")
DOCUMENT = texts("labels.document")
"""The labels of the parts of a diagnosis in text and Markdown."""
_OBSERVED = texts("labels.observed")


def next_step(verdict: Verdict) -> Text:
    """Who acts and what to do, in agreement with the reply; advises sending again only with proof."""
    rule = verdict.rule
    if rule.resend_safe is ResendSafe.YES and verdict.resend_safe is not ResendSafe.YES:
        return text("labels.note.not_proven_next")
    return rule.next_step or ADVICE[verdict.advice]


def observed(value: str, lang: str) -> str:
    """What an evidence item observed; one of our own values, or a list of them, as labels."""
    parts = value.split(", ")
    if not all(part in _OBSERVED for part in parts):
        return value
    return ("、" if lang == "zh" else ", ").join(_OBSERVED[part].say(lang) for part in parts)


def certainty(verdict: Verdict, lang: str) -> str:
    """How certain the verdict is, and whether it may still change."""
    grade = CONFIDENCES[verdict.confidence].say(lang)
    finality = FINALITIES[verdict.finality].say(lang)
    return f"{grade}，{finality}" if lang == "zh" else f"{grade}, {finality.lower()}"


def due(verdict: Verdict, now: datetime, lang: str, zone: str | None) -> str | None:
    """By when the withdrawal should be done; after that time, by how much it is overdue."""
    eta = verdict.finding.eta
    if eta is None or eta.expected_by is None:
        return None
    if eta.expected_by <= now:
        late = duration(now - eta.expected_by, lang)
        return labelled(DOCUMENT["overdue"], late, lang)
    by = moment(eta.expected_by, lang, zone)
    if eta.basis is None:
        return labelled(DOCUMENT["by"], by, lang)
    return (
        labelled(DOCUMENT["by"], by, lang)
        + ("；" if lang == "zh" else "; ")
        + ETA_BASES[eta.basis].say(lang)
    )


def labelled(label: Text, words: str, lang: str) -> str:
    """A label and a text on one line."""
    return f"{label.say(lang)}：{words}" if lang == "zh" else f"{label.say(lang)}: {words}"


def joined(parts: list[str], lang: str) -> str:
    """Several statements in one line."""
    return ("；" if lang == "zh" else "; ").join(parts)
