"""Works out what a stated time refers to: the withdrawal, or something else in the text.

The nearest verb in the same clause decides. "Before" and 之前 mean a deadline if the sentence demands
or threatens something. An earlier withdrawal that arrived is not the one in question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from diag.intake.cues import Cue, any_of, cue
from diag.intake.normalized_text import BLANK
from diag.intake.times.model import Relation

_BREAK = Cue(
    lambda: rf"[,，。;；!?\n]|\.(?= |\n|\Z)|{any_of('relations.clause_end')}",
    "relations.clause_end",
)
_SENTENCE = re.compile(r"[。;；!?\n]|\.(?= |\n|\Z)")
_MOVED = cue("relations.moved")
_HAPPENED = cue("relations.happened")
_EARLIER = cue("relations.earlier")
_ONE_OF_SEVERAL = cue("relations.one_of_several")
_ARRIVED = cue("relations.arrived")
_DENIED = cue("relations.denied")
_DEMAND = cue("relations.demand")
_UNTIL = Cue(lambda: rf"{any_of('relations.until')}[ :]?\Z", "relations.until")
_UNTIL_AFTER = Cue(lambda: rf" ?{any_of('relations.until_after')}", "relations.until_after")
_STILL = cue("relations.still_missing")
_STILL_EN = cue("relations.still_missing_en")
_MISSING_BEFORE = cue("relations.missing_before")
_AS_OF = Cue(lambda: rf"{any_of('relations.as_of')} ?\Z", "relations.as_of")
_STATUS = cue("relations.status")
_TODAY = cue("relations.today")
_CUSTOMER = cue("relations.customer")
_CUSTOMER_AFTER = Cue(
    lambda: rf" ?的?{any_of('relations.customer_after')}", "relations.customer_after"
)
_REACH = 160
"""Characters around a time that are searched."""


@dataclass(frozen=True, slots=True)
class _Around:
    """The words before and after a time in its clause, and in its sentence."""

    before: str
    after: str
    sentence: str


def relation_of(text: str, begin: int, stop: int) -> Relation:
    """What the time at `text[begin:stop]` refers to; the text is in lower case."""
    around = _around(text, begin, stop)
    clause = f"{around.before} | {around.after}"
    if _deadline(around) or _other_withdrawal(clause):
        return Relation.OTHER
    if _checked(text[begin:stop], around):
        return Relation.CHECKED
    moved, happened = _nearest(_MOVED, around), _nearest(_HAPPENED, around)
    if happened is None and not _DENIED.search(clause):
        happened = _nearest(_ARRIVED, around)
    if happened is not None and (moved is None or happened < moved):
        return Relation.OTHER
    return Relation.AT


def waited_for_another(text: str, begin: int, stop: int) -> bool:
    """Whether a duration refers to another withdrawal, or to how long the user has been a customer."""
    around = _around(text, begin, stop)
    if _other_withdrawal(f"{around.before} | {around.after}"):
        return True
    return bool(_CUSTOMER.search(around.before) or _CUSTOMER_AFTER.match(around.after))


def _around(text: str, begin: int, stop: int) -> _Around:
    before, after = text[max(0, begin - _REACH) : begin], text[stop : stop + _REACH]
    sentence = _tail(_SENTENCE, before) + " | " + _head(_SENTENCE, after)
    return _Around(_tail(_BREAK, before), _head(_BREAK, after), sentence)


def _tail(breaks: re.Pattern[str] | Cue, text: str) -> str:
    end = 0
    for found in breaks.finditer(text):
        if found[0] not in ",，" or text[found.end() :].strip(f" {BLANK}"):
            end = found.end()
    return text[end:]


def _head(breaks: re.Pattern[str] | Cue, text: str) -> str:
    found = breaks.search(text)
    return text[: found.start()] if found else text


def _deadline(around: _Around) -> bool:
    until = _UNTIL.search(around.before) or _UNTIL_AFTER.match(around.after)
    return bool(until and _DEMAND.search(around.sentence))


def _other_withdrawal(clause: str) -> bool:
    """Whether the words refer to an earlier withdrawal; of several, only to one that arrived."""
    arrived = bool(_ARRIVED.search(clause)) and not _DENIED.search(clause)
    return bool(_EARLIER.search(clause)) or (arrived and bool(_ONE_OF_SEVERAL.search(clause)))


def _checked(words: str, around: _Around) -> bool:
    """A time at which the money was still missing: 今天还没到, "still not there today"."""
    if _AS_OF.search(around.before) and _DENIED.search(around.sentence):
        return True
    if _STATUS.match(around.after) and not _MOVED.search(around.before):
        return True
    if _TODAY.fullmatch(words):
        return bool(
            _MISSING_BEFORE.search(around.before)
            or _STILL.match(around.after)
            or _STILL_EN.match(around.after)
        )
    return False


def _nearest(verbs: Cue, around: _Around) -> int | None:
    """The distance in characters to the nearest of these verbs; None if there is none."""
    before = [len(around.before) - found.end() for found in verbs.finditer(around.before)]
    after = [found.start() for found in verbs.finditer(around.after)]
    return min((*before, *after), default=None)
