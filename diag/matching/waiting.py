"""The withdrawals of a gateway in one asset while answers are being found for them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from diag.domain.asset import Quantity
from diag.domain.operations import Burn, Transfer
from diag.domain.withdrawal import Answer, AnswerKind, Completeness, Doubt
from diag.matching.credits import FEE_SHARE, Back, Credits, completeness

Settling = Burn | Transfer
"""A burn, or coins passed on to the account to which the gateway passes its withdrawals."""


@dataclass(slots=True, eq=False)
class Waiting:
    """A withdrawal and what has been found for it so far."""

    sent: Transfer
    answers: list[Answer] = field(default_factory=list)
    claimed: Back | None = None
    """What may be its return or a deposit: its return, unless a burn explains it better."""
    ambiguous_with: set[str] = field(default_factory=set)
    alike: set[str] = field(default_factory=set)
    base_units: int = 0
    number: int = 0
    unread: bool = False
    """What answered it may stand in a part of the history that was not read."""
    back_until: int = 0
    """The number of the last credit that may bring all of it back."""

    def __post_init__(self) -> None:
        self.base_units, self.number = self.sent.amount.base_units, self.sent.location.number

    @property
    def sure(self) -> bool:
        """True if something answered it that cannot be a deposit."""
        return any(not answer.maybe_deposit for answer in self.answers)

    @property
    def settlement(self) -> Answer | None:
        for answer in self.answers:
            if answer.kind is not AnswerKind.RETURN:
                return answer
        return None

    @property
    def returns(self) -> list[Answer]:
        return [a for a in self.answers if a.kind is AnswerKind.RETURN]

    @property
    def missing(self) -> int:
        """Base units that have not come back."""
        return self.base_units - sum(a.part.base_units for a in self.returns)


Set = tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """What a burn was taken to settle, and which others it could have settled then."""

    event: Settling
    members: Set
    equal: Set = ()
    """All that waited for just this amount."""
    instead: tuple[Set, ...] = ()
    """Other sets that sum to it."""


@dataclass(slots=True)
class Matching:
    """What was sent, and what has been matched so far.

    fee is the published withdrawal fee, kept what the gateway keeps of each withdrawal when it
    burns it, both in base units.
    """

    waiting: Sequence[Waiting]
    credits: Credits
    fee: int
    kept: int
    settled: list[Settled] = field(default_factory=list)
    left: dict[str, list[Back]] = field(default_factory=lambda: defaultdict(list))
    """By user: credits that return no whole withdrawal that waited."""
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
        """How much of a withdrawal the gateway burns."""
        return w.base_units - self.kept

    def own(self, back: Back) -> list[Waiting]:
        """The unanswered withdrawals of the one who got something, sent before that."""
        before = back.location.number
        own = self.by_sender.get(back.recipient, ())
        return [w for w in own if w.number < before and not w.answers]

    def as_large(self, back: Back) -> list[Waiting]:
        """The withdrawals of the one who got something that it may be all of: none that is less, and
        none that is more than it by far more than a fee. In chain order.
        """
        if back.recipient not in self._by_size:
            return []
        sizes, ordered = self._by_size[back.recipient]
        units = back.amount.base_units
        most = units + max(2 * self.fee, int(2 * FEE_SHARE * units))
        found = ordered[bisect_left(sizes, units) : bisect_right(sizes, most)]
        return sorted(found, key=attrgetter("number")) if len(found) > 1 else found

    def settled_before(self, back: Back) -> list[Waiting]:
        """The user's withdrawals that were settled before and that it may bring back, the likeliest
        last.
        """
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
        """True if it brings the withdrawal back in full, or less a fee.

        What may be a deposit has to be short by just the fee.
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
        """Note that it brings back all or a part of a withdrawal; part in base units."""
        units = back.amount.base_units if part is None else part
        doubt = self.credits.doubt(back)
        how = completeness(w.base_units, units, self.fee)
        every = (*doubts, *([doubt] if doubt else []))
        amount = Quantity(units, back.amount.asset_id)
        w.answers.append(Answer(AnswerKind.RETURN, back, amount, how, shared, every))

    def settle(self, w: Waiting, burn: Burn, *doubts: Doubt, part: bool = False) -> None:
        """Note that a burn by itself settled a withdrawal, or the part of it that is burnt."""
        how = Completeness.PARTIAL if part else Completeness.FULL
        amount = burn.amount if part else w.sent.amount
        w.answers.append(Answer(AnswerKind.BURN, burn, amount, how, doubts=doubts))
        self.unexplained.remove(burn)


def mark_rivals(group: Iterable[Waiting]) -> None:
    """Each may have got the answer of any other: nobody can tell whose it is.

    What came back is not in doubt by that.
    """
    members = list(group)
    for w in members:
        if not w.returns:
            w.ambiguous_with |= {other.sent.id for other in members} - {w.sent.id}


def mark_alike(group: Iterable[Waiting]) -> None:
    """Withdrawals of one account that each fit what answered some of them: whose it is, nobody can
    tell.
    """
    members = list(group)
    for w in members:
        w.alike |= {other.sent.id for other in members} - {w.sent.id}
