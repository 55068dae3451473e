"""How urgent a complaint is, and what in the text says so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from diag.i18n import Text
from diag.intake.classify.complaint_kind import Classification, Kind
from diag.intake.normalized_text import Page
from diag.intake.times.model import Relation, Time


class Urgency(StrEnum):
    """From "drop everything" to "when there is time"."""

    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Reason(StrEnum):
    """Why; the first that applies."""

    SECRET = "secret"
    THEFT = "theft"
    WRONG_DESTINATION = "wrong_destination"
    LONG_WAIT = "long_wait"
    PRESSED = "pressed"
    MISSING = "missing"
    UNCLEAR = "unclear"
    UNREAD = "unread"
    QUESTION = "question"
    SOLVED = "solved"
    NOTHING = "nothing"


REASONS: dict[Reason, tuple[Urgency, Text]] = {
    Reason.SECRET: (
        Urgency.CRITICAL,
        Text(
            zh="文字里有私钥、密码或助记词", en="The text holds a key, password or seed words"
        ),
    ),
    Reason.THEFT: (
        Urgency.CRITICAL,
        Text(zh="资金可能正在被盗或已被盗", en="Funds may have been stolen, or be leaving now"),
    ),
    Reason.WRONG_DESTINATION: (
        Urgency.HIGH,
        Text(
            zh="可能转错，越早处理越好",
            en="Possibly sent to the wrong place; early help counts",
        ),
    ),
    Reason.LONG_WAIT: (
        Urgency.HIGH,
        Text(zh="已等待一天以上", en="Waiting for a day or longer"),
    ),
    Reason.PRESSED: (
        Urgency.HIGH,
        Text(
            zh="用户催促、愤怒或提到投诉",
            en="The user presses, is angry or speaks of a complaint",
        ),
    ),
    Reason.MISSING: (
        Urgency.NORMAL,
        Text(zh="资金未到或操作不成", en="Money missing or an action failed"),
    ),
    Reason.UNCLEAR: (
        Urgency.NORMAL,
        Text(zh="事由尚不明确，请先询问", en="What happened is not clear yet; ask first"),
    ),
    Reason.UNREAD: (
        Urgency.NORMAL,
        Text(zh="语言未能读取，请先翻译", en="Written in a language that is not read here"),
    ),
    Reason.SOLVED: (Urgency.LOW, Text(zh="用户说已解决", en="The user says it is solved")),
    Reason.QUESTION: (Urgency.LOW, Text(zh="一般咨询", en="A question")),
    Reason.NOTHING: (Urgency.LOW, Text(zh="没有具体事由", en="Nothing specific is said")),
}
LONG = timedelta(days=1)
_PRESSED = re.compile(
    r"紧急|加急|急急|很急|着急|急用|急死|马上|立刻|立即|赶紧|报警|投诉|起诉|律师|曝光|维权|骗子|垃圾|什么破|怎么回事[!！?？]{2}|救命|全部(?:身家|积蓄)"
    r"|\burgent|\basap\b|\bimmediately\b|\bpolice\b|\blawyer|\blegal action|\bsue\b|\bcomplaint\b|\bscam\b|\bangry\b|\bunacceptable|\bridiculous|\bemergency|\blife savings|\bthreaten|!!!"
)


@dataclass(frozen=True, slots=True)
class UrgencyAssessment:
    """An urgency, its reason, and the span that shows it (None where the whole text does)."""

    level: Urgency
    reason: Reason
    span: tuple[int, int] | None


def assess_urgency(
    page: Page,
    exposed: bool,
    classified: Classification,
    times: tuple[Time, ...],
    now: datetime,
    foreign: bool,
) -> UrgencyAssessment:
    """The urgency of a complaint; foreign where it is in a language that is not read."""
    reason, span = _reason(page, exposed, classified, times, now, foreign)
    return UrgencyAssessment(REASONS[reason][0], reason, span)


def _reason(
    page: Page,
    exposed: bool,
    classified: Classification,
    times: tuple[Time, ...],
    now: datetime,
    foreign: bool,
) -> tuple[Reason, tuple[int, int] | None]:
    kind = classified.kind
    cue = classified.spans[0] if classified.spans else None
    pressed = _PRESSED.search(page.low)
    waited = next((t for t in times if _long(t, now)), None)
    if exposed:
        return Reason.SECRET, None
    if kind is Kind.STOLEN:
        return Reason.THEFT, cue
    if kind is Kind.SOLVED:
        return Reason.SOLVED, cue
    if kind is Kind.WRONG_DESTINATION:
        return Reason.WRONG_DESTINATION, cue
    if waited is not None and kind not in (Kind.OTHER, Kind.FEE_QUESTION):
        return Reason.LONG_WAIT, waited.span
    if pressed:
        return Reason.PRESSED, pressed.span()
    if foreign:
        return Reason.UNREAD, None
    if kind in (Kind.OTHER, Kind.UNCLEAR) and not classified.score:
        return Reason.NOTHING, None
    if kind in (Kind.FEE_QUESTION, Kind.GATEWAY_STATE, Kind.ACCESS, Kind.OTHER):
        return Reason.QUESTION, cue
    return (Reason.UNCLEAR if kind is Kind.UNCLEAR else Reason.MISSING), cue


def _long(time: Time, now: datetime) -> bool:
    """Whether a stated time is surely a day or more ago, in whichever zone it was meant."""
    if time.relation in (Relation.MESSAGE, Relation.CHECKED, Relation.OTHER) or (
        time.start is None and not time.local
    ):
        return False
    if time.end is not None:
        middle = time.end if time.relation is Relation.AT else time.start or time.end
        return now - middle >= LONG
    latest = max(last for _, last in time.local)
    return now.replace(tzinfo=None) - latest >= LONG + timedelta(hours=14)
