"""Notices in words: one sentence for the user, a line for the agent, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from diag.i18n import LANGUAGES, Text
from diag.notices.model import Notice, NoticeKind
from diag.render.formatting import brief, listed, moment, typeset

FOR_THE_USER = frozenset(NoticeKind) - {NoticeKind.CHANNELS}


def document(notice: Notice) -> dict[str, Any]:
    """A notice as the contract has it; times are RFC 3339 in UTC."""
    return {
        "id": notice.id,
        "kind": notice.kind,
        "gateway": notice.gateway,
        "asset": notice.asset,
        "from": _stamp(notice.period.start),
        "until": _stamp(notice.period.end),
        "expected_repair": _stamp(notice.expected_repair),
        "severity": notice.severity,
        "text": {lang: notice.text.say(lang) for lang in LANGUAGES},
        "channels": list(notice.channels),
    }


def _stamp(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else None


def sentences(
    notice: Notice, lang: str, zone: str | None, now: datetime
) -> Iterator[tuple[str, bool]]:
    """What to tell the user, best first: the operator's words, else those of its kind.

    Each with whether it holds a time. A repair that was expected before now is not promised again.
    """
    repair = notice.expected_repair
    if repair is not None and repair <= now:
        repair = None
    for text in (notice.text, STANDARD[notice.kind]):
        said = text.say(lang).strip().rstrip("。.")
        if repair is not None:
            said += REPAIR.say(lang, {"at": brief(repair, lang, zone, now)})
        yield typeset(said + ("。" if lang == "zh" else "."), lang), repair is not None


def line(notice: Notice, lang: str, zone: str | None) -> str:
    """What the agent reads: kind, words, until when, repair, channels."""
    words = [f"{KINDS[notice.kind].say(lang)}: {notice.text.say(lang).strip().rstrip('。.')}"]
    if notice.expected_repair:
        words.append(EXPECTED.say(lang, {"at": moment(notice.expected_repair, lang, zone)}))
    if notice.period.end:
        words.append(UNTIL.say(lang, {"at": moment(notice.period.end, lang, zone)}))
    if notice.channels:
        words.append(listed(notice.channels, lang))
    joined = ("，" if lang == "zh" else "; ").join(words)
    return typeset(joined.replace(": ", "：", 1) if lang == "zh" else joined, lang)


REPAIR = Text(zh="，预计修复时间 {at}", en="; expected repair: {at}")
EXPECTED = Text(zh="预计修复时间 {at}", en="expected repair {at}")
UNTIL = Text(zh="有效至 {at}", en="in force until {at}")
KINDS = {
    NoticeKind.INCIDENT: Text(zh="已知故障", en="known incident"),
    NoticeKind.MAINTENANCE: Text(zh="维护", en="maintenance"),
    NoticeKind.HOLIDAY: Text(zh="假期安排", en="holiday hours"),
    NoticeKind.SCAM_WARNING: Text(zh="防骗提醒", en="scam warning"),
    NoticeKind.CHANNELS: Text(zh="官方渠道", en="official channels"),
}
STANDARD = {
    NoticeKind.INCIDENT: Text(zh="目前有已知故障", en="There is a known problem at present"),
    NoticeKind.MAINTENANCE: Text(zh="目前正在维护", en="Maintenance is under way"),
    NoticeKind.HOLIDAY: Text(
        zh="正值假期，处理可能较慢", en="It is a holiday, so things may be slow"
    ),
    NoticeKind.SCAM_WARNING: Text(zh="请警惕假冒客服", en="Beware of false support"),
    NoticeKind.CHANNELS: Text(zh="请只用官方渠道", en="Please use official channels only"),
}
"""Where the operator's own words are too long for the reply."""
