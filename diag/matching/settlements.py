"""Matches withdrawals with their answers: burns, batches and returns, each used once.

Works on one asset at one gateway. Operations may be given in any order; they are read in chain
order. The rest is then matched in less usual ways (`leftovers`), and answers that may belong to
another withdrawal are marked (`rivals`).
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from diag.domain.operations import Burn, Transfer
from diag.domain.withdrawal import Answer, AnswerKind, Doubt
from diag.matching import leftovers, rivals
from diag.matching.batches import batches
from diag.matching.credits import (
    ENOUGH,
    FEE_SHARE,
    Back,
    Credits,
    accounts_passed_on_to,
)
from diag.matching.waiting import Matching, Set, Settled, Settling, Waiting

RECENT = 20
"""How many withdrawals before a burn are compared with it to find what the gateway keeps of each."""


@dataclass(frozen=True, slots=True)
class Match:
    """The answers by withdrawal id, and the burns that match nothing."""

    answers: dict[str, tuple[Answer, ...]]
    ambiguous_with: dict[str, tuple[str, ...]]
    """By withdrawal id, where there are any: others to which its answer may belong."""
    unexplained: tuple[Burn, ...]
    alike: dict[str, tuple[str, ...]]
    """The same for others of its own account."""


def match(
    sent: Iterable[Transfer],
    burns: Iterable[Burn],
    backs: Iterable[Back],
    *,
    fee_units: int = 0,
    partial_returns: bool = True,
    in_batches: bool = False,
    read_from: int = 0,
) -> Match:
    """Match the answers of one gateway in one asset.

    sent: transfers to the gateway.
    burns: its burns.
    backs: its transfers and issues to others.
    fee_units: the published withdrawal fee, in base units.
    partial_returns: a smaller transfer back may be a return; False if the gateway also credits
    deposits by transfer.
    in_batches: the gateway is known to burn several withdrawals at once.
    read_from: the number of the first operation that was read of the gateway; what answered an
    earlier withdrawal may be unknown.

    Some gateways burn what they were sent, others that less their fee. The way is used that
    explains more of the burns.
    """
    moves, answers = _ordered(sent), _ordered(backs)
    sinks = accounts_passed_on_to(moves, answers)
    passed_on = [b for b in answers if isinstance(b, Transfer) and b.recipient in sinks]
    settling = _ordered([*burns, *passed_on])
    returns = [b for b in answers if b.recipient not in sinks]
    credits = Credits(moves, returns, by_transfer=not partial_returns)

    def read(kept: int) -> Matching:
        waiting = [Waiting(m, unread=m.location.number < read_from) for m in moves]
        matching = Matching(waiting, credits, fee_units, kept)
        _Reading(matching).read(settling, returns)
        return matching

    found = read(0)
    if kept := _kept_of_burns(found):
        less = read(kept)
        found = min(found, less, key=lambda matching: len(matching.unexplained))
    leftovers.match(found)
    rivals.mark(found, in_batches=in_batches)
    return Match(
        answers={w.sent.id: tuple(w.answers) for w in found.waiting},
        ambiguous_with=_ids((w, w.ambiguous_with) for w in found.waiting),
        unexplained=tuple(found.unexplained),
        alike=_ids((w, w.alike) for w in found.waiting),
    )


def _ordered(operations: Iterable[Any]) -> list[Any]:
    """Return each operation once, in chain order."""
    by_number = {operation.location.number: operation for operation in operations}
    return [by_number[number] for number in sorted(by_number)]


def _ids(others: Iterable[tuple[Waiting, set[str]]]) -> dict[str, tuple[str, ...]]:
    """Return the ids of others by withdrawal id, where there are any."""
    return {w.sent.id: tuple(sorted(ids)) for w, ids in others if ids}


def _kept_of_burns(found: Matching) -> int:
    """Return the base units that the gateway keeps of each burn: its fee, or an observed
    amount, or 0.
    """
    unanswered = [w for w in found.waiting if w.open]
    if not found.unexplained or not unanswered:
        return 0
    if found.fee:
        return found.fee
    seen: Counter[int] = Counter()
    for burn in found.unexplained:
        sent = [w for w in unanswered if w.number < burn.location.number][-RECENT:]
        short = {w.base_units - burn.amount.base_units for w in sent}
        limit = burn.amount.base_units * FEE_SHARE
        seen.update(units for units in short if 0 < units <= limit)
    kept, times = max(seen.items(), key=lambda item: (item[1], -item[0]), default=(0, 0))
    return kept if times >= ENOUGH else 0


class _Reading:
    """Reads a gateway's operations in chain order, and matches them."""

    def __init__(self, matching: Matching) -> None:
        self._matching = matching
        self._credits = matching.credits
        self._coming = deque(matching.waiting)
        self._unanswered: list[Waiting] = []
        self._by_due: dict[int, list[Waiting]] = defaultdict(list)
        """Unanswered withdrawals by the base units that the gateway would burn of each; some
        may be answered meanwhile.
        """
        self._takers = {w.sent.recipient for w in matching.waiting}
        self._served = -1
        for back in self._credits.whole:
            for w in matching.as_large(back):
                if matching.whole(w, back):
                    w.back_until = max(w.back_until, back.location.number)

    def read(self, settling: Sequence[Settling], returns: Sequence[Back]) -> None:
        settlements = {event.location.number for event in settling}
        for event in _ordered([*settling, *returns]):
            if event.location.number in settlements:
                self._settling(event)
            else:
                self._credited(event)

    # --- burns ------------------------------------------------------------------------------

    def _settling(self, event: Settling) -> None:
        """Settle one equal withdrawal with a burn, else a batch that sums to it, else none.

        Withdrawals sent to the account that burns are tried first, then those sent to the
        gateway's other accounts.
        """
        self._advance(event)
        payer = event.payer if isinstance(event, Burn) else event.sender
        several = len(self._takers) > 1 and payer in self._takers
        for taker in (payer, None) if several else (None,):
            if self._settle_from(taker, event):
                return
        if isinstance(event, Burn):
            self._matching.unexplained.append(event)

    def _advance(self, event: Settling) -> None:
        """Add the withdrawals sent before this event to the unanswered; events come in chain order."""
        while self._coming and self._coming[0].number < event.location.number:
            w = self._coming.popleft()
            self._unanswered.append(w)
            self._by_due[self._matching.due(w)].append(w)

    def _equal(self, base_units: int, taker: str | None) -> Set:
        """Return the unanswered withdrawals of exactly this amount.

        taker: only those sent to this account; None for all.
        """
        if base_units not in self._by_due:
            return ()
        equal = self._by_due[base_units] = [w for w in self._by_due[base_units] if w.open]
        if taker is not None:
            equal = [w for w in equal if w.sent.recipient == taker]
        return tuple([w for w in equal if not w.unread] or equal)

    def _settle_from(self, taker: str | None, event: Settling) -> bool:
        """Settle withdrawals with a burn; return False if none fits.

        taker: only withdrawals sent to this account; None for all.
        """
        base_units = event.amount.base_units
        equal = self._equal(base_units, taker)
        if len(equal) == 1:
            self._settle(Settled(event, equal, equal))
            return True
        if equal:
            chosen = next((w for w in equal if not _comes_back(w, event)), equal[0])
            self._settle(Settled(event, (chosen,), equal))
            return True
        self._unanswered = [w for w in self._unanswered if w.open]
        pool = self._unanswered
        if taker is not None:
            pool = [w for w in pool if w.sent.recipient == taker]
        read = [w for w in pool if not w.unread]
        sets: list[Set] = []
        for waiting in (read, pool) if len(read) < len(pool) else (pool,):
            free = [w for w in waiting if not _comes_back(w, event)]
            sets = sets or batches(free, waiting, self._served, base_units, self._matching.due)
        if sets:
            self._settle(Settled(event, sets[0], instead=tuple(sets[1:])))
        return bool(sets)

    def _settle(self, found: Settled) -> None:
        event, count = found.event, len(found.members)
        kind = AnswerKind.BATCH if count > 1 else AnswerKind.BURN
        doubts: tuple[Doubt, ...] = ()
        if isinstance(event, Transfer):
            kind, doubts = AnswerKind.FORWARD, (Doubt.FORWARDED,)
        for w in found.members:
            w.settlement = Answer(kind, event, w.sent.amount, shared=count, doubts=doubts)
            self._served = max(self._served, w.number)
        self._matching.settled.append(found)

    # --- credits ----------------------------------------------------------------------------

    def _credited(self, back: Back) -> None:
        """Match a credit with an equal withdrawal of its user, or with the nearest one less a fee."""
        if not self._credits.plausible(back):
            return
        matching, units = self._matching, back.amount.base_units
        doubt, exactly = self._credits.doubt(back), (0, matching.fee)
        own = [] if self._credits.in_a_row(back) else self._own(back)
        if doubt:
            own = [w for w in own if w.claimed is None]
        fitting = [w for w in own if w.base_units == units]
        fitting = fitting or [w for w in own if w.base_units - units in exactly]
        if not fitting and not doubt:
            settled = matching.settled_before(back)
            if not any(w.base_units - units in exactly for w in settled):
                fitting = [w for w in own if matching.whole(w, back)]
        if not fitting:
            matching.left[back.recipient].append(back)
            return
        w = min(
            fitting, key=lambda w: (w.claimed is not None, w.unread, w.base_units, w.number)
        )
        if doubt:
            w.claimed = back
        else:
            matching.give_back(w, back)

    def _own(self, back: Back) -> list[Waiting]:
        """Return the unanswered withdrawals of the user, sent before the credit, that it may
        return in full.
        """
        before = back.location.number
        own = self._matching.as_large(back)
        return [w for w in own if w.number < before and w.open]


def _comes_back(w: Waiting, event: Settling) -> bool:
    """Return True if the user gets the withdrawal back, or may: a burn then rather belongs to
    another one.
    """
    return w.claimed is not None or w.back_until > event.location.number
