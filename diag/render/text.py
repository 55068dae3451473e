"""Renders a diagnosis as at most fifteen lines of text."""

from __future__ import annotations

from diag.diagnosis.engine import Diagnosis
from diag.domain.finding import EvidenceItem
from diag.render import formatting, labels, notices
from diag.render.agent_note import LABELS, note
from diag.render.chain_location import coordinates
from diag.render.labels import DOCUMENT, labelled
from diag.render.options import View
from diag.render.user_reply import reply

MOST_EVIDENCE = 4
MOST_WITHDRAWALS = 20


def render(diagnosis: Diagnosis, view: View) -> str:
    """Verdict, place of the funds, next step, evidence, note and reply, one subject per line."""
    lang = view.lang
    return "\n".join(map(formatting.one_line, _lines(diagnosis, lang))) + "\n"


def _lines(diagnosis: Diagnosis, lang: str) -> list[str]:
    verdict, evidence = diagnosis.verdict, diagnosis.evidence
    rule, zone = verdict.rule, evidence.case.zone
    sure = [labels.SEVERITIES[rule.severity].say(lang), labels.certainty(verdict, lang)]
    lines = [
        labelled(
            DOCUMENT["verdict"],
            formatting.with_brackets(
                rule.title.say(lang), formatting.with_commas(sure, lang), lang
            ),
            lang,
        ),
        labelled(DOCUMENT["where"], labels.STAGES[verdict.stage].say(lang), lang),
        labelled(DOCUMENT["next_step"], labels.next_step(verdict).say(lang), lang),
        labelled(DOCUMENT["resend"], labels.RESEND_SAFE[verdict.resend_safe].say(lang), lang),
    ]
    if due := labels.due(verdict, evidence.now, lang, zone):
        lines.append(due)
    lines += [
        _line(shown, lang, zone) for shown in verdict.finding.evidence_items[:MOST_EVIDENCE]
    ]
    if len(diagnosis.withdrawals) > 1:
        others = [f"{w.id} {v.rule.title.say(lang)}" for w, v in diagnosis.withdrawals]
        shown = formatting.listed(others, lang, MOST_WITHDRAWALS)
        lines.append(labelled(DOCUMENT["withdrawals"], shown, lang))
    if diagnosis.notices:
        told = [notices.line(notice, lang, zone) for notice in diagnosis.notices]
        lines.append(labelled(DOCUMENT["notices"], " | ".join(told), lang))
    noted = " | ".join(note(diagnosis, lang, whole=False).splitlines())
    head = [str(evidence.as_of.block), formatting.moment(evidence.now, lang, zone)]
    as_of = formatting.with_commas(head, lang)
    lines += [
        labelled(DOCUMENT["note"], noted, lang),
        labelled(DOCUMENT["reply"], reply(diagnosis, lang), lang),
        labelled(DOCUMENT["as_of"], as_of, lang),
        labelled(DOCUMENT["reference"], diagnosis.reference, lang),
    ]
    return lines


def _line(item: EvidenceItem, lang: str, zone: str | None) -> str:
    parts = [formatting.in_zone(item.claim.say(lang), lang, zone)]
    if item.observed:
        parts.append(labels.observed(item.observed, lang))
    if item.expected:
        expected = labels.observed(item.expected, lang)
        told = LABELS["expected"].say(lang, {"value": expected})
        parts[-1] = formatting.with_brackets(parts[-1], told, lang)
    if place := coordinates(item):
        parts.append(f"[{place}]")
    if item.time and item.operation:
        parts.append(formatting.moment(item.time, lang, zone))
    return "- " + " ".join(parts)
