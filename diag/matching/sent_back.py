"""Finds coins that came back to the user from accounts that no register names. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate
from operator import attrgetter

from msgspec import structs

from diag.domain.gateway import Gateway
from diag.domain.history import History
from diag.domain.operations import Operation, TimeLock, Transfer
from diag.domain.withdrawal import Answer, AnswerKind, Completeness, Withdrawal
from diag.matching.credits import Back, Credits, as_transfer, completeness

MOST_PARTS = 4
"""The most transfers in which a recipient may send coins back."""
PART_WITHIN = timedelta(hours=72)
"""How long after a transfer a smaller credit by its recipient counts as a part sent back."""
LEAST_PART = 0.05
"""The smallest share of a transfer that counts as a part sent back."""
_NUMBER = attrgetter("location.number")


class Dealings:
    """The transfers between the user and each other account, by account and asset."""

    def __init__(self, history: History) -> None:
        user = history.account.id if history.account else ""
        self._between: dict[tuple[str, str], list[Transfer]] = defaultdict(list)
        for o in map(as_transfer, history.log.operations):
            if isinstance(o, Transfer) and user in (o.sender, o.recipient):
                other = o.recipient if o.sender == user else o.sender
                self._between[other, o.amount.asset_id].append(o)
        self._credits: dict[tuple[str, str], tuple[list[Transfer], Credits]] = {}

    def credits(self, user: str, other: str, asset: str) -> tuple[list[Transfer], Credits]:
        """Return the transfers of an asset from the other account to the user, in chain order,
        and their assessment.
        """
        key = other, asset
        if key not in self._credits:
            between = self._between.get(key, [])
            out = [o for o in between if o.sender == user]
            back = [o for o in between if o.sender == other]
            self._credits[key] = back, Credits(out, back, by_transfer=False)
        return self._credits[key]


def with_coins_sent_back(w: Withdrawal, dealings: Dealings) -> Withdrawal:
    """Return a withdrawal to an ordinary account, with what its recipient sent back.

    That is one transfer of all or nearly all of it, the next few transfers that together are
    exactly it, or a part of it within `PART_WITHIN`. A transfer in a series of payments of its
    size does not count.
    """
    if not isinstance(w.sent, Transfer | TimeLock):
        return w
    backs = _sent_back(w.sent, dealings)
    if not backs:
        return w
    units = w.amount.base_units
    answers = tuple(
        Answer(
            AnswerKind.RETURN, back, back.amount, completeness(units, back.amount.base_units, 0)
        )
        for back in backs
    )
    return structs.replace(w, answers=answers)


def _sent_back(made: Transfer | TimeLock, dealings: Dealings) -> Sequence[Back]:
    user, number, units = made.sender, made.location.number, made.amount.base_units
    back, credits = dealings.credits(user, made.recipient, made.amount.asset_id)
    later = back[bisect_right(back, number, key=_NUMBER) :]
    if not later:
        return []
    whole = credits.of_user(user)
    for one in whole[bisect_right(whole, number, key=_NUMBER) :]:
        came = one.amount.base_units
        if came <= units and completeness(units, came, 0) is not Completeness.PARTIAL:
            return [one]
    totals = list(accumulate(b.amount.base_units for b in later[:MOST_PARTS]))
    if units in totals[1:]:
        return later[: totals.index(units) + 1]
    soon = (b for b in later if b.at - made.at <= PART_WITHIN and not credits.in_a_row(b))
    part = next((b for b in soon if LEAST_PART * units <= b.amount.base_units < units), None)
    return [part] if part else []


def second_accounts(
    gateway: Gateway, own: frozenset[str], movements: Sequence[Operation], history: History
) -> frozenset[str]:
    """Return the ids of accounts that no register names, but through which the gateway may
    return coins.

    The gateway had sent such an account the same amount before, or its name begins with the
    gateway's key.

    own: ids of the gateway's accounts. movements: those of one asset, in chain order.
    """
    if history.account is None:
        return frozenset()
    user = history.account.id
    transfers = [o for o in movements if isinstance(o, Transfer)]
    passed = {
        (o.recipient, o.amount.base_units): o.location.number
        for o in reversed(transfers)  # of several, the first one counts
        if o.sender in own and o.recipient not in own
    }
    users = {o.sender for o in transfers if o.recipient in own}
    return frozenset(
        o.sender
        for o in transfers
        if o.recipient == user
        and o.sender not in own | users | history.flagged
        and (
            passed.get((o.sender, o.amount.base_units), o.location.number) < o.location.number
            or _bears_the_name(o.sender, gateway, history)
        )
    )


def _bears_the_name(account: str, gateway: Gateway, history: History) -> bool:
    known = history.accounts.get(account)
    key = gateway.key.lower()
    return known is not None and bool(key) and known.name.startswith((f"{key}-", f"{key}."))
