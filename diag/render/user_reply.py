"""The reply to the user: how sure, what happened, what to do, reference, and the safety line.

A Chinese reply has at most 200 characters, an English one 120 words, whatever the facts. One that
would be longer names each asset's symbol once, then has long names shortened in the middle; if
that does not do, it says only what it is, where the money is and what to do. The note has
everything in full.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from enum import IntEnum

from diag.diagnosis.engine import Diagnosis
from diag.diagnosis.resend_proof import condition
from diag.domain.finding import Fact
from diag.domain.verdict import Verdict
from diag.domain.vocabulary import Confidence, Finality, ResendSafe, at_most
from diag.i18n import Text, placeholders_in_order
from diag.render import user_reply_short
from diag.render.formatting import brief, listed, spoken, typeset
from diag.render.notices import FOR_THE_USER, sentences

LONGEST = {"zh": 200, "en": 120}
"""Characters of a Chinese reply, words of an English one."""
MOST_NAMES = 3
LONGEST_NAME = 16
"""Characters of a name where the reply would be too long otherwise."""

SAFETY = Text(
    zh="我们绝不会索要您的私钥、密码或助记词。",
    en="We never ask for private keys, passwords or seed words.",
)
REFERENCE = Text(zh="查询编号：{ref}。", en="Reference: {ref}.")
GRADES = {
    "certain": Text(zh="已确认：", en="Confirmed: "),
    "high": Text(zh="已确认：", en="Confirmed: "),
    "medium": Text(zh="很可能：", en="Likely: "),
    "low": Text(zh="暂不能确定：", en="Not known for certain: "),
}
NOT_FINAL = Text(zh="这一点尚待链上最终确认。", en="The chain has not made this final yet.")
DIFFERS = Text(
    zh="与您说的{fields}不同，请确认。",
    en="It does not match the {fields} you named: please confirm that it is the one you mean.",
)
KEYS_CHANGED = Text(
    zh="此前密钥刚更改过，若非本人操作请告诉我们。",
    en="The account's keys were changed shortly before: if that was not you, tell us.",
)
AFFECTED = Text(zh="同样的转出共 {count} 笔。", en="{count} such movements were made in all.")
SEVERAL = Text(
    zh="共 {count} 笔，这笔最要紧。",
    en="It is the most urgent of {count} in that period.",
)
CLAIMS = {
    "asset": Text(zh="资产", en="asset"),
    "amount": Text(zh="数额", en="amount"),
    "destination": Text(zh="收款账户", en="receiving account"),
    "operation": Text(zh="操作编号", en="operation number"),
    "transaction": Text(zh="交易编号", en="transaction id"),
}
ZONE = Text(zh="时区 {zone}。", en="Times are in {zone}.")
ZONES = {
    "Asia/Shanghai": Text(zh="以上为北京时间。", en="Times are in {zone}."),
    "UTC": Text(zh="以上为 UTC 时间。", en="Times are in UTC."),
}


class Tight(IntEnum):
    """How much a reply is shortened."""

    NOT = 0
    SYMBOLS = 1
    NAMES = 2


def reply(diagnosis: Diagnosis, lang: str) -> str:
    """What the agent may paste to the user; times are short and their zone is named once."""
    rule = diagnosis.verdict.rule
    texts = [rule.reply]
    if rule.resend and diagnosis.verdict.resend_safe is ResendSafe.YES:
        texts.append(rule.resend)
    bodies = ([_filled(text, diagnosis, lang, tight) for text in texts] for tight in Tight)
    short = [(user_reply_short.say(diagnosis.verdict, lang), False)]
    said = next((b for b in bodies if fits(_assemble(diagnosis, lang, b), lang)), short)
    for ways in _more(diagnosis, lang):
        said += [way for way in ways if fits(_assemble(diagnosis, lang, [*said, way]), lang)][
            :1
        ]
    return _assemble(diagnosis, lang, said)


def fits(text: str, lang: str) -> bool:
    """True if a reply is not too long."""
    return (len(text) if lang == "zh" else len(text.split())) <= LONGEST[lang]


_Part = tuple[str, bool]
"""Some sentences, and whether they hold a time."""


def _more(diagnosis: Diagnosis, lang: str) -> Iterator[list[_Part]]:
    """What is worth saying as well where there is room, each in one way or another."""
    now, zone = diagnosis.evidence.now, diagnosis.evidence.case.zone
    told = [notice for notice in diagnosis.notices if notice.kind in FOR_THE_USER]
    for notice in told[:1]:
        yield list(sentences(notice, lang, zone, now))
    if aside := diagnosis.verdict.rule.aside:
        yield [_filled(aside, diagnosis, lang)]


def _filled(text: Text, diagnosis: Diagnosis, lang: str, tight: Tight = Tight.NOT) -> _Part:
    """A text with the verdict's facts in their short form."""
    zone = diagnosis.evidence.case.zone
    facts = diagnosis.verdict.finding.facts
    now = diagnosis.evidence.now
    used = [
        (name, facts[name])
        for name in placeholders_in_order(getattr(text, lang))
        if name in facts
    ]
    short = {name: _short(value, lang, zone, now, tight) for name, value in used}
    if tight:
        _symbols_once(short)
    timed = any(isinstance(value, datetime) for _, value in used)
    return typeset(text.say(lang, short), lang), timed


def _short(value: Fact, lang: str, zone: str | None, now: datetime, tight: Tight) -> object:
    match value:
        case datetime():
            return brief(value, lang, zone, now)
        case tuple():
            return listed([_name(n, tight) for n in value], lang, MOST_NAMES - bool(tight))
        case str():
            return _name(value, tight)
        case _:
            return spoken({"it": value}, lang, zone)["it"]


_AMOUNT = re.compile(r"([0-9]+(?:[.][0-9]+)?) ([A-Z][A-Z0-9.]*)")
_ID = re.compile(r"[0-9.]+")


def _symbols_once(short: dict[str, object]) -> None:
    """Amounts of an asset that was named before stand without its symbol."""
    seen = set()
    for name, value in short.items():
        amount = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
        if amount and amount[2] in seen:
            short[name] = amount[1]
        elif amount:
            seen.add(amount[2])


def _name(name: str, tight: Tight) -> str:
    """A name as it is or shortened; amounts and ids are told whole."""
    whole = tight is not Tight.NAMES or _AMOUNT.fullmatch(name) or _ID.fullmatch(name)
    if whole or len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 7]}…{name[-6:]}"


def _assemble(diagnosis: Diagnosis, lang: str, said: list[_Part]) -> str:
    """The reply around these sentences."""
    verdict = diagnosis.verdict
    grade = GRADES[_told_confidence(verdict)].say(lang)
    parts = [grade + said[0][0], *(text for text, _ in said[1:])]
    parts += _reservations(diagnosis, lang)
    if any(timed for _, timed in said):
        zone = diagnosis.evidence.case.zone or "UTC"
        parts.append(ZONES.get(zone, ZONE).say(lang, {"zone": zone}))
    parts.append(REFERENCE.say(lang, {"ref": diagnosis.reference}))
    parts.append(SAFETY.say(lang))
    return ("" if lang == "zh" else " ").join(parts)


def _told_confidence(verdict: Verdict) -> Confidence:
    """Nothing is called confirmed while a block that it rests on may still be undone."""
    return (
        at_most(verdict.confidence, Confidence.MEDIUM)
        if _undoable(verdict)
        else verdict.confidence
    )


def _undoable(verdict: Verdict) -> bool:
    """True of a lasting fact that is not irreversible yet; a state that passes is never final."""
    return verdict.rule.lasting and verdict.finality is Finality.PROVISIONAL


def _reservations(diagnosis: Diagnosis, lang: str) -> Iterator[str]:
    """What must be said with it: how many there are, a claim that does not fit, why not to resend."""
    verdict = diagnosis.verdict
    affected = verdict.finding.facts.get("affected", 1)
    if isinstance(affected, int) and affected > 1:
        yield AFFECTED.say(lang, {"count": affected})
    elif len(diagnosis.withdrawals) > 1 and "count" not in verdict.finding.facts:
        yield SEVERAL.say(lang, {"count": len(diagnosis.withdrawals)})
    if "keys_changed" in verdict.basis and "own_keys" not in verdict.resend_unmet[:1]:
        yield KEYS_CHANGED.say(lang)
    if verdict.differing:
        names = tuple(CLAIMS[name].say(lang) for name in verdict.differing)
        yield DIFFERS.say(lang, {"fields": listed(names, lang, MOST_NAMES)})
    if _undoable(verdict) and "irreversible" not in verdict.resend_unmet[:1]:
        yield NOT_FINAL.say(lang)
    if verdict.resend_unmet:
        yield condition(verdict.resend_unmet[0]).otherwise.say(lang)
