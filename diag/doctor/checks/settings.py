"""Checks the settings: known, well formed, safe, and consistent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from difflib import get_close_matches

from diag.config.settings import PREFIX, Settings
from diag.doctor.endpoints import Address, addresses_in
from diag.doctor.result import Diagnostic, Level
from diag.doctor.snapshot import Facts
from diag.domain.asset import MAIN_NETWORK

AREA = "settings"
READABLE_BY_ALL = 0o004
LEAST_SHARE = 2.0
"""Seconds that each node should have: the time that connecting may take."""
SOON = timedelta(days=30)
"""How long before its expiry a contact for vulnerabilities is to be renewed."""


def check(facts: Facts) -> Iterator[Diagnostic]:
    """Yield one diagnostic if all settings are valid, and those about problems."""
    review = facts.review
    wrong = list(_wrong(facts)) + list(_unknown(review.unknown))
    wrong += [*_files(facts), *_addresses(facts), *_chain(facts), *_deadline(review.settings)]
    wrong += [*_clock(facts), *_channels(facts), *_security_contact(facts)]
    if not any(finding.level > Level.HINT for finding in wrong):
        count = len(review.given)
        said = f"已设置 {count} 项，均有效", f"{count} set, each of them valid"
        none = "均为默认值", "all at their defaults"
        yield Diagnostic.of(Level.OK, AREA, "DIAG_*", said if count else none)
    yield from wrong


def _clock(facts: Facts) -> Iterator[Diagnostic]:
    """Yield a warning of a fixed clock, which is right for a replayed chain only."""
    moment = facts.review.settings.clock
    if moment is None or facts.demo:
        return
    live = any(report.chain_id == MAIN_NETWORK for report in facts.reports)
    yield Diagnostic.of(
        Level.FAULT if live else Level.WARNING,
        AREA,
        "DIAG_CLOCK",
        (
            f"时钟固定在 {moment:%Y-%m-%dT%H:%M:%SZ}：节点落后也不会被发现",
            f"the clock stands at {moment:%Y-%m-%dT%H:%M:%SZ}: no node that lags is noticed",
        ),
        (
            "只用于 diag replay 提供的链；真实网络请删除此设置",
            "only for a chain that diag replay serves; remove it for a live one",
        ),
    )


def _security_contact(facts: Facts) -> Iterator[Diagnostic]:
    """Yield a warning of a contact for vulnerabilities that is no longer published, or soon
    will not be.
    """
    settings = facts.review.settings
    expires = settings.security_expires
    if not settings.security_contact or expires is None or expires > facts.now + SOON:
        return
    over = expires <= facts.now
    yield Diagnostic.of(
        Level.WARNING,
        AREA,
        "DIAG_SECURITY_EXPIRES",
        (
            f"已于 {expires:%Y-%m-%d} 到期，security.txt 不再发布"
            if over
            else f"{expires:%Y-%m-%d} 到期，之后不再发布 security.txt",
            f"{expires:%Y-%m-%d} is past: security.txt is no longer published"
            if over
            else f"security.txt is published until {expires:%Y-%m-%d} only",
        ),
        (
            "核对联系方式后改为新的日期，或去掉此项",
            "look whether the contact still holds, then give a later date or leave it out",
        ),
    )


def _channels(facts: Facts) -> Iterator[Diagnostic]:
    """Yield warnings of channels that are not used because cases are off, and of unencrypted
    addresses.
    """
    if facts.review.settings.channels is None:
        return
    if not facts.review.settings.keeps_cases:
        yield Diagnostic.of(
            Level.WARNING,
            AREA,
            "DIAG_CHANNELS",
            ("没有开启个案，不会通知任何渠道", "cases are off, so no channel is told anything"),
            ("请设置 DIAG_CASES=on 或 DIAG_DATABASE", "set DIAG_CASES=on or DIAG_DATABASE"),
        )
    for name in facts.channels.clear if facts.channels else ():
        yield Diagnostic.of(
            Level.HINT,
            AREA,
            "DIAG_CHANNELS",
            (f"{name} 的地址未加密", f"the address of {name} is not encrypted"),
            (
                "改用 https://，或确认只经过内部网络",
                "use https://, unless it stays inside your network",
            ),
        )


def _wrong(facts: Facts) -> Iterator[Diagnostic]:
    for name, error in {**facts.review.wrong, **facts.broken}.items():
        said = (_without(name, error.text.say("zh")), _without(name, error.text.say("en")))
        mend = "更正之前服务不会启动", "the service does not start before this is corrected"
        yield Diagnostic.of(Level.FAULT, AREA, name, said, mend)
    for place in facts.bad_addresses:
        yield Diagnostic.of(
            Level.FAULT,
            AREA,
            "DIAG_NODES",
            (f"第 {place} 个地址无法使用", f"address {place} cannot be used"),
            (
                "写成 http://、https://、ws:// 或 wss:// 加 主机:端口",
                "write http://host:port, https://host:port, ws://host:port or wss://host:port",
            ),
        )


def _without(name: str, said: str) -> str:
    """Return a message without the name of the setting, with which the line begins already."""
    rest = said.removeprefix(name)
    own = rest.startswith("_")  # the message is about NAME_FILE
    return (said if own else rest).lstrip(" ,:：，").rstrip(".。")


def _unknown(names: tuple[str, ...]) -> Iterator[Diagnostic]:
    known = [PREFIX + setting.name.upper() for setting in fields(Settings)]
    known += [f"{name}_FILE" for name in known]
    for name in names:
        near = get_close_matches(name, known, n=1, cutoff=0.7)
        mend = (f"是否应为 {near[0]}？", f"did you mean {near[0]}?") if near else None
        seen = "没有这个设置，因此不起作用", "there is no such setting, so it has no effect"
        other = (
            "请删除，或核对 README 的设置表",
            "remove it, or look at the table in the README",
        )
        yield Diagnostic.of(Level.WARNING, AREA, name, seen, mend or other)


def _files(facts: Facts) -> Iterator[Diagnostic]:
    """Yield warnings of files with secrets that everybody may read."""
    for name, mode in facts.modes.items():
        if mode & READABLE_BY_ALL and _holds_secrets(name, facts.review.settings):
            yield Diagnostic.of(
                Level.WARNING,
                AREA,
                name,
                (
                    f"文件权限为 {mode:o}，任何人可读",
                    f"the file's mode is {mode:o}: everybody may read it",
                ),
                (
                    "chmod 600 该文件，属主为运行服务的用户",
                    "chmod 600, owned by the user that runs the service",
                ),
            )


def _holds_secrets(name: str, settings: Settings) -> bool:
    if name == f"{PREFIX}NODES_FILE":
        return any("@" in url for url in settings.nodes)
    if name == f"{PREFIX}ELASTICSEARCH_FILE":
        return "@" in (settings.elasticsearch or "")
    return "KEY" in name or name.startswith(f"{PREFIX}CHANNELS")


def _addresses(facts: Facts) -> Iterator[Diagnostic]:
    settings = facts.review.settings
    if settings.nodes and settings.ledger:
        yield Diagnostic.of(
            Level.WARNING,
            AREA,
            "DIAG_LEDGER",
            ("设置了 DIAG_NODES，账本不会被使用", "it is not used: DIAG_NODES is set"),
            ("只保留其中一个", "keep one of them"),
        )
    seen: dict[tuple[str, int], Address] = {}
    for address in addresses_in(settings):
        if address.clear:
            yield _clear(address)
        if address.setting != "DIAG_NODES":
            continue
        first = seen.setdefault((address.host, address.port), address)
        if first is not address:
            yield _twice(address.shown, first.shown)


def _clear(address: Address) -> Diagnostic:
    zh, en = ("，登录密码会以明文传输", ", and the login goes in the clear")
    return Diagnostic.of(
        Level.WARNING if address.login else Level.HINT,
        AREA,
        address.setting,
        (
            f"{address.shown} 未加密{zh if address.login else ''}",
            f"{address.shown} is not encrypted{en if address.login else ''}",
        ),
        ("改用 https:// 或 wss://", "use https:// or wss://"),
    )


def _twice(one: str, other: str) -> Diagnostic:
    return Diagnostic.of(
        Level.WARNING,
        AREA,
        "DIAG_NODES",
        (
            f"{one} 与 {other} 是同一节点：它不能给出第二意见",
            f"{one} and {other} are one node: it gives no second opinion of itself",
        ),
        ("只保留一个（ws 或 wss 会保持连接）", "keep one of them (ws and wss stay connected)"),
    )


def _chain(facts: Facts) -> Iterator[Diagnostic]:
    if facts.demo or facts.review.settings.chain_id:
        return
    chains = {report.chain_id for report in facts.reports if report.chain_id}
    one = f"DIAG_CHAIN_ID={chains.pop()}" if len(chains) == 1 else "DIAG_CHAIN_ID"
    yield Diagnostic.of(
        Level.HINT,
        AREA,
        "DIAG_CHAIN_ID",
        ("未设置：任何链的节点都会被采信", "not set: a node of any chain is believed"),
        (f"生产环境请设置 {one}", f"in production set {one}"),
    )


def _deadline(settings: Settings) -> Iterator[Diagnostic]:
    nodes = len(settings.nodes)
    if nodes and settings.deadline / nodes < LEAST_SHARE:
        yield Diagnostic.of(
            Level.HINT,
            AREA,
            "DIAG_DEADLINE",
            (
                f"{settings.deadline:g} 秒、{nodes} 个节点：节点接连无响应时，后面的来不及询问",
                (
                    f"{settings.deadline:g} s for {nodes} nodes: if one after another hangs, the last "
                    "are not asked in time"
                ),
            ),
            (
                f"设为 {LEAST_SHARE * nodes:g} 秒以上，或减少节点",
                f"give at least {LEAST_SHARE * nodes:g} s, or fewer nodes",
            ),
        )
