"""The coins never left: something on the chain holds them.

### What it looks for

No matching transfer, but the claimed asset lies in an open order, or went into a vesting
balance, a pool, collateral, a settlement, a ticket or a credit deal inside the window, or
was taken by somebody whom the user once gave a withdraw permission.

### Why it happens

People take "sell" for "withdraw", or forget an open order; coins in an order do not count in
the balance, so the withdrawal could not be made.

### What to tell the user

Which object holds the coins, and how they come free.
"""

from __future__ import annotations

from collections.abc import Iterator

from diag.checks.failed import claim
from diag.domain.asset import Amount
from diag.domain.chain_objects import Holding
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import evidence_item
from diag.domain.finding import EvidenceItem, Finding, Rule
from diag.domain.operations import Custody, Lock, PermissionClaim, Release
from diag.domain.vocabulary import Actor, Advice, Ask, Confidence, Outcome, Severity, Stage
from diag.i18n import Text

IN_ORDER = Rule(
    code="funds_in_order",
    title=Text(zh="资产在挂单里", en="Held in an open order"),
    outcome=Outcome.NOT_SENT,
    stage=Stage.LOCKED,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.HIGH,
    lasting=False,
    ask=(Ask.AMOUNT,),
    sep24="incomplete",
    iso20022="NOOR",
    reply=Text(
        zh="账户 {account} 在所说时段内没有{claim}的转出。有 {amount} 在一张未成交的挂单里，"
        "没有离开您的账户。如要提币，请先在钱包里撤销该挂单，余额恢复后再操作。",
        en="The account {account} made no {claim} in that period. But {amount} sits in an "
        "open order and has not left your account. To withdraw it, please cancel that "
        "order in your wallet first; then try again once the balance is back.",
    ),
    note=Text(
        zh="挂单 {object} 持有 {amount}，到期 {until}。",
        en="Order {object} holds {amount}; it expires at {until}.",
    ),
)
LOCKED = Rule(
    code="funds_locked",
    title=Text(zh="资产在链上别处", en="Held elsewhere on the chain"),
    outcome=Outcome.NOT_SENT,
    stage=Stage.LOCKED,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.HIGH,
    ask=(Ask.AMOUNT,),
    sep24="incomplete",
    iso20022="NOOR",
    reply=Text(
        zh="账户 {account} 在所说时段内没有{claim}的转出。但有 {amount} 于 {moved_at} 转入"
        "{where}。{how}",
        en="The account {account} made no {claim} in that period. But {amount} went into "
        "{where} at {moved_at}. {how}",
    ),
    note=Text(
        zh="操作 {operation}：转入{where}（{object}）。",
        en="Operation {operation}: went into {where} ({object}).",
    ),
)
RULES = (IN_ORDER, LOCKED)

WHERE = {
    Custody.ORDER: Text(zh="挂单", en="an order"),
    Custody.VESTING: Text(zh="待解冻余额", en="a vesting balance"),
    Custody.POOL: Text(zh="流动性池", en="a liquidity pool"),
    Custody.COLLATERAL: Text(zh="抵押仓位", en="a collateral position"),
    Custody.SETTLEMENT: Text(zh="强制清算队列", en="the force-settlement queue"),
    Custody.TICKET: Text(zh="锁仓票据", en="a locked ticket"),
    Custody.CREDIT: Text(zh="借贷合约", en="a credit deal"),
    Custody.BLIND: Text(zh="隐私余额", en="a blinded balance"),
    Custody.EXCHANGE: Text(zh="兑换或还款", en="an exchange or repayment"),
}
HOW = {
    Custody.ORDER: Text(zh="撤销挂单即可取回。", en="Cancelling the order frees it."),
    Custody.VESTING: Text(zh="到期后可领取。", en="It can be claimed when it has matured."),
    Custody.POOL: Text(zh="赎回池份额即可取回。", en="Withdrawing the pool share frees it."),
    Custody.COLLATERAL: Text(
        zh="减少抵押或还清债务后可取回。", en="Reducing the position frees it."
    ),
    Custody.SETTLEMENT: Text(
        zh="清算通常延迟约一天后到账。", en="Settlement usually pays after a day."
    ),
    Custody.TICKET: Text(
        zh="解锁期满后自动返还。", en="It comes back when the ticket unlocks."
    ),
    Custody.CREDIT: Text(zh="按借贷条款结束后释放。", en="It is freed when the deal ends."),
    Custody.BLIND: Text(
        zh="需用创建时的钱包转回。", en="The wallet that made it can move it back."
    ),
    Custody.EXCHANGE: Text(zh="这笔兑换已经完成。", en="That exchange is complete."),
}

REVOKE = Text(
    zh="如非您本意，请撤销该授权并联系对方。",
    en="If you did not mean that, revoke the permission and contact them.",
)


def check(evidence: Evidence) -> Iterator[Finding]:
    asset, case = evidence.history.claimed_asset, evidence.case
    account = evidence.history.account
    if account is None or evidence.withdrawals or not evidence.complete:
        return
    if evidence.unreadable(case.start, case.end):
        return
    if asset is None:
        if not case.claims:
            yield from _taken(evidence, account.id)
        return
    wanted = None if case.amount is None else asset.base_units(case.amount)
    free = (evidence.history.balances or {}).get(asset.id)
    if wanted is not None and free is not None and free >= wanted:
        # nothing keeps the coins from being sent: only what moved exactly as much may be meant
        yield from _locked(evidence, asset.id, account.id, wanted, 0, exactly=True)
        return
    for holding in evidence.history.holdings:
        if holding.amount.asset.id != asset.id or holding.custody is not Custody.ORDER:
            continue
        if wanted is None or holding.amount.base_units + (free or 0) >= wanted:
            yield _in_order(evidence, holding)
            return
    yield from _locked(evidence, asset.id, account.id, wanted, free or 0)


def _taken(evidence: Evidence, account: str) -> Iterator[Finding]:
    """Coins that left by a withdraw permission, where the user names nothing in particular."""
    for operation in evidence.window:
        if isinstance(operation, PermissionClaim) and operation.giver == account:
            yield _claimed(evidence, operation)
            return


def _in_order(evidence: Evidence, holding: Holding) -> Finding:
    return IN_ORDER.found(
        evidence_items=[
            EvidenceItem(
                claim=Text(zh="未成交挂单", en="an open order"),
                time=evidence.now,
                source=holding.object,
                observed=str(holding.amount),
            )
        ],
        account=evidence.case.account,
        claim=claim(evidence),
        amount=str(holding.amount),
        object=holding.object,
        until=holding.until or "-",
    )


def _locked(
    evidence: Evidence,
    asset: str,
    account: str,
    wanted: int | None,
    free: int,
    *,
    exactly: bool = False,
) -> Iterator[Finding]:
    def fits(amount: Amount) -> bool:
        if exactly:
            return amount.base_units == wanted
        return amount.base_units + free >= (wanted or 0)

    freed = {
        o.holder
        for o in evidence.history.log.operations
        if isinstance(o, Release) and o.owner == account and o.at >= evidence.case.start
    }
    for operation in evidence.window:
        if isinstance(operation, PermissionClaim):
            own = operation.giver == account and operation.amount.asset.id == asset
            if own and fits(operation.amount):
                yield _claimed(evidence, operation)
                return
        if not isinstance(operation, Lock) or operation.owner != account:
            continue
        if operation.custody is Custody.ORDER or operation.holder in freed:
            continue
        moved = [a for a in operation.amounts if a.asset.id == asset and a.base_units > 0]
        if moved and fits(moved[0]):
            yield _moved(evidence, operation, moved[0])
            return


def _claimed(evidence: Evidence, operation: PermissionClaim) -> Finding:
    taker = evidence.name(operation.taker)
    where = Text.literal(
        zh=f"获您提款授权的账户 {taker}", en=f"the account {taker}, by your withdraw permission"
    )
    return LOCKED.found(
        evidence_items=[evidence_item(evidence, operation, where, str(operation.amount))],
        account=evidence.case.account,
        claim=claim(evidence),
        amount=str(operation.amount),
        where=where,
        how=REVOKE,
        object=operation.id,
        moved_at=operation.at,
        operation=operation.id,
    )


def _moved(evidence: Evidence, operation: Lock, amount: Amount) -> Finding:
    where = WHERE[operation.custody]
    return LOCKED.found(
        evidence_items=[evidence_item(evidence, operation, where, str(amount))],
        account=evidence.case.account,
        claim=claim(evidence),
        amount=str(amount),
        where=where,
        how=HOW[operation.custody],
        object=operation.holder or operation.id,
        moved_at=operation.at,
        operation=operation.id,
    )
