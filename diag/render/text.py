"""A diagnosis as at most fifteen lines of text, for curl during an incident."""

from __future__ import annotations

from diag.diagnosis.engine import Diagnosis
from diag.domain.finding import NO_ETA, EvidenceItem
from diag.i18n import Text
from diag.render import formatting, labels, notices
from diag.render.agent_note import note
from diag.render.chain_location import coordinates
from diag.render.options import View
from diag.render.user_reply import reply

MOST_EVIDENCE = 4


def render(diagnosis: Diagnosis, view: View) -> str:
    lang = view.lang
    verdict, evidence = diagnosis.verdict, diagnosis.evidence
    rule = verdict.rule
    zone = evidence.case.zone
    label = _labels(lang)
    eta = verdict.finding.eta or NO_ETA
    grade = f"{label['confidence']} {verdict.confidence}, {verdict.finality}"
    lines = [
        f"{label['verdict']}: {rule.title.say(lang)} [{rule.code}] ({rule.outcome}, {rule.severity}; {grade})",
        f"{label['where']}: {labels.STAGES[verdict.stage].say(lang)}",
        f"{label['next']}: {rule.actor} / {verdict.advice} / {label['resend']} {verdict.resend_safe}",
    ]
    if eta.expected_by:
        lines.append(
            f"{label['by']}: {formatting.moment(eta.expected_by, lang, zone)} ({eta.basis})"
        )
    lines += [
        _line(shown, lang, zone) for shown in verdict.finding.evidence_items[:MOST_EVIDENCE]
    ]
    if len(diagnosis.withdrawals) > 1:
        others = ", ".join(f"{w.id} {v.code}" for w, v in diagnosis.withdrawals)
        lines.append(f"{label['all']}: {others}")
    if diagnosis.notices:
        told = [notices.line(notice, lang, zone) for notice in diagnosis.notices]
        lines.append(f"{label['notices']}: " + " | ".join(told))
    lines.append(
        f"{label['note']}: " + " | ".join(note(diagnosis, lang, whole=False).splitlines())
    )
    lines.append(f"{label['reply']}: {reply(diagnosis, lang)}")
    lines.append(
        f"{label['as_of']}: {evidence.as_of.block} {formatting.moment(evidence.now, lang)}, "
        f"id {diagnosis.id}"
    )
    return "\n".join(map(formatting.one_line, lines)) + "\n"


def _line(shown: EvidenceItem, lang: str, zone: str | None) -> str:
    parts = [shown.claim.say(lang)]
    if shown.observed:
        parts.append(shown.observed)
    if shown.expected:
        parts.append(f"(!= {shown.expected})")
    if place := coordinates(shown):
        parts.append(f"[{place}]")
    if shown.time and shown.operation:
        parts.append(formatting.moment(shown.time, lang, zone))
    return "- " + " ".join(parts)


def _labels(lang: str) -> dict[str, str]:
    return {name: text.say(lang) for name, text in _LABELS.items()}


_LABELS = {
    "verdict": Text(zh="结论", en="verdict"),
    "confidence": Text(zh="把握", en="confidence"),
    "where": Text(zh="资金位置", en="money is"),
    "next": Text(zh="下一步", en="next"),
    "resend": Text(zh="可否重发", en="safe to resend:"),
    "by": Text(zh="预计不晚于", en="expected by"),
    "all": Text(zh="全部提币", en="all withdrawals"),
    "notices": Text(zh="公告", en="notices"),
    "note": Text(zh="客服备注", en="agent's note"),
    "reply": Text(zh="给用户的回复", en="reply to the user"),
    "as_of": Text(zh="依据区块", en="as of block"),
}
