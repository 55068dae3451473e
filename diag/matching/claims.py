"""Which movements a case may mean. A claim ranks movements; it never hides one. Pure.

Users name things wrongly: the address on the other chain instead of the gateway's account, BTS
instead of the gateway's coin, the amount before or after the fee. Each movement is scored by how
well it fits the claims; the best are those the case means. What they do not fit is told by
`differing_claims`, so that the reply can ask whether the right one was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import combinations

from diag.domain.asset import CORE_SYMBOLS, rounded
from diag.domain.case import Case
from diag.domain.operations import ProposalCreated
from diag.domain.withdrawal import Withdrawal

NEARLY = Decimal("0.1")
"""Share of the claimed amount by which another amount may differ and still be nearly the same."""

MOST_PARTS = 8
"""How many movements are tried as parts of one amount."""
NEAR = timedelta(hours=14)
"""How far outside the window a movement of another asset is still taken for the one meant: every
mistake of a time zone is smaller."""

_EXACT, _LESS_FEE, _NEAR = 9, 8, 6
_SAME_ASSET, _LIKE_ASSET = 9, 4
_SAME_DESTINATION = 3
"""Scores. The exact amount of another asset weighs as much as another amount of the asset: both are shown."""


def meant(case: Case, inside: Sequence[Withdrawal]) -> list[Withdrawal]:
    """The movements of the window that the case most likely means, in chain order.

    An id that is the account's own decides alone. Otherwise those with the best score, of them
    the withdrawals to gateways, unless a destination is claimed or an amount that was only proposed
    to a gateway was sent elsewhere. Empty where none can be meant.
    """
    identified = [w for w in inside if _is_named(case, w)]
    if identified:
        return identified
    possible = [w for w in inside if possibly_meant(case, w)]
    ids = {w.id for w in possible}
    like = [w for w in inside if w.id in ids or _asset_score(case, w)]
    if parts := in_parts(case, like):
        return parts
    best = max((_score(case, w) for w in possible), default=0)
    fitting = [w for w in possible if _score(case, w) == best]
    if case.destination and any(_same_destination(case, w) for w in fitting):
        return fitting
    sent_to_gateways = any(w.gateway and _was_sent(w) for w in fitting)
    if sent_to_gateways or case.amount is None:
        return [w for w in fitting if w.gateway] or fitting
    return fitting


def in_parts(case: Case, movements: Sequence[Withdrawal]) -> list[Withdrawal]:
    """The movements of one asset that together make the claimed amount, where none does alone.

    Empty unless exactly one set of them does: what the user calls one withdrawal was sent in parts.
    """
    claimed = case.amount
    if claimed is None or any(_amount_score(claimed, w) for w in movements):
        return []
    queue = movements[-MOST_PARTS:]
    sets = [
        list(parts)
        for size in range(2, len(queue) + 1)
        for parts in combinations(queue, size)
        if len({w.amount.asset.id for w in parts}) == 1
        and sum(w.amount.value for w in parts) == claimed
    ]
    return sets[0] if len(sets) == 1 else []


def differing_claims(
    case: Case, withdrawal: Withdrawal, *, in_parts: bool = False
) -> tuple[str, ...]:
    """The fields of the case that this movement does not fit, in the order of the case's fields.

    The amount counts as fitting with the gateway's fee on top or off, and where the movement is
    one of several parts of it.
    """
    differing = {
        "asset": case.asset is not None and not _same_asset(case, withdrawal),
        "amount": case.amount is not None
        and not in_parts
        and _amount_score(case.amount, withdrawal) < _LESS_FEE,
        "destination": case.destination is not None and not _same_destination(case, withdrawal),
        "operation": case.operation not in (None, withdrawal.id),
        "transaction": case.transaction not in (None, withdrawal.transaction),
    }
    return tuple(name for name, differs in differing.items() if differs)


def possibly_meant(case: Case, withdrawal: Withdrawal) -> bool:
    """True unless the claims make it implausible that the user means this movement.

    With an amount: about that amount of the same or a like-named asset, exactly that amount (or
    that less the fee) of any asset, or the same asset to the same destination or to a gateway, where
    the destination named may be an address on the other chain. Without: the same or a like-named
    asset, the same destination, or anything where neither asset nor id is named.
    """
    amount = 0 if case.amount is None else _amount_score(case.amount, withdrawal)
    asset = _asset_score(case, withdrawal)
    to_destination = case.destination is None or _same_destination(case, withdrawal)
    if case.asset is None and case.amount is None:
        return not case.identified
    if case.amount is None:
        return asset > 0 or (case.destination is not None and to_destination)
    if amount >= _LESS_FEE or (amount and asset):
        return True
    maybe_there = to_destination or (withdrawal.gateway is not None and _was_sent(withdrawal))
    return maybe_there and (case.asset is None or asset == _SAME_ASSET)


def fits_outside(case: Case, withdrawal: Withdrawal) -> bool:
    """True if a movement near the window, but not in it, is one the user may well mean.

    With an amount: about that amount of the same asset, or exactly that amount of another asset
    within `NEAR` of the window; at any time where it went to a gateway and is called by the core
    asset's name. Without: the same asset, or the same destination. A destination
    that differs speaks against nothing.
    """
    if _is_named(case, withdrawal):
        return True
    if case.identified:
        return False
    if case.amount is not None:
        score = _amount_score(case.amount, withdrawal)
        if case.asset is None or _same_asset(case, withdrawal):
            return score > 0
        near = case.start - NEAR <= withdrawal.at <= case.end + NEAR
        called_core = case.asset in CORE_SYMBOLS and withdrawal.gateway is not None
        return score >= _LESS_FEE and (near or called_core)
    if case.asset is not None:
        return _same_asset(case, withdrawal)
    return case.destination is None or _same_destination(case, withdrawal)


def _was_sent(withdrawal: Withdrawal) -> bool:
    """True unless it was only proposed."""
    return not isinstance(withdrawal.sent, ProposalCreated)


def _is_named(case: Case, withdrawal: Withdrawal) -> bool:
    """True if the case gives this movement's own operation or transaction id."""
    if case.operation is not None and withdrawal.sent.id == case.operation:
        return True
    return case.transaction is not None and withdrawal.transaction == case.transaction


def _score(case: Case, withdrawal: Withdrawal) -> int:
    amount = 0 if case.amount is None else _amount_score(case.amount, withdrawal)
    destination = _SAME_DESTINATION if _same_destination(case, withdrawal) else 0
    return amount + _asset_score(case, withdrawal) + destination


def _amount_score(claimed: Decimal, withdrawal: Withdrawal) -> int:
    sent = withdrawal.amount.value
    if sent == claimed:
        return _EXACT
    fee = withdrawal.terms.fee if withdrawal.terms else None
    if (fee and abs(sent - claimed) == fee) or rounded(claimed, sent):
        return _LESS_FEE
    near = abs(sent - claimed) <= claimed * NEARLY
    return _NEAR if near or _point_misplaced(claimed, sent) else 0


def _point_misplaced(claimed: Decimal, sent: Decimal) -> bool:
    """True if both have the same three or more digits: a point put wrongly makes the difference."""
    digits = claimed.normalize().as_tuple().digits
    return len(digits) > 2 and digits == sent.normalize().as_tuple().digits


def _same_asset(case: Case, withdrawal: Withdrawal) -> bool:
    return withdrawal.amount.asset.symbol == case.asset


def _asset_score(case: Case, withdrawal: Withdrawal) -> int:
    """Same asset; or the same coin of another gateway, or BTS said of any gateway's coin."""
    if case.asset is None or _same_asset(case, withdrawal):
        return _SAME_ASSET
    symbol = withdrawal.amount.asset.symbol
    like = case.asset.rpartition(".")[2] == symbol.rpartition(".")[2]
    loose = case.asset in CORE_SYMBOLS and withdrawal.gateway is not None
    return _LIKE_ASSET if like or loose else 0


def _same_destination(case: Case, withdrawal: Withdrawal) -> bool:
    recipient = getattr(withdrawal.sent, "recipient", withdrawal.recipient)
    return case.destination in (withdrawal.recipient, recipient)
