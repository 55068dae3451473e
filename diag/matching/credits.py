"""Credits: coins that a gateway sends or issues to its users, and which may return a
withdrawal. Pure.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

from diag.domain.operations import Issue, Operation, Override, Transfer
from diag.domain.withdrawal import Completeness, Doubt

Back = Transfer | Issue
"""Coins that the gateway sent or issued to somebody."""

FEE_SHARE = 0.05
"""A return that is short by at most this share, or by twice the fee, counts as less a fee."""
ABOUT = 0.1
"""Two amounts are of about the same size if they differ by at most this share."""
ENOUGH = 3
"""How often something must be observed to count as the way a gateway works."""
ROW = 2
"""So many more credits than withdrawals of about one size count as a series of deposits."""
SINK_SHARE = 0.75
"""An account is one to which coins are passed on if at least this share of what it gets are
amounts just withdrawn.
"""

_DEPOSIT = re.compile(
    r"(?i)\b(?:deposit(?:s|ed)?|top-?up|gift|bonus|airdrop|rewards?|promo)\b"
    "|充值|充币|存入|入账|入金|奖励|赠送|空投|红包"
)
_REFUND = re.compile(
    r"(?i)\b(?:refund(?:s|ed)?|return(?:s|ed)?|reject(?:ed)?|bounced?|revert(?:ed)?|sent back"
    r"|fail(?:s|ed|ure)?|cancel(?:s|l?ed)?|invalid)\b|退回|退款|退币|退还|返还|失败|无效|取消"
)


def as_transfer(operation: Operation) -> Operation:
    """Return an override by the issuer as a transfer; any other operation unchanged."""
    if not isinstance(operation, Override):
        return operation
    o = operation
    return Transfer(
        o.sender, o.recipient, o.amount, location=o.location, kind=o.kind, fee=o.fee
    )


def completeness(sent: int, returned: int, fee: int) -> Completeness:
    """Return how much of a withdrawal came back: all, all but a fee, or a part. Amounts are in
    base units.
    """
    short = sent - returned
    if short <= 0:
        return Completeness.FULL
    if short <= max(2 * fee, sent * FEE_SHARE):
        return Completeness.LESS_FEE
    return Completeness.PARTIAL


def accounts_passed_on_to(sent: Sequence[Transfer], backs: Sequence[Back]) -> frozenset[str]:
    """Return the ids of accounts to which the gateway passes on what it was sent.

    Such an account withdraws nothing itself, and nearly all that it gets are amounts that
    different users have just withdrawn.
    """
    first: dict[int, Transfer] = {}
    for move in sent:
        first.setdefault(move.amount.base_units, move)
    senders = {move.sender for move in sent}
    total: Counter[str] = Counter()
    fitting: dict[str, list[Transfer]] = defaultdict(list)
    for back in backs:
        if not isinstance(back, Transfer) or back.recipient in senders:
            continue
        total[back.recipient] += 1
        sent_before = first.get(back.amount.base_units)
        if sent_before and sent_before.location.number < back.location.number:
            fitting[back.recipient].append(sent_before)
    return frozenset(
        who
        for who, moves in fitting.items()
        if len({move.sender for move in moves}) >= ENOUGH
        and len(moves) >= SINK_SHARE * total[who]
    )


class _Facts(NamedTuple):
    """What is computed once for each credit."""

    plausible: bool
    refund: bool
    """Its public memo calls it a refund, and nothing else."""
    surplus: int
    """How many more credits of about its size the user got than withdrawals of that size were sent.
    0 if the credits are too few for a series.
    """
    doubt: Doubt | None

    def in_a_row(self, length: int) -> bool:
        return self.surplus >= length and not self.refund


class Credits:
    """The credits of a gateway, compared with what its users sent to it.

    The methods take only credits that were passed to the constructor.

    sent: transfers to the gateway. backs: its credits. by_transfer: it credits deposits by
    transfer.
    """

    def __init__(
        self, sent: Sequence[Transfer], backs: Sequence[Back], *, by_transfer: bool
    ) -> None:
        self._sent = _sizes((move.sender, move.amount.base_units) for move in sent)
        self._credited = _sizes(
            ((type(back), back.recipient), back.amount.base_units) for back in backs
        )
        self._count = Counter(back.recipient for back in backs if isinstance(back, Transfer))
        self._unprompted = self._credited_before_sending(sent, backs)
        self._by_transfer = by_transfer or self._strangers_are_credited()
        self._facts: dict[int, _Facts] = {}
        self._whole: dict[str, list[Back]] = defaultdict(list)
        for back in backs:
            facts = self._facts[back.location.number] = self._facts_of(back)
            if facts.plausible and not facts.in_a_row(ROW):
                self._whole[back.recipient].append(back)

    def _strangers_are_credited(self) -> bool:
        """Return True if most transfers go to accounts that have sent nothing, as deposits do."""
        strangers = {who: n for who, n in self._count.items() if who not in self._sent}
        return len(strangers) >= ENOUGH and 2 * sum(strangers.values()) > self._count.total()

    def _credited_before_sending(
        self, sent: Sequence[Transfer], backs: Sequence[Back]
    ) -> frozenset[str]:
        """Users to whom coins were transferred before they had sent any: that was no return."""
        first: dict[str, int] = {}
        for move in sent:
            number = move.location.number
            first[move.sender] = min(number, first.get(move.sender, number))
        return frozenset(
            back.recipient
            for back in backs
            if isinstance(back, Transfer)
            and back.location.number < first.get(back.recipient, 0)
            and not _calls_itself_refund(back)
        )

    def _facts_of(self, back: Back) -> _Facts:
        deposit, refund = _purposes(back)
        size, who = back.amount.base_units, back.recipient
        sent = self._sent.get(who, ())
        credited, surplus = self._credited[type(back), who], 0
        if len(credited) >= ROW:
            surplus = _about(size, credited) - _about(size, sent)
        doubt: Doubt | None = None
        if deposit or not refund:
            in_row = self._count[who] - len(sent) > ROW
            if isinstance(back, Issue):
                doubt = Doubt.ISSUE_OR_DEPOSIT
            elif self._by_transfer or in_row or who in self._unprompted:
                doubt = Doubt.RETURN_OR_DEPOSIT
        return _Facts(refund or not deposit, refund and not deposit, surplus, doubt)

    def plausible(self, back: Back) -> bool:
        """Return False if a public memo calls the credit a deposit or a gift."""
        return self._facts[back.location.number].plausible

    def in_a_row(self, back: Back, length: int = ROW) -> bool:
        """Return True if the credit belongs to a series of deposits of about its size.

        The user got at least `length` more credits of that size than there are withdrawals of
        it, and no public memo calls this one a refund.
        """
        return self._facts[back.location.number].in_a_row(length)

    def of_user(self, user: str) -> Sequence[Back]:
        """Return the credits of a user that may return a whole withdrawal, in chain order."""
        return self._whole.get(user, ())

    def doubt(self, back: Back) -> Doubt | None:
        """Return why the credit may be a deposit: the gateway credits deposits in the same way.
        None if it may not.
        """
        return self._facts[back.location.number].doubt

    @property
    def whole(self) -> Iterable[Back]:
        """All credits that may return a whole withdrawal."""
        return chain.from_iterable(self._whole.values())


def _purposes(back: Back) -> tuple[bool, bool]:
    """Whether its public memo calls it a deposit, and whether a refund."""
    text = back.memo.text if back.memo else None
    if not text:
        return False, False
    return bool(_DEPOSIT.search(text)), bool(_REFUND.search(text))


def _calls_itself_refund(back: Back) -> bool:
    deposit, refund = _purposes(back)
    return refund and not deposit


def _sizes(amounts: Iterable[tuple[Any, int]]) -> dict[Any, list[int]]:
    """Return the amounts in base units by key, each list in ascending order."""
    found: dict[Any, list[int]] = defaultdict(list)
    for whose, base_units in amounts:
        found[whose].append(base_units)
    for sizes in found.values():
        sizes.sort()
    return found


def _about(size: int, ordered: Sequence[int]) -> int:
    """Return how many of the ascending amounts are of about this size."""
    margin = int(ABOUT * size)
    return bisect_right(ordered, size + margin) - bisect_left(ordered, size - margin)
