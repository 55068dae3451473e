"""Classifies a complaint into a small closed set of kinds, by which agents sort.

Danger is checked first, then whether the problem is solved or the text is only a question. Every
other kind has weighted cues; the weights of the cues that occur are added up. A kind is named only if
its own weight and its lead over the next kind are large enough; otherwise the kind stays open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from diag.domain.gateway_register import Register
from diag.intake.candidates import Field
from diag.intake.classify.danger import dangers
from diag.intake.cues import Cue, any_of, cue, facts, weighted
from diag.intake.extract.assets import CORE
from diag.intake.normalized_text import BLANK, Page, each
from diag.words import texts


class Kind(StrEnum):
    """The kinds, most pressing first."""

    STOLEN = "stolen"
    MEMO_PROBLEM = "memo_problem"
    WRONG_DESTINATION = "wrong_destination"
    AMOUNT_DIFFERS = "amount_differs"
    CANNOT_SEND = "cannot_send"
    NOT_ON_CHAIN = "not_on_chain"
    FUNDS_LOCKED = "funds_locked"
    DEPOSIT_MISSING = "deposit_missing"
    TRANSFER_MISSING = "transfer_missing"
    WITHDRAWAL_MISSING = "withdrawal_missing"
    GATEWAY_STATE = "gateway_state"
    ACCESS = "access"
    FEE_QUESTION = "fee_question"
    SOLVED = "solved"
    OTHER = "other"
    UNCLEAR = "unclear"


LABELS = texts("intake.kinds")
"""Kind → what it is called."""
_MISSING = cue("kinds.missing")
DIRECTIONS = (Kind.DEPOSIT_MISSING, Kind.TRANSFER_MISSING, Kind.WITHDRAWAL_MISSING)
"""Kinds that need both a direction and words that the money is missing."""
_EXPLAINED: dict[Kind, frozenset[Kind]] = {
    Kind.MEMO_PROBLEM: frozenset((*DIRECTIONS, Kind.ACCESS, Kind.FUNDS_LOCKED)),
    Kind.WRONG_DESTINATION: frozenset((*DIRECTIONS, Kind.FUNDS_LOCKED)),
    Kind.AMOUNT_DIFFERS: frozenset((*DIRECTIONS, Kind.FEE_QUESTION, Kind.FUNDS_LOCKED)),
    Kind.NOT_ON_CHAIN: frozenset(DIRECTIONS),
    Kind.CANNOT_SEND: frozenset((Kind.ACCESS, Kind.FUNDS_LOCKED)),
}
"""Kind → kinds that it explains and that do not count against it: a forgotten memo is the reason for
missing money.
"""
_ABSENCE = 4
_LEAST = 3
"""Below this weight a cue is a mention, not a complaint."""
_SURE = 6
_MARGIN = 3
"""A kind is named if its cues weigh at least SURE, and MARGIN more than those of any other kind."""


@dataclass(frozen=True, slots=True)
class Classification:
    """The kind, the runner-up, and the words that indicate the kind.

    The kind is UNCLEAR if no kind is certain; the runner-up is then the most likely one.
    """

    kind: Kind
    runner_up: Kind | None
    score: int
    spans: tuple[tuple[int, int], ...]
    direction_open: bool = False
    """Money has not arrived, and nothing says whether it was withdrawn, deposited or transferred."""


def classify(page: Page, waiting: bool, dated: bool) -> Classification:
    """Classify a page. waiting: it says how long the user has waited; dated: it says when something
    happened.
    """
    text = page.low
    if danger := tuple(sorted(set(dangers(text)))):
        return Classification(Kind.STOLEN, None, 10, danger)
    if solved := _solved(text):
        return Classification(Kind.SOLVED, None, 10, (solved,))
    said = text.strip(f"{BLANK} \n")
    if _only(_THANKS, said):
        return Classification(Kind.SOLVED, None, 10, ())
    if not said or _only(_SMALL_TALK, said):
        return Classification(Kind.OTHER, None, 0, ())
    scores, spans = _weighed(text, waiting, dated)
    strong = any(scores[k] >= _SURE for k in scores if k not in DIRECTIONS)
    if (
        not strong
        and not _complains(text, waiting or bool(_MISSING.search(text)), dated)
        and (asked := _QUESTION.search(text))
    ):
        for kind in (Kind.FEE_QUESTION, Kind.GATEWAY_STATE):
            if scores[kind] >= _LEAST:
                return Classification(kind, None, scores[kind], spans[kind])
        return Classification(Kind.OTHER, None, 10, (asked.span(),))
    ranked = sorted((k for k in scores if scores[k] >= _LEAST), key=lambda k: -scores[k])
    if not ranked:
        return Classification(Kind.UNCLEAR, None, 0, ())
    first = ranked[0]
    rivals = [k for k in ranked[1:] if k not in _EXPLAINED.get(first, ())]
    second = rivals[0] if rivals else None
    distance = scores[first] - scores[second] if second else _MARGIN
    sure = scores[first] >= _SURE and distance >= (_MARGIN if second not in DIRECTIONS else 1)
    if not sure:
        undirected = first in DIRECTIONS and not any(_hits(text, _cues()[first]))
        return Classification(Kind.UNCLEAR, first, scores[first], spans[first], undirected)
    return Classification(first, second, scores[first], spans[first])


def unread(page: Page) -> Classification:
    """Classify a text in an unsupported language: STOLEN if known words indicate danger, else
    UNCLEAR.
    """
    danger = tuple(sorted(set(dangers(page.low))))
    if danger:
        return Classification(Kind.STOLEN, None, 10, danger)
    hint = next((kind for kind, words in _ELSEWHERE.items() if words.search(page.low)), None)
    return Classification(Kind.UNCLEAR, hint, 0, ())


def redirected(
    found: Classification, fields: Mapping[str, Field], register: Register
) -> Classification:
    """A transfer to a gateway's account or to an address on another chain is a withdrawal."""
    if found.kind is not Kind.TRANSFER_MISSING:
        return found
    to, beyond = fields["destination"].value, fields["address"].value
    gateway = to is not None and register.by_account(to) is not None
    if not gateway and not (
        to is None and beyond is not None and fields["asset"].value != CORE
    ):
        return found
    return replace(found, kind=Kind.WITHDRAWAL_MISSING, runner_up=Kind.TRANSFER_MISSING)


_ELSEWHERE = {
    kind: cue(f"kinds.elsewhere.{kind}")
    for kind in (Kind.MEMO_PROBLEM, Kind.WITHDRAWAL_MISSING, Kind.DEPOSIT_MISSING)
}
"""Words of other languages that hint at a kind; the kind stays open nevertheless."""


def _weighed(
    text: str, waiting: bool, dated: bool
) -> tuple[dict[Kind, int], dict[Kind, tuple[tuple[int, int], ...]]]:
    """The total weight of the cues of each kind, and their places."""
    absent = [found.span() for found in each(_MISSING, text)]
    scores: dict[Kind, int] = {}
    spans: dict[Kind, tuple[tuple[int, int], ...]] = {}
    for kind, cues in _cues().items():
        hits = list(_hits(text, cues))
        score = sum(weight for weight, _ in hits)
        if kind in DIRECTIONS:
            lacking = bool(absent) or waiting
            told = kind is Kind.WITHDRAWAL_MISSING and dated and _WITHDREW.search(text)
            if score and lacking:
                score = min(score, _SURE) + _ABSENCE
            elif not told:  # a user who states the time of a withdrawal is missing it
                score = min(score, _LEAST)
        scores[kind] = score
        spans[kind] = tuple(sorted(span for _, span in hits))
    if (absent or waiting) and not any(scores[kind] >= _LEAST for kind in scores):
        scores[Kind.WITHDRAWAL_MISSING], spans[Kind.WITHDRAWAL_MISSING] = _LEAST, (*absent[:1],)
    return scores, spans


_WITHDREW = cue("kinds.withdrew")
_QUESTION = cue("kinds.question")
_OWN_CASE = cue("kinds.own_case")


def _complains(text: str, lacking: bool, dated: bool) -> bool:
    """Whether the writer reports a case of their own and does not only ask a general question."""
    told = dated and bool(_WITHDREW.search(text))
    return lacking or told or bool(_OWN_CASE.search(text))


_ARRIVED = cue("kinds.arrived")
_DOUBT = cue("kinds.doubt")
_SMALL_TALK = Cue(
    lambda: rf"{any_of('kinds.small_talk')}[ ,，.。!！?？\n]*", "kinds.small_talk"
)
_THANKS = Cue(
    lambda: (
        rf"{any_of('kinds.before_thanks')}?[ ,，]*{any_of('kinds.thanks')}"
        rf"{any_of('kinds.thanks_for')}*{any_of('kinds.after_thanks')}?[ ,，.。!！\n]*"
    ),
    "kinds.thanks",
)


def _only(phrases: Cue, text: str) -> bool:
    """Whether a text is nothing but these phrases, one after another; none is tried in two ways."""
    at = 0
    while at < len(text) and (found := phrases.match(text, at)):
        at = found.end()
    return 0 < at == len(text)


def _solved(text: str) -> tuple[int, int] | None:
    """The words that say that the problem is solved, unless other words contradict them."""
    found = _ARRIVED.search(text)
    if not found:
        return None
    others = text[: found.start()] + text[found.end() :]
    return None if _DOUBT.search(others) or _DOUBT.search(found[0]) else found.span()


@cache
def _cues() -> dict[Kind, tuple[tuple[int, Cue], ...]]:
    """Kind → its cues with their weights, for the kinds that have cues."""
    return {Kind(kind): weighted(f"kinds.cues.{kind}") for kind in facts("kinds.cues")}


def _hits(
    text: str, cues: tuple[tuple[int, Cue], ...]
) -> Iterator[tuple[int, tuple[int, int]]]:
    """The cues that occur, each counted once."""
    for weight, phrases in cues:
        found = phrases.search(text)
        if found:
            yield weight, found.span()
