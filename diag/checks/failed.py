"""Nothing was sent, although the user says that something was.

### What it looks for

A claim without any matching operation in a window that is proven complete. Also whether a
transaction could still be included, and what would have prevented it: the issuer's white or
black list, a restricted asset, a balance that could not cover it.

### Why it happens

On this chain a transaction that cannot be carried out is never included and leaves no trace.
The same is true of one that was signed but not broadcast, or that expired on the way.

### What to tell the user

That nothing left the account, and whether it is already safe to try again. It is not safe while
a signed transaction can still be included.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from diag.domain.asset import Amount, Asset, AssetFlag, format_decimal
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import coverage, evidence_item, short_id
from diag.domain.finding import Eta, EvidenceItem, Finding, Rule
from diag.domain.operations import Burn, Fill, Transfer
from diag.domain.outflows import Outflow, outflows, taken
from diag.domain.vocabulary import (
    Actor,
    Advice,
    Ask,
    Confidence,
    Group,
    Outcome,
    ResendSafe,
    Severity,
    Stage,
)
from diag.i18n import Text
from diag.words import evidence_claim, filler, rule_words

NEVER_INCLUDED = Rule(
    **rule_words("never_included"),
    group=Group.NOT_SENT,
    rank=70,
    outcome=Outcome.NOT_SENT,
    stage=Stage.USER_ACCOUNT,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.SEND_AGAIN,
    confidence=Confidence.HIGH,
    resend_safe=ResendSafe.YES,
    ask=(Ask.OPERATION, Ask.WALLET),
    sep24="expired",
    iso20022="NOOR",
)
LEFT_OTHERWISE = replace(
    NEVER_INCLUDED,
    **rule_words("never_included", "left_otherwise"),
    stage=Stage.UNKNOWN,
    advice=Advice.PROVIDE_INFO,
    resend_safe=ResendSafe.NO,
)
"""Nothing was transferred, but about as much was sold or burnt in the window."""
NOT_SEEN_YET = Rule(
    **rule_words("not_seen_yet"),
    group=Group.NOT_SENT,
    rank=80,
    outcome=Outcome.NOTHING_FOUND,
    stage=Stage.UNKNOWN,
    severity=Severity.NOTICE,
    actor=Actor.NOBODY,
    advice=Advice.RETRY_LATER,
    confidence=Confidence.HIGH,
    lasting=False,
    ask=(Ask.OPERATION, Ask.TIME),
    sep24="pending_user_transfer_start",
    iso20022="PDNG",
)
BLOCKED = Rule(
    **rule_words("transfer_blocked"),
    group=Group.NOT_SENT,
    rank=30,
    outcome=Outcome.NOT_SENT,
    stage=Stage.USER_ACCOUNT,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.MEDIUM,
    ask=(Ask.WALLET,),
    sep24="error",
    iso20022="AG01",
)
INSUFFICIENT = Rule(
    **rule_words("insufficient_balance"),
    group=Group.NOT_SENT,
    rank=60,
    outcome=Outcome.NOT_SENT,
    stage=Stage.USER_ACCOUNT,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.MEDIUM,
    ask=(Ask.AMOUNT, Ask.ACCOUNT),
    sep24="error",
    iso20022="AM04",
)
ORDER = 70
RULES = (NEVER_INCLUDED, NOT_SEEN_YET, BLOCKED, INSUFFICIENT)
VARIANTS = (LEFT_OTHERWISE,)
ABOUT = Decimal("0.9")
"""The smallest share of the claimed amount that is reported if it left in another way."""


def check(evidence: Evidence) -> Iterator[Finding]:
    if evidence.history.account is None or evidence.withdrawals or not evidence.complete:
        return
    if not evidence.case.claims or evidence.unreadable(evidence.case.start, evidence.case.end):
        return
    yield from _absent(evidence)
    asset = evidence.history.claimed_asset
    if asset is not None:
        yield from _blocked(evidence, asset)
        yield from _insufficient(evidence, asset)


def last_chance(evidence: Evidence) -> datetime:
    """Return the last moment at which a transaction signed in the window may be included."""
    end = min(evidence.case.end, evidence.now)
    held = [transfer.at for transfer in evidence.history.pending]  # when each expires
    return max([end + evidence.history.network.longest_expiration, *held])


def claim(evidence: Evidence) -> Text:
    """Return what the user says was sent, in a few words."""
    case = evidence.case
    amount = f"{format_decimal(case.amount)} " if case.amount is not None else ""
    if case.operation or case.transaction:
        identity = short_id(case.operation or case.transaction or "")
        return filler("claim", "operation" if case.operation else "transaction", id=identity)
    asset = case.asset or ""
    if not amount and not asset:
        return filler("claim", "unspecific")
    return filler("claim", "amount", amount=f"{amount}{asset}".rstrip())


def _absent(evidence: Evidence) -> Iterator[Finding]:
    chance = last_chance(evidence)
    irreversible = evidence.as_of.irreversible_time
    gone = irreversible is not None and irreversible > chance
    shared: dict[str, Any] = {
        "account": evidence.case.account,
        "claim": claim(evidence),
        "start": evidence.case.start,
        "end": evidence.case.end,
        "last_chance": chance,
    }
    proof = coverage(evidence)
    if not gone or irreversible is None or evidence.history.pending:
        eta = Eta(
            normal_until=None, expected_by=chance, escalate_after=chance, basis="protocol"
        )
        yield NOT_SEEN_YET.found(
            evidence_items=[proof],
            eta=eta,
            now=evidence.now,
            pending=_pending(evidence),
            **shared,
        )
    elif evidence.case.identified:
        return  # the id may be of another day
    elif left := _left_otherwise(evidence):
        last = left[-1].operation
        amount = _together(evidence, left)
        how = filler("how_left", "burnt" if isinstance(last, Burn) else "sold")
        yield LEFT_OTHERWISE.found(
            evidence_items=[proof, *(evidence_item(evidence, o.operation, how) for o in left)],
            irreversible=irreversible,
            amount=amount,
            how=how,
            moved_at=last.at,
            operation=last.id,
            **shared,
        )
    else:
        yield NEVER_INCLUDED.found(evidence_items=[proof], irreversible=irreversible, **shared)


def _left_otherwise(evidence: Evidence) -> list[Outflow]:
    """Return the sales in the window, or else the burns, if they are about as much as the user
    claims.
    """
    case, asset = evidence.case, evidence.history.claimed_asset
    wanted = asset.base_units(case.amount) if asset and case.amount else None
    if asset is None or not wanted:
        return []
    inside = [o for o in outflows(evidence, asset.id, case.start) if o.operation.at <= case.end]
    for kind in (Fill, Burn):
        left = [o for o in inside if isinstance(o.operation, kind)]
        if ABOUT * wanted <= sum(o.base_units for o in left) <= wanted / ABOUT:
            return left
    return []


def _together(evidence: Evidence, left: Sequence[Outflow]) -> str:
    asset = evidence.history.claimed_asset
    assert asset is not None
    return str(Amount(sum(o.base_units for o in left), asset))


def _pending(evidence: Evidence) -> Text:
    """Return the words for the account's pending transfers, or for none."""
    held = evidence.history.pending
    if not held:
        return filler("pending", "none")
    what = ", ".join(
        f"{evidence.history.amount(o.amount)} -> {evidence.name(o.recipient)}" for o in held
    )
    return filler("pending", "held", what=what)


def _blocked(evidence: Evidence, asset: Asset) -> Iterator[Finding]:
    account = evidence.history.account
    assert account is not None
    if _sent_since(evidence, account.id, asset) or not _held(evidence, asset):
        return
    reason = None
    if asset.flags & AssetFlag.WHITE_LIST:
        if asset.blacklist_authorities & account.blacklisted_by:
            reason = filler("reason_transfer_blocked", "blacklist")
        elif asset.whitelist_authorities and not (
            asset.whitelist_authorities & account.whitelisted_by
        ):
            reason = filler("reason_transfer_blocked", "not_whitelisted")
    to_issuer = evidence.case.destination in (asset.issuer, evidence.name(asset.issuer))
    alone = asset.flags & AssetFlag.TRANSFER_RESTRICTED and asset.issuer != account.id
    if alone and not to_issuer:
        reason = filler("reason_transfer_blocked", "issuer_only")
    if reason:
        yield BLOCKED.found(
            evidence_items=[
                EvidenceItem(claim=reason, source=asset.id, observed=f"flags {asset.flags:#x}")
            ],
            account=account.name,
            claim=claim(evidence),
            asset=asset.symbol,
            reason=reason,
        )


def _held(evidence: Evidence, asset: Asset) -> bool:
    """Return False if the account does not hold what is claimed, so that it may have left."""
    balances, claimed = evidence.history.balances, evidence.case.amount
    wanted = 1 if claimed is None else asset.base_units(claimed) or 1
    return balances is None or balances.get(asset.id, 0) >= wanted


def _sent_since(evidence: Evidence, account: str, asset: Asset) -> bool:
    """Return True if the account sent the asset later, so that nothing kept it from doing so before."""
    return any(
        isinstance(o, Transfer)
        and o.sender == account
        and o.amount.asset_id == asset.id
        and o.recipient != asset.issuer
        for o in evidence.operations(evidence.case.start, evidence.now)
    )


def _insufficient(evidence: Evidence, asset: Asset) -> Iterator[Finding]:
    case, account = evidence.case, evidence.history.account
    if case.amount is None or account is None or evidence.history.balances is None:
        return
    if not evidence.history.log.complete(case.start, evidence.now):
        return
    left = [
        taken(o, account.id, asset.id) for o in evidence.operations(case.start, evidence.now)
    ]
    if any(base_units is None for base_units in left):
        return
    most = evidence.history.balances.get(asset.id, 0) + sum(
        base_units or 0 for base_units in left
    )
    wanted = asset.base_units(case.amount)
    # an account that held none of it points to another mistake
    if wanted is not None and 0 < most < wanted:
        yield INSUFFICIENT.found(
            evidence_items=[
                EvidenceItem(
                    claim=evidence_claim("most"),
                    time=evidence.now,
                    source=account.id,
                    observed=str(Amount(most, asset)),
                    expected=str(Amount(wanted, asset)),
                )
            ],
            account=account.name,
            claim=claim(evidence),
            most=str(Amount(most, asset)),
            claimed=str(Amount(wanted, asset)),
        )
