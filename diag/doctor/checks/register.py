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

AREA = "register"
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
        yield Diagnostic.of(
            Level.OK,
            "notices",
            "DIAG_NOTICES",
            (f"{count} 条公告，{force} 条正在生效", f"{count} notices, {force} in force now"),
        )
    yield from _explorers(facts)


def _register(facts: Facts) -> Iterator[Diagnostic]:
    register = facts.register
    chains = {report.chain_id for report in facts.usable if report.chain_id}
    foreign = register.chain_id is not None and chains and register.chain_id not in chains
    if foreign:
        yield Diagnostic.of(
            Level.WARNING,
            AREA,
            register.source,
            ("属于另一条链：不认识任何网关", "it is of another chain: no gateway is known"),
            (
                "在 DIAG_GATEWAYS 中给出这条链的登记表，或换用正确的节点",
                "name a register of this chain in DIAG_GATEWAYS, or nodes of the register's",
            ),
        )
        return
    count, names = len(register.gateways), len(register.account_names)
    yield Diagnostic.of(
        Level.OK if count else Level.HINT,
        AREA,
        register.source or "-",
        (f"{count} 个网关，{names} 个账户", f"{count} gateways, {names} accounts"),
        None
        if count
        else ("在 DIAG_GATEWAYS 中给出登记表", "name a register in DIAG_GATEWAYS"),
    )
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
        named = ", ".join(old)
        yield Diagnostic.of(
            Level.HINT,
            AREA,
            register.source,
            (
                f"{OLD.days} 天以上未核实：{named}",
                f"not looked at for over {OLD.days} days: {named}",
            ),
            (
                "向网关核实，再更新 as_of（DIAG_GATEWAYS）",
                "ask those gateways, and renew as_of (in a register of yours: DIAG_GATEWAYS)",
            ),
        )


def _on_chain(register: Register, told: OnChain) -> Iterator[Diagnostic]:
    """Yield diagnostics from comparing names and ids in the register with the chain."""
    gone = [name for name in told.asked if name not in told.accounts]
    listed = {(a.name, a.id) for g in register.gateways for a in g.accounts if a.id}
    other = sorted(
        name
        for name, number in listed
        if name in told.accounts and number != told.accounts[name].id
    )
    symbols = {coin.asset for gateway in register.gateways for coin in gateway.coins}
    assets = sorted(symbols - told.symbols) if told.symbols is not None else []
    mend = "核对拼写，或在登记表中更正", "check the spelling, or correct the register"
    for zh, en, names in (
        ("链上没有账户", "no such account on the chain", gone),
        ("账户编号与登记表不同", "another account id than the register says", other),
        ("链上没有资产", "no such asset on the chain", assets),
    ):
        if names:
            listing = _some(names)
            seen = f"{zh}：{listing}", f"{en}: {listing}"
            yield Diagnostic.of(Level.WARNING, AREA, register.source, seen, mend)


def _some(names: Iterable[str]) -> str:
    every = list(names)
    more = f" … (+{len(every) - MOST_NAMED})" if len(every) > MOST_NAMED else ""
    return ", ".join(every[:MOST_NAMED]) + more


def _keys(facts: Facts) -> Iterator[Diagnostic]:
    """Yield diagnostics of which gateway each memo key belongs to. No key is shown, not even a
    public one.
    """
    if facts.keys is None:
        return
    told = facts.on_chain.accounts if facts.on_chain else {}
    owners = {bare(a.memo_key): a.name for a in told.values()}
    ours = facts.register.account_names
    for place, key in enumerate(facts.keys, 1):
        what = f"第 {place} 把备注密钥", f"memo key {place}"
        owner = owners.get(key)
        if owner in ours:
            seen = f"属于 {owner}", f"it is that of {owner}"
            yield Diagnostic.of(Level.OK, "keys", what, seen)
        elif told:
            yield Diagnostic.of(
                Level.WARNING,
                "keys",
                what,
                (
                    "不是登记表中任何网关账户现在的备注密钥",
                    "it is not the present memo key of any gateway account in the register",
                ),
                (
                    "若已更换，可为旧备注保留；否则从 DIAG_MEMO_KEYS_FILE 删除",
                    (
                        "keep it for old memos if the account changed its key; else remove it from "
                        "DIAG_MEMO_KEYS_FILE"
                    ),
                ),
            )
        else:
            yield Diagnostic.of(
                Level.HINT,
                "keys",
                what,
                ("无节点可问，不知属于谁", "whose it is could not be asked of any node"),
            )


def _explorers(facts: Facts) -> Iterator[Diagnostic]:
    explorers = facts.review.settings.explorers
    chains = {report.chain_id for report in facts.usable if report.chain_id}
    if "DIAG_EXPLORERS" in facts.review.wrong or not explorers or not chains:
        return
    shown = sorted({e.name for chain in chains for e in for_chain(explorers, chain)})
    if shown:
        names = ", ".join(shown)
        seen = f"证据链接到 {names}", f"evidence links to {names}"
        yield Diagnostic.of(Level.OK, "explorers", "DIAG_EXPLORERS", seen)
        return
    given = "DIAG_EXPLORERS" in facts.review.given
    yield Diagnostic.of(
        Level.WARNING if given else Level.OK,
        "explorers",
        "DIAG_EXPLORERS",
        ("没有浏览器显示这条链，证据不带链接", "none shows this chain: evidence has no links"),
        ("更正其中的 chain_id", "correct the chain_id in it") if given else None,
    )
