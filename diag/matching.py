"""Which answer belongs to which withdrawal: burns, batches and returns, each used once.

Works on one asset at one gateway. The order in which the operations are given does not matter:
they are taken in chain order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from diag.evidence import Answer, AnswerKind, Completeness
from diag.records import Burn, Issue, Transfer

FEE_SHARE = 0.05
"""A return that is short by no more than this share is a return less a fee."""
MOST_LEFT_OUT = 2
"""A batch may leave out this many of the withdrawals it could have held."""
LONGEST_QUEUE = 60
"""How many waiting withdrawals are tried as parts of one batch."""

Back = Transfer | Issue


@dataclass(slots=True)
class _Waiting:
    """A withdrawal while answers are being found for it."""

    sent: Transfer
    answers: list[Answer] = field(default_factory=list)
    claimed_back: Issue | None = None
    """An issue of the whole amount to its sender: a return, unless a burn explains it better."""
    rivals: set[str] = field(default_factory=set)

    @property
    def units(self) -> int:
        return self.sent.amount.units

    @property
    def number(self) -> int:
        return self.sent.place.number


@dataclass(frozen=True, slots=True)
class Match:
    """What was found: answers and rivals by withdrawal id, and burns that match nothing."""

    answers: dict[str, tuple[Answer, ...]]
    rivals: dict[str, tuple[str, ...]]
    unexplained: tuple[Burn, ...]


def match(
    sent: Iterable[Transfer],
    burns: Iterable[Burn],
    backs: Iterable[Back],
    *,
    fee_units: int = 0,
    partial_returns: bool = True,
) -> Match:
    """Match the answers of one gateway in one asset.

    sent are transfers to it, burns its burns, backs its transfers and issues to others.
    fee_units is the published withdrawal fee. partial_returns says whether a smaller transfer
    back may be a return: not where the gateway also credits deposits by transfer.
    """
    waiting = [_Waiting(s) for s in sorted(set(sent), key=lambda s: s.place.number)]
    ordered = sorted(set(backs), key=_number)
    partial = _take_back(waiting, ordered, fee_units)
    unexplained = []
    served = -1
    groups: list[list[_Waiting]] = []
    for burn in sorted(set(burns), key=_number):
        before = [w for w in waiting if w.number < burn.place.number and not w.answers]
        equal = [w for w in before if w.units == burn.amount.units]
        if equal:
            chosen = _first_claim(equal, burn)
            chosen.answers.append(Answer(AnswerKind.BURN, burn, chosen.sent.amount))
            groups.append(equal)
            served = max(served, chosen.number)
            continue
        parts = batches(before, served, burn.amount.units)
        if len(parts) == 1:
            for w in parts[0]:
                w.answers.append(
                    Answer(AnswerKind.BATCH, burn, w.sent.amount, shared=len(parts[0]))
                )
            served = max(served, *(w.number for w in parts[0]))
            continue
        unexplained.append(burn)
        _mark_rivals({w.sent.id: w for part in parts for w in part}.values())
    if partial_returns:
        _take_part(waiting, partial)
    for w in waiting:
        if w.claimed_back and not w.answers:
            w.answers.append(Answer(AnswerKind.RETURN, w.claimed_back, w.claimed_back.amount))
    for group in groups:
        if any(not w.answers for w in group) and len({w.sent.sender for w in group}) > 1:
            _mark_rivals(group)
    return Match(
        answers={w.sent.id: tuple(w.answers) for w in waiting},
        rivals={w.sent.id: tuple(sorted(w.rivals)) for w in waiting},
        unexplained=tuple(unexplained),
    )


def _number(operation: Burn | Back) -> int:
    return operation.place.number


def _mark_rivals(group: Iterable[_Waiting]) -> None:
    members = list(group)
    for w in members:
        w.rivals |= {other.sent.id for other in members} - {w.sent.id}


def _first_claim(equal: Sequence[_Waiting], burn: Burn) -> _Waiting:
    """Of equal withdrawals the oldest that was not sent back; a returned one only if no other is left."""
    free = [w for w in equal if w.claimed_back is None]
    return (free or list(equal))[0]


def _take_back(
    waiting: Sequence[_Waiting], backs: Sequence[Back], fee_units: int
) -> list[Transfer]:
    """Give each movement back to the withdrawal it returns; what is left may return a part."""
    left: list[Transfer] = []
    for back in backs:
        own = [
            w
            for w in waiting
            if w.sent.sender == back.recipient
            and w.number < back.place.number
            and not w.answers
            and w.claimed_back is None
        ]
        whole = [w for w in own if w.units == back.amount.units]
        if isinstance(back, Issue):
            if whole:
                whole[0].claimed_back = back
            continue
        if whole:
            whole[0].answers.append(Answer(AnswerKind.RETURN, back, back.amount))
            continue
        larger = [w for w in own if w.units > back.amount.units]
        if not larger:
            continue
        nearest = min(larger, key=lambda w: (w.units, -w.number))
        how = completeness(nearest.units, back.amount.units, fee_units)
        if how is Completeness.LESS_FEE:
            nearest.answers.append(Answer(AnswerKind.RETURN, back, back.amount, how))
        else:
            left.append(back)
    return left


def _take_part(waiting: Sequence[_Waiting], backs: Sequence[Transfer]) -> None:
    """Give a smaller movement back to the nearest withdrawal of that user that nothing answered."""
    for back in backs:
        larger = [
            w
            for w in waiting
            if w.sent.sender == back.recipient
            and w.number < back.place.number
            and w.units > back.amount.units
            and not w.answers
            and w.claimed_back is None
        ]
        if larger:
            nearest = min(larger, key=lambda w: (w.units, -w.number))
            nearest.answers.append(
                Answer(AnswerKind.RETURN, back, back.amount, Completeness.PARTIAL)
            )


def completeness(sent: int, returned: int, fee: int) -> Completeness:
    """How much of a withdrawal came back, in base units: all, all but a fee, or a part."""
    short = sent - returned
    if short <= 0:
        return Completeness.FULL
    if short <= max(2 * fee, sent * FEE_SHARE):
        return Completeness.LESS_FEE
    return Completeness.PARTIAL


def batches(before: Sequence[_Waiting], served: int, units: int) -> list[tuple[_Waiting, ...]]:
    """The sets of waiting withdrawals whose sum is the burn, of the simplest kind that has any.

    First the run of those sent since the last one that was served, then all that wait, then
    either with a few left out. More than one set of a kind means that nobody can tell.
    """
    free = [w for w in before if w.claimed_back is None]
    for queue in (free, list(before)):
        queue = queue[-LONGEST_QUEUE:]
        fresh = [w for w in queue if w.number > served]
        for left_out in range(MOST_LEFT_OUT + 1):
            for part in (fresh, queue):
                found = list(_sums(part, units, left_out))
                if found:
                    return found
    return []


def _sums(
    queue: Sequence[_Waiting], units: int, left_out: int
) -> Iterator[tuple[_Waiting, ...]]:
    """Runs of the queue, with exactly `left_out` inner members left out, that sum to units."""
    prefix = [0]
    for w in queue:
        prefix.append(prefix[-1] + w.units)
    positions = {total: index for index, total in enumerate(prefix)}
    for start in range(len(queue)):
        if left_out == 0:
            end = positions.get(prefix[start] + units)
            if end is not None and end > start + 1:
                yield tuple(queue[start:end])
            continue
        if start:  # with members left out, only runs from the oldest on
            return
        for inner in combinations(range(len(queue)), left_out):
            total = prefix[start] + units + sum(queue[i].units for i in inner)
            end = positions.get(total)
            if end is None or end <= inner[-1] + 1 or inner[0] <= start:
                continue
            kept = tuple(w for i, w in enumerate(queue[start:end], start) if i not in inner)
            if len(kept) > 1:
                yield kept
