"""The shortest form of a reply: what happened, where the money is, what to do. No names, no amounts."""

from __future__ import annotations

from diag.domain.verdict import Verdict
from diag.domain.vocabulary import ResendSafe
from diag.words import text, texts

WHERE = texts("labels.short_form.where")
"""By stage."""
TO_DO = texts("labels.short_form.todo")
"""By advice."""


def say(verdict: Verdict, lang: str) -> str:
    """Two or three sentences about the verdict, whatever its facts."""
    withdrawal_id = verdict.finding.withdrawal_id
    subject = "with_operation" if withdrawal_id else "without_operation"
    facts = {
        "id": withdrawal_id,
        "title": verdict.rule.title,
        "where": WHERE[verdict.stage],
        "todo": TO_DO[verdict.advice],
    }
    parts = [text(f"labels.short_form.{subject}").say(lang, facts)]
    if verdict.resend_safe is not ResendSafe.YES:
        parts.append(text("labels.short_form.do_not_resend").say(lang))
    return ("" if lang == "zh" else " ").join(parts)
