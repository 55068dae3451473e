"""The catalogue of checks: as data for the API, as the page docs/checks.md, as codes of the contract."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from diag.checks import CHECKS, Check
from diag.diagnosis.precedence import GROUP_BY_OUTCOME, precedence
from diag.diagnosis.resend_proof import CONDITIONS
from diag.domain.finding import Rule
from diag.i18n import Text

WIDTH = 116
"""The longest line of the page, in characters."""


def entries(checks: Sequence[Check]) -> list[dict[str, Any]]:
    """Return every rule of every check as data for JSON, in order."""
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
    """Return the page docs/checks.md: what every check looks for, every code, and which of them
    leads.
    """
    parts = [
        "# The checks\n",
        "Written by `make docs` from the checks and `diag/words/`; change those, not this page.\n",
        "## Which finding leads\n",
        "Where several codes apply to one withdrawal, the first of this list leads: its groups, and in",
        "each the codes in their order.\n",
        *(
            _wrapped(f"- {group}: {' '.join(f'`{code}`' for code in codes)}", indent="  ")
            for group, codes in precedence(rule for check in CHECKS for rule in check.RULES)
        ),
        "",
        _wrapped(
            "A rule names its group and its rank in it. One that names no group, as those of other "
            "packages may, stands at the end of the group that its outcome calls for: "
            + ", ".join(f"`{outcome}` {group}" for outcome, group in GROUP_BY_OUTCOME.items())
            + "."
        )
        + "\n",
    ]
    parts += _resend_table()
    for check in CHECKS:
        parts += _section(check)
    return "\n".join(parts).rstrip() + "\n"


def _resend_table() -> list[str]:
    return [
        "## When it is safe to send again\n",
        "A code may propose `resend_safe: yes`. The verdict says yes only if every condition of this",
        "list is proven; `resend_unmet` names those that are not, and the reply says the first.\n",
        *(_wrapped(f"- `{c.key}`: {c.requires.en}", indent="  ") for c in CONDITIONS),
        "",
    ]


def _section(check: Check) -> list[str]:
    docstring = inspect.cleandoc(inspect.getdoc(check) or "")
    parts = [f"## {_family(check)}\n", docstring, ""]
    for rule in check.RULES:
        parts += [
            f"#### `{rule.code}` {rule.title.zh} · {rule.title.en}\n",
            _wrapped(_axes(rule)) + "\n",
            *_quoted(rule),
            _wrapped(f"Agent: {rule.note.en}") + "\n",
            *([f"Next: {rule.next_step.en}.\n"] if rule.next_step else []),
        ]
        for variant in rule.variants:
            parts += [
                _wrapped(f"*{variant.title.zh} · {variant.title.en}:* {_axes(variant)}") + "\n",
                *_quoted(variant),
                _wrapped(f"Agent: {variant.note.en}") + "\n",
            ]
    return parts


def _quoted(rule: Rule) -> list[str]:
    """Return the reply in both languages as a Markdown quotation."""
    zh, en = (_wrapped(_with_aside(rule, lang), "> ") for lang in ("zh", "en"))
    return [zh, ">", en + "\n"]


def _wrapped(text: str, prefix: str = "", *, indent: str = "") -> str:
    """Wrap the text to lines of at most `WIDTH` characters, at spaces and after Chinese commas.

    Every line begins with the prefix, every line but the first also with the indent.
    """
    lines = [prefix]
    for piece in re.findall(r"[^ ，。；]+[ ，。；]*", text):
        if len(lines[-1]) + len(piece.rstrip()) > WIDTH:
            lines.append(prefix + indent)
        lines[-1] += piece
    return "\n".join(line.rstrip() for line in lines)


def _with_aside(rule: Rule, lang: str) -> str:
    """Return the reply with its optional sentences."""
    texts = [text for text in (rule.reply, rule.resend, rule.aside) if text]
    return ("" if lang == "zh" else " ").join(getattr(text, lang) for text in texts)


def _axes(rule: Rule) -> str:
    return (
        f"{rule.outcome} · {rule.stage} · {rule.severity} · acts: {rule.actor} · "
        f"advice: {rule.advice} · safe to resend: {rule.resend_safe} · "
        f"confidence at most {rule.confidence}"
    )


_CODES = re.compile(r"(^ {4}Code:\n(?: {6}.*\n)*? {6}enum:\n)(?: {8}.*\n)+", re.MULTILINE)
"""Matches the schema of the codes in the contract, up to the end of their enumeration."""


def with_codes(contract: str, checks: Sequence[Check] = CHECKS) -> str:
    """Return the OpenAPI document with the codes of these checks."""
    lines = []
    for check in checks:
        lines.append(f"        # {_family(check)}\n")
        lines += [f"        - {rule.code}\n" for rule in check.RULES]
    return _CODES.sub(lambda found: found[1] + "".join(lines), contract, count=1)


def _write(page_path: Path, contract_path: Path) -> None:
    page_path.write_text(page(), encoding="utf-8")
    contract = contract_path.read_text(encoding="utf-8")
    contract_path.write_text(with_codes(contract), encoding="utf-8")


if __name__ == "__main__":
    _write(*map(Path, sys.argv[1:]))
