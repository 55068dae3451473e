"""The reply to the user: what happened, where the funds are, what comes next, what to do.

`diag/words/frame.toml` defines the parts around it and their order. A Chinese reply has at most
200 characters, an English one 120 words, everything included, whatever the facts; `bodies` defines
what is shortened first. The agent's note is never shortened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from itertools import product

from diag.diagnosis.engine import Diagnosis
from diag.diagnosis.verdict_builder import LIMITS
from diag.domain.finding import Fact
from diag.domain.verdict import Verdict
from diag.domain.vocabulary import Confidence, Finality, ResendSafe, Severity, at_most
from diag.i18n import Text, placeholders_in_order
from diag.render import user_reply_short
from diag.render.contact import channel
from diag.render.formatting import brief, listed, spoken, typeset
from diag.render.notices import FOR_THE_USER, sentences
from diag.render.zones import offset
from diag.words import texts

LONGEST = {"zh": 200, "en": 120}
"""Characters of a Chinese reply, words of an English one."""
_BRACKETS = {"zh": "（{} ）", "en": " ({})"}
_MARK = "\ue000"
"""Placeholder for the channel until the text is typeset."""
MOST_NAMES = 3
LONGEST_NAME = 16
"""The characters of a shortened name."""


class Tight(IntEnum):
    """How much a reply is shortened."""

    NOT = 0
    NO_CHANNEL = 1
    SYMBOLS = 2
    NAMES = 3


@dataclass(frozen=True, slots=True)
class Part:
    """Some sentences, and the times in them."""

    words: str
    times: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """The part of the reply about the verdict itself."""

    parts: tuple[Part, ...]
    grade_said: str = ""
    """The certainty that the text states itself."""


def reply(diagnosis: Diagnosis, lang: str) -> str:
    """The reply that the agent may paste; times are short and their zone is named once."""
    writer = _Writer(diagnosis, lang)
    *longer, shortest = writer.bodies()
    notices: list[dict[str, Part]] = [{"notice": way} for way in writer.notices()]
    ways = product([*notices, {}], longer)
    chosen, body = next(
        ((with_, b) for with_, b in ways if fits(writer.assembled(b, with_), lang)),
        ({}, shortest),
    )
    for name, parts in writer.extras():
        found = ({**chosen, name: way} for way in parts)
        chosen = next((c for c in found if fits(writer.assembled(body, c), lang)), chosen)
    return writer.assembled(body, chosen)


def fits(text: str, lang: str) -> bool:
    """True if a reply is not too long."""
    return (len(text) if lang == "zh" else len(text.split())) <= LONGEST[lang]


def with_channel(text: Text, facts: Mapping[str, object], where: str | None, lang: str) -> str:
    """A text with its facts, and a gateway's channel in brackets if one is given.

    In Chinese a space follows the address, because many programs take an adjacent punctuation mark as
    part of it.
    """
    said = typeset(text.say(lang, {**facts, "channel": _MARK if where else ""}), lang)
    return said.replace(_MARK, _BRACKETS[lang].format(where)) if where else said


def undoable(verdict: Verdict) -> bool:
    """True for a permanent fact that is not irreversible yet; a temporary state is never final."""
    return verdict.rule.lasting and verdict.finality is Finality.PROVISIONAL


class _Writer:
    """Builds the reply of one diagnosis in one language."""

    def __init__(self, diagnosis: Diagnosis, lang: str) -> None:
        self.diagnosis, self.lang = diagnosis, lang
        self.verdict, self.rule = diagnosis.verdict, diagnosis.verdict.rule
        self.zone = diagnosis.evidence.case.zone
        self.now = diagnosis.evidence.now

    def bodies(self) -> Iterator[Body]:
        """The possible texts about the verdict, from long to short.

        In order: the whole reply; without the gateway's channel; each asset's symbol once; long names
        shortened in the middle; the short text; only what it is, where the funds are and what to do.
        """
        whole, short = self._of_rule("reply"), self._of_rule("short")
        resend = self._of_rule("resend")
        if self.verdict.resend_safe is not ResendSafe.YES:
            resend = None
        replaced = self.diagnosis.phrases.reply(self.rule.phrase, "reply")
        said = "" if replaced else self.rule.grade_said
        for words, ways in ((whole, Tight), (short, (Tight.NO_CHANNEL, Tight.NAMES))):
            for tight in ways if words else ():
                told = [self._filled(t, tight) for t in (words, resend) if t]
                yield Body(tuple(told), said)
        yield Body((Part(user_reply_short.say(self.verdict, self.lang)),))

    def notices(self) -> list[Part]:
        """The texts of the first notice for users, best first; the reply is shortened to make room
        for it.
        """
        told = [n for n in self.diagnosis.notices if n.kind in FOR_THE_USER][:1]
        return [
            Part(words, times)
            for notice in told
            for words, times in sentences(notice, self.lang, self.zone, self.now)
        ]

    def extras(self) -> Iterator[tuple[str, list[Part]]]:
        """Optional parts, added if there is room, most important first; each in several lengths."""
        if opening := self._frame(f"opening.{self.rule.opening}"):
            yield "opening", [Part(opening)]
        if signature := self._frame("signature"):
            yield "signature", [Part(signature)]
        if aside := self._of_rule("aside"):
            yield "aside", [self._filled(aside, tight) for tight in list(Tight)[:2]]

    def assembled(self, body: Body, extras: dict[str, Part]) -> str:
        """The complete reply with this body."""
        opening, signature = (extras.get(name, Part("")) for name in ("opening", "signature"))
        told = [*body.parts, *(extras[n] for n in ("aside", "notice") if n in extras)]
        parts = [
            self._frame("greeting"),
            opening.words,
            *self._leads(),
            self._certainty(body),
            *(part.words for part in told),
            *self._reservations(),
            self._zone([at for part in told for at in part.times]),
            self._frame("reference", ref=self.diagnosis.reference),
            signature.words,
            self._frame("safety"),
        ]
        return ("" if self.lang == "zh" else " ").join(part for part in parts if part)

    # --- what stands around it -----------------------------------------------------------------

    def _frame(self, key: str, **facts: object) -> str:
        said = self.diagnosis.phrases.text(f"frame.{key}").say(self.lang, facts)
        return typeset(said, self.lang)

    def _leads(self) -> Iterator[str]:
        """Which movement the reply is about, if there are several or it differs from the user's
        claims.
        """
        several, facts = self.diagnosis.withdrawals, self.verdict.finding.facts
        if len(several) > 1 and not {"affected", "count"} & set(facts):
            fine = all(v.rule.severity is Severity.INFO for _, v in several)
            key = "no_problem" if fine else "attention"
            yield self._frame(f"lead.{key}", count=len(several))
        told = {"amount"} if "claimed" in facts else set()  # stated by the reply itself
        if differing := [name for name in self.verdict.differing if name not in told]:
            named = texts("frame.claims")
            names = tuple(named[name].say(self.lang) for name in differing)
            yield self._frame("lead.differs", fields=listed(names, self.lang, MOST_NAMES))

    def _certainty(self, body: Body) -> str:
        """The certainty, stated once: by the reply itself, by the only reason for doubt, or by the
        grade.
        """
        grade = self.verdict.confidence
        if body.grade_said and at_most(Confidence(body.grade_said), grade) == body.grade_said:
            return ""
        doubts = [r for r in self.verdict.basis if _lowers(r) and r not in _SAID_ELSEWHERE]
        if not _lower(self.rule.confidence) and len(doubts) < 2:
            known = texts("frame.doubt")
            if not doubts and _lower(grade):
                return ""  # stated by the lead
            if doubts and doubts[0] in known:
                return self._frame(f"doubt.{doubts[0]}")
        return self._frame(f"certainty.{grade}")

    def _reservations(self) -> Iterator[str]:
        """Required additions: that there are several, that it may change, why not to resend."""
        verdict = self.verdict
        affected = verdict.finding.facts.get("affected", 1)
        if isinstance(affected, int) and affected > 1:
            yield self._frame("reservation.affected", count=affected)
        if "keys_changed" in verdict.basis and "own_keys" not in verdict.resend_unmet[:1]:
            yield self._frame("reservation.keys_changed")
        if "keys_proposed" in verdict.basis:
            yield self._frame("reservation.keys_proposed")
        if undoable(verdict) and "irreversible" not in verdict.resend_unmet[:1]:
            yield self._frame("reservation.not_final")
        if verdict.resend_unmet:
            yield self._frame(f"resend.{verdict.resend_unmet[0]}.otherwise")

    def _zone(self, times: list[datetime]) -> str:
        """The common name of the zone of the times."""
        if not times:
            return ""
        name = self.zone or "UTC"
        if name in _BEIJING:
            return self._frame("zone.beijing")
        if name in _UTC:
            return self._frame("zone.utc")
        city = name.rpartition("/")[2].replace("_", " ")
        known = texts("frame.zone_names").get(name, Text.literal(city, city))
        return self._frame("zone.other", place=known, offset=offset(name, max(times)))

    # --- what it says of the verdict -------------------------------------------------------------

    def _of_rule(self, name: str) -> Text | None:
        """One of the rule's texts, or the operator's replacement."""
        rule = self.rule
        own: Text | None = getattr(rule, name)
        return self.diagnosis.phrases.reply(rule.phrase, name) or own

    def _filled(self, text: Text, tight: Tight) -> Part:
        """A text with the verdict's facts in their short form."""
        facts = self.verdict.finding.facts
        names = placeholders_in_order(getattr(text, self.lang))
        used = [(name, facts[name]) for name in names if name in facts]
        short = {name: self._short(value, tight) for name, value in used}
        if tight >= Tight.SYMBOLS:
            _symbols_once(short)
        times = tuple(value for _, value in used if isinstance(value, datetime))
        return Part(with_channel(text, short, self._channel(tight), self.lang), times)

    def _channel(self, tight: Tight) -> str | None:
        return channel(self.diagnosis) if tight is Tight.NOT else None

    def _short(self, value: Fact, tight: Tight) -> object:
        match value:
            case datetime():
                return brief(value, self.lang, self.zone, self.now)
            case tuple():
                most = MOST_NAMES - (tight >= Tight.SYMBOLS)
                return listed([_name(n, tight) for n in value], self.lang, most)
            case str():
                return _name(value, tight)
            case _:
                return spoken({"it": value}, self.lang, self.zone)["it"]


_SAID_ELSEWHERE = frozenset({"claim_differs", "keys_changed"})
"""Reasons for doubt that have a sentence of their own."""
_BEIJING = frozenset(
    {"Asia/Shanghai", "Asia/Chongqing", "Asia/Chungking", "Asia/Harbin", "PRC"}
)
_UTC = frozenset({"UTC", "UCT", "GMT", "Zulu", "Universal", "Etc/UTC", "Etc/UCT", "Etc/GMT"})
_AMOUNT = re.compile(r"([0-9]+(?:[.][0-9]+)?) ([A-Z][A-Z0-9.]*)")
_ID = re.compile(r"[0-9.]+( [0-9.]+)*")


def _lower(confidence: Confidence) -> bool:
    return confidence not in (Confidence.CERTAIN, Confidence.HIGH)


def _lowers(reason: str) -> bool:
    return _lower(LIMITS.get(reason, Confidence.CERTAIN))


def _symbols_once(short: dict[str, object]) -> None:
    """Removes the symbol from amounts of an asset that was named before."""
    seen = set()
    for name, value in short.items():
        amount = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
        if amount and amount[2] in seen:
            short[name] = amount[1]
        elif amount:
            seen.add(amount[2])


def _name(name: str, tight: Tight) -> str:
    """A name, shortened if it is too long; amounts, ids and addresses are never shortened."""
    whole = tight is not Tight.NAMES or _AMOUNT.fullmatch(name) or _ID.fullmatch(name)
    if whole or len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 7]}…{name[-6:]}"
