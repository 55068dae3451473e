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
from dataclasses import replace

from diag.checks.failed import claim
from diag.domain.asset import Amount, Quantity
from diag.domain.chain_objects import Holding
from diag.domain.custody_operations import (
    Custody,
    DebtUpdated,
    Lock,
    Release,
    VestingCreated,
    for_others,
)
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import evidence_item
from diag.domain.finding import EvidenceItem, Finding, Rule
from diag.domain.operations import PermissionClaim
from diag.domain.vocabulary import (
    Actor,
    Advice,
    Ask,
    Confidence,
    Group,
    Outcome,
    Severity,
    Stage,
)
from diag.words import evidence_claim, filler, rule_words

IN_ORDER = Rule(
    **rule_words("funds_in_order"),
    group=Group.NOT_SENT,
    rank=40,
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
)
LOCKED = Rule(
    **rule_words("funds_locked"),
    group=Group.NOT_SENT,
    rank=50,
    outcome=Outcome.NOT_SENT,
    stage=Stage.LOCKED,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.HIGH,
    ask=(Ask.AMOUNT,),
    sep24="incomplete",
    iso20022="NOOR",
)
WITH_ANOTHER = replace(LOCKED, stage=Stage.AT_RECIPIENT)
"""Another account has the coins, or only that account may claim them."""
ORDER = 150
RULES = (IN_ORDER, LOCKED)


def check(evidence: Evidence) -> Iterator[Finding]:
    asset, case = evidence.history.claimed_asset, evidence.case
    account = evidence.history.account
    if account is None or not evidence.complete:
        return
    if evidence.withdrawals:
        yield from _taken(evidence, account.id, beside=True)
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
        # the free balance suffices: the case can only mean a movement of exactly this amount
        yield from _locked(evidence, asset.id, account.id, wanted, 0, exactly=True)
        return
    for holding in evidence.history.holdings:
        if holding.amount.asset_id != asset.id or holding.custody is not Custody.ORDER:
            continue
        if wanted is None or holding.amount.base_units + (free or 0) >= wanted:
            yield _in_order(evidence, holding)
            return
    yield from _locked(evidence, asset.id, account.id, wanted, free or 0)


def _taken(evidence: Evidence, account: str, *, beside: bool = False) -> Iterator[Finding]:
    """Yield a finding for coins that went to others without a transfer: taken by a withdraw
    permission or, if the case means no withdrawals, blinded or vested for another account.

    beside: the case means withdrawals; the finding then says nothing about them.
    """
    for operation in evidence.window:
        if isinstance(operation, PermissionClaim) and operation.giver == account:
            yield _claimed(evidence, operation, operation.id if beside else None)
            return
    for operation in () if beside else evidence.window:
        if not isinstance(operation, Lock) or operation.owner != account:
            continue
        if for_others(operation) and operation.amounts:
            yield _moved(evidence, operation, evidence.history.amount(operation.amounts[0]))
            return


def _in_order(evidence: Evidence, holding: Holding) -> Finding:
    amount = str(evidence.history.amount(holding.amount))
    return IN_ORDER.found(
        evidence_items=[
            EvidenceItem(
                claim=evidence_claim("open_order"),
                time=evidence.now,
                source=holding.object,
                observed=amount,
            )
        ],
        account=evidence.case.account,
        claim=claim(evidence),
        amount=amount,
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
    def fits(amount: Quantity) -> bool:
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
            own = operation.giver == account and operation.amount.asset_id == asset
            if own and fits(operation.amount):
                yield _claimed(evidence, operation)
                return
        if not isinstance(operation, Lock) or operation.owner != account:
            continue
        if operation.custody is Custody.ORDER or operation.holder in freed:
            continue
        moved = [a for a in operation.amounts if a.asset_id == asset and a.base_units > 0]
        if moved and fits(moved[0]):
            yield _moved(evidence, operation, evidence.history.amount(moved[0]))
            return


def _claimed(
    evidence: Evidence, operation: PermissionClaim, about: str | None = None
) -> Finding:
    taker = evidence.name(operation.taker)
    where = filler("where_custody", "permission", account=taker)
    amount = str(evidence.history.amount(operation.amount))
    return WITH_ANOTHER.found(
        about,
        evidence_items=[evidence_item(evidence, operation, where, amount)],
        account=evidence.case.account,
        claim=claim(evidence),
        amount=amount,
        where=where,
        how=filler("how_custody", "permission"),
        object=operation.id,
        moved_at=operation.at,
        operation=operation.id,
    )


def _moved(evidence: Evidence, operation: Lock, amount: Amount) -> Finding:
    repaid = operation.repaid if isinstance(operation, DebtUpdated) else None
    spent = repaid is not None and repaid.asset_id == amount.asset.id
    custody = Custody.EXCHANGE if spent else operation.custody
    where = filler("where_custody", str(custody))
    how = filler("how_custody", str(custody))
    rule = LOCKED
    if isinstance(operation, VestingCreated) and for_others(operation):
        claimant = evidence.name(operation.beneficiary or "")
        where = filler("where_custody", "vesting_of", account=claimant)
        how, rule = filler("how_custody", "vesting_of"), WITH_ANOTHER
    return rule.found(
        evidence_items=[evidence_item(evidence, operation, where, str(amount))],
        account=evidence.case.account,
        claim=claim(evidence),
        amount=str(amount),
        where=where,
        how=how,
        object=operation.holder or operation.id,
        moved_at=operation.at,
        operation=operation.id,
    )
