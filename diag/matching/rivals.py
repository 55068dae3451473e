"""Marks what an answer does not prove: which of several withdrawals it belongs to, and whether
a fee explains a difference. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import structs

from diag.domain.withdrawal import Answer, Completeness, Doubt
from diag.matching.batches import exchanges
from diag.matching.credits import ENOUGH
from diag.matching.waiting import Matching, Settled, Waiting, mark_alike, mark_rivals


def mark(matching: Matching, *, in_batches: bool = False) -> None:
    """Mark withdrawals whose answer may belong to another one, and add doubts to answers.

    in_batches: the gateway is known to burn several withdrawals at once, even if that was not
    observed.
    """
    _doubt_shortfalls(matching)
    _mark_returns(matching)
    if matching.kept and len(matching.settled) < ENOUGH:
        for found in matching.settled:
            for w in found.members:
                _doubt_settlement(w, Doubt.BURNT_LESS_FEE)
    unsure = [w for w in matching.waiting if not (w.sure or w.unread)]
    if not unsure:
        return
    _mark_equal(matching)
    _mark_less_fee(matching, unsure)
    several = sum(len(found.members) > 1 for found in matching.settled)
    each_by_itself = not several and len(matching.settled) >= ENOUGH
    for found in matching.settled if not each_by_itself else ():
        number = found.event.location.number
        account = found.members[0].sent.recipient
        others = [
            w
            for w in unsure
            if w.number < number and w.sent.recipient == account and w not in found.equal
        ]
        if len(found.members) > 1:
            _mark_batch(matching, found, others)
        else:
            _mark_sums(matching, found.members[0], others, seen=in_batches or several > 0)


def _mark_equal(matching: Matching) -> None:
    """Mark equal withdrawals of which only some were answered: the burns cannot be assigned."""
    equal = (set(found.equal) for found in matching.settled if len(found.equal) > 1)
    for group in _overlapping(equal):
        if all(w.sure for w in group):
            continue
        one_account = len({w.sent.sender for w in group}) == 1
        (mark_alike if one_account else mark_rivals)(group)


def _overlapping(groups: Iterable[set[Waiting]]) -> list[set[Waiting]]:
    """Merge all groups that are connected by common members.

    The first may have waited for the same burn as the second, and the second for the same as
    the third.
    """
    merged: list[set[Waiting]] = []
    of: dict[Waiting, set[Waiting]] = {}
    for group in groups:
        whole = set(group)
        for known in {id(of[w]): of[w] for w in group if w in of}.values():
            whole |= known
            merged.remove(known)
        if whole:
            merged.append(whole)
            of.update(dict.fromkeys(whole, whole))
    return merged


def _mark_returns(matching: Matching) -> None:
    """Mark withdrawals of one user that the same return fits, in full or less the fee."""
    for w in matching.waiting:
        if w.settlement or len(w.returns) != 1 or w.returns[0].shared != 1:
            continue
        back = w.returns[0].operation
        units = w.returns[0].part.base_units
        others = [
            other
            for other in matching.by_sender[w.sent.sender]
            if other.open
            and other.number < back.location.number
            and other.base_units - units in (0, matching.fee)
        ]
        read = [other for other in others if not other.unread]
        if read:
            mark_alike((w, *read))
        elif others:
            w.returns = [_doubted(answer, Doubt.FITS_OTHERS) for answer in w.returns]


def _mark_less_fee(matching: Matching, unsure: Sequence[Waiting]) -> None:
    """Mark a batch whose burn is also one unanswered withdrawal less its fee."""
    for found in matching.settled:
        if len(found.members) < 2 or matching.kept or not matching.fee:
            continue
        units = found.event.amount.base_units + matching.fee
        before = found.event.location.number
        others = [w for w in unsure if w.base_units == units and w.number < before]
        if others:
            mark_rivals((*found.members, *others))


def _mark_batch(matching: Matching, found: Settled, others: list[Waiting]) -> None:
    """Mark withdrawals that may or may not be in the batch, because other sets fit the burn as well."""
    for some, instead in exchanges(found.members, others, matching.due):
        senders = {w.sent.sender for w in (*some, *instead)}
        one_each = len(some) == len(instead) == 1
        (mark_alike if one_each and len(senders) == 1 else mark_rivals)((*some, *instead))
    for other in found.instead:
        outside = set(other) - set(found.members)
        if not any(w.sure for w in outside):
            mark_rivals({*found.members, *other})


def _mark_sums(matching: Matching, w: Waiting, others: list[Waiting], *, seen: bool) -> None:
    """Mark a withdrawal whose burn several others sum to as well.

    seen: the gateway burns in batches. Otherwise the answer only gets a doubt.
    """
    for _, instead in exchanges((w,), others, matching.due):
        if seen:
            mark_rivals((w, *instead))
        else:
            _doubt_settlement(w, Doubt.FITS_OTHERS)
            return


def _doubted(answer: Answer, doubt: Doubt) -> Answer:
    return structs.replace(answer, doubts=(*answer.doubts, doubt))


def _doubt_settlement(w: Waiting, doubt: Doubt) -> None:
    if w.settlement:
        w.settlement = _doubted(w.settlement, doubt)


def _doubt_shortfalls(matching: Matching) -> None:
    """Add a doubt to returns that are short by neither the fee nor an amount common at this gateway."""
    short = {w: w.missing for w in matching.waiting if w.returns and w.missing > 0}
    senders: dict[int, set[str]] = defaultdict(set)
    for w, units in short.items():
        senders[units].add(w.sent.sender)
    for w, units in short.items():
        if units != matching.fee and len(senders[units]) < ENOUGH:
            w.returns = [
                _doubted(a, Doubt.SHORTFALL) if a.completeness is Completeness.LESS_FEE else a
                for a in w.returns
            ]
