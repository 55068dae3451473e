"""View model of the panel's form: the question as understood, and its errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jinja2.filters import do_urlencode

from diag.i18n import Text
from diag.render.html_labels import CLAIMS, FIELDS
from diag.render.html_words import WORDS
from diag.render.zones import ZONES, Clock, known, zone_short, zone_words

QUICK = "24h"
"""The window of a question without one."""
MOST_DOUBTS = 6


@dataclass(frozen=True, slots=True)
class Taken:
    """A value read from a ticket, with the words that it comes from."""

    field: str
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """Another value in a ticket that may be the one that is meant."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """What was read from a whole ticket; text: with secrets removed."""

    text: str
    taken: tuple[Taken, ...] = ()
    assumed_zone: bool = False
    """Whether the text names no zone, so its times were read in the zone of the page."""
    doubts: tuple[Doubt, ...] = ()
    question: Text | None = None
    question_lang: str | None = None
    exposed: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """The content of the form: values as given, and their errors."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, Text] = field(default_factory=dict)
    failure: Text | None = None
    """Why no question could be asked, or a remark about the errors."""
    box: str | None = None
    """The text in the box if it is not the account."""
    ticket: Ticket | None = None


def local_input(at: datetime) -> str:
    """A time in the format of a datetime-local field; at: in the zone of the form."""
    return f"{at:%Y-%m-%dT%H:%M:%S}"


def view(
    form: Form, lang: str, now: datetime, answered: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The view model of a form; answered: the fields of the answered question, if any."""
    linked = form.values if answered is None else answered
    values = form.values
    zone = values.get("tz")
    claims = [name for name in CLAIMS if values.get(name)]
    last = values.get("last", "")
    box = form.box if form.box is not None else values.get("account", "")
    return {
        "form": form,
        "box": box,
        "claims": [
            {
                "name": name,
                "label": FIELDS[name].say(lang),
                "value": values[name],
                "without": address(linked, drop=(name,)),
            }
            for name in claims
        ],
        "without_claims": address(linked, drop=CLAIMS),
        "was": do_urlencode({n: values[n] for n in ("account", *claims) if n in values}),
        "last": last,
        "choices": _choices(last, lang),
        "window_words": _window(values, lang, now),
        "zone_given": zone is not None,
        "zone_chosen": zone or "UTC",
        "zone_short": zone_short(known(zone), lang),
        "zone_choices": [
            (name, zone_words(name, now, lang) if known(name) else name)
            for name in _offered(zone)
        ],
        "taken": _taken(form, lang, now),
        "doubts": _doubts(form, linked, lang),
    }


def address(
    values: Mapping[str, str], drop: tuple[str, ...] = (), **more: str
) -> dict[str, str]:
    """The query string of the same question with some fields left out or replaced."""
    kept = {n: v for n, v in values.items() if n in FIELDS and n not in drop}
    return kept | more


def _choices(last: str, lang: str) -> list[tuple[str, str]]:
    """The quick choices of the window, with the given one added if it is not among them."""
    named = {name: text.say(lang) for name, text in WORDS["windows"].items()}
    if last and last not in named:
        named[last] = last
    words = WORDS["question"]
    return [
        *((name, words["last"].say(lang, {"length": text})) for name, text in named.items()),
        ("", words["dates"].say(lang)),
    ]


def _window(values: Mapping[str, str], lang: str, now: datetime) -> str:
    """The window in words, for the collapsed section; times are in the zone of the form."""
    last = values.get("last")
    words = WORDS["question"]
    if last or not (values.get("from") and values.get("to")):
        quick = WORDS["windows"].get(last or "")
        length = quick.say(lang) if quick else last
        return (
            words["last"].say(lang, {"length": length}) if length else words["dates"].say(lang)
        )
    try:
        ends = [datetime.fromisoformat(values[name]) for name in ("from", "to")]
    except ValueError:
        return words["dates"].say(lang)
    clock = Clock(known(values.get("tz")), now, lang)
    shown = [
        clock.short(end if end.tzinfo else end.replace(tzinfo=clock.local(now).tzinfo))
        for end in ends
    ]
    facts = {
        "from": shown[0],
        "to": shown[1].rpartition(" ")[2] if _same_day(ends) else shown[1],
    }
    return words["between"].say(lang, facts)


def _same_day(ends: list[datetime]) -> bool:
    return ends[0].date() == ends[1].date()


def _offered(zone: str | None) -> tuple[str, ...]:
    return ZONES if zone is None or zone in ZONES else (zone, *ZONES)


def _taken(form: Form, lang: str, now: datetime) -> list[dict[str, str]]:
    """The values read from the ticket: label, value, and the words that it comes from."""
    if form.ticket is None:
        return []
    window = _window(form.values, lang, now)
    return [
        {
            "label": WORDS["question"]["window"].say(lang).rstrip("：: ")
            if one.field == "from"
            else FIELDS[one.field].say(lang),
            "value": one.value or window,
            "words": one.words if one.words != one.value else "",
        }
        for one in form.ticket.taken
    ]


def _doubts(form: Form, linked: Mapping[str, str], lang: str) -> list[dict[str, Any]]:
    """Other values in the ticket, each as a link that selects it."""
    if form.ticket is None:
        return []
    return [
        {
            "field": one.field,
            "label": FIELDS[one.field].say(lang),
            "value": one.value,
            "with": {**address(linked), one.field: one.value},
        }
        for one in form.ticket.doubts[:MOST_DOUBTS]
    ]
