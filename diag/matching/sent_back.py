"""Coins that reached the user from accounts that no register names: sent back, or sent on. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import accumulate

from diag.domain.asset import Asset
from diag.domain.gateway import Gateway
from diag.domain.history import History, Log
from diag.domain.operations import TimeLock, Transfer
from diag.domain.withdrawal import Answer, AnswerKind, Completeness, Withdrawal
from diag.matching.credits import Credits, as_transfer, completeness

MOST_PARTS = 4
"""A recipient may send coins back in so many parts."""
PART_WITHIN = timedelta(hours=72)
"""A smaller credit by the recipient is told as a part of it only this soon after."""
LEAST_PART = 0.05
"""A credit of less than this share of it is no part sent back."""


def with_coins_sent_back(w: Withdrawal, history: History) -> Withdrawal:
    """A withdrawal to an ordinary account, with what its recipient sent back of it.

    One transfer of all or nearly all of it, the next few that are exactly it together, or a part of
    it within some days; not what is one of a row of payments of that size.
    """
    if not isinstance(w.sent, Transfer | TimeLock):
        return w
    backs = _sent_back(w.sent, history)
    if not backs:
        return w
    units = w.amount.base_units
    answers = tuple(
        Answer(
            AnswerKind.RETURN, back, back.amount, completeness(units, back.amount.base_units, 0)
        )
        for back in backs
    )
    return replace(w, answers=answers)


def _sent_back(made: Transfer | TimeLock, history: History) -> Sequence[Transfer]:
    user, other, asset = made.sender, made.recipient, made.amount.asset_id
    between = [
        o
        for o in map(as_transfer, history.log.operations)
        if isinstance(o, Transfer)
        and o.amount.asset_id == asset
        and {o.sender, o.recipient} == {user, other}
    ]
    out = [o for o in between if o.sender == user]
    back = [o for o in between if o.sender == other]
    credits = Credits(out, back, by_transfer=False)
    later = [b for b in back if b.location.number > made.location.number]
    units = made.amount.base_units
    for one in credits.of_user(user):
        short = units - one.amount.base_units
        whole = completeness(units, one.amount.base_units, 0) is not Completeness.PARTIAL
        if one in later and short >= 0 and whole:
            return [one]
    totals = list(accumulate(b.amount.base_units for b in later[:MOST_PARTS]))
    if units in totals[1:]:
        return later[: totals.index(units) + 1]
    soon = (b for b in later if b.at - made.at <= PART_WITHIN and not credits.in_a_row(b))
    part = next((b for b in soon if LEAST_PART * units <= b.amount.base_units < units), None)
    return [part] if part else []


def second_accounts(
    gateway: Gateway, own: frozenset[str], asset: Asset, history: History
) -> frozenset[str]:
    """Accounts that no register names and through which the gateway may have sent coins back.

    The gateway had sent such an account the same amount before, or it bears the gateway's name.
    """
    if history.account is None:
        return frozenset()
    user = history.account.id
    passed = {
        (o.recipient, o.amount.base_units): o.location.number
        for o in _transfers(history, own, asset)
        if o.sender in own and o.recipient not in own
    }
    users = {o.sender for o in _transfers(history, own, asset) if o.recipient in own}
    return frozenset(
        o.sender
        for o in history.log.operations
        if isinstance(o, Transfer)
        and o.recipient == user
        and o.amount.asset_id == asset.id
        and o.sender not in own | users | history.flagged
        and (
            passed.get((o.sender, o.amount.base_units), o.location.number) < o.location.number
            or _bears_the_name(o.sender, gateway, history)
        )
    )


def _transfers(history: History, own: frozenset[str], asset: Asset) -> Iterator[Transfer]:
    for account in sorted(own):
        for o in history.gateway_logs.get(account, Log()).operations:
            if isinstance(o, Transfer) and o.amount.asset_id == asset.id:
                yield o


def _bears_the_name(account: str, gateway: Gateway, history: History) -> bool:
    known = history.accounts.get(account)
    key = gateway.key.lower()
    return known is not None and bool(key) and known.name.startswith((f"{key}-", f"{key}."))
