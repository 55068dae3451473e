"""Parses the payload of a helpdesk into an event that is the same for all helpdesks. Pure.

Unneeded fields are ignored, so that later versions of a helpdesk stay compatible.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from diag.channels.file import Hook, Source
from diag.channels.message import MARKER
from diag.errors import BadInput
from diag.i18n import negotiate
from diag.intake.statement.markup import plain_text
from diag.schemas.case import KNOWN

_COMMAND = re.compile(r"\s*/diag(?:\s|\Z)", re.IGNORECASE)
_NUMBER = re.compile(r"[1-9][0-9]{0,17}\Z")
LONGEST_REFERENCE = 128


@dataclass(frozen=True, slots=True)
class Message:
    """Somebody wrote a text, perhaps about a withdrawal.

    reference: the number of the conversation or ticket; command: whether an agent asks for an answer;
    fields: fields of a question that were sent beside the text; locale: the language of the user.
    """

    reference: str
    text: str
    command: bool
    fields: Mapping[str, Any] = field(default_factory=dict)
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """The user has rated the conversation, from 1 to 5."""

    reference: str
    score: int


@dataclass(frozen=True, slots=True)
class IgnoredEvent:
    """An event that needs no answer; reason: one of REASONS."""

    reason: str


REASONS = ("other_event", "other_account", "own_message", "not_customer", "no_candidate")


def read(hook: Hook, payload: Mapping[str, Any]) -> Message | Rating | IgnoredEvent:
    """The event of a payload; raises BadInput if the payload does not have the form of its source."""
    readers = {
        Source.CHATWOOT: _chatwoot,
        Source.ZAMMAD: _zammad,
        Source.GENERIC: _generic,
    }
    return readers[hook.source](hook, payload)


def _chatwoot(hook: Hook, payload: Mapping[str, Any]) -> Message | Rating | IgnoredEvent:
    event = payload.get("event")
    score = _score(payload) if event == "message_updated" else None
    if event != "message_created" and score is None:
        return IgnoredEvent("other_event")
    account = payload.get("account")
    known = account.get("id") if isinstance(account, Mapping) else None
    if known is not None and hook.accounts and known not in hook.accounts:
        return IgnoredEvent("other_account")  # its conversations may have the same numbers
    reference = _number(_table(payload, "conversation"), "conversation")
    if score is not None:
        return Rating(reference, score)
    text = _text(payload.get("content"))
    incoming = (
        payload.get("message_type") in ("incoming", 0) and payload.get("private") is not True
    )
    attributes = payload.get("content_attributes")
    marked = isinstance(attributes, Mapping) and "diag" in attributes
    sender = payload.get("sender")
    if not incoming:
        own = isinstance(sender, Mapping) and hook.user == sender.get("id") is not None
        if own or marked or MARKER.search(text):
            return IgnoredEvent("own_message")
        if not (payload.get("private") is True and _COMMAND.match(text)):
            return IgnoredEvent("not_customer")
    return _message(reference, text, command=not incoming)


def _score(payload: Mapping[str, Any]) -> int | None:
    """The rating in an answer to Chatwoot's survey (CSAT); None if the message has none."""
    found: Any = payload if payload.get("content_type") == "input_csat" else None
    for name in ("content_attributes", "submitted_values", "csat_survey_response", "rating"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return int(found) if str(found) in _SCORES and not isinstance(found, bool) else None


_SCORES = ("1", "2", "3", "4", "5")


def _zammad(hook: Hook, payload: Mapping[str, Any]) -> Message | IgnoredEvent:
    reference = _number(_table(payload, "ticket"), "ticket")
    article = _table(payload, "article")
    text = plain_text(_text(article.get("body")))
    if MARKER.search(text):
        return IgnoredEvent("own_message")
    command = bool(_COMMAND.match(text))
    internal = str(article.get("internal")).lower() != "false"
    customer = str(article.get("sender")).lower() == "customer"
    if command and not internal:
        return IgnoredEvent("not_customer")  # customers cannot give commands
    if not command and (internal or not customer):
        return IgnoredEvent("not_customer")
    customer_table = payload.get("customer")
    locale = customer_table.get("locale") if isinstance(customer_table, Mapping) else None
    return _message(reference, text, command, locale=locale)


_OWN = ("ref", "text", "locale", "txid")


def _generic(hook: Hook, payload: Mapping[str, Any]) -> Message | IgnoredEvent:
    known = (*_OWN, *KNOWN)
    unknown = [name for name in payload if name not in known]
    if unknown:
        if "reply_url" in unknown:
            raise BadInput.about("reply_url", "request.no_reply_url")
        names = ", ".join(known)
        raise BadInput.about(_short(unknown[0]), "request.unknown_field", names=names)
    reference = payload.get("ref")
    if not (isinstance(reference, str) and 0 < len(reference.strip()) <= LONGEST_REFERENCE):
        raise _missing("ref")
    if not reference.isprintable():
        raise _missing("ref")
    fields = {n: v for n, v in payload.items() if n in KNOWN and v is not None}
    if payload.get("txid") is not None:
        fields.setdefault("transaction", payload["txid"])
    text = _text(payload.get("text"))
    return _message(reference.strip(), text, True, fields, payload.get("locale"))


def _message(
    reference: str,
    text: str,
    command: bool,
    fields: Mapping[str, Any] | None = None,
    locale: Any = None,
) -> Message:
    lang = locale if isinstance(locale, str) else None
    return Message(reference, _COMMAND.sub("", text, count=1), command, fields or {}, lang)


def language_of(message: Message, spoken: str | None, default: str) -> str:
    """The language of the answer: from the user's locale, else from the text, else the default."""
    if message.locale:
        return negotiate(message.locale, default)
    return spoken or default


def _table(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = payload.get(name)
    if not isinstance(found, Mapping):
        raise _missing(name)
    return found


def _number(table: Mapping[str, Any], name: str) -> str:
    found = str(table.get("id"))
    if not _NUMBER.match(found):
        raise _missing(f"{name}.id")
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _missing(name: str) -> BadInput:
    return BadInput.about(name, "request.bad_hook_field")


def _short(name: str) -> str:
    return name if re.fullmatch(r"[a-z_]{1,32}", name) else "…"
