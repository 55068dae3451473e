"""Renders an intake as text: what was read, what is uncertain, what to ask, which command to run."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from diag.intake.candidates import Field
from diag.intake.classify.complaint_kind import LABELS
from diag.intake.classify.language import reply_language
from diag.intake.classify.urgency import REASONS
from diag.intake.extract.identifiers import REMARKS
from diag.intake.parser import Intake
from diag.render import formatting
from diag.render.input_readings import field_label
from diag.words import texts

_FIELDS, _LEVELS = texts("intake.fields"), texts("intake.levels")
_WORDS = texts("intake.report")


def render(intake: Intake, lang: str) -> str:
    """The intake in one language; the question is in the language of the complaint."""
    rows = [
        (_WORDS["kind"].say(lang), LABELS[intake.classification.kind].say(lang)),
        (_WORDS["urgency"].say(lang), _urgency(intake, lang)),
        *((_label(name, lang), _value(field, lang)) for name, field in _found(intake)),
        *((_WORDS["time"].say(lang), time.text) for time in intake.times if time.text),
    ]
    if intake.window:
        zone = intake.zone.key if isinstance(intake.zone, ZoneInfo) else None
        ends = (formatting.moment(at, lang, zone) for at in intake.window)
        rows.append((_WORDS["window"].say(lang), " – ".join(ends)))
    lines = [f"{label}{_COLON[lang]}{value}" for label, value in rows]
    if intake.exposed:
        lines.insert(0, _WORDS["exposed"].say(lang))
    lines += [f"! {REMARKS[remark.code].say(lang)}" for remark in intake.remarks]
    if intake.question:
        asked = intake.question.say(reply_language(intake.language, lang))
        lines += ["", _WORDS["ask"].say(lang), asked]
    if intake.case:
        lines += ["", _WORDS["run"].say(lang), _command(intake.case)]
    return "\n".join(lines) + "\n"


def _found(intake: Intake) -> Iterator[tuple[str, Field]]:
    return ((name, field) for name, field in intake.fields.items() if field.candidates)


def _label(name: str, lang: str) -> str:
    return _FIELDS[name].say(lang) if name in _FIELDS else field_label(name, lang)


def _value(field: Field, lang: str) -> str:
    """The chosen value, or all candidates if none is chosen."""
    if field.meant is None:
        values = " / ".join(found.value for found in field.candidates)
        return _WORDS["uncertain"].say(lang, {"values": values})
    unit = field.meant.unit
    return f"{field.meant.value} {unit}" if unit else field.meant.value


def _urgency(intake: Intake, lang: str) -> str:
    facts = {
        "level": _LEVELS[intake.urgency.level],
        "reason": REASONS[intake.urgency.reason][1],
    }
    return _WORDS["level"].say(lang, facts)


def _command(case: dict[str, str]) -> str:
    """The command that diagnoses the case."""
    options = ((f"--{name.replace('_', '-')}", value) for name, value in case.items())
    rest = [part for pair in options if pair[0] != "--account" for part in pair]
    return shlex.join(["diag", "diagnose", case["account"], *rest])


_COLON = {"zh": "：", "en": ": "}
