"""Renders pages: a diagnosis for ?format=html, and the panel with its form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.filters import do_urlencode

from diag.diagnosis.engine import Diagnosis
from diag.i18n import LANGUAGES, Text
from diag.render import agent_note, html_form, html_labels, html_result, labels, notices
from diag.render.durations import duration
from diag.render.formatting import typeset
from diag.render.html_form import Form, Ticket, local_input
from diag.render.html_result import case_as_form
from diag.render.html_words import WORDS
from diag.render.options import View
from diag.render.zones import Clock, known

__all__ = ("Form", "Ticket", "case_as_form", "local_input", "page", "panel", "render", "stream")

TAGS = {"zh": "zh-CN", "en": "en"}
"""Language → its tag in HTML."""
SCRIPT_WORDS = {
    "copied": WORDS["reply"]["copied"],
    "not_copied": WORDS["reply"]["not_copied"],
    "still": WORDS["problem"]["still"],
    "failed": WORDS["problem"]["failed"],
    "failed_hint": WORDS["problem"]["failed_hint"],
    "keys_on": WORDS["question"]["keys_on"],
    "keys_off": WORDS["question"]["keys_off"],
    "progress": WORDS["tickets"]["progress"],
    "stopped": WORDS["tickets"]["stopped"],
    **WORDS["script"],
}
"""Texts that the script shows; it fills their blanks."""


def render(diagnosis: Diagnosis, view: View) -> str:
    """Renders a diagnosis as a page (?format=html)."""
    shown = html_result.result(diagnosis, view)
    return page("diagnosis.html", view, root="../", asked=shown.pop("asked"), **shown)


def panel(
    form: Form,
    view: View,
    deadline: float,
    now: datetime,
    diagnosis: Diagnosis | None = None,
    in_force: tuple[Any, ...] = (),
    number: int = 1,
    only: str | None = None,
    watch: Mapping[str, Any] | None = None,
    frames: Sequence[str] = (),
) -> str:
    """Renders the panel: the question, and the answer if there is one.

    now: the time of the newest block; in_force: notices that hold now; number and only: the page
    number, and the gateway filter, of a list of withdrawals; watch: if cases are kept, the case of
    the answer (`case`), or the channels that can be notified, and whether the answer is `settled`;
    frames: the origins of helpdesks that may show the panel in a frame.
    """
    shown: dict[str, Any] = {"asked": html_form.address(form.values)}
    if diagnosis:
        shown = html_result.result(diagnosis, view, page=number, only=only)
    question = html_form.view(form, view.lang, now, shown["asked"] if diagnosis else None)
    clock = Clock(known(form.values.get("tz")), now, view.lang)
    return page(
        "panel.html",
        view,
        root="",
        deadline=f"{deadline:g}",
        in_force=[notices.line(one, view.lang, clock.name) for one in in_force],
        **{"clock": clock, "watch": watch, "frames": frames, **question, **shown},
    )


def page(template: str, view: View, **given: Any) -> str:
    """A page as one text."""
    return "".join(stream(template, view, **given))


def stream(template: str, view: View, **given: Any) -> Iterator[str]:
    """A page in pieces, as they become known.

    root: the relative path from the page to the root of the service; asked: the query fields of this
    page; the other arguments are passed to the template.
    """
    lang = view.lang
    zone = given["clock"].name if given.get("clock") else None
    kept = {"lang": lang, **({"tz": zone} if zone else {})}

    def say(text: Text | Mapping[str, str]) -> str:
        return text.say(lang) if isinstance(text, Text) else text[lang]

    def w(table: str, name: str, /, **facts: object) -> str:
        words, one = WORDS[table], f"{name}_one"
        name = one if facts.get("count") == 1 and one in words else name
        return typeset(words[name].say(lang, facts), lang)

    def label(table: str, value: str) -> str:
        """The label of a value; the value itself if it has none."""
        found = _TABLES[table].get(value)
        return found.say(lang) if found else value

    script = {name: text.say(lang, _KEPT) for name, text in SCRIPT_WORDS.items()}
    context = {
        "d": None,
        "watch": None,
        "cases": view.cases,
        "form": None,
        "plot": None,
        "current": "panel",
        "container": "main",
        "home": "panel",
        "script": script,
        "lang": lang,
        "tag": TAGS[lang],
        "tags": TAGS,
        "other": next(other for other in LANGUAGES if other != lang),
        "say": say,
        "w": w,
        "label": label,
        "length": lambda length: duration(length, lang),
        "query": lambda fields, **more: do_urlencode({**fields, **more}),
        "kept": kept,
        "labels": html_labels,
        "colon": "：" if lang == "zh" else ": ",
    }
    return _environment().get_template(template).generate(context | given)


_KEPT = {name: f"{{{name}}}" for name in ("seconds", "done", "all")}
_TABLES: Mapping[str, Mapping[str, Text]] = {
    "severity": labels.SEVERITIES,
    "finality": labels.FINALITIES,
    "confidence": labels.CONFIDENCES,
    "wanted": agent_note.WANTED,
    "basis": html_labels.BASES,
    "kind": html_labels.KINDS,
    "amount": labels.AMOUNTS,
    "field": html_labels.FIELDS,
    "code": agent_note.TITLES,
    "notice": {str(kind): text for kind, text in notices.KINDS.items()},
}


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("diag.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
