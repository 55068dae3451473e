"""Selects the movements that a case may mean. A claim ranks movements; it never hides one. Pure.

Users name things wrongly: the address on the other chain instead of the gateway's account, BTS
instead of the gateway's coin, the amount before or after the fee. Each movement is scored by
how well it fits the claims, and the best ones are selected. `differing_claims` names the claims
that a movement does not fit, so that the reply can ask whether it is the right one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import combinations

from diag.domain.asset import CORE_SYMBOLS, alike, rounded
from diag.domain.case import Case
from diag.domain.operations import ProposalCreated
from diag.domain.withdrawal import Withdrawal

NEARLY = Decimal("0.1")
"""Two amounts are nearly the same if they differ by at most this share of the claimed one."""

MOST_PARTS = 8
"""The most movements considered as parts of one amount."""
NEAR = timedelta(hours=26)
"""How far outside the window a movement of another asset may lie and still be the one meant:
more than any mistake of a time zone, or of a day.
"""

_EXACT, _LESS_FEE, _NEAR = 9, 8, 6
_SAME_ASSET, _LIKE_ASSET = 9, 4
_SAME_DESTINATION = 3
"""Scores. The exact amount of another asset weighs as much as a different amount of the claimed
asset, so that both are shown.
"""


def meant(case: Case, inside: Sequence[Withdrawal]) -> list[Withdrawal]:
    """Return the movements of the window that the case most likely means, in chain order.

    If an id of the case is found, it decides alone. Otherwise these are the movements with the
    best score; among them only withdrawals to gateways, unless a destination is claimed, or an
    amount is claimed that was sent elsewhere and only proposed to a gateway. Empty if the case
    can mean none.
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
    """Return the movements of one asset that together make the claimed amount.

    Empty if a single movement has about that amount, or unless exactly one set of movements
    sums to it.
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
    case: Case, withdrawal: Withdrawal, *, memo: str | None = None, in_parts: bool = False
) -> tuple[str, ...]:
    """Return the names of the fields of the case that this movement does not fit.

    The amount also fits with the gateway's fee added or deducted.

    memo: the text of its memo, if it can be read.
    in_parts: the movement is one of several parts of the claimed amount, which then always
    fits.
    """
    differing = {
        "asset": case.asset is not None and not _same_asset(case, withdrawal),
        "amount": case.amount is not None
        and not in_parts
        and _amount_score(case.amount, withdrawal) < _LESS_FEE,
        "destination": case.destination is not None and not _same_destination(case, withdrawal),
        "operation": case.operation not in (None, withdrawal.id),
        "transaction": case.transaction not in (None, withdrawal.transaction),
        "memo": None not in (case.memo, memo) and not _same_memo(case.memo or "", memo or ""),
    }
    return tuple(name for name, differs in differing.items() if differs)


def possibly_meant(case: Case, withdrawal: Withdrawal) -> bool:
    """Return False if the claims make it implausible that the user means this movement.

    With a claimed amount, these are plausible:
    - about that amount of the same or a like-named asset;
    - exactly that amount, or that less the fee, of any asset;
    - the same asset to the same destination, or to a gateway, where the claimed destination may
      be an address on the other chain.

    Without one: the same or a like-named asset, the same destination, or anything if neither an
    asset nor an id is named.
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
    """Return True if the user may mean a movement that lies outside the window.

    With a claimed amount: about that amount of the same asset at any time, and within `NEAR` of
    the window about that amount of a like-named asset or exactly that amount of any asset; exactly
    that amount at any time if it went to a gateway and the claim names the core asset. Without one:
    the same asset, a like-named one within `NEAR`, or else the same destination. A different
    destination alone excludes nothing. What is of an asset that was not read fits only by its id.
    """
    if _is_named(case, withdrawal):
        return True
    if case.identified or withdrawal.amount.asset.unread:
        return False
    same = case.asset is None or _same_asset(case, withdrawal)
    like = _asset_score(case, withdrawal) > 0
    near = case.start - NEAR <= withdrawal.at <= case.end + NEAR
    if case.amount is not None:
        score = _amount_score(case.amount, withdrawal)
        if same or (near and like):
            return score > 0
        called_core = case.asset in CORE_SYMBOLS and withdrawal.gateway is not None
        return score >= _LESS_FEE and (near or called_core)
    if case.asset is not None:
        return same or (near and like)
    return case.destination is None or _same_destination(case, withdrawal)


def _was_sent(withdrawal: Withdrawal) -> bool:
    """Return True unless the movement was only proposed."""
    return not isinstance(withdrawal.sent, ProposalCreated)


def _is_named(case: Case, withdrawal: Withdrawal) -> bool:
    """Return True if the case gives this movement's own operation or transaction id."""
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


_THOUSAND = 3
_UNITS = frozenset((_THOUSAND, 6, 8))
"""Powers of ten by which the smaller units of coins differ: thousandths, millionths, satoshi."""


def _point_misplaced(claimed: Decimal, sent: Decimal) -> bool:
    """True if a point put wrongly makes the difference, or another unit: both have the same three
    or more digits, or two if a smaller unit explains it; or if the point marks the thousands.
    """
    if claimed.as_tuple().exponent == -_THOUSAND and claimed.scaleb(_THOUSAND) == sent:
        return True
    one, other = claimed.normalize().as_tuple(), sent.normalize().as_tuple()
    unit = claimed.adjusted() - sent.adjusted() in _UNITS
    return one.digits == other.digits and len(one.digits) >= (2 if unit else 3)


def _same_asset(case: Case, withdrawal: Withdrawal) -> bool:
    return withdrawal.amount.asset.symbol == case.asset


def _asset_score(case: Case, withdrawal: Withdrawal) -> int:
    """Return the score of the asset: lower for the same coin of another gateway or network, and for BTS
    claimed of any gateway's coin.
    """
    if case.asset is None or _same_asset(case, withdrawal):
        return _SAME_ASSET
    symbol = withdrawal.amount.asset.symbol
    like = alike(case.asset, symbol)
    loose = case.asset in CORE_SYMBOLS and withdrawal.gateway is not None
    return _LIKE_ASSET if like or loose else 0


def _same_memo(claimed: str, memo: str) -> bool:
    """True if one holds the other, as people often give the address alone; spaces do not count."""
    one, other = ("".join(text.split()).casefold() for text in (claimed, memo))
    return one in other or other in one


def _same_destination(case: Case, withdrawal: Withdrawal) -> bool:
    recipient = getattr(withdrawal.sent, "recipient", withdrawal.recipient)
    return case.destination in (withdrawal.recipient, recipient)
