"""Checks the nodes: reachable, of the right chain, fresh, with histories, in agreement; and the clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import combinations

from diag.chain.pool.history_service import WORDS, Lack, NodeKind
from diag.chain.pool.survey import NodeReport
from diag.doctor.result import Diagnostic, Level, Words
from diag.doctor.snapshot import Facts

AREA = "nodes"
SLOW = 1.0
"""A wave that takes more seconds than this is slow: a node nearby needs a fraction of it."""
AHEAD = timedelta(seconds=-3)
"""From this age on, if all heads are in the future, this machine's clock is called slow."""
ALIKE = timedelta(seconds=15)
_KINDS = {
    NodeKind.FULL: ("历史完整", "whole history"),
    NodeKind.PRUNED: ("只保留较新的历史", "only newer history"),
    NodeKind.ELASTICSEARCH: ("历史在 Elasticsearch 中", "history in Elasticsearch"),
    NodeKind.SELECTED: ("只有选定账户的历史", "histories of selected accounts only"),
    NodeKind.NONE: ("不提供账户历史", "no histories"),
    NodeKind.UNKNOWN: ("历史是否完整未知", "history not known to be whole"),
}
_NTP = (
    "用 timedatectl 或 chronyc tracking 核对本机时间（NTP）",
    "look at this machine's time with timedatectl or chronyc tracking (NTP)",
)


def check(facts: Facts) -> Iterator[Diagnostic]:
    """Yield one diagnostic per node, more if something is to be corrected, then those about all
    nodes.
    """
    if facts.demo:
        yield from (_demo(report.name) for report in facts.reports)
        return
    usable = tuple(report for report in facts.usable if not _lack(report, facts))
    for report in facts.reports:
        yield from _node(report, facts)
    if not usable:
        yield Diagnostic.of(
            Level.FAULT,
            AREA,
            ("全部节点", "all nodes"),
            ("没有可用的节点，无法诊断", "none can be used: nothing can be diagnosed"),
            (
                "先处理上面各节点的问题，或在 DIAG_NODES 中添加节点",
                "mend one of those above, or add one to DIAG_NODES",
            ),
        )
        return
    yield from _history(facts, usable)
    yield _opinions(usable)
    if (finding := _agreement(usable)) is not None:
        yield finding
    yield from _clock(facts, usable)


def _demo(name: str) -> Diagnostic:
    return Diagnostic.of(
        Level.HINT,
        AREA,
        ("演示链", "demonstration"),
        (
            f"由录制的链 {name} 回答，不是真实网络",
            f"a recorded chain ({name}) answers, not a live one",
        ),
        ("生产环境请在 DIAG_NODES 中填写节点", "for production name nodes in DIAG_NODES"),
    )


def _node(report: NodeReport, facts: Facts) -> Iterator[Diagnostic]:
    head, wanted = report.head, facts.review.settings.chain_id

    def found(level: Level, seen: Words, mend: Words | None = None) -> Diagnostic:
        return Diagnostic.of(level, AREA, report.name, seen, mend)

    if head is None or report.seconds is None:
        why = report.failure or ""
        yield found(
            Level.WARNING,
            (f"没有可用的回答：{why}", f"no usable answer: {why}"),
            ("核对地址、端口、证书和防火墙", "look at address, port, certificate and firewall"),
        )
        return
    if wanted and report.chain_id != wanted:
        yield found(
            Level.FAULT,
            (
                f"属于另一条链（{report.chain_id}）",
                f"it serves another chain ({report.chain_id})",
            ),
            (
                "换成 DIAG_CHAIN_ID 那条链的节点，或更正 DIAG_CHAIN_ID",
                "name a node of DIAG_CHAIN_ID, or correct that",
            ),
        )
        return
    version = report.version or "?"
    kind = _KINDS[report.kind]
    page = report.page or "?"
    seen = (
        f"{kind[0]}，版本 {version}，区块 {head.block}，每页 {page} 条，{report.seconds:.2f} 秒",
        f"{kind[1]}, version {version}, block {head.block}, {page} a page, {report.seconds:.2f} s",
    )
    if (missing := _lack(report, facts)) is not None:
        lack = WORDS[missing]
        yield found(
            Level.WARNING,
            (
                f"无法用于诊断，等待也没有用：{lack.zh}",
                f"of no use for diagnoses, now and later: {lack.en}",
            ),
            _REMEDIES.get(missing, _SERVE_ALL),
        )
    elif head.node.ahead:
        early = int(head.node.ahead.total_seconds())
        yield found(
            Level.WARNING,
            (
                f"最新区块在未来 {early} 秒处，不予采信：{seen[0]}",
                f"its head is {early} s in the future and not believed: {seen[1]}",
            ),
            (
                "核对本机时间；若本机无误，移除该节点",
                "look at this machine's time; if that is right, remove the node",
            ),
        )
    elif head.gap:
        late = int(head.age.total_seconds())
        yield found(
            Level.WARNING,
            (f"落后 {late} 秒：{seen[0]}", f"{late} s behind: {seen[1]}"),
            ("等它同步完成，或换一个节点", "wait until it has caught up, or take another node"),
        )
    else:
        yield found(Level.OK, seen)
    yield from (found(Level.HINT, *words) for words in _limits(report))


_SERVE_ALL: Words = (
    "请节点运营方提供所有账户的历史，或换一个节点",
    "have its operator serve the histories of all accounts, or take another node",
)
_REMEDIES: Mapping[Lack, Words] = {
    Lack.OUTDATED: (
        "请节点运营方把 bitshares-core 升级到 6.1 或更高版本，或换一个节点",
        "have its operator upgrade bitshares-core to 6.1 or later, or take another node",
    ),
}


def _lack(report: NodeReport, facts: Facts) -> Lack | None:
    """Return why the node cannot be used for diagnoses; None if an index has what it does not keep."""
    indexed = facts.index is not None and facts.index.failure is None
    return None if indexed and report.lack is Lack.INDEXED else report.lack


def _limits(report: NodeReport) -> Iterator[tuple[Words, Words]]:
    if report.helper_indexes is False:
        yield (
            (
                "没有 api_helper_indexes：看不到待批准的提案和未进块的交易",
                "no api_helper_indexes: proposals and transactions not yet in a block are not seen",
            ),
            ("在节点上启用该插件", "enable that plugin on the node"),
        )
    if (report.seconds or 0) > SLOW:
        yield (
            (
                f"首轮用了 {report.seconds:.1f} 秒",
                f"the first wave took {report.seconds:.1f} s",
            ),
            (
                "换用更近的节点，或用 wss:// 保持连接",
                "take one nearer by, or wss://, which stays connected",
            ),
        )


def _history(facts: Facts, usable: tuple[NodeReport, ...]) -> Iterator[Diagnostic]:
    """Yield a diagnostic of whether any node keeps whole histories."""
    if any(report.kind is NodeKind.FULL for report in usable):
        return
    index = facts.index is not None and facts.index.failure is None
    dropped = [r.most_removed for r in usable if r.most_removed[1]]
    account, removed = dropped[0] if dropped else ("", 0)
    zh = f"（例如 {account} 缺 {removed} 条）" if removed else ""
    en = f" ({account} lacks {removed} operations)" if removed else ""
    mend = (
        "添加一个完整历史的节点（max-ops-per-account 足够大），或设置 DIAG_ELASTICSEARCH",
        "add a node with whole histories (a large max-ops-per-account), or set DIAG_ELASTICSEARCH",
    )
    if index:
        level, seen = (
            Level.OK,
            ("节点不全，由索引补足", "not whole at any node; the index fills in"),
        )
    elif all(report.kind is NodeKind.UNKNOWN for report in usable):
        level = Level.HINT
        seen = "没有节点被证实历史完整", "no node was shown to hold it whole"
        mend = (
            "看过的账户操作太少，无从判断；请用一个操作很多的账户核对",
            "the accounts looked at have done too little to tell: look at a busy one yourself",
        )
    else:
        level = Level.WARNING
        seen = f"没有节点保留完整历史{zh}", f"no node holds it whole{en}"
    yield Diagnostic.of(level, AREA, ("账户历史", "histories"), seen, mend if level else None)


def _opinions(usable: tuple[NodeReport, ...]) -> Diagnostic:
    """Return a diagnostic of how many fresh nodes can confirm each other."""
    fresh = [report for report in usable if report.head and not report.head.gap]
    names = sorted({report.name for report in fresh})
    what = "第二意见", "second opinions"
    if not fresh:
        return Diagnostic.of(
            Level.FAULT,
            AREA,
            what,
            (
                "没有节点的最新区块与时钟相符：诊断只能是 undetermined",
                "no node's head fits the clock: diagnoses will be undetermined",
            ),
            (
                "等节点同步，换节点，或核对本机时钟",
                "wait for a node, take another, or look at this clock",
            ),
        )
    if len(names) < 2:
        return Diagnostic.of(
            Level.HINT,
            AREA,
            what,
            (
                "只有一个正常节点：「查无此事」没有第二个节点复核",
                "one good node only: nobody confirms that nothing was found",
            ),
            (
                "在 DIAG_NODES 中添加另一家运营的节点",
                "add a node that somebody else runs to DIAG_NODES",
            ),
        )
    return Diagnostic.of(
        Level.OK, AREA, what, (f"{len(names)} 个正常节点", f"{len(names)} good nodes")
    )


def _agreement(usable: tuple[NodeReport, ...]) -> Diagnostic | None:
    """Return a diagnostic of whether all nodes agree on the irreversible blocks that they have
    in common.
    """
    what = "不可逆区块", "irreversible blocks"
    mend = (
        "与区块浏览器核对，移除错误的节点",
        "compare with an explorer, and remove the wrong one",
    )
    compared = 0
    for one, other in combinations(usable, 2):
        both = f"{one.name} 与 {other.name} ", f"{one.name} and {other.name} "
        if one.chain_id != other.chain_id:
            seen = both[0] + "不在同一条链上", both[1] + "serve different chains"
            return Diagnostic.of(Level.FAULT, AREA, what, seen, mend)
        common = one.landmarks.keys() & other.landmarks.keys()
        differing = sorted(b for b in common if one.landmarks[b] != other.landmarks[b])
        if differing:
            seen = (
                both[0] + f"的区块 {differing[0]} 不同：其中一个不在正确的链上",
                both[1] + f"differ in block {differing[0]}: one of them is on another chain",
            )
            return Diagnostic.of(Level.FAULT, AREA, what, seen, mend)
        compared = max(compared, max(common, default=0))
    if not compared:
        return None
    seen = f"各节点一致，至区块 {compared}", f"the same at all nodes, up to block {compared}"
    return Diagnostic.of(Level.OK, AREA, what, seen)


def _clock(facts: Facts, usable: tuple[NodeReport, ...]) -> Iterator[Diagnostic]:
    """Yield a diagnostic from comparing this machine's clock with the heads."""
    if facts.review.settings.clock:
        return
    ages = [r.head.age for r in usable if r.head]
    area, what = "clock", ("本机时钟", "local clock")
    least, most = min(ages), max(ages)
    behind = all(r.head and r.head.node.behind for r in usable)
    if most < AHEAD:
        seconds = int(-most.total_seconds())
        yield Diagnostic.of(
            Level.WARNING,
            area,
            what,
            (
                f"所有节点的最新区块都在「未来」至少 {seconds} 秒：本机时钟慢了",
                f"every head lies at least {seconds} s in the future: this clock is slow",
            ),
            _NTP,
        )
    elif behind and len(ages) > 1 and most - least <= ALIKE:
        seconds = int(least.total_seconds())
        yield Diagnostic.of(
            Level.WARNING,
            area,
            what,
            (
                f"所有节点都落后约 {seconds} 秒：更可能是本机时钟快了",
                f"all nodes are about {seconds} s behind alike: rather this clock is fast",
            ),
            _NTP,
        )
    elif not behind:
        seconds = int(least.total_seconds())
        yield Diagnostic.of(
            Level.OK,
            area,
            what,
            (f"与最新区块相差 {seconds} 秒", f"{seconds} s from the newest head"),
        )
