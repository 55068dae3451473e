"""Checks the index of histories: reachable, of the same chain, not far behind, readable."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from diag.chain.elasticsearch.survey import IndexReport
from diag.doctor.result import Diagnostic, Level
from diag.doctor.snapshot import Facts
from diag.i18n import Text
from diag.words import text, texts

LATE, FAR_BEHIND = timedelta(minutes=1), timedelta(hours=1)


def check(facts: Facts) -> Iterator[Diagnostic]:
    """Yield the diagnostics of the index; none if no index is configured."""
    index = facts.index
    if index is None:
        return
    if index.failure:
        yield Diagnostic.of(Level.WARNING, "index.no_answer", index.name, why=index.failure)
        return
    if index.unreadable:
        documents = index.readable + index.unreadable
        yield Diagnostic.of(
            Level.WARNING,
            "index.unreadable",
            index.name,
            documents=documents,
            unreadable=index.unreadable,
        )
    if index.newest is None:
        return
    yield _age(index, facts)
    yield from _chain(index, facts)


def _age(index: IndexReport, facts: Facts) -> Diagnostic:
    words = texts("doctor.index.styles")
    styles = [words[style] for style in sorted(index.styles)]
    both = Text.literal("、".join(s.zh for s in styles), " and ".join(s.en for s in styles))
    age = text("doctor.index.age").filled(date=f"{index.oldest:%Y-%m-%d}", styles=both)
    head = max((r.head.time for r in facts.usable if r.head), default=None)
    if head is None or index.newest is None:
        return Diagnostic.of(Level.OK, "index.alone", index.name, age=age)
    behind = head - index.newest
    if behind <= LATE:
        return Diagnostic.of(Level.OK, "index.up_to_date", index.name, age=age)
    level = Level.WARNING if behind > FAR_BEHIND else Level.HINT
    minutes = int(behind.total_seconds() // 60)
    return Diagnostic.of(level, "index.behind", index.name, age=age, minutes=minutes)


def _chain(index: IndexReport, facts: Facts) -> Iterator[Diagnostic]:
    answers = facts.on_chain
    if answers is None or answers.times is None:
        if not facts.demo:
            yield Diagnostic.of(Level.HINT, "index.chain_unknown", index.name)
        return
    common = index.block_times.keys() & answers.times.keys()
    if any(index.block_times[block] != answers.times[block] for block in common):
        yield Diagnostic.of(Level.FAULT, "index.other_chain", index.name)
