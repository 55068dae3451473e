"""The state of matching one asset at one gateway: the withdrawals, and the answers found so far."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from msgspec import Struct

from diag.domain.asset import Quantity
from diag.domain.operations import Burn, Transfer
from diag.domain.withdrawal import Answer, AnswerKind, Completeness, Doubt
from diag.matching.credits import FEE_SHARE, Back, Credits, completeness

Settling = Burn | Transfer
"""A burn, or a transfer by which the gateway passes coins on to its next account."""


class Waiting(Struct, eq=False):
    """A withdrawal and the answers found for it so far."""

    sent: Transfer
    settlement: Answer | None = None
    returns: list[Answer] = []
    claimed: Back | None = None
    """A credit that may be its return or a deposit; it is the return unless a burn explains the
    withdrawal better.
    """
    ambiguous_with: set[str] = set()
    alike: set[str] = set()
    base_units: int = 0
    number: int = 0
    unread: bool = False
    """What answered it may stand in a part of the history that was not read."""
    back_until: int = 0
    """The operation number of the last credit that may return all of it."""

    def __post_init__(self) -> None:
        self.base_units, self.number = self.sent.amount.base_units, self.sent.location.number

    @property
    def open(self) -> bool:
        """True if no answer was found."""
        return not (self.settlement or self.returns)

    @property
    def answers(self) -> list[Answer]:
        """The answers in chain order."""
        if not self.settlement:
            return self.returns
        every = [self.settlement, *self.returns]
        return sorted(every, key=lambda a: a.operation.location.number)

    @property
    def sure(self) -> bool:
        """True if an answer was found that cannot be a deposit."""
        return bool(self.settlement) or any(not a.maybe_deposit for a in self.returns)

    @property
    def missing(self) -> int:
        """Base units that have not come back."""
        return self.base_units - sum(a.part.base_units for a in self.returns)


Set = tuple[Waiting, ...]


class Settled(NamedTuple):
    """A burn, the withdrawals that it settled, and which others it could have settled then."""

    event: Settling
    members: Set
    equal: Set = ()
    """All withdrawals of exactly this amount that waited."""
    instead: tuple[Set, ...] = ()
    """Other sets of withdrawals that sum to the burn."""


@dataclass(slots=True)
class Matching:
    """All withdrawals, and what has been matched so far.

    fee: the published withdrawal fee. kept: what the gateway keeps of each withdrawal when it
    burns it. Both are in base units.
    """

    waiting: Sequence[Waiting]
    credits: Credits
    fee: int
    kept: int
    settled: list[Settled] = field(default_factory=list)
    left: dict[str, list[Back]] = field(default_factory=lambda: defaultdict(list))
    """By user id: credits that return no whole withdrawal among the waiting ones."""
    unexplained: list[Burn] = field(default_factory=list)
    by_sender: dict[str, list[Waiting]] = field(default_factory=lambda: defaultdict(list))
    _by_size: dict[str, tuple[list[int], list[Waiting]]] = field(default_factory=dict)
    """By sender: the amounts in ascending order, and the withdrawals in the same order."""

    def __post_init__(self) -> None:
        for w in self.waiting:
            self.by_sender[w.sent.sender].append(w)
        for sender, own in self.by_sender.items():
            ordered = sorted(own, key=attrgetter("base_units"))
            self._by_size[sender] = [w.base_units for w in ordered], ordered

    def due(self, w: Waiting) -> int:
        """Return the base units that the gateway burns of a withdrawal."""
        return w.base_units - self.kept

    def own(self, back: Back) -> list[Waiting]:
        """Return the unanswered withdrawals of the credit's user that were sent before it."""
        before = back.location.number
        own = self.by_sender.get(back.recipient, ())
        return [w for w in own if w.number < before and w.open]

    def as_large(self, back: Back) -> list[Waiting]:
        """Return the user's withdrawals that the credit may return in full, in chain order.

        None is smaller than the credit, or larger by far more than a fee.
        """
        if back.recipient not in self._by_size:
            return []
        sizes, ordered = self._by_size[back.recipient]
        units = back.amount.base_units
        most = units + max(2 * self.fee, int(2 * FEE_SHARE * units))
        found = ordered[bisect_left(sizes, units) : bisect_right(sizes, most)]
        return sorted(found, key=attrgetter("number")) if len(found) > 1 else found

    def settled_before(self, back: Back) -> list[Waiting]:
        """Return the user's settled withdrawals that a later credit may return, the likeliest last."""
        at = back.location.number
        fitting = [
            w
            for w in self.as_large(back)
            if (settlement := w.settlement)
            and settlement.operation.location.number < at
            and not w.returns
            and self.whole(w, back)
        ]
        return sorted(fitting, key=lambda w: (-w.base_units, w.number))

    def whole(self, w: Waiting, back: Back) -> bool:
        """Return True if the credit returns the withdrawal in full, or less a fee.

        If the credit may be a deposit, it has to be the exact amount, or short by exactly the
        fee.
        """
        short = w.base_units - back.amount.base_units
        if self.credits.doubt(back):
            return short in (0, self.fee)
        how = completeness(w.base_units, back.amount.base_units, self.fee)
        return short >= 0 and how is not Completeness.PARTIAL

    def give_back(
        self,
        w: Waiting,
        back: Back,
        *doubts: Doubt,
        part: int | None = None,
        shared: int = 1,
    ) -> None:
        """Record that a credit returns all or a part of a withdrawal.

        part: the returned base units, if not the whole credit. shared: how many withdrawals it
        returns.
        """
        units = back.amount.base_units if part is None else part
        doubt = self.credits.doubt(back)
        how = completeness(w.base_units, units, self.fee)
        every = (*doubts, *([doubt] if doubt else []))
        amount = Quantity(units, back.amount.asset_id)
        w.returns.append(Answer(AnswerKind.RETURN, back, amount, how, shared, every))

    def settle(self, w: Waiting, burn: Burn, *doubts: Doubt, part: bool = False) -> None:
        """Record that a burn by itself settled a withdrawal.

        part: it settled only the part that it burnt.
        """
        how = Completeness.PARTIAL if part else Completeness.FULL
        amount = burn.amount if part else w.sent.amount
        w.settlement = Answer(AnswerKind.BURN, burn, amount, how, doubts=doubts)
        self.unexplained.remove(burn)


def mark_rivals(group: Iterable[Waiting]) -> None:
    """Mark withdrawals each of which may have got the answer of any other.

    Withdrawals that came back are not marked: their return is not in doubt.
    """
    members = list(group)
    for w in members:
        if not w.returns:
            w.ambiguous_with |= {other.sent.id for other in members} - {w.sent.id}


def mark_alike(group: Iterable[Waiting]) -> None:
    """Mark withdrawals of one account that the same answers fit, so that these cannot be assigned."""
    members = list(group)
    for w in members:
        w.alike |= {other.sent.id for other in members} - {w.sent.id}
