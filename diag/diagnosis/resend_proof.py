"""When it is safe to send again: every condition, once. Pure.

A rule may only propose `resend_safe: yes`; the verdict says yes where all of these conditions
hold. The first that does not hold gives the sentence that the reply says instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from diag.domain.asset import Asset
from diag.domain.evidence import Evidence
from diag.domain.finding import Finding
from diag.domain.history import Gap
from diag.domain.operations import Created, TimeLock, TimeLockRefunded
from diag.domain.outflows import outflows, taken
from diag.domain.withdrawal import Withdrawal
from diag.i18n import Text
from diag.matching.claims import differing_claims

PAID_SHARE = Decimal("0.9")
"""What left since counts as a payment made otherwise from this share of the amount on."""
JUST_BEFORE = timedelta(minutes=15)
"""A payment made this shortly before the window, or before the attempt, may be the one meant."""
OTHER_READINGS = frozenset(
    (
        "ambiguous",
        "issue_or_deposit",
        "return_or_deposit",
        "unlike_fee",
        "settled_and_returned",
        "second_account",
        "fits_others_too",
        "incomplete",
        "recent",
    )
)
"""Reasons of a finding for which what came back, or lapsed, may be something else."""


@dataclass(frozen=True, slots=True)
class Question:
    """May what this finding is about be sent again?"""

    evidence: Evidence
    finding: Finding
    withdrawal: Withdrawal | None
    final: bool
    """All decisive operations are irreversible."""

    @property
    def asset(self) -> Asset | None:
        if self.withdrawal is not None:
            return self.withdrawal.amount.asset
        return self.evidence.history.claimed_asset

    @property
    def base_units(self) -> int | None:
        """How much would be sent again; None where nobody said."""
        if self.withdrawal is not None:
            return self.returned or self.withdrawal.amount.base_units
        claimed, asset = self.evidence.case.amount, self.asset
        return None if claimed is None or asset is None else asset.base_units(claimed)

    @property
    def returned(self) -> int:
        """Base units that came back, from a gateway or out of a time-lock."""
        made = self.withdrawal
        if made is None:
            return 0
        if isinstance(made.sent, TimeLock) and made.sent.lock:
            log = self.evidence.history.log.operations
            ends = {o.lock for o in log if isinstance(o, TimeLockRefunded)}
            return made.amount.base_units if made.sent.lock in ends else 0
        return sum(a.part.base_units for a in made.returns)

    @property
    def start(self) -> datetime:
        """From when on a movement may be the payment itself, made another way."""
        first = self.evidence.case.start
        if self.withdrawal is not None:
            first = min(first, self.withdrawal.at)
        return first - JUST_BEFORE


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must be proven before anybody is told to send again."""

    key: str
    requires: Text
    """What must hold, for the documentation."""
    otherwise: Text
    """What the reply says where it does not."""
    holds: Callable[[Question], bool]
    locates: bool = False
    """Where this does not hold, it is not known where the money is."""


def unmet(question: Question) -> tuple[str, ...]:
    """The keys of the conditions that do not hold, in the order of the table."""
    return tuple(c.key for c in CONDITIONS if not c.holds(question))


def condition(key: str) -> Condition:
    return next(c for c in CONDITIONS if c.key == key)


# --- the conditions -------------------------------------------------------------------------


def _fresh(q: Question) -> bool:
    as_of = q.evidence.as_of
    return not q.evidence.gap(Gap.HEAD) and as_of.irreversible_block <= as_of.block


def _final(q: Question) -> bool:
    return q.final


def _agreed(q: Question) -> bool:
    history = q.evidence.history
    alone = history.known_nodes < 2
    return not history.disagreement and (alone or len(history.confirmed_by) > 1)


def _whole(q: Question) -> bool:
    """The account's history is proven from before the first attempt until now."""
    return q.evidence.complete and q.evidence.history.log.complete(q.start, q.evidence.now)


def _readable(q: Question) -> bool:
    return not q.evidence.unreadable(q.start, q.evidence.now)


def _existed(q: Question) -> bool:
    account = q.evidence.history.account
    start = q.evidence.case.start
    created = account.created if account and not account.genesis else None
    born = [o.at for o in q.evidence.history.log.operations if isinstance(o, Created)]
    return all(at <= start for at in (*born, *([created] if created else [])))


def _named(q: Question) -> bool:
    return q.asset is not None


def _no_other_candidate(q: Question) -> bool:
    if q.withdrawal is not None:
        evidence = q.evidence
        return not differing_claims(evidence.case, q.withdrawal, in_parts=evidence.in_parts)
    return not (q.evidence.withdrawals or q.evidence.outside)


def _single_reading(q: Question) -> bool:
    return not OTHER_READINGS & set(q.finding.basis)


def _not_paid_since(q: Question) -> bool:
    if q.asset is None:
        return True
    own = q.withdrawal.id if q.withdrawal else None
    left = sum(
        out.base_units
        for out in outflows(q.evidence, q.asset.id, q.start)
        if out.operation.id != own
    )
    if q.base_units is None:
        return left == 0
    return left < q.base_units * PAID_SHARE


def _covered(q: Question) -> bool:
    """The present balance, and what left since the attempt, cover what would be sent."""
    if q.withdrawal is not None and q.returned:
        return True  # the account's history shows it come back, and nothing that left since
    balances, asset, account = q.evidence.history.balances, q.asset, q.evidence.history.account
    if balances is None or asset is None or account is None:
        return False
    held: int = balances.get(asset.id, 0)
    if q.base_units is None:
        return held > 0
    since = q.withdrawal.at if q.withdrawal else q.evidence.case.start
    own = q.withdrawal.id if q.withdrawal else None
    left = sum(
        taken(o, account.id, asset.id) or 0
        for o in q.evidence.operations(since, q.evidence.now)
        if o.id != own
    )
    return held + left >= q.base_units


CONDITIONS: tuple[Condition, ...] = (
    Condition(
        "fresh_head",
        Text(
            zh="节点的最新区块既不落后也不超前于时钟，且最后不可逆区块不高于最新区块",
            en="the node's head is neither behind nor ahead of the clock, and its last "
            "irreversible block is not above it",
        ),
        Text(
            zh="但所查节点的数据不是最新的，请先不要重新发送。",
            en="But the node's data is not current, so do not send again for now.",
        ),
        _fresh,
        locates=True,
    ),
    Condition(
        "irreversible",
        Text(zh="所有依据都已不可逆", en="everything it rests on is irreversible"),
        Text(
            zh="但这一点尚待链上最终确认，请先不要重新发送。",
            en="But the chain has not made this final yet, so do not send again for now.",
        ),
        _final,
    ),
    Condition(
        "nodes_agree",
        Text(
            zh="配置了多个节点时，另一个节点给出同样的结果",
            en="where several nodes are configured, another one shows the same",
        ),
        Text(
            zh="但未能由另一个节点核实，请先不要重新发送。",
            en="But no second node has confirmed it, so do not send again for now.",
        ),
        _agreed,
        locates=True,
    ),
    Condition(
        "history_complete",
        Text(
            zh="从首次尝试之前直到现在，账户历史完整",
            en="the account's history is complete from before the first attempt until now",
        ),
        Text(
            zh="但此后的账户历史未能全部核对，请先不要重新发送。",
            en="But the account's later history could not be checked in full, so do not send again "
            "for now.",
        ),
        _whole,
    ),
    Condition(
        "all_readable",
        Text(zh="其间没有无法解读的操作", en="no operation in that time was unreadable"),
        Text(
            zh="但有一项操作无法解读，请先不要重新发送。",
            en="But one operation could not be read, so do not send again for now.",
        ),
        _readable,
        locates=True,
    ),
    Condition(
        "account_existed",
        Text(
            zh="所说时段开始时账户已经存在",
            en="the account existed when the named period began",
        ),
        Text(
            zh="但该账户在所说时段之后才创建，请核对账户名，先不要重新发送。",
            en="But the account was created after that period began: please check the account "
            "name, and do not send again for now.",
        ),
        _existed,
        locates=True,
    ),
    Condition(
        "asset_named",
        Text(zh="知道是哪种资产", en="the asset is known"),
        Text(
            zh="请告诉我们是哪种资产，先不要重新发送。",
            en="Please tell us which asset it was, and do not send again for now.",
        ),
        _named,
        locates=True,
    ),
    Condition(
        "no_other_candidate",
        Text(
            zh="时段内外没有另一笔可能就是所说的转出",
            en="no other movement in or near the period could be the one meant",
        ),
        Text(
            zh="但附近有另一笔可能就是它，请先核对，不要重新发送。",
            en="But another movement nearby may be the one you mean: please check it first, and do "
            "not send again.",
        ),
        _no_other_candidate,
        locates=True,
    ),
    Condition(
        "single_reading",
        Text(
            zh="退回的款项不可能是别的（例如新的充币）",
            en="what came back can be nothing else, such as a new deposit",
        ),
        Text(
            zh="但这笔入账也可能是新的充币，请先向网关核实，不要重新发送。",
            en="But that credit may be something else, such as a deposit: please check with the "
            "gateway first, and do not send again.",
        ),
        _single_reading,
        locates=True,
    ),
    Condition(
        "not_paid_since",
        Text(
            zh="此后没有以其他方式转出或卖出相近的数额",
            en="no similar amount of the asset has left the account in another way since: sent, "
            "sold or taken",
        ),
        Text(
            zh="此后有相近数额转出或卖出，可能已另行支付，请不要重复发送。",
            en="A similar amount has left the account since, so it may have been paid already: do "
            "not send it again.",
        ),
        _not_paid_since,
    ),
    Condition(
        "balance_covers",
        Text(
            zh="现有余额加上此后转出的部分足以覆盖该数额，或账户历史显示款项已退回",
            en="the present balance, plus what has left since, covers the amount; or the account's "
            "history shows it come back",
        ),
        Text(
            zh="但账户余额不足以说明款项仍在，请先核对，不要重新发送。",
            en="But the balance does not show that the funds are still there: please check first, "
            "and do not send again.",
        ),
        _covered,
        locates=True,
    ),
)
"""All must hold; docs/checks.md shows them as a table."""

NOT_WITH_USER = frozenset(c.key for c in CONDITIONS if c.locates)
"""Where one of these does not hold, the verdict does not say where the money is."""
