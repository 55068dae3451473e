"""Checks the nodes: reachable, of the right chain, fresh, with histories, in agreement; and the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations

from diag.chain.pool.head import Head
from diag.chain.pool.history_service import WORDS, Lack, NodeKind
from diag.chain.pool.survey import NodeReport
from diag.doctor.result import Diagnostic, Level
from diag.doctor.snapshot import Facts
from diag.i18n import Text
from diag.words import text

SLOW = 1.0
"""A wave that takes more seconds than this is slow: a node nearby needs a fraction of it."""
AHEAD = timedelta(seconds=-3)
"""From this age on, if all heads are in the future, this machine's clock is called slow."""
ALIKE = timedelta(seconds=15)


def check(facts: Facts) -> Iterator[Diagnostic]:
    """Yield one diagnostic per node, more if something is to be corrected, then those about all
    nodes.
    """
    if facts.demo:
        for report in facts.reports:
            yield Diagnostic.of(Level.HINT, "nodes.demo", ledger=report.name)
        return
    usable = tuple(report for report in facts.usable if not _lack(report, facts))
    for report in facts.reports:
        yield from _node(report, facts)
    if not usable:
        yield Diagnostic.of(Level.FAULT, "nodes.none_usable")
        return
    yield from _history(facts, usable)
    yield _opinions(usable)
    if (finding := _agreement(usable)) is not None:
        yield finding
    yield from _clock(facts, usable)


def _node(report: NodeReport, facts: Facts) -> Iterator[Diagnostic]:
    head, wanted = report.head, facts.review.settings.chain_id
    if head is None or report.seconds is None:
        why = report.failure or ""
        yield Diagnostic.of(Level.WARNING, "nodes.no_answer", report.name, why=why)
    elif wanted and report.chain_id != wanted:
        yield Diagnostic.of(
            Level.FAULT, "nodes.other_chain", report.name, chain=report.chain_id
        )
    else:
        yield _state(report, head, _lack(report, facts))
        yield from _limits(report)


def _state(report: NodeReport, head: Head, lack: Lack | None) -> Diagnostic:
    """Return the diagnostic of a node that answered: of what use it is now."""
    state = text("doctor.nodes.state").filled(
        kind=text(f"doctor.nodes.kinds.{report.kind}"),
        version=report.version or "?",
        block=head.block,
        page=report.page or "?",
        seconds=f"{report.seconds:.2f}",
    )
    if lack is not None:
        key = "nodes.outdated" if lack is Lack.OUTDATED else "nodes.of_no_use"
        return Diagnostic.of(Level.WARNING, key, report.name, why=WORDS[lack])
    if head.node.ahead:
        early = int(head.node.ahead.total_seconds())
        return Diagnostic.of(
            Level.WARNING, "nodes.ahead", report.name, early=early, state=state
        )
    if head.gap:
        late = int(head.age.total_seconds())
        return Diagnostic.of(Level.WARNING, "nodes.behind", report.name, late=late, state=state)
    return Diagnostic.of(Level.OK, "nodes.fit", report.name, state=state)


def _lack(report: NodeReport, facts: Facts) -> Lack | None:
    """Return why the node cannot be used for diagnoses; None if an index has what it does not keep."""
    return None if facts.indexed and report.lack is Lack.INDEXED else report.lack


def _limits(report: NodeReport) -> Iterator[Diagnostic]:
    if report.helper_indexes is False:
        yield Diagnostic.of(Level.HINT, "nodes.no_helper_indexes", report.name)
    if (report.seconds or 0) > SLOW:
        seconds = f"{report.seconds:.1f}"
        yield Diagnostic.of(Level.HINT, "nodes.slow", report.name, seconds=seconds)


def _history(facts: Facts, usable: tuple[NodeReport, ...]) -> Iterator[Diagnostic]:
    """Yield a diagnostic of whether any node keeps whole histories."""
    if any(report.kind is NodeKind.FULL for report in usable):
        return
    if facts.indexed:
        yield Diagnostic.of(Level.OK, "nodes.index_fills_in")
    elif all(report.kind is NodeKind.UNKNOWN for report in usable):
        yield Diagnostic.of(Level.HINT, "nodes.history_unknown")
    else:
        yield Diagnostic.of(Level.WARNING, "nodes.history_cut", removed=_removed(usable))


def _removed(usable: tuple[NodeReport, ...]) -> Text | str:
    """Return an example of how much of a history a node has dropped; empty if none is known."""
    for report in usable:
        account, count = report.most_removed
        if count:
            return text("doctor.nodes.removed").filled(account=account, count=count)
    return ""


def _opinions(usable: tuple[NodeReport, ...]) -> Diagnostic:
    """Return a diagnostic of how many fresh nodes can confirm each other."""
    fresh = {report.name for report in usable if report.head and not report.head.gap}
    if not fresh:
        return Diagnostic.of(Level.FAULT, "nodes.none_fresh")
    if len(fresh) == 1:
        return Diagnostic.of(Level.HINT, "nodes.one_fresh")
    return Diagnostic.of(Level.OK, "nodes.several_fresh", count=len(fresh))


def _agreement(usable: tuple[NodeReport, ...]) -> Diagnostic | None:
    """Return a diagnostic of whether all nodes agree on the irreversible blocks that they have
    in common.
    """
    compared = 0
    for one, other in combinations(usable, 2):
        names = {"one": one.name, "other": other.name}
        if one.chain_id != other.chain_id:
            return Diagnostic.of(Level.FAULT, "nodes.two_chains", **names)
        common = one.landmarks.keys() & other.landmarks.keys()
        differing = sorted(b for b in common if one.landmarks[b] != other.landmarks[b])
        if differing:
            return Diagnostic.of(Level.FAULT, "nodes.two_blocks", block=differing[0], **names)
        compared = max(compared, max(common, default=0))
    return Diagnostic.of(Level.OK, "nodes.agreed", block=compared) if compared else None


def _clock(facts: Facts, usable: tuple[NodeReport, ...]) -> Iterator[Diagnostic]:
    """Yield a diagnostic from comparing this machine's clock with the heads."""
    if facts.review.settings.clock:
        return
    ages = [r.head.age for r in usable if r.head]
    least, most = min(ages), max(ages)
    seconds = int(least.total_seconds())
    behind = all(r.head and r.head.node.behind for r in usable)
    if most < AHEAD:
        early = int(-most.total_seconds())
        yield Diagnostic.of(Level.WARNING, "clock.slow", seconds=early)
    elif behind and len(ages) > 1 and most - least <= ALIKE:
        yield Diagnostic.of(Level.WARNING, "clock.fast", seconds=seconds)
    elif not behind:
        yield Diagnostic.of(Level.OK, "clock.right", seconds=seconds)
