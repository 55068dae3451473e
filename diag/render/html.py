"""A diagnosis as a page: complete for ?format=html, and inside the panel with its form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from diag.diagnosis.engine import Diagnosis
from diag.i18n import LANGUAGES, Text
from diag.render import agent_note, html_labels, labels, markdown, money_path, notices
from diag.render.json_document import document
from diag.render.options import View

TAGS = {"zh": "zh-CN", "en": "en"}
"""Language → its tag in HTML."""
MARKS = {"info": "✓", "notice": "i", "warning": "!", "critical": "!!"}
"""A sign beside the word of a severity, so that colour never stands alone."""


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the form: values as they were given, and what is wrong with them."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, Text] = field(default_factory=dict)
    failure: Text | None = None
    """Why nothing could be asked, or what else must be known of the errors."""


def render(diagnosis: Diagnosis, view: View) -> str:
    """The page of ?format=html."""
    return _page("diagnosis.html", view, root="../", **_result(diagnosis, view))


def panel(form: Form, view: View, deadline: float, diagnosis: Diagnosis | None = None) -> str:
    """The panel: the form, and under it the result where there is one."""
    shown = _result(diagnosis, view) if diagnosis else {}
    return _page("panel.html", view, root="", form=form, deadline=f"{deadline:g}", **shown)


def local_input(at: datetime) -> str:
    """A time as a datetime-local field holds it; at is in the zone of the form."""
    return f"{at:%Y-%m-%dT%H:%M:%S}"


def _page(template: str, view: View, **given: Any) -> str:
    lang = view.lang

    def say(text: Text | Mapping[str, str], **facts: object) -> str:
        return text.say(lang, facts) if isinstance(text, Text) else text[lang]

    def word(name: str, **facts: object) -> str:
        return html_labels.WORDS[name].say(lang, facts)

    def label(table: str, value: str) -> str:
        """The words of a value; one that has none stands for itself."""
        found = _TABLES[table].get(value)
        return found.say(lang) if found else value

    script = {name: text.say(lang, _KEPT) for name, text in html_labels.SCRIPT.items()}
    return (
        _environment()
        .get_template(template)
        .render(
            {
                "form": None,
                "d": None,
                "script": script,
                "lang": lang,
                "tag": TAGS[lang],
                "tags": TAGS,
            }
            | {"other": next(other for other in LANGUAGES if other != lang)}
            | {"say": say, "t": word, "label": label, "words": html_labels, "marks": MARKS}
            | given
        )
    )


_KEPT = {"seconds": "{seconds}", "zone": "{zone}"}
_TABLES: Mapping[str, Mapping[str, Text]] = {
    "outcome": labels.OUTCOMES,
    "stage": labels.STAGES,
    "severity": labels.SEVERITIES,
    "actor": labels.ACTORS,
    "advice": labels.ADVICE,
    "finality": labels.FINALITIES,
    "confidence": labels.CONFIDENCES,
    "eta_basis": labels.ETA_BASES,
    "wanted": agent_note.WANTED,
    "basis": html_labels.BASES,
    "kind": html_labels.KINDS,
    "answer": html_labels.ANSWERS,
    "amount": html_labels.AMOUNTS,
    "field": html_labels.FIELDS,
    "code": agent_note.TITLES,
    "notice": {str(kind): text for kind, text in notices.KINDS.items()},
    "station": money_path.TITLES,
    "state": money_path.STATES,
}


def _result(diagnosis: Diagnosis, view: View) -> dict[str, Any]:
    """What the templates show of a diagnosis: the document, and what is read from it."""
    shown = document(diagnosis, view)
    zone = diagnosis.evidence.case.zone

    def moment(at: str | None) -> str:
        """A time of the document in the zone of the case, which is named once."""
        if not at:
            return ""
        local = datetime.fromisoformat(at).astimezone(ZoneInfo(zone) if zone else UTC)
        return f"{local:%Y-%m-%d %H:%M:%S}"

    return {
        "d": shown,
        "asked": case_as_form(shown["case"]),
        "moment": moment,
        "zone": zone or "UTC",
        "stations": money_path.stations(shown),
        "reference": diagnosis.reference,
        "raw": json.dumps(shown, ensure_ascii=False, indent=1),
        "report": markdown.render(diagnosis, view),
        "picked": _picked,
    }


def case_as_form(case: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a question that asks the same again."""
    return {name: case[name] for name in html_labels.FIELDS if case.get(name) is not None}


def _picked(case: Mapping[str, str], candidate: Mapping[str, Any]) -> dict[str, str]:
    """The question that means this candidate: its account, or its operation and its time."""
    if candidate.get("kind") == "near_name":
        return {**case, "account": candidate["account"]}
    narrowing = _NARROWING if "kind" in candidate else ()
    return {
        **{name: value for name, value in case.items() if name not in narrowing},
        "from": min(case["from"], candidate["time"]),
        "to": max(case["to"], candidate["time"]),
        "operation": candidate["operation"],
    }


_NARROWING = ("asset", "amount", "destination", "transaction")
"""Claims that single out a withdrawal: whoever picks another one takes them back."""


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("diag.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
