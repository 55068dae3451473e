"""What a second source says where the first one's answer is negative or incomplete."""

from __future__ import annotations

from dataclasses import replace

from diag.evidence import Case, Gap, History
from diag.records import Operation

_HISTORY = (Gap.HISTORY, Gap.UNREAD)
_WEIGHTY = (*_HISTORY, Gap.OBJECTS, Gap.GATEWAY)


def doubtful(case: Case, history: History) -> bool:
    """True if nothing that left is shown, or the window could not be read: ask somebody else."""
    account = history.account
    if account is None or any(gap.code in _WEIGHTY for gap in history.gaps):
        return True
    return not any(
        getattr(o, "sender", None) == account.id or getattr(o, "inner", None)
        for o in history.log.operations
        if case.start <= o.at <= case.end
    )


def incomplete(history: History) -> bool:
    return any(gap.code in _HISTORY for gap in history.gaps)


def combine(case: Case, first: History, second: History) -> History:
    """The fuller of two histories, with both nodes named and what they contradict each other in."""
    nodes = (*first.as_of.nodes, *second.as_of.nodes)
    if _better(second, first):
        first, second = second, first
    differing = () if incomplete(second) else _differing(case, first, second)
    return replace(first, as_of=replace(first.as_of, nodes=nodes), disagreement=differing)


def _better(one: History, other: History) -> bool:
    """True if one knows the account, or its window, where the other does not."""
    if (one.account is None) != (other.account is None):
        return one.account is not None
    if incomplete(one) != incomplete(other):
        return incomplete(other)
    return _weight(one) < _weight(other)


def _weight(history: History) -> int:
    return sum(gap.code in _WEIGHTY for gap in history.gaps)


def _differing(case: Case, first: History, second: History) -> tuple[str, ...]:
    """Ids of the window's operations that only one of them shows, among those both call final."""
    if first.network.chain_id != second.network.chain_id:
        return ("chain_id",)
    if first.account is not None and second.account is None:
        return (first.account.id,)
    final = min(first.as_of.irreversible_block, second.as_of.irreversible_block)

    def shown(history: History) -> set[str]:
        return {o.id for o in history.log.operations if _counts(case, o, final)}

    return tuple(sorted(shown(first) ^ shown(second)))


def _counts(case: Case, operation: Operation, final: int) -> bool:
    return case.start <= operation.at <= case.end and operation.place.block <= final
