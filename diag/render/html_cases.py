"""View models of cases: the list, and a case with its history; made from their documents. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from diag.i18n import LANGUAGES
from diag.render import html_verdict
from diag.render.agent_note import TITLES
from diag.render.durations import duration
from diag.render.formatting import typeset
from diag.render.html_words import WORDS
from diag.render.zones import Clock

Document = Mapping[str, Any]
_OF_CASE, _EVENTS = WORDS["case"], WORDS["case_events"]
_MARKS = {"unreadable": "unknown", "watch_ended": "act", "note": "note", "reply": "copy"}
"""Kind of event → its icon; other kinds have that of a look or of a verdict."""


class Shown:
    """Turns documents of cases into view models for one page. severities: code → severity of its
    rule.
    """

    def __init__(self, clock: Clock, severities: Mapping[str, str]) -> None:
        self.clock, self._severities = clock, severities

    # --- the list ---------------------------------------------------------------------------

    def row(self, case: Document) -> dict[str, Any]:
        """A case as a row of a list; also used at the top of its own page."""
        look = self._look(case["next_look"])
        return {
            "id": case["id"],
            "account": case["account"],
            "amount": _amount(case),
            "ticket": case["reference"] or "",
            "fresh": case["fresh"],
            "changed": self._changed(case["change"]),
            "waiting": self.waiting(case),
            "look": look,
            **self.badge(case),
        }

    def badge(self, case: Document) -> dict[str, str]:
        """The badge of a case: how long it is overdue, or else the badge of its verdict."""
        found = self.state(case["verdict"])
        if not case["overdue"]:
            return found
        late = duration(self.clock.now - self._at(case["promised"]), self.clock.lang)
        tone = "act" if found["tone"] == "wait" else found["tone"]
        return {"tone": tone, "badge": self._say(WORDS["verdict"]["overdue"], late=late)}

    def state(self, verdict: Document) -> dict[str, str]:
        """Tone and badge of a verdict."""
        severity, outcome = self._severities.get(verdict["code"], ""), verdict["outcome"]
        return {
            "tone": html_verdict.tone_of(severity, outcome),
            "badge": html_verdict.badge_of(
                severity, outcome, verdict["stage"], self.clock.lang
            ),
        }

    def waiting(self, case: Document) -> str:
        """Whom the case waits for, or how it was resolved."""
        if case["state"] == "waiting":
            if case["waiting_for"] == "gateway" and case["gateway"]:
                return str(case["gateway"])
            return self._say(WORDS["waiting_for"][case["waiting_for"]])
        if case["state"] == "resolved":
            return self._say(WORDS["resolutions"][case["resolution"]])
        return self._say(WORDS["case_states"][case["state"]])

    def _changed(self, event: Document | None) -> str:
        if event is None:
            return ""
        body, time = event["body"], self.clock.short(self._at(event["at"]))
        if event["kind"] == "watch_ended":
            return self._say(_EVENTS["watch_ended"], time=time)
        what = next((name for name in body["what"] if name in WORDS["case_changes"]), "code")
        title = body["after"]["title"][self.clock.lang]
        return self._say(WORDS["case_changes"][what], time=time, title=title)

    def _look(self, stamp: str | None) -> str:
        if stamp is None:
            return ""
        at = self._at(stamp)
        return self.clock.short(at) if at > self.clock.now else self._say(_OF_CASE["soon"])

    def causes(self) -> list[tuple[str, str]]:
        """Every code with the title of its verdict, by title."""
        found = [(code, self._title(code)) for code in self._severities if code in TITLES]
        return sorted(found, key=lambda one: one[1])

    # --- one case ---------------------------------------------------------------------------

    def change(self, case: Document) -> dict[str, Any] | None:
        """The last change: before and after with their times, and a text."""
        event = case["change"]
        if event is None or event["kind"] != "changed":
            return None
        body = event["body"]
        before, after = body["before"], body["after"]
        return {
            "at": self.clock.short(self._at(event["at"])),
            "text": self._beyond(body),
            "sides": [
                {
                    **self.state(one),
                    "title": typeset(one["title"][self.clock.lang], self.clock.lang),
                    "at": self.clock.short(self._at(one["time"])),
                }
                for one in (before, after)
            ],
        }

    def _beyond(self, body: Document) -> str:
        """The text of a change, if before and after do not show all of it."""
        plain = set(body["what"]) <= {"code", "outcome", "stage"} and "code" in body["what"]
        return "" if plain else str(body["text"][self.clock.lang])

    def verdict(self, case: Document) -> dict[str, Any]:
        """The verdict that was reported last."""
        found, lang = case["verdict"], self.clock.lang
        return {
            **self.state(found),
            "title": typeset(found["title"][lang], lang),
            "at": self.clock.short(self._at(found["time"])),
            "resend": html_verdict.resend_of(found["outcome"], found["resend_safe"], lang),
        }

    def facts(self, case: Document) -> list[tuple[str, str]]:
        """The question and the notes of the desk, as pairs of label and text."""
        asked, labels = case["question"], _OF_CASE
        window = [self.clock.short(self._at(asked[end])) for end in ("from", "to")]
        channel = case["channel"]
        facts = {
            "account": asked["account"],
            "window": self._say(
                WORDS["question"]["between"], **dict(zip(("from", "to"), window, strict=True))
            ),
            "asset": asked["asset"] or case["asset"],
            "ticket": case["reference"],
            "channel": channel,
            "opened_by": case["opened_by"],
            "opened": self.clock.short(self._at(case["opened"])),
            "looked": self.clock.short(self._at(case["looked"])),
            "next_look": self._look(case["next_look"]) or self._say(_OF_CASE["no_look"]),
            "watched_until": case["next_look"]
            and self.clock.short(self._at(case["watch_until"])),
        }
        return [(self._say(labels[name]), value) for name, value in facts.items() if value]

    def events(self, events: Sequence[Document]) -> list[dict[str, Any]]:
        """The history, the newest first."""
        return [
            self._event(event) for event in events if event["kind"] in (*_EVENTS, "assessment")
        ]

    def _event(self, event: Document) -> dict[str, Any]:
        kind, body, lang = event["kind"], event["body"], self.clock.lang
        found: dict[str, Any] = {
            "stamp": event["at"],
            "time": self.clock.short(self._at(event["at"])),
            "mark": _MARKS.get(kind, "plain"),
            "tone": "",
            "strong": "",
            "more": [],
            "by": event["by"] or "",
            "words": "",
        }
        told = body.get("after") or body.get("verdict")
        title = typeset(told["title"][lang], lang) if told else ""
        if told:
            tone = self.state(told)["tone"]
            found |= {"mark": tone, "tone": tone}
        facts = {"title": title, "time": found["time"], "count": body.get("looks", 1)}
        if kind == "changed":
            found["words"] = self._beyond(body)
        elif kind == "note":
            found["words"] = body["text"]
        elif kind == "edited":
            found["more"] = list(self._edits(body["changes"]))
        elif kind == "reply":
            facts["lang"] = _LANGUAGES[body["lang"]]
        elif kind == "rating":
            facts["count"] = body["score"]
        elif kind == "assessment":
            kind, facts["title"] = (
                "right" if body["right"] else "wrong",
                self._title(body["code"]),
            )
            if body["really"]:
                really = self._say(_EVENTS["really"], title=self._title(body["really"]))
                found["more"] = [really]
        found["strong"] = self._say(_EVENTS[kind], **facts)
        if kind in ("unchanged", "unreadable") and body.get("looks", 1) > 1:
            last = self.clock.short(self._at(body["last"]))
            found["more"] = [self._say(_EVENTS["last_look"], time=last)]
        return found

    def _title(self, code: str) -> str:
        return (
            typeset(TITLES[code].say(self.clock.lang), self.clock.lang)
            if code in TITLES
            else ""
        )

    def _edits(self, changes: Mapping[str, Document]) -> Iterator[str]:
        for name, change in changes.items():
            if name not in _EDITED:
                continue
            before, after = (self._value(name, change[end]) for end in ("from", "to"))
            facts = {
                "field": self._say(_OF_CASE[_EDITED[name]]),
                "before": before,
                "after": after,
            }
            yield self._say(_EVENTS["edit"], **facts)

    def _value(self, name: str, value: Any) -> str:
        if value is None or value == []:
            return self._say(WORDS["shell"]["none"])
        table = _VALUES.get(name)
        if table:
            return self._say(WORDS[table][value])
        if name == "lang":
            return _LANGUAGES[value]
        return ", ".join(value) if isinstance(value, list) else str(value)

    def told(self, case: Document, messages: Sequence[Document]) -> list[str]:
        """The channels that are notified, and the state of the last message to each."""
        sent = {message["channel"]: message for message in messages}
        found = []
        for name in dict.fromkeys((*case["tell"], *sent)):
            message = sent.get(name)
            state = message["state"] if message else "nothing"
            time = self.clock.short(self._at(message["at"])) if message else ""
            found.append(self._say(WORDS["case_told"][state], name=name, time=time))
        return found

    def _at(self, stamp: str) -> datetime:
        return datetime.fromisoformat(stamp)

    def _say(self, text: Any, **facts: object) -> str:
        return typeset(text.say(self.clock.lang, facts), self.clock.lang)


_EDITED = {
    "state": "state",
    "waiting_for": "waiting",
    "resolution": "resolution",
    "reference": "ticket",
    "channel": "channel",
    "lang": "language",
    "tell": "tell",
}
"""Field that can be edited → its label."""
_VALUES = {
    "state": "case_states",
    "waiting_for": "waiting_for",
    "resolution": "resolutions",
}
_LANGUAGES = dict(zip(LANGUAGES, ("中文", "English"), strict=True))


def _amount(case: Document) -> str:
    amount, asset = case["amount"], case["asset"] or ""
    return f"{html_verdict.short_amount(amount)} {asset}".strip() if amount else asset
