"""What other nodes say where the answer of the first one is incomplete, negative or decisive.

The statements that another node must confirm, and what becomes of a contradiction, are described
for operators in `docs/nodes.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from enum import IntEnum

from diag.chain.gateways.accounts import unread_history
from diag.domain.case import Case
from diag.domain.history import Gap, History, Log, Node
from diag.domain.operations import Operation

_HISTORY = (Gap.HISTORY, Gap.UNREAD, Gap.NOT_SERVED)
_WEIGHTY = (*_HISTORY, Gap.OBJECTS, Gap.GATEWAY)

Span = tuple[datetime, datetime]


class Weight(IntEnum):
    """How much depends on a statement: who must confirm it before it is made."""

    LIGHT = 0
    """One node's answer is enough."""
    NEGATIVE = 1
    """Nothing was found: one more node is asked."""
    RESEND = 2
    """The user may be told to send again: every node is asked, and none may contradict."""


Weigh = Callable[[Case, History], Weight]
"""What would be said to a case if this history were all that is known."""


def weighed_once(weigh: Weigh) -> Weigh:
    """The same, each history weighed once; for as long as one case is collected."""
    known: list[tuple[History, Weight]] = []

    def weighed(case: Case, history: History) -> Weight:
        weight = next((weight for held, weight in known if held is history), None)
        if weight is None:
            weight = weigh(case, history)
            known.append((history, weight))
        return weight

    return weighed


def weight_of(case: Case, history: History, weigh: Weigh) -> Weight:
    """The weight of what a history shows; an unknown account is never a light matter."""
    if history.account is None:
        return Weight.NEGATIVE
    found = weigh(case, history)
    return max(found, Weight.NEGATIVE) if history.network.disturbed else found


def nothing_sent(case: Case, history: History) -> Weight:
    """NEGATIVE if no coins left the account in the window, nor were proposed to."""
    sent = history.account is not None and any(
        getattr(o, "sender", None) == history.account.id or getattr(o, "inner", None)
        for o in history.log.operations
        if case.start <= o.at <= case.end
    )
    return Weight.LIGHT if sent else Weight.NEGATIVE


def lacking(history: History) -> bool:
    """True if something important could not be read, which another node may hold."""
    return any(gap.code in _WEIGHTY for gap in history.gaps)


def settled(history: History, weight: Weight) -> bool:
    """True if nobody else need be asked to confirm a history of this weight."""
    alone = len(history.confirmed_by) < 2
    return weight is Weight.LIGHT or (weight is Weight.NEGATIVE and not alone)


def incomplete(history: History) -> bool:
    """True if the history of the account could not be read completely."""
    return any(gap.code in _HISTORY for gap in history.gaps)


def combine(case: Case, first: History, second: History, weigh: Weigh) -> History:
    """The better of two histories, its gaps filled from the other one as far as that goes.

    Both nodes are named, and what they contradict each other in; `confirmed_by` names those that
    agree. A node that is behind can only fill a gap. Of two that are equally good, and differ only
    in what is not final yet, the one leads that shows more.
    """
    nodes = (*first.as_of.nodes, *second.as_of.nodes)
    better = _better(second, first) or _shows_more(case, second, first, weigh)
    confirming = second.confirmed_by if better else first.confirmed_by
    if agrees(case, first, second, weigh):
        confirming = (*first.confirmed_by, *second.confirmed_by)
    contradicted = first.disagreement
    if better:
        first, second = second, first
    filled = _filled(case, first, second)
    if _behind(second) and not _behind(first):
        return filled if filled is first else _naming(filled, nodes)
    return replace(
        _naming(filled, nodes),
        disagreement=contradicted or _differing(first, second),
        confirmed_by=confirming,
    )


def agrees(case: Case, first: History, second: History, weigh: Weigh) -> bool:
    """True if a second node, by itself, leads to the same statement as the first one.

    It must have read the window completely, have reached the first one's irreversible block, show
    the same final operations, and allow no more and no less than the first.
    """
    if any(_behind(view) or incomplete(view) for view in (first, second)):
        return False
    if second.as_of.block < first.as_of.irreversible_block or _differing(first, second):
        return False
    if (first.account is None) is not (second.account is None):
        return False
    return weight_of(case, first, weigh) is weight_of(case, second, weigh)


def _naming(history: History, nodes: tuple[Node, ...]) -> History:
    return replace(history, as_of=replace(history.as_of, nodes=nodes))


def _behind(history: History) -> bool:
    return any(gap.code == Gap.HEAD for gap in history.gaps)


def _better(one: History, other: History) -> bool:
    return _worth(one) > _worth(other)


def _shows_more(case: Case, one: History, other: History, weigh: Weigh) -> bool:
    """True if one node, at least as new as the other and as good, leaves less to be confirmed."""
    if _worth(one) != _worth(other) or one.as_of.block < other.as_of.block:
        return False
    return weight_of(case, one, weigh) < weight_of(case, other, weigh)


def _worth(history: History) -> tuple[bool, bool, bool, int, bool]:
    """Sort key, the best last: knows the account, is fresh, has read the window; then the rest."""
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
        gaps.append(unread_history(accounts[who].name if who in accounts else who))
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


def _differing(first: History, second: History) -> tuple[str, ...]:
    """Ids of what only one of them shows, or both show differently, though both call it final.

    Compared is what both claim to have read completely. An account that one does not know counts
    if it was there in a block that both call final.
    """
    if first.network.chain_id != second.network.chain_id:
        return ("chain_id",)
    final = min(first.as_of.irreversible_block, second.as_of.irreversible_block)
    if first.account is None or second.account is None:
        return tuple(_account_denied(first, second) or _account_denied(second, first))
    if first.account.id != second.account.id:
        return (first.account.id, second.account.id)
    shown = dict(_final_facts(first.log, second.log, final))
    other = dict(_final_facts(second.log, first.log, final))
    differing = {i for i in shown.keys() | other.keys() if shown.get(i) != other.get(i)}
    return tuple(sorted(differing))


def _account_denied(first: History, second: History) -> Iterator[str]:
    """The account that only the first one knows, unless it is newer than the second one's head."""
    known = first.account
    if known is None or second.account is not None:
        return
    if known.created is None or known.created <= second.as_of.time:
        yield known.id


def _final_facts(log: Log, other: Log, final: int) -> Iterator[tuple[str, tuple[object, ...]]]:
    """The final operations of a log by id, where the other log is complete as well."""
    for operation in log.operations:
        at = operation.at
        if (
            operation.location.block <= final
            and log.complete(at, at)
            and other.complete(at, at)
        ):
            yield operation.id, _facts(operation)


def _facts(operation: Operation) -> tuple[object, ...]:
    """What of an operation must be the same at every node: when, what kind, who to whom, how much."""
    amount = getattr(operation, "amount", None)
    moved = (amount.base_units, amount.asset_id) if amount else None
    who = (getattr(operation, name, None) for name in ("sender", "recipient", "payer"))
    return operation.location.block, operation.at, operation.kind, moved, *who
