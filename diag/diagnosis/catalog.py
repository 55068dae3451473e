"""The catalogue of checks: as data for the API, and as the page docs/checks.md."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from diag.checks import CHECKS, Check
from diag.diagnosis.precedence import GROUP_BY_OUTCOME, precedence
from diag.diagnosis.resend_proof import CONDITIONS
from diag.domain.finding import Rule
from diag.i18n import Text


def entries(checks: Sequence[Check]) -> list[dict[str, Any]]:
    """Every rule of every check, in order."""
    return [_entry(_family(check), rule) for check in checks for rule in check.RULES]


def _family(check: Check) -> str:
    return check.__name__.rpartition(".")[2]


def _entry(family: str, rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "title": _template(rule.title),
        "family": family,
        "outcome": rule.outcome,
        "stage": rule.stage,
        "severity": rule.severity,
        "actor": rule.actor,
        "advice": rule.advice,
        "resend_safe": rule.resend_safe,
        "confidence": rule.confidence,
        "ask_user_for": list(rule.ask),
        "reply": _template(rule.reply),
        "aside": _template(rule.aside) if rule.aside else None,
        "resend": _template(rule.resend) if rule.resend else None,
        "note": _template(rule.note),
        "standard": {"sep24": rule.sep24, "iso20022": rule.iso20022},
    }


def _template(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def page() -> str:
    """docs/checks.md: what every check looks for, every code, and which of them leads."""
    parts = [
        "# The checks\n",
        "Written by `make docs` from the checks and `diag/words/`; change those, not this page.\n",
        "## Which finding leads\n",
        "Where several codes apply to one withdrawal, the first of this table leads:\n",
        "| group | codes, in order |\n|---|---|",
        *(
            f"| {group} | {' '.join(f'`{code}`' for code in codes)} |"
            for group, codes in precedence(rule for check in CHECKS for rule in check.RULES)
        ),
        "",
        "A rule names its group and its rank in it. One that names no group, as those of other "
        "packages may, stands at the end of the group that its outcome calls for: "
        + ", ".join(f"`{outcome}` {group}" for outcome, group in GROUP_BY_OUTCOME.items())
        + ".\n",
    ]
    parts += _resend_table()
    for check in CHECKS:
        parts += _section(check)
    return "\n".join(parts).rstrip() + "\n"


def _resend_table() -> list[str]:
    return [
        "## When it is safe to send again\n",
        "A code may propose `resend_safe: yes`. The verdict says yes only if every condition of this",
        "table is proven; `resend_unmet` names those that are not, and the reply says the first.\n",
        "| condition | what must be proven |\n|---|---|",
        *(f"| `{c.key}` | {c.requires.en} |" for c in CONDITIONS),
        "",
    ]


def _section(check: Check) -> list[str]:
    docstring = inspect.cleandoc(inspect.getdoc(check) or "")
    parts = [f"## {_family(check)}\n", docstring, ""]
    for rule in check.RULES:
        parts += [
            f"#### `{rule.code}` {rule.title.zh} · {rule.title.en}\n",
            _axes(rule) + "\n",
            f"> {_with_aside(rule, 'zh')}\n>\n> {_with_aside(rule, 'en')}\n",
            f"Agent: {rule.note.en}\n",
            *([f"Next: {rule.next_step.en}.\n"] if rule.next_step else []),
        ]
        for variant in rule.variants:
            parts += [
                f"*{variant.title.zh} · {variant.title.en}:* {_axes(variant)}\n",
                f"> {_with_aside(variant, 'zh')}\n>\n> {_with_aside(variant, 'en')}\n",
                f"Agent: {variant.note.en}\n",
            ]
    return parts


def _with_aside(rule: Rule, lang: str) -> str:
    """The reply, and what is said where there is room."""
    texts = [text for text in (rule.reply, rule.resend, rule.aside) if text]
    return ("" if lang == "zh" else " ").join(getattr(text, lang) for text in texts)


def _axes(rule: Rule) -> str:
    return (
        f"{rule.outcome} · {rule.stage} · {rule.severity} · acts: {rule.actor} · "
        f"advice: {rule.advice} · safe to resend: {rule.resend_safe} · "
        f"confidence at most {rule.confidence}"
    )


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - this is the program that prints it
