"""Facts in the words of a language: times in the user's zone, durations as people say them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from diag.diagnose import Diagnosis
from diag.text import Text
from diag.verdict import SENT_AGAIN, Fact, Finding

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


def spoken(facts: Mapping[str, Fact], lang: str, zone: str | None) -> dict[str, object]:
    """Every fact as something a template can hold."""
    return {name: _word(value, lang, zone) for name, value in facts.items()}


def _word(value: Fact, lang: str, zone: str | None) -> object:
    match value:
        case datetime():
            return moment(value, lang, zone)
        case timedelta():
            return duration(value, lang)
        case Text():
            return value.say(lang)
        case _:
            return value


def moment(at: datetime, lang: str, zone: str | None = None) -> str:
    """2026-11-22 20:00:12 (Asia/Shanghai); UTC where the case names no zone."""
    local = at.astimezone(ZoneInfo(zone) if zone else UTC)
    place = f"（{zone or 'UTC'}）" if lang == "zh" else f" ({zone or 'UTC'})"
    return f"{local:%Y-%m-%d %H:%M:%S}{place}"


def duration(length: timedelta, lang: str) -> str:
    """41 min, 2 h 5 min, 3 d 4 h: two units at most."""
    seconds = max(0, int(length.total_seconds()))
    units = (
        (86400, "d", " 天"),
        (3600, "h", " 小时"),
        (60, "min", " 分钟"),
        (1, "s", " 秒"),
    )
    parts: list[str] = []
    for size, en, zh in units:
        count, seconds = divmod(seconds, size)
        if count and len(parts) < 2:
            parts.append(f"{count}{zh}" if lang == "zh" else f"{count} {en}")
        if parts and size == 60:
            break
    return " ".join(parts) or ("0 秒" if lang == "zh" else "0 s")


def said(text: Text, finding: Finding, lang: str, zone: str | None) -> str:
    """One of a rule's texts, filled with the facts of a finding."""
    return _set(text.say(lang, spoken(finding.facts, lang, zone)), lang)


def _set(words: str, lang: str) -> str:
    """Typography: in Chinese no space stands beside full-width punctuation."""
    return re.sub(r" *([，。；：（）、]) *", r"\1", words) if lang == "zh" else words


def reply(diagnosis: Diagnosis, lang: str) -> str:
    """What the agent may paste to the user: how sure, what, reference, and the safety line.

    Times are short here, to the minute, and their zone is named once.
    """
    verdict, zone = diagnosis.verdict, diagnosis.evidence.case.zone
    facts = verdict.finding.facts
    year = diagnosis.evidence.now.year
    short = {
        name: brief(value, lang, zone, year)
        for name, value in facts.items()
        if isinstance(value, datetime)
    }
    body = verdict.rule.reply.say(lang, spoken(facts, lang, zone) | short)
    parts = [GRADES[verdict.confidence].say(lang) + _set(body, lang)]
    if verdict.resend_safe != verdict.rule.resend_safe:
        parts.append((ALREADY if SENT_AGAIN in verdict.basis else NOT_YET).say(lang))
    if verdict.rule.reply.blanks[lang] & short.keys():
        parts.append(ZONES.get(zone or "UTC", ZONE).say(lang, {"zone": zone or "UTC"}))
    parts.append(REFERENCE.say(lang, {"ref": diagnosis.reference}))
    parts.append(SAFETY.say(lang))
    return ("" if lang == "zh" else " ").join(parts)


NOT_YET = Text(
    zh="这一点尚待链上最终确认，请先不要重新发送。",
    en="The chain has not made this final yet, so do not send again for now.",
)
ALREADY = Text(
    zh="您之后已再次发送，请不要重复发送。",
    en="You have sent it once more since; do not repeat it.",
)
ZONE = Text(zh="时区 {zone}。", en="Times are in {zone}.")
ZONES = {
    "Asia/Shanghai": Text(zh="以上为北京时间。", en="Times are in {zone}."),
    "UTC": Text(zh="以上为 UTC 时间。", en="Times are in UTC."),
}


def brief(at: datetime, lang: str, zone: str | None, year: int) -> str:
    """11-22 20:00 or 22 Nov 20:00, in the zone of the case; the year where it is another."""
    local = at.astimezone(ZoneInfo(zone) if zone else UTC)
    other = local.year != year
    if lang == "zh":
        return f"{local:%Y-%m-%d %H:%M}" if other else f"{local:%m-%d %H:%M}"
    day = f"{local.day} {_MONTHS[local.month - 1]}"
    return f"{day} {local.year} {local:%H:%M}" if other else f"{day} {local:%H:%M}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def note(diagnosis: Diagnosis, lang: str) -> str:
    """What only the agent sees: the evidence in a line, what was excluded and not looked at."""
    verdict = diagnosis.verdict
    zone = diagnosis.evidence.case.zone
    lines = [said(verdict.rule.note, verdict.finding, lang, zone)]
    if verdict.ruled_out:
        label = Text(zh="已排除：", en="Ruled out: ").say(lang)
        lines.append(label + ", ".join(verdict.ruled_out))
    if verdict.not_checked:
        label = Text(zh="未能核对：", en="Not checked: ").say(lang)
        lines.append(label + "; ".join(what.say(lang) for _, what in verdict.not_checked))
    if verdict.ask_user_for:
        label = Text(zh="可向用户询问：", en="Ask the user for: ").say(lang)
        lines.append(label + ", ".join(WANTED[item].say(lang) for item in verdict.ask_user_for))
    return "\n".join(lines)


WANTED = {
    "external_transaction": Text(
        zh="对方链的交易 ID", en="the transaction id on the other chain"
    ),
    "memo": Text(zh="备注原文", en="the text of the memo"),
    "operation": Text(zh="操作编号或交易 ID", en="the operation or transaction id"),
    "amount": Text(zh="数额", en="the amount"),
    "time": Text(zh="大致时间和时区", en="the rough time and its time zone"),
    "account": Text(zh="准确的账户名", en="the exact account name"),
    "destination": Text(zh="收款地址", en="the receiving address"),
    "wallet": Text(zh="所用钱包", en="which wallet was used"),
    "received": Text(zh="实际到账数额", en="the amount that arrived"),
}
