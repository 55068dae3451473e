"""Checks the gateway register and the files that go with it: memo keys, notices, explorers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from diag.chain.collect.memos import bare
from diag.config.explorers import for_chain
from diag.doctor.result import Diagnostic, Level
from diag.doctor.snapshot import Facts, OnChain
from diag.domain.gateway import Status
from diag.domain.gateway_register import Register

OLD = timedelta(days=180)
MOST_NAMED = 6


def check(facts: Facts) -> Iterator[Diagnostic]:
    """Yield diagnostics of the register, then of memo keys, notices and explorers."""
    if "DIAG_GATEWAYS" not in {**facts.broken, **facts.review.wrong}:
        yield from _register(facts)
    yield from _keys(facts)
    if facts.notices is not None:
        force = sum(notice.period.covers(facts.now) for notice in facts.notices)
        count = len(facts.notices)
        yield Diagnostic.of(Level.OK, "notices.read", "DIAG_NOTICES", count=count, force=force)
    yield from _explorers(facts)


def _register(facts: Facts) -> Iterator[Diagnostic]:
    register = facts.register
    if register.chain_id is not None and facts.chains and register.chain_id not in facts.chains:
        yield Diagnostic.of(Level.WARNING, "register.other_chain", register.source)
        return
    counts = {"gateways": len(register.gateways), "accounts": len(register.account_names)}
    source = register.source or "-"
    if register.gateways:
        yield Diagnostic.of(Level.OK, "register.filled", source, **counts)
    else:
        yield Diagnostic.of(Level.HINT, "register.empty", source, **counts)
    yield from _ages(register, facts)
    if facts.on_chain:
        yield from _on_chain(register, facts.on_chain)


def _ages(register: Register, facts: Facts) -> Iterator[Diagnostic]:
    """Yield hints at entries that were last checked long ago; closed gateways do not count."""
    old = []
    for gateway in register.gateways:
        stage = gateway.status_at(facts.now)
        closed = stage is not None and stage.status is Status.CLOSED
        if gateway.as_of and not closed and facts.now.date() - gateway.as_of > OLD:
            old.append(f"{gateway.key} {gateway.as_of}")
    if old:
        names = ", ".join(old)
        yield Diagnostic.of(
            Level.HINT, "register.old", register.source, days=OLD.days, names=names
        )


def _on_chain(register: Register, answers: OnChain) -> Iterator[Diagnostic]:
    """Yield diagnostics from comparing names and ids in the register with the chain."""
    gone = [name for name in answers.asked if name not in answers.accounts]
    listed = {(a.name, a.id) for g in register.gateways for a in g.accounts if a.id}
    other = sorted(
        name
        for name, number in listed
        if name in answers.accounts and number != answers.accounts[name].id
    )
    symbols = {coin.asset for gateway in register.gateways for coin in gateway.coins}
    assets = sorted(symbols - answers.symbols) if answers.symbols is not None else []
    for key, names in (("no_account", gone), ("other_id", other), ("no_asset", assets)):
        if names:
            yield Diagnostic.of(
                Level.WARNING, f"register.{key}", register.source, names=_some(names)
            )


def _some(names: Iterable[str]) -> str:
    every = list(names)
    more = f" … (+{len(every) - MOST_NAMED})" if len(every) > MOST_NAMED else ""
    return ", ".join(every[:MOST_NAMED]) + more


def _keys(facts: Facts) -> Iterator[Diagnostic]:
    """Yield diagnostics of which gateway each memo key belongs to. No key is shown, not even a
    public one.
    """
    accounts = facts.on_chain.accounts if facts.on_chain else {}
    owners = {bare(a.memo_key): a.name for a in accounts.values()}
    for place, key in enumerate(facts.keys or (), 1):
        owner = owners.get(key)
        if owner in facts.register.account_names:
            yield Diagnostic.of(Level.OK, "keys.of_gateway", place=place, owner=owner)
        elif accounts:
            yield Diagnostic.of(Level.WARNING, "keys.of_nobody", place=place)
        else:
            yield Diagnostic.of(Level.HINT, "keys.unknown", place=place)


def _explorers(facts: Facts) -> Iterator[Diagnostic]:
    explorers = facts.review.settings.explorers
    if "DIAG_EXPLORERS" in facts.review.wrong or not explorers or not facts.chains:
        return
    linked = sorted({e.name for chain in facts.chains for e in for_chain(explorers, chain)})
    if linked:
        names = ", ".join(linked)
        yield Diagnostic.of(Level.OK, "explorers.linked", "DIAG_EXPLORERS", names=names)
    elif "DIAG_EXPLORERS" in facts.review.given:
        yield Diagnostic.of(Level.WARNING, "explorers.for_others", "DIAG_EXPLORERS")
    else:
        yield Diagnostic.of(Level.OK, "explorers.default_for_others", "DIAG_EXPLORERS")
