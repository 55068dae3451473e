"""The gateway settled the withdrawal, or the window holds only a deposit.

### What it looks for

A burn by the gateway of the withdrawn amount, alone or in a batch; a burn of that less the fee;
a transfer of the coins to the gateway's next account; or a window that holds only a deposit.

If the burn may belong to another withdrawal, or coins came back as well, both are reported and
the confidence is lower.

### Why it happens

Gateways that issue their own coins burn them once they have paid out on the other chain.

### What to tell the user

That the BitShares side is done and where to look next: the receiving address on the other chain.
The chain never shows the payout itself, so do not promise it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from diag.checks.amount_mismatch import received_for
from diag.domain.asset import Amount
from diag.domain.custody_operations import Custody, Lock
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import answer, evidence_item, facts, sent, sent_before
from diag.domain.finding import Finding, Rule
from diag.domain.operations import Burn, Issue, Operation, Override, PermissionClaim, Transfer
from diag.domain.outflows import outflows, took_just
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
from diag.domain.withdrawal import Answer, Completeness, Withdrawal
from diag.i18n import Text
from diag.words import evidence_claim, filler, rule_words

SETTLED = Rule(
    **rule_words("gateway_settled"),
    group=Group.OUTCOME,
    rank=30,
    outcome=Outcome.DELIVERED,
    stage=Stage.SENT_ONWARD,
    severity=Severity.INFO,
    actor=Actor.NOBODY,
    advice=Advice.CONTACT_RECIPIENT,
    confidence=Confidence.HIGH,
    ask=(Ask.EXTERNAL_TRANSACTION,),
    sep24="completed",
    iso20022="ACSC",
)
LIKELY = replace(SETTLED, confidence=Confidence.MEDIUM)
"""Settled in a way that is less certain than a burn of exactly this amount."""
ONE_OF_EQUALS = replace(
    SETTLED,
    **rule_words("gateway_settled", "one_of_equals"),
    advice=Advice.CONTACT_GATEWAY,
    actor=Actor.GATEWAY,
    confidence=Confidence.LOW,
)
"""One of several equal withdrawals of the same account, some of which still wait."""
BESIDE_CREDIT = replace(
    SETTLED,
    **rule_words("gateway_settled", "beside_credit"),
    confidence=Confidence.MEDIUM,
)
"""The same amount was also credited to the user."""
UNREPORTED = replace(SETTLED, severity=Severity.NOTICE)
"""Beside another withdrawal, whose payment the user reports."""
REST = replace(
    SETTLED,
    **rule_words("gateway_settled", "rest"),
)
"""A part came back, and the rest was settled."""
REST_LIKELY = replace(REST, confidence=Confidence.MEDIUM)
DEPOSIT = Rule(
    **rule_words("deposit_received"),
    group=Group.NOT_SENT,
    rank=20,
    outcome=Outcome.NOT_SENT,
    stage=Stage.USER_ACCOUNT,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.HIGH,
    ask=(Ask.TIME, Ask.OPERATION),
    sep24="incomplete",
    iso20022="NOOR",
)
ORDER = 40
RULES = (SETTLED, DEPOSIT)
SOON = timedelta(hours=1)
"""Within this time after a burn, an issue of the same amount to the gateway takes it back."""
VARIANTS = (LIKELY, ONE_OF_EQUALS, BESIDE_CREDIT, UNREPORTED, REST, REST_LIKELY)
"""Versions of the rules for evidence that is weaker or shows more; the codes stay the same."""


def check(evidence: Evidence) -> Iterator[Finding]:
    for withdrawal in evidence.withdrawals:
        if not evidence.final([withdrawal.sent]):
            continue
        if withdrawal.settled and not withdrawal.ambiguous:
            yield _settled(evidence, withdrawal, withdrawal.settled)
    if not evidence.withdrawals and evidence.complete:
        yield from _deposits(evidence)


def _settled(evidence: Evidence, withdrawal: Withdrawal, found: Answer) -> Finding:
    every = [w for w in _everything(evidence) if w.id in withdrawal.alike]
    asset = withdrawal.amount.asset
    back = sum(a.part.base_units for a in withdrawal.returns)
    known: dict[str, Any] = {}
    if withdrawal.returns:
        known = {
            "answer": withdrawal.returns[-1].operation.id,
            "returned": str(Amount(back, asset)),
            "returned_at": withdrawal.returns[-1].operation.at,
            "rest": str(Amount(withdrawal.amount.base_units - back, asset)),
        }
    if withdrawal.alike:
        known["count"] = len(withdrawal.alike) + 1
        known["twins"] = " ".join(sorted([withdrawal.id, *withdrawal.alike]))
    paid = received_for(evidence)
    return _settled_rule(withdrawal, found, beside=paid not in (None, withdrawal)).found(
        withdrawal.id,
        evidence_items=[
            sent(evidence, withdrawal),
            *(answer(evidence, a) for a in withdrawal.answers),
            *(sent(evidence, w) for w in every),
        ],
        basis=[
            *withdrawal.doubts,
            *(["ambiguous"] if withdrawal.alike else []),
            *(["incomplete"] if _unread(evidence, withdrawal, found) else []),
            *(["issued_again"] if _issued_again(evidence, found) else []),
        ],
        settlement=found.operation.id,
        settled_at=found.operation.at,
        how=_how(withdrawal, found),
        took=found.operation.at - withdrawal.at,
        **known,
        **facts(withdrawal),
    )


def _unread(evidence: Evidence, withdrawal: Withdrawal, found: Answer) -> bool:
    """Return True if an equal withdrawal of somebody else, which the burn settles, may be among what
    was not read of the gateway's accounts.
    """
    sent, burn, logs = withdrawal.sent, found.operation, evidence.history.gateway_logs
    accounts = {getattr(sent, "recipient", None), getattr(burn, "payer", None)}
    return any(
        not log.complete(withdrawal.at, burn.at) for id_, log in logs.items() if id_ in accounts
    )


def _issued_again(evidence: Evidence, found: Answer) -> bool:
    """Return True if just what was burnt was issued to the gateway soon after, which takes the burn
    back.
    """
    burn, logs = found.operation, evidence.history.gateway_logs
    return isinstance(burn, Burn) and any(
        isinstance(o, Issue)
        and o.recipient in (burn.payer, o.issuer)
        and o.amount == burn.amount
        and burn.at <= o.at <= burn.at + SOON
        for log in logs.values()
        for o in log.operations
    )


def _settled_rule(withdrawal: Withdrawal, found: Answer, *, beside: bool) -> Rule:
    """beside: the user reports the payment of another withdrawal, and not of this one."""
    if withdrawal.alike:
        return ONE_OF_EQUALS
    if found.completeness is Completeness.PARTIAL:
        return REST_LIKELY if withdrawal.doubts else REST
    if withdrawal.returns:
        return BESIDE_CREDIT
    if found.doubts:
        return LIKELY
    return UNREPORTED if beside else SETTLED


def _how(withdrawal: Withdrawal, found: Answer) -> Text:
    burnt = getattr(found.operation, "amount", found.part)
    exact = found.shared > 1 or burnt.base_units >= found.part.base_units
    return filler("how_settled", str(found.kind) if exact else "less_fee")


def _everything(evidence: Evidence) -> tuple[Withdrawal, ...]:
    return (*evidence.withdrawals, *evidence.candidates)


def _deposits(evidence: Evidence) -> Iterator[Finding]:
    account = evidence.history.account
    if account is None or evidence.candidates or _left_otherwise(evidence, account.id):
        return
    for operation in evidence.window:
        if not isinstance(operation, Issue | Transfer | PermissionClaim):
            continue
        if not _came_in(operation, account.id) or not _fits(evidence, operation):
            continue
        if not isinstance(operation, PermissionClaim) and sent_before(evidence, operation):
            continue
        came_in = evidence_claim("came_in")
        amount = str(evidence.history.amount(operation.amount))
        yield DEPOSIT.found(
            evidence_items=[evidence_item(evidence, operation, came_in, amount)],
            account=account.name,
            amount=amount,
            received_at=operation.at,
            operation=operation.id,
        )
        return


ABOUT = Decimal("0.9")
"""From this share of the claimed amount on, what left in another way may be the one meant."""


def _left_otherwise(evidence: Evidence, account: str) -> bool:
    """Return True if what is meant may have left in the window in another way than by a transfer.

    With a claimed amount: about as much, in whatever way. Without one: anything that was destroyed,
    taken by others or locked; trades do not count.
    """
    case, asset = evidence.case, evidence.history.claimed_asset
    if case.amount is None:
        return any(_lost(operation, account) for operation in evidence.window)
    if any(took_just(evidence, case.amount, case.start, case.end)):
        return True
    wanted = asset.base_units(case.amount) if asset else None
    if asset is None or not wanted:
        return False
    left = outflows(evidence, asset.id, case.start)
    return sum(o.base_units for o in left if o.operation.at <= case.end) >= ABOUT * wanted


def _lost(operation: Operation, account: str) -> bool:
    match operation:
        case Burn():
            return operation.payer == account
        case PermissionClaim():
            return operation.giver == account
        case Override():
            return operation.sender == account
        case Lock():
            traded = operation.custody in (Custody.ORDER, Custody.EXCHANGE)
            return operation.owner == account and not traded
        case _:
            return False


def _came_in(operation: Issue | Transfer | PermissionClaim, account: str) -> bool:
    if isinstance(operation, PermissionClaim):
        return operation.taker == account != operation.giver
    return operation.recipient == account != getattr(operation, "sender", None)


def _fits(evidence: Evidence, operation: Issue | Transfer | PermissionClaim) -> bool:
    """Return True if the deposit could be what the user means."""
    case = evidence.case
    if case.operation or case.transaction or case.destination:
        return case.operation == operation.id
    if not case.claims:
        if not isinstance(operation, Transfer):
            return True
        gateway = evidence.register.by_account(evidence.name(operation.sender))
        return gateway is not None and not gateway.credits_by_issue
    amount = evidence.history.amount(operation.amount)
    return amount.value == case.amount and case.asset in (None, amount.asset.symbol)
