"""The few words for times that are read in languages which are not read otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diag.intake.normalized_text import each
from diag.intake.times import tokens
from diag.intake.times.tokens import UNITS, Atom, Span

_DAYS_BACK = {
    "сегодня": 0, "вчера": 1, "позавчера": 2, "hoy": 0, "ayer": 1, "anteayer": 2, "hoje": 0, "ontem": 1, "anteontem": 2,
    "aujourd'hui": 0, "hier": 1, "avant-hier": 2, "heute": 0, "gestern": 1, "vorgestern": 2, "oggi": 0, "ieri": 1,
    "오늘": 0, "어제": 1, "그저께": 2, "きのう": 1, "きょう": 0, "hôm nay": 0, "hôm qua": 1,
}  # fmt: skip
_UNITS = {
    "hour": r"час(?:а|ов)?|horas?|heures?|stunden?|ore|시간|時間|giờ",
    "day": r"д(?:ень|ня|ней)|суток|d[ií]as?|jours?|tagen?|giorni|일(?! ?일)|日間|ngày",
    "week": r"недел[яиюь]|semanas?|semaines?|wochen?|settiman[ae]|주(?:일)?|週間|tuần",
    "month": r"месяц(?:а|ев)?|mes(?:es)?|mois|monate?n?|mesi|개월|ヶ月|tháng",
}
_DAY = re.compile(
    rf"(?<![^\W\d_])(?:{'|'.join(sorted(_DAYS_BACK, key=len, reverse=True))})(?![a-zа-я])"
)
_AGE = re.compile(
    r"(?<![0-9.,:/-])(?P<count>[0-9]{1,3}) ?(?:"
    + "|".join(f"(?P<{unit}>{words})" for unit, words in _UNITS.items())
    + r")(?![a-zà-ÿа-я])"
)


def atoms_in_other_languages(text: str) -> Iterator[Atom]:
    """Days such as вчера or ayer, and lengths of time such as "48 часов", which nobody says were waited."""
    for m in each(_DAY, text):
        yield Atom(*m.span(), tokens.day(_DAYS_BACK[m[0]]))
    for m in each(_AGE, text):
        length, slack = UNITS[str(m.lastgroup)]
        yield Atom(*m.span(), Span(length * int(m["count"]), slack, waited=True, sure=False))
