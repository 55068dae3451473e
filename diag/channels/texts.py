"""The text of a message for people, in one language; `forms` sets it as Markdown, HTML or plain text.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from diag import words
from diag.channels.message import Outgoing
from diag.i18n import LANGUAGES
from diag.render.formatting import typeset
from diag.render.labels import ACTORS


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in one language.

    facts: label → value; paragraphs: what is new; sections: label → lines below it; reply: the text for
    the user, in the user's language; marker: the last line.
    """

    lang: str
    title: str
    facts: tuple[tuple[str, str], ...]
    paragraphs: tuple[str, ...]
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    reply_label: str
    reply: str | None
    marker: str


def compose(message: Outgoing, lang: str | None) -> Letter:
    """The letter of a message; lang: the channel's language, else that of the case."""
    payload, case, body = message.payload, message.case, message.payload["body"]
    users = case["lang"] if case.get("lang") in LANGUAGES else LANGUAGES[0]
    lang = lang or users
    verdict: Mapping[str, Any] = body.get("after") or body.get("verdict") or {}
    title = dict(verdict.get("title") or {}).get(lang, "")
    name = body.get("name", "")
    subject = _say("subject", str(payload["type"]), lang, {"title": title, "name": name})
    number = str(verdict.get("diagnosis") or "")[:10]
    label = _say("label", "number", lang)
    marker = f"{label} {number} · {message.marker}" if number else message.marker
    reply = dict(body.get("reply") or {}).get(users)
    return Letter(
        lang=lang,
        title=typeset(subject, lang),
        facts=tuple(_facts(case, lang)),
        paragraphs=tuple(_paragraphs(str(payload["type"]), body, lang)),
        sections=tuple(_sections(body, lang)),
        reply_label=_say("label", "reply", lang),
        reply=reply,
        marker=marker,
    )


def _facts(case: Mapping[str, Any], lang: str) -> Iterator[tuple[str, str]]:
    for name in ("reference", "account", "gateway"):
        if case.get(name):
            yield _say("label", name, lang), str(case[name])
    if actor := ACTORS.get(str(case.get("waiting_for"))):
        yield _say("label", "waiting_for", lang), actor.say(lang)


def _paragraphs(kind: str, body: Mapping[str, Any], lang: str) -> Iterator[str]:
    if body.get("exposed"):
        yield _say("text", "secret", lang)
    if text := dict(body.get("text") or {}).get(lang):
        yield str(text)
    if kind == "channel.test":
        yield _say("text", "test", lang)
    if kind == "hook.incomplete" and not body.get("ask"):
        yield _say("text", "ask_account", lang)


def _sections(body: Mapping[str, Any], lang: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    if note := dict(body.get("note") or {}).get(lang):
        yield _say("label", "note", lang), tuple(str(note).splitlines())
    if ask := dict(body.get("ask") or {}).get(lang):
        yield _say("label", "ask", lang), (str(ask),)


def _say(table: str, name: str, lang: str, facts: Mapping[str, object] | None = None) -> str:
    found = words.text(f"channels.{table}.{name.replace('.', '_')}")
    return found.say(lang, facts)
