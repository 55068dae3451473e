"""Which answer belongs to which withdrawal: burns, batches and returns, each used once.

Works on one asset at one gateway. The order in which the operations are given does not matter:
they are taken in chain order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from diag.domain.operations import Burn, Issue, Transfer
from diag.domain.withdrawal import Answer, AnswerKind, Completeness

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
    ambiguous_with: set[str] = field(default_factory=set)
    base_units: int = 0
    number: int = 0

    def __post_init__(self) -> None:
        self.base_units, self.number = self.sent.amount.base_units, self.sent.location.number


@dataclass(frozen=True, slots=True)
class Match:
    """What was found: answers and rivals by withdrawal id, and burns that match nothing."""

    answers: dict[str, tuple[Answer, ...]]
    ambiguous_with: dict[str, tuple[str, ...]]
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
    waiting = [_Waiting(s) for s in _ordered(sent)]
    returns = _ordered(backs)
    book = _Book(waiting, returns, fee_units)
    for event in _ordered([*burns, *returns]):
        match event:
            case Burn():
                book.burnt(event)
            case Issue():
                book.issued(event)
            case _:
                book.came_back(event)
    return book.closed(partial_returns)


def _ordered(operations: Iterable[Any]) -> list[Any]:
    """Each of them once, in chain order."""
    by_number = {operation.location.number: operation for operation in operations}
    return [by_number[number] for number in sorted(by_number)]


class _Book:
    """The gateway's withdrawals while its operations are read in chain order."""

    def __init__(
        self, waiting: Sequence[_Waiting], returns: Sequence[Back], fee_units: int
    ) -> None:
        self._waiting = waiting
        self._coming = deque(waiting)
        self._unanswered: list[_Waiting] = []
        self._by_sender: dict[str, list[_Waiting]] = {}
        for w in waiting:
            self._by_sender.setdefault(w.sent.sender, []).append(w)
        self._returns: dict[str, list[Back]] = {}
        for back in returns:
            self._returns.setdefault(back.recipient, []).append(back)
        self._fee = fee_units
        self._served = -1
        self._groups: list[list[_Waiting]] = []
        self._parts: list[Transfer] = []
        self._unexplained: list[Burn] = []

    def burnt(self, burn: Burn) -> None:
        """A burn settles one equal withdrawal, else a batch that sums to it, else nothing known."""
        before, base_units = self._before(burn), burn.amount.base_units
        equal = [w for w in before if w.base_units == base_units]
        if equal:
            staying = (w for w in equal if not self._comes_back(w, burn))
            chosen = next(staying, equal[0]) if len(equal) > 1 else equal[0]
            self._groups.append(equal)
            self._settle([chosen], AnswerKind.BURN, burn)
            return
        free = [w for w in before if not self._comes_back(w, burn)]
        parts = batches(free, before, self._served, base_units)
        if len(parts) == 1:
            self._settle(parts[0], AnswerKind.BATCH, burn)
            return
        self._unexplained.append(burn)
        _mark_rivals({w.sent.id: w for part in parts for w in part}.values())

    def _before(self, burn: Burn) -> list[_Waiting]:
        """The unanswered withdrawals sent before it, in chain order; burns come in that order."""
        while self._coming and self._coming[0].number < burn.location.number:
            self._unanswered.append(self._coming.popleft())
        self._unanswered = [w for w in self._unanswered if not w.answers]
        return self._unanswered

    def _settle(self, served: Sequence[_Waiting], kind: AnswerKind, burn: Burn) -> None:
        for w in served:
            w.answers.append(Answer(kind, burn, w.sent.amount, shared=len(served)))
            self._served = max(self._served, w.number)

    def _comes_back(self, w: _Waiting, burn: Burn) -> bool:
        """True if the same user gets it back, or has had it issued: then a burn is rather another's."""
        after = burn.location.number
        return w.claimed_back is not None or any(
            back.location.number > after and self._whole(w, back)
            for back in self._returns.get(w.sent.sender, ())
        )

    def _whole(self, w: _Waiting, back: Back) -> bool:
        """True if it brings the withdrawal back in full, or by transfer less a fee."""
        if isinstance(back, Issue):
            return back.amount.base_units == w.base_units
        short = completeness(w.base_units, back.amount.base_units, self._fee)
        return back.amount.base_units <= w.base_units and short is not Completeness.PARTIAL

    def _own(self, back: Back, base_units: int | None = None) -> list[_Waiting]:
        """The unanswered withdrawals of the one who got something back, of so many units or of any."""
        before = back.location.number
        return [
            w
            for w in self._by_sender.get(back.recipient, ())
            if (base_units is None or w.base_units == base_units)
            and w.number < before
            and w.claimed_back is None
            and all(a.completeness is Completeness.PARTIAL for a in w.answers)
        ]

    def issued(self, back: Issue) -> None:
        """An issue of the whole amount is a return, unless a burn still explains the withdrawal."""
        whole = self._own(back, back.amount.base_units)
        if whole:
            whole[0].claimed_back = back

    def came_back(self, back: Transfer) -> None:
        """A transfer back returns the equal withdrawal, or the nearest one less a fee."""
        own = self._own(back)
        whole = [w for w in own if w.base_units == back.amount.base_units]
        near = [
            w for w in own if w.base_units > back.amount.base_units and self._whole(w, back)
        ]
        if whole:
            whole[0].answers.append(Answer(AnswerKind.RETURN, back, back.amount))
        elif near:
            how = Completeness.LESS_FEE
            nearest = min(near, key=lambda w: (w.base_units, -w.number))
            nearest.answers.append(Answer(AnswerKind.RETURN, back, back.amount, how))
        else:
            self._parts.append(back)

    def closed(self, partial_returns: bool) -> Match:
        """Everything that was matched, once all operations have been read."""
        for back in self._parts if partial_returns else ():
            self._part(back)
        for w in self._waiting:
            if w.claimed_back and not w.answers:
                amount = w.claimed_back.amount
                w.answers.append(Answer(AnswerKind.RETURN, w.claimed_back, amount))
        for group in self._groups:
            if any(not w.answers for w in group) and len({w.sent.sender for w in group}) > 1:
                _mark_rivals(group)
        return Match(
            answers={w.sent.id: tuple(w.answers) for w in self._waiting},
            ambiguous_with={w.sent.id: tuple(sorted(w.ambiguous_with)) for w in self._waiting},
            unexplained=tuple(self._unexplained),
        )

    def _part(self, back: Transfer) -> None:
        """A smaller transfer returns a part of the nearest withdrawal that has room for it."""
        room = [
            w
            for w in self._own(back)
            if w.base_units
            >= back.amount.base_units + sum(a.part.base_units for a in w.answers)
        ]
        if room:
            nearest = min(room, key=lambda w: (w.base_units, -w.number))
            nearest.answers.append(
                Answer(AnswerKind.RETURN, back, back.amount, Completeness.PARTIAL)
            )


def _mark_rivals(group: Iterable[_Waiting]) -> None:
    members = list(group)
    for w in members:
        w.ambiguous_with |= {other.sent.id for other in members} - {w.sent.id}


def completeness(sent: int, returned: int, fee: int) -> Completeness:
    """How much of a withdrawal came back, in base units: all, all but a fee, or a part."""
    short = sent - returned
    if short <= 0:
        return Completeness.FULL
    if short <= max(2 * fee, sent * FEE_SHARE):
        return Completeness.LESS_FEE
    return Completeness.PARTIAL


def batches(
    free: Sequence[_Waiting], before: Sequence[_Waiting], served: int, base_units: int
) -> list[tuple[_Waiting, ...]]:
    """The sets of waiting withdrawals whose sum is the burn, of the simplest kind that has any.

    First the run of those sent since the last one that was served, then all that wait, then
    either with a few left out; those that come back last. More than one set of a kind means
    that nobody can tell.
    """
    for waiting in (free, before):
        queue = waiting[-LONGEST_QUEUE:]
        fresh = [w for w in queue if w.number > served]
        for left_out in range(MOST_LEFT_OUT + 1):
            for part in (fresh, queue):
                found = list(_sums(part, base_units, left_out))
                if found:
                    return found
    return []


def _sums(
    queue: Sequence[_Waiting], base_units: int, left_out: int
) -> Iterator[tuple[_Waiting, ...]]:
    """Runs of the queue, with exactly `left_out` inner members left out, that sum to units."""
    prefix = [0]
    for w in queue:
        prefix.append(prefix[-1] + w.base_units)
    positions = {total: index for index, total in enumerate(prefix)}
    for start in range(len(queue)):
        if left_out == 0:
            end = positions.get(prefix[start] + base_units)
            if end is not None and end > start + 1:
                yield tuple(queue[start:end])
            continue
        if start:  # with members left out, only runs from the oldest on
            return
        for inner in combinations(range(len(queue)), left_out):
            total = prefix[start] + base_units + sum(queue[i].base_units for i in inner)
            end = positions.get(total)
            if end is None or end <= inner[-1] + 1 or inner[0] <= start:
                continue
            kept = tuple(w for i, w in enumerate(queue[start:end], start) if i not in inner)
            if len(kept) > 1:
                yield kept
