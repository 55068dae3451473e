"""Coins that a gateway sends or issues to its users: which may return a withdrawal. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from diag.domain.operations import Issue, Operation, Override, Transfer
from diag.domain.withdrawal import Completeness, Doubt

Back = Transfer | Issue
"""Coins that the gateway sent or issued to somebody."""

FEE_SHARE = 0.05
"""A return that is short by no more than this share, or by twice the fee, is a return less a fee."""
ABOUT = 0.1
"""Amounts are of about the same size if they differ by no more than this share."""
ENOUGH = 3
"""What is seen so many times is how a gateway works."""
ROW = 2
"""So many more credits of about one size than withdrawals of it are a row of deposits."""
SINK_SHARE = 0.75
"""Coins are passed on to an account if this share of what it gets are amounts just withdrawn."""

_DEPOSIT = re.compile(
    r"(?i)\b(?:deposit(?:s|ed)?|top-?up|gift|bonus|airdrop|rewards?|promo)\b"
    "|充值|充币|存入|入账|入金|奖励|赠送|空投|红包"
)
_REFUND = re.compile(
    r"(?i)\b(?:refund(?:s|ed)?|return(?:s|ed)?|reject(?:ed)?|bounced?|revert(?:ed)?|sent back"
    r"|fail(?:s|ed|ure)?|cancel(?:s|l?ed)?|invalid)\b|退回|退款|退币|退还|返还|失败|无效|取消"
)


def as_transfer(operation: Operation) -> Operation:
    """What the issuer moves from one account to another, as a transfer between the two."""
    if not isinstance(operation, Override):
        return operation
    o = operation
    return Transfer(
        o.sender, o.recipient, o.amount, location=o.location, kind=o.kind, fee=o.fee
    )


def completeness(sent: int, returned: int, fee: int) -> Completeness:
    """How much of a withdrawal came back, in base units: all, all but a fee, or a part."""
    short = sent - returned
    if short <= 0:
        return Completeness.FULL
    if short <= max(2 * fee, sent * FEE_SHARE):
        return Completeness.LESS_FEE
    return Completeness.PARTIAL


def accounts_passed_on_to(sent: Sequence[Transfer], backs: Sequence[Back]) -> frozenset[str]:
    """The accounts to which the gateway passes on what it was sent: no users of it.

    Nearly all that such an account gets are amounts that different users have just withdrawn, and
    it withdraws nothing itself.
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


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is worked out once of a credit."""

    plausible: bool
    refund: bool
    """Its public memo calls it a refund, and nothing else."""
    surplus: int
    """How many more credits of about its size its user got than withdrawals of it were sent."""
    doubt: Doubt | None


class Credits:
    """What a gateway sent or issued to its users, beside what they sent to it.

    Its methods take the credits that it was made of.
    """

    def __init__(
        self, sent: Sequence[Transfer], backs: Sequence[Back], *, by_transfer: bool
    ) -> None:
        self._sent = _sizes((move.sender, move) for move in sent)
        self._credited = _sizes(((type(back), back.recipient), back) for back in backs)
        self._count = Counter(back.recipient for back in backs if isinstance(back, Transfer))
        self._unprompted = self._credited_before_sending(sent, backs)
        self._by_transfer = by_transfer or self._strangers_are_credited()
        self._facts = {back.location.number: self._facts_of(back) for back in backs}
        self._whole: dict[str, list[Back]] = defaultdict(list)
        for back in backs:
            if self.plausible(back) and not self.in_a_row(back):
                self._whole[back.recipient].append(back)

    def _strangers_are_credited(self) -> bool:
        """True if transfers go to many who have sent nothing: that is how deposits are credited."""
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
        surplus = _about(size, self._credited[type(back), who]) - _about(size, sent)
        doubt: Doubt | None = None
        if deposit or not refund:
            in_row = self._count[who] - len(sent) > ROW
            if isinstance(back, Issue):
                doubt = Doubt.ISSUE_OR_DEPOSIT
            elif self._by_transfer or in_row or who in self._unprompted:
                doubt = Doubt.RETURN_OR_DEPOSIT
        return _Facts(refund or not deposit, refund and not deposit, surplus, doubt)

    def plausible(self, back: Back) -> bool:
        """False for what a public memo calls a deposit or a gift."""
        return self._facts[back.location.number].plausible

    def in_a_row(self, back: Back, length: int = ROW) -> bool:
        """True if it is one of a row: there are that many more of its size than withdrawals of it."""
        facts = self._facts[back.location.number]
        return facts.surplus >= length and not facts.refund

    def of_user(self, user: str) -> Sequence[Back]:
        """The credits of a user that may return a whole withdrawal, in chain order."""
        return self._whole.get(user, ())

    def doubt(self, back: Back) -> Doubt | None:
        """Why it may be a deposit: the gateway credits those in the same way."""
        return self._facts[back.location.number].doubt

    @property
    def whole(self) -> Iterable[Back]:
        """All credits that may return a whole withdrawal."""
        return chain.from_iterable(self._whole.values())


def _purposes(back: Back) -> tuple[bool, bool]:
    """Whether its public memo calls it a deposit, and whether a refund."""
    text = (back.memo and back.memo.text) or ""
    return bool(_DEPOSIT.search(text)), bool(_REFUND.search(text))


def _calls_itself_refund(back: Back) -> bool:
    deposit, refund = _purposes(back)
    return refund and not deposit


def _sizes(moves: Iterable[tuple[Any, Transfer | Issue]]) -> dict[Any, list[int]]:
    """The amounts in base units, in ascending order, by whose they are."""
    found: dict[Any, list[int]] = defaultdict(list)
    for whose, move in moves:
        found[whose].append(move.amount.base_units)
    return {whose: sorted(sizes) for whose, sizes in found.items()}


def _about(size: int, ordered: Sequence[int]) -> int:
    """How many of the amounts are of about this size."""
    margin = int(ABOUT * size)
    return bisect_right(ordered, size + margin) - bisect_left(ordered, size - margin)
