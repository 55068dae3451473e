"""Checks the index of histories: reachable, of the same chain, not far behind, readable."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from diag.doctor.result import Diagnostic, Level, Words
from diag.doctor.snapshot import Facts

AREA = "index"
LATE, FAR_BEHIND = timedelta(minutes=1), timedelta(hours=1)
_STYLES = {"text": "文本", "objects": "对象"}


def check(facts: Facts) -> Iterator[Diagnostic]:
    """Yield the diagnostics of the index; none if no index is configured."""
    index = facts.index
    if index is None:
        return

    def found(level: Level, seen: Words, mend: Words | None = None) -> Diagnostic:
        return Diagnostic.of(level, AREA, index.name, seen, mend)

    if index.failure:
        yield found(
            Level.WARNING,
            (f"没有可用的回答：{index.failure}", f"no usable answer: {index.failure}"),
            (
                "核对 DIAG_ELASTICSEARCH 的地址、索引名和登录",
                "look at address, index name and login in DIAG_ELASTICSEARCH",
            ),
        )
        return
    styles = sorted(index.styles)
    zh = (
        f"自 {index.oldest:%Y-%m-%d}，格式：{'、'.join(_STYLES[s] for s in styles)}"
        if index.oldest
        else ""
    )
    en = (
        f"since {index.oldest:%Y-%m-%d}, operations as {' and '.join(styles)}"
        if index.oldest
        else ""
    )
    if index.unreadable:
        yield found(
            Level.WARNING,
            (
                f"抽查的 {index.readable + index.unreadable} 个文档中有 {index.unreadable} 个无法读取",
                f"{index.unreadable} of {index.readable + index.unreadable} documents looked at cannot be read",
            ),
            (
                "索引名应为 elasticsearch 插件所写（bitshares-*），并启用 operation-string 或 operation-object",
                (
                    "name what the elasticsearch plugin writes (bitshares-*), with operation-string or "
                    "operation-object on"
                ),
            ),
        )
    if index.newest is None:
        return
    head = max((r.head.time for r in facts.usable if r.head), default=None)
    yield from (found(*one) for one in _age(index.newest, head, (zh, en)))
    yield from (found(*one) for one in _chain(facts))


Said = tuple[Level, Words, Words | None]


def _age(newest: datetime, head: datetime | None, more: Words) -> Iterator[Said]:
    zh, en = more
    if head is None:
        yield Level.OK, (zh, en), None
        return
    behind = head - newest
    minutes = int(behind.total_seconds() // 60)
    if behind <= LATE:
        yield Level.OK, (f"紧跟最新区块，{zh}", f"up to the head, {en}"), None
        return
    level = Level.WARNING if behind > FAR_BEHIND else Level.HINT
    yield (
        level,
        (f"落后节点 {minutes} 分钟，{zh}", f"{minutes} minutes behind the nodes, {en}"),
        ("检查写入索引的节点", "look at the node that writes it"),
    )


def _chain(facts: Facts) -> Iterator[Said]:
    index, told = facts.index, facts.on_chain
    if index is None:
        return
    if told is None or told.times is None:
        if not facts.demo:
            seen = "没有节点可核对它属于哪条链", "no node could confirm which chain it is of"
            yield Level.HINT, seen, None
        return
    common = index.block_times.keys() & told.times.keys()
    if any(index.block_times[block] != told.times[block] for block in common):
        yield (
            Level.FAULT,
            (
                "区块时间与节点不同：属于另一条链，不会被采信",
                "its block times are not the nodes': it is of another chain and is not used",
            ),
            (
                "在 DIAG_ELASTICSEARCH 中填写同一条链的索引",
                "name an index of the same chain in DIAG_ELASTICSEARCH",
            ),
        )
