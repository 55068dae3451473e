"""Extracts the question from a text, for the inbox, which does not keep the text itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from diag.cases.record import question_json
from diag.domain import account_names
from diag.domain.gateway_register import Register
from diag.gateways.flagged_accounts import listed
from diag.hooks.events import IgnoredEvent, Message, language_of
from diag.intake.classify.complaint_kind import Kind
from diag.intake.classify.language import reply_language
from diag.intake.parser import Intake
from diag.intake.parser import read as read_complaint
from diag.redaction.request_fields import Exposure, remove_secrets
from diag.schemas.case import parse
from diag.schemas.fields import Templates

WINDOW = "7d"
"""The window if no time is given."""
_MOST_WORDS = 3
"""A command of at most this many words begins with an account; a longer one is a sentence."""
_NO_COMPLAINTS = (
    Kind.DEPOSIT_MISSING,
    Kind.GATEWAY_STATE,
    Kind.ACCESS,
    Kind.FEE_QUESTION,
    Kind.SOLVED,
    Kind.OTHER,
    Kind.UNCLEAR,
)
"""Kinds of complaint for which a customer gets no diagnosis."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question to answer.

    kept: a `case` (canonical question), or an `identifier` with the `account` that was named and the
    `exposed` kinds of secrets, or neither and the question to `ask`. `command` tells whether to
    answer even without news.
    """

    lang: str
    kept: dict[str, Any]
    exposed: tuple[Exposure, ...]


def read(
    message: Message,
    now: datetime,
    zone: Any,
    default: str,
    register: Register,
    templates: Templates,
) -> Question | IgnoredEvent:
    """The question in a message; IgnoredEvent if a customer's text contains no question.

    zone: the time zone of times without one; default: the language if the text does not show it.
    """
    searched = remove_secrets(message.fields)
    intake = read_complaint(message.text, now, zone, register, listed, templates)
    hidden = tuple(Exposure("text", kind) for kind in intake.exposed)
    exposed = (*searched.exposed, *hidden)
    spoken = reply_language(intake.language, default)
    lang = language_of(message, spoken, default)
    fields = _fields(intake, message, searched.fields)
    identifier = next(
        ({"kind": n, "value": fields[n]} for n in ("operation", "transaction") if n in fields),
        None,
    )
    kept: dict[str, Any] = {"command": message.command}
    complaint = intake.classification.kind not in _NO_COMPLAINTS
    if not message.command and not (exposed or identifier or complaint):
        return IgnoredEvent("no_candidate")
    if "account" in fields and ("from" in fields or "last" in fields or not identifier):
        timed = fields if "from" in fields or "last" in fields else {**fields, "last": WINDOW}
        case = parse(timed, now, exposed=exposed, templates=templates)
        return Question(lang, {**kept, "case": question_json(case)}, exposed)
    kinds = list(dict.fromkeys(found.kind for found in exposed))
    if identifier:
        named = {"account": fields.get("account"), "exposed": kinds}
        return Question(lang, {**kept, "identifier": identifier, **named}, exposed)
    if not (message.command or exposed):
        return IgnoredEvent("no_candidate")
    ask = intake.question.as_dict() if intake.question else None
    return Question(lang, {**kept, "ask": ask, "exposed": kinds}, exposed)


def _fields(intake: Intake, message: Message, explicit: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the question: given ones first, then those that the text states with certainty."""
    found: dict[str, Any] = {
        name: value
        for name, field in intake.fields.items()
        if name in ("account", "operation", "transaction") and (value := field.sure())
    }
    if intake.case:
        found |= intake.case
    elif message.command and "account" not in found:  # such as /diag alice 1.11.123
        words = intake.text.split()
        name = account_names.read(words[0]) if 0 < len(words) <= _MOST_WORDS else None
        if name and not name.startswith("1.11."):
            found["account"] = name
    if {"last", "from"} & explicit.keys():
        found = {name: value for name, value in found.items() if name not in ("from", "to")}
    return {**found, **explicit}
