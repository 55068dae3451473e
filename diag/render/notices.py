"""Renders notices: one sentence for the user, a line for the agent, and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from diag.i18n import LANGUAGES
from diag.notices.model import Notice, NoticeKind
from diag.render.formatting import brief, listed, moment, stamp, typeset
from diag.words import text

FOR_THE_USER = frozenset(NoticeKind) - {NoticeKind.CHANNELS}


def document(notice: Notice) -> dict[str, Any]:
    """A notice as JSON data; times are RFC 3339 in UTC."""
    return {
        "id": notice.id,
        "kind": notice.kind,
        "gateway": notice.gateway,
        "asset": notice.asset,
        "from": stamp(notice.period.start),
        "until": stamp(notice.period.end),
        "expected_repair": stamp(notice.expected_repair),
        "severity": notice.severity,
        "text": {lang: notice.text.say(lang) for lang in LANGUAGES},
        "channels": list(notice.channels),
    }


def sentences(
    notice: Notice, lang: str, zone: str | None, now: datetime
) -> Iterator[tuple[str, tuple[datetime, ...]]]:
    """Sentences for the user, best first: the operator's own text, then that of the kind of notice.

    Each comes with its times. A repair whose expected time has passed is not mentioned.
    """
    repair = notice.expected_repair
    if repair is not None and repair <= now:
        repair = None
    for words in (notice.text, STANDARD[notice.kind]):
        said = words.say(lang).strip().rstrip("。.")
        if repair is not None:
            said += REPAIR.say(lang, {"at": brief(repair, lang, zone, now)})
        times = () if repair is None else (repair,)
        yield typeset(said + ("。" if lang == "zh" else "."), lang), times


def line(notice: Notice, lang: str, zone: str | None) -> str:
    """The line for the agent: kind, text, end, repair, channels."""
    words = [f"{KINDS[notice.kind].say(lang)}: {notice.text.say(lang).strip().rstrip('。.')}"]
    if notice.expected_repair:
        words.append(EXPECTED.say(lang, {"at": moment(notice.expected_repair, lang, zone)}))
    if notice.period.end:
        words.append(UNTIL.say(lang, {"at": moment(notice.period.end, lang, zone)}))
    if notice.channels:
        words.append(listed(notice.channels, lang))
    joined = ("，" if lang == "zh" else "; ").join(words)
    return typeset(joined.replace(": ", "：", 1) if lang == "zh" else joined, lang)


KINDS = {kind: text(f"labels.notice_kinds.{kind}") for kind in NoticeKind}
STANDARD = {kind: text(f"labels.notice_standard.{kind}") for kind in NoticeKind}
"""The text by kind, if the operator's own is too long for the reply."""
REPAIR = text("labels.notice.repair")
EXPECTED = text("labels.notice.expected")
UNTIL = text("labels.notice.until")
