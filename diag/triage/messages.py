"""The texts of a triage: a title and a reply for each group, incidents, and how cells were read. Pure."""

from __future__ import annotations

from diag.domain.vocabulary import Confidence, at_most
from diag.i18n import LANGUAGES, Text
from diag.render.formatting import moment
from diag.render.input_readings import field_label
from diag.render.user_reply import with_channel
from diag.triage.columns import LeftOut
from diag.triage.groups import Group, Incident
from diag.words import texts

REFERENCE_PLACE = "{ref}"
"""The mark in a mass reply that is replaced by each ticket's reference."""


def title(group: Group) -> dict[str, str]:
    """The title of a group, in one line: cause, gateway and asset."""
    first = group.first
    parts = [part for part in (first.gateway_name, first.asset) if part]
    where = Text.literal("、".join(parts), ", ".join(parts)) if parts else _LABELS["no_place"]
    facts = {
        "title": group.rule.title,
        "where": where,
        "count": len(group.members),
    }
    return _LABELS["title" if len(group.members) != 1 else "title_of_one"].as_dict(facts)


_LABELS = texts("labels.triage")


def mass_reply(group: Group) -> dict[str, str] | None:
    """A reply that fits every ticket of a group; None if each ticket needs its own.

    It contains no personal data; `{ref}` marks the place of each ticket's reference.
    """
    mass = group.first.mass
    if mass is None:
        return None
    return {lang: _mass_reply_in(group, mass, lang) for lang in LANGUAGES}


def _mass_reply_in(group: Group, mass: Text, lang: str) -> str:
    first, rule = group.first, group.rule
    facts = {"gateway": first.gateway_name or "", "asset": first.asset or ""}
    grade = group.confidence
    said = rule.grade_said and at_most(Confidence(rule.grade_said), grade) == rule.grade_said
    keys = ["greeting", f"opening.{rule.opening}", *([] if said else [f"certainty.{grade}"])]
    parts = [
        *(first.phrases.text(f"frame.{key}").say(lang) for key in keys),
        with_channel(mass, facts, first.channel, lang),
        first.phrases.text("frame.reference").say(lang, {"ref": REFERENCE_PLACE}),
        first.phrases.text("frame.signature").say(lang),
        first.phrases.text("frame.safety").say(lang),
    ]
    return ("" if lang == "zh" else " ").join(part for part in parts if part)


ONE_BY_ONE = _LABELS["one_by_one"]


def left_out(found: LeftOut, lang: str) -> str:
    """Names a cell that was not used, and the reason."""
    facts = {
        "field": field_label(found.field, lang),
        "given": found.given,
        "why": found.text.say(lang),
    }
    return _LABELS["left_out"].say(lang, facts)


def incident(found: Incident) -> dict[str, str]:
    """Describes a gateway that serves nobody: its tickets, and its statistics on the chain."""
    return {lang: _incident(found, lang) for lang in LANGUAGES}


def _incident(found: Incident, lang: str) -> str:
    facts = {"name": found.name, "tickets": found.tickets, "answered": found.answered}
    head = _LABELS["incident"].say(lang, facts)
    lines = [
        _LABELS["since" if still.since else "never"].say(
            lang,
            {
                "asset": still.asset,
                "since": moment(still.since, lang) if still.since else "",
                "waiting": still.waiting,
                "overdue": still.overdue,
            },
        )
        for still in found.assets
    ]
    between = "；" if lang == "zh" else "; "
    return head + between.join(lines) + ("。" if lang == "zh" else ".")
