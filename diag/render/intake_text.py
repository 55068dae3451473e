"""Renders an intake as text: what was read, what is uncertain, what to ask, which command to run."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from diag.i18n import Text
from diag.intake.candidates import Field
from diag.intake.classify.complaint_kind import LABELS
from diag.intake.classify.language import reply_language
from diag.intake.classify.urgency import REASONS, Urgency
from diag.intake.extract.identifiers import REMARKS
from diag.intake.parser import Intake
from diag.render import formatting
from diag.render.input_readings import field_label

_LEVELS = {
    Urgency.CRITICAL: Text(zh="紧急", en="critical"),
    Urgency.HIGH: Text(zh="优先", en="high"),
    Urgency.NORMAL: Text(zh="普通", en="normal"),
    Urgency.LOW: Text(zh="不急", en="low"),
}
_FIELDS = {
    "coin": Text(zh="币种", en="Coin"),
    "gateway": Text(zh="网关", en="Gateway"),
    "address": Text(zh="收款地址", en="Address on the other chain"),
}
"""Labels of values that are not fields of a case."""


def render(intake: Intake, lang: str) -> str:
    """The intake in one language; the question is in the language of the complaint."""
    rows = [
        (_KIND.say(lang), LABELS[intake.classification.kind].say(lang)),
        (_URGENCY.say(lang), _urgency(intake, lang)),
        *((_label(name, lang), _value(field, lang)) for name, field in _found(intake)),
        *((_TIME.say(lang), time.text) for time in intake.times if time.text),
    ]
    if intake.window:
        zone = intake.zone.key if isinstance(intake.zone, ZoneInfo) else None
        ends = (formatting.moment(at, lang, zone) for at in intake.window)
        rows.append((_WINDOW.say(lang), " – ".join(ends)))
    lines = [f"{label}{_COLON[lang]}{value}" for label, value in rows]
    if intake.exposed:
        lines.insert(0, _EXPOSED.say(lang))
    lines += [f"! {REMARKS[remark.code].say(lang)}" for remark in intake.remarks]
    if intake.question:
        asked = intake.question.say(reply_language(intake.language, lang))
        lines += ["", _ASK.say(lang), asked]
    if intake.case:
        lines += ["", _RUN.say(lang), _command(intake.case)]
    return "\n".join(lines) + "\n"


def _found(intake: Intake) -> Iterator[tuple[str, Field]]:
    return ((name, field) for name, field in intake.fields.items() if field.candidates)


def _label(name: str, lang: str) -> str:
    return _FIELDS[name].say(lang) if name in _FIELDS else field_label(name, lang)


def _value(field: Field, lang: str) -> str:
    """The chosen value, or all candidates if none is chosen."""
    if field.meant is None:
        values = " / ".join(found.value for found in field.candidates)
        return _UNCERTAIN.say(lang, {"values": values})
    unit = field.meant.unit
    return f"{field.meant.value} {unit}" if unit else field.meant.value


def _urgency(intake: Intake, lang: str) -> str:
    facts = {
        "level": _LEVELS[intake.urgency.level],
        "reason": REASONS[intake.urgency.reason][1],
    }
    return _LEVEL.say(lang, facts)


def _command(case: dict[str, str]) -> str:
    """The command that diagnoses the case."""
    options = ((f"--{name.replace('_', '-')}", value) for name, value in case.items())
    rest = [part for pair in options if pair[0] != "--account" for part in pair]
    return shlex.join(["diag", "diagnose", case["account"], *rest])


_COLON = {"zh": "：", "en": ": "}
_KIND = Text(zh="类型", en="Kind")
_URGENCY = Text(zh="紧急程度", en="Urgency")
_LEVEL = Text(zh="{level}（{reason}）", en="{level} ({reason})")
_TIME = Text(zh="时间原文", en="Time as written")
_WINDOW = Text(zh="时间范围", en="Window")
_UNCERTAIN = Text(zh="{values}（不能确定是哪一个）", en="{values} (not clear which)")
_EXPOSED = Text(
    zh="原文里有私钥、密码或助记词，已隐去；请让用户立即更换全部密钥。",
    en="The text held a private key, password or seed phrase, which was cut out; the user must "
    "change all keys at once.",
)
_ASK = Text(zh="可以这样问用户：", en="What to ask the user:")
_RUN = Text(zh="诊断命令：", en="To diagnose it:")
