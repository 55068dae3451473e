"""Compares and combines what several nodes show of a case.

Other nodes are asked if the answer of the first one is incomplete, negative or decisive.
`docs/nodes.md` describes for operators which statements must be confirmed, and what a
contradiction leads to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from enum import IntEnum
from functools import cached_property
from typing import Any

from diag.chain.gateways.accounts import unread_history
from diag.domain.case import Case
from diag.domain.history import Gap, History, Log
from diag.domain.operations import Operation

_HISTORY = (Gap.HISTORY, Gap.UNREAD, Gap.NOT_SERVED)
_WEIGHTY = (*_HISTORY, Gap.OBJECTS, Gap.GATEWAY)
_MAPPINGS = ("accounts", "assets", "transactions", "group_sizes", "memo_texts")
_SECOND = timedelta(seconds=1)

Span = tuple[datetime, datetime]


class Weight(IntEnum):
    """How much depends on a statement, and therefore which nodes must confirm it."""

    LIGHT = 0
    """One node's answer is enough."""
    NEGATIVE = 1
    """Nothing was found: one more node is asked."""
    RESEND = 2
    """The user may be told to send again: every node is asked, and none may contradict."""


Weigh = Callable[[Case, History], Weight]
"""Returns how much depends on the statement that a history leads to, if nothing else is known
of the case.
"""


def nothing_sent(case: Case, history: History) -> Weight:
    """Return NEGATIVE if the account sent no coins in the window, and none were proposed to be sent."""
    sent = history.account is not None and any(
        getattr(o, "sender", None) == history.account.id or getattr(o, "inner", None)
        for o in history.log.operations
        if case.start <= o.at <= case.end
    )
    return Weight.LIGHT if sent else Weight.NEGATIVE


class Opinion:
    """What one or several nodes show of a case, and how much depends on it."""

    def __init__(self, case: Case, history: History, weigh: Weigh) -> None:
        self.case, self.history, self._weigh = case, history, weigh
        codes = {gap.code for gap in history.gaps}
        self.behind = Gap.HEAD in codes
        self.incomplete = not codes.isdisjoint(_HISTORY)
        """True if the history of the account could not be read completely."""
        self.lacking = not codes.isdisjoint(_WEIGHTY)
        """True if something important could not be read, which another node may hold."""

    @cached_property
    def weight(self) -> Weight:
        """How much depends on the statement; NEGATIVE for an unknown account."""
        if self.history.account is None:
            return Weight.NEGATIVE
        found = self._weigh(self.case, self.history)
        return max(found, Weight.NEGATIVE) if self.history.network.disturbed else found

    @property
    def settled(self) -> bool:
        """True if no other node needs to confirm the statement."""
        alone = len(self.history.confirmed_by) < 2
        return self.weight is Weight.LIGHT or (self.weight is Weight.NEGATIVE and not alone)

    @property
    def worth(self) -> tuple[bool, bool, bool, int, bool]:
        """Sort key, the best last: knows the account, is fresh, has read the window, then minor
        criteria.
        """
        known, network = self.history.account is not None, self.history.network
        weighty = sum(gap.code in _WEIGHTY for gap in self.history.gaps)
        return known, not self.behind, not self.incomplete, -weighty, not network.disturbed

    def leads(self, other: Opinion) -> bool:
        """Return True if this opinion is better; or as good and as new, with less to be confirmed."""
        if self.worth != other.worth:
            return self.worth > other.worth
        newer = self.history.as_of.block >= other.history.as_of.block
        return newer and self.weight < other.weight

    def combined(self, other: Opinion) -> Opinion:
        """Return the better of two opinions, with its gaps filled from the other one as far as
        possible.

        Both nodes are named, and where they contradict each other; `confirmed_by` names those
        that agree. A node that is behind can only fill a gap. If two opinions are equally good,
        and differ only in what is not final yet, the one that shows more leads.
        """
        better, worse = (other, self) if other.leads(self) else (self, other)
        nodes = (*self.history.as_of.nodes, *other.history.as_of.nodes)
        found = _filled(self.case, better.history, worse.history)
        fills_only = worse.behind and not better.behind
        if not fills_only or found is not better.history:
            found = replace(found, as_of=replace(found.as_of, nodes=nodes))
        if not fills_only:
            both = (*self.history.confirmed_by, *other.history.confirmed_by)
            found = replace(
                found,
                disagreement=self.history.disagreement
                or _differing(better.history, worse.history),
                confirmed_by=both if _agree(self, other) else better.history.confirmed_by,
            )
        return Opinion(self.case, found, self._weigh)


def _agree(first: Opinion, second: Opinion) -> bool:
    """Return True if a second node, by itself, leads to the same statement as the first one.

    It must have read the window completely, have reached the first one's irreversible block,
    show the same final operations, and lead to the same weight.
    """
    one, two = first.history, second.history
    return not (
        any(opinion.behind or opinion.incomplete for opinion in (first, second))
        or two.as_of.block < one.as_of.irreversible_block
        or _differing(one, two)
        or (one.account is None) is not (two.account is None)
        or first.weight is not second.weight
    )


# --- filling gaps from another node --------------------------------------------------------


def _filled(case: Case, history: History, other: History) -> History:
    """Return the history, with what only the other node could show."""
    known, theirs = history.account, other.account
    if known is None or theirs is None or known.id != theirs.id:
        return history
    if history.network.chain_id != other.network.chain_id:
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
    merged: dict[str, Any] = {
        name: {**getattr(other, name), **getattr(history, name)} for name in _MAPPINGS
    }
    accounts = merged["accounts"]
    for who in (who for who, read in logs.items() if read.gaps):
        gaps.append(unread_history(accounts[who].name if who in accounts else who))
    return replace(
        history,
        log=log,
        gateway_logs=logs,
        proof=history.proof or other.proof,
        **merged,
        sources=_named(history, other, log),
        gaps=tuple(gaps),
    )


def _named(history: History, other: History, log: Log) -> dict[str, str]:
    """Return the sources of the operations that the history's own node did not show, by
    operation id.
    """
    own = {operation.id for operation in history.log.operations}
    taken = (operation.id for operation in log.operations if operation.id not in own)
    node = other.as_of.nodes[0].name
    return {**dict.fromkeys(taken, node), **other.sources, **history.sources}


def _joined(log: Log, other: Log, now: datetime) -> Log:
    """Return the operations of both logs, with the gaps that neither of them closes.

    now: the time up to which the other log goes.
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


# --- contradictions -------------------------------------------------------------------------


def _differing(first: History, second: History) -> tuple[str, ...]:
    """Return the ids of what only one history shows, or both show differently, although both
    call it final.

    Only what both have read completely is compared. An account that one node does not know
    counts, unless it is newer than that node's head.
    """
    if first.network.chain_id != second.network.chain_id:
        return ("chain_id",)
    final = min(first.as_of.irreversible_block, second.as_of.irreversible_block)
    if first.account is None or second.account is None:
        return (*_account_denied(first, second), *_account_denied(second, first))
    if first.account.id != second.account.id:
        return (first.account.id, second.account.id)
    ours = set(_final_facts(first.log, second.log, final))
    theirs = set(_final_facts(second.log, first.log, final))
    return tuple(sorted({identity for identity, _ in ours ^ theirs}))


def _account_denied(first: History, second: History) -> Iterator[str]:
    """Yield the id of an account that only the first node knows, unless it is newer than the
    second one's head.
    """
    known = first.account
    if known is None or second.account is not None:
        return
    if known.created is None or known.created <= second.as_of.time:
        yield known.id


def _final_facts(log: Log, other: Log, final: int) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield the id and the facts of each final operation of a log, if the other log is complete
    there too.
    """
    for operation in log.operations:
        whole = all(one.complete(operation.at, operation.at) for one in (log, other))
        if operation.location.block <= final and whole:
            yield operation.id, _facts(operation)


def _facts(operation: Operation) -> tuple[object, ...]:
    """Return the facts of an operation in which all nodes must agree: time, kind, parties, amount."""
    amount = getattr(operation, "amount", None)
    moved = (amount.base_units, amount.asset_id) if amount else None
    who = (getattr(operation, name, None) for name in ("sender", "recipient", "payer"))
    return operation.location.block, operation.at, operation.kind, moved, *who
