"""What another node says where the first one's answer is negative, incomplete or alarming."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from diag.chain.gateways import accounts as gateways_accounts
from diag.domain.case import Case
from diag.domain.history import Gap, History, Log, Node
from diag.domain.operations import Operation

_HISTORY = (Gap.HISTORY, Gap.UNREAD)
_WEIGHTY = (*_HISTORY, Gap.OBJECTS, Gap.GATEWAY)

Absent = Callable[[Case, History], bool]
"""Whether a history shows nothing of what a case is about."""
Span = tuple[datetime, datetime]


def doubtful(case: Case, history: History, absent: Absent, *, alone: bool) -> bool:
    """True if one more node is to be asked.

    So it is while the account or its history could not be read; and, as long as one node stands
    alone, where nothing that left is shown, or the network itself seems to be at fault.
    """
    return lacking(history) or (alone and _alarming(case, history, absent))


def _alarming(case: Case, history: History, absent: Absent) -> bool:
    return history.account is None or history.network.disturbed or absent(case, history)


def lacking(history: History) -> bool:
    """True if something weighty could not be read, which another node may hold."""
    return any(gap.code in _WEIGHTY for gap in history.gaps)


def telling(history: History) -> bool:
    """True if a history can stand as a second opinion: the node is not behind, and holds it all."""
    return not (_behind(history) or incomplete(history))


def nothing_sent(case: Case, history: History) -> bool:
    """True if no coins left the account in the window, nor were proposed to."""
    return history.account is None or not any(
        getattr(o, "sender", None) == history.account.id or getattr(o, "inner", None)
        for o in history.log.operations
        if case.start <= o.at <= case.end
    )


def incomplete(history: History) -> bool:
    return any(gap.code in _HISTORY for gap in history.gaps)


def combine(case: Case, first: History, second: History) -> History:
    """The better of two histories, its gaps filled from the other one as far as that goes.

    Both nodes are named, and what they contradict each other in. A node that is behind has no
    say: it can only fill a gap.
    """
    nodes = (*first.as_of.nodes, *second.as_of.nodes)
    if _better(second, first):
        first, second = second, first
    filled = _filled(case, first, second)
    if _behind(second) and not _behind(first):
        return filled if filled is first else _naming(filled, nodes)
    differing = () if incomplete(second) else _differing(case, first, second)
    return replace(_naming(filled, nodes), disagreement=first.disagreement or differing)


def _naming(history: History, nodes: tuple[Node, ...]) -> History:
    return replace(history, as_of=replace(history.as_of, nodes=nodes))


def _behind(history: History) -> bool:
    return any(gap.code == Gap.HEAD for gap in history.gaps)


def _better(one: History, other: History) -> bool:
    return _worth(one) > _worth(other)


def _worth(history: History) -> tuple[bool, bool, bool, int, bool]:
    """The more, the better: it knows the account, is fresh and has read the window; then the rest."""
    weighty = sum(gap.code in _WEIGHTY for gap in history.gaps)
    known = history.account is not None
    fresh, whole = not _behind(history), not incomplete(history)
    return known, fresh, whole, -weighty, not history.network.disturbed


# --- what one node does not hold, another one may ------------------------------------------


def _filled(case: Case, history: History, other: History) -> History:
    """The history, with the stretches that only the other node could show."""
    if history.account is None or other.account is None:
        return history
    if (
        history.network.chain_id != other.network.chain_id
        or history.account.id != other.account.id
    ):
        return history
    now = other.as_of.time
    log = _joined(history.log, other.log, now)
    newer = ((now + _SECOND, history.as_of.time),) if now < history.as_of.time else ()
    taken = {k: replace(v, gaps=(*v.gaps, *newer)) for k, v in other.gateway_logs.items()}
    logs = taken | {
        who: _joined(known, other.gateway_logs.get(who, Log()), now)
        for who, known in history.gateway_logs.items()
    }
    if log == history.log and logs == history.gateway_logs:
        return history
    gaps = [gap for gap in history.gaps if gap.code != Gap.GATEWAY]
    if log.complete(case.start, min(case.end, history.as_of.time)):
        gaps = [gap for gap in gaps if gap.code not in _HISTORY]
    accounts = {**other.accounts, **history.accounts}
    for who in (who for who, read in logs.items() if read.gaps):
        gaps.append(gateways_accounts.gap(accounts[who].name if who in accounts else who))
    return replace(
        history,
        log=log,
        gateway_logs=logs,
        proof=history.proof or other.proof,
        accounts=accounts,
        assets={**other.assets, **history.assets},
        transactions={**other.transactions, **history.transactions},
        group_sizes={**other.group_sizes, **history.group_sizes},
        memo_texts={**other.memo_texts, **history.memo_texts},
        sources=_named(history, other, log),
        gaps=tuple(gaps),
    )


def _named(history: History, other: History, log: Log) -> dict[str, str]:
    """Where each operation was read that the node of the history did not show itself."""
    own = {operation.id for operation in history.log.operations}
    taken = (operation.id for operation in log.operations if operation.id not in own)
    node = other.as_of.nodes[0].name
    return {**dict.fromkeys(taken, node), **other.sources, **history.sources}


def _joined(log: Log, other: Log, now: datetime) -> Log:
    """Both logs' operations, with the stretches that neither of them proves.

    now: up to here the other log goes.
    """
    if not log.gaps or other.start is None:
        return log
    unread = [(datetime.min.replace(tzinfo=now.tzinfo), other.start - _SECOND)]
    unread += [*other.gaps, (now + _SECOND, datetime.max.replace(tzinfo=now.tzinfo))]
    gaps = tuple(both for one in log.gaps for two in unread if (both := _both(one, two)))
    if gaps == log.gaps:
        return log
    known = {operation.id: operation for operation in (*other.operations, *log.operations)}
    operations = sorted(known.values(), key=lambda o: o.location.number)
    return Log(tuple(operations), gaps, log.start)


def _both(one: Span, two: Span) -> Span | None:
    start, end = max(one[0], two[0]), min(one[1], two[1])
    return (start, end) if start <= end else None


_SECOND = timedelta(seconds=1)


# --- what they contradict each other in ----------------------------------------------------


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
    return case.start <= operation.at <= case.end and operation.location.block <= final
