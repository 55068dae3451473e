"""When it is safe to send again: every condition, once. Pure.

A rule may only propose `resend_safe: yes`; the verdict says yes where all of these conditions
hold. The first that does not hold gives the sentence that the reply says instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from diag.diagnosis import resend_facts as facts
from diag.diagnosis.resend_facts import Question
from diag.i18n import Text


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
        facts.fresh,
        locates=True,
    ),
    Condition(
        "irreversible",
        Text(zh="所有依据都已不可逆", en="everything it rests on is irreversible"),
        Text(
            zh="但这一点尚待链上最终确认，请先不要重新发送。",
            en="But the chain has not made this final yet, so do not send again for now.",
        ),
        facts.final,
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
        facts.agreed,
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
        facts.whole,
    ),
    Condition(
        "all_readable",
        Text(zh="其间没有无法解读的操作", en="no operation in that time was unreadable"),
        Text(
            zh="但有一项操作无法解读，请先不要重新发送。",
            en="But one operation could not be read, so do not send again for now.",
        ),
        facts.readable,
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
        facts.existed,
        locates=True,
    ),
    Condition(
        "asset_named",
        Text(zh="知道是哪种资产", en="the asset is known"),
        Text(
            zh="请告诉我们是哪种资产，先不要重新发送。",
            en="Please tell us which asset it was, and do not send again for now.",
        ),
        facts.named,
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
        facts.no_other_candidate,
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
        facts.single_reading,
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
        facts.not_paid_since,
    ),
    Condition(
        "nothing_underway",
        Text(
            zh="没有待批准的提案或待入块的转账会转出相近的数额",
            en="no open proposal and no transfer waiting for a block would send a similar amount",
        ),
        Text(
            zh="但另有一笔相近数额的转出待批准或待入块，请不要重复发送。",
            en="But another payment of about that amount waits for approval or for a block: do "
            "not send it again.",
        ),
        facts.nothing_underway,
    ),
    Condition(
        "own_keys",
        Text(
            zh="此前不久账户的密钥没有更改过，或收款方是此前用过的",
            en="the account's keys were not changed shortly before it, or it went to somebody that "
            "the account had paid before",
        ),
        Text(
            zh="但此前不久账户的密钥更改过：请先告诉我们是不是您本人操作，不要重新发送。",
            en="But the account's keys were changed shortly before it: please tell us first "
            "whether you did that, and do not send again.",
        ),
        facts.own_keys,
    ),
    Condition(
        "balance_covers",
        Text(
            zh="现有余额加上此后转出、减去此后转入的部分足以覆盖该数额，或账户历史显示款项已退回",
            en="the present balance, plus what has left since and less what has come in since, "
            "covers the amount; or the account's history shows it come back",
        ),
        Text(
            zh="但账户余额不足以说明款项仍在，请先核对，不要重新发送。",
            en="But the balance does not show that the funds are still there: please check first, "
            "and do not send again.",
        ),
        facts.covered,
        locates=True,
    ),
)
"""All must hold; docs/checks.md shows them as a table."""

NOT_WITH_USER = frozenset(c.key for c in CONDITIONS if c.locates)
"""Where one of these does not hold, the verdict does not say where the money is."""
